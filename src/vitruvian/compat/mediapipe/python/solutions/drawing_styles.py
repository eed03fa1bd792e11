"""Drawing styles of pose, hand and face landmarks: ``mp.solutions.drawing_styles``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import vitruvian.compat.mediapipe.python.solutions.face_mesh_connections as face
import vitruvian.compat.mediapipe.python.solutions.hands_connections as hand
from vitruvian.compat.mediapipe._drawing import DrawingSpec
from vitruvian.compat.mediapipe.python.solutions.hands import HandLandmark
from vitruvian.compat.mediapipe.python.solutions.pose import PoseLandmark
from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vitruvian.compat.mediapipe._drawing import Color

__all__ = [
    "DrawingSpec",
    "HandLandmark",
    "PoseLandmark",
    "get_default_face_mesh_contours_style",
    "get_default_face_mesh_iris_connections_style",
    "get_default_face_mesh_tesselation_style",
    "get_default_hand_connections_style",
    "get_default_hand_landmarks_style",
    "get_default_pose_landmarks_style",
]

# MediaPipe, python/solutions/drawing_styles.py; BGR. Programs build custom styles with these.
_RADIUS = 5
_RED = (48, 48, 255)
_GREEN = (48, 255, 48)
_BLUE = (192, 101, 21)
_YELLOW = (0, 204, 255)
_GRAY = (128, 128, 128)
_PURPLE = (128, 64, 128)
_PEACH = (180, 229, 255)
_WHITE = (224, 224, 224)
_CYAN = (192, 255, 48)
_MAGENTA = (192, 48, 255)
_THICKNESS_WRIST_MCP = 3
_THICKNESS_FINGER = 2
_THICKNESS_DOT = -1
_THICKNESS_TESSELATION = 1
_THICKNESS_CONTOURS = 2
_THICKNESS_POSE_LANDMARKS = 2
_POSE_LEFT = (0, 138, 255)
_POSE_RIGHT = (231, 217, 0)


def _of_side(side: str) -> frozenset[PoseLandmark]:
    return frozenset(PoseLandmark(i) for i, of in enumerate(BLAZEPOSE.sides) if of == side)


_POSE_LANDMARKS_LEFT = _of_side("left")
_POSE_LANDMARKS_RIGHT = _of_side("right")
_FINGERS = {  # color of a finger, its first joint that has this color, and its connections
    _PEACH: (HandLandmark.THUMB_MCP, hand.HAND_THUMB_CONNECTIONS),
    _PURPLE: (HandLandmark.INDEX_FINGER_PIP, hand.HAND_INDEX_FINGER_CONNECTIONS),
    _YELLOW: (HandLandmark.MIDDLE_FINGER_PIP, hand.HAND_MIDDLE_FINGER_CONNECTIONS),
    _GREEN: (HandLandmark.RING_FINGER_PIP, hand.HAND_RING_FINGER_CONNECTIONS),
    _BLUE: (HandLandmark.PINKY_PIP, hand.HAND_PINKY_FINGER_CONNECTIONS),
}
_FACE_CONTOURS = (  # by argument: the plain style and the one with a color for each part
    {
        _WHITE: face.FACEMESH_LIPS | face.FACEMESH_FACE_OVAL,
        _GREEN: face.FACEMESH_LEFT_EYE | face.FACEMESH_LEFT_EYEBROW,
        _RED: face.FACEMESH_RIGHT_EYE | face.FACEMESH_RIGHT_EYEBROW,
    },
    {
        _BLUE: face.FACEMESH_LIPS,
        _CYAN: face.FACEMESH_LEFT_EYE,
        _GREEN: face.FACEMESH_LEFT_EYEBROW,
        _MAGENTA: face.FACEMESH_RIGHT_EYE,
        _RED: face.FACEMESH_RIGHT_EYEBROW,
        _WHITE: face.FACEMESH_FACE_OVAL,
        _YELLOW: face.FACEMESH_NOSE,
    },
)
_IRISES = {
    _GREEN: face.FACEMESH_LEFT_IRIS,
    _RED: face.FACEMESH_RIGHT_IRIS,
}


def get_default_hand_landmarks_style() -> dict[int, DrawingSpec]:
    """Return a new style with filled dots: red for the palm, a color for each finger."""
    style: dict[int, DrawingSpec] = dict.fromkeys(HandLandmark, _dot(_RED))
    for color, (first, _) in _FINGERS.items():
        style |= dict.fromkeys(map(HandLandmark, range(first, first + 3)), _dot(color))
    return style


def get_default_hand_connections_style() -> dict[tuple[int, int], DrawingSpec]:
    """Return a new style with a gray palm and a color for each finger."""
    palm = DrawingSpec(color=_GRAY, thickness=_THICKNESS_WRIST_MCP)
    style = dict.fromkeys(hand.HAND_PALM_CONNECTIONS, palm)
    for color, (_, connections) in _FINGERS.items():
        style |= dict.fromkeys(connections, DrawingSpec(color, _THICKNESS_FINGER))
    return style


def get_default_face_mesh_contours_style(i: int = 0) -> dict[tuple[int, int], DrawingSpec]:
    """Return a new style of the outlines of a face: with `i` 1, a color for each part."""
    return _lines(_FACE_CONTOURS[i == 1], _THICKNESS_CONTOURS)


def get_default_face_mesh_tesselation_style() -> DrawingSpec:
    """Return a new thin gray style."""
    return DrawingSpec(color=_GRAY, thickness=_THICKNESS_TESSELATION)


def get_default_face_mesh_iris_connections_style() -> dict[tuple[int, int], DrawingSpec]:
    """Return a new style with a green left and a red right iris."""
    return _lines(_IRISES, _THICKNESS_CONTOURS)


def _dot(color: Color) -> DrawingSpec:
    return DrawingSpec(color=color, thickness=_THICKNESS_DOT, circle_radius=_RADIUS)


def _lines(
    parts: Mapping[Color, Iterable[tuple[int, int]]], thickness: int
) -> dict[tuple[int, int], DrawingSpec]:
    """Return the style in which the connections of a part share one `DrawingSpec`."""
    style: dict[tuple[int, int], DrawingSpec] = {}
    for color, connections in parts.items():
        style |= dict.fromkeys(connections, DrawingSpec(color=color, thickness=thickness))
    return style


def get_default_pose_landmarks_style() -> dict[int, DrawingSpec]:
    """Return a new style with an orange left side, a cyan right side and a white nose.

    The landmarks of a side share one `DrawingSpec`.
    """
    left, right, nose = (
        DrawingSpec(color=color, thickness=_THICKNESS_POSE_LANDMARKS)
        for color in (_POSE_LEFT, _POSE_RIGHT, _WHITE)
    )
    return {
        **dict.fromkeys(_POSE_LANDMARKS_LEFT, left),
        **dict.fromkeys(_POSE_LANDMARKS_RIGHT, right),
        PoseLandmark.NOSE: nose,
    }
