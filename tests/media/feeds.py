"""Live sources without a camera: they return frames as the test puts them in."""

from __future__ import annotations

import time
from queue import SimpleQueue
from threading import Event
from typing import TYPE_CHECKING

import numpy as np

from vitruvian import Frame
from vitruvian.media.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

STEP_US = 33_333


def frame(index: int) -> Frame:
    """A tiny frame of a 30 Hz source."""
    return Frame(np.zeros((2, 3, 3), np.uint8), timestamp_us=index * STEP_US, index=index)


class Feed(Source):
    """Returns the frames that are put in and waits for more; raises errors; ends at None."""

    def __init__(self, *items: Frame | Exception | None, name: str = "feed") -> None:
        super().__init__(name)
        self.is_live = True
        self.fps = 30.0
        self.released = Event()
        self._items: SimpleQueue[Frame | Exception | None] = SimpleQueue()
        self.put(*items)

    def put(self, *items: Frame | Exception | None) -> None:
        for item in items:
            self._items.put(item)

    def _read(self) -> Generator[Frame, None, None]:
        while (item := self._items.get()) is not None:
            if isinstance(item, Exception):
                raise item
            yield item

    def _release(self) -> None:
        self.released.set()


def until(condition: Callable[[], object]) -> None:
    """Wait until a condition is met by other threads; fail after ten seconds."""
    deadline_s = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.001)
