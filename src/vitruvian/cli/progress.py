"""Progress bars, on the error stream."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from vitruvian.cli.job import Job
    from vitruvian.cli.loop import Tell

__all__ = ["BatchProgress", "fetch_models", "fetch_progress", "frame_progress"]


class _RateColumn(ProgressColumn):
    """Frames per second, and what the bar counts where that is not frames."""

    def render(self, task: Task) -> Text:
        """Return the rate so far as text."""
        if "counts" in task.fields:
            return Text(task.fields["counts"])
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f} frames/s")


def _bars() -> Progress:
    """Return bars on the error stream; lines printed meanwhile appear above them."""
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        redirect_stdout=sys.stdout.isatty(),  # else it is a file, and stays one
    )


def _stop(bars: Progress) -> None:
    if bars.live.is_started:  # else Rich would print an empty line
        bars.stop()


@contextmanager
def frame_progress(name: str, *, hidden: bool) -> Iterator[Tell]:
    """Show a bar for the frames of an input, on a terminal, from when they are first told of."""
    bars = _bars()
    task = bars.add_task(name)

    def tell(done: int, of: int | None) -> None:
        if of != 1 and not hidden and bars.console.is_terminal:
            bars.start()
        bars.update(task, completed=done, total=of)

    try:
        yield tell
        done = bars.tasks[task].completed
        bars.update(task, total=done)  # what a file announces is an estimate
    finally:
        _stop(bars)


class BatchProgress:
    """On a terminal, a bar for each input in work, and one for all inputs."""

    def __init__(self, n_inputs: int, *, hidden: bool) -> None:
        self._bars = _bars()
        self._is_hidden = hidden or not self._bars.console.is_terminal
        self._all = self._bars.add_task("all", total=n_inputs, counts="inputs")
        self._tasks: dict[Job, TaskID] = {}

    def tell(self, job: Job, done: int, of: int | None) -> None:
        """Show how many frames of an input are done."""
        if not self._is_hidden:
            self._bars.start()
        if job not in self._tasks:
            self._tasks[job] = self._bars.add_task(job.name)
        self._bars.update(self._tasks[job], completed=done, total=of)

    def end(self, job: Job) -> None:
        """Count an input that is over."""
        if job in self._tasks:
            self._bars.remove_task(self._tasks.pop(job))
        self._bars.advance(self._all)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _stop(self._bars)


@contextmanager
def fetch_progress() -> Iterator[Callable[[str, int, int | None], None]]:
    """Show a bar for each file that is fetched; gives the function that is told of the bytes."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn())
    progress = Progress(*columns, console=Console(stderr=True))
    tasks: dict[str, TaskID] = {}

    def tell(what: str, n_bytes: int, of: int | None) -> None:
        if what not in tasks:
            progress.start()  # now, for most runs fetch nothing
            tasks[what] = progress.add_task(what, total=of)
        progress.update(tasks[what], completed=n_bytes)

    try:
        yield tell
    finally:
        if tasks:
            progress.stop()


def fetch_models(model: str, folder: Path | None) -> None:
    """Fetch what `model` needs and is not here yet, with a bar; engines verify what is here."""
    from vitruvian.models.catalog import DETECTOR, LANDMARK_MODELS
    from vitruvian.models.store import find_models, local_path

    names = [DETECTOR, model] if model in LANDMARK_MODELS else [DETECTOR]
    if not all(local_path(name, folder=folder) for name in names):
        with fetch_progress() as progress:
            find_models(model, folder=folder, progress=progress)
