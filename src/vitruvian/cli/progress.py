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
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars
from rich.text import Text

from vitruvian.runs.events import Failed, Finished, Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from vitruvian.runs.events import Event
    from vitruvian.runs.job import Job

__all__ = ["BatchProgress", "FrameProgress", "fetch_models", "fetch_progress"]


class _RateColumn(ProgressColumn):
    """Frames per second; for a bar that does not count frames, its unit."""

    def render(self, task: Task) -> Text:
        """Return the text of a bar."""
        if "unit" in task.fields:
            return Text(task.fields["unit"])
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f} frames/s")


def _bars() -> Bars:
    """Return bars on the error stream; lines printed meanwhile appear above them."""
    return Bars(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        redirect_stdout=sys.stdout.isatty(),  # a file gets the lines unchanged
    )


def _stop(bars: Bars) -> None:
    if bars.live.is_started:  # Rich prints an empty line if it is not
        bars.stop()


class FrameProgress:
    """On a terminal, a bar for the frames of one input; none for a single image."""

    def __init__(self, name: str, *, hidden: bool) -> None:
        self._bars = _bars()
        self._is_hidden = hidden or not self._bars.console.is_terminal
        self._task = self._bars.add_task(name, total=None)

    def update(self, event: Event) -> None:
        """Show an event of the job."""
        if isinstance(event, Progress):
            if event.n_total != 1 and not self._is_hidden:
                self._bars.start()
            self._bars.update(self._task, completed=event.n_done, total=event.n_total)
        elif isinstance(event, Finished):  # the number of frames that a file gives is an estimate
            self._bars.update(self._task, total=self._bars.tasks[0].completed)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _stop(self._bars)


class BatchProgress:
    """On a terminal, a bar for each running input, and one for all inputs."""

    def __init__(self, n_inputs: int, *, hidden: bool) -> None:
        self._bars = _bars()
        self._is_hidden = hidden or not self._bars.console.is_terminal
        self._all = self._bars.add_task("all", total=n_inputs, unit="inputs")
        self._tasks: dict[Job, TaskID] = {}

    def update(self, event: Event) -> None:
        """Show an event of any job."""
        if isinstance(event, Progress):
            self._show_frames(event)
        elif isinstance(event, Finished | Failed):
            if event.job in self._tasks:
                self._bars.remove_task(self._tasks.pop(event.job))
            self._bars.advance(self._all)

    def _show_frames(self, event: Progress) -> None:
        if not self._is_hidden:
            self._bars.start()
        if event.job not in self._tasks:
            self._tasks[event.job] = self._bars.add_task(event.job.name, total=None)
        self._bars.update(self._tasks[event.job], completed=event.n_done, total=event.n_total)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _stop(self._bars)


@contextmanager
def fetch_progress() -> Iterator[Callable[[str, int, int | None], None]]:
    """Show a bar for each file that is downloaded; give the function that updates them."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn())
    bars = Bars(*columns, console=Console(stderr=True))
    tasks: dict[str, TaskID] = {}

    def update(file: str, n_bytes: int, n_total: int | None) -> None:
        if file not in tasks:
            bars.start()  # not before: most runs download nothing
            tasks[file] = bars.add_task(file, total=n_total)
        bars.update(tasks[file], completed=n_bytes)

    try:
        yield update
    finally:
        if tasks:
            bars.stop()


def fetch_models(model: str | Path, folder: str | Path | None) -> None:
    """Download what `model` needs and is not on this machine, with a bar.

    Files that are here are verified when the networks are opened.
    """
    from vitruvian.models.catalog import DETECTOR, LANDMARK_MODELS
    from vitruvian.models.store import find_models, local_path

    names = [DETECTOR, str(model)] if model in LANDMARK_MODELS else [DETECTOR]
    if not all(local_path(name, folder=folder) for name in names):
        with fetch_progress() as progress:
            find_models(model, folder=folder, progress=progress)
