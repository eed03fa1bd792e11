"""Solutions and tasks that vitruvian does not run: their names, values, and the refusal.

Values are those of MediaPipe 0.10.21 and 1.2.2; digests are of the sorted connections.
"""

from __future__ import annotations

import hashlib
import importlib
from dataclasses import fields
from enum import Enum, IntEnum
from typing import Any

import numpy as np
import pytest

import vitruvian.compat.mediapipe as mp
from vitruvian.compat.mediapipe._other_tasks import MODULES
from vitruvian.compat.mediapipe.python.solution_base import SolutionBase
from vitruvian.compat.mediapipe.python.solutions import drawing_styles as styles
from vitruvian.compat.mediapipe.python.solutions import face_mesh, hands_connections, objectron
from vitruvian.compat.mediapipe.tasks.python import vision
from vitruvian.compat.mediapipe.tasks.python.components.containers.landmark import (
    NormalizedLandmark,
)

TREE = "vitruvian.compat.mediapipe"
SOLUTIONS = {
    "face_detection": "FaceDetection",
    "face_mesh": "FaceMesh",
    "hands": "Hands",
    "holistic": "Holistic",
    "objectron": "Objectron",
    "selfie_segmentation": "SelfieSegmentation",
}
TASKS = [name for name in dir(vision) if hasattr(getattr(vision, name), "create_from_options")]


def digest(connections: Any) -> str:
    plain = sorted((int(start), int(end)) for start, end in connections)
    return hashlib.sha256(repr(plain).encode()).hexdigest()[:12]


# --- refusal ---


@pytest.mark.parametrize(("module", "name"), SOLUTIONS.items())
def test_a_solution_can_be_named_but_not_created(module: str, name: str) -> None:
    cls = getattr(getattr(mp.solutions, module), name)
    assert issubclass(cls, SolutionBase)
    message = (
        rf"^mediapipe\.python\.solutions\.{module}\.{name} can't be created: vitruvian runs .*$"
    )
    with pytest.raises(NotImplementedError, match=message):
        cls(static_image_mode=True)
    with pytest.raises(NotImplementedError, match=message):
        type("Mine", (cls,), {})()
    assert callable(cls.process)  # tests of programs replace it


def test_the_refusal_of_holistic_names_the_pose_solution() -> None:
    with pytest.raises(NotImplementedError, match=r"solutions\.pose\.Pose gives the landmarks"):
        mp.solutions.holistic.Holistic()


@pytest.mark.parametrize("name", [name for name in TASKS if name != "PoseLandmarker"])
def test_a_task_can_be_named_but_not_created(name: str) -> None:
    cls = getattr(vision, name)
    options = getattr(vision, f"{name}Options")(base_options=mp.tasks.BaseOptions("x.task"))
    for create in (cls, cls.create_from_options):
        with pytest.raises(NotImplementedError, match=rf"^mediapipe\..*\.{name} can't be created"):
            create(options)
    with pytest.raises(NotImplementedError, match=r"can't be created"):
        cls.create_from_model_path("x.task")


def test_all_vision_tasks_of_mediapipe_are_there() -> None:
    assert set(TASKS) == {
        *("FaceAligner", "FaceDetector", "FaceLandmarker", "FaceStylizer", "GestureRecognizer"),
        *("HandLandmarker", "HolisticLandmarker", "ImageClassifier", "ImageEmbedder"),
        *("ImageSegmenter", "InteractiveSegmenter", "InteractiveSegmenterLegacy"),
        *("ObjectDetector", "PoseLandmarker"),
    }


@pytest.mark.parametrize("task", ["HandLandmarker", "PoseLandmarker"])
def test_options_have_no_protobuf_message_and_say_so(task: str) -> None:
    options = getattr(vision, f"{task}Options")(base_options=mp.tasks.BaseOptions("lite"))
    for asked in (options, options.base_options):
        with pytest.raises(NotImplementedError, match=r"Options\.to_pb2: vitruvian runs no"):
            asked.to_pb2()
    with pytest.raises(NotImplementedError, match=r"^BaseOptions\.create_from_pb2: "):
        mp.tasks.BaseOptions.create_from_pb2(None)


# --- names ---


@pytest.mark.parametrize("name", MODULES)
def test_every_declared_module_has_its_names(name: str) -> None:
    module = importlib.import_module(f"{TREE}.{name}")
    assert set(MODULES[name]) <= set(dir(module))
    for member in MODULES[name]:
        value = getattr(module, member)
        assert getattr(module, member) is value
        if isinstance(value, type) and not isinstance(MODULES[name][member], str):
            assert (value.__module__, value.__qualname__) == (f"{TREE}.{name}", member)
    assert not hasattr(module, "feet")


@pytest.mark.parametrize(
    ("package", "names"),
    [
        ("vision", ["GestureRecognizerResult", "HandLandmarkerResult", "ObjectDetectorResult"]),
        ("vision", ["InteractiveSegmenterRegionOfInterest", "InteractiveSegmenterBrushMode"]),
        ("audio", ["AudioClassifier", "AudioClassifierOptions", "RunningMode", "audio_classifier"]),
        ("text", ["TextClassifier", "LanguageDetectorResult", "TextEmbeddingType"]),
        ("genai", ["bundler"]),
    ],
)
def test_packages_export_the_names_of_their_modules(package: str, names: list[str]) -> None:
    assert set(names) <= set(dir(getattr(mp.tasks, package)))
    for name in names:
        assert getattr(getattr(mp.tasks, package), name) is not None


def test_options_have_the_fields_and_the_defaults_of_mediapipe() -> None:
    options = vision.HandLandmarkerOptions(mp.tasks.BaseOptions("hand.task"), num_hands=2)
    assert {field.name: getattr(options, field.name) for field in fields(options)} == {
        "base_options": mp.tasks.BaseOptions("hand.task"),
        "running_mode": vision.RunningMode.IMAGE,
        "num_hands": 2,
        "min_hand_detection_confidence": 0.5,
        "min_hand_presence_confidence": 0.5,
        "min_tracking_confidence": 0.5,
        "result_callback": None,
    }
    audio = mp.tasks.audio.AudioClassifierOptions(base_options=None)
    assert audio.running_mode is mp.tasks.audio.RunningMode.AUDIO_CLIPS
    gestures = vision.GestureRecognizerOptions(base_options=None)
    first = gestures.canned_gesture_classifier_options
    assert first == gestures.custom_gesture_classifier_options
    assert first is not gestures.custom_gesture_classifier_options


def test_results_can_be_made_and_compared() -> None:
    result = vision.HandLandmarkerResult(handedness=[], hand_landmarks=[], hand_world_landmarks=[])
    assert result == vision.HandLandmarkerResult([], [], [])
    assert vision.ImageSegmenter is not None
    masks = vision.image_segmenter.ImageSegmenterResult()
    assert (masks.confidence_masks, masks.category_mask) == (None, None)


def test_enumerations_have_the_values_of_mediapipe() -> None:
    hand = mp.solutions.hands.HandLandmark
    assert issubclass(hand, IntEnum)
    assert (len(hand), hand.WRIST, hand.PINKY_TIP, hand(8).name) == (21, 0, 20, "INDEX_FINGER_TIP")
    assert mp.solutions.holistic.HandLandmark is hand
    assert mp.solutions.holistic.PoseLandmark is mp.solutions.pose.PoseLandmark
    assert mp.solutions.face_detection.FaceKeyPoint.NOSE_TIP == 2
    blendshapes = vision.face_landmarker.Blendshapes
    assert (len(blendshapes), blendshapes.JAW_OPEN, blendshapes(51).name) == (
        52,
        25,
        "NOSE_SNEER_RIGHT",
    )
    region = vision.InteractiveSegmenterRegionOfInterest
    assert issubclass(region.Format, Enum)
    assert region(region.Format.KEYPOINT, keypoint=None).format.value == 1


# --- connections and styles ---


@pytest.mark.parametrize(
    ("name", "count", "expected"),
    [
        ("CONTOURS", 124, "0dc7c24ee441"),
        ("FACE_OVAL", 36, "61ce4d2639fc"),
        ("IRISES", 8, "0b5c5bad3eed"),
        ("LEFT_EYE", 16, "779b5c3eb197"),
        ("LEFT_EYEBROW", 8, "9041efb0a343"),
        ("LEFT_IRIS", 4, "fdae1014bf4c"),
        ("LIPS", 40, "4b757852798a"),
        ("NOSE", 25, "7f746bdaa757"),
        ("RIGHT_EYE", 16, "07d8cafe4750"),
        ("RIGHT_EYEBROW", 8, "85fcae806724"),
        ("RIGHT_IRIS", 4, "d06fe4fc9ab5"),
        ("TESSELATION", 2556, "00ec39aa4ba4"),
    ],
)
def test_connections_of_a_face_are_those_of_mediapipe(name: str, count: int, expected: str) -> None:
    connections = getattr(face_mesh, f"FACEMESH_{name}")
    assert isinstance(connections, frozenset)
    assert (len(connections), digest(connections)) == (count, expected)
    of_tasks = vision.FaceLandmarksConnections
    edges = getattr(of_tasks, f"FACE_LANDMARKS_{name}", None)
    if edges is not None:
        assert {(edge.start, edge.end) for edge in edges} == connections


def test_connections_of_hands_boxes_and_holistic_are_those_of_mediapipe() -> None:
    assert mp.solutions.hands.HAND_CONNECTIONS is hands_connections.HAND_CONNECTIONS
    assert digest(hands_connections.HAND_CONNECTIONS) == "9e4bf5a78f8f"
    assert digest(objectron.BOX_CONNECTIONS) == "6e7e0714b3d1"
    assert mp.solutions.holistic.POSE_CONNECTIONS == mp.solutions.pose.POSE_CONNECTIONS
    assert mp.solutions.holistic.FACEMESH_TESSELATION is face_mesh.FACEMESH_TESSELATION


def pairs_of(connections: Any) -> list[tuple[int, int]]:
    return [(edge.start, edge.end) for edge in connections]


def test_connections_of_tasks_are_in_the_order_of_mediapipe() -> None:
    hand, face = vision.HandLandmarksConnections, vision.FaceLandmarksConnections
    palm = [(0, 1), (0, 5), (9, 13), (13, 17), (5, 9), (0, 17)]  # of 1.2.2; 0.10.21 has (1, 5)
    assert pairs_of(hand.HAND_PALM_CONNECTIONS) == palm
    assert pairs_of(hand.HAND_CONNECTIONS)[:9] == [*palm, (1, 2), (2, 3), (3, 4)]
    assert hand.HAND_THUMB_CONNECTIONS[0] == hand.Connection(1, 2)
    assert pairs_of(face.FACE_LANDMARKS_FACE_OVAL)[:2] == [(10, 338), (338, 297)]
    assert pairs_of(face.FACE_LANDMARKS_NOSE)[8:11] == [(94, 2), (98, 97), (97, 2)]
    assert face.FACE_LANDMARKS_CONTOURS[:40] == face.FACE_LANDMARKS_LIPS
    assert face.FACE_LANDMARKS_CONTOURS[-36:] == face.FACE_LANDMARKS_FACE_OVAL


def test_hands_and_faces_are_drawn_with_the_styles_of_tasks() -> None:
    drawn = np.zeros((100, 100, 3), np.uint8)
    parts = [
        (
            vision.HandLandmarksConnections.HAND_CONNECTIONS,
            vision.drawing_styles.get_default_hand_connections_style(),
        ),
        (
            vision.FaceLandmarksConnections.FACE_LANDMARKS_CONTOURS,
            vision.drawing_styles.get_default_face_mesh_contours_style(),
        ),
        (
            vision.FaceLandmarksConnections.FACE_LANDMARKS_LEFT_IRIS,
            vision.drawing_styles.get_default_face_mesh_iris_connections_style(),
        ),
    ]
    for connections, style in parts:
        before = drawn.copy()
        landmarks = [NormalizedLandmark(i % 22 / 22, i / 478) for i in range(478)]
        vision.drawing_utils.draw_landmarks(drawn, landmarks, connections, None, style)
        assert (drawn != before).any()


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        (styles.get_default_hand_landmarks_style(), "0ba0c8afc17c"),
        (styles.get_default_hand_connections_style(), "2055331b71c3"),
        (styles.get_default_face_mesh_contours_style(), "3a05f23110dd"),
        (styles.get_default_face_mesh_contours_style(1), "0c730b4a88d2"),
        (styles.get_default_face_mesh_iris_connections_style(), "d0fd2734a78b"),
        (styles.get_default_pose_landmarks_style(), "1b9b629f0720"),
    ],
)
def test_styles_are_those_of_mediapipe(style: Any, expected: str) -> None:
    plain = sorted(
        (
            tuple(map(int, key)) if isinstance(key, tuple) else int(key),
            spec.color,
            spec.thickness,
            spec.circle_radius,
        )
        for key, spec in style.items()
    )
    assert hashlib.sha256(repr(plain).encode()).hexdigest()[:12] == expected


def test_a_style_is_new_at_each_call() -> None:
    styles.get_default_hand_landmarks_style()[0].thickness = 9
    assert styles.get_default_hand_landmarks_style()[0].thickness == -1
    assert styles.get_default_face_mesh_tesselation_style().color == (128, 128, 128)
    assert vision.drawing_styles.get_default_hand_landmarks_style()[0].color == (48, 48, 255)


def test_the_key_point_of_a_face_is_read_from_a_detection() -> None:
    from vitruvian.compat.mediapipe.framework.formats.detection_pb2 import Detection

    faces = mp.solutions.face_detection
    face = Detection(location_data={"relative_keypoints": [{"x": i / 8} for i in range(6)]})
    assert faces.get_key_point(face, faces.FaceKeyPoint.MOUTH_CENTER).x == 3 / 8
    assert faces.get_key_point(None, faces.FaceKeyPoint.MOUTH_CENTER) is None
