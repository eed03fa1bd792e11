"""Timestamps are exact where they increase, and a nominal step apart where the clock restarts."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise

import pytest

from vitruvian.media.clock import MAX_STREAM_GAP_US, VideoClock

STEP_US = 40_000


def times_ms(stamps_ms: list[int | None], max_gap_us: int = MAX_STREAM_GAP_US) -> list[float]:
    clock = VideoClock(Fraction(1, 1000), STEP_US, max_gap_us=max_gap_us)
    return [clock.time_us(stamp) / 1000 for stamp in stamps_ms]


@pytest.mark.parametrize(
    ("stamps", "expected"),
    [
        ([900, 1000, 1100], [0, 100, 200]),
        ([-80, -40, 0, 40], [0, 40, 80, 120]),
        ([0, 1, 2, 500, 501], [0, 1, 2, 500, 501]),
        ([5000, 5100, 0, 100], [0, 100, 140, 240]),
        ([0, 40, 80, 0, 40, 80, 0], [0, 40, 80, 120, 160, 200, 240]),
        ([0, 40, 0, 40, 0, 40], [0, 40, 80, 120, 160, 200]),
        ([0, 33, 0, 33, 0, 33], [0, 33, 73, 106, 146, 179]),
        ([0, 40, 900_000, 900_040], [0, 40, 80, 120]),
        ([900_000, 900_040, 0, 40], [0, 40, 80, 120]),
        ([None, None, None], [0, 40, 80]),
        ([None, 7, 107], [0, 40, 140]),
        ([0, None, 80, None, 160], [0, 40, 80, 120, 160]),
    ],
    ids=[
        "offset", "negative start", "uneven", "restart", "loop of three", "loop of two",
        "rounded loop", "restart ahead", "restart behind", "none", "first missing", "some missing",
    ],
)  # fmt: skip
def test_increasing_and_restarted_clocks_need_no_correction(
    stamps: list[int | None], expected: list[float]
) -> None:
    assert times_ms(stamps) == expected
    clock = VideoClock(Fraction(1, 1000), STEP_US)
    for stamp in stamps:
        clock.time_us(stamp)
    assert clock.n_corrected == 0


@pytest.mark.parametrize(
    ("stamps", "expected"),
    [
        ([0, 100, 100, 300], [0, 100, 120, 300]),
        ([0, 100, 90, 300], [0, 100, 120, 300]),
        ([0, 0, 40, 40, 80, 80], [0, 20, 40, 60, 80, 100]),
        ([0, 40, 40, 40, 80, 120, 160], [0, 40, 60, 80, 100, 120, 160]),
        ([0, 200, 100, 300, 340], [0, 200, 240, 300, 340]),
        ([0, 80, 40, 160, 120, 200, 240], [0, 80, 120, 160, 200, 220, 240]),
        ([0, 40, 900_000, 80, 120, 160], [0, 40, 80, 100, 120, 160]),
    ],
    ids=[
        "repeated", "slightly behind", "pairs", "three times", "one behind", "swapped",
        "one far ahead",
    ],
)  # fmt: skip
def test_single_wrong_times_are_corrected_without_an_effect_on_later_ones(
    stamps: list[int | None], expected: list[float]
) -> None:
    assert times_ms(stamps) == expected


def test_without_a_limit_a_long_pause_is_kept() -> None:
    assert times_ms([0, 40, 900_000], max_gap_us=10**12) == [0, 40, 900_000]


def test_corrections_are_counted() -> None:
    clock = VideoClock(Fraction(1, 1000), STEP_US)
    for stamp in (0, 0, 40, 40, 40):
        clock.time_us(stamp)
    assert clock.n_corrected == 3


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("step_us", [0, 1, 2, 40_000])
def test_times_strictly_increase_whatever_the_file_says(seed: int, step_us: int) -> None:
    rng = random.Random(seed)
    clock = VideoClock(Fraction(1, 90_000), step_us)
    ticks = [
        rng.choice([None, rng.randrange(-(2**33), 2**33), rng.randrange(9)]) for _ in range(99)
    ]
    times = [clock.time_us(tick) for tick in ticks]
    assert times[0] == 0
    assert all(a < b for a, b in pairwise(times))


def test_timestamps_are_rounded_to_microseconds_without_drift() -> None:
    clock = VideoClock(Fraction(1, 15_360), step_us=16_667)
    times = [clock.time_us(7 + 256 * i) for i in range(100_000)]
    assert times[-1] == round(Fraction(99_999 * 256 * 1_000_000, 15_360))
