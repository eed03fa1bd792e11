"""FairLock: a lock that threads get in the order in which they ask for it."""

from __future__ import annotations

from collections import deque
from threading import Lock

__all__ = ["FairLock"]


class FairLock:
    """A lock that is handed over to the thread that has waited longest.

    With `threading.Lock`, a thread that releases the lock and asks for it again at once usually
    gets it, so that the others may wait for a long time. Not reentrant.
    """

    def __init__(self) -> None:
        self._mutex = Lock()
        self._is_held = False
        self._waiting: deque[Lock] = deque()  # one locked lock for each thread that waits

    def __enter__(self) -> None:
        with self._mutex:
            if not self._is_held:
                self._is_held = True
                return
            turn = Lock()
            turn.acquire()
            self._waiting.append(turn)
        try:
            turn.acquire()
        except BaseException:  # Ctrl-C: leave the queue, or pass on what was handed over just now
            with self._mutex:
                is_waiting = turn in self._waiting
                if is_waiting:
                    self._waiting.remove(turn)
            if not is_waiting:
                self.__exit__()
            raise

    def __exit__(self, *_: object) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_held = False
