"""Modes "edge" and "host" give what the engine of this computer gives for the same frames.

What differs, and by how much at most (frames of 512x288 px, a person 110 to 180 px tall):

- Answers of the device's networks are float16. With heat maps nothing else differs: `FP16_PX`.
- Without heat maps, landmarks are not refined: `UNREFINED_PX`.
- Crops of the device are black outside the image and sampled at the corner of a pixel; the region
  comes from landmarks of the device, and its side is rounded to px: `EDGE_PX`.

The bounds are about 1.3 times the medians and the 95th percentiles that were measured.
"""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import vitruvian
from tests.oak.virtual_views import Filmed, filmed
from vitruvian.engine.options import TrackerOptions
from vitruvian.oak.opening import open_oak
from vitruvian.oak.options import OakOptions
from vitruvian.oak.virtual import VirtualOak

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.core.pose import Pose

pytestmark = pytest.mark.weights

FPS = 16.0
RAW = TrackerOptions(
    model="lite", profile="tasks", smoothing=0
)  # what the networks say, unfiltered
FP16_PX = 0.2, 1.5
UNREFINED_PX = 2.0, 5.5
EDGE_PX = 0.6, 3.0

Poses = dict[int, "Pose"]


@pytest.fixture(
    scope="module", params=[18, pytest.param(200, marks=pytest.mark.slow)], ids=lambda n: f"{n}"
)
def film(request: pytest.FixtureRequest) -> Filmed:
    return filmed(request.param, FPS)


@cache
def poses(n_frames: int, mode: str, tracker: TrackerOptions = RAW, **options: Any) -> Poses:
    """Return the pose in each frame of the film, by its number."""
    device = VirtualOak(filmed(n_frames, FPS).frames)
    asked = OakOptions(mode=mode, device=device, fps=FPS, frame_height=288, **options)
    given = {f.name: getattr(tracker, f.name) for f in fields(tracker) if f.name != "model"}
    found = {}
    with open_oak(asked, tracker) as camera, vitruvian.PoseTracker(camera.model, **given) as t:
        for frame in camera:
            number = round(frame.timestamp_us * FPS / 1e6)
            result = t.update(frame)
            if result.poses:
                found[number] = result.poses[0]
            if number >= n_frames - 3:
                break
    return found


def apart_px(ours: Poses, theirs: Poses) -> NDArray[np.float64]:
    """Return the distances of the landmarks in all frames in which both found the person."""
    both = sorted(ours.keys() & theirs.keys())
    assert len(both) >= len(theirs) - 1
    return np.concatenate([
        np.linalg.norm((ours[i].landmarks - theirs[i].landmarks)[:33, :2], axis=1) for i in both
    ])  # fmt: skip


def check(distances: NDArray[np.float64], bounds: tuple[float, float]) -> None:
    """Check the median and the 95th percentile."""
    assert np.median(distances) < bounds[0]
    assert np.percentile(distances, 95) < bounds[1]


def test_the_person_is_found_in_every_frame(film: Filmed):
    n = len(film.frames)
    for mode in ("camera", "host", "edge"):
        assert list(poses(n, mode)) == list(range(n - 2)), mode


def test_host_with_heat_maps_equals_the_engine_but_for_float16(film: Filmed):
    n = len(film.frames)
    masks = replace(RAW, segmentation=True)
    check(apart_px(poses(n, "host", masks), poses(n, "camera")), FP16_PX)


def test_host_without_heat_maps_equals_the_engine_but_for_refinement(film: Filmed):
    n = len(film.frames)
    check(apart_px(poses(n, "host"), poses(n, "camera")), UNREFINED_PX)


def test_edge_equals_host_but_for_its_crops(film: Filmed):
    n = len(film.frames)
    check(apart_px(poses(n, "edge"), poses(n, "host")), EDGE_PX)


def test_edge_equals_the_engine_but_for_refinement(film: Filmed):
    n = len(film.frames)
    check(apart_px(poses(n, "edge"), poses(n, "camera")), UNREFINED_PX)


def test_edge_is_not_shifted_against_host(film: Filmed):
    """Crops of a wrong size or offset would move all landmarks in one direction."""
    n = len(film.frames)
    edge, host = poses(n, "edge"), poses(n, "host")
    shifts = [(edge[i].landmarks - host[i].landmarks)[:33, :2] for i in edge]
    assert np.abs(np.mean(shifts, axis=(0, 1))).max() < 0.15


def test_every_mode_is_about_as_close_to_the_truth(film: Filmed):
    n = len(film.frames)
    errors_px = {}
    for mode in ("camera", "host", "edge"):
        found = poses(n, mode)
        errors_px[mode] = np.median([
            np.linalg.norm(pose.landmarks[:33, :2] - film.landmarks[i], axis=1)
            for i, pose in found.items()
        ])  # fmt: skip
    assert errors_px["camera"] < 3
    assert errors_px["host"] < errors_px["camera"] + 1
    assert errors_px["edge"] < errors_px["camera"] + 1


def test_world_landmarks_of_edge_equal_those_of_host(film: Filmed):
    n = len(film.frames)
    edge, host = poses(n, "edge"), poses(n, "host")
    apart_m = np.concatenate([
        np.linalg.norm(edge[i].world[:33] - host[i].world[:33], axis=1) for i in edge
    ])  # fmt: skip
    assert np.median(apart_m) < 0.012
    assert np.percentile(apart_m, 95) < 0.05


def test_measured_positions_are_right_in_every_mode(film: Filmed):
    """Depth has steps of 0.17 m at 2.4 m and of 0.43 m at 3.8 m; the median is within a third."""
    n = len(film.frames)
    for mode in ("camera", "host", "edge"):
        found = poses(n, mode, xyz=True)
        errors_m = np.array([
            np.subtract(pose.measured.xyz_m, film.hips_m[i])
            for i, pose in found.items()
            if pose.measured is not None
        ])  # fmt: skip
        assert len(errors_m) >= 0.9 * len(found), mode
        assert np.abs(np.median(errors_m, axis=0)).max() < 0.1, mode


def test_measured_positions_of_edge_equal_those_of_the_engine(film: Filmed):
    n = len(film.frames)
    edge, engine = poses(n, "edge", xyz=True), poses(n, "camera", xyz=True)
    apart_m = np.array([
        np.subtract(edge[i].measured.xyz_m, engine[i].measured.xyz_m)
        for i in edge
        if edge[i].measured is not None and engine[i].measured is not None
    ])  # fmt: skip
    assert np.median(np.abs(apart_m), axis=0).max() < 0.03
