"""The benchmarks can be imported, and the quick ones run."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

import vitruvian as vt
from vitruvian.synthetic.scenarios import crossing

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"
DEMO = Path(vt.__file__).parent / "data" / "demo.mp4"
# They run in side environments, with packages that are not installed here.
ELSEWHERE = {"mediapipe_people", "mediapipe_worker", "task_bundle", "trackeval_worker"}


@pytest.mark.parametrize("name", sorted({path.stem for path in FOLDER.glob("*.py")} - ELSEWHERE))
def test_a_benchmark_can_be_imported(name: str) -> None:
    assert import_module(name).__doc__


@pytest.mark.weights
def test_the_overhead_of_the_layer_is_measured_on_a_clip_that_begins_with_nobody(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["compat_overhead.py", str(DEMO), "--model", "lite", "--frames", "40"]
    monkeypatch.setattr(sys, "argv", arguments)
    import_module("compat_overhead").main()
    assert "33 world landmarks" in capsys.readouterr().out


@pytest.mark.weights
def test_the_spread_is_measured_on_a_short_scenario(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spread = import_module("spread")
    monkeypatch.setattr(spread, "SCENARIOS", {"short": lambda: replace(crossing(), duration_s=0.3)})
    monkeypatch.setattr(sys, "argv", ["spread.py", "--model", "lite", "--step", "2"])
    spread.main()
    printed = capsys.readouterr().out
    assert all(f"\n{name}" in printed for name in ("visible", "hidden", "all", "rank correlation"))


@pytest.mark.weights
def test_the_reliability_of_visibility_is_measured_and_drawn(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    visibility = import_module("visibility")
    monkeypatch.setattr(visibility, "OUTPUT", tmp_path / "visibility.svg")
    monkeypatch.setattr(visibility, "TESTDATA", tmp_path)
    monkeypatch.setattr(sys, "argv", ["visibility.py", "--scenes", "3", "--models", "lite"])
    visibility.main()
    assert "rendered people, lite: " in capsys.readouterr().out
    assert (tmp_path / "visibility.svg").read_text().count("<polyline") == 2


def test_busy_processes_compute_until_the_block_ends() -> None:
    busy = import_module("busy")
    before_s = busy.ended_children_s()
    with busy.busy_processes(2) as processes:
        assert all(map(_is_running, processes))
        time.sleep(0.3)
    assert not any(map(_is_running, processes))
    assert busy.ended_children_s() - before_s > 0.1


def test_busy_processes_end_when_the_block_is_interrupted() -> None:
    busy = import_module("busy").busy_processes(1)
    (pid,) = busy.__enter__()
    with pytest.raises(KeyboardInterrupt):
        busy.gen.throw(KeyboardInterrupt)
    assert not _is_running(pid)


def test_busy_processes_end_with_a_parent_that_was_killed() -> None:
    script = "import busy\nwith busy.busy_processes(1) as ids: print(*ids, flush=True); input()"
    command = [sys.executable, "-c", script]
    with subprocess.Popen(
        command, cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert _is_running(pid)
        parent.kill()
    end = time.monotonic() + 10
    while _is_running(pid) and time.monotonic() < end:
        time.sleep(0.02)
    assert not _is_running(pid)


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
