"""RealTime: a recording that plays at its own frame rate, like a camera."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from vitruvian.media.source import Source

if TYPE_CHECKING:
    from collections.abc import Generator

    from vitruvian.core.frame import Frame

__all__ = ["RealTime"]


class RealTime(Source):
    """The frames of a recording, each at its timestamp; the first one at once.

    If the reader is late, overdue frames come without a wait, like those in a camera's buffer.

    Parameters
    ----------
    source : Source
        The recording; `close` closes it, too.
    """

    def __init__(self, source: Source) -> None:
        super().__init__(source.name)
        self.path, self.fps, self.n_frames = source.path, source.fps, source.n_frames
        self.wh = source.wh
        self.is_live = True
        self.warnings = source.warnings
        self._source = source

    def _read(self) -> Generator[Frame, None, None]:
        start_us: int | None = None
        for frame in self._source:
            now_us = time.monotonic_ns() // 1000
            if start_us is None:
                start_us = now_us - frame.timestamp_us
            if self._closed.wait((start_us + frame.timestamp_us - now_us) / 1e6):
                return
            yield frame
        self.is_complete = self._source.is_complete

    def _release(self) -> None:
        self._source.close()
