"""Run a program that imports ``mediapipe``, unchanged."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.compat.opencv_check import opencv_problem
from vitruvian.errors import SourceError
from vitruvian.system import become

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

__all__ = ["ENVIRONMENT", "SHIM", "Program", "become_program", "read_program"]

SHIM = Path(__file__).with_name("shim")
"""Folder with the ``sitecustomize`` module that redirects ``import mediapipe``."""

ENVIRONMENT = "VITRUVIAN_RUN"
"""Environment variable that names the environment whose Pythons are redirected."""

OPTION = r"-([bBdiOPqRsuvx]*)([cmWX]?)(.*)"  # of Python: flags, then one with a value
REFUSED = "EIS"  # Python ignores PYTHONPATH or sitecustomize then


@dataclass(frozen=True, slots=True)
class Program:
    """A program, as on the command line of Python.

    Attributes
    ----------
    name : str
        Path of a script, a notebook, or a folder or archive with a ``__main__.py``; "-" for
        standard input; after `switch`, a module or code.
    args : tuple of str
        Its command-line arguments.
    switch : str
        "-m", "-c" or "".
    options : tuple of str
        Other options of Python.
    """

    name: str
    args: tuple[str, ...] = ()
    switch: str = ""
    options: tuple[str, ...] = ()

    @property
    def is_script(self) -> bool:
        """Whether `name` is a path."""
        return not self.switch and self.name != "-"


def read_program(words: Sequence[str]) -> Program | None:
    """Return the program on a command line of Python; None if there is none.

    Raises
    ------
    ValueError
        If an option prevents that ``import mediapipe`` is redirected.
    """
    options: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "-" or not word.startswith("-"):
            return Program(word, tuple(rest), "", tuple(options))
        flags, key, value = re.findall(OPTION, word, re.DOTALL)[0]
        if not key and value:
            if value[0] in REFUSED:
                raise ValueError(f"vitruvian run can't redirect 'import mediapipe' with {word!r}")
            return None
        options += [f"-{flags}"] if flags else []
        if key and not value:
            if not rest:
                return None
            value = rest.pop(0)
        if key and key in "cm":
            return Program(value, tuple(rest), f"-{key}", tuple(options))
        options += [f"-{key}{value}"] if key else []
    return None


def become_program(program: Program) -> NoReturn:
    """Replace this process with Python running a program, with ``mediapipe`` redirected.

    The interpreter and the environment stay the same, so arguments, paths, signals, exit code and
    error messages are those of ``python PROGRAM``. Child processes are redirected, too, if they run
    a Python of the same environment; others are left alone. A problem with OpenCV is written to the
    error stream: see `opencv_problem`.

    Raises
    ------
    SourceError
        If there is no such script, or it is a notebook that can't be run.
    """
    words = [program.switch, program.name] if program.switch else [program.name]
    if program.is_script:
        if not Path(program.name).exists():
            raise SourceError(
                f"program {program.name!r} does not exist: give a script, or -m and a module"
            )
        if Path(program.name).suffix.lower() == ".ipynb":
            from vitruvian.compat import notebook

            notebook.read_cells(Path(program.name))
            words = [str(notebook.__file__), program.name]
    if problem := opencv_problem(program):
        sys.stderr.write(f"warning: {problem}\n")
    given = os.environ.get("PYTHONPATH")
    paths = [str(SHIM), *(given.split(os.pathsep) if given else ())]  # "" is the current folder
    variables = {
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)),
        ENVIRONMENT: f"{sys.hexversion:x} {os.path.realpath(sys.prefix)}",  # as in sitecustomize.py
    }
    command = [sys.executable, *program.options, *words, *program.args]
    become(command, os.environ | variables)
