"""Summary of a clip: repetitions have the angles of the charts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.analysis.figures import person_doing

from vitruvian.analysis.exercises import EXERCISES, Exercise
from vitruvian.analysis.repetitions import count_repetitions
from vitruvian.analysis.summary import person_summary
from vitruvian.synthetic import motions
from vitruvian.synthetic.exercises import exercise


@pytest.mark.parametrize("name", ["squat", "curl", "jumping_jack", "high_knees"])
def test_repetitions_have_the_angles_of_the_charts(name: str) -> None:
    person = person_doing(exercise(name, 2), 160, heading_deg=30)
    summary = person_summary(person, exercises=[name])
    (found,) = summary.repetitions.values()
    joint = EXERCISES[name].joint[1]
    times = person.timestamps_us.tolist()
    assert len(found) == len(count_repetitions(person, name)) > 0
    for r in found:
        turn = times.index(r.turn_us)
        for side, degrees in (("left", r.left_deg), ("right", r.right_deg)):
            flexion = abs(summary.angles[f"{side}_{joint}"][turn])
            assert_allclose(degrees, flexion if joint == "shoulder" else 180 - flexion)
        assert r.min_deg < r.max_deg


def test_own_exercise_of_another_joint_keeps_its_angles() -> None:
    calf = Exercise(name="calf", joint=("knee", "ankle", "foot_index"), low_deg=100, high_deg=140)
    person = person_doing(motions.walk(1.2), 120)
    summary = person_summary(person, exercises=[calf])
    assert summary.repetitions == {calf: count_repetitions(person, calf)}


def test_nothing_asked_for_is_nothing_but_angles() -> None:
    summary = person_summary(person_doing(motions.stand(), 10))
    assert (summary.gait, dict(summary.repetitions), dict(summary.class_times_us)) == (None, {}, {})
    assert summary.angle_range("left_knee").range_deg < 1


def test_range_leaves_out_single_errors_and_needs_a_quarter_of_the_frames() -> None:
    summary = person_summary(person_doing(motions.stand(), 502))
    values = np.concatenate([np.linspace(10, 90, 500), [175.0, -40.0]])
    whole = replace(summary, angles={"left_knee": values}).angle_range("left_knee")
    assert whole.text("°") == "11° to 89°"
    values[120:] = np.nan
    part = replace(summary, angles={"left_knee": values}).angle_range("left_knee")
    assert (part.text(), np.isnan(part.range_deg)) == ("–", True)


def test_range_has_no_minus_zero() -> None:
    summary = person_summary(person_doing(motions.stand(), 100))
    angles = {"left_knee": np.linspace(-0.3, 9, 100)}
    assert replace(summary, angles=angles).angle_range("left_knee").text() == "0 to 9"


def test_nan_landmarks_have_no_repetitions() -> None:
    person = person_doing(motions.squat(), 60)
    nothing = replace(
        person, world=person.world * np.nan, landmarks=person.landmarks * np.nan, camera=None
    )
    summary = person_summary(nothing, exercises=list(EXERCISES), with_gait=True)
    assert not any(summary.repetitions.values())


def test_unknown_exercise_is_told() -> None:
    with pytest.raises(ValueError, match="exercise must be one of"):
        person_summary(person_doing(motions.stand(), 2), exercises=["yoga"])
