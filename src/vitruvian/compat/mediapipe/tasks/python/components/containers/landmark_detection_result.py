"""``LandmarksDetectionResult``: the landmarks of one detected object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitruvian.compat.mediapipe.tasks.python.components.containers.category import Category
from vitruvian.compat.mediapipe.tasks.python.components.containers.landmark import (
    Landmark,
    NormalizedLandmark,
)
from vitruvian.compat.mediapipe.tasks.python.components.containers.rect import NormalizedRect
from vitruvian.compat.pickling import Portable

if TYPE_CHECKING:
    from vitruvian.compat.mediapipe.tasks.cc.components.containers.proto.landmarks_detection_result_pb2 import (  # noqa: E501
        LandmarksDetectionResult as Message,
    )

__all__ = ["LandmarksDetectionResult"]


@dataclass
class LandmarksDetectionResult(Portable):
    """Landmarks, categories, world landmarks and region of one detected object."""

    landmarks: list[NormalizedLandmark] | None
    categories: list[Category] | None
    world_landmarks: list[Landmark] | None
    rect: NormalizedRect

    def to_pb2(self) -> Message:
        """Return the result as a protobuf message."""
        from vitruvian.compat.mediapipe.framework.formats.classification_pb2 import (
            ClassificationList,
        )
        from vitruvian.compat.mediapipe.framework.formats.landmark_pb2 import (
            LandmarkList,
            NormalizedLandmarkList,
        )
        from vitruvian.compat.mediapipe.tasks.cc.components.containers.proto.landmarks_detection_result_pb2 import (  # noqa: E501
            LandmarksDetectionResult as Message,
        )

        return Message(
            landmarks=NormalizedLandmarkList(
                landmark=[landmark.to_pb2() for landmark in self.landmarks or ()]
            ),
            classifications=ClassificationList(
                classification=[category.to_pb2() for category in self.categories or ()]
            ),
            world_landmarks=LandmarkList(
                landmark=[landmark.to_pb2() for landmark in self.world_landmarks or ()]
            ),
            rect=self.rect.to_pb2(),
        )

    @classmethod
    def create_from_pb2(cls, pb2_obj: Message) -> LandmarksDetectionResult:
        """Return the result from a protobuf message."""
        return cls(
            [NormalizedLandmark.create_from_pb2(x) for x in pb2_obj.landmarks.landmark],
            [Category.create_from_pb2(x) for x in pb2_obj.classifications.classification],
            [Landmark.create_from_pb2(x) for x in pb2_obj.world_landmarks.landmark],
            NormalizedRect.create_from_pb2(pb2_obj.rect),
        )
