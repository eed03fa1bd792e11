"""The ground under a person: what is up, and how high the floor is."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.rotations import angle_between, unit
from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = [
    "GLTF_FROM_CAMERA",
    "UP_IN_IMAGE",
    "floor_of",
    "lowest_foot",
    "mid_hips",
    "up_of_body",
    "up_of_tilt",
]

UP_IN_IMAGE = np.array([0.0, -1.0, 0.0])
GLTF_FROM_CAMERA = np.diag([1.0, -1.0, -1.0])
VISIBLE = 0.5
STRAIGHT_DEG = 120.0  # angle of both knees of a person who stands or walks
MAX_TILT_DEG = 60.0  # beyond it, the person rather lies than the camera looks down
FLOOR_PERCENTILE = 2.0
FOOT_HEIGHT_M = 0.02  # of the landmarks of heel and toes above the floor


def _pair(part: str) -> list[int]:
    return [BLAZEPOSE.index(f"{side}_{part}") for side in ("left", "right")]


LEGS = np.array([_pair(part) for part in ("hip", "knee", "ankle")])
HIPS = _pair("hip")
FEET = _pair("heel") + _pair("foot_index")


def up_of_body(points: Floats, visibility: ArrayLike) -> Floats | None:
    """Return the unit vector from the ankles to the hips of a person who stands or walks.

    Parameters
    ----------
    points : (T, 33, 3) array, camera axes
    visibility : (T, 33) array

    Returns
    -------
    (3,) array or None
        The median over the frames in which both knees are nearly straight and one leg is visible.
        None if there are none, or if it is more than 60° off the up of the image, as of someone who
        lies.

    Notes
    -----
    The hips of a balanced person are above the feet. The trunk is no measure of up: the networks
    tilt it forward, by 20° and more.
    """
    legs = points[:, LEGS]
    hips, knees, ankles = legs[:, 0], legs[:, 1], legs[:, 2]
    at_knees = np.degrees(angle_between(hips - knees, ankles - knees))
    is_seen: NDArray[np.bool_] = np.asarray(visibility)[:, LEGS] >= VISIBLE
    is_visible = np.any(is_seen.all(axis=1), axis=1)
    body = unit(hips.mean(axis=1) - ankles.mean(axis=1))
    rows = is_visible & (at_knees > STRAIGHT_DEG).all(axis=1) & np.isfinite(body).all(axis=1)
    if not rows.any():
        return None
    up = unit(np.median(body[rows], axis=0))
    tilt_deg = np.degrees(angle_between(up, UP_IN_IMAGE))
    return up if tilt_deg <= MAX_TILT_DEG else None


def up_of_tilt(tilt_deg: float) -> Floats:
    """Return up in camera axes for a camera that looks down by an angle.

    Examples
    --------
    >>> up_of_tilt(30).round(3).tolist()
    [0.0, -0.866, -0.5]
    """
    tilt = np.radians(tilt_deg)
    return np.array([0.0, -np.cos(tilt), -np.sin(tilt)])


def mid_hips(points: Floats) -> Floats:
    """Return the middle of the hips (T, 3) of points (T, 33, 3)."""
    middle: Floats = points[:, HIPS].mean(axis=1)
    return middle


def lowest_foot(points: Floats) -> Floats:
    """Return the height (T,) of the lowest of heels and toes of points (T, 33, 3), Y up."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a frame without feet
        return np.asarray(np.nanmin(points[:, FEET, 1], axis=1))


def floor_of(points: Floats) -> float:
    """Return the height of the floor under a clip, 0 without any foot.

    It is the 2nd percentile of the lowest foot, less the height of its landmarks.
    """
    heights = lowest_foot(points)
    heights = heights[np.isfinite(heights)]
    return float(np.percentile(heights, FLOOR_PERCENTILE)) - FOOT_HEIGHT_M if heights.size else 0.0
