"""The nominal rate of a clip, and whether its frames keep it."""

from __future__ import annotations

import numpy as np
import pytest

from vitruvian.core.resampling import (
    USUAL_FPS,
    constant_times_us,
    has_constant_rate,
    nominal_fps,
)


def times(fps, n=100, round_to=1):
    return np.rint(np.arange(n) * 1e6 / fps / round_to).astype(np.int64) * round_to


@pytest.mark.parametrize("fps", USUAL_FPS)
@pytest.mark.parametrize("round_to", [1, 1000])
def test_usual_rates_are_exact_also_from_times_in_milliseconds(fps, round_to):
    found = nominal_fps(times(fps, round_to=round_to))
    assert found == pytest.approx(fps, rel=2e-3)
    if round_to == 1:
        assert found == fps
    assert has_constant_rate(times(fps, round_to=round_to), found)


def test_other_rates_stay_as_they_are():
    assert nominal_fps(times(17.5)) == pytest.approx(17.5, abs=0.01)
    assert nominal_fps(times(30 * 0.997)) == pytest.approx(29.91, abs=0.01)


def test_a_lost_frame_does_not_change_the_rate():
    lost = np.delete(times(25), [20, 50])
    assert nominal_fps(lost) == 25
    assert not has_constant_rate(lost, 25)


def test_very_unequal_steps_have_the_rate_of_their_median():
    assert nominal_fps(np.array([0, 20_000, 110_000])) == pytest.approx(1e6 / 55_000)


def test_short_clips():
    assert nominal_fps(np.array([], np.int64)) == nominal_fps(np.array([5])) == 30
    assert nominal_fps(np.array([0, 40_000])) == 25
    assert has_constant_rate(np.array([], np.int64), 30)
    assert has_constant_rate(np.array([7]), 30)
    with pytest.raises(ValueError, match="timestamps_us must increase"):
        nominal_fps(np.array([0, 0, 0]))


def test_a_rate_is_constant_within_half_a_frame():
    moved = times(25)
    moved[40] += 19_000
    assert has_constant_rate(moved, 25)
    moved[40] += 2_000
    assert not has_constant_rate(moved, 25)
    assert not has_constant_rate(times(25, 300), 25.1)


def test_a_pause_of_a_day_is_an_error_instead_of_millions_of_frames():
    day_us = 24 * 3_600_000_000
    paused = np.concatenate([times(30), times(30) + day_us])
    with pytest.raises(ValueError, match=r"pause of 8639\d s, 2591\d{3} frames at 30 fps: split"):
        constant_times_us(paused, 30)
    assert len(constant_times_us(times(0.1), 0.1)) == 100  # time-lapse
