from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from vitruvian.core.limbs import LimbLengths, SideGuard
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
    steady = bone_lengths(LimbLengths(memory_s=5.0)(sample_world(0), 0))
    raw = bone_lengths(sample_world(0))
    for left, right in ((0, 2), (1, 3), (4, 6), (5, 7)):
        assert_allclose(steady[[left, right]], raw[[left, right]].mean(), rtol=1e-5)


def test_lengths_follow_the_mean_so_far_and_then_forget() -> None:
    steady, memory_s = LimbLengths(memory_s=5.0), 5.0
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
    steady = LimbLengths(memory_s=5.0)
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


def test_a_body_of_steady_lengths_is_left_as_it_is() -> None:
    steady = LimbLengths(memory_s=5.0)
    world = (sample_world(3) + sample_world(3)[MIRRORED] * np.float32([-1, 1, 1])) / 2
    for i in range(5):
        assert_allclose(steady(world, i * STEP_US), world, atol=1e-6)


def test_a_limb_without_length_is_left_as_it_is() -> None:
    world = sample_world(4)
    world[13] = world[11]
    answer = LimbLengths(memory_s=5.0)(world, 0)
    assert np.isfinite(answer).all()
    assert_array_equal(answer[13], answer[11])


@pytest.mark.parametrize("timestamp_us", [0, STEP_US])
def test_a_time_that_does_not_increase_changes_no_length(timestamp_us: int) -> None:
    one, other = LimbLengths(memory_s=5.0), LimbLengths(memory_s=5.0)
    for steady in (one, other):
        steady(sample_world(0), STEP_US)
    one(sample_world(1), timestamp_us)
    assert_array_equal(one(sample_world(2), 2 * STEP_US), other(sample_world(2), 2 * STEP_US))


# --- sides ---


def sample_points(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(300, 60, (33, 2)).astype(np.float32)


def swapped(limb: range) -> np.ndarray:
    rows = np.arange(33)
    rows[limb] = MIRRORED[limb]
    return rows


def seen(guard: SideGuard, frames: list[np.ndarray], step_us: int = STEP_US) -> list[np.ndarray]:
    return [guard.order(frame, step_us * (i + 1), SIZE_PX) for i, frame in enumerate(frames)]


@pytest.mark.parametrize("limb", [ARMS, LEGS])
@pytest.mark.parametrize("count", [1, 2])
def test_a_swap_of_a_moment_is_undone(limb: range, count: int) -> None:
    still = sample_points()
    crossed = still[swapped(limb)]
    orders = seen(SideGuard(), [still, still, *[crossed] * count, still, still])
    for i, rows in enumerate(orders):
        assert_array_equal(rows, swapped(limb) if 2 <= i < 2 + count else np.arange(33))


def test_arms_and_legs_are_told_apart() -> None:
    still = sample_points()
    both = MIRRORED.copy()
    both[:11] = np.arange(11)
    orders = seen(SideGuard(), [still, still[both], still[swapped(ARMS)], still])
    expected = [np.arange(33), both, swapped(ARMS), np.arange(33)]
    for rows, rows_expected in zip(orders, expected, strict=True):
        assert_array_equal(rows, rows_expected)


@pytest.mark.parametrize(("fps", "undone"), [(30, 3), (60, 6), (12, 1), (5, 0)])
def test_a_swap_that_lasts_a_tenth_of_a_second_is_believed(fps: int, undone: int) -> None:
    still = sample_points()
    frames = [still, still, *[still[swapped(LEGS)]] * 12]
    orders = seen(SideGuard(), frames, round(1e6 / fps) - 1)
    believed = [bool((rows == np.arange(33)).all()) for rows in orders[2:]]
    assert believed == [False] * undone + [True] * (12 - undone)


def test_legs_that_pass_each_other_are_not_swapped() -> None:
    left, right = np.array([25, 27]), np.array([26, 28])
    frames = []
    for i in range(30):
        points = sample_points()
        points[left] += np.float32([8 * (i - 15), 0]) - points[left] + np.float32([300, 300])
        points[right] += np.float32([8 * (15 - i), 0]) - points[right] + np.float32([300, 300])
        frames.append(points)
    for rows in seen(SideGuard(), frames):
        assert_array_equal(rows, np.arange(33))


def test_a_guard_after_reset_is_as_new_and_looks_only() -> None:
    still = sample_points()
    guard = SideGuard()
    seen(guard, [still[swapped(LEGS)]] * 3)
    guard.reset()
    kept = still.copy()
    for rows in seen(guard, [still, still]):
        assert_array_equal(rows, np.arange(33))
    assert_array_equal(still, kept)


@pytest.mark.parametrize("late_us", [0, STEP_US])
def test_a_time_that_does_not_increase_is_not_guarded(late_us: int) -> None:
    still, guard = sample_points(), SideGuard()
    guard.order(still, STEP_US, SIZE_PX)
    assert_array_equal(guard.order(still[swapped(LEGS)], late_us, SIZE_PX), np.arange(33))
