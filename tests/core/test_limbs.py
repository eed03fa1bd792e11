from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from vitruvian.core.limbs import LeftRightFilter, LimbLengthFilter
from vitruvian.core.skeleton import BLAZEPOSE

STEP_US = 33_333
SIZE_PX = 250.0
ARMS, LEGS = range(11, 23), range(23, 33)
BONES = [(11, 13), (13, 15), (12, 14), (14, 16), (23, 25), (25, 27), (24, 26), (26, 28)]
TRUNK = [*range(11), 11, 12, 23, 24]
MIRRORED = np.array(BLAZEPOSE.mirrored)


def sample_world(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.4, (33, 3)).astype(np.float32)


def bone_lengths(world: np.ndarray) -> np.ndarray:
    return np.array([np.linalg.norm(world[b] - world[a]) for a, b in BONES])


# --- lengths ---


def test_limbs_get_the_mean_length_of_both_sides() -> None:
    steady = bone_lengths(LimbLengthFilter(memory_s=5.0)(sample_world(0), 0))
    raw = bone_lengths(sample_world(0))
    for left, right in ((0, 2), (1, 3), (4, 6), (5, 7)):
        assert_allclose(steady[[left, right]], raw[[left, right]].mean(), rtol=1e-5)


def test_lengths_are_the_mean_so_far_and_then_a_running_mean() -> None:
    steady, memory_s = LimbLengthFilter(memory_s=5.0), 5.0
    lengths = [bone_lengths(sample_world(seed)) for seed in range(300)]
    answers = [bone_lengths(steady(sample_world(s), s * STEP_US)) for s in range(300)]
    first = np.mean(lengths[:60], axis=0)[[0, 2]].mean()
    assert_allclose(answers[59][0], first, rtol=1e-3)
    assert np.std([a[0] for a in answers[200:]]) < 0.1 * np.std([n[0] for n in lengths])
    double = [bone_lengths(steady(2 * sample_world(s), s * STEP_US)) for s in range(300, 1200)]
    assert_allclose(double[-1][0], 2 * answers[-1][0], rtol=0.1)
    gained = (double[150][0] - answers[-1][0]) / answers[-1][0]
    assert_allclose(gained, 1 - np.exp(-151 * STEP_US / 1e6 / memory_s), atol=0.1)


def test_directions_stay_and_hands_and_feet_move_along() -> None:
    steady = LimbLengthFilter(memory_s=5.0)
    steady(sample_world(1), 0)
    world = sample_world(2)
    answer = steady(world, STEP_US)
    assert_array_equal(answer[TRUNK], world[TRUNK])
    for a, b in BONES:
        unit = (world[b] - world[a]) / np.linalg.norm(world[b] - world[a])
        assert_allclose((answer[b] - answer[a]) / np.linalg.norm(answer[b] - answer[a]), unit,
                        atol=1e-5)  # fmt: skip
    for end, parts in ((15, (17, 19, 21)), (16, (18, 20, 22)), (27, (29, 31)), (28, (30, 32))):
        for part in parts:
            assert_allclose(answer[part] - answer[end], world[part] - world[end], atol=1e-5)


def test_a_body_of_constant_lengths_is_unchanged() -> None:
    steady = LimbLengthFilter(memory_s=5.0)
    world = (sample_world(3) + sample_world(3)[MIRRORED] * np.float32([-1, 1, 1])) / 2
    for i in range(5):
        assert_allclose(steady(world, i * STEP_US), world, atol=1e-6)


def test_a_limb_without_length_is_unchanged() -> None:
    world = sample_world(4)
    world[13] = world[11]
    answer = LimbLengthFilter(memory_s=5.0)(world, 0)
    assert np.isfinite(answer).all()
    assert_array_equal(answer[13], answer[11])


@pytest.mark.parametrize("timestamp_us", [0, STEP_US])
def test_a_time_that_does_not_increase_changes_no_length(timestamp_us: int) -> None:
    one, other = LimbLengthFilter(memory_s=5.0), LimbLengthFilter(memory_s=5.0)
    for steady in (one, other):
        steady(sample_world(0), STEP_US)
    one(sample_world(1), timestamp_us)
    assert_array_equal(one(sample_world(2), 2 * STEP_US), other(sample_world(2), 2 * STEP_US))


# --- sides ---


def sample_points(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(300, 40, (33, 3)).astype(np.float32)


def swapped(points: np.ndarray, limb: range) -> np.ndarray:
    answer = points.copy()
    answer[limb, :2] = points[MIRRORED[limb], :2]
    return answer


def guarded(
    frames: list[np.ndarray], *, fps: float = 30, guard: LeftRightFilter | None = None
) -> list[np.ndarray]:
    guard = LeftRightFilter() if guard is None else guard
    times = (round((i + 1) * 1e6 / fps) for i in range(len(frames)))
    return [guard(f, f, t, SIZE_PX)[0] for f, t in zip(frames, times, strict=True)]


@pytest.mark.parametrize("limb", [ARMS, LEGS])
@pytest.mark.parametrize("count", [1, 3])
def test_a_short_swap_of_sides_is_undone(limb: range, count: int) -> None:
    still = sample_points()
    crossed = swapped(still, limb)
    for points in guarded([still, still, *[crossed] * count, still, still]):
        assert_array_equal(points, still)


def test_world_x_and_y_are_swapped_but_not_z() -> None:
    still, world, guard = sample_points(), sample_world(0), LeftRightFilter()
    guard(still, world, STEP_US, SIZE_PX)
    crossed = swapped(still, LEGS)
    landmarks, answer = guard(crossed, world, 2 * STEP_US, SIZE_PX)
    assert_array_equal(landmarks, still)
    assert_array_equal(answer, swapped(world, LEGS))
    assert_array_equal(answer[:, 2], world[:, 2])


def test_arms_and_legs_are_swapped_independently() -> None:
    still = sample_points()
    both = swapped(swapped(still, ARMS), LEGS)
    for points in guarded([still, both, swapped(still, ARMS), still, swapped(still, LEGS)]):
        assert_array_equal(points, still)


@pytest.mark.parametrize("fps", [10, 30, 60])
def test_a_lasting_swap_is_accepted_after_a_short_time(fps: int) -> None:
    still = sample_points()
    joints = [25, 26, 27, 28]
    apart = np.linalg.norm(swapped(still, LEGS) - still, axis=1)[joints].mean() / SIZE_PX
    frames = [still, still, *[swapped(still, LEGS)] * 2 * fps]
    undone = [(points == still).all() for points in guarded(frames, fps=fps)[2:]]
    believed_s = undone.index(False) / fps
    assert not any(undone[undone.index(False) :])
    assert believed_s == pytest.approx(apart / LeftRightFilter.PRICE_PER_S, abs=0.1 + 1 / fps)


def test_a_swap_that_was_missed_at_first_ends_when_the_landmarks_are_right_again() -> None:
    """The swap is missed while the legs are together; once apart, correct landmarks stay."""
    frames = []
    for i in range(-10, 10):
        points = sample_points()
        points[LEGS, :2] = 300, 400
        points[[25, 27], 0] += 6 * i
        points[[26, 28], 0] -= 6 * i
        frames.append(points)
    shown = frames.copy()
    for i in (10, 11):
        shown[i] = swapped(frames[i], LEGS)
    for points, frame in zip(guarded(shown)[12:], frames[12:], strict=True):
        assert_array_equal(points, frame)


def test_legs_that_pass_each_other_are_not_swapped() -> None:
    frames = []
    for i in range(30):
        points = sample_points()
        points[[25, 27], 0] = 300 + 8 * (i - 15)
        points[[26, 28], 0] = 300 - 8 * (i - 15)
        points[[25, 26, 27, 28], 1] = 400, 404, 500, 496
        frames.append(points)
    for points, frame in zip(guarded(frames), frames, strict=True):
        assert_array_equal(points, frame)


def test_a_guard_after_reset_is_as_new_and_does_not_change_its_input() -> None:
    still, guard = sample_points(), LeftRightFilter()
    guarded([swapped(still, LEGS)] * 3, guard=guard)
    guard.reset()
    crossed = swapped(still, LEGS)
    kept = crossed.copy()
    fresh = guarded([still, crossed, still])
    for one, other in zip(guarded([still, crossed, still], guard=guard), fresh, strict=True):
        assert_array_equal(one, other)
    assert_array_equal(crossed, kept)


@pytest.mark.parametrize("late_us", [0, STEP_US])
def test_a_time_that_does_not_increase_keeps_the_state(late_us: int) -> None:
    still, guard = sample_points(), LeftRightFilter()
    guard(still, still, STEP_US, SIZE_PX)
    crossed = swapped(still, LEGS)
    assert_array_equal(guard(crossed, crossed, late_us, SIZE_PX)[0], crossed)
