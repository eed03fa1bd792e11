"""Repetitions of people with true joints, recorded and live."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.analysis.people import person_of, results_of, times_us, without_poses

from vitruvian import Pose, PoseResult, PoseSequence
from vitruvian.analysis.exercises import (
    EXERCISES,
    Exercise,
    exercise_angles,
    exercise_named,
    joint_angles_deg,
)
from vitruvian.analysis.repetitions import Repetition, RepetitionCounter, count_repetitions
from vitruvian.synthetic import motions
from vitruvian.synthetic.exercises import exercise

if TYPE_CHECKING:
    from pathlib import Path

SQUATS = exercise("squat", 3, 2.0)  # turns at 1.6, 3.6 and 5.6 s
SQUATS_US = times_us(7.2)


def live(results: list[PoseResult], name: str, *, adaptive: bool = False) -> list[Repetition]:
    counter = RepetitionCounter(name, adaptive=adaptive)
    done = [counter.update(result.pose, result.timestamp_us) for result in results]
    return [repetition for repetition in done if repetition is not None]


def whole(repetitions: list[Repetition]) -> list[Repetition]:
    return [repetition for repetition in repetitions if not repetition.is_partial]


@pytest.mark.parametrize("name", EXERCISES)
@pytest.mark.parametrize("period_s", [0.8, 2.5])
def test_every_exercise_is_counted_from_true_joints(name: str, period_s: float) -> None:
    results = results_of(exercise(name, 4, period_s), times_us(4 * period_s + 1.2))
    recorded = count_repetitions(person_of(results), name)
    assert [r.is_partial for r in recorded] == [False] * 4
    assert len(live(results, name)) == len(live(results, name, adaptive=True)) == 4
    turns = [0.6e6 + (k + 0.5) * period_s * 1e6 for k in range(4)]
    assert_allclose([r.turn_us for r in recorded], turns, atol=0.2e6 * period_s)


def test_a_repetition_has_times_range_and_both_sides() -> None:
    person = person_of(results_of(SQUATS, SQUATS_US))
    first, *others = count_repetitions(person, "squat")
    assert [first.number, *(r.number for r in others)] == [1, 2, 3]
    assert first.turn_us == 1_600_000
    assert first.down_s == pytest.approx(0.8, abs=0.15)  # the knee bends at once
    assert first.up_s == pytest.approx(0.8, abs=0.15)  # the knee bends at once
    angles, sides = exercise_angles(person, "squat")
    assert first.min_deg == angles[40]
    assert [first.left_deg, first.right_deg] == sides[40].tolist()
    assert first.asymmetry_deg == pytest.approx(0, abs=0.1)
    assert first.range_deg == pytest.approx(first.max_deg - first.min_deg)


def test_a_weaker_side_is_measured() -> None:
    def weak_left(time_s: float, figure: object) -> object:
        full, half = exercise("curl", 1, 2.0), exercise("curl", 1, 2.0, depth=0.5)
        posture, other = full(time_s, figure), half(time_s, figure)
        return replace(posture, forearms=(other.forearms[0], posture.forearms[1]))

    (curl,) = count_repetitions(person_of(results_of(weak_left, times_us(3.2))), "curl")
    assert curl.asymmetry_deg > 50


def test_shallow_repetitions_count_among_deep_ones() -> None:
    depths = (1.0, 0.6, 1.0)
    parts = [(2.0, exercise("squat", 1, 2.0, depth=depth, rest_s=0)) for depth in depths]
    results = results_of(motions.sequence(parts), times_us(6.4))
    for repetitions in (count_repetitions(person_of(results), "squat"), live(results, "squat")):
        assert len(repetitions) in (2, 3)
    assert len(whole(count_repetitions(person_of(results), "squat"))) == 3
    assert len(live(results, "squat", adaptive=True)) == 3


def test_what_the_clip_cuts_is_partial() -> None:
    person = person_of(results_of(SQUATS, SQUATS_US))
    from_bottom_to_bottom = [r.is_partial for r in count_repetitions(person[40:141], "squat")]
    assert from_bottom_to_bottom == [True, False, True]


def test_the_squats_of_a_real_clip(testdata: Path) -> None:
    clip = testdata / "clips"
    world = np.array(json.loads((clip / "squats.blazepose_world.json").read_text()))
    landmarks = np.array(json.loads((clip / "squats.blazepose_px.json").read_text()))
    blank = results_of(motions.stand(), [200_000 * i for i in range(len(world))])
    results = [
        replace(
            result,
            poses=(replace(result.pose, world=of_world[:, :3], landmarks=of_image[:, :3]),),
        )
        for result, of_world, of_image in zip(blank, world, landmarks, strict=True)
    ]
    recorded = count_repetitions(person_of(results), "squat")
    assert [r.is_partial for r in recorded] == [False, False, True]
    assert len(live(results, "squat")) == len(live(results, "squat", adaptive=True)) == 2


def test_the_image_can_be_the_space() -> None:
    side_on = Exercise(
        name="raise", joint=("hip", "shoulder", "elbow"), low_deg=35, high_deg=70,
        rest="low", space="image",
    )  # fmt: skip
    person = person_of(results_of(exercise("lateral_raise", 3), times_us(7.2)))
    assert len(whole(count_repetitions(person, side_on))) == 3


# --- bad input ---


def empty(n_frames: int) -> list[PoseResult]:
    return [replace(r, poses=()) for r in results_of(motions.stand(), SQUATS_US[:n_frames])]


def changed(results: list[PoseResult], **arrays: object) -> list[PoseResult]:
    return [replace(r, poses=tuple(replace(p, **arrays) for p in r)) for r in results]


def test_nobody_one_frame_and_a_still_person_have_no_repetitions() -> None:
    one = results_of(SQUATS, [0])
    assert count_repetitions(person_of([*one, *empty(1)[1:]]), "squat") == []
    unseen = changed(results_of(SQUATS, SQUATS_US), visibility=np.zeros(33))
    lost = changed(results_of(SQUATS, SQUATS_US), world=np.full((33, 3), np.nan))
    still = results_of(motions.stand(), SQUATS_US)
    for results in (unseen, lost, still):
        assert count_repetitions(person_of(results), "squat") == []
        for adaptive in (False, True):
            assert live(results, "squat", adaptive=adaptive) == []
    assert live(empty(20), "squat") == []
    assert count_repetitions(person_of(one)[:0], "squat") == []


@pytest.mark.parametrize("fps", [5, 25, 120])
def test_noise_of_a_still_person_is_no_repetition(fps: float) -> None:
    generator = np.random.default_rng(0)
    still = results_of(motions.stand(), times_us(10, fps))
    noisy = [
        replace(
            r, poses=(replace(r.pose, world=r.pose.world + generator.normal(0, 0.01, (33, 3))),)
        )
        for r in still
    ]
    assert count_repetitions(person_of(noisy), "squat") == []
    assert live(noisy, "squat") == live(noisy, "squat", adaptive=True) == []


def test_a_gap_in_the_middle_of_a_repetition_keeps_it() -> None:
    results = results_of(exercise("squat", 3, 5.0), times_us(16.2))
    gap = without_poses(results, 2_000_000, 4_000_000)  # around the first turn
    assert len(whole(count_repetitions(person_of(gap), "squat"))) == 3
    assert len(live(gap, "squat")) == len(live(gap, "squat", adaptive=True)) == 3


def test_a_person_who_is_lost_for_long_has_ended_the_repetition() -> None:
    results = results_of(exercise("squat", 3, 8.0), times_us(25.2))
    gap = without_poses(results, 4_000_000, 8_000_000)  # from the first turn to the rest
    recorded = count_repetitions(person_of(gap), "squat")
    assert [r.is_partial for r in recorded] == [True, False, False]
    assert [r.number for r in live(gap, "squat")] == [1, 2]
    assert [r.number for r in live(gap, "squat", adaptive=True)] == [1, 2]


def test_the_rate_may_vary() -> None:
    generator = np.random.default_rng(1)
    times = np.cumsum(generator.choice([15_000, 40_000, 180_000], 120)).tolist()
    results = [r for r in results_of(SQUATS, times) if r.timestamp_us < 7_200_000]
    assert len(whole(count_repetitions(person_of(results), "squat"))) == 3
    assert len(live(results, "squat")) == 3


def test_landmarks_of_one_side_are_enough() -> None:
    right = [24, 26, 28]
    visibility = np.ones(33)
    visibility[right] = 0.1
    results = changed(results_of(SQUATS, SQUATS_US), visibility=visibility)
    recorded = count_repetitions(person_of(results), "squat")
    assert len(recorded) == 3
    assert np.isnan(recorded[0].right_deg)
    assert np.isnan(recorded[0].asymmetry_deg)


def test_two_people_who_swap_slots_are_counted_apart() -> None:
    one, other = results_of(SQUATS, SQUATS_US, 4), results_of(motions.stand(), SQUATS_US, 9)
    both = [
        replace(a, poses=(a.pose, b.pose) if i % 3 else (b.pose, a.pose))
        for i, (a, b) in enumerate(zip(one, other, strict=True))
    ]
    sequence = PoseSequence.from_results(both)
    assert len(whole(count_repetitions(sequence.person(4), "squat"))) == 3
    assert count_repetitions(sequence.person(9), "squat") == []


def test_a_jump_of_the_landmarks_is_no_repetition() -> None:
    results = results_of(motions.stand(), SQUATS_US)
    low = results_of(exercise("squat", 1, 2.0), [1_600_000])[0].pose
    results[60:64] = [replace(r, poses=(low,)) for r in results[60:64]]  # 0.16 s
    assert whole(count_repetitions(person_of(results), "squat")) == []
    assert live(results, "squat") == live(results, "squat", adaptive=True) == []


def test_an_unknown_exercise_lists_the_known_ones() -> None:
    person = person_of(results_of(SQUATS, [0]))
    with pytest.raises(ValueError, match=r"exercise must be one of \['curl', .*got 'plank'"):
        count_repetitions(person, "plank")
    with pytest.raises(ValueError, match="exercise must be one of"):
        RepetitionCounter("plank")
    assert exercise_named("push-up") is EXERCISES["push_up"]


def test_an_exercise_is_checked() -> None:
    with pytest.raises(ValueError, match="without their side, got 'left_hip'"):
        Exercise(name="x", joint=("left_hip", "knee", "ankle"), low_deg=90, high_deg=120)
    with pytest.raises(ValueError, match="low_deg must be below high_deg"):
        Exercise(name="x", joint=("hip", "knee", "ankle"), low_deg=120, high_deg=90)


def test_live_times_must_increase() -> None:
    counter = RepetitionCounter("squat")
    counter.update(None, 40_000)
    with pytest.raises(ValueError, match="timestamp_us must increase, got 40000 after 40000"):
        counter.update(None, 40_000)


# --- the live counter ---


@pytest.mark.parametrize("adaptive", [False, True])
def test_a_counter_that_is_reset_is_as_new_and_two_do_not_touch(adaptive: bool) -> None:
    results = results_of(SQUATS, SQUATS_US)
    used, other = (RepetitionCounter("squat", adaptive=adaptive) for _ in range(2))
    first = [used.update(r.pose, r.timestamp_us) for r in results]
    assert (used.count, other.count, other.phase) == (3, 0, None)
    used.reset()
    assert (used.count, used.phase, used.angle_deg) == (0, None, None)
    assert [used.update(r.pose, r.timestamp_us) for r in results] == first


def test_the_counter_shows_angle_and_phase() -> None:
    counter = RepetitionCounter("squat")
    seen = [
        (counter.update(r.pose, r.timestamp_us), counter.phase, counter.angle_deg)
        for r in results_of(SQUATS, SQUATS_US)
    ]
    assert (seen[0][1], seen[40][1]) == ("rest", "turn")
    assert seen[40][2] == pytest.approx(76, abs=1)
    assert counter.text == f"squat 3 · knee {counter.angle_deg:.0f}°"
    counter.update(None, 10**8)
    assert counter.angle_deg is None
    assert counter.text == "squat 3"


def test_the_live_count_agrees_with_the_recorded_one() -> None:
    results = results_of(SQUATS, SQUATS_US)
    recorded = count_repetitions(person_of(results), "squat")
    for one, other in zip(recorded, live(results, "squat"), strict=True):
        assert (one.number, one.start_us, one.turn_us) == (
            other.number,
            other.start_us,
            other.turn_us,
        )
        assert one.min_deg == other.min_deg
        assert other.end_us <= one.end_us


def test_angles_of_degenerate_joints_are_nan() -> None:
    assert np.isnan(joint_angles_deg(np.zeros((33, 3)), "squat")).all()
    straight = np.zeros((33, 3))
    straight[[23, 24], 1], straight[[27, 28], 1] = -1, 1
    assert_allclose(joint_angles_deg(straight, "squat"), [180, 180])
    assert isinstance(results_of(SQUATS, [0])[0].pose, Pose)
