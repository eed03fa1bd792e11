from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from vitruvian import system

LINUX_ONLY = [
    (os, "register_at_fork"),
    (os, "sched_getaffinity"),
    (os, "sched_setaffinity"),
    (os, "fork"),
    (signal, "pthread_sigmask"),
    (signal, "SIGHUP"),
    (signal, "SIGKILL"),
]


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Windows has not is away, and `sys.platform` says so."""
    for module, name in LINUX_ONLY:
        monkeypatch.delattr(module, name)
    monkeypatch.setattr(sys, "platform", "win32")


@pytest.mark.usefixtures("windows")
def test_on_windows_all_cores_are_used() -> None:
    assert system.usable_cores() == set(range(os.cpu_count() or 1))
    system.use_cores({0})


@pytest.mark.usefixtures("windows")
def test_on_windows_nothing_is_forked_or_blocked() -> None:
    system.at_fork(before=list, in_parent=list, in_child=list)
    with system.blocked_signals([signal.SIGINT]):
        system.unblock_signals([signal.SIGINT])


def test_on_windows_a_program_is_a_child_whose_exit_code_is_passed_on() -> None:
    code = "import subprocess, sys; from vitruvian import system; sys.platform = 'win32'; "
    code += f"system.become([{sys.executable!r}, '-c', 'import sys; sys.exit(7)'], {{}})"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 7


def test_a_process_keeps_to_its_cores() -> None:
    code = "from vitruvian.system import *; core = min(usable_cores()); use_cores({core}); "
    code += "assert usable_cores() == {core}"
    subprocess.run([sys.executable, "-c", code], check=True)


# Windows' own parts of other libraries can't be imported here, so that they are imported before.
WITHOUT_WHAT_LINUX_HAS = """
import os, signal, sys, multiprocessing.connection, subprocess, concurrent.futures.thread
import av, numpy, PIL.Image, typer, rich.progress, rich.console, platformdirs, filelock
import openvino
for module, names in (
    (os, ("register_at_fork", "sched_getaffinity", "sched_setaffinity", "fork", "execve")),
    (signal, ("pthread_sigmask", "SIGHUP", "SIGKILL", "SIG_BLOCK", "SIG_UNBLOCK")),
):
    for name in names:
        delattr(module, name)
sys.platform = "win32"
import vitruvian
from vitruvian.cli.main import app
with vitruvian.PoseTracker("lite") as tracker:
    tracker.update(vitruvian.Frame(numpy.zeros((64, 64, 3), numpy.uint8), timestamp_us=0))
import vitruvian.runs.processes, vitruvian.compat.programs, vitruvian.compat.mediapipe
"""


@pytest.mark.weights
def test_nothing_that_only_linux_has_is_called_outside_this_module() -> None:
    subprocess.run([sys.executable, "-c", WITHOUT_WHAT_LINUX_HAS], check=True)
