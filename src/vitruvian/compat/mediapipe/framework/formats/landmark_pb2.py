"""Landmarks, and lists of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.compat.protobuf import (
    FLOAT,
    Message,
    RepeatedCompositeContainer,
    optional,
    repeated,
)
from vitruvian.compat.protobuf.repeated import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

__all__ = [
    "Landmark",
    "LandmarkList",
    "LandmarkListCollection",
    "NormalizedLandmark",
    "NormalizedLandmarkList",
    "NormalizedLandmarkListCollection",
    "landmark_list",
    "normalized_landmark_list",
]


class Landmark(Message):
    """A point in metres."""

    x: float = optional(1, FLOAT)
    y: float = optional(2, FLOAT)
    z: float = optional(3, FLOAT)
    visibility: float = optional(4, FLOAT)
    presence: float = optional(5, FLOAT)


class LandmarkList(Message):
    """The points of one body, in metres."""

    landmark: RepeatedCompositeContainer[Landmark] = repeated(1, Landmark)


class LandmarkListCollection(Message):
    """The points of several bodies, in metres."""

    landmark_list: RepeatedCompositeContainer[LandmarkList] = repeated(1, LandmarkList)


class NormalizedLandmark(Message):
    """A point of the image: x in its widths, y in its heights, z in its widths."""

    x: float = optional(1, FLOAT)
    y: float = optional(2, FLOAT)
    z: float = optional(3, FLOAT)
    visibility: float = optional(4, FLOAT)
    presence: float = optional(5, FLOAT)


class NormalizedLandmarkList(Message):
    """The points of one body in the image."""

    landmark: RepeatedCompositeContainer[NormalizedLandmark] = repeated(1, NormalizedLandmark)


class NormalizedLandmarkListCollection(Message):
    """The points of several bodies in the image."""

    landmark_list: RepeatedCompositeContainer[NormalizedLandmarkList] = repeated(
        1, NormalizedLandmarkList
    )


def normalized_landmark_list(
    landmarks: npt.ArrayLike,
    visibility: npt.ArrayLike | None = None,
    presence: npt.ArrayLike | None = None,
) -> NormalizedLandmarkList:
    """Return a list whose landmarks are made from arrays when one of them is asked for.

    Parameters
    ----------
    landmarks : array_like, shape (n, 3)
        x, y and z in the units of `NormalizedLandmark`.
    visibility, presence : array_like, shape (n,), optional
        Without them, the field is not set.
    """
    message = NormalizedLandmarkList()
    columns = _columns(landmarks, visibility, presence)
    message.__dict__["landmark"] = table(NormalizedLandmark, *columns)
    return message


def landmark_list(
    landmarks: npt.ArrayLike,
    visibility: npt.ArrayLike | None = None,
    presence: npt.ArrayLike | None = None,
) -> LandmarkList:
    """Return a list of landmarks in metres; as `normalized_landmark_list` else."""
    message = LandmarkList()
    message.__dict__["landmark"] = table(Landmark, *_columns(landmarks, visibility, presence))
    return message


def _columns(
    landmarks: npt.ArrayLike, visibility: npt.ArrayLike | None, presence: npt.ArrayLike | None
) -> tuple[list[str], list[Sequence[float]]]:
    names = ["x", "y", "z"]
    columns: list[Sequence[float]] = np.asarray(landmarks, np.float32).T.tolist()
    for name, values in (("visibility", visibility), ("presence", presence)):
        if values is not None:
            names.append(name)
            columns.append(np.asarray(values, np.float32).tolist())
    return names, columns
