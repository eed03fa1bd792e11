"""``BoundingBox``, in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitruvian.compat.pickling import Portable

if TYPE_CHECKING:
    from vitruvian.compat.mediapipe.framework.formats.location_data_pb2 import LocationData

__all__ = ["BoundingBox"]


@dataclass
class BoundingBox(Portable):
    """Bounding box: upper left corner and size, px."""

    origin_x: int
    origin_y: int
    width: int
    height: int

    def to_pb2(self) -> LocationData.BoundingBox:
        """Return the box as a protobuf message."""
        from vitruvian.compat.mediapipe.framework.formats.location_data_pb2 import LocationData

        return LocationData.BoundingBox(
            xmin=self.origin_x, ymin=self.origin_y, width=self.width, height=self.height
        )

    @classmethod
    def create_from_pb2(cls, pb2_obj: LocationData.BoundingBox) -> BoundingBox:
        """Return the box from a protobuf message."""
        return cls(pb2_obj.xmin, pb2_obj.ymin, pb2_obj.width, pb2_obj.height)
