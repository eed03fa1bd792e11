"""Angles and steps of rendered people, found by the networks, against the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.analysis.figures import person_doing

from vitruvian import PoseSequence, PoseTracker
from vitruvian.analysis.angles import joint_angles
from vitruvian.analysis.filtering import filtered
from vitruvian.analysis.gait_events import gait_events
from vitruvian.synthetic import Camera, Figure, Person, Scene, motions
from vitruvian.synthetic.exercises import exercise

if TYPE_CHECKING:
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


def test_heel_strikes_in_a_side_view_are_within_a_frame() -> None:
    person = Person(motion=motions.walk(1.2), position=(-1.5, 0.0), heading_deg=90.0)
    camera = Camera(position=(0.0, 1.3, 5.5), target=(0.0, 0.9, 0.0), fov_deg=45)
    stride_s = 0.78 * Figure().height_m * (1.2 / 1.3) ** 0.5 / 1.2
    strikes = [e for e in gait_events(tracked(person, 2.4, 30, camera)) if e.kind == "strike"]
    assert len(strikes) >= 3
    for event in strikes:
        cycles = event.time_us / 1e6 / stride_s + {"left": 0.0, "right": 0.5}[event.side]
        assert abs(cycles - round(cycles)) * stride_s <= 0.0334
