"""Printed summary of a job that has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from vitruvian.cli.lines import print_line

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vitruvian.engine.timing import StageStats
    from vitruvian.runs.events import RunSummary
    from vitruvian.runs.job import Job

__all__ = ["interruption_text", "print_stages", "print_summary", "print_times"]


def print_summary(job: Job, summary: RunSummary) -> None:
    """Print the figures of a job and the names of its complete outputs."""
    rate = f", {summary.n_frames / summary.seconds:.1f} frames/s" if summary.n_frames > 1 else ""
    print_line(f"{job.name}: {_frames_text(summary)}, people in {summary.n_with_pose}{rate}")
    for number, count in summary.repetitions.items():
        print_line(f"person {number}: {count} repetition{'' if count == 1 else 's'}")
    if summary.live is not None:
        print_line(f"{summary.live}; {summary.latency}")
    for path in _complete_outputs(job, summary):
        print_line(f"wrote {path}")
    for address in job.receivers:
        print_line(f"sent to {address}")


def interruption_text(job: Job, summary: RunSummary) -> str:
    """Return after how many frames a job was interrupted, and which files are kept."""
    complete = ", ".join(map(str, _complete_outputs(job, summary)))
    kept = [f"kept: {complete}"] if complete else []
    kept += [f"sent to {address}" for address in job.receivers]
    outputs = "; ".join([*kept, *summary.notes]) or "nothing is kept"
    return f"interrupted after {_frames_text(summary)}; {outputs}"


def print_stages(summary: RunSummary) -> None:
    """Print the times of each stage; those of the engine are indented below "find"."""
    if summary.oak is not None:
        print_line(str(summary.oak))
    stages = dict(summary.stages)
    last = {name: stages.pop(name) for name in list(stages) if name == "write"}
    engine = {f"  {name}": times for name, times in summary.engine_stages.items()}
    print_times({**stages, **engine, **last})


def print_times(stages: Mapping[str, StageStats]) -> None:
    """Print a table of times."""
    table = Table("", "runs", "median ms", "p95 ms", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for stage, times in stages.items():
        table.add_row(stage, f"{times.count}", f"{times.median_ms:.2f}", f"{times.p95_ms:.2f}")
    console = Console()
    with console.capture() as text:
        console.print(table)
    print_line(text.get().rstrip("\n"))


def _frames_text(summary: RunSummary) -> str:
    return "1 frame" if summary.n_frames == 1 else f"{summary.n_frames} frames"


def _complete_outputs(job: Job, summary: RunSummary) -> list[Path]:
    """Return the outputs that have their final name: those without a note.

    Files of people, with ``{id}`` in the name, are left out if there was nobody.
    """
    from vitruvian.export.series import ID_FIELD
    from vitruvian.runs.resume import has_files

    if summary.is_interrupted and not summary.n_frames:
        return []
    return [
        path
        for path in job.outputs
        if not any(note.startswith(f"{str(path)!r}: ") for note in summary.notes)
        and (ID_FIELD not in path.name or has_files(path))
    ]
