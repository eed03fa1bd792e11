"""`typing.get_type_hints` on what programs derive from, wrap, and build forms for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_type_hints

import pytest

import vitruvian.compat.mediapipe as mp
from vitruvian.compat.mediapipe.tasks.python import vision

if TYPE_CHECKING:
    from collections.abc import Callable

POSE = mp.solutions.pose.Pose
CALLABLES = [
    *(POSE, POSE.__init__, POSE.process, mp.solutions.holistic.Holistic),
    *(mp.Image, mp.Image.__init__, mp.Image.numpy_view, mp.Image.create_from_file, mp.ImageFrame),
    *(vision.PoseLandmarker, vision.PoseLandmarker.create_from_options),
    *(vision.PoseLandmarker.detect, vision.PoseLandmarker.detect_for_video),
    vision.PoseLandmarker.detect_async,
]
DRAWN = ["draw_axis", "draw_detection", "draw_landmarks", "plot_landmarks"]


@pytest.mark.parametrize("subject", CALLABLES, ids=lambda subject: subject.__qualname__)
def test_type_hints_are_known(subject: Callable[..., Any]) -> None:
    assert isinstance(get_type_hints(subject), dict)


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("module", [mp.solutions.drawing_utils, vision.drawing_utils])
def test_type_hints_of_drawing_functions_are_known(module: Any, name: str) -> None:
    assert get_type_hints(getattr(module, name))["return"] is type(None)


def test_a_class_of_a_program_has_its_own_type_hints() -> None:
    class Counter(mp.solutions.pose.Pose):
        squats: int = 0

    assert get_type_hints(Counter)["squats"] is int
