"""WriteBehind: a sink that draws, encodes and writes while the caller works on the next frame."""

from __future__ import annotations

import os
from collections import deque
from typing import TYPE_CHECKING, Self

from vitruvian.errors import SinkError
from vitruvian.export.background import BackgroundThread

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from types import TracebackType

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult
    from vitruvian.export.sink import Sink

__all__ = ["WriteBehind"]


class WriteBehind:
    """Writes to another sink in a thread of its own, a few frames behind.

    The files are the same as without it, also after an error. The error is raised by the next
    `write` or by `close`. `close` and leaving the ``with`` block first write the waiting frames;
    Ctrl-C during that time is raised afterwards. The thread starts with the first `write`.

    Parameters
    ----------
    sink : Sink
        It is closed with this one.
    depth : int
        Limit of the number of frames that wait or are being written, and so of the memory.
    on_written : callable
        Called with each result after it is written, in that thread, where no signal interrupts.

    Raises
    ------
    ValueError
        If `depth` is not positive.
    """

    def __init__(
        self,
        sink: Sink,
        *,
        depth: int = 4,
        on_written: Callable[[PoseResult], object] = lambda _: None,
    ) -> None:
        if depth < 1:
            raise ValueError(f"depth must be positive, got {depth!r}")
        self._sink = sink
        self._depth = depth
        self._on_written = on_written
        self._thread = BackgroundThread("write-behind")
        self._waiting: deque[Future[None]] = deque()
        self._has_failed = False
        self._is_open = True
        self._pid = os.getpid()

    def write(self, result: PoseResult, frame: Frame | None = None) -> None:
        """Add one frame, as `Sink.write`; wait while `depth` others are pending."""
        if not self._is_open:
            raise ValueError("the sink is closed")
        if os.getpid() != self._pid:
            raise SinkError(f"an output of process {self._pid} can't be written in a forked one")
        while self._waiting and (len(self._waiting) >= self._depth or self._waiting[0].done()):
            self._waiting[0].result()
            self._waiting.popleft()
        self._waiting.append(self._thread.submit(self._write, result, frame))

    def _write(self, result: PoseResult, frame: Frame | None) -> None:
        """Write one frame, in the thread; none after an error, as in a plain loop."""
        if self._has_failed:
            return
        try:
            self._sink.write(result, frame)
            self._on_written(result)
        except BaseException:
            self._has_failed = True
            raise

    def close(self) -> None:
        """Write the waiting frames and close the other sink; a second call does nothing."""
        self.__exit__(None, None, None)

    def __enter__(self) -> Self:
        self._sink.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._is_open or os.getpid() != self._pid:
            return
        self._is_open = False
        interrupt = self._settle()
        failures = (future.exception() for future in self._waiting)
        cause = next(filter(None, failures), error or interrupt)
        if cause is None:
            self._sink.__exit__(None, None, None)
            return
        self._sink.__exit__(type(cause), cause, cause.__traceback__)
        if cause is not error:
            raise cause

    def _settle(self) -> KeyboardInterrupt | None:
        """Wait until all frames are written; return the Ctrl-C of that time, if any."""
        interrupt = None
        while True:
            try:
                self._thread.shutdown()
            except KeyboardInterrupt as error:  # the few waiting frames are still written
                interrupt = error
            else:
                return interrupt
