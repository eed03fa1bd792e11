"""``Rect``, ``RectF`` and ``NormalizedRect``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitruvian.compat.pickling import Portable

if TYPE_CHECKING:
    from vitruvian.compat.mediapipe.framework.formats.rect_pb2 import NormalizedRect as Message

__all__ = ["NormalizedRect", "Rect", "RectF"]


@dataclass
class Rect:
    """A rectangle in px. Field order of MediaPipe 1.2.2; 0.10 has `right` before `bottom`."""

    left: int
    top: int
    bottom: int
    right: int


@dataclass
class RectF:
    """A rectangle in normalized image coordinates."""

    left: float
    top: float
    bottom: float
    right: float


@dataclass
class NormalizedRect(Portable):
    """A rotated rectangle.

    Attributes
    ----------
    x_center, y_center, width, height : float
        Normalized by the image width and height.
    rotation : float
        Clockwise, rad.
    rect_id : int
        ID of the tracked object.
    """

    x_center: float
    y_center: float
    width: float
    height: float
    rotation: float | None = 0.0
    rect_id: int | None = None

    def to_pb2(self) -> Message:
        """Return the rectangle as a protobuf message."""
        from vitruvian.compat.mediapipe.framework.formats.rect_pb2 import NormalizedRect as Message

        return Message(
            x_center=self.x_center,
            y_center=self.y_center,
            width=self.width,
            height=self.height,
            rotation=self.rotation,
            rect_id=self.rect_id,
        )

    @classmethod
    def create_from_pb2(cls, pb2_obj: Message) -> NormalizedRect:
        """Return the rectangle from a protobuf message."""
        return cls(
            pb2_obj.x_center,
            pb2_obj.y_center,
            pb2_obj.width,
            pb2_obj.height,
            pb2_obj.rotation,
            pb2_obj.rect_id,
        )
