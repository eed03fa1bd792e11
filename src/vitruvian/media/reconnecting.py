"""ReconnectingSource: a camera or stream that reconnects whenever it is lost."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from vitruvian.errors import SourceError
from vitruvian.media.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from vitruvian.core.frame import Frame

__all__ = ["FIRST_DELAY_S", "LONGEST_DELAY_S", "GapClock", "ReconnectingSource"]

FIRST_DELAY_S = 0.5  # a short gap, and little load on a server
LONGEST_DELAY_S = 8.0  # longest time until a source that is back is noticed
_LARGEST_BURST_US = 8_000_000  # of frames that a live server has stored, since its last key frame

logger = logging.getLogger(__name__)


class ReconnectingSource(Source):
    """A live source that reconnects when it ends or fails, until it is closed.

    A connection that ends after it was much faster than real time was a file: the source ends, too.

    The delay before a retry starts at `FIRST_DELAY_S` and doubles up to `LONGEST_DELAY_S`. After
    each reconnect, `n_gaps` is one higher. Frame indices continue. Timestamps are true: the first
    frame after a gap has the time since the first frame of all.

    Parameters
    ----------
    source : Source
        The open source. So a first connection that fails is an error; there is no retry.
    reopen : callable
        Returns the source, opened again, or raises `SourceError`.
    """

    def __init__(self, source: Source, reopen: Callable[[], Source]) -> None:
        super().__init__(source.name)
        self.fps, self.wh = source.fps, source.wh
        self.is_live = self.is_endless = True
        self._source = source
        self._reopen = reopen

    def _read(self) -> Generator[Frame, None, None]:
        clock = GapClock()
        n_read = 0
        while True:
            for frame in self._frames_until_lost():
                yield replace(frame, timestamp_us=clock.time_us(frame.timestamp_us), index=n_read)
                n_read += 1
            if self._closed.is_set() or clock.was_faster_than_real_time(self.fps or 30):
                return
            self.warnings += self._source.warnings
            self._log_warning(f"{self.name} is lost after {n_read} frames: reconnecting")
            self._source.close()
            if not self._reconnect():
                return
            self.n_gaps += 1
            clock.note_gap()

    def _frames_until_lost(self) -> Generator[Frame, None, None]:
        try:
            yield from self._source
        except SourceError as err:
            self._log_warning(str(err))

    def _reconnect(self) -> bool:
        """Retry until the source is open again; return False if this one is closed meanwhile."""
        delay_s = FIRST_DELAY_S
        while not self._closed.wait(delay_s):
            try:
                self._source = self._reopen()
            except SourceError as err:
                delay_s = min(2 * delay_s, LONGEST_DELAY_S)
                logger.info("%s; next retry in %g s", err, delay_s)
            else:
                logger.info("%s is reconnected", self.name)
                return True
        return False

    def _release(self) -> None:
        self._source.close()


class GapClock:
    """Converts the timestamps of consecutive connections to µs since the first frame of all.

    When a stream is opened, its buffered frames arrive at once. So the frame with the least delay
    defines time 0. Later connections do not change it, because their delays would add up.
    """

    def __init__(self) -> None:
        self._start_us = _now_us()  # estimate of time 0 on the monotonic clock
        self._is_first_connection = True
        self._shift_us: int | None = 0  # None between a gap and the first frame after it
        self._last_us = -1
        self._connected_us = self._start_us
        self._n_frames = 0  # of this connection

    def note_gap(self) -> None:
        """Note that the next frame is the first one of a new connection."""
        self._is_first_connection = False
        self._shift_us = None
        self._connected_us = _now_us()
        self._n_frames = 0

    def was_faster_than_real_time(self, fps: float) -> bool:
        """Whether this connection sent more than a live source can have in its buffer."""
        passed_us = _now_us() - self._connected_us
        return self._n_frames * 1e6 / fps > 2 * passed_us + _LARGEST_BURST_US

    def time_us(self, timestamp_us: int) -> int:
        """Return the time of a frame that arrives now, from its timestamp in its connection."""
        now_us = _now_us()
        self._n_frames += 1
        if self._is_first_connection:
            self._start_us = min(self._start_us, now_us - timestamp_us)
        if self._shift_us is None:
            self._shift_us = max(now_us - self._start_us, self._last_us + 1) - timestamp_us
        self._last_us = timestamp_us + self._shift_us
        return self._last_us


def _now_us() -> int:
    return time.monotonic_ns() // 1000
