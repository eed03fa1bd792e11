"""Run a program that imports ``mediapipe``, unchanged."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.compat.opencv_check import opencv_problem
from vitruvian.errors import SourceError
from vitruvian.system import become

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

__all__ = ["become_program"]

SHIM = Path(__file__).with_name("shim")
"""Folder with the substitute ``mediapipe`` package and its metadata, put first on ``sys.path``."""


def become_program(program: str, args: Sequence[str] = (), *, is_module: bool = False) -> NoReturn:
    """Replace this process with Python running `program`, with ``mediapipe`` redirected.

    The interpreter and the environment stay the same, so arguments, paths, signals, exit code and
    error messages are those of ``python PROGRAM``. Child processes of the program are redirected,
    too. A problem with OpenCV is written to the error stream: see `opencv_problem`.

    Parameters
    ----------
    program : str
        Path of a script, or of a folder or archive with a ``__main__.py``; "-" for standard input.
    args : sequence of str
        Command-line arguments of the program.
    is_module : bool
        Whether `program` is a module name, as after ``python -m``.

    Raises
    ------
    SourceError
        If there is no such script.
    """
    if not (is_module or program == "-" or Path(program).exists()):
        raise SourceError(f"program {program!r} does not exist: give a script, or -m and a module")
    command = [sys.executable, *(["-m"] if is_module else []), program, *args]
    python_path = [str(SHIM), *filter(None, [os.environ.get("PYTHONPATH")])]
    if problem := opencv_problem(program, is_module=is_module):
        sys.stderr.write(f"warning: {problem}\n")
    become(command, os.environ | {"PYTHONPATH": os.pathsep.join(python_path)})
