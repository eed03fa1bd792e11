"""ReadAhead: a source that decodes the next frames while the caller processes this one."""

from __future__ import annotations

from queue import Empty, SimpleQueue
from threading import Event, Semaphore, Thread, current_thread
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
    last frame, on an error, when this object is no longer used, or with `close`, which waits half a
    second for the frame being decoded.

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
        state = frames, self._free, self._ready, self._is_over
        thread = Thread(target=_read_ahead, args=state, name="read-ahead", daemon=True)
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
            if thread is not current_thread():  # on which the garbage collector may run
                thread.join(_LONGEST_WAIT_S)

    def _next_ready(self) -> Frame | BaseException | None:
        while not self._closed.is_set():
            try:
                return self._ready.get(timeout=POLL_S)
            except Empty:
                continue
        return None

    def _release(self) -> None:
        self._source.close()


def _read_ahead(
    frames: Iterator[Frame],
    free: Semaphore,
    ready: SimpleQueue[Frame | BaseException | None],
    is_over: Event,
) -> None:
    """Read frames, on a thread of its own; without a `ReadAhead`, so that it ends with that."""
    try:
        while free.acquire() and not is_over.is_set():
            ready.put(next(frames, None))
    except BaseException as error:  # noqa: BLE001 - raised where the frames are read
        ready.put(error)
