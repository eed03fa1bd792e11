"""Similarity of two poses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.skeleton import BLAZEPOSE, COCO17

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.core.pose import Pose

__all__ = ["AREA_OF_BOX", "SPREAD", "expected_oks", "oks", "pose_similarity"]

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
AREA_OF_BOX = 0.53  # mean area of a COCO person relative to the box: xtcocotools, cocoeval.py
_OF_COCO = np.array([BLAZEPOSE.index(name) for name in COCO17.names])
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


def expected_oks(pose: Pose) -> float:
    """Return the OKS that a pose can be expected to have, 0 to 1: a confidence that ranks poses.

    `Pose.score` says that a person is there, and is near 1 for most poses. The spread of the heat
    maps says how exactly the landmarks are known, so that it ranks the poses of many images better.

    Parameters
    ----------
    pose : Pose
        Without `spread_px`, as with MediaPipe's profiles, the result is its score.

    Notes
    -----
    The error of a landmark is taken as normal with the standard deviation `spread_px` in x and y.
    The mean of ``exp(-d**2 / (2 * area * spread**2))`` then is
    ``1 / (1 + spread_px**2 / (area * spread**2))``; the result is its average over COCO's 17
    landmarks. The area is 0.53 of the box of the landmarks, as that of an average COCO person.
    """
    if pose.spread_px is None:
        return pose.score
    points = pose.landmarks[:, :2]
    area_px2 = AREA_OF_BOX * float(np.prod(np.ptp(points, axis=0), dtype=np.float64))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = pose.spread_px[_OF_COCO] ** 2 / (area_px2 * SPREAD[_OF_COCO] ** 2)
    return float(np.nan_to_num(1 / (1 + ratios), nan=0.0).mean())


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
