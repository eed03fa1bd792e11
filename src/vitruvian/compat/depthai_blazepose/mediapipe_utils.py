"""The functions of depthai_blazepose's module of this name that programs import.

Decoding, filters and the code for the device are not included: the engine does that.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.compat.depthai_blazepose.body import KEYPOINT_DICT, Body, rotated_rect_to_points
from vitruvian.compat.opencv import require_cv2

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "KEYPOINT_DICT",
    "Body",
    "angle",
    "distance",
    "normalize_radians",
    "rot_vec",
    "rotated_rect_to_points",
    "warp_rect_img",
]


def distance(a: ArrayLike, b: ArrayLike) -> float:
    """Return the Euclidean distance of two points."""
    return float(np.linalg.norm(np.subtract(a, b)))


def angle(a: ArrayLike, b: ArrayLike, c: ArrayLike) -> float:
    """Return the angle at `b` between the points `a` and `c`, 0 to 180 degrees.

    NaN if `b` equals `a` or `c`.

    Examples
    --------
    >>> round(angle([1, 0, 0], [0, 0, 0], [0, 2, 0]), 6)
    90.0
    """
    to_a, to_c = np.subtract(a, b, dtype=float), np.subtract(c, b, dtype=float)
    lengths = np.linalg.norm(to_a) * np.linalg.norm(to_c)
    if lengths == 0:
        return math.nan
    return math.degrees(math.acos(np.clip(to_a @ to_c / lengths, -1.0, 1.0)))


def normalize_radians(angle: float) -> float:
    """Return an angle in [-pi, pi)."""
    return (angle + math.pi) % (2 * math.pi) - math.pi


def rot_vec(vec: Sequence[float], rotation: float) -> list[float]:
    """Return a 2D vector rotated by `rotation`, rad, clockwise with y down."""
    (x, y), cos, sin = vec, math.cos(rotation), math.sin(rotation)
    return [x * cos - y * sin, x * sin + y * cos]


def warp_rect_img(rect_points: ArrayLike, img: NDArray[Any], w: int, h: int) -> NDArray[Any]:
    """Return the crop of a rotated rectangle of an image, warped to an upright w x h px image.

    `rect_points` has the order of `Body.rect_points`.
    """
    cv2 = require_cv2("warp_rect_img")
    corners = np.asarray(rect_points, np.float32)[1:]
    upright = np.array([[0, 0], [w, 0], [w, h]], np.float32)
    return np.asarray(cv2.warpAffine(img, cv2.getAffineTransform(corners, upright), (w, h)))
