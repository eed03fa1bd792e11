"""ReadAhead: a source that decodes the next frames while the caller processes this one."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from vitruvian.media.background import BackgroundThread
from vitruvian.media.source import Source

if TYPE_CHECKING:
    from collections.abc import Generator

    from vitruvian.core.frame import Frame

__all__ = ["ReadAhead"]


class ReadAhead(Source):
    """The frames of a recording, decoded a few frames ahead in a separate thread.

    Frames and errors are those of the recording, in the same order. Only a warning about a frame
    may come before the frame. The thread starts at the first request for a frame. It ends after the
    last frame, on an error, or with `close`, which waits for the frame being decoded.

    Parameters
    ----------
    source : Source
        The recording; `close` closes it, too. Use `LiveStream` for a live source.
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
        self.wh = source.wh
        self.warnings = source.warnings
        self._source = source
        self._depth = depth

    def _read(self) -> Generator[Frame, None, None]:
        frames = iter(self._source)
        with BackgroundThread("read-ahead") as thread:
            ahead = deque(thread.submit(next, frames, None) for _ in range(self._depth))
            try:
                while (frame := ahead[0].result()) is not None:
                    ahead.popleft()
                    ahead.append(thread.submit(next, frames, None))
                    yield frame
            finally:
                for future in ahead:
                    future.cancel()

    def _release(self) -> None:
        self._source.close()
