"""Running a program that says ``import mediapipe`` as it is."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

__all__ = ["become_program"]

SHIM = Path(__file__).with_name("shim")
"""Folder whose ``mediapipe`` is ours, for ``import`` and for ``importlib.metadata``."""


def become_program(program: str, args: Sequence[str] = (), *, is_module: bool = False) -> NoReturn:
    """Replace this process by a Python that runs `program`, to which ``mediapipe`` is ours.

    It is the same interpreter in the same environment, so that arguments, paths, signals, exit
    code and error messages are those of ``python PROGRAM``. Processes it starts see the same.

    Parameters
    ----------
    program : str
        Path of a script, or of a folder or archive with a ``__main__.py``; "-" for the standard
        input.
    args : sequence of str
        Its arguments.
    is_module : bool
        Whether `program` is the name of a module, as after ``python -m``.

    Raises
    ------
    SourceError
        If there is no such script.
    """
    if not (is_module or program == "-" or Path(program).exists()):
        raise SourceError(f"no program is at {program!r}: give a script, or -m and a module")
    words = [sys.executable, *(["-m"] if is_module else []), program, *args]
    ahead = [str(SHIM), *filter(None, [os.environ.get("PYTHONPATH")])]
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(sys.executable, words, os.environ | {"PYTHONPATH": os.pathsep.join(ahead)})
