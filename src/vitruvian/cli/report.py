"""What the program prints about a run when it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from vitruvian.cli.loop import Run
    from vitruvian.engine.timing import StageStats

__all__ = ["fate", "frames_in_words", "print_run", "print_stages", "print_times"]


def print_run(run: Run, outputs: Sequence[Path]) -> None:
    """Print what a run came to and where its outputs are."""
    rate = f", {run.n_frames / run.seconds:.1f} frames/s" if run.n_frames > 1 else ""
    typer.echo(f"{run.name}: {frames_in_words(run)}, somebody in {run.n_with_pose}{rate}")
    if run.live:
        typer.echo(run.live)
    for path in _completed(run, outputs):
        typer.echo(f"wrote {path}")


def frames_in_words(run: Run) -> str:
    """Return the number of frames and the word."""
    return "1 frame" if run.n_frames == 1 else f"{run.n_frames} frames"


def fate(run: Run, outputs: Sequence[Path]) -> str:
    """Return how far an interrupted run came and what is kept of it."""
    completed = ", ".join(map(str, _completed(run, outputs)))
    kept = [f"kept: {completed}"] if completed else []
    fates = "; ".join([*kept, *run.notes]) or "nothing is kept"
    return f"interrupted after {frames_in_words(run)}; {fates}"


def _completed(run: Run, outputs: Sequence[Path]) -> list[Path]:
    """Return the outputs that have their name: without those of which a note tells otherwise."""
    if run.is_interrupted and not run.n_frames:
        return []
    return [p for p in outputs if not any(note.startswith(f"{str(p)!r}: ") for note in run.notes)]


def print_stages(run: Run) -> None:
    """Print how long each stage takes, with what finding people consists of set in below it."""
    parts = {f"  {part}": times for part, times in run.finding.items()}
    stages = run.timer.stats
    last = {name: stages.pop(name) for name in list(stages) if name == "write"}
    print_times({**stages, **parts, **last})


def print_times(stages: Mapping[str, StageStats]) -> None:
    """Print a table of times."""
    table = Table("", "runs", "median ms", "p95 ms", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for stage, times in stages.items():
        table.add_row(stage, f"{times.count}", f"{times.median_ms:.2f}", f"{times.p95_ms:.2f}")
    Console().print(table)
