"""Results from protobuf messages, for the tests of the Pose Landmarker in MediaPipe 1.2.2."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vitruvian.compat.mediapipe.tasks.python.components.containers.landmark_detection_result import (  # noqa: E501
    LandmarksDetectionResult,
)
from vitruvian.compat.mediapipe.tasks.python.components.containers.rect import NormalizedRect

if TYPE_CHECKING:
    from vitruvian.compat.mediapipe.tasks.cc.components.containers.proto.landmarks_detection_result_pb2 import (  # noqa: E501
        LandmarksDetectionResult as Message,
    )

__all__ = ["create_landmarks_detection_result_from_proto"]


def create_landmarks_detection_result_from_proto(
    pb2_obj: Message,
) -> LandmarksDetectionResult:
    """Return landmarks and categories from a message, without world landmarks or region."""
    result = LandmarksDetectionResult.create_from_pb2(pb2_obj)
    return replace(result, world_landmarks=[], rect=NormalizedRect(0.0, 0.0, 0.0, 0.0))
