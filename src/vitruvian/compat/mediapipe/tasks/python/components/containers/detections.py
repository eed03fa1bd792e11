"""``Detection``, which `drawing_utils` draws, and ``DetectionResult``."""

from dataclasses import dataclass

from vitruvian.compat.mediapipe.tasks.python.components.containers.bounding_box import BoundingBox
from vitruvian.compat.mediapipe.tasks.python.components.containers.category import Category
from vitruvian.compat.mediapipe.tasks.python.components.containers.keypoint import (
    NormalizedKeypoint,
)
from vitruvian.compat.pickling import Portable

__all__ = ["Detection", "DetectionResult"]


@dataclass
class Detection(Portable):
    """One detection: bounding box, categories and keypoints."""

    bounding_box: BoundingBox
    categories: list[Category]
    keypoints: list[NormalizedKeypoint] | None = None


@dataclass
class DetectionResult(Portable):
    """The detections in an image."""

    detections: list[Detection]
