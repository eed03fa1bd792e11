"""Drawing styles of pose landmarks: ``mp.tasks.vision.drawing_styles``, those of Solutions."""

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
    _THICKNESS_DOT,
    _THICKNESS_POSE_LANDMARKS,
    _WHITE,
    _YELLOW,
    get_default_pose_landmarks_style,
)
from vitruvian.compat.namespaces import members

__all__ = ["get_default_pose_landmarks_style"]

__getattr__ = members(__name__, {})[0]
__path__: list[str] = []  # makes `from drawing_styles import ...` give the same error
