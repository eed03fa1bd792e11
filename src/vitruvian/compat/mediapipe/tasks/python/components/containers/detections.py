"""``Detection`` and ``DetectionResult``, which `drawing_utils` draws."""

from dataclasses import dataclass

from vitruvian.compat.mediapipe.tasks.python.components.containers.bounding_box import BoundingBox
from vitruvian.compat.mediapipe.tasks.python.components.containers.category import Category
from vitruvian.compat.mediapipe.tasks.python.components.containers.keypoint import (
    NormalizedKeypoint,
)

__all__ = ["Detection", "DetectionResult"]


@dataclass
class Detection:
    """One thing that was seen: where, what, and points of it."""

    bounding_box: BoundingBox
    categories: list[Category]
    keypoints: list[NormalizedKeypoint] | None = None


@dataclass
class DetectionResult:
    """The things that were seen in an image."""

    detections: list[Detection]
