"""Sides: exchanges of left and right in the image of one of several cameras."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.limbs import ARMS, LEGS, MIRRORED
from vitruvian.lift.triangulation import triangulated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vitruvian.core.camera import Camera

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

__all__ = ["swapped_sides"]

JOINTS = np.concatenate([ARMS[:3].ravel(), LEGS[:3].ravel()])  # they show left and right best
MAX_RATIO = 0.6  # of the errors with and without the exchange
MIN_GAIN = 3 / 1920  # of the longer side: less may be noise
MAX_COUNTED = 100 / 1920  # of the longer side: a larger error of a joint counts as this one
MAX_CAMERAS = 4  # up to which all combinations are tried; with more, one exchanged camera


def swapped_sides(cameras: Sequence[Camera], points_px: Floats, weights: Floats) -> Bools:
    """Return (C, T) in which images of a person the network exchanged left and right.

    In silhouettes and in side views the network can take a back for a front. The other cameras
    show it: with left and right exchanged back, the rays meet.

    Parameters
    ----------
    cameras : sequence of C Camera
    points_px : (C, T, 33, 2) array, image px
        One person.
    weights : (C, T, 33) array

    Notes
    -----
    A combination of exchanges is accepted if it lowers the mean reprojection error of the joints
    to 0.6 times and by 3 px (at 1920 px). Which of a combination and its complement is right, the
    rays do not tell. It is the one with fewer exchanges, and of equal ones, always so with two
    cameras, the one in which the joints move least since the frame before. Without a frame that is
    certain nothing is changed.
    """
    n_cameras, n_frames = points_px.shape[:2]
    answer = np.zeros((n_cameras, n_frames), bool)
    combinations = _combinations(n_cameras)
    errors = np.stack([
        _errors(cameras, *_exchanged(points_px, weights, combination))
        for combination in combinations
    ])  # fmt: skip
    best = errors.argmin(axis=0)
    normal, other = errors[0], errors[1:].min(axis=0)
    is_odd, is_normal = _is_less(other, normal), _is_less(normal, other)
    if not is_odd.any():
        return answer
    is_seen = np.isfinite(points_px[:, :, JOINTS, 0]).any(axis=2)
    is_tie = is_odd & (2 * combinations[best].sum(axis=1) >= is_seen.sum(axis=0))
    answer[:, is_odd] = combinations[best[is_odd]].T
    is_certain = (is_odd & ~is_tie) | is_normal
    if not is_certain.any():
        is_certain = ~is_tie & is_seen.any(axis=0)
    if not is_certain.any():
        return np.zeros_like(answer)
    _decide(answer, is_certain, is_tie, points_px, weights)
    return answer & is_seen


def _is_less(errors: Floats, others: Floats) -> Bools:
    """Return where errors are so much smaller than others that it is no accident."""
    with np.errstate(invalid="ignore"):
        return (errors < MAX_RATIO * others) & (others - errors > MIN_GAIN)


def _combinations(n_cameras: int) -> Bools:
    """Return combinations (K, C), the first without an exchange; of complements, the smaller."""
    if n_cameras > MAX_CAMERAS:
        return np.concatenate([np.zeros((1, n_cameras), bool), np.eye(n_cameras, dtype=bool)])
    every = np.array(list(itertools.product((False, True), repeat=n_cameras)))
    every = every[np.argsort(every.sum(axis=1), kind="stable")]
    return every[: len(every) // 2]


def _exchanged(points: Floats, weights: Floats, is_swapped: Bools) -> tuple[Floats, Floats]:
    """Return the joints (C, T, 12, 2) and weights with the sides of some cameras exchanged."""
    index = np.where(is_swapped[:, None], MIRRORED[JOINTS], JOINTS)
    rows = np.arange(len(points))[:, None]
    return points[rows, :, index].swapaxes(1, 2), weights[rows, :, index].swapaxes(1, 2)


def _errors(cameras: Sequence[Camera], points: Floats, weights: Floats) -> Floats:
    """Return (T,) mean reprojection errors of the joints, in parts of the longer side."""
    found = triangulated(cameras, points, weights, max_error_px=math.inf)
    sides = np.array([max(camera.wh) for camera in cameras])[:, None, None]
    off = np.where(found.is_used, np.minimum(found.errors_px / sides, MAX_COUNTED), 0.0)
    n = found.is_used.sum(axis=(0, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(n > 0, np.nansum(off, axis=(0, 2)) / n, np.inf)


def _decide(
    answer: Bools, is_certain: Bools, is_tie: Bools, points: Floats, weights: Floats
) -> None:
    """Choose in the other frames what moves the joints least since the nearest certain frame.

    In a tie that is the combination or its complement; else, no exchange or that of the frame
    before: where left and right are seen one behind the other, the rays do not tell.
    """
    first, n_frames = int(is_certain.argmax()), len(is_certain)
    for frames in (range(first + 1, n_frames), range(first - 1, -1, -1)):
        before = first
        for t in frames:
            if not is_certain[t]:
                one = answer[:, t] if is_tie[t] else np.zeros_like(answer[:, t])
                other = ~answer[:, t] if is_tie[t] else answer[:, before]
                moved = [
                    _motion(points[:, [before, t]], weights[:, [before, t]], answer[:, before], now)
                    for now in ((one, other) if (one != other).any() else ())
                ]
                answer[:, t] = other if moved and moved[1] < moved[0] else one
            before = t


def _motion(points: Floats, weights: Floats, before: Bools, now: Bools) -> float:
    """Return how far the joints (C, 2, 33, 2) move between two frames."""
    one, _ = _exchanged(points[:, :1], weights[:, :1], before)
    other, weight = _exchanged(points[:, 1:], weights[:, 1:], now)
    return float(np.nansum(np.linalg.norm(other - one, axis=3) * weight))
