"""Checked arrays of landmarks and the skeleton they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.skeleton import BLAZEPOSE, COCO17, Skeleton

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["checked_pair", "placed", "points_of", "skeleton_of"]


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


def placed(points: ArrayLike, names: Sequence[str], skeleton: Skeleton) -> NDArray[np.float64]:
    """Return (..., N, D) points, whose names are given, in the order of a skeleton.

    Names that it does not have are dropped; its landmarks without a name are NaN.
    """
    values = np.asarray(points, np.float64)
    shape = (*values.shape[:-2], len(skeleton), values.shape[-1])
    result = np.full(shape, np.nan)
    for i, name in enumerate(names):
        if name in skeleton.names:
            result[..., skeleton.index(name), :] = values[..., i, :]
    return result
