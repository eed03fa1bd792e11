"""``NormalizedKeypoint``: a keypoint of a detection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitruvian.compat.pickling import Portable

if TYPE_CHECKING:
    from vitruvian.compat.mediapipe.framework.formats.location_data_pb2 import LocationData

__all__ = ["NormalizedKeypoint"]


@dataclass
class NormalizedKeypoint(Portable):
    """A keypoint of a detection; x is normalized by the image width, y by the height."""

    x: float | None = None
    y: float | None = None
    label: str | None = None
    score: float | None = None

    def to_pb2(self) -> LocationData.RelativeKeypoint:
        """Return the keypoint as a protobuf message."""
        from vitruvian.compat.mediapipe.framework.formats.location_data_pb2 import LocationData

        return LocationData.RelativeKeypoint(
            x=self.x, y=self.y, keypoint_label=self.label, score=self.score
        )

    @classmethod
    def create_from_pb2(cls, pb2_obj: LocationData.RelativeKeypoint) -> NormalizedKeypoint:
        """Return the keypoint from a protobuf message."""
        return cls(pb2_obj.x, pb2_obj.y, pb2_obj.keypoint_label, pb2_obj.score)
