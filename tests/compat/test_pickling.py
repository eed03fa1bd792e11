"""Pickles between MediaPipe and this package, in both directions."""

from __future__ import annotations

import copy
import pickle
import pickletools
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import vitruvian.compat.mediapipe as ours
from vitruvian import compat
from vitruvian.compat.mediapipe.framework.formats.detection_pb2 import Detection
from vitruvian.compat.mediapipe.framework.formats.landmark_pb2 import NormalizedLandmarkList
from vitruvian.compat.mediapipe.framework.formats.location_data_pb2 import LocationData
from vitruvian.compat.mediapipe.python.solution_base import SolutionOutputs
from vitruvian.compat.mediapipe.tasks.python.components.containers.category import Category
from vitruvian.compat.mediapipe.tasks.python.components.containers.landmark import (
    Landmark,
    NormalizedLandmark,
)
from vitruvian.compat.mediapipe.tasks.python.core.base_options import BaseOptions
from vitruvian.compat.mediapipe.tasks.python.vision.core.vision_task_running_mode import (
    VisionTaskRunningMode,
)
from vitruvian.compat.mediapipe.tasks.python.vision.pose_landmarker import (
    PoseLandmarkerOptions,
    PoseLandmarkerResult,
    PoseLandmarksConnections,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

LANDMARKS = NormalizedLandmarkList(landmark=[{"x": 0.25, "visibility": 1}])
RESULT = PoseLandmarkerResult([[NormalizedLandmark(0.25, 0.5, 0.0, 1.0, 0.9)]], [[Landmark(1.0)]])
OBJECTS = [
    LANDMARKS,
    Detection(label=["a"], location_data={"relative_bounding_box": {"xmin": 0.5}}),
    LocationData.RelativeBoundingBox(xmin=0.5),
    RESULT,
    RESULT.pose_landmarks[0][0],
    Category(1, 0.5, "a", "b"),
    ours.solutions.pose.PoseLandmark.LEFT_WRIST,
    ours.ImageFormat.SRGB,
    VisionTaskRunningMode.VIDEO,
    BaseOptions.Delegate.CPU,
    PoseLandmarkerOptions(BaseOptions("lite"), VisionTaskRunningMode.VIDEO, num_poses=2),
    PoseLandmarksConnections.POSE_LANDMARKS[0],
]


class Tracked(NormalizedLandmark):
    """A class of a program."""


@pytest.fixture
def installed() -> Iterator[None]:
    compat.install()
    yield
    compat.uninstall()


def modules_in(data: bytes) -> set[str]:
    """Return the modules that a pickle needs, by their first name."""
    texts = {str(argument) for _, argument, _ in pickletools.genops(data) if argument}
    return {name for name in ("mediapipe", "vitruvian") for text in texts if text.startswith(name)}


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize("value", OBJECTS, ids=lambda value: type(value).__name__)
def test_under_the_name_of_mediapipe_a_pickle_needs_mediapipe_only(
    value: object, protocol: int
) -> None:
    data = pickle.dumps(value, protocol)
    assert modules_in(data) == {"mediapipe"}
    loaded = pickle.loads(data)
    assert (type(loaded), loaded) == (type(value), value)


@pytest.mark.parametrize("value", OBJECTS, ids=lambda value: type(value).__name__)
def test_otherwise_a_pickle_needs_vitruvian_only(value: object) -> None:
    data = pickle.dumps(value)
    assert modules_in(data) == {"vitruvian"}
    assert pickle.loads(data) == value


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
@pytest.mark.parametrize("value", OBJECTS, ids=lambda value: type(value).__name__)
def test_a_copy_is_equal_and_of_the_same_class(value: object, copied: Any) -> None:
    other = copied(value)
    assert (type(other), other) == (type(value), value)


@pytest.mark.usefixtures("installed")
def test_a_deep_copy_shares_nothing() -> None:
    other = copy.deepcopy(RESULT)
    other.pose_landmarks[0][0].x = 9.0
    assert RESULT.pose_landmarks[0][0].x == 0.25


@pytest.mark.usefixtures("installed")
def test_the_name_of_a_landmark_is_stored_only_if_it_is_set() -> None:  # 0.10.21 has no name
    _, arguments = NormalizedLandmark(0.25, 0.5, 0.0, 1.0, 0.9).__reduce_ex__(4)
    assert arguments == (0.25, 0.5, 0.0, 1.0, 0.9)
    named = pickle.loads(pickle.dumps(NormalizedLandmark(0.25, name="nose")))
    assert named == NormalizedLandmark(0.25, name="nose")


@pytest.mark.usefixtures("installed")
def test_attributes_that_a_program_has_set_are_kept() -> None:
    landmark = NormalizedLandmark(0.25)
    landmark.label = "nose"  # type: ignore[attr-defined]
    for other in (copy.copy(landmark), pickle.loads(pickle.dumps(landmark))):
        assert (other.x, other.label) == (0.25, "nose")


@pytest.mark.usefixtures("installed")
def test_a_class_of_the_program_is_stored_as_such() -> None:
    other = pickle.loads(pickle.dumps(Tracked(x=0.25)))
    assert (type(other), other.x) == (Tracked, 0.25)


@pytest.mark.usefixtures("installed")
def test_results_of_solutions_are_stored_as_a_named_tuple() -> None:
    outputs = SolutionOutputs(LANDMARKS, None, None)
    data = pickle.dumps(outputs)
    assert modules_in(data) == {"mediapipe"}
    loaded = pickle.loads(data)
    assert (type(loaded).__name__, loaded.pose_landmarks) == ("SolutionOutputs", LANDMARKS)
    assert type(copy.deepcopy(outputs)) is SolutionOutputs


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("cls", [ours.Image, ours.ImageFrame])
def test_an_image_is_stored_as_the_arguments_of_mediapipes_constructor(cls: Any) -> None:
    pixels = np.arange(20, dtype=np.float32).reshape(4, 5)
    image = cls(ours.ImageFormat.VEC32F1, pixels)
    _, (image_format, stored) = image.__reduce__()
    assert image_format == ours.ImageFormat.VEC32F1
    np.testing.assert_array_equal(stored, pixels)
    loaded = pickle.loads(pickle.dumps(image))
    assert type(loaded) is cls
    np.testing.assert_array_equal(loaded.numpy_view(), pixels)


@pytest.mark.usefixtures("installed")
def test_a_pickle_of_mediapipe_loads_here() -> None:
    landmark = (  # as Python stores an object of a plain class
        b"ccopyreg\n_reconstructor\n(cmediapipe.tasks.python.components.containers.landmark\n"
        b"NormalizedLandmark\nc__builtin__\nobject\nNtR(dVx\nF0.25\nsVpresence\nNsb."
    )
    assert pickle.loads(landmark).x == 0.25
    message = (  # as protobuf's messages are stored
        b"\x80\x02cmediapipe.framework.formats.landmark_pb2\nNormalizedLandmarkList\n)R"
        b"}Vserialized\nc_codecs\nencode\n(V\\u000a\\u0005\\u000d\\u0000\\u0000\\u0080\\u003e\n"
        b"Vlatin1\ntRsb."
    )
    assert pickle.loads(message) == NormalizedLandmarkList(landmark=[{"x": 0.25}])
