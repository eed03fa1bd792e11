"""Points that joints are measured from: landmarks of a space, and the middles between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from vitruvian.core.camera import Camera
from vitruvian.core.sequence import PersonSequence
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.lift.placement import place_person

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.core.pose import Pose

__all__ = [
    "HEAD",
    "HIPS",
    "MIN_VISIBILITY",
    "NECK",
    "TRUNK",
    "Space",
    "is_placed",
    "landmarks_of",
    "middles_added",
    "points_of",
    "row",
]

Space = Literal["auto", "camera", "world", "image"]

MIN_VISIBILITY = 0.3  # below it a landmark counts as missing

HIPS, NECK, HEAD = range(len(BLAZEPOSE), len(BLAZEPOSE) + 3)
"""Rows of the middles of hips, shoulders and ears, after those of the landmarks."""

TRUNK = {
    name: HEAD + 1 + i
    for i, name in enumerate(("left_hip", "right_hip", "left_shoulder", "right_shoulder"))
}
"""Rows of the corners of the trunk, which are known if one of the two is visible."""

_PAIRS = np.array(
    [[BLAZEPOSE.index(f"{s}_{p}") for p in ("hip", "shoulder", "ear")] for s in ("left", "right")]
)
_CORNERS = [BLAZEPOSE.index(name) for name in TRUNK]


def row(name: str) -> int:
    """Return the row of a landmark of `BLAZEPOSE`, or of "hips", "neck" or "head"."""
    middles = {"hips": HIPS, "neck": NECK, "head": HEAD}
    return middles[name] if name in middles else BLAZEPOSE.index(name)


def landmarks_of(index: int) -> tuple[int, ...]:
    """Return the landmarks whose mean is the point of a row, up to `HEAD`."""
    if index < HIPS:
        return (index,)
    left, right = _PAIRS[:, index - HIPS].tolist()
    return left, right


def middles_added(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return points (..., 40, D): landmarks (..., 33, D), `HIPS`, `NECK`, `HEAD` and `TRUNK`."""
    values = np.asarray(points, np.float64)
    left, right = values[..., _PAIRS[0], :], values[..., _PAIRS[1], :]
    return np.concatenate([values, 0.5 * (left + right), values[..., _CORNERS, :]], axis=-2)


def points_of(
    person: PersonSequence | Pose, space: Space, *, min_visibility: float = MIN_VISIBILITY
) -> NDArray[np.float64]:
    """Return the points (T, 40, D) of a person, or (40, D) of a pose; NaN where not visible.

    Parameters
    ----------
    space : {"auto", "camera", "world", "image"}
        "image": x and y, px. "camera" and "world": x, y, z, m. "auto": "camera"; a person without
        camera landmarks is placed in front of a camera with the usual field of view, with bones of
        constant length. A single pose without them, or poses of images of several sizes, have
        "world".
    min_visibility : float
        Landmarks with a lower visibility are NaN. Middles and corners of the trunk need one
        landmark of the pair: the far hip and shoulder are hidden in a view from the side.

    Raises
    ------
    ValueError
        If `space` is unknown, or "camera" without camera landmarks.
    """
    if space == "auto":
        points = _best_points(person)
    elif space == "camera":
        if person.camera is None or not np.isfinite(person.camera).any():
            raise ValueError("space 'camera' needs camera landmarks, this person has none")
        points = person.camera
    elif space == "world":
        points = person.world
    elif space == "image":
        points = person.landmarks[..., :2]
    else:
        raise ValueError(f"space must be auto, camera, world or image, got {space!r}")
    is_visible = person.visibility >= min_visibility
    of_pairs = is_visible[..., _PAIRS[0]] | is_visible[..., _PAIRS[1]]  # hips, shoulders, ears
    is_known = np.concatenate([is_visible, of_pairs, of_pairs[..., [0, 0, 1, 1]]], axis=-1)
    return np.where(is_known[..., None], middles_added(points), np.nan)


def is_placed(person: PersonSequence | Pose) -> bool:
    """Return whether the points of space "auto" are depths estimated here, from image and world.

    Not if there are camera landmarks, whose origin is unknown.
    """
    return not _has_camera(person) and isinstance(person, PersonSequence) and _is_a_clip(person)


def _best_points(person: PersonSequence | Pose) -> NDArray[np.floating]:
    if person.camera is not None and _has_camera(person):
        return person.camera
    if isinstance(person, PersonSequence) and _is_a_clip(person):
        width, height = person.wh[0].tolist()
        return place_person(person, Camera.from_fov((width, height)), joints="bones").joints
    return person.world


def _has_camera(person: PersonSequence | Pose) -> bool:
    return person.camera is not None and bool(np.isfinite(person.camera).any())


def _is_a_clip(person: PersonSequence) -> bool:
    """Return whether the frames have one size and times that increase."""
    has_one_size = len(person) > 0 and bool((person.wh == person.wh[0]).all())
    return has_one_size and bool((np.diff(person.timestamps_us) > 0).all())
