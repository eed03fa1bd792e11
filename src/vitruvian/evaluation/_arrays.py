"""Checked arrays of landmarks and the skeleton they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.skeleton import BLAZEPOSE, COCO17, Skeleton

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["checked_pair", "points_of", "skeleton_of"]


def points_of(landmarks: ArrayLike) -> NDArray[np.float64]:
    """Return landmarks as float64, with NaN for infinity: neither is a position."""
    points = np.asarray(landmarks, np.float64)
    return points if not np.isinf(points).any() else np.where(np.isinf(points), np.nan, points)


def checked_pair(
    predicted: ArrayLike, truth: ArrayLike, n_axes: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both as (..., N, `n_axes`) arrays of one shape."""
    found, true = points_of(predicted), points_of(truth)
    if true.ndim < 2 or true.shape[-1] != n_axes or found.shape != true.shape:
        raise ValueError(
            f"predicted and truth must both have shape (..., N, {n_axes}), "
            f"got {found.shape} and {true.shape}"
        )
    return found, true


def skeleton_of(points: NDArray[np.floating]) -> Skeleton:
    """Return the skeleton with as many landmarks as `points`, a (..., N, D) array."""
    n = points.shape[-2] if points.ndim >= 2 else None
    for skeleton in (BLAZEPOSE, COCO17):
        if len(skeleton) == n:
            return skeleton
    raise ValueError(f"landmarks must have shape (..., 33, D) or (..., 17, D), got {points.shape}")
