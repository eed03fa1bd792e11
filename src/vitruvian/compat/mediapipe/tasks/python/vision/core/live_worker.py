"""LiveWorker: pictures that come faster than they can be looked at."""

from __future__ import annotations

import logging
from threading import Condition, Thread, current_thread
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LiveWorker"]

logger = logging.getLogger(__name__)

Item = TypeVar("Item")


class LiveWorker(Generic[Item]):
    """Works on one item after the other, on a thread of its own; of those that wait, the newest.

    An error is logged, SystemExit too, and the next item is worked on.
    """

    def __init__(self, work: Callable[[Item], object]) -> None:
        self._work = work
        self._change = Condition()  # of what follows, which it guards
        self._waiting: Item | None = None
        self._is_closed = False
        self._thread: Thread | None = None

    def offer(self, item: Item) -> None:
        """Let an item wait in place of an older one. This does not wait itself."""
        with self._change:
            if self._is_closed:
                return
            self._waiting = item
            if self._thread is None:
                self._thread = Thread(target=self._run, name="pose landmarker", daemon=True)
                self._thread.start()
            self._change.notify()

    def close(self) -> None:
        """Wait for the item in work and the one that waits; called in work, drop the latter."""
        with self._change:
            self._is_closed = True
            thread = self._thread
            if thread is current_thread():
                self._waiting = None
            self._change.notify()
        if thread is not None and thread is not current_thread():
            thread.join()

    def _run(self) -> None:
        while (item := self._take()) is not None:
            try:
                self._work(item)
            except BaseException:  # SystemExit too, which would end the thread without a word
                logger.exception("Error in callback or detection: the live stream goes on")
            del item  # it is not kept while there is no other

    def _take(self) -> Item | None:
        """Wait for an item and return it; None if there will be no more."""
        with self._change:
            self._change.wait_for(lambda: self._waiting is not None or self._is_closed)
            item, self._waiting = self._waiting, None
            return item
