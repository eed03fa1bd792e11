"""Commands: slow work of a live session, such as opening a model, on a thread of its own."""

from __future__ import annotations

from queue import SimpleQueue
from threading import Thread
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
    """

    def __init__(self, on_error: Callable[[Exception], object]) -> None:
        self._on_error = on_error
        self._queue: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="studio session", daemon=True)
        self._thread.start()

    def put(self, run: Callable[[], object]) -> None:
        """Add a function."""
        self._queue.put(run)

    def close(self) -> None:
        """Run what waits, then end the thread; returns at once."""
        self._queue.put(None)

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end of the thread after `close`; return whether it has ended."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (run := self._queue.get()) is not None:
            try:
                run()
            except Exception as error:  # noqa: BLE001 - told to the client
                self._on_error(error)
