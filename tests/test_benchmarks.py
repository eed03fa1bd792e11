"""The benchmarks can be imported, and the quick ones run."""

from __future__ import annotations

import sys
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
