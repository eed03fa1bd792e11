"""Compiled networks that nobody uses any more, kept for the next session of the like.

A program that makes a tracker for each picture and throws it away, as many do, would else compile
the same networks again and again.
"""

from __future__ import annotations

import atexit
import os
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any

__all__ = ["leave", "take"]

MOST = 2  # a detector and a landmark network


class _Spares:
    """The last networks left, oldest first, each with what it is."""

    def __init__(self) -> None:
        self._begin()
        atexit.register(self._drain)
        os.register_at_fork(after_in_child=self._begin_in_child)

    def _begin(self) -> None:
        self._taking = Lock()
        # Its `put` may interrupt itself, as it does when the garbage collector frees a session.
        self._left: SimpleQueue[tuple[str, Any]] = SimpleQueue()

    def _begin_in_child(self) -> None:
        self._parents = self._left  # to free them would wait for threads that are the parent's
        self._begin()

    def _drain(self) -> list[tuple[str, Any]]:
        pairs = []
        while True:
            try:
                pairs.append(self._left.get_nowait())
            except Empty:
                return pairs

    def leave(self, key: str, network: object) -> None:
        self._left.put((key, network))
        while self._left.qsize() > MOST:
            with suppress(Empty):  # another thread was faster
                self._left.get_nowait()

    def take(self, key: str) -> Any:
        with self._taking:
            pairs = self._drain()
            mine = next((pair for pair in pairs if pair[0] == key), None)
            for pair in pairs:
                if pair is not mine:
                    self._left.put(pair)
        return mine and mine[1]


_spares = _Spares()


def leave(key: str, network: object) -> None:
    """Keep a compiled network under a key; of all that are left here, the last two stay."""
    _spares.leave(key, network)


def take(key: str) -> Any:
    """Return a network left under a key, which is then the caller's; None if there is none."""
    return _spares.take(key)
