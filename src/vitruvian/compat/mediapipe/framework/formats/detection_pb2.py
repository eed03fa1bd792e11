"""Messages of detections in an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.message import Message

from vitruvian.compat.mediapipe.framework.formats.location_data_pb2 import LocationData
from vitruvian.compat.protobuf import (
    FLOAT,
    INT32,
    INT64,
    STRING,
    define_messages,
    optional,
    repeated,
)

if TYPE_CHECKING:
    from google.protobuf.internal.containers import (
        RepeatedCompositeFieldContainer,
        RepeatedScalarFieldContainer,
    )

__all__ = ["Detection", "DetectionList"]


class Detection(Message):
    """A detected object: its classes with scores, and its location."""

    class AssociatedDetection(Message):
        """A detection that is associated with this one."""

        id: int = optional(1, INT32)
        confidence: float = optional(2, FLOAT)

    label: RepeatedScalarFieldContainer[str] = repeated(1, STRING)
    label_id: RepeatedScalarFieldContainer[int] = repeated(2, INT32, packed=True)
    score: RepeatedScalarFieldContainer[float] = repeated(3, FLOAT, packed=True)
    location_data: LocationData = optional(4, LocationData)
    feature_tag: str = optional(5, STRING)
    track_id: str = optional(6, STRING)
    detection_id: int = optional(7, INT64)
    associated_detections: RepeatedCompositeFieldContainer[AssociatedDetection] = repeated(
        8, AssociatedDetection
    )
    display_name: RepeatedScalarFieldContainer[str] = repeated(9, STRING)
    timestamp_usec: int = optional(10, INT64)


class DetectionList(Message):
    """The detections in an image."""

    detection: RepeatedCompositeFieldContainer[Detection] = repeated(1, Detection)


DESCRIPTOR = define_messages(__name__)
