"""Sessions: the live sessions of a server."""

from __future__ import annotations

import time
from threading import Lock
from typing import Protocol

__all__ = ["Session", "Sessions"]

CLOSE_LIMIT_S = 0.5  # a model that is being opened may take longer; its thread is a daemon


class Session(Protocol):
    """What is known of a live session here."""

    def close(self) -> None:
        """End the session; returns at once."""

    def wait(self, timeout_s: float) -> bool:
        """Wait until a closed session has released everything; return whether it has."""


class Sessions:
    """The live sessions of a server; ``len`` counts those whose client is connected."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: set[Session] = set()
        self._ending: set[Session] = set()

    def __len__(self) -> int:
        return len(self._running)

    def add(self, session: Session) -> None:
        """Note a session that begins."""
        with self._lock:
            self._running.add(session)
            self._ending = {each for each in self._ending if not each.wait(0)}

    def remove(self, session: Session) -> None:
        """Close a session whose client has left."""
        with self._lock:
            self._running.discard(session)
            self._ending.add(session)
        session.close()

    def close(self) -> None:
        """Close all sessions, and wait for them, but not for long."""
        for session in list(self._running):
            self.remove(session)
        deadline_s = time.monotonic() + CLOSE_LIMIT_S
        for session in list(self._ending):
            session.wait(max(0.0, deadline_s - time.monotonic()))
