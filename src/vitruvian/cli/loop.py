"""The loop of the program: frames in, results out, until the end, Ctrl-C or SIGTERM."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from time import perf_counter
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table

from vitruvian.cli.progress import frame_progress
from vitruvian.engine.timing import StageTimer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult
    from vitruvian.engine.timing import StageStats
    from vitruvian.export import Sink
    from vitruvian.media.source import Source

__all__ = ["Run", "follow", "print_run", "print_stages", "stages_of", "stop_if_interrupted"]

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(slots=True)
class Run:
    """What a run came to.

    Attributes
    ----------
    name : str
        What was read.
    n_frames, n_with_pose : int
        Frames that were written, and those of them in which somebody was found.
    seconds : float
        Time they took, reading and writing included.
    is_interrupted : bool
        Whether Ctrl-C or SIGTERM ended it.
    notes : list of str
        What became of outputs that could not be completed then.
    timer : StageTimer
        Times of reading, finding and writing a frame.
    """

    name: str
    n_frames: int = 0
    n_with_pose: int = 0
    seconds: float = 0.0
    is_interrupted: bool = False
    notes: list[str] = field(default_factory=list)
    timer: StageTimer = field(default_factory=StageTimer)


def follow(
    source: Source,
    find: Callable[[Frame], PoseResult],
    sink: Sink,
    *,
    limit: int | None = None,
    quiet: bool = False,
) -> Run:
    """Find people in the frames of `source` and write them to `sink`, which is then closed.

    After Ctrl-C or SIGTERM the frame in work is finished, and the outputs are complete with the
    frames so far; a second signal does not wait for that.
    """
    run = Run(source.path.name if source.path else source.name)
    n_frames = source.n_frames if limit is None else min(limit, source.n_frames or limit)
    frames = iter(source)
    begin = perf_counter()
    try:
        with (
            _deferred_stop() as asked_to_stop,
            sink,
            frame_progress(run.name, n_frames, hidden=quiet or n_frames == 1) as advance,
        ):
            while run.n_frames != limit and _step(frames, find, sink, run):
                run.seconds = perf_counter() - begin
                advance()
                if asked_to_stop.is_set():
                    raise KeyboardInterrupt
    except KeyboardInterrupt as error:
        run.is_interrupted = True
        run.notes.extend(getattr(error, "__notes__", ()))
    return run


def _step(
    frames: Iterator[Frame], find: Callable[[Frame], PoseResult], sink: Sink, run: Run
) -> bool:
    """Read, find and write one frame; False at the end of the frames."""
    start = run.timer.start()
    frame = next(frames, None)
    if frame is None:
        return False
    start = run.timer.lap("read", start)
    result = find(frame)
    start = run.timer.lap("find", start)
    sink.write(result, frame)
    run.timer.lap("write", start)
    run.n_frames += 1
    run.n_with_pose += bool(result)
    return True


@contextmanager
def _deferred_stop() -> Iterator[Event]:
    """Turn the first Ctrl-C or SIGTERM into an event, so that it never cuts a frame in two."""
    asked = Event()

    def on_signal(number: int, _stack: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    previous = {number: signal.signal(number, on_signal) for number in _STOP_SIGNALS}
    try:
        yield asked
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def print_run(run: Run, outputs: Sequence[Path]) -> None:
    """Print what a run came to and where its outputs are."""
    rate = f", {run.n_frames / run.seconds:.1f} frames/s" if run.n_frames > 1 else ""
    frames = "1 frame" if run.n_frames == 1 else f"{run.n_frames} frames"
    typer.echo(f"{run.name}: {frames}, somebody in {run.n_with_pose}{rate}")
    for path in _completed(run, outputs):
        typer.echo(f"wrote {path}")


def stop_if_interrupted(run: Run, outputs: Sequence[Path]) -> None:
    """Raise the KeyboardInterrupt that ended the run, if one did; it says what is kept."""
    if run.is_interrupted:
        kept = ", ".join(map(str, _completed(run, outputs))) or "nothing"
        fates = "; ".join([f"kept: {kept}", *run.notes])
        raise KeyboardInterrupt(f"interrupted after {run.n_frames} frames; {fates}")


def _completed(run: Run, outputs: Sequence[Path]) -> list[Path]:
    """Return the outputs that have their name: without those of which a note tells otherwise."""
    if run.is_interrupted and not run.n_frames:
        return []
    return [p for p in outputs if not any(note.startswith(f"{str(p)!r}: ") for note in run.notes)]


def stages_of(run: Run, finding: Mapping[str, StageStats]) -> dict[str, StageStats]:
    """Return the stages of a run, with what `finding` people consists of set in below it."""
    stages: dict[str, StageStats] = {}
    for name, times in run.timer.stats.items():
        stages[name] = times
        if name == "find":
            stages.update((f"  {part}", times) for part, times in finding.items())
    return stages


def print_stages(stages: Mapping[str, StageStats]) -> None:
    """Print a table of how long each stage takes."""
    table = Table("", "runs", "median ms", "p95 ms", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for stage, times in stages.items():
        table.add_row(stage, f"{times.count}", f"{times.median_ms:.2f}", f"{times.p95_ms:.2f}")
    Console().print(table)
