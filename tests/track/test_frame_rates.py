"""Our filters against MediaPipe's at frame rates from 5 to 120, on a noisy motion."""

from __future__ import annotations

import numpy as np
import pytest

from vitruvian.engine.landmarker import RawPose
from vitruvian.engine.profile import PROFILES
from vitruvian.track.smoothing import PoseSmoother

SIZE_PX = 250.0
SECONDS = 6
NOISE = 0.002  # of the size
AMOUNTS = (0.5, 0.6, 0.7, 0.8, 0.95)
rng = np.random.default_rng(0)
STEPS_S = {
    **{f"{fps}": np.full(SECONDS * fps, 1 / fps) for fps in (5, 10, 15, 30, 60, 120)},
    "jittered": rng.uniform(0.02, 0.05, SECONDS * 28),
    "alternating": np.tile([0.033, 0.066], SECONDS * 10),
    "dropped": rng.choice([1, 1, 1, 2, 3], SECONDS * 18) / 30,
}


def motion(seconds: np.ndarray) -> np.ndarray:
    """(T, 33, 3), in sizes: a third of the points rests, others swing, slowly and fast."""
    hz, far = np.repeat([0.0, 0.25, 0.8], 11), np.repeat([0.0, 0.1, 0.15], 11)
    phases = np.random.default_rng(1).uniform(0, 2 * np.pi, (33, 3))
    angle = 2 * np.pi * hz[:, None] * seconds[:, None, None] + phases
    return np.sin(angle) * far[:, None]


def lag_and_jitter(steps_s: np.ndarray, profile: str, amount: float) -> tuple[float, float]:
    """Lag in s, and jitter in sizes, of x and y of the image landmarks."""
    seconds = np.cumsum(steps_s)
    noise = np.random.default_rng(2).normal(0, NOISE, (len(seconds), 33, 3))
    values = ((motion(seconds) + noise) * SIZE_PX).astype(np.float32)
    smooth, size_px = PoseSmoother(PROFILES[profile], amount), SIZE_PX
    size_px *= PROFILES[profile].object_scale
    ones, world = np.ones(33, np.float32), np.zeros((33, 3), np.float32)
    path = [
        smooth(RawPose(v, v[:2], ones, ones, world, 0.9, None), round(t * 1e6), size_px).landmarks
        for v, t in zip(values, seconds.tolist(), strict=True)
    ]
    return _lag_and_jitter(np.stack(path)[..., :2] / SIZE_PX, seconds)


def _lag_and_jitter(path: np.ndarray, seconds: np.ndarray) -> tuple[float, float]:
    kept = seconds > 2
    delays = np.arange(0.0, 0.2, 0.001)
    apart = [(path - motion(seconds - delay)[..., :2])[kept] for delay in delays]
    misfits = [np.square(a).sum() for a in apart]
    lag = int(np.argmin(misfits))
    steps = np.diff(seconds[kept])
    part = (steps[:-1] / (steps[:-1] + steps[1:]))[:, None, None]
    a = apart[lag]
    bends = a[1:-1] - a[:-2] * (1 - part) - a[2:] * part
    return delays[lag], np.sqrt(np.square(bends).mean() * 2 / 3)


@pytest.mark.parametrize("profile", ["graph", "tasks"])
@pytest.mark.parametrize("rate", STEPS_S)
def test_at_every_frame_rate_jitter_is_lower_at_the_lag_of_mediapipe(
    rate: str, profile: str
) -> None:
    lag_s, jitter = lag_and_jitter(STEPS_S[rate], profile, 0.5)
    ours = [lag_and_jitter(STEPS_S[rate], "default", amount) for amount in AMOUNTS]
    assert ours[0][0] <= lag_s
    assert np.interp(lag_s, *np.transpose(ours)) <= jitter


@pytest.mark.parametrize("profile", ["graph", "tasks"])
@pytest.mark.parametrize("rate", [rate for rate in STEPS_S if rate not in {"60", "120"}])
def test_up_to_30_frames_per_second_lag_and_jitter_are_both_lower_than_in_mediapipe(
    rate: str, profile: str
) -> None:
    ours, theirs = (lag_and_jitter(STEPS_S[rate], name, 0.5) for name in ("default", profile))
    assert ours[0] < theirs[0]
    assert ours[1] < theirs[1]
