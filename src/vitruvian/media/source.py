"""Source: what every image, video, stream and camera looks like to the one who reads it."""

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

_KEPT_WARNINGS = 100  # for a camera that flickers for a year

logger = logging.getLogger(__name__)


class Source(ABC):
    """Frames in order of time, read once.

    A source is iterated like an open file: a second loop goes on where the first stopped. Leaving
    the ``with`` block, or `close`, releases the decoder or the device; closing twice is allowed.

    One thread reads it; any thread may close it. A reader that waits for a frame at that moment
    keeps the decoder or the device until its wait is over, releases it, and finds the frames at
    their end.

    Attributes
    ----------
    name : str
        What a person calls it: the path, the address without its password, or ``camera 0``.
    path : Path or None
        The file, when there is one file.
    fps : float or None
        Nominal frames per second; the times of the frames are the truth.
    n_frames : int or None
        Number of frames as the file announces it, an estimate; None when nobody knows.
    wh : (int, int) or None
        Width and height of the first frame in px; None when the frames may differ.
    is_live : bool
        Whether frames arrive in real time, so that a slow reader falls behind.
    n_gaps : int
        How often the source was lost and found again before the frame that was read last.
    warnings : list of str
        What went wrong while reading without ending the program, the last 100: each is logged
        as well.
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
        self._reading = Lock()  # held while a frame is read, and while all is released
        self._closed = Event()
        self._is_released = False

    def __iter__(self) -> Iterator[Frame]:
        if self._closed.is_set():
            raise ValueError(f"{self.name} is closed: open it again")
        return iter(self._next, None)

    def _next(self) -> Frame | None:
        """Return the next frame, or None after the last and where the source is closed."""
        try:
            with self._reading:
                frame = None if self._closed.is_set() else next(self._frames, None)
        finally:
            if self._closed.is_set():
                self.close()  # another thread did, meanwhile, and left the release to this one
        return None if self._closed.is_set() else frame

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the decoder or the device."""
        self._closed.set()
        if not self._reading.acquire(blocking=False):
            return  # whoever reads now looks afterwards, and releases it
        try:
            if not self._is_released:
                self._is_released = True
                self._frames.close()
                self._release()
        finally:
            self._reading.release()

    def _release(self) -> None:  # noqa: B027 - images have nothing to release
        """Release the decoder or the device; called once."""

    @abstractmethod
    def _read(self) -> Generator[Frame, None, None]:
        """Yield the frames from the first to the last."""

    def _warn(self, message: str) -> None:
        """Keep and log a message about something that does not end the reading."""
        self.warnings.append(message)
        del self.warnings[:-_KEPT_WARNINGS]
        logger.warning("%s", message)
