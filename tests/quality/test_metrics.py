"""The metrics of benchmarks/quality.py, on motions whose jitter, lag and flips are known."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "quality_metrics.py"
SPEC = importlib.util.spec_from_file_location("quality_metrics", SCRIPT)
metrics = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(metrics)

FPS = 30.0
HEIGHT = np.full(120, 170.0)
LEFT_LEG, RIGHT_LEG = [23, 25, 27], [24, 26, 28]


def standing(frames: int = 120) -> np.ndarray:
    return np.repeat(np.random.default_rng(0).normal(200, 50, (1, 33, 2)), frames, axis=0)


def swinging(frames: int = 120, late_s: float = 0.0) -> np.ndarray:
    time_s = np.arange(frames) / FPS - late_s
    swing = np.sin(2 * np.pi * 1.1 * time_s) + 0.4 * np.sin(2 * np.pi * 0.45 * time_s + 1)
    return standing(frames) + 40 * swing[:, None, None]


def with_legs_swapped(points: np.ndarray, frames: slice) -> np.ndarray:
    answer = points.copy()
    answer[frames, LEFT_LEG], answer[frames, RIGHT_LEG] = (
        points[frames, RIGHT_LEG],
        points[frames, LEFT_LEG],
    )
    return answer


def test_jitter_is_the_rms_of_the_noise() -> None:
    noise = np.random.default_rng(1).normal(0, 0.3, (120, 33, 2))
    assert metrics.jitter(standing() + noise, FPS) == pytest.approx(0.3 * np.sqrt(2), rel=0.05)


def test_slow_drift_and_the_first_frames_are_no_jitter() -> None:
    drift = np.arange(120)[:, None, None] * np.float64([0.02, -0.01])
    drift[:40] += 30
    assert metrics.jitter(standing() + drift, FPS) < 0.02


@pytest.mark.parametrize("seconds", [0.0, 0.004, 0.04, 0.12])
def test_lag_is_found_whatever_scale_and_offset(seconds: float) -> None:
    late = 0.8 * swinging(late_s=seconds) + 11
    assert metrics.lag_ms(late, swinging(), FPS) == pytest.approx(1e3 * seconds, abs=1.5)


def test_lag_leaves_out_landmarks_that_are_not_always_seen() -> None:
    late = swinging(late_s=0.04)
    late[50, 15] = np.nan
    assert metrics.lag_ms(late, swinging(), FPS) == pytest.approx(40, abs=1.5)
    assert np.isnan(metrics.lag_ms(np.full_like(late, np.nan), swinging(), FPS))


def test_a_constant_offset_is_no_motion_error() -> None:
    assert metrics.motion_error(swinging() + 7, swinging()) == pytest.approx(0, abs=1e-9)
    assert metrics.motion_error(swinging(late_s=0.05), swinging()) > 5


def test_flips_count_frames_and_swaps_count_changes() -> None:
    truth = swinging()
    seen = with_legs_swapped(truth, slice(30, 34))
    assert metrics.flips(truth, truth, HEIGHT) == metrics.swaps(truth, HEIGHT) == 0
    assert metrics.flips(seen, truth, HEIGHT) == 4
    assert metrics.swaps(seen, HEIGHT) == 2
    assert metrics.flips(seen, truth, HEIGHT, at_least=4) == 4
    assert metrics.flips(seen, truth, HEIGHT, at_least=5) == 0


def test_limbs_that_pass_each_other_or_are_together_are_not_flipped() -> None:
    truth = standing()
    truth[:, LEFT_LEG, 0] = 200 + np.linspace(-80, 80, 120)[:, None]
    truth[:, RIGHT_LEG, 0] = 200 - np.linspace(-80, 80, 120)[:, None]
    truth[:, RIGHT_LEG, 1] = truth[:, LEFT_LEG, 1]
    noise = np.random.default_rng(2).normal(0, 0.5, truth.shape)
    assert metrics.swaps(truth + noise, HEIGHT) == 0
    assert metrics.flips(truth + noise, truth, HEIGHT) == 0


def test_frames_without_a_pose_are_no_flips() -> None:
    seen = standing()
    seen[40:60] = np.nan
    assert metrics.flips(seen, standing(), HEIGHT) == metrics.swaps(seen, HEIGHT) == 0


def test_bones_that_keep_their_length_do_not_vary() -> None:
    world = np.random.default_rng(3).normal(0, 0.4, (1, 33, 3)).repeat(50, axis=0)
    assert metrics.bone_variation(world + np.arange(50)[:, None, None]) == pytest.approx(0)
    grown = world * np.linspace(0.9, 1.1, 50)[:, None, None]
    assert metrics.bone_variation(grown) == pytest.approx(0.2 / np.sqrt(12), rel=0.05)


def test_recovery_is_counted_from_half_visible() -> None:
    visible = np.ones((60, 33))
    visible[20:40] = 0
    visible[40, 12:] = 0  # a third of the person
    truth = {"landmarks": standing(60), "visible": visible, "height_px": np.full(60, 170.0)}
    seen = truth["landmarks"].copy()
    seen[18:44] = np.nan
    seen[44] += 30
    assert metrics.recovery_frames(seen, truth) == 45 - 41
    seen[40] = truth["landmarks"][40]
    assert metrics.recovery_frames(seen, truth) == -1
    assert metrics.recovery_frames(np.full_like(seen, np.nan), truth) == np.inf


def test_false_poses_are_counted_in_empty_frames() -> None:
    seen = np.full((10, 33, 2), np.nan)
    seen[2:7] = 0.0
    assert metrics.false_poses(seen, ((0, 3), (6, 9))) == (2, 6)
    assert metrics.false_poses(seen, ()) == (5, 10)
