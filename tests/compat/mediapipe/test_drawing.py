"""Drawing gives MediaPipe's pixels, with Solutions' messages and with Tasks' containers.

Digests were recorded from MediaPipe 0.10.21 with OpenCV 4.11; OpenCV 4.13 gives the same.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import math
import os
import random
import subprocess
import sys
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from setting import REPOSITORY
from side_env import BENCH
from vitruvian.compat.mediapipe.framework.formats import detection_pb2, landmark_pb2
from vitruvian.compat.mediapipe.python.solutions import drawing_styles, drawing_utils
from vitruvian.compat.mediapipe.python.solutions.pose_connections import (
    POSE_CONNECTIONS,
    UPPER_BODY_POSE_CONNECTIONS,
)
from vitruvian.compat.mediapipe.tasks.python.components.containers import (
    BoundingBox,
    Detection,
    NormalizedLandmark,
)
from vitruvian.compat.mediapipe.tasks.python.components.containers.keypoint import (
    NormalizedKeypoint,
)
from vitruvian.compat.mediapipe.tasks.python.vision import drawing_styles as tasks_styles
from vitruvian.compat.mediapipe.tasks.python.vision import drawing_utils as tasks_utils
from vitruvian.compat.mediapipe.tasks.python.vision.pose_landmarker import (
    PoseLandmarksConnections,
)
from vitruvian.core.skeleton import BLAZEPOSE

Connection = PoseLandmarksConnections.Connection
SCENES = 200
RECORDED = (  # of scene 0, 1, ...: the first 16 digits of SHA-256
    "71a2de9c03a216c5",
    "234eacea98395b7c",
    "566b85227ba58d54",
    "d9bf26571d268815",
    "ed56f4082ab001a9",
    "76e93ff3b2870d10",
    "95e83e08014f3ac2",
    "2b2e8a5b1d2379c3",
    "cf7f41cb162190e3",
    "7c3158ff32caf544",
    "8ff947c03f0c75c2",
    "44cbc717c9c99d7e",
    "86006d56a55e83c3",
    "f3fb6e18a09e7f9b",
    "32a7e8ee1e02c611",
    "29555049705bb697",
    "14967ca1072dbb10",
    "746cf0d60bab5e26",
    "58ac214fb9f988ba",
    "42fed54dbeba24b2",
    "0f3a7a8d4ea01d47",
    "452258874e6c8aea",
    "6087101d5b58b858",
    "2aef65c266b907ba",
)
BOTH = pytest.mark.parametrize("drawing", [drawing_utils, tasks_utils], ids=["solutions", "tasks"])

# Run by the interpreter with the real MediaPipe: both modules with the same OpenCV.
BESIDE = """
import hashlib, json, sys
from typing import Any
import numpy as np
from mediapipe.framework.formats import landmark_pb2
from mediapipe.python.solutions import drawing_utils
from vitruvian.compat.mediapipe.framework.formats import landmark_pb2 as our_pb2
from vitruvian.compat.mediapipe.python.solutions import drawing_utils as ours

{drawn}

for scene in json.load(sys.stdin):
    print(drawn(drawing_utils, landmark_pb2, scene) == drawn(ours, our_pb2, scene))
"""


def scene(seed: int) -> dict[str, Any]:
    """Return 33 landmarks, some occluded or outside the image, and drawing options, as data."""
    rng = random.Random(seed)

    def spec(*thicknesses: int) -> dict[str, Any]:
        return {
            "color": [rng.randrange(256) for _ in range(3)],
            "thickness": rng.choice([1, 2, 5, 40, 255, *thicknesses]),
            "circle_radius": rng.choice([0, 1, 2, 7, 60]),
        }

    edges = sorted(POSE_CONNECTIONS)
    landmarks = [
        {"x": rng.uniform(-0.1, 1.1), "y": rng.choice([rng.random(), 0.0, 1.0, 1.0 + 1e-7])}
        for _ in range(33)
    ]
    for landmark in landmarks:
        for score in ("visibility", "presence"):
            if rng.random() < 0.3:
                landmark[score] = rng.choice([0.0, 0.4999, 0.5, 1.0])
    return {
        "wh": rng.choice([(1, 1), (300, 7), (64, 48), (320, 240)]),
        "landmarks": landmarks,
        "connections": edges,
        "dots": rng.choice([None, [spec(-1)], [spec(-1) for _ in landmarks]]),
        "lines": rng.choice([[spec()], [spec() for _ in edges]]),
    }


def drawn(drawing: Any, pb2: Any, scene: dict[str, Any]) -> str:
    """Return the digest of a drawn image."""

    def style(specs: list[dict[str, Any]] | None, keys: list[Any]) -> Any:
        if specs is None:
            return None
        made = [drawing.DrawingSpec(**{**s, "color": tuple(s["color"])}) for s in specs]
        return made[0] if len(made) == 1 else dict(zip(keys, made, strict=True))

    width, height = scene["wh"]
    image = np.arange(height * width * 3, dtype=np.uint32).astype(np.uint8)
    image = image.reshape(height, width, 3)
    message = pb2.NormalizedLandmarkList()
    for landmark in scene["landmarks"]:
        message.landmark.add(**landmark)
    edges = [tuple(edge) for edge in scene["connections"]]
    dots = style(scene["dots"], list(range(len(scene["landmarks"]))))
    drawing.draw_landmarks(image, message, edges, dots, style(scene["lines"], edges))
    return hashlib.sha256(image.tobytes()).hexdigest()


def pose(drawing: Any, *landmarks: dict[str, float]) -> Any:
    """Return landmarks in the type of a drawing module."""
    if drawing is tasks_utils:
        return [NormalizedLandmark(**values) for values in landmarks]
    message = landmark_pb2.NormalizedLandmarkList()
    for values in landmarks:
        message.landmark.add(**values)
    return message


def joined(drawing: Any, start: int, end: int) -> Any:
    """Return a connection in the type of a drawing module."""
    return Connection(start, end) if drawing is tasks_utils else (start, end)


def black(width: int = 100, height: int = 80) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.zeros((height, width, 3), np.uint8)


A, B = {"x": 0.1, "y": 0.5}, {"x": 0.5, "y": 0.1}  # (10, 40) and (50, 8) of 100 × 80


# --- the pixels ---


@pytest.mark.parametrize("seed", range(len(RECORDED)))
def test_pixels_equal_those_of_mediapipe(seed: int) -> None:
    assert drawn(drawing_utils, landmark_pb2, scene(seed))[:16] == RECORDED[seed]


def test_pixels_equal_those_of_an_installed_mediapipe() -> None:
    python = BENCH / "mediapipe-0.10.21" / "bin" / "python"
    if not python.exists():
        pytest.skip("no MediaPipe 0.10.21 in .bench: `make bench` makes it")
    done = subprocess.run(
        [python, "-c", BESIDE.format(drawn=inspect.getsource(drawn))],
        input=json.dumps([scene(seed) for seed in range(SCENES)]),
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["True"] * SCENES


@BOTH
def test_lines_are_drawn_before_landmarks_with_a_white_rim(drawing: Any) -> None:
    image, expected = black(), black()
    cv2.line(expected, (10, 40), (50, 8), (224, 224, 224), 2)
    for centre in ((10, 40), (50, 8)):
        cv2.circle(expected, centre, 3, (224, 224, 224), 2)
        cv2.circle(expected, centre, 2, (0, 0, 255), 2)
    drawing.draw_landmarks(image, pose(drawing, A, B), [joined(drawing, 0, 1)])
    assert_array_equal(image, expected)


@BOTH
def test_each_landmark_and_connection_can_have_its_own_style(drawing: Any) -> None:
    image, expected = black(), black()
    cv2.line(expected, (10, 40), (50, 8), (1, 2, 3), 4)
    for centre, radius, color in (((10, 40), 10, (9, 8, 7)), ((50, 8), 0, (6, 5, 4))):
        cv2.circle(expected, centre, max(radius + 1, int(1.2 * radius)), (224, 224, 224), -1)
        cv2.circle(expected, centre, radius, color, -1)
    drawing.draw_landmarks(
        image,
        pose(drawing, A, B),
        [joined(drawing, 0, 1)],
        {0: drawing.DrawingSpec((9, 8, 7), -1, 10), 1: drawing.DrawingSpec((6, 5, 4), -1, 0)},
        {(0, 1): drawing.DrawingSpec((1, 2, 3), 4)},
    )
    assert_array_equal(image, expected)


@BOTH
@pytest.mark.parametrize("score", ["visibility", "presence"])
def test_landmark_below_the_threshold_is_not_drawn_nor_its_connections(
    drawing: Any, score: str
) -> None:
    image, expected, edges = black(), black(), [joined(drawing, 0, 1)]
    drawing.draw_landmarks(expected, pose(drawing, A))
    drawing.draw_landmarks(image, pose(drawing, {**A, score: 0.5}, {**B, score: 0.49}), edges)
    assert_array_equal(image, expected)


@BOTH
def test_program_can_set_the_threshold(drawing: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "_VISIBILITY_THRESHOLD", 0.1)
    image = black()
    drawing.draw_landmarks(image, pose(drawing, {**A, "visibility": 0.2}))
    assert image.any()


@BOTH
def test_landmark_outside_the_image_is_not_drawn(drawing: Any) -> None:
    image = black()
    outside = [{"x": -0.01, "y": 0.5}, {"x": 0.5, "y": 1.01}, {"x": math.nan, "y": 0.5}]
    drawing.draw_landmarks(image, pose(drawing, *outside), [joined(drawing, 0, 1)])
    assert not image.any()


@BOTH
def test_nothing_is_drawn_for_none(drawing: Any) -> None:
    image = black()
    drawing.draw_landmarks(image, None, [joined(drawing, 0, 1)])
    drawing.plot_landmarks(None)
    assert not image.any()


@BOTH
def test_a_style_of_none_draws_only_the_other_kind(drawing: Any) -> None:
    edges, dots, lines, both = [joined(drawing, 0, 1)], black(), black(), black()
    drawing.draw_landmarks(dots, pose(drawing, A, B), edges, connection_drawing_spec=None)
    drawing.draw_landmarks(lines, pose(drawing, A, B), edges, landmark_drawing_spec=None)
    drawing.draw_landmarks(both, pose(drawing, A, B), edges)
    assert dots.any()
    assert lines.any()
    assert_array_equal(np.where(dots.any(axis=2, keepdims=True), dots, lines), both)
    again = black()
    drawing.draw_landmarks(again, pose(drawing, A, B), edges, is_drawing_landmarks=False)
    assert_array_equal(again, lines)


# --- invalid arguments ---


@BOTH
@pytest.mark.parametrize("channels", [1, 2, 4])
def test_image_must_have_three_channels(drawing: Any, channels: int) -> None:
    image = np.zeros((4, 4, channels), np.uint8)
    found: Any = detection_pb2.Detection()
    if drawing is tasks_utils:
        found = Detection(BoundingBox(0, 0, 1, 1), [])
    wanted = r"Input image must contain three channel bgr data\."
    with pytest.raises(ValueError, match=wanted):
        drawing.draw_landmarks(image, pose(drawing, A))
    with pytest.raises(ValueError, match=wanted):
        drawing.draw_detection(image, found)
    with pytest.raises(ValueError, match=wanted):
        drawing.draw_axis(image, np.eye(3), np.zeros(3))


@BOTH
@pytest.mark.parametrize("edge", [(0, 2), (-1, 0)])
def test_connection_index_out_of_range_raises_an_error(drawing: Any, edge: tuple[int, int]) -> None:
    wanted = (
        r"Landmark index is out of range\. Invalid connection from landmark "
        rf"#{edge[0]} to landmark #{edge[1]}\."
    )
    with pytest.raises(ValueError, match=wanted):
        drawing.draw_landmarks(black(), pose(drawing, A, B), [joined(drawing, *edge)])


@BOTH
def test_mapping_without_a_drawn_key_raises_an_error(drawing: Any) -> None:
    spec = drawing.DrawingSpec()
    with pytest.raises(KeyError):
        drawing.draw_landmarks(black(), pose(drawing, A, B), None, {0: spec})
    drawing.draw_landmarks(black(), pose(drawing, A, {"x": 2, "y": 2}), None, {0: spec})
    with pytest.raises(KeyError):
        drawing.draw_landmarks(
            black(), pose(drawing, A, B), [joined(drawing, 0, 1)], None, {(1, 0): spec}
        )


# --- detections and axes ---


def detection() -> Any:
    message = detection_pb2.Detection()
    message.location_data.format = 2  # RELATIVE_BOUNDING_BOX
    message.location_data.relative_keypoints.add(x=0.0, y=1.0)
    return message


def test_detection_is_drawn_with_keypoints_and_box() -> None:
    image, expected, message = black(), black(), detection()
    cv2.circle(expected, (0, 79), 2, (0, 0, 255), 2)
    drawing_utils.draw_detection(image, message)
    assert_array_equal(image, expected)
    box = message.location_data.relative_bounding_box
    box.xmin, box.ymin, box.width, box.height = 0.25, 0.5, 0.5, 0.5
    cv2.rectangle(expected, (25, 40), (75, 79), (224, 224, 224), 2)
    drawing_utils.draw_detection(image, message)
    assert_array_equal(image, expected)


def test_keypoint_outside_the_image_is_drawn_at_the_corner() -> None:
    image, expected, message = black(), black(), detection()
    drawing_utils.draw_detection(expected, message)
    message.location_data.relative_keypoints.add(x=1.5, y=0.5)
    drawing_utils.draw_detection(image, message)
    cv2.circle(expected, (0, 0), 2, (0, 0, 255), 2)
    assert_array_equal(image, expected)


def test_detection_must_be_in_relative_coordinates() -> None:
    with pytest.raises(ValueError, match="LocationData must be relative"):
        drawing_utils.draw_detection(black(), detection_pb2.Detection())


def test_tasks_detection_has_a_box_in_pixels() -> None:
    image, expected = black(), black()
    cv2.circle(expected, (50, 40), 2, (0, 0, 255), 2)
    cv2.rectangle(expected, (5, 6), (500, 26), (224, 224, 224), 2)
    found = Detection(BoundingBox(5, 6, 495, 20), [], [NormalizedKeypoint(0.5, 0.5)])
    tasks_utils.draw_detection(image, found)
    assert_array_equal(image, expected)
    found.keypoints = None
    tasks_utils.draw_detection(image, found)
    assert_array_equal(image, expected)


def test_axes_are_red_green_blue_and_clipped_to_the_image() -> None:
    image, expected = black(), black()
    cv2.arrowedLine(expected, (50, 40), (60, 40), (0, 0, 255), 2)
    cv2.arrowedLine(expected, (50, 40), (50, 31), (0, 128, 0), 2)
    cv2.arrowedLine(expected, (50, 40), (50, 40), (255, 0, 0), 2)
    drawing_utils.draw_axis(image, np.eye(3), np.array([0, 0, -0.5]))
    assert_array_equal(image, expected)
    image, expected = black(), black()
    cv2.arrowedLine(expected, (50, 40), (0, 40), (0, 0, 255), 2)
    cv2.arrowedLine(expected, (50, 40), (50, 80), (0, 128, 0), 2)
    cv2.arrowedLine(expected, (50, 40), (50, 40), (255, 0, 0), 2)
    drawing_utils.draw_axis(image, np.eye(3, dtype=np.float32), np.zeros(3, np.float32))
    assert_array_equal(image, expected)


# --- names that programs use ---


@BOTH
def test_pixel_of_a_normalized_point(drawing: Any) -> None:
    pixel = drawing._normalized_to_pixel_coordinates
    assert pixel(0.0, 1.0, 640, 480) == (0, 479)
    assert pixel(-0.0, 1.0 + 1e-10, 640, 480) == (0, 479)
    assert pixel(0.999, 0.5, 640, 480) == (639, 240)
    for outside in (-1e-12, 1.0 + 1e-8, math.nan, math.inf, -math.inf):
        assert pixel(outside, 0.5, 640, 480) is None
        assert pixel(0.5, outside, 640, 480) is None


@BOTH
def test_constants_equal_those_of_mediapipe(drawing: Any) -> None:
    names = ("WHITE", "BLACK", "RED", "GREEN", "BLUE")
    assert [getattr(drawing, f"{name}_COLOR") for name in names] == [
        (224, 224, 224),
        (0, 0, 0),
        (0, 0, 255),
        (0, 128, 0),
        (255, 0, 0),
    ]
    assert (drawing._PRESENCE_THRESHOLD, drawing._VISIBILITY_THRESHOLD) == (0.5, 0.5)
    assert drawing._BGR_CHANNELS == 3
    assert drawing._normalize_color((0, 51, 255)) == (0.0, 0.2, 1.0)


@BOTH
def test_drawing_spec_has_defaults_and_is_mutable(drawing: Any) -> None:
    spec = drawing.DrawingSpec()
    assert repr(spec) == "DrawingSpec(color=(224, 224, 224), thickness=2, circle_radius=2)"
    spec.thickness = 7
    assert spec == drawing.DrawingSpec(thickness=7)


@BOTH
def test_parameters_equal_those_of_mediapipe(drawing: Any) -> None:
    parameters = inspect.signature(drawing.draw_landmarks).parameters
    assert list(parameters) == [
        "image",
        "landmark_list",
        "connections",
        "landmark_drawing_spec",
        "connection_drawing_spec",
        "is_drawing_landmarks",
    ]
    assert list(inspect.signature(drawing.draw_axis).parameters) == [
        "image",
        "rotation",
        "translation",
        "focal_length",
        "principal_point",
        "axis_length",
        "axis_drawing_spec",
    ]


@pytest.mark.parametrize("styles", [drawing_styles, tasks_styles], ids=["solutions", "tasks"])
def test_default_style_is_orange_left_cyan_right_and_a_white_nose(styles: Any) -> None:
    style = styles.get_default_pose_landmarks_style()
    colors = {"left": (0, 138, 255), "right": (231, 217, 0), "center": (224, 224, 224)}
    assert sorted(style) == list(range(33))
    for index, spec in style.items():
        assert spec == drawing_utils.DrawingSpec(color=colors[BLAZEPOSE.sides[index]])
        assert index.name == BLAZEPOSE.names[index].upper()
    assert style[11] is style[13]
    style[11].thickness = 9
    assert styles.get_default_pose_landmarks_style()[11].thickness == 2


def test_upper_body_connections_are_those_above_the_knees() -> None:
    assert len(POSE_CONNECTIONS) == 35
    assert len(UPPER_BODY_POSE_CONNECTIONS) == 25
    assert UPPER_BODY_POSE_CONNECTIONS < POSE_CONNECTIONS
    assert {i for edge in UPPER_BODY_POSE_CONNECTIONS for i in edge} == set(range(25))


def test_import_loads_neither_opencv_nor_matplotlib() -> None:
    program = f"""
import sys
import {drawing_styles.__name__}, {tasks_styles.__name__}, {tasks_utils.__name__}
print({{"cv2", "matplotlib", "scipy"}} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr
