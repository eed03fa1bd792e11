"""Position errors on a rendered person and on a clip with calibrated cameras.

``pytest tests/lift/test_accuracy.py -rP`` shows the figures, which stand in docs/metric-space.md.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest

from vitruvian import PersonSequence, PoseSequence, PoseTracker
from vitruvian.core.camera import Camera
from vitruvian.lift.calibration import load_calibration
from vitruvian.lift.placement import place_person
from vitruvian.synthetic import Camera as SceneCamera
from vitruvian.synthetic import Figure, Person, Scene, motions

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.lift.placement import Placement

pytestmark = pytest.mark.weights

WH = (400, 300)
FOV_DEG = 55.0
HIPS = [23, 24]
BODY_HEIGHT_M = 1.738  # of the man in the clip, with the marker on his head


def tracked(frames: object, model: str) -> PersonSequence:
    with PoseTracker(model, num_poses=1, smoothing=0) as tracker:
        results = [tracker.update(frame) for frame in frames]  # type: ignore[attr-defined]
    sequence = PoseSequence.from_results(results)
    return sequence.person(int(sequence.ids[0]))


def mean_error_m(placement: Placement, hips: np.ndarray) -> float:
    return float(np.nanmean(np.linalg.norm(placement.positions - hips, axis=1)))


@pytest.fixture(scope="module")
def walk() -> tuple[PersonSequence, np.ndarray]:
    """A person of 1.70 m who walks past, 5 m away: as the model full sees it, and the true hips."""
    figure = Figure(height_m=1.7)
    person = Person(figure, motions.walk(1.2), position=(-1.6, 0.0), heading_deg=90)
    scene = Scene([person], SceneCamera(position=(0.0, 1.3, 5.0), fov_deg=FOV_DEG))
    frames, views = zip(*scene.frames(2.4, 12.0, WH), strict=True)
    hips = np.stack([view.people[0].camera[HIPS].mean(axis=0) for view in views])
    return tracked(frames, "full"), hips.astype(np.float64)


def test_a_rendered_person_of_known_height_is_within_10_cm_at_5_m(
    walk: tuple[PersonSequence, np.ndarray],
) -> None:
    person, hips = walk
    camera = Camera.from_fov(WH, FOV_DEG)
    error_m = mean_error_m(place_person(person, camera, height_m=1.7), hips)
    without_m = mean_error_m(place_person(person, camera), hips)
    sys.stdout.write(f"hips {error_m:.3f} m, without the height {without_m:.3f} m\n")
    assert error_m < 0.10
    assert without_m < 0.30


def test_the_walking_speed_is_within_5_percent(walk: tuple[PersonSequence, np.ndarray]) -> None:
    person, hips = walk
    placement = place_person(person, Camera.from_fov(WH, FOV_DEG), height_m=1.7)
    steady = person.timestamps_us > 800_000
    paths = (values[steady] for values in (placement.positions, hips))
    lengths = [np.linalg.norm(np.diff(path, axis=0), axis=1).sum() for path in paths]
    sys.stdout.write(f"path {lengths[0]:.3f} m, true {lengths[1]:.3f} m\n")
    assert lengths[0] == pytest.approx(lengths[1], rel=0.05)


@dataclass(frozen=True, eq=False)
class Clip:
    person: PersonSequence
    camera: Camera
    hips: np.ndarray


@pytest.fixture(scope="module")
def clips(
    testdata: Path, balance: dict[str, dict[str, PoseSequence]]
) -> dict[tuple[str, str], Clip]:
    folder = testdata / "clips"
    cameras = load_calibration(folder / "balance_calibration.toml")
    rows = (folder / "balance.trc").read_text().splitlines()
    names = [name for name in rows[3].split("\t")[2:] if name.strip()]
    values = [[float(v) for v in row.split("\t")[2:] if v.strip()] for row in rows[5:] if row]
    markers = np.array(values).reshape(len(values), -1, 3)[..., [2, 0, 1]]
    hips = markers[:, [names.index("LHip"), names.index("RHip")]].mean(axis=1)
    found = {}
    for model, tracks in balance.items():
        for name, sequence in tracks.items():
            # H.264 stores 1088 columns; that of camera 1 crops those on the right.
            camera = cameras[name].cropped(0, 0, tuple(sequence.wh[0].tolist()))
            person = sequence.person(int(sequence.ids[0]))
            found[name, model] = Clip(person, camera, camera.camera_from_world(hips))
    return found


@pytest.mark.testdata
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "model", "height_m", "bound_m"),
    [
        ("cam_01", "full", None, 0.12),
        ("cam_04", "full", None, 0.12),
        ("cam_01", "heavy", BODY_HEIGHT_M, 0.10),
        ("cam_04", "heavy", BODY_HEIGHT_M, 0.10),
        ("cam_01", "full", BODY_HEIGHT_M, 0.12),
        ("cam_04", "full", BODY_HEIGHT_M, 0.12),
    ],
)
def test_a_man_in_front_of_a_calibrated_camera(
    clips: dict[tuple[str, str], Clip],
    name: str,
    model: str,
    height_m: float | None,
    bound_m: float,
) -> None:
    seen = clips[name, model]
    unfiltered = place_person(
        seen.person, seen.camera, height_m=height_m, depth_hz=None, cutoff_hz=None
    )
    smooth = place_person(seen.person, seen.camera, height_m=height_m)
    errors = [mean_error_m(placement, seen.hips) for placement in (unfiltered, smooth)]
    sys.stdout.write(f"{name} {model} {height_m}: {errors[0]:.3f} m, filtered {errors[1]:.3f} m\n")
    assert max(errors) < bound_m


@pytest.mark.testdata
@pytest.mark.slow
def test_filters_halve_the_jitter_of_the_depth(clips: dict[tuple[str, str], Clip]) -> None:
    seen = clips["cam_01", "full"]
    smooth = place_person(seen.person, seen.camera)
    unfiltered = place_person(seen.person, seen.camera, depth_hz=None, cutoff_hz=None)
    sd = [(p.positions - seen.hips)[:, 2].std() for p in (smooth, unfiltered)]
    assert sd[0] < 0.5 * sd[1]


@pytest.mark.testdata
@pytest.mark.slow
@pytest.mark.parametrize("factor", [0.8, 0.9, 1.1, 1.25])
def test_an_error_of_the_focal_length_goes_into_the_depth(
    clips: dict[tuple[str, str], Clip], factor: float
) -> None:
    seen = clips["cam_01", "full"]
    matrix = seen.camera.matrix * [[factor, 1, 1], [1, factor, 1], [1, 1, 1]]
    wrong = Camera(wh=seen.camera.wh, matrix=matrix)
    right_m, wrong_m = (
        np.nanmean(place_person(seen.person, camera).positions[:, 2])
        for camera in (seen.camera, wrong)
    )
    assert wrong_m == pytest.approx(factor * right_m, rel=0.03)
