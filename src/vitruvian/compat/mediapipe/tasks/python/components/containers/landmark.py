"""``Landmark`` and ``NormalizedLandmark``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
class _Values:
    """The values of both; what is not known is None."""

    x: float | None = None
    y: float | None = None
    z: float | None = None
    visibility: float | None = None
    presence: float | None = None
    name: str | None = None

    @classmethod
    def create_from_pb2(cls, pb2_obj: LandmarkMessage | NormalizedLandmarkMessage) -> Self:
        """Return the landmark of a message; what is not set there is 0."""
        return cls(pb2_obj.x, pb2_obj.y, pb2_obj.z, pb2_obj.visibility, pb2_obj.presence)

    def _fields(self) -> dict[str, float | None]:
        """Return what a message of it has; a name is not among it."""
        return {k: getattr(self, k) for k in ("x", "y", "z", "visibility", "presence")}


@dataclass
class Landmark(_Values):
    """A point in metres, from the middle of the hips.

    Attributes
    ----------
    x, y, z : float
        To the right, down and away from the camera, m.
    visibility : float
        How likely it is in the image and not hidden, 0 to 1.
    presence : float
        How likely it is inside the image, 0 to 1.
    name : str
        Not used.
    """

    def to_pb2(self) -> LandmarkMessage:
        """Return the message of this landmark."""
        from vitruvian.compat.mediapipe.framework.formats.landmark_pb2 import Landmark as Message

        return Message(**self._fields())


@dataclass
class NormalizedLandmark(_Values):
    """A point in the image.

    Attributes
    ----------
    x, y, z : float
        x in widths and y in heights of the image, from its upper left corner; z in the scale of x,
        0 at the middle of the hips, smaller is nearer to the camera.
    visibility : float
        How likely it is in the image and not hidden, 0 to 1.
    presence : float
        How likely it is inside the image, 0 to 1.
    name : str
        Not used.
    """

    def to_pb2(self) -> NormalizedLandmarkMessage:
        """Return the message of this landmark."""
        from vitruvian.compat.mediapipe.framework.formats.landmark_pb2 import (
            NormalizedLandmark as Message,
        )

        return Message(**self._fields())
