"""MediaPipe's messages are classes of protobuf, whichever implementation of it is in use."""

from __future__ import annotations

import copy
import gc
import importlib
import os
import pickle
import pydoc
import subprocess
import sys
from functools import reduce
from typing import TYPE_CHECKING

import pytest
from google.protobuf import descriptor_pool
from google.protobuf.message import DecodeError, EncodeError, Message

from vitruvian.compat.mediapipe.framework.formats import (
    detection_pb2,
    landmark_pb2,
    location_data_pb2,
    rect_pb2,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

FORMATS = "vitruvian.compat.mediapipe.framework.formats"
CONTAINERS = "vitruvian.compat.mediapipe.tasks.cc.components.containers.proto"
MODULES = [
    importlib.import_module(name)
    for name in (
        f"{FORMATS}.annotation.rasterization_pb2",
        f"{FORMATS}.classification_pb2",
        f"{FORMATS}.detection_pb2",
        f"{FORMATS}.landmark_pb2",
        f"{FORMATS}.location_data_pb2",
        f"{FORMATS}.rect_pb2",
        f"{CONTAINERS}.landmarks_detection_result_pb2",
    )
]


def classes_in(outer: ModuleType | type[Message]) -> Iterator[type[Message]]:
    for name in getattr(outer, "__all__", None) or outer.DESCRIPTOR.nested_types_by_name:
        cls = getattr(outer, name)
        yield cls
        yield from classes_in(cls)


CLASSES = [cls for module in MODULES for cls in classes_in(module)]
EVERY_CLASS = pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.DESCRIPTOR.full_name)


def test_all_classes_are_found() -> None:
    assert len(CLASSES) == 23


@EVERY_CLASS
def test_messages_are_instances_of_protobufs_message(cls: type[Message]) -> None:
    assert isinstance(cls(), Message)
    assert cls.DESCRIPTOR.full_name.endswith(f".{cls.__qualname__}")


@EVERY_CLASS
def test_class_is_found_by_its_module_and_name(cls: type[Message]) -> None:
    module = sys.modules[cls.__module__]
    assert reduce(getattr, cls.__qualname__.split("."), module) is cls
    assert cls.__doc__
    assert "HasField" in pydoc.plain(pydoc.render_doc(cls))


@EVERY_CLASS
def test_messages_can_be_pickled(cls: type[Message]) -> None:
    again = pickle.loads(pickle.dumps(cls()))
    assert type(again) is cls
    assert again == cls()


@pytest.mark.parametrize(
    "message",
    [
        landmark_pb2.NormalizedLandmarkList(landmark=[{"x": 0.5}, {}]),
        location_data_pb2.LocationData.RelativeKeypoint(x=0.5, keypoint_label="é"),
        detection_pb2.Detection(score=[0.5], associated_detections=[{"id": 3}]),
        rect_pb2.Rect(x_center=1, y_center=2, height=3, width=4, rect_id=-5),
    ],
    ids=lambda message: message.DESCRIPTOR.name,
)
def test_messages_keep_their_values_when_copied_and_pickled(message: Message) -> None:
    assert copy.deepcopy(message) == pickle.loads(pickle.dumps(message)) == message
    assert copy.deepcopy(message) is not message


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.split(".")[-1])
def test_file_is_named_as_in_mediapipe(module: ModuleType) -> None:
    path = module.__name__.removeprefix("vitruvian.compat.").replace(".", "/")
    assert module.DESCRIPTOR.name == f"{path.removesuffix('_pb2')}.proto"
    assert {*module.DESCRIPTOR.message_types_by_name} == {*module.__all__}


@EVERY_CLASS
def test_default_pool_stays_free_for_mediapipe(cls: type[Message]) -> None:
    with pytest.raises(KeyError):
        descriptor_pool.Default().FindMessageTypeByName(cls.DESCRIPTOR.full_name)


def test_nested_classes_outlive_a_garbage_collection() -> None:  # protobuf < 4.25 crashed
    gc.collect()
    place = location_data_pb2.LocationData()
    place.mask.rasterization.interval.add(y=1, left_x=2, right_x=3)
    place.relative_keypoints.add(x=0.5)
    assert place.relative_keypoints[0].x == 0.5


def test_errors_are_those_of_protobuf() -> None:
    with pytest.raises(DecodeError):
        landmark_pb2.Landmark.FromString(b"\x0d")
    with pytest.raises(EncodeError, match="missing required fields"):
        rect_pb2.Rect().SerializeToString()


IN_PURE_PYTHON = """
import copy, gc, pickle
import numpy as np
from google.protobuf import json_format, text_format
from google.protobuf.internal import api_implementation
from google.protobuf.message import Message
from vitruvian.compat.mediapipe.framework.formats import detection_pb2, landmark_pb2
from vitruvian.compat.mediapipe.framework.landmark_lists import normalized_landmark_list

assert api_implementation.Type() == "python"
gc.collect()
landmarks = normalized_landmark_list(np.full((2, 3), 0.5), [1, 0.25])
by_hand = landmark_pb2.NormalizedLandmarkList()
by_hand.landmark.add(x=0.5, y=0.5, z=0.5, visibility=1)
by_hand.landmark.add(x=0.5, y=0.5, z=0.5, visibility=0.25)
assert landmarks == by_hand and isinstance(landmarks, Message)
assert landmarks.SerializeToString() == by_hand.SerializeToString()
detection = detection_pb2.Detection(label=["a"], associated_detections=[{"id": 3}])
detection.location_data.format = detection.location_data.MASK
detection.location_data.relative_keypoints.add(x=0.5, keypoint_label="b")
for message in landmarks, detection, detection.location_data.relative_keypoints[0]:
    cls = type(message)
    assert copy.deepcopy(message) == pickle.loads(pickle.dumps(message)) == message
    assert json_format.Parse(json_format.MessageToJson(message), cls()) == message
    assert text_format.Parse(text_format.MessageToString(message), cls()) == message
    assert cls.FromString(message.SerializeToString()) == message
"""


def test_messages_work_in_protobufs_pure_python_implementation() -> None:
    environment = {**os.environ, "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python"}
    subprocess.run([sys.executable, "-c", IN_PURE_PYTHON], check=True, env=environment)
