"""Source: the common interface of images, videos, streams and cameras."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from threading import Event, Lock
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from vitruvian.core.frame import Frame

__all__ = ["Source"]

_MAX_WARNINGS = 100  # bounds the memory of a stream that runs for months

logger = logging.getLogger(__name__)


class Source(ABC):
    """An iterator over frames in order of time.

    A source is iterated like an open file: a second loop continues where the first stopped.
    `close`, or leaving the ``with`` block, releases the decoder or the device; closing twice is
    allowed.

    Only one thread may read; any thread may close. If a read is in progress, it finishes, releases
    the decoder or the device, and ends the iteration.

    Attributes
    ----------
    name : str
        Name for messages: the path, the URL without user name and password, or ``camera 0``.
    path : Path or None
        The file, if the source is a single file.
    fps : float or None
        Nominal frame rate; use the timestamps of the frames for exact times.
    n_frames : int or None
        Number of frames according to the file, an estimate; None if unknown.
    wh : (int, int) or None
        Width and height of the first frame in px; None if the size may vary.
    is_live : bool
        Whether frames arrive in real time, so that a slow reader falls behind.
    n_gaps : int
        Number of reconnections before the last frame read.
    warnings : list of str
        The last 100 non-fatal problems while reading; each is also logged.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.path: Path | None = None
        self.fps: float | None = None
        self.n_frames: int | None = None
        self.wh: tuple[int, int] | None = None
        self.is_live = False
        self.n_gaps = 0
        self.warnings: list[str] = []
        self._frames = self._read()
        self._reading = Lock()  # held while a frame is read and while the source is released
        self._closed = Event()
        self._is_released = False

    def __iter__(self) -> Iterator[Frame]:
        if self._closed.is_set():
            raise ValueError(f"{self.name} is closed: open a new source")
        return iter(self._next, None)

    def _next(self) -> Frame | None:
        """Return the next frame; None after the last frame or after `close`."""
        try:
            with self._reading:
                frame = None if self._closed.is_set() else next(self._frames, None)
        finally:
            if self._closed.is_set():
                self.close()  # closed by another thread during the read: release here
        return None if self._closed.is_set() else frame

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the decoder or the device."""
        self._closed.set()
        if not self._reading.acquire(blocking=False):
            return  # a read is in progress; the reading thread releases the source afterwards
        try:
            if not self._is_released:
                self._is_released = True
                self._frames.close()
                self._release()
        finally:
            self._reading.release()

    def _release(self) -> None:  # noqa: B027 - optional: images have nothing to release
        """Release the decoder or the device; called once."""

    @abstractmethod
    def _read(self) -> Generator[Frame, None, None]:
        """Yield the frames from the first to the last."""

    def _log_warning(self, message: str) -> None:
        """Log a non-fatal problem and add it to `warnings`."""
        self.warnings.append(message)
        del self.warnings[:-_MAX_WARNINGS]
        logger.warning("%s", message)
