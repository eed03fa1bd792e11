"""``ImageProcessingOptions``: how a picture is turned."""

from dataclasses import dataclass

from vitruvian.compat.mediapipe.tasks.python.components.containers.rect import Rect, RectF

__all__ = ["ImageProcessingOptions"]


@dataclass
class ImageProcessingOptions:
    """How a picture is turned before it is looked at.

    Attributes
    ----------
    region_of_interest : RectF, optional
        Refused by the Pose Landmarker, as in MediaPipe.
    rotation_degrees : int
        How far to turn the picture clockwise for people to stand upright, a multiple of 90. The
        answer is in the coordinates of the picture as it was given.
    """

    region_of_interest: RectF | Rect | None = None
    rotation_degrees: int = 0
