"""Drawing styles: ``mp.tasks.vision.drawing_styles`` of 1.2.2, those of Solutions."""

from __future__ import annotations

from vitruvian.compat.mediapipe.python.solutions.drawing_styles import (  # noqa: F401 - in use
    _BLUE,
    _CYAN,
    _GRAY,
    _GREEN,
    _MAGENTA,
    _PEACH,
    _POSE_LANDMARKS_LEFT,
    _POSE_LANDMARKS_RIGHT,
    _PURPLE,
    _RADIUS,
    _RED,
    _THICKNESS_CONTOURS,
    _THICKNESS_DOT,
    _THICKNESS_FINGER,
    _THICKNESS_POSE_LANDMARKS,
    _THICKNESS_TESSELATION,
    _THICKNESS_WRIST_MCP,
    _WHITE,
    _YELLOW,
    get_default_face_mesh_contours_style,
    get_default_face_mesh_iris_connections_style,
    get_default_face_mesh_tesselation_style,
    get_default_hand_connections_style,
    get_default_hand_landmarks_style,
    get_default_pose_landmarks_style,
)

__all__ = [
    "get_default_face_mesh_contours_style",
    "get_default_face_mesh_iris_connections_style",
    "get_default_face_mesh_tesselation_style",
    "get_default_hand_connections_style",
    "get_default_hand_landmarks_style",
    "get_default_pose_landmarks_style",
]
