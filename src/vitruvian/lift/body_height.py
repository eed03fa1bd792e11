"""Body height from world landmarks: what a height given in metres is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.rotations import angle_between
from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["body_height_m", "heights_by_frame"]

NECK_TO_TOP = 1.5  # Pose2Sim, common.py, compute_height: from shoulders to nose, to the head's top
MAX_FLEXION_DEG = 90.0  # same function: mean of hip and knee flexion of the frames that count
MIN_FRAMES = 50  # same function: with fewer such frames, the straightest ones count
MIDDLE = 0.5  # same function: share of the sorted heights whose mean is taken
VISIBLE = 0.5

SIDES = np.array(
    [
        [BLAZEPOSE.index(f"{side}_{part}") for side in ("left", "right")]
        for part in ("heel", "ankle", "knee", "hip", "shoulder")
    ]
)
NOSE = BLAZEPOSE.index("nose")


def body_height_m(world: ArrayLike, visibility: ArrayLike) -> float:
    """Return the body height that world landmarks of one person imply, m.

    Parameters
    ----------
    world : (T, 33, 3) array, m
        NaN in frames without the person.
    visibility : (T, 33) array
        Frames in which all landmarks of trunk, legs and nose are visible are preferred, if there
        are 10 of them.

    Returns
    -------
    float
        NaN if no frame has the landmarks. The models underestimate: a man of 1.74 m gave 1.61 to
        1.70 m.

    Notes
    -----
    Source: Pose2Sim, ``compute_height`` for skeletons without a landmark at the top of the head.
    The heights of the straightest frames are sorted, and the mean of the middle half is taken.

    Examples
    --------
    >>> body_height_m(np.full((2, 33, 3), np.nan), np.zeros((2, 33)))
    nan
    """
    points = np.asarray(world, np.float64)
    heights = heights_by_frame(points)
    is_known = np.isfinite(heights)
    needed = [NOSE, *SIDES.ravel().tolist()]
    is_seen = is_known & (np.asarray(visibility)[:, needed] >= VISIBLE).all(axis=1)
    rows = np.flatnonzero(is_seen if is_seen.sum() >= 10 else is_known)
    if not rows.size:
        return float("nan")
    flexion = _flexion_deg(points[rows])
    is_straight = flexion < MAX_FLEXION_DEG
    if is_straight.sum() >= MIN_FRAMES:
        rows = rows[is_straight]
    else:
        rows = rows[np.argsort(flexion, kind="stable")[:MIN_FRAMES]]
    ordered = np.sort(heights[rows])
    cut = int(len(ordered) * (1 - MIDDLE) / 2)
    return float(ordered[cut : len(ordered) - cut].mean())


def heights_by_frame(world: ArrayLike) -> NDArray[np.float64]:
    """Return the body heights (T,), m, of world landmarks (T, 33, 3), each frame on its own.

    It is the length of heel, shank, thigh and trunk, means of both sides, and 1.5 times the
    distance from the middle of the shoulders to the nose. NaN where one of them is NaN.
    """
    points = np.asarray(world, np.float64)
    chain = points[:, SIDES]
    bones = np.linalg.norm(np.diff(chain, axis=1), axis=-1)
    head = np.linalg.norm(points[:, NOSE] - chain[:, -1].mean(axis=1), axis=-1)
    heights: NDArray[np.float64] = bones.mean(axis=2).sum(axis=1) + NECK_TO_TOP * head
    return heights


def _flexion_deg(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean flexion (T,) of both hips and knees, 0 when straight."""
    ankles, knees, hips, shoulders = (points[:, pair] for pair in SIDES[1:])
    at_knees = angle_between(knees - hips, ankles - knees)
    at_hips = angle_between(hips - shoulders, knees - hips)
    flexion: NDArray[np.float64] = np.concatenate([at_knees, at_hips], axis=1).mean(axis=1)
    return np.degrees(flexion)
