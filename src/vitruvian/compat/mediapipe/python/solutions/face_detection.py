"""The names of ``mp.solutions.face_detection``; its model is not part of vitruvian."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from vitruvian.compat.mediapipe.python.solution_base import SolutionBase

if TYPE_CHECKING:
    from vitruvian.compat.mediapipe.framework.formats.detection_pb2 import Detection
    from vitruvian.compat.mediapipe.framework.formats.location_data_pb2 import LocationData

__all__ = ["FaceDetection", "FaceKeyPoint", "get_key_point"]


class FaceKeyPoint(IntEnum):
    """The 6 keypoints of a detected face."""

    RIGHT_EYE = 0
    LEFT_EYE = 1
    NOSE_TIP = 2
    MOUTH_CENTER = 3
    RIGHT_EAR_TRAGION = 4
    LEFT_EAR_TRAGION = 5


class FaceDetection(SolutionBase):
    """The face detector of MediaPipe: can't be created."""


def get_key_point(
    detection: Detection | None, key_point_enum: FaceKeyPoint
) -> LocationData.RelativeKeypoint | None:
    """Return a keypoint of a detected face; None without a detection."""
    return detection.location_data.relative_keypoints[key_point_enum] if detection else None
