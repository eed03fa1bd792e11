"""Angles and steps of rendered people, found by the networks, against the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.analysis.figures import person_doing

from vitruvian import PoseSequence, PoseTracker, open_input
from vitruvian.analysis.angles import joint_angles
from vitruvian.analysis.filtering import filtered, low_pass
from vitruvian.analysis.gait_events import gait_events
from vitruvian.core.rotations import angle_between
from vitruvian.synthetic import Camera, Figure, Person, Scene, motions
from vitruvian.synthetic.exercises import exercise

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.core.sequence import PersonSequence

pytestmark = [pytest.mark.slow, pytest.mark.weights]


def tracked(
    person: Person, duration_s: float, fps: float, camera: Camera | None = None
) -> PersonSequence:
    """Return the smoothed poses that the networks find of a rendered person."""
    scene = Scene([person], camera=camera or Camera())
    with PoseTracker("full", smoothing=0) as tracker:
        results = [tracker.update(frame) for frame, _ in scene.frames(duration_s, fps, (360, 360))]
    sequence = PoseSequence.from_results(results)
    return filtered(sequence.person(int(sequence.ids[0])))


@pytest.mark.parametrize(
    ("motion", "joint"), [(motions.squat(2.0), "knee"), (exercise("curl", 1), "elbow")]
)
def test_knees_and_elbows_in_a_side_view_are_within_8_degrees(
    motion: motions.Motion, joint: str
) -> None:
    found = joint_angles(tracked(Person(motion=motion, heading_deg=90.0), 2.0, 15))
    true = joint_angles(person_doing(motion, 30, fps=15, heading_deg=90.0), space="world")
    errors = [np.abs(found[f"{s}_{joint}"] - true[f"{s}_{joint}"]) for s in ("left", "right")]
    assert np.nanmean(np.concatenate(errors)) <= 8


@pytest.mark.parametrize(
    ("name", "joint", "bound_deg"),
    [("squat", "knee", 8.0), ("press", "elbow", 8.0), ("lunge", "knee", 10.3)],
)
def test_depth_from_bones_bounds_the_errors_from_the_front(
    name: str, joint: str, bound_deg: float
) -> None:
    motion = exercise(name, 2)
    found = joint_angles(tracked(Person(motion=motion), 4.8, 12))
    true = joint_angles(person_doing(motion, 58, fps=12), space="world")
    errors = [np.abs(found[f"{s}_{joint}"] - true[f"{s}_{joint}"]) for s in ("left", "right")]
    assert np.nanmean(np.concatenate(errors)) <= bound_deg


@pytest.mark.testdata
@pytest.mark.parametrize(("camera", "bound_deg"), [("01", 12.2), ("04", 11.0)])
def test_angles_of_a_man_who_balances(testdata: Path, camera: str, bound_deg: float) -> None:
    folder = testdata / "clips"
    with (
        PoseTracker("full", smoothing=0) as tracker,
        open_input(folder / f"balance_cam{camera}.mp4") as frames,
    ):
        sequence = PoseSequence.from_results([tracker.update(frame) for frame in frames])
    found = joint_angles(filtered(sequence.person(int(sequence.ids[0]))), min_visibility=0.0)
    true = marker_angles(folder / "balance.trc")
    assert np.mean([np.abs(np.abs(found[name]) - true[name]).mean() for name in true]) <= bound_deg


def marker_angles(path: Path) -> dict[str, np.ndarray]:
    """Return the angles between the bones of a TRC file of 60 frames/s, smoothed at 6 Hz."""
    lines = path.read_text().splitlines()
    names = lines[3].split("\t")[2::3]
    values = np.array([line.split("\t")[2:] for line in lines[5:] if line.strip()], np.float64)
    points = dict(
        zip(names, low_pass(values.reshape(len(values), -1, 3), 60, 6).swapaxes(0, 1), strict=False)
    )
    trunk = sum(points[f"{s}Hip"] - points[f"{s}Shoulder"] for s in "LR")
    angles = {}
    for side in ("left", "right"):
        arm, leg = (
            [points[side[0].upper() + name] for name in chain]
            for chain in (("Shoulder", "Elbow", "Wrist"), ("Hip", "Knee", "Ankle"))
        )
        (upper, fore), (thigh, shank) = np.diff(arm, axis=0), np.diff(leg, axis=0)
        pairs = {
            "knee": (thigh, shank),
            "hip": (trunk, thigh),
            "shoulder": (trunk, upper),
            "elbow": (upper, fore),
        }
        angles |= {f"{side}_{j}": np.degrees(angle_between(*two)) for j, two in pairs.items()}
    return angles


def test_heel_strikes_in_a_side_view_are_within_a_frame() -> None:
    person = Person(motion=motions.walk(1.2), position=(-1.5, 0.0), heading_deg=90.0)
    camera = Camera(position=(0.0, 1.3, 5.5), target=(0.0, 0.9, 0.0), fov_deg=45)
    stride_s = 0.78 * Figure().height_m * (1.2 / 1.3) ** 0.5 / 1.2
    strikes = [e for e in gait_events(tracked(person, 2.4, 30, camera)) if e.kind == "strike"]
    assert len(strikes) >= 3
    for event in strikes:
        cycles = event.time_us / 1e6 / stride_s + {"left": 0.0, "right": 0.5}[event.side]
        assert abs(cycles - round(cycles)) * stride_s <= 0.0334
