"""Result containers of the tasks, and their conversion to protobuf messages."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, get_type_hints

import pytest

import vitruvian.compat.mediapipe as mp
from vitruvian.compat.mediapipe.framework.formats import (
    classification_pb2,
    landmark_pb2,
    location_data_pb2,
    rect_pb2,
)
from vitruvian.compat.mediapipe.tasks.cc.components.containers.proto import (
    landmarks_detection_result_pb2,
)
from vitruvian.compat.mediapipe.tasks.python.components import containers
from vitruvian.compat.mediapipe.tasks.python.components.containers.bounding_box import BoundingBox
from vitruvian.compat.mediapipe.tasks.python.components.containers.category import Category
from vitruvian.compat.mediapipe.tasks.python.components.containers.detections import (
    Detection,
    DetectionResult,
)
from vitruvian.compat.mediapipe.tasks.python.components.containers.keypoint import (
    NormalizedKeypoint,
)
from vitruvian.compat.mediapipe.tasks.python.components.containers.landmark import (
    Landmark,
    NormalizedLandmark,
)
from vitruvian.compat.mediapipe.tasks.python.components.containers.landmark_detection_result import (  # noqa: E501
    LandmarksDetectionResult,
)
from vitruvian.compat.mediapipe.tasks.python.components.containers.rect import (
    NormalizedRect,
    Rect,
    RectF,
)
from vitruvian.compat.mediapipe.tasks.python.core.base_options import BaseOptions
from vitruvian.compat.mediapipe.tasks.python.test import test_utils
from vitruvian.compat.mediapipe.tasks.python.test.vision import proto_utils
from vitruvian.compat.mediapipe.tasks.python.vision.core.image_processing_options import (
    ImageProcessingOptions,
)
from vitruvian.compat.mediapipe.tasks.python.vision.pose_landmarker import (
    PoseLandmarkerOptions,
    PoseLandmarkerResult,
)

if TYPE_CHECKING:
    from pathlib import Path

Box = location_data_pb2.LocationData.BoundingBox
Point = location_data_pb2.LocationData.RelativeKeypoint
PAIRS = [  # values exact in float32
    (
        Landmark(0.5, -0.25, 2.0, 0.75, 1.0),
        landmark_pb2.Landmark(x=0.5, y=-0.25, z=2.0, visibility=0.75, presence=1.0),
    ),
    (
        NormalizedLandmark(0.5, -0.25, 2.0, 0.75, 1.0),
        landmark_pb2.NormalizedLandmark(x=0.5, y=-0.25, z=2.0, visibility=0.75, presence=1.0),
    ),
    (
        Category(3, 0.5, "a person", "person"),
        classification_pb2.Classification(
            index=3, score=0.5, display_name="a person", label="person"
        ),
    ),
    (BoundingBox(1, 2, 3, 4), Box(xmin=1, ymin=2, width=3, height=4)),
    (
        NormalizedKeypoint(0.25, 0.5, "hip", 0.75),
        Point(x=0.25, y=0.5, keypoint_label="hip", score=0.75),
    ),
    (
        NormalizedRect(0.5, 0.25, 1.0, 2.0, -0.5, 7),
        rect_pb2.NormalizedRect(
            x_center=0.5, y_center=0.25, width=1.0, height=2.0, rotation=-0.5, rect_id=7
        ),
    ),
]


@pytest.mark.parametrize(("value", "message"), PAIRS, ids=lambda x: type(x).__name__)
def test_containers_convert_to_messages_and_back(value: Any, message: Any) -> None:
    assert value.to_pb2() == message
    assert type(value).create_from_pb2(message) == value


def test_none_fields_are_not_set_in_the_message() -> None:
    message = NormalizedLandmark(x=0.5, y=0.25).to_pb2()
    assert [message.HasField(name) for name in ("x", "y", "visibility", "presence")] == [
        True,
        True,
        False,
        False,
    ]
    assert NormalizedLandmark.create_from_pb2(message) == NormalizedLandmark(0.5, 0.25, 0, 0, 0)


def test_a_landmarks_detection_result_converts_to_a_message_and_back() -> None:
    person = LandmarksDetectionResult(
        landmarks=[NormalizedLandmark(0.5, 0.25, 0.0, 1.0, 1.0)],
        categories=[Category(0, 0.5, "", "person")],
        world_landmarks=[Landmark(1.0, 2.0, 3.0, 1.0, 1.0)],
        rect=NormalizedRect(0.5, 0.5, 1.0, 1.0, 0.0, 0),
    )
    message = person.to_pb2()
    again = landmarks_detection_result_pb2.LandmarksDetectionResult()
    again.ParseFromString(message.SerializeToString())
    assert LandmarksDetectionResult.create_from_pb2(again) == person
    bare = proto_utils.create_landmarks_detection_result_from_proto(again)
    assert (bare.landmarks, bare.categories) == (person.landmarks, person.categories)
    assert (bare.world_landmarks, bare.rect) == ([], NormalizedRect(0.0, 0.0, 0.0, 0.0))


def test_repr_and_equality_are_as_in_mediapipe() -> None:
    assert repr(NormalizedLandmark(0.5, 0.25)) == (
        "NormalizedLandmark(x=0.5, y=0.25, z=None, visibility=None, presence=None, name=None)"
    )
    assert repr(Landmark(z=1.0)) == (
        "Landmark(x=None, y=None, z=1.0, visibility=None, presence=None, name=None)"
    )
    assert NormalizedLandmark(0.5) == NormalizedLandmark(0.5) != NormalizedLandmark(0.25)
    assert NormalizedLandmark(0.5) != Landmark(0.5)
    assert repr(Category()) == (
        "Category(index=None, score=None, display_name=None, category_name=None)"
    )
    assert repr(RectF(0.0, 0.1, 0.2, 0.3)) == "RectF(left=0.0, top=0.1, bottom=0.2, right=0.3)"
    assert repr(Rect(0, 1, 2, 3)) == "Rect(left=0, top=1, bottom=2, right=3)"
    assert repr(NormalizedRect(0, 0, 1, 1)) == (
        "NormalizedRect(x_center=0, y_center=0, width=1, height=1, rotation=0.0, rect_id=None)"
    )


def test_a_landmark_is_mutable() -> None:
    landmark = NormalizedLandmark(0.5, 0.25)
    landmark.x = 0.75
    assert vars(landmark)["x"] == 0.75


def test_exported_names_equal_those_of_the_package() -> None:
    assert mp.tasks.components.containers is containers
    assert containers.NormalizedLandmark is NormalizedLandmark
    assert containers.LandmarksDetectionResult is LandmarksDetectionResult
    assert containers.rect.RectF is RectF
    assert containers.Detection is Detection
    with pytest.raises(AttributeError, match=r"pose part.*containers\.Drawing'"):
        _ = containers.Drawing


def test_test_data_is_found_by_a_path_suffix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "testdata" / "vision" / "pose.jpg"
    path.parent.mkdir(parents=True)
    path.touch()
    monkeypatch.setenv("TEST_SRCDIR", str(tmp_path))
    assert test_utils.get_test_data_path("pose.jpg") == str(path)
    assert test_utils.get_test_data_path("testdata/vision/pose.jpg") == str(path)
    with pytest.raises(ValueError, match=r"No burger\.jpg in test directory"):
        test_utils.get_test_data_path("burger.jpg")


@pytest.mark.parametrize(
    "kind",
    [
        Detection,
        LandmarksDetectionResult,
        NormalizedLandmark,
        BaseOptions,
        ImageProcessingOptions,
        PoseLandmarkerOptions,
        PoseLandmarkerResult,
    ],
)
def test_get_type_hints_works_on_the_containers(kind: type) -> None:
    assert {*get_type_hints(kind)} == {field.name for field in fields(kind)}


def test_detections_become_messages_and_come_back() -> None:
    people = DetectionResult(
        [
            Detection(
                BoundingBox(1, 2, 3, 4),
                [Category(5, 0.5, "Person", "person"), Category(score=0.25)],
                [NormalizedKeypoint(0.125, 0.25, "nose", 0.75)],
            )
        ]
    )
    message = people.to_pb2()
    (one,) = message.detection
    assert (one.label, one.label_id, one.score) == (["person"], [5], [0.5, 0.25])
    assert one.location_data.format == one.location_data.BOUNDING_BOX
    assert DetectionResult.create_from_pb2(message) == people
    assert Detection.create_from_pb2(type(one)(label=["a"], score=[0.5])) == Detection(
        BoundingBox(0, 0, 0, 0), [Category(score=0.5, category_name="a")], []
    )
