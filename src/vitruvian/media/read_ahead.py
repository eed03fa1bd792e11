"""ReadAhead: a source that decodes the next frames while the caller processes this one."""

from __future__ import annotations

from queue import Empty, SimpleQueue
from threading import Event, Semaphore, Thread
from typing import TYPE_CHECKING

from vitruvian.media.source import Source
from vitruvian.media.waiting import POLL_S

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from vitruvian.core.frame import Frame
    from vitruvian.media.audio import AudioTap

__all__ = ["ReadAhead"]

_LONGEST_WAIT_S = 0.5  # for the frame that is being decoded when the source is closed


class ReadAhead(Source):
    """The frames of another source, decoded a few frames ahead in a separate thread.

    Frames and errors are those of that source, in the same order. Only a warning about a frame may
    come before the frame. The thread starts at the first request for a frame. It ends after the
    last frame, on an error, or with `close`, which waits half a second for the frame being decoded.

    Signals and `close` interrupt the wait for a frame, also if the source itself is blocked. It is
    then released when its own wait is over.

    Parameters
    ----------
    source : Source
        `close` closes it, too. Use `LiveStream` to process a live source.
    depth : int
        Maximum number of frames that are decoded or being decoded but not yet taken.

    Raises
    ------
    ValueError
        If `depth` is not positive.
    """

    def __init__(self, source: Source, *, depth: int = 4) -> None:
        if depth < 1:
            raise ValueError(f"depth must be positive, got {depth!r}")
        super().__init__(source.name)
        self.path, self.fps, self.n_frames = source.path, source.fps, source.n_frames
        self.wh, self.is_live = source.wh, source.is_live
        self.warnings = source.warnings
        self._source = source
        self._free = Semaphore(depth)
        self._ready: SimpleQueue[Frame | BaseException | None] = SimpleQueue()
        self._is_over = Event()

    def audio(self) -> Path | AudioTap | None:
        """Return the sound of the source, as `Source.audio`."""
        return self._source.audio()

    def _read(self) -> Generator[Frame, None, None]:
        yield from self._frames_ahead()
        self.is_complete = self._source.is_complete

    def _frames_ahead(self) -> Generator[Frame, None, None]:
        frames = iter(self._source)
        thread = Thread(target=self._read_ahead, args=(frames,), name="read-ahead", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # Python starts no thread any more while the program ends
            yield from frames
            return
        try:
            while (item := self._next_ready()) is not None:
                if isinstance(item, BaseException):
                    raise item
                self._free.release()
                yield item
        finally:
            self._is_over.set()
            self._free.release()
            thread.join(_LONGEST_WAIT_S)

    def _read_ahead(self, frames: Iterator[Frame]) -> None:
        """Read the source, on a thread of its own."""
        try:
            while self._free.acquire() and not self._is_over.is_set():
                self._ready.put(next(frames, None))
        except BaseException as error:  # noqa: BLE001 - raised where the frames are read
            self._ready.put(error)

    def _next_ready(self) -> Frame | BaseException | None:
        while not self._closed.is_set():
            try:
                return self._ready.get(timeout=POLL_S)
            except Empty:
                continue
        return None

    def _release(self) -> None:
        self._source.close()
