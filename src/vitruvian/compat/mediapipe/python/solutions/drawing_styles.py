"""Drawing styles of pose landmarks: ``mp.solutions.drawing_styles``."""

from __future__ import annotations

from vitruvian.compat.mediapipe._drawing import DrawingSpec
from vitruvian.compat.mediapipe.python.solutions.pose import PoseLandmark
from vitruvian.compat.namespaces import members
from vitruvian.core.skeleton import BLAZEPOSE

__all__ = ["DrawingSpec", "PoseLandmark", "get_default_pose_landmarks_style"]

__getattr__ = members(__name__, {})[0]
__path__: list[str] = []  # makes `from drawing_styles import ...` give the same error

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
_THICKNESS_DOT = -1
_THICKNESS_POSE_LANDMARKS = 2
_POSE_LEFT = (0, 138, 255)
_POSE_RIGHT = (231, 217, 0)


def _of_side(side: str) -> frozenset[PoseLandmark]:
    return frozenset(PoseLandmark(i) for i, of in enumerate(BLAZEPOSE.sides) if of == side)


_POSE_LANDMARKS_LEFT = _of_side("left")
_POSE_LANDMARKS_RIGHT = _of_side("right")


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
