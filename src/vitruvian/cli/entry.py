"""Entry point of the program `vitruvian`."""

import atexit
import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn

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

    try:
        run()
    except SystemExit as end:
        if isinstance(end.code, int) and _has_blocked_threads():
            _exit_at_once(end.code)
        raise


def _has_blocked_threads() -> bool:
    """Return whether threads are left, none of which the end of the program waits for."""
    others = [t for t in threading.enumerate() if t is not threading.main_thread()]
    return bool(others) and all(thread.daemon for thread in others)


def _exit_at_once(code: int) -> NoReturn:
    """End the process without freeing the interpreter.

    A thread that FFmpeg blocks, because a server or a pipe sends nothing, may return into the freed
    interpreter and crash.
    """
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):  # None, not read any more, or closed
            stream.flush()
    os._exit(code)
