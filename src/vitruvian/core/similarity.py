"""Similarity of two poses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SPREAD", "oks", "pose_similarity"]

# COCO's keypoint evaluation: twice the standard deviation of annotators, relative to the root of
# the person's area. Landmarks that COCO does not have get the value of their neighbour.
_COCO = {
    "nose": 0.052,
    "eye": 0.050,
    "mouth": 0.052,
    "ear": 0.070,
    "shoulder": 0.158,
    "elbow": 0.144,
    "wrist": 0.124,
    "pinky": 0.124,
    "index": 0.124,
    "thumb": 0.124,
    "hip": 0.214,
    "knee": 0.174,
    "ankle": 0.178,
    "heel": 0.178,
    "foot": 0.178,
}


def _spread_of(name: str) -> float:
    parts = name.split("_")
    foot_or_part = "foot" if "foot" in parts else next(part for part in parts if part in _COCO)
    return _COCO[foot_or_part]


SPREAD = np.array([_spread_of(name) for name in BLAZEPOSE.names])
SPREAD.flags.writeable = False

# Only the joints count: the eleven landmarks of the face would outweigh the rest.
_JOINTS = ("nose", "shoulder", "elbow", "wrist", "hip", "knee", "ankle")
_IS_JOINT = np.array([name.split("_")[-1] in _JOINTS for name in BLAZEPOSE.names], np.float64)
_AREA_ROOT = 0.5  # root of the area of a person, in sides of the square around the whole body


def oks(
    points: NDArray[np.floating],
    others: NDArray[np.floating],
    scale_px: float,
    weights: NDArray[np.floating] | None = None,
    *,
    spread: NDArray[np.floating] = SPREAD,
) -> float:
    """Return the object keypoint similarity of two poses, 0 to 1.

    Parameters
    ----------
    points, others : (N, 2) arrays, image px
        A landmark that is not finite in one of them counts as infinitely far.
    scale_px : float
        Root of the person's area.
    weights : (N,) array or None
        Weight of each landmark; None for equal weights.
    spread : (N,) array
        Tolerance of each landmark, in parts of `scale_px`; the default is for BlazePose's 33.

    Notes
    -----
    Source: COCO keypoint evaluation, ``exp(-d**2 / (2 * scale**2 * spread**2))``, averaged.

    Examples
    --------
    >>> here = np.zeros((33, 2))
    >>> oks(here, here, scale_px=100.0), round(oks(here, here + 20.0, scale_px=100.0), 2)
    (1.0, 0.13)
    """
    with np.errstate(over="ignore", invalid="ignore"):
        squares = ((points - others) ** 2).sum(axis=1) / (2 * (scale_px * spread) ** 2)
    alike = np.where(np.isnan(squares), 0.0, np.exp(-squares))
    return float(np.average(alike, weights=weights))


def pose_similarity(
    points: NDArray[np.floating], others: NDArray[np.floating], size_px: float
) -> float:
    """Return the similarity of two poses over the joints of the body, 0 to 1.

    Parameters
    ----------
    points, others : (33, 2) arrays, image px
    size_px : float
        Side of the square around the whole body.
    """
    return oks(points, others, _AREA_ROOT * size_px, _IS_JOINT)
