"""The landmarks of one hand or body, and of several."""

from __future__ import annotations

from vitruvian.compat.mediapipe.framework.formats.classification_pb2 import ClassificationList
from vitruvian.compat.mediapipe.framework.formats.landmark_pb2 import (
    LandmarkList,
    NormalizedLandmarkList,
)
from vitruvian.compat.mediapipe.framework.formats.rect_pb2 import NormalizedRect
from vitruvian.compat.protobuf import Message, RepeatedCompositeContainer, optional, repeated

__all__ = ["LandmarksDetectionResult", "MultiLandmarksDetectionResult"]

PACKAGE = "mediapipe.tasks.containers.proto"


class LandmarksDetectionResult(Message, package=PACKAGE):
    """The landmarks of one."""

    landmarks: NormalizedLandmarkList = optional(1, NormalizedLandmarkList)
    classifications: ClassificationList = optional(2, ClassificationList)
    world_landmarks: LandmarkList = optional(3, LandmarkList)
    rect: NormalizedRect = optional(4, NormalizedRect)


class MultiLandmarksDetectionResult(Message, package=PACKAGE):
    """The landmarks of several."""

    landmarks: RepeatedCompositeContainer[NormalizedLandmarkList] = repeated(
        1, NormalizedLandmarkList
    )
    classifications: RepeatedCompositeContainer[ClassificationList] = repeated(
        2, ClassificationList
    )
    world_landmarks: RepeatedCompositeContainer[LandmarkList] = repeated(3, LandmarkList)
    rects: RepeatedCompositeContainer[NormalizedRect] = repeated(4, NormalizedRect)
