"""Points that joints are measured from: landmarks of a space, and the middles between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.core.pose import Pose
    from vitruvian.core.sequence import PersonSequence

__all__ = ["HEAD", "HIPS", "MIN_VISIBILITY", "NECK", "Space", "middles_added", "points_of", "row"]

Space = Literal["auto", "camera", "world", "image"]

MIN_VISIBILITY = 0.3  # below it a landmark counts as missing

HIPS, NECK, HEAD = range(len(BLAZEPOSE), len(BLAZEPOSE) + 3)
"""Rows of the middles of hips, shoulders and ears, after those of the landmarks."""

_PAIRS = np.array(
    [[BLAZEPOSE.index(f"{s}_{p}") for p in ("hip", "shoulder", "ear")] for s in ("left", "right")]
)


def row(name: str) -> int:
    """Return the row of a landmark of `BLAZEPOSE`, or of "hips", "neck" or "head"."""
    middles = {"hips": HIPS, "neck": NECK, "head": HEAD}
    return middles[name] if name in middles else BLAZEPOSE.index(name)


def middles_added(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return points (..., 36, D): 33 landmarks (..., 33, D), then `HIPS`, `NECK` and `HEAD`."""
    values = np.asarray(points, np.float64)
    left, right = values[..., _PAIRS[0], :], values[..., _PAIRS[1], :]
    return np.concatenate([values, 0.5 * (left + right)], axis=-2)


def points_of(
    person: PersonSequence | Pose, space: Space, *, min_visibility: float = MIN_VISIBILITY
) -> NDArray[np.float64]:
    """Return the points (T, 36, D) of a person, or (36, D) of a pose; NaN where not visible.

    Parameters
    ----------
    space : {"auto", "camera", "world", "image"}
        "image": x and y, px. "camera" and "world": x, y, z, m. "auto": "camera" where there are
        camera landmarks, else "world".
    min_visibility : float
        Landmarks with a lower visibility are NaN.

    Raises
    ------
    ValueError
        If `space` is unknown, or "camera" without camera landmarks.
    """
    has_camera = person.camera is not None and bool(np.isfinite(person.camera).any())
    if space == "auto":
        space = "camera" if has_camera else "world"
    if space == "camera":
        if person.camera is None or not has_camera:
            raise ValueError("space 'camera' needs camera landmarks, this person has none")
        points = person.camera
    elif space == "world":
        points = person.world
    elif space == "image":
        points = person.landmarks[..., :2]
    else:
        raise ValueError(f"space must be auto, camera, world or image, got {space!r}")
    is_visible = person.visibility[..., None] >= min_visibility
    return middles_added(np.where(is_visible, points, np.nan))
