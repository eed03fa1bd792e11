"""The program `vitruvian`: where it starts."""

import sys
from contextlib import suppress

from vitruvian.errors import SourceError

__all__ = ["main"]


def main() -> None:
    """Run the command line, or at once, without loading it, a program for MediaPipe."""
    from vitruvian.compat.programs import become_program

    with suppress(SourceError):  # which the command line tells in one line
        match sys.argv[1:]:
            case ["run", "-m", module, *args] if not module.startswith("-"):
                become_program(module, args, is_module=True)
            case ["run", program, *args] if program == "-" or not program.startswith("-"):
                become_program(program, args)
    from vitruvian.cli.main import run

    run()
