"""Messages of landmarks, and lists of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.message import Message

from vitruvian.compat.protobuf import FLOAT, define_messages, optional, repeated

if TYPE_CHECKING:
    from google.protobuf.internal.containers import RepeatedCompositeFieldContainer

__all__ = [
    "Landmark",
    "LandmarkList",
    "LandmarkListCollection",
    "NormalizedLandmark",
    "NormalizedLandmarkList",
    "NormalizedLandmarkListCollection",
]


class Landmark(Message):
    """A landmark in metres."""

    x: float = optional(1, FLOAT)
    y: float = optional(2, FLOAT)
    z: float = optional(3, FLOAT)
    visibility: float = optional(4, FLOAT)
    presence: float = optional(5, FLOAT)


class LandmarkList(Message):
    """The landmarks of one body, in metres."""

    landmark: RepeatedCompositeFieldContainer[Landmark] = repeated(1, Landmark)


class LandmarkListCollection(Message):
    """The landmarks of several bodies, in metres."""

    landmark_list: RepeatedCompositeFieldContainer[LandmarkList] = repeated(1, LandmarkList)


class NormalizedLandmark(Message):
    """A landmark in the image: x and z normalized by its width, y by its height."""

    x: float = optional(1, FLOAT)
    y: float = optional(2, FLOAT)
    z: float = optional(3, FLOAT)
    visibility: float = optional(4, FLOAT)
    presence: float = optional(5, FLOAT)


class NormalizedLandmarkList(Message):
    """The landmarks of one body in the image."""

    landmark: RepeatedCompositeFieldContainer[NormalizedLandmark] = repeated(1, NormalizedLandmark)


class NormalizedLandmarkListCollection(Message):
    """The landmarks of several bodies in the image."""

    landmark_list: RepeatedCompositeFieldContainer[NormalizedLandmarkList] = repeated(
        1, NormalizedLandmarkList
    )


DESCRIPTOR = define_messages(__name__)
