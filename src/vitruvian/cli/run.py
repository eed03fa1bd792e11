"""`vitruvian run`: runs programs written for MediaPipe or depthai_blazepose without changes."""

from typing import Annotated

import typer

__all__ = ["SETTINGS", "run"]

SETTINGS = {"ignore_unknown_options": True, "allow_interspersed_args": False}
"""Options before the name of the program belong to Python, all words after it to the program."""

Words = Annotated[
    list[str],
    typer.Argument(
        metavar="PROGRAM [ARGS]...",
        help="Script or notebook to run, and its arguments; '-' for standard input.",
        show_default=False,
    ),
]


def run(words: Words) -> None:
    """Run a Python program written for MediaPipe Pose or depthai_blazepose, unchanged.

    It runs as with 'python PROGRAM ARGS', but 'import mediapipe' imports this package, and so do
    imports of the modules of depthai_blazepose. Options of Python, such as -u, -O or -W, go before
    PROGRAM.
    """
    from vitruvian.compat.programs import become_program, read_program

    program = read_program(words)
    if program is None:
        raise typer.BadParameter(f"give a program, -m MODULE or -c CODE, got {' '.join(words)!r}")
    become_program(program)
