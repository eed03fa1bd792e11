"""``Detection``, which `drawing_utils` draws, and ``DetectionResult``."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from vitruvian.compat.mediapipe.tasks.python.components.containers.bounding_box import BoundingBox
from vitruvian.compat.mediapipe.tasks.python.components.containers.category import Category
from vitruvian.compat.mediapipe.tasks.python.components.containers.keypoint import (
    NormalizedKeypoint,
)
from vitruvian.compat.pickling import Portable

if TYPE_CHECKING:
    from vitruvian.compat.mediapipe.framework.formats import detection_pb2

__all__ = ["Detection", "DetectionResult"]


@dataclass
class Detection(Portable):
    """One detection: bounding box, categories and keypoints."""

    bounding_box: BoundingBox
    categories: list[Category]
    keypoints: list[NormalizedKeypoint] | None = None

    def to_pb2(self) -> detection_pb2.Detection:
        """Return the detection as a protobuf message, without the names that are None."""
        from vitruvian.compat.mediapipe.framework.formats.detection_pb2 import Detection as Message

        message = Message(
            label=[c.category_name for c in self.categories if c.category_name is not None],
            label_id=[c.index for c in self.categories if c.index is not None],
            score=[c.score for c in self.categories if c.score is not None],
            display_name=[c.display_name for c in self.categories if c.display_name is not None],
        )
        location = message.location_data
        location.format = location.BOUNDING_BOX
        location.bounding_box.CopyFrom(self.bounding_box.to_pb2())
        location.relative_keypoints.extend(k.to_pb2() for k in self.keypoints or ())
        return message

    @classmethod
    def create_from_pb2(cls, pb2_obj: detection_pb2.Detection) -> Detection:
        """Return the detection from a protobuf message: a category for each score."""
        columns = (pb2_obj.label_id, pb2_obj.score, pb2_obj.display_name, pb2_obj.label)
        rows = [*zip_longest(*columns)][: len(pb2_obj.score)]
        location = pb2_obj.location_data
        return cls(
            BoundingBox.create_from_pb2(location.bounding_box),
            [Category(*row) for row in rows],
            [NormalizedKeypoint.create_from_pb2(k) for k in location.relative_keypoints],
        )


@dataclass
class DetectionResult(Portable):
    """The detections in an image."""

    detections: list[Detection]

    def to_pb2(self) -> detection_pb2.DetectionList:
        """Return the detections as a protobuf message."""
        from vitruvian.compat.mediapipe.framework.formats.detection_pb2 import DetectionList

        return DetectionList(detection=[detection.to_pb2() for detection in self.detections])

    @classmethod
    def create_from_pb2(cls, pb2_obj: detection_pb2.DetectionList) -> DetectionResult:
        """Return the detections from a protobuf message."""
        return cls([Detection.create_from_pb2(detection) for detection in pb2_obj.detection])
