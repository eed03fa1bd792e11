"""`vitruvian run`: runs programs written for MediaPipe without changes."""

from typing import Annotated

import typer

__all__ = ["SETTINGS", "run"]

SETTINGS = {"ignore_unknown_options": True, "allow_interspersed_args": False}
"""All arguments after the name of the program belong to the program."""

Words = Annotated[
    list[str],
    typer.Argument(
        metavar="PROGRAM [ARGS]...",
        help="Script to run, and its arguments.",
        show_default=False,
    ),
]
IsModule = Annotated[
    bool, typer.Option("-m", help="PROGRAM is the name of a module, as after 'python -m'.")
]


def run(words: Words, is_module: IsModule = False) -> None:
    """Run a Python program written for MediaPipe Pose, unchanged.

    It runs as with 'python PROGRAM ARGS', but 'import mediapipe' imports this package.
    """
    from vitruvian.compat.programs import become_program

    become_program(words[0], words[1:], is_module=is_module)
