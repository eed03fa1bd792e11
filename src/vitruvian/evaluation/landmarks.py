"""Metrics of image landmarks, px: PCK and OKS, for BlazePose's 33 landmarks or COCO's 17."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core import similarity
from vitruvian.core.skeleton import COCO17, blazepose_sources
from vitruvian.evaluation._arrays import checked_pair, points_of, skeleton_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["coco_landmarks", "estimated_area_px2", "oks", "pck", "torso_length_px"]

BLAZEPOSE_OF_COCO = [source for (source,) in blazepose_sources(COCO17)]
SPREAD = {33: similarity.SPREAD, 17: similarity.SPREAD[BLAZEPOSE_OF_COCO]}
SHORTEST_TORSO_PX = 1.0
TINY = float(np.spacing(1))  # added to areas, which may be 0: pycocotools, cocoeval.py


def coco_landmarks(landmarks: ArrayLike) -> NDArray[np.float64]:
    """Return the 17 landmarks of COCO, in COCO's order, from BlazePose's 33.

    Parameters
    ----------
    landmarks : (..., 33, D) or (..., 17, D) array
        17 landmarks are returned as they are.

    Returns
    -------
    (..., 17, D) array

    Examples
    --------
    >>> coco_landmarks(np.arange(66).reshape(33, 2))[:2].tolist()
    [[0.0, 1.0], [4.0, 5.0]]
    """
    points = points_of(landmarks)
    return points if skeleton_of(points) is COCO17 else points[..., BLAZEPOSE_OF_COCO, :]


def torso_length_px(landmarks: ArrayLike) -> NDArray[np.float64]:
    """Return the distance from the middle of the shoulders to the middle of the hips.

    Parameters
    ----------
    landmarks : (..., 33, 2) or (..., 17, 2) array, image px

    Returns
    -------
    (...) array, px
        NaN where a shoulder or hip is NaN.
    """
    points = points_of(landmarks)[..., :2]
    index = skeleton_of(points).index
    shoulders, hips = (
        (points[..., index(f"left_{name}"), :] + points[..., index(f"right_{name}"), :]) / 2
        for name in ("shoulder", "hip")
    )
    return np.asarray(np.linalg.norm(shoulders - hips, axis=-1))


def estimated_area_px2(landmarks: NDArray[np.floating]) -> float:
    """Return the area of a person, px², estimated as 0.53 of the box around (N, 2) landmarks."""
    extent = np.nanmax(landmarks, axis=0) - np.nanmin(landmarks, axis=0)
    return similarity.AREA_OF_BOX * float(np.prod(extent))


def pck(
    predicted: ArrayLike,
    truth: ArrayLike,
    *,
    threshold: float = 0.2,
    length_px: ArrayLike | None = None,
) -> float:
    """Return the percentage of correct keypoints (PCK) as a share, 0 to 1.

    A landmark is correct if its error is less than ``threshold * length_px``.

    Parameters
    ----------
    predicted : (..., N, 2) array, image px
        NaN counts as wrong.
    truth : (..., N, 2) array, image px
        NaN is not labelled and does not count.
    threshold : float
        Tolerance in parts of the length.
    length_px : (...) array, px, or None
        Length of each pose; a pose whose length is NaN or less than 1 px does not count. None is
        the torso length of `truth`, for 33 or 17 landmarks. For PCKh pass 0.6 × the diagonal of
        the head box and ``threshold=0.5``.

    Returns
    -------
    float
        NaN if nothing is labelled.

    Notes
    -----
    Source: Y. Yang and D. Ramanan, "Articulated human detection with flexible mixtures of parts",
    IEEE TPAMI 35 (2013); PCKh: M. Andriluka et al., "2D human pose estimation", CVPR 2014.

    Examples
    --------
    >>> truth = np.random.default_rng(0).uniform(0, 200, (33, 2))
    >>> pck(truth, truth), pck(truth + 9.0, truth, length_px=100), pck(truth + 90.0, truth)
    (1.0, 1.0, 0.0)
    """
    found, true = checked_pair(predicted, truth, 2)
    length = np.asarray(torso_length_px(true) if length_px is None else length_px, np.float64)
    is_labelled = np.isfinite(true).all(axis=-1) & (length >= SHORTEST_TORSO_PX)[..., None]
    if not is_labelled.any():
        return float("nan")
    error = np.linalg.norm(found - true, axis=-1)
    return float((error < threshold * length[..., None])[is_labelled].mean())


def oks(predicted: ArrayLike, truth: ArrayLike, area_px2: float | None = None) -> float:
    """Return the object keypoint similarity (OKS) of one pose with its truth, 0 to 1.

    Parameters
    ----------
    predicted : (N, 2) array, image px
        33 or 17 landmarks. NaN is infinitely far from the truth.
    truth : (N, 2) array, image px
        As many landmarks. NaN is not labelled and does not count.
    area_px2 : float or None
        Area of the person: COCO takes that of the segmentation mask. None estimates it as 0.53 of
        the box around the landmarks of `truth`.

    Returns
    -------
    float
        NaN if nothing is labelled.

    Notes
    -----
    Source: COCO keypoint evaluation, ``exp(-d² / (2 area spread²))``, averaged over the labelled
    landmarks. Landmarks that COCO does not have take the spread of a similar one.

    Examples
    --------
    >>> truth = np.zeros((17, 2))
    >>> oks(truth, truth, 1e4), round(oks(truth + [5.0, 0], truth, 1e4), 3)
    (1.0, 0.871)
    """
    found, true = checked_pair(predicted, truth, 2)
    spread = SPREAD[len(skeleton_of(true))]
    is_labelled = np.isfinite(true).all(axis=1)
    if not is_labelled.any():
        return float("nan")
    area = estimated_area_px2(true) if area_px2 is None else area_px2
    scale_px = (area + TINY) ** 0.5
    return similarity.oks(
        found[is_labelled], true[is_labelled], scale_px, spread=spread[is_labelled]
    )
