"""Programs for depthai_blazepose under `vitruvian run`: which modules they import."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from vitruvian.compat import blazepose_hook
from vitruvian.compat.opencv_check import _files_of

RUN = ["-c", "from vitruvian.cli.entry import main; main()", "run"]
TREE = "vitruvian.compat.depthai_blazepose"
THEIRS = ("BlazeposeDepthai", "BlazeposeDepthaiEdge", "BlazeposeRenderer", "FPS", "mediapipe_utils")


def printed(folder: Path, code: str, *words: str) -> str:
    """Return what a program in a folder prints under ``vitruvian run``."""
    (folder / "program.py").write_text(code)
    done = subprocess.run(
        [sys.executable, *(words or RUN), "program.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr.strip().rpartition("\n")[2]


def cloned(folder: Path) -> None:
    """Write the files of depthai_blazepose, as far as their names go."""
    for name in THEIRS:
        (folder / f"{name}.py").write_text("import cv2, depthai; cv2.imshow('a', 1)")


NAMES = "; ".join(f"import {name}; print({name}.__name__)" for name in reversed(THEIRS))
ALL_OURS = "".join(f"{TREE}.{name}\n" for name in reversed(THEIRS))


def test_a_program_in_a_clone_gets_our_modules(tmp_path: Path) -> None:
    cloned(tmp_path)
    assert printed(tmp_path, NAMES) == ALL_OURS


def test_a_program_that_appends_the_clone_to_its_path_gets_our_modules(tmp_path: Path) -> None:
    cloned(tmp_path)
    folder = tmp_path / "examples" / "one"
    folder.mkdir(parents=True)
    assert printed(folder, f"import sys; sys.path.append('../..'); {NAMES}") == ALL_OURS


def test_a_program_without_a_clone_gets_our_modules(tmp_path: Path) -> None:
    code = (
        "from BlazeposeRenderer import BlazeposeRenderer\n"
        "from BlazeposeDepthaiEdge import BlazeposeDepthai\n"
        "from mediapipe_utils import KEYPOINT_DICT\n"
        "from FPS import FPS, now\n"
        "print(BlazeposeRenderer.__module__, BlazeposeDepthai.__module__, len(KEYPOINT_DICT))"
    )
    assert printed(tmp_path, code) == f"{TREE}.renderer {TREE}.edge 33\n"


@pytest.mark.parametrize("name", ["BlazeposeRenderer", "FPS", "mediapipe_utils"])
def test_a_module_of_another_program_is_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.py").write_text("WHO = 'its own'")
    code = f"import BlazeposeDepthai, {name}; print({name}.WHO)"
    assert printed(tmp_path, code) == "its own\n"


@pytest.mark.parametrize("name", ["FPS", "mediapipe_utils"])
def test_a_missing_module_stays_missing_in_a_program_without_a_tracker(
    tmp_path: Path, name: str
) -> None:
    error = f"ModuleNotFoundError: No module named '{name}'"
    assert printed(tmp_path, f"import {name}") == error


def test_python_alone_is_not_redirected(tmp_path: Path) -> None:
    (tmp_path / "BlazeposeDepthai.py").write_text("WHO = 'its own'")
    code = "import BlazeposeDepthai; print(BlazeposeDepthai.WHO)"
    assert printed(tmp_path, code, "-u") == "its own\n"


def test_both_names_give_the_same_class(tmp_path: Path) -> None:
    code = (
        "from BlazeposeDepthai import BlazeposeDepthai as a\n"
        f"from {TREE}.BlazeposeDepthai import BlazeposeDepthai as b\n"
        "print(a is b)"
    )
    assert printed(tmp_path, code) == "True\n"


def test_the_check_of_opencv_ignores_the_replaced_modules(tmp_path: Path) -> None:
    assert list(_files_of("FPS", tmp_path)) == []
    (tmp_path / "FPS.py").write_text("")
    assert list(_files_of("FPS", tmp_path)) == [tmp_path / "FPS.py"]
    cloned(tmp_path)
    assert list(_files_of("FPS", tmp_path)) == []
    (tmp_path / "other.py").write_text("")
    assert list(_files_of("other", tmp_path)) == [tmp_path / "other.py"]


def test_the_hook_is_quick_to_import() -> None:
    code = "import sys, vitruvian.compat.blazepose_hook; print('numpy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout == "False\n"


def test_the_names_of_the_shim_are_those_of_the_hook() -> None:
    shim = Path(blazepose_hook.__file__).with_name("shim") / "vitruvian_blazepose_redirect.py"
    names: dict[str, object] = {}
    exec(shim.read_text(), names)
    assert names["NAMES"] == (*blazepose_hook.TRACKERS, *blazepose_hook.COMMON)
