from __future__ import annotations

import logging
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import vitruvian as package
from vitruvian.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typer.testing import Result

    Program = Callable[..., Result]

HEAVY = ("av", "cv2", "numpy", "openvino", "PIL", "pyarrow", "rich.progress")


def test_version_is_the_package_version(vitruvian: Program) -> None:
    result = vitruvian("--version")
    assert result.output == f"vitruvian {package.__version__}\n"
    assert result.exit_code == 0


def test_no_command_shows_the_help(vitruvian: Program) -> None:
    assert "Usage: vitruvian" in vitruvian().output


def test_error_is_one_line_and_exit_code_1(vitruvian: Program) -> None:
    result = vitruvian("track", "absent.mp4")
    assert result.exit_code == 1
    assert result.stderr == "error: can't read 'absent.mp4': No such file or directory\n"
    assert result.stdout == ""


@pytest.mark.parametrize(
    "words",
    [
        ["--verbose", "track", "absent.mp4"],
        ["track", "absent.mp4", "--verbose"],
        ["track", "-v", "absent.mp4"],
    ],
)
def test_verbose_prints_the_traceback(vitruvian: Program, words: list[str]) -> None:
    assert isinstance(vitruvian(*words).exception, SourceError)
    assert logging.getLogger("vitruvian").level == logging.INFO


def test_program_prints_one_line_and_with_verbose_a_traceback(tmp_path: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from vitruvian.cli.main import run; run()", *words]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)

    short, long = run("track", "absent.mp4"), run("-v", "track", "absent.mp4")
    assert short.returncode == long.returncode == 1
    assert len(short.stderr.splitlines()) == 1
    assert "Traceback" in long.stderr


@pytest.mark.parametrize("words", [["--help"], ["track", "--help"], ["models", "list"]])
def test_light_commands_load_nothing_heavy(words: list[str]) -> None:
    program = f"""
import sys
from vitruvian.cli.main import app
app({words!r}, standalone_mode=False)
print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"
