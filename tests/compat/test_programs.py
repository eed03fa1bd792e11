"""Typical programs for MediaPipe Pose, under `vitruvian run`.

``programs/recorded.json`` has the output of each program under MediaPipe 0.10.21 (recorded by
``benchmarks/programs.py --record``), and the tolerance of its numbers. Programs that read clips run
with feedback, so differences in the last digits grow; every tolerance is smaller than a difference
that could change a decision of the program.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import pytest

PROGRAMS = Path(__file__).with_name("programs")
RECORDED: dict[str, dict[str, Any]] = json.loads((PROGRAMS / "recorded.json").read_text())
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
VITRUVIAN = [sys.executable, "-c", "from vitruvian.cli.entry import main; main()", "run"]

seen = [pytest.mark.testdata, pytest.mark.weights]
DRAWING = "mirrored_clone"
WITHOUT_NETWORKS = (DRAWING, "holistic_drawing", "optional_parts")  # and without images
CASES = [pytest.param(name, marks=[] if name in WITHOUT_NETWORKS else seen) for name in RECORDED]


def run(name: str, args: list[str], folder: Path) -> str:
    words = [*VITRUVIAN, str(PROGRAMS / f"{name}.py"), *args]
    done = subprocess.run(
        words, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def assert_same(actual: str, expected: str, tolerance: float) -> None:
    if not tolerance:
        assert actual == expected
        return
    assert NUMBER.sub("#", actual) == NUMBER.sub("#", expected)
    pairs = zip(NUMBER.findall(actual), NUMBER.findall(expected), strict=True)
    far = [pair for pair in pairs if abs(float(pair[0]) - float(pair[1])) > tolerance + 1e-9]
    assert not far, f"{far} in\n{actual}\nfor\n{expected}"


@pytest.mark.parametrize("name", CASES)
def test_program_output_equals_that_under_mediapipe(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    case = RECORDED[name]
    args: list[str] = case["args"]
    if name not in WITHOUT_NETWORKS:
        testdata: Path = request.getfixturevalue("testdata")
        args = [str(testdata / a) if (testdata / a).exists() else a for a in args]
    actual = run(name, args, tmp_path)
    assert_same(actual, "\n".join([*case["prints"], ""]), case["tolerance"])


@pytest.mark.testdata
@pytest.mark.weights
def test_csv_file_of_a_program_has_all_columns_and_rows(testdata: Path, tmp_path: Path) -> None:
    clip = testdata / "clips" / "yoga_floor.mp4"
    run("landmarks_csv", [str(clip), "3", "table.csv"], tmp_path)
    header, *rows = (tmp_path / "table.csv").read_text().splitlines()
    columns = header.split(",")
    assert (len(columns), columns[:3], columns[-1]) == (
        1 + 33 * 4 + 33 * 3,
        ["frame", "NOSE_x", "NOSE_y"],
        "world_right_foot_index_z",
    )
    assert [len(row.split(",")) for row in rows] == [len(columns)] * 3


def test_image_file_of_a_program_can_be_opened(tmp_path: Path) -> None:
    run(DRAWING, ["picture.png"], tmp_path)
    picture = cv2.imread(str(tmp_path / "picture.png"))
    assert picture is not None
    assert picture.shape == (360, 480, 3)


def test_every_program_has_a_recorded_output() -> None:
    there = {path.stem for path in PROGRAMS.glob("*.py")} - {"conftest"}
    assert there == set(RECORDED)
