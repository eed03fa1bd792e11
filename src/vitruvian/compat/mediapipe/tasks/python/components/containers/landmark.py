"""``Landmark`` and ``NormalizedLandmark``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitruvian.compat.pickling import Portable

if TYPE_CHECKING:
    from typing import Self

    from vitruvian.compat.mediapipe.framework.formats.landmark_pb2 import (
        Landmark as LandmarkMessage,
    )
    from vitruvian.compat.mediapipe.framework.formats.landmark_pb2 import (
        NormalizedLandmark as NormalizedLandmarkMessage,
    )

__all__ = ["Landmark", "NormalizedLandmark"]


@dataclass
class _LandmarkFields(Portable):
    """Fields of both landmark classes; None if unknown."""

    x: float | None = None
    y: float | None = None
    z: float | None = None
    visibility: float | None = None
    presence: float | None = None
    name: str | None = None

    @classmethod
    def create_from_pb2(cls, pb2_obj: LandmarkMessage | NormalizedLandmarkMessage) -> Self:
        """Return the landmark from a protobuf message; fields that are not set become 0."""
        return cls(pb2_obj.x, pb2_obj.y, pb2_obj.z, pb2_obj.visibility, pb2_obj.presence)

    def _message_fields(self) -> dict[str, float | None]:
        """Return the fields that the protobuf message has, which is all but the name."""
        return {k: getattr(self, k) for k in ("x", "y", "z", "visibility", "presence")}


@dataclass
class Landmark(_LandmarkFields):
    """A landmark in world coordinates: metres, origin at the midpoint of the hips.

    Attributes
    ----------
    x, y, z : float
        x right, y down, z away from the camera, m.
    visibility : float
        Likelihood that the landmark is in the image and not occluded, 0 to 1.
    presence : float
        Likelihood that the landmark is in the image, 0 to 1.
    name : str
        Not used.
    """

    def to_pb2(self) -> LandmarkMessage:
        """Return the landmark as a protobuf message."""
        from vitruvian.compat.mediapipe.framework.formats.landmark_pb2 import Landmark as Message

        return Message(**self._message_fields())


@dataclass
class NormalizedLandmark(_LandmarkFields):
    """A landmark in normalized image coordinates.

    Attributes
    ----------
    x, y, z : float
        x normalized by the image width and y by the height, from the upper left corner; z in the
        scale of x, 0 at the midpoint of the hips, smaller is closer to the camera.
    visibility : float
        Likelihood that the landmark is in the image and not occluded, 0 to 1.
    presence : float
        Likelihood that the landmark is in the image, 0 to 1.
    name : str
        Not used.
    """

    def to_pb2(self) -> NormalizedLandmarkMessage:
        """Return the landmark as a protobuf message."""
        from vitruvian.compat.mediapipe.framework.formats.landmark_pb2 import (
            NormalizedLandmark as Message,
        )

        return Message(**self._message_fields())
