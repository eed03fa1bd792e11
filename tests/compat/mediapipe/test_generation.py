"""The shape of images of one channel, and of masks, follows the names that the program uses."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import vitruvian.compat.mediapipe as mp
from vitruvian.compat.generation import VARIABLE, Usage, note_use
from vitruvian.compat.mediapipe.tasks.python.vision.core.image import Image as Image12

PIXELS = np.ones((4, 5), np.float32)
HW, HW1 = (4, 5), (4, 5, 1)


def shape() -> tuple[int, ...]:
    return mp.Image(mp.ImageFormat.VEC32F1, PIXELS).numpy_view().shape


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        ([], HW),
        (["tasks.python.vision.PoseLandmarker"], HW),
        (["solutions"], HW),
        (["framework.formats.landmark_pb2"], HW),
        (["tasks.python.vision.drawing_utils"], HW1),
        (["tasks.python.vision.PoseLandmark"], HW1),
        (["tasks.python.vision.core.image"], HW1),
        (["tasks.python.vision.drawing_styles", "solutions.pose"], HW),
    ],
)
def test_the_shape_follows_the_names_that_only_one_generation_has(
    used: list[str], expected: tuple[int, ...]
) -> None:
    for name in used:
        note_use(name)
    assert shape() == expected


def test_the_shape_does_not_change_within_a_program(usage: Usage) -> None:
    assert shape() == HW
    note_use("tasks.python.vision.drawing_utils")
    assert shape() == HW
    assert usage.decision is True


@pytest.mark.parametrize(("setting", "expected"), [("0.10", HW), ("1", HW1), ("", HW)])
def test_the_environment_variable_decides(
    setting: str, expected: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, setting)
    note_use("solutions")
    assert shape() == expected


def test_an_unknown_setting_raises_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "2")
    with pytest.raises(ValueError, match=r"^VITRUVIAN_MEDIAPIPE must be '0\.10' or '1', got '2'$"):
        shape()


def test_indices_follow_the_shape() -> None:
    note_use("tasks.python.vision.drawing_utils")
    image = mp.Image(mp.ImageFormat.VEC32F1, PIXELS)
    assert image[0, 1] == image[0, 1, 0] == 1.0


def test_the_image_class_of_1_2_has_an_axis_always() -> None:
    note_use("solutions")
    assert Image12(mp.ImageFormat.VEC32F1, PIXELS).numpy_view().shape == HW1


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("mp.tasks.vision.PoseLandmarker", HW),
        ("mp.solutions.drawing_styles; mp.tasks.vision.drawing_utils", HW),
        ("from mediapipe.framework.formats import landmark_pb2", HW),
        ("from mediapipe.python.solutions import drawing_utils", HW),
        ("import mediapipe.solutions.pose", HW),
        ("mp.tasks.vision.drawing_utils", HW1),
        ("from mediapipe.tasks.python.vision import drawing_styles", HW1),
        ("import mediapipe.tasks.python.vision.drawing_utils as drawing", HW1),
        ("from mediapipe.tasks.python.vision.drawing_utils import draw_landmarks", HW1),
        ("from mediapipe.tasks.python.vision import PoseLandmark", HW1),
    ],
)
def test_every_import_style_is_noticed(program: str, expected: tuple[int, ...]) -> None:
    code = (
        "import vitruvian.compat, numpy; vitruvian.compat.install();"
        f"import mediapipe as mp; {program};"
        "image = mp.Image(mp.ImageFormat.GRAY8, numpy.zeros((4, 5), numpy.uint8));"
        "print(image.numpy_view().shape)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"{expected}\n"
