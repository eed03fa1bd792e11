"""Calls that not every operating system has, each with what is done where it is missing."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import NoReturn

__all__ = [
    "at_fork",
    "become",
    "blocked_signals",
    "can_lock_files",
    "lock_file",
    "unblock_signals",
    "usable_cores",
    "use_cores",
]


def usable_cores() -> set[int]:
    """Return the numbers of the processor cores that this process may use.

    Where a process can't be kept to some of the cores, as on macOS, these are all cores.
    """
    if sys.platform in ("win32", "darwin"):
        return set(range(os.cpu_count() or 1))
    return os.sched_getaffinity(0)


def use_cores(cores: set[int]) -> None:
    """Keep this process, and the threads that it starts from now on, to these cores.

    On Windows and macOS nothing is done: the system divides the cores.
    """
    if sys.platform not in ("win32", "darwin"):
        os.sched_setaffinity(0, cores)


def at_fork(
    *,
    before: Callable[[], object],
    in_parent: Callable[[], object],
    in_child: Callable[[], object],
) -> None:
    """Call functions before and after each fork of this process; Windows has no fork."""
    if sys.platform != "win32":
        os.register_at_fork(before=before, after_in_parent=in_parent, after_in_child=in_child)


@contextmanager
def blocked_signals(numbers: Sequence[signal.Signals]) -> Iterator[None]:
    """Block signals in this thread, and in processes that the block starts.

    Windows can't block them: there the processes get Ctrl-C as well.
    """
    if sys.platform == "win32":
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # its start, with that of a process, unblocks the signals
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def unblock_signals(numbers: Sequence[signal.Signals]) -> None:
    """Let this thread receive signals that were blocked by `blocked_signals`."""
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)


def can_lock_files() -> bool:
    """Return whether an open file can be locked without keeping others from moving it."""
    return sys.platform != "win32"


def lock_file(file: int, *, wait: bool) -> None:
    """Lock an open file until it is closed, where `can_lock_files` is true.

    Raises
    ------
    OSError
        If another process has locked it and `wait` is false, or the file system has no locks.
    """
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)


def become(command: list[str], environment: Mapping[str, str]) -> NoReturn:
    """Replace this process by another program, which keeps the process number.

    On Windows the program is a child, since ``exec`` there returns to the shell at once: this
    process waits for it and ends with its exit code.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    if sys.platform == "win32":
        import subprocess

        sys.exit(subprocess.run(command, env=environment, check=False).returncode)
    os.execve(command[0], command, environment)
