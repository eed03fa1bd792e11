"""Messages of locations in an image."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from google.protobuf.message import Message

from vitruvian.compat.mediapipe.framework.formats.annotation.rasterization_pb2 import Rasterization
from vitruvian.compat.protobuf import FLOAT, INT32, STRING, define_messages, optional, repeated

if TYPE_CHECKING:
    from google.protobuf.internal.containers import RepeatedCompositeFieldContainer

__all__ = ["LocationData"]


class LocationData(Message):
    """A location in an image; ``format`` selects the field that contains it."""

    class Format(IntEnum):
        """The field that contains the location."""

        GLOBAL = 0
        BOUNDING_BOX = 1
        RELATIVE_BOUNDING_BOX = 2
        MASK = 3

    GLOBAL, BOUNDING_BOX, RELATIVE_BOUNDING_BOX, MASK = Format

    class BoundingBox(Message):
        """A box in pixels."""

        xmin: int = optional(1, INT32)
        ymin: int = optional(2, INT32)
        width: int = optional(3, INT32)
        height: int = optional(4, INT32)

    class RelativeBoundingBox(Message):
        """A box normalized by the image width and height."""

        xmin: float = optional(1, FLOAT)
        ymin: float = optional(2, FLOAT)
        width: float = optional(3, FLOAT)
        height: float = optional(4, FLOAT)

    class BinaryMask(Message):
        """The mask of an object, in an image of this size."""

        width: int = optional(1, INT32)
        height: int = optional(2, INT32)
        rasterization: Rasterization = optional(3, Rasterization)

    class RelativeKeypoint(Message):
        """A point normalized by the image width and height."""

        x: float = optional(1, FLOAT)
        y: float = optional(2, FLOAT)
        keypoint_label: str = optional(3, STRING)
        score: float = optional(4, FLOAT)

    format: int = optional(1, Format)
    bounding_box: BoundingBox = optional(2, BoundingBox)
    relative_bounding_box: RelativeBoundingBox = optional(3, RelativeBoundingBox)
    mask: BinaryMask = optional(4, BinaryMask)
    relative_keypoints: RepeatedCompositeFieldContainer[RelativeKeypoint] = repeated(
        5, RelativeKeypoint
    )


DESCRIPTOR = define_messages(__name__)
