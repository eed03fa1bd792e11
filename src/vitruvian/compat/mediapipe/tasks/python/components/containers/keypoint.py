"""``NormalizedKeypoint``: a point of a detection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitruvian.compat.mediapipe.framework.formats.location_data_pb2 import LocationData

__all__ = ["NormalizedKeypoint"]


@dataclass
class NormalizedKeypoint:
    """A point of a detection, in widths and heights of the image."""

    x: float | None = None
    y: float | None = None
    label: str | None = None
    score: float | None = None

    def to_pb2(self) -> LocationData.RelativeKeypoint:
        """Return the message of this point."""
        from vitruvian.compat.mediapipe.framework.formats.location_data_pb2 import LocationData

        return LocationData.RelativeKeypoint(
            x=self.x, y=self.y, keypoint_label=self.label, score=self.score
        )

    @classmethod
    def create_from_pb2(cls, pb2_obj: LocationData.RelativeKeypoint) -> NormalizedKeypoint:
        """Return the point of a message."""
        return cls(pb2_obj.x, pb2_obj.y, pb2_obj.keypoint_label, pb2_obj.score)
