"""Progress bars, on the error stream."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

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

__all__ = ["fetch_models", "fetch_progress", "frame_progress"]


class _FrameRateColumn(ProgressColumn):
    """Frames per second."""

    def render(self, task: Task) -> Text:
        """Return the rate so far as text."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f} frames/s")


@contextmanager
def frame_progress(
    name: str, n_frames: int | None, *, hidden: bool
) -> Iterator[Callable[[], None]]:
    """Show a bar for `n_frames` frames; gives a function to be called after each."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        _FrameRateColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), disable=hidden) as progress:
        task = progress.add_task(name, total=n_frames)
        yield lambda: progress.advance(task)
        done = progress.tasks[task].completed
        progress.update(task, total=done)  # what a file announces is an estimate


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
    from vitruvian.engine.catalog import DETECTOR, LANDMARK_MODELS
    from vitruvian.engine.store import find_models, local_path

    names = [DETECTOR, model] if model in LANDMARK_MODELS else [DETECTOR]
    if not all(local_path(name, folder=folder) for name in names):
        with fetch_progress() as progress:
            find_models(model, folder=folder, progress=progress)
