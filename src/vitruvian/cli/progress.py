"""Progress bars, on the error stream."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars
from rich.table import Column
from rich.text import Text

from vitruvian.cli.lines import BARS, print_line
from vitruvian.runs.events import Finished, Progress, Started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rich.console import ConsoleOptions, RenderableType, RenderResult

    from vitruvian.runs.events import Event
    from vitruvian.runs.job import Job

__all__ = ["BatchProgress", "FrameProgress", "fetch_models", "fetch_progress", "image_progress"]

_TIME_WIDTH, _RATE_WIDTH = 50, 65  # columns of a terminal that has place for these
_MIN_NAME = 8


class _CountColumn(ProgressColumn):
    """Frames done, and of how many if that is known."""

    def render(self, task: Task) -> Text:
        """Return the text of a bar."""
        total = "" if task.total is None else f"/{task.total:.0f}"
        return Text(f"{task.completed:.0f}{total}", justify="right")


class _RateColumn(ProgressColumn):
    """Frames per second; for a bar that does not count frames, its unit."""

    def render(self, task: Task) -> Text:
        """Return the text of a bar."""
        if "unit" in task.fields:
            return Text(task.fields["unit"])
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f} frames/s")


class _BytesColumn(DownloadColumn):
    """Bytes done, and of how many; empty if nothing is known."""

    def render(self, task: Task) -> Text:
        """Return the text of a bar."""
        return Text() if task.total is None and not task.completed else super().render(task)


@dataclass(frozen=True, slots=True)
class _Narrow:
    """Leaves place for the ``^C`` that a terminal writes behind the bars."""

    bars: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from console.render(self.bars, options.update_width(options.max_width - len("^C")))


class _NarrowBars(Bars):
    """Bars that are narrower than the terminal."""

    def get_renderable(self) -> RenderableType:
        """Return what is shown."""
        return _Narrow(super().get_renderable())


def _name_column(console: Console) -> TextColumn:
    """Return a column of names that leaves place for the others."""
    width = max(_MIN_NAME, console.width // 3)
    column = Column(no_wrap=True, overflow="ellipsis", max_width=width)
    return TextColumn("{task.description}", markup=False, table_column=column)


def _bars() -> Bars:
    """Return bars for frames on the error stream, with the columns that its width has place for."""
    console = Console(stderr=True)
    columns: list[ProgressColumn] = [_name_column(console), BarColumn()]
    columns.append(_CountColumn(Column(no_wrap=True, justify="right")))
    if console.width >= _RATE_WIDTH:
        columns.append(_RateColumn(Column(no_wrap=True)))
    if console.width >= _TIME_WIDTH:
        columns.append(TimeRemainingColumn(table_column=Column(no_wrap=True)))
    return _NarrowBars(*columns, console=console, redirect_stdout=sys.stdout.isatty())


def _start(bars: Bars) -> None:
    if not bars.live.is_started:
        bars.start()
        BARS.append(bars.console)


def _stop(bars: Bars) -> None:
    if bars.live.is_started:  # Rich prints an empty line if it is not
        BARS.remove(bars.console)
        bars.stop()


def _show(bars: Bars, task_id: TaskID, event: Progress) -> None:
    """Show the frames of a bar; the number of frames that a file gives is an estimate."""
    is_known = event.n_total is not None and event.n_done <= event.n_total
    if not is_known:
        (task,) = (task for task in bars.tasks if task.id == task_id)
        task.total = None  # `update` takes None for no change
    bars.update(task_id, completed=event.n_done, total=event.n_total if is_known else None)


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
                _start(self._bars)
            _show(self._bars, self._task, event)
        elif isinstance(event, Finished) and not event.summary.is_interrupted:
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
            return
        if event.job in self._tasks:  # a job that starts again has a new bar
            self._bars.remove_task(self._tasks.pop(event.job))
        is_interrupted = isinstance(event, Finished) and event.summary.is_interrupted
        if not (isinstance(event, Started) or is_interrupted):
            self._bars.advance(self._all)

    def _show_frames(self, event: Progress) -> None:
        if not self._is_hidden:
            _start(self._bars)
        if event.job not in self._tasks:
            self._tasks[event.job] = self._bars.add_task(event.job.name, total=None)
        _show(self._bars, self._tasks[event.job], event)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _stop(self._bars)


@contextmanager
def image_progress(
    n_images: int | None, *, hidden: bool, label: str = "images"
) -> Iterator[Callable[[], None]]:
    """Show a bar for some images, on a terminal; give the function that counts one."""
    bars = _bars()
    task = bars.add_task(label, total=n_images)
    if bars.console.is_terminal and not hidden:
        _start(bars)
    try:
        yield lambda: bars.advance(task)
    finally:
        _stop(bars)


@contextmanager
def fetch_progress() -> Iterator[Callable[[str, int, int | None], None]]:
    """Show a bar for each file that is downloaded; give the function that updates them.

    Without a terminal, one line for each file.
    """
    console = Console(stderr=True)
    bars = Bars(_name_column(console), BarColumn(), _BytesColumn(), console=console)
    tasks: dict[str, TaskID] = {}

    def update(file: str, n_bytes: int, n_total: int | None) -> None:
        if file not in tasks:
            if console.is_terminal:
                _start(bars)  # not before: most runs download nothing
            else:
                print_line(f"downloading {file}", err=True)
            tasks[file] = bars.add_task(file, total=n_total)
        bars.update(tasks[file], completed=n_bytes)

    try:
        yield update
    finally:
        for task in bars.tasks:
            if task.total is None:  # nothing is known of its end
                bars.remove_task(task.id)
        _stop(bars)


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
