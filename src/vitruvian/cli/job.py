"""One input from beginning to end: the same here and in a process of its own."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from traceback import format_exc
from typing import TYPE_CHECKING, Any, Self

from vitruvian.cli.loop import Run, follow, found
from vitruvian.cli.messages import one_line
from vitruvian.cli.progress import fetch_models, frame_progress
from vitruvian.cli.report import fate, print_run, print_stages
from vitruvian.engine.estimator import PoseEstimator
from vitruvian.export import open_output
from vitruvian.media import open_input
from vitruvian.media.address import names_images
from vitruvian.media.image import ImageFile, ImageFolder
from vitruvian.media.read_ahead import ReadAhead
from vitruvian.media.reconnecting import ReconnectingSource
from vitruvian.track.live import LiveStream
from vitruvian.track.tracker import PoseTracker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from vitruvian.cli.loop import Tell
    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult
    from vitruvian.draw.style import Style
    from vitruvian.media.source import Source

__all__ = ["Engines", "Failure", "Job", "Settings", "attempt", "n_cores", "run_alone", "run_job"]


@dataclass(frozen=True, slots=True)
class Job:
    """An input and where it is written.

    Attributes
    ----------
    input : str
        What `open_input` takes.
    name : str
        What the input is called on the screen.
    outputs : tuple of Path
        What `open_output` takes.
    folders : tuple of Path
        Folders of the outputs that are made where they are absent.
    """

    input: str
    name: str
    outputs: tuple[Path, ...]
    folders: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is done with each input.

    Attributes
    ----------
    model : str
        Of `PoseEstimator` and `PoseTracker`.
    engine, tracking : dict
        Options of both, and those of the tracker alone.
    style : Style or None
        What is drawn.
    rotation_deg : int
        Clockwise turn that makes people stand upright.
    limit : int or None
        Most frames.
    realtime : bool
        Whether videos play at their own rate, as if a camera saw them now.
    """

    model: str
    engine: dict[str, Any] = field(default_factory=dict)
    tracking: dict[str, Any] = field(default_factory=dict)
    style: Style | None = None
    rotation_deg: int = 0
    limit: int | None = None
    realtime: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job failed: the message of the error, and where it came from."""

    message: str
    trace: str


def n_cores() -> int:
    """Return the number of processor cores that this program may use."""
    return len(os.sched_getaffinity(0))


class Engines:
    """What finds people as the settings say, opened when an input first needs it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._opened: dict[bool, PoseEstimator | PoseTracker] = {}

    def open(self, *, for_images: bool) -> PoseEstimator | PoseTracker:
        """Return the engine for images or the one for videos, as new; its models are fetched."""
        settings = self.settings
        if for_images not in self._opened:
            fetch_models(settings.model, settings.engine.get("models_dir"))
            self._opened[for_images] = (
                PoseEstimator(settings.model, **settings.engine)
                if for_images
                else PoseTracker(settings.model, **settings.engine, **settings.tracking)
            )
        engine = self._opened[for_images]
        if isinstance(engine, PoseTracker):
            engine.reset()
        return engine

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for engine in self._opened.values():
            engine.close()


def run_alone(job: Job, settings: Settings, *, quiet: bool = False, stats: bool = False) -> None:
    """Run the only job there is, with a bar, and print what it came to."""
    with Engines(settings) as engines, frame_progress(job.name, hidden=quiet) as tell:
        run = run_job(job, engines, tell)
    if not quiet:
        print_run(run, job.outputs)
    if stats:
        print_stages(run)
    if run.is_interrupted:
        raise KeyboardInterrupt(fate(run, job.outputs))


def run_job(job: Job, engines: Engines, tell: Tell) -> Run:
    """Find the people of an input and write them; `tell` is told as by `follow`."""
    settings = engines.settings
    threads = _side_threads(settings)
    with _opened_source(job, settings, threads=threads) as source:
        engine = engines.open(for_images=isinstance(source, ImageFile | ImageFolder))
        for folder in job.folders:
            folder.mkdir(parents=True, exist_ok=True)
        run = Run(source.path.name if source.path else source.name)
        n_frames = source.n_frames
        if settings.limit is not None:
            n_frames = min(settings.limit, n_frames or settings.limit)
        with _pairs(source, engine, run, settings.rotation_deg) as pairs:
            sink = open_output(
                *job.outputs,
                source=source,
                style=settings.style,
                threads=threads,
                provenance=engine.provenance(source),
            )
            follow(
                run,
                islice(pairs, settings.limit),
                sink,
                n_frames=n_frames,
                is_live=source.is_live,
                is_endless=isinstance(source, ReconnectingSource),
                tell=tell,
            )
        run.finding = engine.stats
    return run


def _opened_source(job: Job, settings: Settings, *, threads: int) -> Source:
    """Return the source of an input; a live one that is opened again whenever it is lost."""
    if settings.realtime and not names_images(job.input):
        return open_input(job.input, live=True)
    source = open_input(job.input, threads=threads)
    return ReconnectingSource(source, partial(open_input, job.input)) if source.is_live else source


@contextmanager
def _pairs(
    source: Source, engine: PoseEstimator | PoseTracker, run: Run, rotation_deg: int
) -> Iterator[Iterable[tuple[Frame, PoseResult]]]:
    """Give the frames of a source with their results, as they come or one after the other."""
    if source.is_live and isinstance(engine, PoseTracker):
        with LiveStream(engine, source, rotation_deg=rotation_deg) as stream:
            try:
                yield stream
            finally:
                run.live = f"{stream.counts}; {stream.latency}"
        return
    find = engine.update if isinstance(engine, PoseTracker) else engine.detect
    with source if source.n_frames == 1 else ReadAhead(source) as frames:
        yield found(frames, partial(find, rotation_deg=rotation_deg), run.timer)


def _side_threads(settings: Settings) -> int:
    """Return how many threads decode and how many encode, while others find people.

    Half of those; measured on two cores at 720p and 1080p, more than one only stands in the way.
    """
    return max(1, (settings.engine.get("threads") or n_cores()) // 2)


def attempt(job: Job, engines: Engines, tell: Tell) -> Run | Failure:
    """Run a job that must not end the others, whatever comes."""
    try:
        return run_job(job, engines, tell)
    except KeyboardInterrupt:  # before its first frame
        return Run(job.name, is_interrupted=True)
    except Exception as error:  # noqa: BLE001 - a mistake of ours is no reason to lose the others
        return Failure(one_line(error), format_exc())
