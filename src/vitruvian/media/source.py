"""Source: what every image, video, stream and camera looks like to the one who reads it."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from vitruvian.core.frame import Frame

__all__ = ["Source"]

logger = logging.getLogger(__name__)


class Source(ABC):
    """Frames in order of time, read once.

    A source is iterated like an open file: a second loop goes on where the first stopped. Leaving
    the ``with`` block, or `close`, releases the decoder or the device; closing twice is allowed.
    One thread reads and closes it.

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
    warnings : list of str
        What went wrong while reading without ending the program: each is logged as well.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.path: Path | None = None
        self.fps: float | None = None
        self.n_frames: int | None = None
        self.wh: tuple[int, int] | None = None
        self.is_live = False
        self.warnings: list[str] = []
        self._frames = self._read()
        self._is_closed = False

    def __iter__(self) -> Iterator[Frame]:
        if self._is_closed:
            raise ValueError(f"{self.name} is closed: open it again")
        return self._frames

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the decoder or the device."""
        # Closing the generator first makes it an error, not a crash, to close under a reader.
        self._frames.close()
        self._is_closed = True

    @abstractmethod
    def _read(self) -> Generator[Frame, None, None]:
        """Yield the frames from the first to the last."""

    def _warn(self, message: str) -> None:
        """Keep and log a message about something that does not end the reading."""
        self.warnings.append(message)
        logger.warning("%s", message)
