"""`vitruvian run`: programs written for MediaPipe, as they are."""

from typing import Annotated

import typer

__all__ = ["SETTINGS", "run"]

SETTINGS = {"ignore_unknown_options": True, "allow_interspersed_args": False}
"""Everything after the program's name is the program's."""

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

    It runs as under 'python PROGRAM ARGS', but that 'import mediapipe' gives this package.
    """
    from vitruvian.compat.programs import become_program

    become_program(words[0], words[1:], is_module=is_module)
