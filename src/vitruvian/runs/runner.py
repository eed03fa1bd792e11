"""JobRunner: runs one job after another with the same networks."""

from __future__ import annotations

import logging
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from traceback import format_exc
from typing import TYPE_CHECKING, Self, TypeVar

from vitruvian.analysis.filtering import Filtering
from vitruvian.analysis.monitor import ExerciseMonitor
from vitruvian.core.provenance import Provenance
from vitruvian.engine.estimator import PoseEstimator
from vitruvian.engine.timing import StageTimer
from vitruvian.export import needs_frames, open_output
from vitruvian.lift.placer import Placer
from vitruvian.media import open_input
from vitruvian.media.image_kind import names_images
from vitruvian.media.pictures import ImageFile, ImageFolder
from vitruvian.media.read_ahead import ReadAhead
from vitruvian.runs.cores import n_side_threads
from vitruvian.runs.events import Failed, Finished, Progress, RunSummary, Started
from vitruvian.runs.executor import fetch
from vitruvian.runs.loop import live_results, recorded_results, stoppable, write_results
from vitruvian.runs.messages import assumed_focal_line, error_line, failure_kind
from vitruvian.runs.oak import (
    has_remote_model,
    oak_address,
    open_oak_camera,
    open_oak_model,
    with_model,
)
from vitruvian.runs.resume import run_record
from vitruvian.runs.second_pass import (
    check_repeatable,
    of_passes,
    open_spool,
    smoothed_results,
    spooled,
    with_frames,
)
from vitruvian.runs.stop import Stop
from vitruvian.track.live import LiveStream
from vitruvian.track.tracker import PoseTracker

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult
    from vitruvian.export import Sink
    from vitruvian.export.spool import ResultSpool
    from vitruvian.media.source import Source
    from vitruvian.oak.host import OakModel
    from vitruvian.runs.executor import Events, FetchModels
    from vitruvian.runs.job import Job
    from vitruvian.runs.settings import Settings

    Pair = tuple[Frame, PoseResult]
    Pairs = Iterator[Pair]
    AnyPair = TypeVar("AnyPair", Pair, tuple[Frame | None, PoseResult])
    Run = Generator[Progress, None, RunSummary]
    OpenSink = Callable[..., Sink]

__all__ = ["JobRunner"]

logger = logging.getLogger(__name__)


class JobRunner:
    """Runs jobs one after the other, on the thread that asks for them.

    The estimator for images and the tracker for videos are opened when the first job needs them,
    and closed with the runner. It installs no signal handlers.

    Parameters
    ----------
    settings : Settings
        Of all jobs.
    fetch_models : callable, optional
        Called with the model and the folder of model files before they are opened, for example to
        show a download. Without it, missing models are downloaded silently.
    on_result : callable, optional
        Called with each frame and its result before they are written. It must return at once.
    """

    def __init__(
        self,
        settings: Settings,
        fetch_models: FetchModels | None = None,
        *,
        on_result: Callable[[Frame, PoseResult], object] | None = None,
    ) -> None:
        self._settings = settings
        self._fetch_models = fetch_models
        self._on_result = on_result
        self._opened: dict[bool, PoseEstimator | PoseTracker] = {}
        self._oak_model: OakModel | None = None

    def prepare(self, job: Job) -> None:
        """Open the networks for a job, without reading its input.

        Raises
        ------
        ValueError, TypeError
            If an option is wrong.
        VitruvianError
            If a model or a backend is not available.
        """
        if oak_address(job.input) is None or not has_remote_model(self._settings):
            self._finder(for_images=names_images(job.input))

    def run(self, job: Job, stop: Stop | None = None) -> Events:
        """Run one job; yield `Started`, `Progress` several times, then `Finished`.

        Parameters
        ----------
        job : Job
            What to read and to write.
        stop : Stop, optional
            Its request ends the job after the current frame.

        Raises
        ------
        Exception
            What went wrong; frames written so far are kept as `Sink` says.
        KeyboardInterrupt
            If the job was interrupted while its input or the networks were opened.
        """
        yield Started(job)
        settings = self._settings
        record = run_record(job.input, settings)  # before reading: a file may grow meanwhile
        reading: dict[str, str] = {}  # filled after the last frame, before the outputs are closed
        with ExitStack() as opened:
            source = opened.enter_context(_open_source(job, settings))
            finder = self._finder_for(source, opened)
            for folder in job.folders:
                folder.mkdir(parents=True, exist_ok=True)
            timer = StageTimer()
            sink = partial(
                open_output,
                *job.outputs,
                *job.receivers,
                style=settings.style,
                motion=settings.motion,
                threads=n_side_threads(settings.options.threads),
                provenance=Provenance(run=record and record | {"reading": reading}),
                coco_images=settings.coco_images,
            )
            stop = stop or Stop()
            if settings.filtering is None:
                to_file = partial(sink, source=source)
                run = self._run(job, source, finder, to_file, timer, stop, reading)
            else:
                check_repeatable(job, source)
                run = self._run_twice(job, source, finder, sink, timer, stop, reading)
            summary = yield from run
        oak = getattr(source, "counts", None)
        summary = replace(summary, stages=timer.stats, engine_stages=finder.stats, oak=oak)
        yield Finished(job, summary)

    def run_safely(self, job: Job, stop: Stop) -> Events:
        """Run one job as `run` does; yield `Failed` for an error."""
        try:
            with closing(self.run(job, stop)) as events:
                yield from events
        except KeyboardInterrupt:
            if not stop.is_requested:
                raise
            yield Finished(job, RunSummary(is_interrupted=True))  # before its first frame
        except Exception as error:  # noqa: BLE001 - even a bug must not end the other jobs
            yield Failed(job, error_line(error), format_exc(), failure_kind(error))

    def close(self) -> None:
        """Close the estimator and the tracker."""
        for finder in self._opened.values():
            finder.close()
        self._opened.clear()
        if self._oak_model is not None:
            self._oak_model.close()
            self._oak_model = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _finder_for(self, source: Source, opened: ExitStack) -> PoseEstimator | PoseTracker:
        """Return what finds the people in a source; one that ends with the source is `opened`."""
        model = getattr(source, "model", None)
        if model is None or isinstance(model, str | Path):
            return self._finder(for_images=isinstance(source, ImageFile | ImageFolder))
        options = with_model(self._settings.options, model)
        return opened.enter_context(PoseTracker.from_options(options))

    def _finder(self, *, for_images: bool) -> PoseEstimator | PoseTracker:
        """Return the estimator for images, or the tracker for videos without memory of the last."""
        if for_images not in self._opened:
            options = self._settings.options
            if self._settings.filtering is not None:
                options = replace(options, smoothing=0.0)
            if has_remote_model(self._settings):
                self._oak_model = self._oak_model or open_oak_model(self._settings)
                options = with_model(options, self._oak_model)
            else:
                fetch(self._settings, self._fetch_models)
            kind = PoseEstimator if for_images else PoseTracker
            self._opened[for_images] = kind.from_options(options)
        finder = self._opened[for_images]
        if isinstance(finder, PoseTracker):
            finder.reset()
        return finder

    def _run(
        self,
        job: Job,
        source: Source,
        finder: PoseEstimator | PoseTracker,
        open_sink: Callable[[], Sink],
        timer: StageTimer,
        stop: Stop,
        reading: dict[str, str],
    ) -> Run:
        """Process the frames of an open source: the newest if it is live, else all of them."""
        rotation_deg = self._settings.rotation_deg
        if source.is_live and isinstance(finder, PoseTracker):
            with (
                LiveStream(finder, source, rotation_deg=rotation_deg) as stream,
                live_results(stream, stop) as results,
            ):
                summary = yield from self._write(job, source, results, open_sink, timer, stop)
                return replace(summary, live=stream.counts, latency=stream.latency)
        find = finder.update if isinstance(finder, PoseTracker) else finder.detect
        with source if source.n_frames == 1 else ReadAhead(source) as frames:
            found = recorded_results(frames, partial(find, rotation_deg=rotation_deg), timer)
            found = _noting_end(found, source, reading)
            with stoppable(found, frames, stop) as results:
                return (yield from self._write(job, source, results, open_sink, timer, stop))

    def _run_twice(
        self,
        job: Job,
        source: Source,
        finder: PoseEstimator | PoseTracker,
        open_sink: OpenSink,
        timer: StageTimer,
        stop: Stop,
        reading: dict[str, str],
    ) -> Run:
        """Track a recording into a spool; then smooth all poses and write them to the outputs."""
        spool = open_spool(job)
        first = self._run(job, source, finder, lambda: spool, timer, stop, reading)
        summary = yield from of_passes(first, 0, None)
        if summary.is_interrupted:
            not_begun = (f"{str(path)!r}: not begun" for path in job.outputs)
            return replace(summary, notes=(*summary.notes, *not_begun))
        with spooled(spool):
            second = self._write_smoothed(job, source, spool, open_sink, timer, stop)
            last = yield from of_passes(second, summary.n_frames, 2 * summary.n_frames)
            notes = (*last.notes, spool.keep()) if last.is_interrupted else last.notes
        return replace(last, seconds=summary.seconds + last.seconds, notes=notes)

    def _write_smoothed(
        self,
        job: Job,
        source: Source,
        spool: ResultSpool,
        open_sink: OpenSink,
        timer: StageTimer,
        stop: Stop,
    ) -> Run:
        """Write the smoothed results of a spool, with the frames if an output draws on them."""
        settings = self._settings
        with ExitStack() as opened:
            results = smoothed_results(spool.results, settings.filtering or Filtering())
            opened.enter_context(closing(results))
            pairs: Iterator[tuple[Frame | None, PoseResult]] = ((None, one) for one in results)
            if any(map(needs_frames, job.outputs)):
                source = opened.enter_context(_open_source(job, settings))
                frames = opened.enter_context(ReadAhead(source))
                pairs = opened.enter_context(
                    stoppable(with_frames(results, iter(frames), stop), frames, stop)
                )
            monitor = self._monitor(source)
            if monitor is not None:
                pairs = _counted(pairs, monitor)
            sink = open_sink(source=source)
            summary = yield from write_results(job, pairs, sink, stop, timer=timer)
            return replace(summary, repetitions={} if monitor is None else monitor.counts)

    def _write(
        self,
        job: Job,
        source: Source,
        results: Iterable[Pair],
        open_sink: Callable[[], Sink],
        timer: StageTimer,
        stop: Stop,
    ) -> Run:
        n_total, limit = source.n_frames, self._settings.limit
        if limit is not None:
            n_total = min(limit, n_total or limit)
        results = islice(results, limit)
        if self._settings.camera_space is not None:
            results = _placed(results, Placer(self._settings.camera_space), job.name)
        # Of two passes, the second one counts.
        monitor = self._monitor(source) if self._settings.filtering is None else None
        if monitor is not None:
            results = _counted(results, monitor)
        if self._on_result is not None:
            results = _reported(results, self._on_result)
        summary = yield from write_results(
            job,
            results,
            open_sink(),
            stop,
            timer=timer,
            n_total=n_total,
            is_endless=source.is_endless,
        )
        return replace(summary, repetitions={} if monitor is None else monitor.counts)

    def _monitor(self, source: Source) -> ExerciseMonitor | None:
        """Return what counts an exercise; None without one, and for images."""
        exercise = self._settings.exercise
        if exercise is None or isinstance(source, ImageFile | ImageFolder):
            return None
        return ExerciseMonitor(exercise)


def _noting_end(results: Pairs, source: Source, reading: dict[str, str]) -> Pairs:
    """Yield the results; then say in `reading` if the source was not read to its end."""
    yield from results
    if not source.is_complete:
        told = source.warnings[-1] if source.warnings else "it ended too early"
        reading["problem"] = told.removeprefix(f"{source.name}: ")  # the name may have a path


def _placed(results: Iterable[Pair], placer: Placer, name: str) -> Pairs:
    """Yield the results with `Pose.camera` filled; log once if the focal length is a guess."""
    is_told = False
    for frame, result in results:
        placed = placer.update(result, focal_35mm=frame.focal_35mm)
        camera = placed.provenance and placed.provenance.camera
        if camera and camera["is_assumed"] and not is_told:
            is_told = True
            logger.warning("%s: %s", name, assumed_focal_line(camera["focal_px"]))
        yield frame, placed


def _counted(results: Iterable[AnyPair], monitor: ExerciseMonitor) -> Iterator[AnyPair]:
    for frame, result in results:
        yield frame, monitor.update(result)


def _reported(results: Iterable[Pair], on_result: Callable[[Frame, PoseResult], object]) -> Pairs:
    for frame, result in results:
        on_result(frame, result)
        yield frame, result


def _open_source(job: Job, settings: Settings) -> Source:
    """Return the source of a job; a camera or stream is reconnected whenever it is lost."""
    address = oak_address(job.input)
    if address is not None:
        return open_oak_camera(address, settings)
    if settings.realtime and not names_images(job.input):
        return open_input(job.input, live=True)
    source = open_input(job.input, threads=n_side_threads(settings.options.threads))
    return source.reconnecting() if source.is_live else source
