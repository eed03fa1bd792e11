"""MediaPipe's messages, compared with recordings of its own to the byte."""

from __future__ import annotations

import copy
import enum
import json
import pickle

import numpy as np
import pytest
from google.protobuf import json_format, text_format
from google.protobuf.message import EncodeError

from vitruvian.compat.mediapipe.framework.formats import (
    classification_pb2,
    detection_pb2,
    landmark_pb2,
    location_data_pb2,
    rect_pb2,
)
from vitruvian.compat.mediapipe.framework.landmark_lists import (
    landmark_list,
    normalized_landmark_list,
)
from vitruvian.compat.mediapipe.tasks.cc.components.containers.proto import (
    landmarks_detection_result_pb2,
)

# bytes and texts that MediaPipe 0.10.21 gave, with protobuf 4.25.9
RECORDED = [
    (
        landmark_pb2.NormalizedLandmark(x=0.5, y=-0.25, z=0.1, visibility=0.99),
        "0d0000003f15000080be1dcdcccc3d25a4707d3f",
        "x: 0.5\ny: -0.25\nz: 0.1\nvisibility: 0.99\n",
    ),
    (
        landmark_pb2.Landmark(x=1 / 3, y=1e-7, z=123456.789, visibility=1e20, presence=0.0),
        "0dabaaaa3e1595bfd6331d6520f14725ec78ad602d00000000",
        "x: 0.333333343\ny: 1e-07\nz: 123456.789\nvisibility: 1e+20\npresence: 0\n",
    ),
    (
        landmark_pb2.Landmark(x=float("inf"), y=float("nan"), z=-0.0),
        "0d0000807f150000c07f1d00000080",
        "x: inf\ny: nan\nz: -0\n",
    ),
    (
        landmark_pb2.NormalizedLandmarkList(landmark=[{"x": 0.5}, {}, {"presence": 1}]),
        "0a050d0000003f0a000a052d0000803f",
        "landmark {\n  x: 0.5\n}\nlandmark {\n}\nlandmark {\n  presence: 1\n}\n",
    ),
    (
        landmark_pb2.LandmarkListCollection(landmark_list=[{"landmark": [{"y": 2}]}, {}]),
        "0a070a0515000000400a00",
        "landmark_list {\n  landmark {\n    y: 2\n  }\n}\nlandmark_list {\n}\n",
    ),
    (
        rect_pb2.NormalizedRect(x_center=0.5, y_center=0.5, height=1, width=1, rotation=0),
        "0d0000003f150000003f1d0000803f250000803f2d00000000",
        "x_center: 0.5\ny_center: 0.5\nheight: 1\nwidth: 1\nrotation: 0\n",
    ),
    (
        rect_pb2.Rect(x_center=-3, y_center=2**31 - 1, height=0, width=300, rect_id=-(2**63)),
        "08fdffffffffffffffff0110ffffffff07180020ac023080808080808080808001",
        "x_center: -3\ny_center: 2147483647\nheight: 0\nwidth: 300\nrect_id: -9223372036854775808\n",  # noqa: E501
    ),
    (
        location_data_pb2.LocationData(
            format="RELATIVE_BOUNDING_BOX", relative_bounding_box={"xmin": 0.1, "width": 0.2}
        ),
        "08021a0a0dcdcccc3d1dcdcc4c3e",
        "format: RELATIVE_BOUNDING_BOX\nrelative_bounding_box {\n  xmin: 0.1\n  width: 0.2\n}\n",
    ),
    (
        location_data_pb2.LocationData(
            mask={"width": 4, "rasterization": {"interval": [{"y": 1, "left_x": 2, "right_x": 3}]}}
        ),
        "220c08041a080a06080110021803",
        "mask {\n  width: 4\n  rasterization {\n    interval {\n      y: 1\n      left_x: 2\n      right_x: 3\n    }\n  }\n}\n",  # noqa: E501
    ),
    (
        detection_pb2.Detection(
            label=["a", 'é"\n\x01'],
            label_id=[1, -1],
            score=[0.5, 0.1],
            location_data={},
            timestamp_usec=7,
        ),
        "0a01610a05c3a9220a01120b01ffffffffffffffffff011a080000003fcdcccc3d22005007",
        'label: "a"\nlabel: "é\\"\\n\\001"\nlabel_id: 1\nlabel_id: -1\nscore: 0.5\nscore: 0.1\nlocation_data {\n}\ntimestamp_usec: 7\n',  # noqa: E501
    ),
    (
        classification_pb2.ClassificationList(
            classification=[{"index": 2, "score": 0.75, "label": "right", "display_name": ""}]
        ),
        "0a100802150000403f1a0572696768742200",
        'classification {\n  index: 2\n  score: 0.75\n  label: "right"\n  display_name: ""\n}\n',
    ),
    (
        landmarks_detection_result_pb2.LandmarksDetectionResult(
            landmarks={"landmark": [{"x": 1}]},
            world_landmarks={},
            rect={"x_center": 1, "y_center": 1, "height": 1, "width": 1},
        ),
        "0a070a050d0000803f1a0022140d0000803f150000803f1d0000803f250000803f",
        "landmarks {\n  landmark {\n    x: 1\n  }\n}\nworld_landmarks {\n}\nrect {\n  x_center: 1\n  y_center: 1\n  height: 1\n  width: 1\n}\n",  # noqa: E501
    ),
]


@pytest.mark.parametrize(("message", "wire", "text"), RECORDED)
def test_bytes_are_those_of_mediapipe(message, wire, text):
    assert message.SerializeToString().hex() == wire
    assert message.ByteSize() == len(wire) // 2
    assert type(message).FromString(bytes.fromhex(wire)).SerializeToString().hex() == wire


@pytest.mark.parametrize(("message", "wire", "text"), RECORDED)
def test_text_is_that_of_mediapipe(message, wire, text):
    assert str(message) == repr(message) == text
    assert str(type(message).FromString(bytes.fromhex(wire))) == text


def eager(cls, landmarks, visibility=None, presence=None):
    message = cls()
    for i, (x, y, z) in enumerate(landmarks):
        one = message.landmark.add(x=x, y=y, z=z)
        if visibility is not None:
            one.visibility = visibility[i]
        if presence is not None:
            one.presence = presence[i]
    return message


ARRAY = np.random.default_rng(0).normal(size=(33, 5)).astype(np.float32)
POINTS, VISIBILITY, PRESENCE = ARRAY[:, :3], ARRAY[:, 3], ARRAY[:, 4]


def test_import_star_gives_the_messages_and_nothing_else():
    names = {}
    exec("from vitruvian.compat.mediapipe.framework.formats.landmark_pb2 import *", names)
    kinds = ["Landmark", "LandmarkList", "LandmarkListCollection"]
    assert {*names} - {"__builtins__"} == {*kinds, *(f"Normalized{kind}" for kind in kinds)}


@pytest.mark.parametrize(
    ("make", "cls"),
    [
        (normalized_landmark_list, landmark_pb2.NormalizedLandmarkList),
        (landmark_list, landmark_pb2.LandmarkList),
    ],
)
@pytest.mark.parametrize(
    "columns", [(POINTS,), (POINTS, VISIBILITY), (POINTS, VISIBILITY, PRESENCE)]
)
def test_list_from_arrays_is_the_list_built_by_hand(make, cls, columns):
    expected = eager(cls, *columns)
    assert make(*columns) == expected
    assert make(*columns).SerializeToString() == expected.SerializeToString()
    assert str(make(*columns)) == str(expected)
    assert copy.deepcopy(make(*columns)) == pickle.loads(pickle.dumps(make(*columns))) == expected
    other = cls()
    other.CopyFrom(make(*columns))
    assert other == expected


def test_list_from_arrays_sets_only_what_is_given():
    one = normalized_landmark_list(POINTS, VISIBILITY).landmark[5]
    assert one.HasField("visibility")
    assert not one.HasField("presence")
    assert one.presence == 0.0
    assert (one.x, one.visibility) == (float(POINTS[5, 0]), float(VISIBILITY[5]))


def test_list_from_arrays_can_be_changed_and_keeps_apart_from_them():
    points = POINTS.copy()
    message = normalized_landmark_list(points)
    points[:] = 0
    assert message.landmark[0].x == float(POINTS[0, 0])
    message.landmark[0].x = 0.5
    del message.landmark[1:]
    message.landmark.add(y=2.5)
    assert str(message.landmark[1]) == "y: 2.5\n"
    assert landmark_pb2.NormalizedLandmarkList.FromString(message.SerializeToString()) == message
    assert message.landmark[0].x == 0.5


def test_list_from_nobody_is_empty():
    message = normalized_landmark_list(np.empty((0, 3), np.float32))
    assert message == landmark_pb2.NormalizedLandmarkList()
    assert not message.landmark


def test_landmarks_are_found_by_enumeration():
    class Part(enum.IntEnum):
        NOSE = 0
        FOOT = 32

    landmark = landmark_list(POINTS).landmark
    assert landmark[Part.FOOT] is landmark[-1]
    assert landmark[Part.NOSE : 2] == [landmark[0], landmark[1]]


def test_enumeration_is_found_on_class_and_message():
    assert (
        location_data_pb2.LocationData.RELATIVE_BOUNDING_BOX
        == location_data_pb2.LocationData().RELATIVE_BOUNDING_BOX
        == 2
    )
    assert (
        location_data_pb2.LocationData.Format.Value("MASK")
        == location_data_pb2.LocationData.Format.MASK
        == 3
    )
    assert location_data_pb2.LocationData.Format.Name(0) == "GLOBAL"


def test_rectangle_without_required_fields_is_refused():
    rect = rect_pb2.NormalizedRect(x_center=0.5)
    assert not rect.IsInitialized()
    with pytest.raises(
        EncodeError,
        match=r"^Message mediapipe.NormalizedRect is missing required fields: "
        "y_center,height,width$",
    ):
        rect.SerializeToString()
    assert rect.SerializePartialToString().hex() == "0d0000003f"


def test_missing_fields_are_named_by_their_path():
    place = location_data_pb2.LocationData(mask={"rasterization": {"interval": [{"y": 1}]}})
    assert place.FindInitializationErrors() == [
        "mask.rasterization.interval[0].left_x",
        "mask.rasterization.interval[0].right_x",
    ]


def test_place_in_a_detection_is_set_from_within():
    detection = detection_pb2.Detection()
    box = detection.location_data.relative_bounding_box
    assert box.xmin == 0.0
    assert not detection.HasField("location_data")
    box.xmin = 0
    assert str(detection) == "location_data {\n  relative_bounding_box {\n    xmin: 0\n  }\n}\n"


def test_text_format_reads_and_writes_messages():
    text = "landmark {\n  x: 0.5\n  y: 0.1\n}\nlandmark {\n  visibility: 1.0\n}\n"
    message = text_format.Parse(text, landmark_pb2.NormalizedLandmarkList())
    assert message == landmark_pb2.NormalizedLandmarkList(
        landmark=[{"x": 0.5, "y": 0.1}, {"visibility": 1}]
    )
    assert text_format.MessageToString(message) == text
    place = text_format.Parse("location_data {format: MASK}", detection_pb2.Detection())
    assert place.location_data.format == location_data_pb2.LocationData.MASK
    with pytest.raises(text_format.ParseError, match=r'no field named "q"'):
        text_format.Parse("q: 1", landmark_pb2.Landmark())


def test_json_format_reads_and_writes_messages():
    place = location_data_pb2.LocationData(
        format="MASK", relative_keypoints=[{"x": 0.5, "keypoint_label": "é"}]
    )
    expected = {"format": "MASK", "relativeKeypoints": [{"x": 0.5, "keypointLabel": "é"}]}
    assert json_format.MessageToDict(place) == expected
    assert json.loads(json_format.MessageToJson(place)) == expected
    assert json_format.ParseDict(expected, location_data_pb2.LocationData()) == place
    assert json_format.Parse(json.dumps(expected), location_data_pb2.LocationData()) == place
    landmarks = normalized_landmark_list(POINTS, VISIBILITY)
    assert len(json_format.MessageToDict(landmarks)["landmark"]) == 33


def test_descriptors_know_package_and_file():
    assert rect_pb2.Rect.DESCRIPTOR.full_name == "mediapipe.Rect"
    result = landmarks_detection_result_pb2.LandmarksDetectionResult.DESCRIPTOR
    assert result.full_name == "mediapipe.tasks.containers.proto.LandmarksDetectionResult"
    assert result.fields_by_name["rect"].message_type.full_name == "mediapipe.NormalizedRect"
    assert detection_pb2.Detection.DESCRIPTOR.fields_by_name["score"].GetOptions().packed
    assert classification_pb2.Classification.DESCRIPTOR.file.name.endswith(
        "formats/classification.proto"
    )
