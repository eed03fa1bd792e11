"""Busy processes: other programs that keep processor cores busy while something is measured."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["busy_processes", "ended_children_s"]

# It also ends when its parent has ended in a way that leaves no time to end it.
BUSY = """
import os
parent = os.getppid()
while os.getppid() == parent:
    for _ in range(100_000):
        pass
"""
START_S = 0.2  # until a busy process has started and has a core


@contextmanager
def busy_processes(count: int) -> Iterator[list[int]]:
    """Keep `count` processes busy, one thread each, and end them; gives their process IDs."""
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(count):
            command = [sys.executable, "-c", BUSY]
            processes.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        time.sleep(START_S if count else 0)
        yield [process.pid for process in processes]
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()


def ended_children_s() -> float:
    """Return the CPU time of all ended child processes of this process, such as busy ones."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
