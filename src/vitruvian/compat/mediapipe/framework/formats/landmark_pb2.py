"""Landmarks, and lists of them."""

from __future__ import annotations

from vitruvian.compat.protobuf import (
    FLOAT,
    Message,
    RepeatedCompositeContainer,
    optional,
    repeated,
)

__all__ = [
    "Landmark",
    "LandmarkList",
    "LandmarkListCollection",
    "NormalizedLandmark",
    "NormalizedLandmarkList",
    "NormalizedLandmarkListCollection",
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
