"""Commands: slow work of a live session, such as opening a model, on a thread of its own."""

from __future__ import annotations

from collections import deque
from threading import Condition, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Commands"]


class Commands:
    """Runs functions one after another on a thread of its own.

    Parameters
    ----------
    on_error : callable
        Called with the error of a function; the next one runs all the same.
    limit : int
        How many may wait.
    """

    def __init__(self, on_error: Callable[[Exception], object], *, limit: int) -> None:
        self._on_error, self._limit = on_error, limit
        self._change = Condition()
        self._waiting: deque[Callable[[], object]] = deque()
        self._is_closed = False
        self._thread = Thread(target=self._run, name="studio session", daemon=True)
        self._thread.start()

    def put(self, run: Callable[[], object]) -> bool:
        """Add a function; False if too many wait."""
        with self._change:
            if self._is_closed or len(self._waiting) >= self._limit:
                return False
            self._waiting.append(run)
            self._change.notify()
            return True

    def close(self, last: Callable[[], object]) -> None:
        """Run `last` in place of what waits, then end the thread; returns at once."""
        with self._change:
            if self._is_closed:
                return
            self._is_closed = True
            self._waiting.clear()
            self._waiting.append(last)
            self._change.notify()

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end of the thread after `close`; return whether it has ended."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (run := self._next()) is not None:
            try:
                run()
            except Exception as error:  # noqa: BLE001 - told to the client
                self._on_error(error)

    def _next(self) -> Callable[[], object] | None:
        with self._change:
            self._change.wait_for(lambda: self._waiting or self._is_closed)
            return self._waiting.popleft() if self._waiting else None
