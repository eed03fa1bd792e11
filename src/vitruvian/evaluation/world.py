"""Metrics of world landmarks, m: the mean per-joint position error and its aligned form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.evaluation._arrays import checked_pair, skeleton_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["mpjpe", "n_mpjpe", "pa_mpjpe"]

FEWEST_POINTS = 6  # fewer leave the seven degrees of freedom of the alignment poorly determined


def mpjpe(predicted: ArrayLike, truth: ArrayLike, *, root: tuple[int, ...] | None = None) -> float:
    """Return the mean per-joint position error (MPJPE) in m, relative to the root.

    The root, by default the middle of the hips, is subtracted from both poses first.

    Parameters
    ----------
    predicted, truth : (..., N, 3) arrays, m
        NaN in either one leaves that landmark out; NaN in the root leaves the pose out.
    root : tuple of int or None
        Landmarks whose mean is the root. None is both hips, for 33 or 17 landmarks.

    Returns
    -------
    float
        m, the mean over all landmarks of all poses; NaN if nothing can be compared.

    Notes
    -----
    Source: C. Ionescu et al., "Human3.6M", IEEE TPAMI 36 (2014), protocol 1.

    Examples
    --------
    >>> truth = np.random.default_rng(0).normal(size=(33, 3))
    >>> predicted = truth + [0.5, 0, 2.0]  # no error: only the root is elsewhere
    >>> predicted[0] += [0.33, 0, 0]
    >>> round(mpjpe(predicted, truth), 6)
    0.01
    """
    return _mean(_distances(*_centred(predicted, truth, root)))


def n_mpjpe(
    predicted: ArrayLike, truth: ArrayLike, *, root: tuple[int, ...] | None = None
) -> float:
    """Return the MPJPE in m after scaling (N-MPJPE).

    The root of both poses is moved to the origin, and each predicted pose is scaled to fit its
    truth best. What is left is the error without that of the size.

    Parameters
    ----------
    predicted, truth : (..., N, 3) arrays, m
        As for `mpjpe`.
    root : tuple of int or None
        As for `mpjpe`.

    Returns
    -------
    float
        m, the mean over all landmarks of all poses; NaN if nothing can be compared.

    Notes
    -----
    Source: H. Rhodin et al., "Unsupervised geometry-aware representation for 3D human pose
    estimation", ECCV 2018.

    Examples
    --------
    >>> truth = np.random.default_rng(0).normal(size=(33, 3))
    >>> round(n_mpjpe(0.8 * truth, truth), 9)
    0.0
    """
    found, true = _centred(predicted, truth, root)
    is_known = np.isfinite(found).all(axis=-1) & np.isfinite(true).all(axis=-1)
    products = np.where(is_known, (found * true).sum(axis=-1), 0).sum(axis=-1)
    squares = np.where(is_known, (found * found).sum(axis=-1), 0).sum(axis=-1)
    scale = products / np.where(squares > 0, squares, np.nan)
    return _mean(_distances(scale[..., None, None] * found, true))


def pa_mpjpe(predicted: ArrayLike, truth: ArrayLike) -> float:
    """Return the MPJPE in m after Procrustes alignment (PA-MPJPE).

    Each predicted pose is moved, turned and scaled (not mirrored) to fit its truth best.

    Parameters
    ----------
    predicted, truth : (..., N, 3) arrays, m
        NaN in either one leaves that landmark out. A pose with fewer than six landmarks left does
        not count.

    Returns
    -------
    float
        m, the mean over all landmarks of all poses; NaN if nothing can be compared.

    Notes
    -----
    Source: S. Umeyama, "Least-squares estimation of transformation parameters between two point
    patterns", IEEE TPAMI 13 (1991), equations 34 to 42.

    Examples
    --------
    >>> truth = np.random.default_rng(0).normal(size=(33, 3))
    >>> turned = truth[:, [2, 0, 1]]
    >>> round(pa_mpjpe(0.5 * turned + 1.0, truth), 9)
    0.0
    """
    found, true = (
        points.reshape(-1, *points.shape[-2:]) for points in checked_pair(predicted, truth, 3)
    )
    distances = [np.empty(0)]
    for points, target in zip(found, true, strict=True):
        is_known = np.isfinite(points).all(axis=1) & np.isfinite(target).all(axis=1)
        if is_known.sum() >= FEWEST_POINTS:
            aligned = _aligned(points[is_known], target[is_known])
            distances.append(_distances(aligned, target[is_known]))
    return _mean(np.concatenate(distances))


def _centred(
    predicted: ArrayLike, truth: ArrayLike, root: tuple[int, ...] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both with the root at the origin."""
    found, true = checked_pair(predicted, truth, 3)
    if root is None:
        skeleton = skeleton_of(true)
        root = skeleton.index("left_hip"), skeleton.index("right_hip")
    at = list(root)
    return (
        found - found[..., at, :].mean(axis=-2, keepdims=True),
        true - true[..., at, :].mean(axis=-2, keepdims=True),
    )


def _aligned(points: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (N, 3) `points` after the similarity transform that fits `target` best."""
    centre, target_centre = points.mean(axis=0), target.mean(axis=0)
    centred = points - centre
    left, singular, right = np.linalg.svd((target - target_centre).T @ centred)
    signs = np.array([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    square = np.square(centred).sum()
    scale = (singular * signs).sum() / square if square else 1.0
    aligned: NDArray[np.float64] = scale * centred @ (left * signs @ right).T + target_centre
    return aligned


def _distances(points: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.linalg.norm(points - target, axis=-1))


def _mean(distances: NDArray[np.float64]) -> float:
    known = distances[np.isfinite(distances)]
    return float(known.mean()) if known.size else float("nan")
