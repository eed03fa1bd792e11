"""`vitruvian models export` with the real networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import onnxruntime
import pytest

from vitruvian.models.store import find_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typer.testing import Result

    Program = Callable[..., Result]

pytestmark = pytest.mark.weights


def test_export_prints_size_inputs_and_outputs(vitruvian: Program, tmp_path: Path) -> None:
    result = vitruvian("models", "export", "full", "--onnx", "full.onnx")
    assert result.exit_code == 0, result.output
    assert [line.split(maxsplit=2) for line in result.stdout.splitlines()] == [
        ["full.onnx:", "12.7", "MB"],
        ["input", "input_1", "batch x 3 x 256 x 256"],
        ["output", "Identity", "batch x 195"],
        ["output", "Identity_1", "batch x 1"],
        ["output", "Identity_2", "batch x 256 x 256 x 1"],
        ["output", "Identity_3", "batch x 64 x 64 x 39"],
        ["output", "Identity_4", "batch x 117"],
    ]
    session = onnxruntime.InferenceSession(tmp_path / "full.onnx")
    assert [value.shape for value in session.get_inputs()] == [["batch", 3, 256, 256]]


def test_export_of_a_path_replaces_an_existing_file(vitruvian: Program, tmp_path: Path) -> None:
    (tmp_path / "mine.onnx").write_bytes(b"older")
    path = find_file("detector").path
    assert vitruvian("models", "export", path, "--onnx", "mine.onnx").exit_code == 0
    assert vitruvian("models", "export", "detector", "--onnx", "same.onnx").exit_code == 0
    onnxruntime.InferenceSession(tmp_path / "mine.onnx")
    assert (tmp_path / "mine.onnx").stat().st_size == (tmp_path / "same.onnx").stat().st_size


def test_export_looks_in_the_named_folder_first(vitruvian: Program, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "pose_landmark_lite.tflite").write_bytes(b"no model")
    result = vitruvian("models", "export", "lite", "--onnx", "a.onnx", "--models", "models")
    assert result.exit_code == 1
    assert "must have SHA-256" in result.stderr


@pytest.mark.parametrize(
    ("name", "target", "exit_code", "message"),
    [
        ("huge", "a.onnx", 2, "['detector', 'lite', 'full', 'heavy'] or the path of a .tflite"),
        ("absent.tflite", "a.onnx", 1, "no model file at 'absent.tflite'"),
        ("text.tflite", "a.onnx", 1, "'text.tflite' is not a TFLite model"),
        ("lite", "folder", 1, "can't write 'folder': Is a directory"),
        ("lite", "text.tflite/a.onnx", 1, "can't write 'text.tflite/a.onnx': "),
    ],
)
def test_what_cannot_be_exported_is_an_error_of_one_line(
    vitruvian: Program, tmp_path: Path, name: str, target: str, exit_code: int, message: str
) -> None:
    (tmp_path / "text.tflite").write_text("no model, but text")
    (tmp_path / "folder").mkdir()
    result = vitruvian("models", "export", name, "--onnx", target)
    assert result.exit_code == exit_code
    assert len(result.stderr.splitlines()) == 1
    assert message in result.stderr
    assert not (tmp_path / "a.onnx").exists()
