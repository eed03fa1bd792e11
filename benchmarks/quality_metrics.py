"""The metrics of `quality.py`: functions of landmarks (T, 33, ...), NaN without a pose.

docs/quality.md explains each metric.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["bone_variation", "false_poses", "flips", "jitter", "lag_ms", "motion_error",
           "recovery_frames", "swaps"]  # fmt: skip

Array = NDArray[np.floating]

SETTLE_S = 1.5  # at the start, left out until the filters have settled
TREND_S = 1.0  # slower than this is drift, not jitter
ARMS, LEGS = (11, 13, 15), (23, 25, 27)  # shoulder, elbow, wrist; hip, knee, ankle: the left ones
BONES = [  # upper arms, forearms, thighs, shanks
    (limb[joint] + side, limb[joint + 1] + side)
    for limb in (ARMS, LEGS)
    for side in (0, 1)
    for joint in (0, 1)
]
JOINTS = slice(11, 33)  # the face has none
FLIP_MARGIN = 0.03  # of the height: minimum distance of left and right to tell them apart


def jitter(points: Array, fps: float) -> float:
    """Return the RMS distance of the points (T, N, D) from their own mean over a second around."""
    settled = points[round(SETTLE_S * fps) :]
    settled = settled[np.isfinite(settled).all(axis=(1, 2))]
    half = round(TREND_S * fps) // 2
    if len(settled) <= 2 * half:
        return np.nan
    sums = np.cumsum(np.concatenate([np.zeros_like(settled[:1]), settled]), axis=0)
    trend = (sums[2 * half + 1 :] - sums[: -2 * half - 1]) / (2 * half + 1)
    rest = settled[half : len(settled) - half] - trend
    return float(np.sqrt(np.square(rest).sum(axis=-1).mean()))


def lag_ms(points: Array, truth: Array, fps: float) -> float:
    """Return how much later than the `truth` (T, N, D) the points (T, N, D) are.

    This is the delay of the truth with the least squared error, where every coordinate may have its
    own scale and offset. Coordinates that move little or have gaps are left out.
    """
    seen, true = (a[:, JOINTS].reshape(len(a), -1) for a in (points, truth))
    spread = true.std(axis=0)
    kept = (spread > 0.3 * spread.max()) & np.isfinite(seen).all(axis=0)
    if not kept.any():
        return np.nan
    seen, true = seen[:, kept], true[:, kept]
    frames = np.arange(round(0.3 * fps), len(seen) - 2)
    delays = np.arange(-0.05, 0.3, 0.002)
    errors = [_misfit(seen[frames], true, frames - delay * fps) for delay in delays]
    i = int(np.clip(np.argmin(errors), 1, len(delays) - 2))
    before, here, after = errors[i - 1 : i + 2]
    step = 0.5 * (before - after) / (before - 2 * here + after)
    return float(1e3 * (delays[i] + 0.002 * step))


def _misfit(seen: Array, true: Array, at: Array) -> float:
    """Return the squared error after reading `true` at fractional frames `at` and scaling it."""
    low = np.clip(np.floor(at).astype(int), 0, len(true) - 2)
    part = (at - low)[:, None]
    moved = true[low] * (1 - part) + true[low + 1] * part
    moved, seen = moved - moved.mean(axis=0), seen - seen.mean(axis=0)
    scale = (moved * seen).sum(axis=0) / np.square(moved).sum(axis=0)
    return float(np.square(seen - scale * moved).sum())


def motion_error(points: Array, truth: Array) -> float:
    """Return the RMS distance of the joints from the truth, without the mean offset of each."""
    apart = (points - truth)[:, JOINTS]
    apart = apart[np.isfinite(apart).all(axis=(1, 2))]
    return float(np.sqrt(np.square(apart - apart.mean(axis=0)).sum(axis=-1).mean()))


def flips(points: Array, truth: Array, height: Array, *, at_least: int = 1) -> int:
    """Return on how many frames arms or legs fit the truth far better with the sides swapped.

    Only runs of `at_least` frames count.
    """
    flipped = (_swapped(points, truth, height, limb) for limb in (ARMS, LEGS))
    return sum(n for limb in flipped for n in _runs(limb) if n >= at_least)


def _runs(flags: NDArray[np.bool_]) -> list[int]:
    """Return the lengths of the runs of true values."""
    edges = np.flatnonzero(np.diff(np.r_[0, flags.astype(int), 0]))
    return (edges[1::2] - edges[::2]).tolist()


def swaps(points: Array, height: Array) -> int:
    """Return how often arms or legs fit the previous frame far better with the sides swapped."""
    pairs = points[1:], points[:-1], height[1:]
    return sum(_swapped(*pairs, limb).sum() for limb in (ARMS, LEGS))


def _swapped(
    points: Array, other: Array, height: Array, limb: tuple[int, ...]
) -> NDArray[np.bool_]:
    left, right = np.array(limb), np.array(limb) + 1
    own, crossed = np.r_[left, right], np.r_[right, left]
    as_is = np.linalg.norm(points[:, own] - other[:, own], axis=-1).mean(axis=1)
    swapped = np.linalg.norm(points[:, crossed] - other[:, own], axis=-1).mean(axis=1)
    with np.errstate(invalid="ignore"):
        return (as_is > 2 * swapped) & (as_is > FLIP_MARGIN * height)


def bone_variation(world: Array) -> float:
    """Return the mean coefficient of variation of the lengths of the eight limb bones."""
    seen = world[np.isfinite(world).all(axis=(1, 2))]
    lengths = np.stack([np.linalg.norm(seen[:, a] - seen[:, b], axis=1) for a, b in BONES])
    return float((lengths.std(axis=1) / lengths.mean(axis=1)).mean())


def recovery_frames(points: Array, truth: dict[str, Array]) -> float:
    """Return how many frames after being half visible again a person is found.

    Found means a median error of the joints below 5 % of the height. Negative if found earlier.
    """
    visible = truth["visible"].sum(axis=1)
    hidden = np.flatnonzero(visible == 0)
    half = np.median(visible[visible > 0]) / 2
    start = hidden[-1] + 1 + int(np.argmax(visible[hidden[-1] + 1 :] >= half))
    error = np.linalg.norm(points - truth["landmarks"], axis=-1)[:, JOINTS]
    with np.errstate(invalid="ignore"):
        good = np.median(error, axis=1) < 0.05 * truth["height_px"]
    after = np.flatnonzero(good & (np.arange(len(good)) > hidden[-1]))
    return float(after[0] - start) if len(after) else np.inf


def false_poses(points: Array, empty: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    """Return the numbers of poses and of frames in the `empty` ranges, by default in all frames."""
    ranges = empty or ((0, len(points)),)
    where = np.concatenate([np.arange(*pair) for pair in ranges])
    return int(np.isfinite(points[where, 0, 0]).sum()), len(where)
