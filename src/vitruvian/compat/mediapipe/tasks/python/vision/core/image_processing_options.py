"""``ImageProcessingOptions``: rotation of the image before detection."""

from dataclasses import dataclass

from vitruvian.compat.mediapipe.tasks.python.components.containers.rect import Rect, RectF

__all__ = ["ImageProcessingOptions"]


@dataclass
class ImageProcessingOptions:
    """Options for the preprocessing of an image.

    Attributes
    ----------
    region_of_interest : RectF, optional
        Not supported by the Pose Landmarker, as in MediaPipe: raises ValueError.
    rotation_degrees : int
        Clockwise rotation that makes people upright, a multiple of 90. Results are in the
        coordinates of the original image.
    """

    region_of_interest: RectF | Rect | None = None
    rotation_degrees: int = 0
