"""Entry point of the program `vitruvian`."""

import sys
from contextlib import suppress

from vitruvian.errors import SourceError

__all__ = ["main"]


def main() -> None:
    """Run the command line; for `vitruvian run`, start the program without loading the rest."""
    from vitruvian.compat.programs import become_program, read_program

    if sys.argv[1:2] == ["run"]:
        with suppress(SourceError, ValueError):  # the command line reports it in one line
            if program := read_program(sys.argv[2:]):
                become_program(program)
    from vitruvian.cli.main import run

    run()
