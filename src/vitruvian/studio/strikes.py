"""Strikes: how many wrong messages a client has sent of late."""

from __future__ import annotations

import time
from collections import deque
from threading import Lock

__all__ = ["Strikes"]

LIMIT, WINDOW_S = 3, 10.0


class Strikes:
    """Counts wrong messages; thread-safe."""

    def __init__(self) -> None:
        self._times_s: deque[float] = deque(maxlen=LIMIT)
        self._lock = Lock()

    def add(self) -> bool:
        """Note one more; return whether it is the third within 10 s."""
        now_s = time.monotonic()
        with self._lock:
            self._times_s.append(now_s)
            return len(self._times_s) == LIMIT and now_s - self._times_s[0] <= WINDOW_S
