"""LiveStream: people in a camera or stream as they are now, for the newest frame wins."""

from __future__ import annotations

import atexit
import logging
from dataclasses import dataclass
from threading import Condition, Thread, current_thread
from time import perf_counter_ns
from typing import TYPE_CHECKING

from vitruvian.track.latency import LatencyMeter

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult
    from vitruvian.media.source import Source
    from vitruvian.track.latency import Latency
    from vitruvian.track.tracker import PoseTracker

__all__ = ["LiveCounts", "LiveStream"]

_LONGEST_WAIT_S = 0.25  # for the reader of a source that is closed

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LiveCounts:
    """What became of the frames of a live stream.

    Attributes
    ----------
    seen : int
        Frames that came. In the end it is `processed` + `dropped`; before, one more may be waiting.
    processed : int
        Frames that the tracker was given.
    dropped : int
        Frames that a newer one replaced, or that came too late.
    unread : int
        Results, of processed frames, that nobody took before there was a newer one.
    reconnected : int
        How often the source was lost and found again.

    Examples
    --------
    >>> print(LiveCounts(seen=900, processed=610, dropped=290, unread=0, reconnected=1))
    900 frames seen, 610 processed, 290 dropped, 0 unread, reconnected once
    """

    seen: int
    processed: int
    dropped: int
    unread: int
    reconnected: int

    def __str__(self) -> str:
        frames = "1 frame" if self.seen == 1 else f"{self.seen} frames"
        times = "once" if self.reconnected == 1 else f"{self.reconnected} times"
        return (
            f"{frames} seen, {self.processed} processed, {self.dropped} dropped, "
            f"{self.unread} unread" + (f", reconnected {times}" if self.reconnected else "")
        )


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A frame, when it came, and how many gaps there were before it."""

    frame: Frame
    time_ns: int
    n_gaps: int


class LiveStream:
    """Follows the people of a live source on threads of its own, and never falls behind.

    One thread reads frames and keeps the newest; another gives it to the tracker. Results are read
    in a loop, or given to a function::

        with LiveStream(tracker, open_input(0, live=True)) as stream:
            for frame, result in stream:
                ...

    They come in order, each with its frame. Who reads them too slowly gets the newest.

    An error of the source, of the tracker or of `on_result` ends the stream. It is raised once: by
    the loop when the results before it have been read, by `wait` or by `close`.

    Parameters
    ----------
    tracker : PoseTracker
        Serves one stream at a time, which resets it at its start. It stays open.
    source : Source
        A live one, as `open_input(..., live=True)` gives. The stream reads it and closes it.
    on_result : callable, optional
        Called with each frame and its result instead of the loop, on the tracker's thread: the next
        frame waits for it. An error that ends the stream is then also logged, when it happens.
    rotation_deg : int
        As for `PoseTracker.update`.

    Raises
    ------
    ValueError
        If `source` is not live.
    """

    def __init__(
        self,
        tracker: PoseTracker,
        source: Source,
        *,
        on_result: Callable[[Frame, PoseResult], object] | None = None,
        rotation_deg: int = 0,
    ) -> None:
        if not source.is_live:
            raise ValueError(
                f"source must be live, got {source.name!r}: use open_input(..., live=True)"
            )
        self._tracker = tracker
        self._source = source
        self._on_result = on_result
        self._rotation_deg = rotation_deg
        self._change = Condition()  # of anything below, which it guards
        self._waiting: _Arrival | None = None
        self._ready: tuple[_Arrival, PoseResult] | None = None
        self._seen = self._processed = self._dropped = self._unread = self._n_gaps = 0
        self._meter = LatencyMeter()
        self._has_ended = False  # no more frames
        self._is_over = False  # no more results
        self._is_closed = False
        self._error: BaseException | None = None
        tracker.reset()
        self._reader = Thread(target=self._read, name=f"read {source.name}", daemon=True)
        self._worker = Thread(target=self._work, name=f"track {source.name}", daemon=True)
        atexit.register(self._stop)  # a network that runs while the interpreter ends aborts it
        self._reader.start()
        self._worker.start()

    def __iter__(self) -> Self:
        if self._on_result is not None:
            raise ValueError("results go to on_result: leave it out to read them in a loop")
        if self._is_closed:
            raise ValueError(f"the stream of {self._source.name} is closed: make a new one")
        return self

    def __next__(self) -> tuple[Frame, PoseResult]:
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

        Raises
        ------
        Exception
            The error that ended the stream, if it has not been raised before.
        """
        with self._change:
            self._change.wait_for(lambda: self._is_over or self._is_closed, timeout_s)
            self._raise_error()
            return self._is_over or self._is_closed

    def close(self) -> None:
        """End the stream, once the frame in work is done.

        The tracker is then free, and `on_result` is not called any more. A source that delivers is
        released; one that keeps its reader waiting releases itself when that wait is over.

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
            # What leaves the block by itself is not replaced.
            logger.error("the stream of %s has failed", self._source.name, exc_info=self._error)

    @property
    def counts(self) -> LiveCounts:
        """What has become of the frames so far."""
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
        return f"LiveStream({self._source.name!r}, {self.counts})"

    def _read(self) -> None:
        """Read frames, on a thread of its own, until they end or are no longer wanted."""
        try:
            with self._source:
                for frame in self._source:
                    arrival = _Arrival(frame, perf_counter_ns(), self._source.n_gaps)
                    if not self._offer(arrival):
                        break
        except BaseException as err:  # noqa: BLE001 - it is raised where the results are read
            self._fail(err)
        with self._change:
            self._has_ended = True
            self._change.notify_all()

    def _work(self) -> None:
        """Give frames to the tracker and results away, on a thread of its own, to the end."""
        n_gaps = 0
        try:
            while (arrival := self._take()) is not None:
                if arrival.n_gaps != n_gaps:
                    n_gaps = arrival.n_gaps
                    self._tracker.note_gap()
                result = self._tracker.update(arrival.frame, rotation_deg=self._rotation_deg)
                self._deliver(arrival, result)
        except BaseException as err:  # noqa: BLE001 - it is raised where the results are read
            self._fail(err)
        with self._change:
            self._is_over = True
            self._drop_waiting()
            self._change.notify_all()
        self._source.close()
        atexit.unregister(self._stop)

    def _offer(self, arrival: _Arrival) -> bool:
        """Let a frame wait in place of an older one; False if frames are no longer wanted."""
        with self._change:
            if self._is_over or self._is_closed:
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
        """Keep the first error for the one who reads results; log it if nobody may be there."""
        with self._change:
            self._error = self._error or error
        if self._on_result is not None:
            logger.error("the stream of %s has failed", self._source.name, exc_info=error)

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
        self._source.close()
        here = current_thread()
        if here is not self._worker:  # as it is in on_result
            self._worker.join()
        if here is not self._reader:
            self._reader.join(min(2 / (self._source.fps or 30), _LONGEST_WAIT_S))
