"""Entry point of the program `vitruvian`."""

import sys
from contextlib import suppress

from vitruvian.errors import SourceError

__all__ = ["main"]


def main() -> None:
    """Run the command line; for `vitruvian run`, start the program without loading the rest."""
    from vitruvian.compat.programs import become_program

    with suppress(SourceError):  # the command line reports it in one line
        match sys.argv[1:]:
            case ["run", "-m", module, *args] if not module.startswith("-"):
                become_program(module, args, is_module=True)
            case ["run", program, *args] if program == "-" or not program.startswith("-"):
                become_program(program, args)
    from vitruvian.cli.main import run

    run()
