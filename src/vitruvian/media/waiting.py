"""Waiting that signals and other threads can interrupt, while a thread of its own is blocked."""

from __future__ import annotations

from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitruvian.media.source import Source

__all__ = ["POLL_S", "opened_on_thread"]

POLL_S = 0.05
"""Time between two looks for a signal. Some systems do not wake a thread that waits for a lock."""


def opened_on_thread(open_source: Callable[[], Source]) -> Source:
    """Return `open_source()`, called on a thread of its own.

    FFmpeg and the system block signals and Ctrl-C while they connect to a server or wait for the
    writer of a pipe. If this wait is interrupted, a source that is opened later is closed at once.
    """
    call = _Opening(open_source)
    try:
        Thread(target=call.run, name="open", daemon=True).start()
    except RuntimeError:  # Python starts no thread any more while the program ends
        return open_source()
    try:
        while True:
            try:
                result = call.result.get(timeout=POLL_S)
            except Empty:
                continue
            break
    except BaseException:
        call.abandon()
        raise
    if isinstance(result, BaseException):
        raise result
    return result


class _Opening:
    """A source that is being opened, whose caller may have left."""

    def __init__(self, open_source: Callable[[], Source]) -> None:
        self.result: SimpleQueue[Source | BaseException] = SimpleQueue()
        self._open = open_source
        self._lock = Lock()
        self._is_abandoned = False

    def run(self) -> None:
        """Open the source and return it or the error."""
        try:
            result: Source | BaseException = self._open()
        except BaseException as error:  # noqa: BLE001 - raised by the thread that waits
            result = error
        with self._lock:
            self.result.put(result)
        if self._is_abandoned:
            self.abandon()

    def abandon(self) -> None:
        """Close the source, now or when it is open."""
        with self._lock:
            self._is_abandoned = True
            while not self.result.empty():
                source = self.result.get()
                if not isinstance(source, BaseException):
                    source.close()
