"""Messages of the landmarks of one hand or body, and of several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.message import Message

from vitruvian.compat.mediapipe.framework.formats.classification_pb2 import ClassificationList
from vitruvian.compat.mediapipe.framework.formats.landmark_pb2 import (
    LandmarkList,
    NormalizedLandmarkList,
)
from vitruvian.compat.mediapipe.framework.formats.rect_pb2 import NormalizedRect
from vitruvian.compat.protobuf import define_messages, optional, repeated

if TYPE_CHECKING:
    from google.protobuf.internal.containers import RepeatedCompositeFieldContainer

__all__ = ["LandmarksDetectionResult", "MultiLandmarksDetectionResult"]


class LandmarksDetectionResult(Message):
    """The landmarks of one hand or body."""

    landmarks: NormalizedLandmarkList = optional(1, NormalizedLandmarkList)
    classifications: ClassificationList = optional(2, ClassificationList)
    world_landmarks: LandmarkList = optional(3, LandmarkList)
    rect: NormalizedRect = optional(4, NormalizedRect)


class MultiLandmarksDetectionResult(Message):
    """The landmarks of several hands or bodies."""

    landmarks: RepeatedCompositeFieldContainer[NormalizedLandmarkList] = repeated(
        1, NormalizedLandmarkList
    )
    classifications: RepeatedCompositeFieldContainer[ClassificationList] = repeated(
        2, ClassificationList
    )
    world_landmarks: RepeatedCompositeFieldContainer[LandmarkList] = repeated(3, LandmarkList)
    rects: RepeatedCompositeFieldContainer[NormalizedRect] = repeated(4, NormalizedRect)


DESCRIPTOR = define_messages(__name__, package="mediapipe.tasks.containers.proto")
