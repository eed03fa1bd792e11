"""LiveStream: tracks people in frames that arrive in real time; the newest frame wins."""

from __future__ import annotations

import atexit
import logging
import os
from dataclasses import dataclass
from threading import Condition, Lock, Thread, current_thread
from time import perf_counter_ns
from typing import TYPE_CHECKING

from vitruvian.core.frame import Frame
from vitruvian.errors import InferenceError
from vitruvian.fork import leak_when_forked, renew_when_forked
from vitruvian.track.latency import LatencyMeter, LiveCounts

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from vitruvian.core.pose import PoseResult
    from vitruvian.media.source import Source
    from vitruvian.track.latency import Latency
    from vitruvian.track.tracker import PoseTracker

__all__ = ["LiveCounts", "LiveStream"]

_LONGEST_WAIT_S = 0.25  # for the reader of a source that is closed

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A frame, its rotation, its time of arrival and the number of gaps before it."""

    frame: Frame
    rotation_deg: int
    time_ns: int
    n_gaps: int


class LiveStream:
    """Tracks people in live frames on a thread of its own, without falling behind.

    While the tracker works on a frame, only the newest of the frames that arrive is kept. Frames
    come from a source, which a second thread reads, or from `push`. Results are read in a loop, or
    passed to a function:

        with LiveStream(tracker, open_input(0, live=True)) as stream:
            for frame, result in stream:
                ...

        stream = LiveStream(tracker, on_result=show)
        camera.on_frame(lambda image, time_us: stream.push(Frame(image, time_us)))

    Results are in order, each with its frame. A reader that is too slow gets the newest.

    An error of the source, the tracker or `on_result` ends the stream. It is raised once: by the
    loop, after the results before it; by `wait`; or by `close`.

    Parameters
    ----------
    tracker : PoseTracker
        Has one stream at a time, which resets it at the start and does not close it.
    source : Source, optional
        A live one, from `open_input(..., live=True)`. The stream reads it and closes it.
    on_result : callable, optional
        Called with each frame and its result instead of the loop, on the tracker's thread: the next
        frame waits for it. An error that ends the stream is then also logged when it happens.
    on_error : callable, optional
        Called with the frame and the error if the tracker or `on_result` fails, on the same thread.
        The stream then goes on with the next frame. An error of the source still ends it.
    rotation_deg : int
        As for `PoseTracker.update`.

    Raises
    ------
    ValueError
        If `source` is not live, or the tracker has another stream that is not over.

    Notes
    -----
    In a forked process, a stream of pushed frames starts again with the next frame. A stream that
    reads a source is over there, with an InferenceError.
    """

    def __init__(
        self,
        tracker: PoseTracker,
        source: Source | None = None,
        *,
        on_result: Callable[[Frame, PoseResult], object] | None = None,
        on_error: Callable[[Frame, BaseException], object] | None = None,
        rotation_deg: int = 0,
    ) -> None:
        if source is not None and not source.is_live:
            raise ValueError(
                f"source must be live, got {source.name!r}: use open_input(..., live=True)"
            )
        if not tracker.live_lock.acquire(blocking=False):
            raise ValueError(
                "the tracker has a live stream already: close that one first, or make a second "
                "tracker"
            )
        self._tracker = tracker
        self._source = source
        self._name = "pushed frames" if source is None else source.name
        self._on_result = on_result
        self._on_error = on_error
        self._rotation_deg = rotation_deg
        self._change = Condition()  # guards everything below
        self._waiting: _Arrival | None = None
        self._ready: tuple[_Arrival, PoseResult] | None = None
        self._seen = self._processed = self._dropped = self._unread = self._n_gaps = 0
        self._tracked_gaps = 0  # before the frame that was tracked last
        self._pushed_us: int | None = None  # time of the last frame that was pushed
        self._meter = LatencyMeter()
        self._has_ended = False  # no more frames are accepted
        self._is_over = False  # no more results will come
        self._is_closed = False
        self._is_forked = False  # the worker has to be started in this process
        self._error: BaseException | None = None
        self._worker = self._new_worker()
        self._reader: Thread | None = None
        # A network that runs while the interpreter ends would abort it.
        self._at_exit = self._finish if source is None else self._stop
        try:
            tracker.reset()
            self._worker.start()
        except BaseException:  # such as too many threads
            tracker.live_lock.release()
            raise
        atexit.register(self._at_exit)
        renew_when_forked(self)
        if source is not None:
            self._start_reader(source)

    def _new_worker(self) -> Thread:
        return Thread(target=self._work, name=f"track {self._name}", daemon=True)

    def _start_reader(self, source: Source) -> None:
        leak_when_forked(source)  # closing a camera would stop it in the parent, too
        name = f"read {source.name}"
        reader = Thread(target=self._read, args=(source,), name=name, daemon=True)
        try:
            reader.start()
        except BaseException:
            self._stop()
            raise
        self._reader = reader

    def push(self, frame: Frame, *, rotation_deg: int | None = None) -> bool:
        """Give the stream its next frame; it replaces one that still waits for the tracker.

        Returns at once.

        Parameters
        ----------
        frame : Frame
            The results and `on_result` get this object.
        rotation_deg : int, optional
            In place of that of the stream.

        Returns
        -------
        bool
            Whether the frame was accepted; False once the stream has ended.

        Raises
        ------
        TypeError
            If `frame` is not a Frame.
        ValueError
            If the stream reads a source, or the time is not later than that of the frame before.
        """
        if self._source is not None:
            raise ValueError(f"the stream reads {self._name}: use LiveStream(tracker) to push")
        if not isinstance(frame, Frame):
            raise TypeError(
                f"frame must be a Frame, got {type(frame).__name__}: use Frame(image, timestamp_us)"
            )
        rotation_deg = self._rotation_deg if rotation_deg is None else rotation_deg
        arrival = _Arrival(frame, rotation_deg, perf_counter_ns(), 0)
        self._restart()
        with self._change:
            now_us, last_us = frame.timestamp_us, self._pushed_us
            if last_us is not None and now_us <= last_us:
                raise ValueError(f"timestamp_us must increase, got {now_us} after {last_us}")
            self._pushed_us = now_us
            return self._offer(arrival)

    def end(self) -> None:
        """Accept no more frames. A waiting frame is still processed and its result delivered.

        Returns at once; `wait` waits for the last result. A source is closed.
        """
        with self._change:
            self._has_ended = True
            self._change.notify_all()
        if self._source is not None:
            self._source.close()

    def __iter__(self) -> Self:
        if self._on_result is not None:
            raise ValueError("results go to on_result: leave it out to read them in a loop")
        if self._is_closed:
            raise ValueError(f"the stream of {self._name} is closed: make a new one")
        return self

    def __next__(self) -> tuple[Frame, PoseResult]:
        self._restart()
        with self._change:
            self._change.wait_for(lambda: self._ready or self._is_over or self._is_closed)
            if self._ready is None:
                self._raise_error()
                raise StopIteration
            (arrival, result), self._ready = self._ready, None
            self._meter.add(perf_counter_ns() - arrival.time_ns)
        return arrival.frame, result

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the stream is over, for `timeout_s` at most; return whether it is.

        In `on_result` and `on_error`, which the stream itself waits for, it returns at once.

        Raises
        ------
        Exception
            The error that ended the stream, if it has not been raised before.
        """
        with self._change:
            if current_thread() is not self._worker:
                self._change.wait_for(lambda: self._is_over or self._is_closed, timeout_s)
            self._raise_error()
            return self._is_over or self._is_closed

    def close(self) -> None:
        """End the stream after the current frame; a waiting frame is dropped.

        After that the tracker is free, and `on_result` is not called any more. A source that is
        waiting for a frame is released when its wait is over.

        Raises
        ------
        Exception
            The error that ended the stream, if it has not been raised before.
        """
        self._stop()
        self._raise_error()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._stop()
        if kind is None:
            self._raise_error()
        elif self._error is not None and self._on_result is None:
            # The error that leaves the block is not replaced.
            logger.error("the stream of %s has failed", self._name, exc_info=self._error)

    @property
    def counts(self) -> LiveCounts:
        """Counts of the frames so far."""
        with self._change:
            return LiveCounts(
                self._seen, self._processed, self._dropped, self._unread, self._n_gaps
            )

    @property
    def latency(self) -> Latency:
        """Times from the arrival of a frame to the delivery of its result."""
        with self._change:
            return self._meter.latency

    def __repr__(self) -> str:
        return f"LiveStream({self._name!r}, {self.counts})"

    def after_fork(self) -> None:
        """End the stream in a forked process, which has neither of its threads."""
        self._change = Condition()
        if self._is_over:
            return
        self._is_over = True
        self._waiting = self._ready = None
        self._tracker.live_lock = Lock()
        if self._source is None:
            self._is_forked = not self._has_ended
            return
        self._source = None
        self._has_ended = True
        self._error = InferenceError(
            f"the stream of {self._name} belongs to process {os.getppid()}: open the source and "
            "make a LiveStream after the fork"
        )
        atexit.unregister(self._at_exit)

    def _restart(self) -> None:
        """Start the worker of a stream of pushed frames in a forked process."""
        with self._change:
            if self._is_forked and not self._is_closed:
                if not self._tracker.live_lock.acquire(blocking=False):
                    raise ValueError("the tracker has another live stream in this process")
                self._is_forked = self._is_over = False
                self._worker = self._new_worker()
                self._worker.start()

    def _read(self, source: Source) -> None:
        """Read frames, on a thread of its own, until they end or are no longer accepted."""
        try:
            with source:
                for frame in source:
                    arrival = _Arrival(frame, self._rotation_deg, perf_counter_ns(), source.n_gaps)
                    if not self._offer(arrival):
                        break
        except BaseException as err:  # noqa: BLE001 - it is raised where the results are read
            self._fail(err)
        with self._change:
            self._has_ended = True
            self._change.notify_all()

    def _work(self) -> None:
        """Track the frames and deliver the results, on a thread of its own, to the end."""
        try:
            while (arrival := self._take()) is not None:
                self._process(arrival)
                del arrival  # the frame is not kept while there is no other
        except BaseException as err:  # noqa: BLE001 - it is raised where the results are read
            self._fail(err)
        self._tracker.live_lock.release()
        with self._change:
            self._is_over = True
            self._drop_waiting()
            self._change.notify_all()
        if self._source is not None:
            self._source.close()
        atexit.unregister(self._at_exit)

    def _process(self, arrival: _Arrival) -> None:
        try:
            if arrival.n_gaps != self._tracked_gaps:
                self._tracked_gaps = arrival.n_gaps
                self._tracker.note_gap()
            result = self._tracker.update(arrival.frame, rotation_deg=arrival.rotation_deg)
            self._deliver(arrival, result)
        except BaseException as err:
            if self._on_error is None:
                raise
            self._on_error(arrival.frame, err)

    def _offer(self, arrival: _Arrival) -> bool:
        """Let a frame wait in place of an older one; False if no more are accepted."""
        with self._change:
            if self._has_ended or self._is_over or self._is_closed:
                return False
            self._seen += 1
            self._n_gaps = arrival.n_gaps
            self._drop_waiting()
            self._waiting = arrival
            self._change.notify_all()
            return True

    def _take(self) -> _Arrival | None:
        """Wait for a frame and return it; None if there will be no more."""
        with self._change:
            self._change.wait_for(lambda: self._waiting or self._has_ended or self._is_closed)
            arrival, self._waiting = self._waiting, None
            self._processed += arrival is not None
            return arrival

    def _deliver(self, arrival: _Arrival, result: PoseResult) -> None:
        with self._change:
            if self._is_closed:
                self._unread += 1
                return
            if self._on_result is None:
                self._unread += self._ready is not None
                self._ready = arrival, result
                self._change.notify_all()
                return
            self._meter.add(perf_counter_ns() - arrival.time_ns)
        self._on_result(arrival.frame, result)

    def _drop_waiting(self) -> None:
        self._dropped += self._waiting is not None
        self._waiting = None

    def _fail(self, error: BaseException) -> None:
        """Store the first error for the reader of results; log it if there is no reader."""
        with self._change:
            self._error = self._error or error
        if self._on_result is not None:
            logger.error("the stream of %s has failed", self._name, exc_info=error)

    def _raise_error(self) -> None:
        with self._change:
            error, self._error = self._error, None
        if error is not None:
            raise error

    def _stop(self) -> None:
        with self._change:
            self._is_closed = True
            self._drop_waiting()
            self._unread += self._ready is not None
            self._ready = None
            self._change.notify_all()
        if self._source is not None:
            self._source.close()
        here = current_thread()
        if here is not self._worker:  # on_result and on_error run on the worker
            self._worker.join()
        if self._source is not None and self._reader is not None and here is not self._reader:
            self._reader.join(min(2 / (self._source.fps or 30), _LONGEST_WAIT_S))

    def _finish(self) -> None:
        """End a stream that the program has not closed, when the interpreter ends."""
        self.end()
        self._worker.join()
