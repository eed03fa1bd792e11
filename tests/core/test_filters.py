"""Array filters against scalar filters that follow MediaPipe's steps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from vitruvian.core.filters import CatchUpFilter, LowPassFilter, OneEuroFilter

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

BODY = {"min_cutoff_hz": 0.05, "beta": 80.0, "derivate_cutoff_hz": 1.0}
WORLD = {"min_cutoff_hz": 0.1, "beta": 40.0, "derivate_cutoff_hz": 1.0}
TRACED = {"min_cutoff_hz": 0.1, "tolerance": 0.6, "trail_cutoff_hz": 1.0}
OURS = {"min_cutoff_hz": 0.1, "tolerance": 0.0013, "trail_cutoff_hz": 1.2}
AUXILIARY = {"min_cutoff_hz": 0.01, "beta": 10.0, "derivate_cutoff_hz": 1.0}

FRAMES_US = [33_333 * i for i in range(1, 40)]
UNEVEN_US = np.cumsum(np.random.default_rng(1).integers(1, 400_000, 39)).tolist()


class ScalarLowPass:
    """State, factor and first product in float32; the other product and the sum in double."""

    def __init__(self) -> None:
        self.stored: np.float32 | None = None

    def __call__(self, value: np.float32, alpha: float) -> np.float32:
        factor = np.float32(alpha)
        if self.stored is None:
            self.stored = value
        else:
            kept = (1.0 - float(factor)) * float(self.stored)
            self.stored = np.float32(float(factor * value) + kept)
        return self.stored


class ScalarCatchUp:
    """Filter of one number, in doubles."""

    def __init__(self, min_cutoff_hz: float, tolerance: float, trail_cutoff_hz: float) -> None:
        self.parameters = min_cutoff_hz, tolerance, trail_cutoff_hz
        self.last_us: int | None = None
        self.value = self.trail = self.opening_hz = 0.0

    def __call__(self, value: float, timestamp_us: int, scale: float = 1.0) -> float:
        min_cutoff_hz, tolerance, trail_cutoff_hz = self.parameters
        if self.last_us is None:
            self.last_us, self.value = timestamp_us, value
            return value
        seconds = (timestamp_us - self.last_us) / 1e6
        self.last_us = timestamp_us
        share = self.share(trail_cutoff_hz, seconds)
        cutoff_hz = min_cutoff_hz + self.opening_hz
        left, left_at_30_fps = (1 - self.share(cutoff_hz, s) for s in (seconds, 1 / 30))
        lag = (value - self.value) * left / left_at_30_fps
        self.trail += share * (lag * scale - self.trail)
        self.opening_hz += share * ((self.trail / tolerance) ** 2 - self.opening_hz)
        self.value += self.share(min_cutoff_hz + self.opening_hz, seconds) * (value - self.value)
        return self.value

    @staticmethod
    def share(cutoff_hz: float, seconds: float) -> float:
        return 1 / (1 + 1 / (2 * math.pi * cutoff_hz * seconds))


class ScalarOneEuro:
    """In doubles, except the state of the low-pass filters."""

    def __init__(self, min_cutoff_hz: float, beta: float, derivate_cutoff_hz: float) -> None:
        self.parameters = min_cutoff_hz, beta, derivate_cutoff_hz
        self.frequency = 30.0
        self.last_ns = -1
        self.raw: np.float32 | None = None
        self.values, self.speeds = ScalarLowPass(), ScalarLowPass()

    def alpha(self, cutoff_hz: float) -> float:
        return 1.0 / (1.0 + (1.0 / (2 * math.pi * cutoff_hz)) / (1.0 / self.frequency))

    def __call__(self, value: np.float32, timestamp_us: int, scale: float = 1.0) -> np.float32:
        now_ns = timestamp_us * 1000
        if self.last_ns >= now_ns:
            return value
        if self.last_ns != 0 and now_ns != 0:
            self.frequency = 1.0 / ((now_ns - self.last_ns) * 1e-9)
        self.last_ns = now_ns
        min_cutoff_hz, beta, derivate_cutoff_hz = self.parameters
        speed = 0.0
        if self.raw is not None:
            speed = (float(value) - float(self.raw)) * scale * self.frequency
        self.raw = value
        smooth_speed = self.speeds(np.float32(speed), self.alpha(derivate_cutoff_hz))
        return self.values(value, self.alpha(min_cutoff_hz + beta * abs(float(smooth_speed))))


def walk(count: int = 39, shape: tuple[int, ...] = (3, 2), seed: int = 0) -> NDArray[np.float32]:
    """Values that rest, drift and jump."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(0, 5, (count, *shape)) * rng.choice([0, 0.01, 1, 20], (count, *shape))
    return (300 + np.cumsum(steps, axis=0)).astype(np.float32)


def run(
    smooth: Callable[..., NDArray[np.float32]],
    series: NDArray[np.float32],
    times_us: list[int],
    scale: float = 1.0,
) -> NDArray[np.float32]:
    return np.stack([smooth(v, t, scale) for v, t in zip(series, times_us, strict=True)])


def assert_same_to_the_last_digits(
    actual: NDArray[np.float32], expected: NDArray[np.float32]
) -> None:
    """Another order of products of doubles may round a float32 differently."""
    np.testing.assert_allclose(actual, expected, rtol=3e-7)
    assert np.mean(actual == expected) > 0.95


@pytest.mark.parametrize("times_us", [FRAMES_US, UNEVEN_US], ids=["even", "uneven"])
@pytest.mark.parametrize("parameters", [BODY, WORLD, AUXILIARY], ids=["body", "world", "aux"])
@pytest.mark.parametrize("scale", [1.0, 1 / 250])
def test_one_euro_equals_the_filter_of_one_number(
    parameters: dict[str, float], times_us: list[int], scale: float
) -> None:
    series = walk()
    expected = np.empty_like(series)
    for place in np.ndindex(series.shape[1:]):
        scalar = ScalarOneEuro(**parameters)
        for i, timestamp_us in enumerate(times_us):
            expected[i][place] = scalar(series[i][place], timestamp_us, scale)
    actual = run(OneEuroFilter(**parameters), series, times_us, scale)
    assert actual.dtype == np.float32
    assert_same_to_the_last_digits(actual, expected)


@pytest.mark.parametrize("alpha", [0.1, 0.5, 1.0])
def test_low_pass_equals_the_filter_of_one_number(alpha: float) -> None:
    series = walk()
    smooth, scalars = LowPassFilter(alpha), {p: ScalarLowPass() for p in np.ndindex(3, 2)}
    for values in series:
        out = smooth(values)
        assert out.dtype == np.float32
        for place, scalar in scalars.items():
            assert out[place] == scalar(values[place], alpha)


def test_a_first_time_of_zero_delays_the_measured_rate_by_one_step() -> None:
    """MediaPipe treats the time 0 as "not set" and keeps its default of 30 Hz."""
    times_us = [0, 500_000, 600_000, 700_000]
    series = walk(4, shape=(1,))
    scalar = ScalarOneEuro(**BODY)
    expected = [[scalar(v[0], t)] for v, t in zip(series, times_us, strict=True)]
    actual = run(OneEuroFilter(**BODY), series, times_us)
    assert_same_to_the_last_digits(actual, np.array(expected))
    later = run(OneEuroFilter(**BODY), series, [t + 1 for t in times_us])
    assert abs(actual[1] - later[1]) > 1e-3


@pytest.mark.parametrize("late_us", [99_999, 99_998, 0])
def test_a_time_that_does_not_increase_returns_the_values_and_keeps_the_state(late_us: int) -> None:
    series = walk(4)
    times_us = [33_333, 66_666, 99_999, 133_332]
    expected = run(OneEuroFilter(**BODY), series, times_us)
    smooth = OneEuroFilter(**BODY)
    run(smooth, series[:3], times_us[:3])
    odd = series[0] + 1000
    np.testing.assert_array_equal(smooth(odd, late_us), odd)
    np.testing.assert_array_equal(smooth(series[3], times_us[3]), expected[3])


def test_the_first_values_pass_unchanged() -> None:
    series = walk()
    np.testing.assert_array_equal(OneEuroFilter(**BODY)(series[0], 5), series[0])
    np.testing.assert_array_equal(LowPassFilter(0.1)(series[0]), series[0])


def test_a_value_at_rest_stays_where_it_is() -> None:
    still = np.full((39, 2), 123.456, np.float32)
    np.testing.assert_allclose(run(OneEuroFilter(**BODY), still, FRAMES_US), still, rtol=1e-6)


def test_the_output_lies_between_the_one_before_and_the_new_value() -> None:
    series = walk()
    smooth = run(OneEuroFilter(**AUXILIARY), series, FRAMES_US)
    low, high = np.minimum(smooth[:-1], series[1:]), np.maximum(smooth[:-1], series[1:])
    assert (smooth[1:] >= low - 1e-3).all()
    assert (smooth[1:] <= high + 1e-3).all()


def test_smoothing_is_relative_to_the_size_of_the_person() -> None:
    series = walk()
    one = run(OneEuroFilter(**BODY), series, FRAMES_US, 1 / 250)
    twice = run(OneEuroFilter(**BODY), series * 2, FRAMES_US, 1 / 500)
    np.testing.assert_array_equal(twice, one * 2)


def test_faster_motion_is_followed_more_closely() -> None:
    ramp = np.arange(39, dtype=np.float32)[:, None]
    lag = [
        (speed * ramp[-1] - run(OneEuroFilter(**BODY), speed * ramp, FRAMES_US, 1 / 1000)[-1])
        / speed
        for speed in (np.float32(0.1), np.float32(10))
    ]
    assert lag[0] > 2 * lag[1] > 0


@pytest.mark.parametrize("first_us", [0, 33_333])
def test_after_reset_a_filter_is_as_new(first_us: int) -> None:
    before, after = walk(seed=1), walk(seed=2)
    times_us = [first_us + t for t in range(0, 39 * 40_000, 40_000)]
    used = OneEuroFilter(**BODY)
    run(used, before, FRAMES_US)
    used.reset()
    fresh = run(OneEuroFilter(**BODY), after, times_us)
    np.testing.assert_array_equal(run(used, after, times_us), fresh)
    low, new = LowPassFilter(0.1), LowPassFilter(0.1)
    low(before[0])
    low.reset()
    for values in after:
        np.testing.assert_array_equal(low(values), new(values))


def test_two_filters_share_no_state() -> None:
    one, other = walk(seed=1), walk(seed=2)
    alone = run(OneEuroFilter(**BODY), one, FRAMES_US)
    first, second = OneEuroFilter(**BODY), OneEuroFilter(**BODY)
    together = []
    for a, b, t in zip(one, other, FRAMES_US, strict=True):
        together.append(first(a, t))
        second(b, t)
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize("times_us", [FRAMES_US, UNEVEN_US], ids=["even", "uneven"])
@pytest.mark.parametrize("scale", [1.0, 1 / 250])
def test_catch_up_equals_the_filter_of_one_number(times_us: list[int], scale: float) -> None:
    series = walk(shape=(4, 3))
    actual = run(CatchUpFilter(**TRACED), series, times_us, scale)
    assert actual.dtype == np.float32
    for point, column in np.ndindex(4, 3):
        scalar = ScalarCatchUp(**TRACED)
        values = series[:, point, column].tolist()
        expected = [scalar(v, t, scale) for v, t in zip(values, times_us, strict=True)]
        np.testing.assert_allclose(actual[:, point, column], expected, rtol=1e-4)


def test_catch_up_has_less_jitter_at_rest_and_less_lag_in_motion_than_one_euro() -> None:
    """Jitter and motion as in real landmarks: 0.06 % of the body size, and half of it per s."""
    rng = np.random.default_rng(0)
    times_us = [round(i * 1e6 / 30) for i in range(1, 240)]
    still = rng.normal(0, 0.0006, (239, 33, 2)).astype(np.float32)
    swing = np.sin(2 * np.pi * np.arange(239) / 30)[:, None, None] * np.float32([0.08, 0.04])
    jitter, error = [], []
    for smooth in (OneEuroFilter(**BODY), CatchUpFilter(**OURS)):
        jitter.append(run(smooth, still, times_us)[60:].std())
        smooth.reset()
        moved = run(smooth, still + swing.astype(np.float32), times_us)
        error.append(np.sqrt(((moved - swing)[60:] ** 2).mean()))
    assert jitter[1] < 0.6 * jitter[0]
    assert error[1] < 0.5 * error[0]


def test_a_motion_along_one_axis_does_not_bring_the_jitter_of_the_other() -> None:
    rng = np.random.default_rng(0)
    times_us = [round(i * 1e6 / 30) for i in range(1, 240)]
    still = rng.normal(0, 0.0006, (239, 33, 2)).astype(np.float32)
    swing = 0.08 * np.sin(2 * np.pi * np.arange(239) / 30)[:, None, None] * [1, 0]
    moved = run(CatchUpFilter(**OURS), still + swing.astype(np.float32), times_us)
    np.testing.assert_array_equal(
        moved[..., 1], run(CatchUpFilter(**OURS), still, times_us)[..., 1]
    )


def test_at_a_steady_speed_catch_up_lags_alike_at_every_frame_rate() -> None:
    lags_s = []
    for fps in (15, 30, 60, 120):
        times_us = [round(i * 1e6 / fps) for i in range(1, 3 * fps)]
        way = np.float32([[[0.1 * t / 1e6]] for t in times_us])
        lags_s.append((way - run(CatchUpFilter(**OURS), way, times_us))[-1, 0, 0] / 0.1)
    assert min(lags_s) > 0.0005
    assert max(lags_s) < 1.01 * min(lags_s)


def test_catch_up_lags_less_than_its_lowest_cutoff_would() -> None:
    """At very slow motion, 0.001 sizes per second, the lag is constant and small."""
    times_us = [round(i * 1e6 / 30) for i in range(1, 600)]
    way = np.arange(599)[:, None, None] / 30 * np.float32([0.001, 0.0])
    smooth = run(CatchUpFilter(**OURS), way.astype(np.float32), times_us)
    assert 0 < (way - smooth)[-1, 0, 0] < 0.001


@pytest.mark.parametrize("late_us", [99_999, 0])
def test_catch_up_returns_values_that_are_not_later_and_keeps_its_state(
    late_us: int,
) -> None:
    series = walk(4)
    times_us = [33_333, 66_666, 99_999, 133_332]
    expected = run(CatchUpFilter(**TRACED), series, times_us)
    smooth = CatchUpFilter(**TRACED)
    run(smooth, series[:3], times_us[:3])
    odd = series[0] + 1000
    np.testing.assert_array_equal(smooth(odd, late_us), odd)
    np.testing.assert_array_equal(smooth(series[3], times_us[3]), expected[3])


def test_after_reset_catch_up_is_as_new_and_two_share_no_state() -> None:
    used, fresh = CatchUpFilter(**TRACED), CatchUpFilter(**TRACED)
    run(used, walk(seed=1), FRAMES_US)
    used.reset()
    before = walk(seed=2)
    kept = before.copy()
    np.testing.assert_array_equal(run(used, before, FRAMES_US), run(fresh, before, FRAMES_US))
    np.testing.assert_array_equal(before, kept)


def test_catch_up_is_relative_to_the_size_of_the_person() -> None:
    series = walk()
    one = run(CatchUpFilter(**TRACED), series, FRAMES_US, 1 / 250)
    twice = run(CatchUpFilter(**TRACED), series * 2, FRAMES_US, 1 / 500)
    np.testing.assert_array_equal(twice, one * 2)
