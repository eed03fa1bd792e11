"""The loop of a run: frames in, results out, until the input ends or a stop is requested."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from threading import Event, Thread
from time import perf_counter
from typing import TYPE_CHECKING

from vitruvian.errors import DeviceError
from vitruvian.export.write_behind import WriteBehind
from vitruvian.runs.events import Progress, RunSummary

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator
    from contextlib import AbstractContextManager

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult
    from vitruvian.engine.timing import StageTimer
    from vitruvian.export import Sink
    from vitruvian.media.source import Source
    from vitruvian.runs.job import Job
    from vitruvian.runs.stop import Stop
    from vitruvian.track.live import LiveStream

    Pair = tuple[Frame, PoseResult]
    MaybePair = tuple[Frame | None, PoseResult]  # without a frame if no output draws on it

__all__ = ["live_results", "recorded_results", "stoppable", "write_results"]

_POLL_S = 0.05  # how late a stop request may reach a live stream that waits for a frame

logger = logging.getLogger(__name__)


def recorded_results(
    source: Source, find: Callable[[Frame], PoseResult], timer: StageTimer
) -> Iterator[Pair]:
    """Return each frame of a recording with its result; times go to "read" and "find"."""
    return _found(iter(source), find, timer)  # before it can be closed


def _found(
    frames: Iterator[Frame], find: Callable[[Frame], PoseResult], timer: StageTimer
) -> Iterator[Pair]:
    while True:
        start = timer.start()
        frame = next(frames, None)
        if frame is None:
            return
        start = timer.lap("read", start)
        result = find(frame)
        timer.lap("find", start)
        yield frame, result


def live_results(stream: LiveStream, stop: Stop) -> AbstractContextManager[Iterator[Pair]]:
    """Give the frames and results of a live stream, which a stop request closes."""
    return stoppable(iter(stream), stream, stop)


@contextmanager
def stoppable(
    results: Iterator[Pair], origin: Source | LiveStream, stop: Stop
) -> Iterator[Iterator[Pair]]:
    """Give frames and results; a stop request closes where they come from.

    A thread watches for the request, because the next frame may be late or never arrive.
    """
    is_over = Event()
    watcher = Thread(
        target=_close_on_request, args=(origin, stop, is_over), name="watch stop", daemon=True
    )
    watcher.start()
    try:
        yield _until_stopped(results, stop)
    finally:
        is_over.set()
        watcher.join()


def _close_on_request(origin: Source | LiveStream, stop: Stop, is_over: Event) -> None:
    while not is_over.wait(_POLL_S):
        if stop.is_requested:
            try:
                origin.close()
            except DeviceError as error:
                logger.info("%s", error)
            except Exception:  # it failed and was stopped at once: being stopped is reported
                logger.exception("the input failed while it was stopped")
            return


def _until_stopped(results: Iterator[Pair], stop: Stop) -> Iterator[Pair]:
    """Yield the results; KeyboardInterrupt if they end because of a stop request."""
    try:
        yield from results
    except DeviceError:  # a lost device that was waited for
        if not stop.is_requested:
            raise
    if stop.is_requested:
        raise KeyboardInterrupt


def write_results(
    job: Job,
    results: Iterable[MaybePair],
    sink: Sink,
    stop: Stop,
    *,
    timer: StageTimer,
    n_total: int | None = None,
    is_endless: bool = False,
) -> Generator[Progress, None, RunSummary]:
    """Write frames and their results to `sink`, close it, and return the figures.

    After a stop request the current frame is finished. The outputs of an endless source are then
    complete. Those of a recording keep their frames under the names that the sink uses after an
    error, so that a file under its own name always holds the whole input.

    Parameters
    ----------
    job : Job
        The job of the events.
    results : iterable of (Frame, PoseResult)
        In order; without frames if no output draws on them. It may raise KeyboardInterrupt if a
        stop request ended it.
    sink : Sink
        Closed at the end, also after an error.
    stop : Stop
        Asked after each frame.
    timer : StageTimer
        Gets the times of "write".
    n_total : int, optional
        Number of frames expected.
    is_endless : bool
        Whether only a stop request ends the source.

    Yields
    ------
    Progress
        Before the first frame and after each.

    Raises
    ------
    KeyboardInterrupt
        If it was raised without a stop request: Ctrl-C in a program without a signal handler.
    """
    begin = perf_counter()
    counts = _Counts()
    writer = WriteBehind(sink, on_written=counts.add)
    notes: tuple[str, ...] = ()
    is_interrupted = False
    try:
        with stop.deferred(), writer, _unfinished_recording_as_error(is_endless=is_endless):
            yield Progress(job, 0, n_total)
            for n_done in _written(results, writer, stop, timer):
                # The number in a header may be too low.
                yield Progress(job, n_done, n_total and max(n_total, n_done))
    except (_UnfinishedError, KeyboardInterrupt) as error:
        is_interrupted = True
        notes = tuple(getattr(error, "__notes__", ()))
        if not stop.is_requested:
            raise KeyboardInterrupt("; ".join(notes)) from error
    return RunSummary(
        n_frames=counts.n_frames,
        n_with_pose=counts.n_with_pose,
        seconds=perf_counter() - begin,
        is_interrupted=is_interrupted,
        notes=notes,
    )


def _written(
    results: Iterable[MaybePair], writer: WriteBehind, stop: Stop, timer: StageTimer
) -> Iterator[int]:
    """Give one result after another to the writer; yield their number after each."""
    remaining = iter(results)
    for n_done in count(1):
        if stop.is_requested:
            raise KeyboardInterrupt
        with stop.interruptible():
            pair = next(remaining, None)
            if pair is None:
                return
            frame, result = pair
            start = timer.start()
            writer.write(result, frame)
            timer.lap("write", start)
        yield n_done


@dataclass(slots=True)
class _Counts:
    """Frames that have been written; counted by the thread that writes them."""

    n_frames: int = 0
    n_with_pose: int = 0

    def add(self, result: PoseResult) -> None:
        self.n_frames += 1
        self.n_with_pose += bool(result)


class _UnfinishedError(Exception):
    """A recording was not read to its end."""


@contextmanager
def _unfinished_recording_as_error(*, is_endless: bool) -> Iterator[None]:
    """Replace KeyboardInterrupt by an error, unless the source is endless.

    A sink completes its files after KeyboardInterrupt, and keeps them as partial after an error.
    """
    try:
        yield
    except KeyboardInterrupt as interrupt:
        if is_endless:
            raise
        raise _UnfinishedError from interrupt
