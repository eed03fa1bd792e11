"""ReadAhead: a source that decodes the next frames in the background."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from vitruvian.media.source import Source

if TYPE_CHECKING:
    from collections.abc import Generator

    from vitruvian.core.frame import Frame

__all__ = ["ReadAhead"]


class ReadAhead(Source):
    """The frames of a recording, decoded ahead in a background thread.

    Frames and errors keep the order of the recording; only a warning about a frame may be logged
    before the frame is returned. The thread starts with the first read and ends with the last
    frame, an error, or `close`, which waits for the frame in progress.

    Parameters
    ----------
    source : Source
        The recording; closed together with this source. For live sources use `LiveStream`.
    depth : int
        Maximum number of buffered frames, including the one being decoded; bounds the memory.

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
        with ThreadPoolExecutor(1, "read-ahead") as thread:
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
