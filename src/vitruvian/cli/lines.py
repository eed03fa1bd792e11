"""Printed lines: above the progress bars, if there are any on the terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["BARS", "print_line"]

BARS: list[Console] = []
"""The consoles on which bars are shown now; they must be told of every line, or overwrite it."""


def print_line(text: str, *, err: bool = False) -> None:
    """Print a line, to the error stream if `err`."""
    if BARS and (err or sys.stdout.isatty()):
        BARS[-1].print(text, markup=False, emoji=False, highlight=False, soft_wrap=True)
    else:
        typer.echo(text, err=err)
