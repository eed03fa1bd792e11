"""Messages of rotated rectangles."""

from __future__ import annotations

from google.protobuf.message import Message

from vitruvian.compat.protobuf import FLOAT, INT32, INT64, define_messages, optional, required

__all__ = ["NormalizedRect", "Rect"]


class Rect(Message):
    """A rectangle in pixels, rotated clockwise by ``rotation`` in rad."""

    x_center: int = required(1, INT32)
    y_center: int = required(2, INT32)
    height: int = required(3, INT32)
    width: int = required(4, INT32)
    rotation: float = optional(5, FLOAT)
    rect_id: int = optional(6, INT64)


class NormalizedRect(Message):
    """A rectangle normalized by the image size, rotated clockwise by ``rotation`` in rad."""

    x_center: float = required(1, FLOAT)
    y_center: float = required(2, FLOAT)
    height: float = required(3, FLOAT)
    width: float = required(4, FLOAT)
    rotation: float = optional(5, FLOAT)
    rect_id: int = optional(6, INT64)


DESCRIPTOR = define_messages(__name__)
