"""Source: the interface of all images, videos, streams and cameras."""

from __future__ import annotations

import logging
import os
from abc import ABC, abstractmethod
from threading import Event, Lock
from typing import TYPE_CHECKING, Self

from vitruvian.errors import SourceError
from vitruvian.fork import leak_when_forked

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from vitruvian.core.frame import Frame
    from vitruvian.media.audio import AudioTap

__all__ = ["Source"]

_MAX_WARNINGS = 100  # bounds the memory for a camera that reconnects for months

logger = logging.getLogger(__name__)


class Source(ABC):
    """Frames in the order of their timestamps, read once.

    A source is iterated like an open file: a second loop continues where the first one stopped.
    Leaving the ``with`` block, or `close`, releases the decoder or the device. Closing twice is
    allowed.

    One thread reads; any thread may close. If the reader is waiting for a frame then, it releases
    the decoder or the device when its wait is over, and gets no more frames.

    A forked process can't read it, because the threads of the decoder do not exist there.

    Attributes
    ----------
    name : str
        Name for messages: the path, the URL without its password, or ``camera 0``.
    path : Path or None
        The file; None if the source is not one file, or one that can be read only once.
    fps : float or None
        Nominal frames per second. The timestamps of the frames are exact, this is not.
    n_frames : int or None
        Number of frames in the header of the file, an estimate; None if unknown.
    wh : (int, int) or None
        Width and height of the first frame in px; None if the frames may differ in size.
    is_live : bool
        Whether frames arrive in real time.
    is_endless : bool
        Whether it is opened again whenever it is lost, until it is closed.
    n_gaps : int
        Number of reconnects before the last frame that was read.
    is_complete : bool
        False after the last frame of a recording that ends before the length in its header, or
        could not be read to its end.
    warnings : list of str
        Problems while reading that did not end it; the last 100. Each is also logged.
    reopen : callable or None
        Returns a live source, opened again after it was lost and closed, or raises `SourceError`.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.path: Path | None = None
        self.fps: float | None = None
        self.n_frames: int | None = None
        self.wh: tuple[int, int] | None = None
        self.is_live = False
        self.is_endless = False
        self.n_gaps = 0
        self.is_complete = True
        self.warnings: list[str] = []
        self.reopen: Callable[[], Source] | None = None
        self._frames = self._read()
        self._reading = Lock()  # held while a frame is read, and while the source is released
        self._closed = Event()
        self._is_released = False
        self._pid = os.getpid()
        leak_when_forked(self)

    def __iter__(self) -> Iterator[Frame]:
        if self._closed.is_set():
            raise ValueError(f"{self.name} is closed: open a new source")
        return iter(self._next, None)

    def _next(self) -> Frame | None:
        """Return the next frame, or None after the last one or if the source is closed."""
        if os.getpid() != self._pid:
            raise SourceError(
                f"{self.name} was opened in process {self._pid}: open it again in the forked "
                f"process {os.getpid()}"
            )
        try:
            with self._reading:
                frame = None if self._closed.is_set() else next(self._frames, None)
        finally:
            if self._closed.is_set():
                self.close()  # another thread closed it meanwhile and left the release to this one
        return None if self._closed.is_set() else frame

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the decoder or the device."""
        if os.getpid() != self._pid:
            return  # it belongs to the parent
        self._closed.set()
        if not self._reading.acquire(blocking=False):
            return  # the thread that is reading releases it afterwards
        try:
            if not self._is_released:
                self._is_released = True
                self._frames.close()
                self._release()
        finally:
            self._reading.release()

    def reconnecting(self) -> Source:
        """Return a live source that gives these frames and reconnects whenever this one is lost.

        Raises
        ------
        ValueError
            If this source can't be opened again.
        """
        from vitruvian.media.reconnecting import ReconnectingSource

        if self.reopen is None:
            raise ValueError(f"{self.name} can't be opened again")
        return ReconnectingSource(self, self.reopen)

    def audio(self) -> Path | AudioTap | None:
        """Return where a video of these frames gets its sound; ask before the first frame.

        The file, or the audio as it is read with the frames; None without sound.
        """
        return None

    def _release(self) -> None:  # noqa: B027 - optional: images have nothing to release
        """Release the decoder or the device; called once."""

    @abstractmethod
    def _read(self) -> Generator[Frame, None, None]:
        """Yield the frames from the first to the last."""

    def _log_warning(self, message: str) -> None:
        """Store and log a message about a problem that does not end the reading."""
        self.warnings.append(message)
        del self.warnings[:-_MAX_WARNINGS]
        logger.warning("%s", message)
