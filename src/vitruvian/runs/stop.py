"""Stop: the request to end a run early."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["STOP_SIGNALS", "Stop"]

STOP_SIGNALS: tuple[signal.Signals, ...] = (signal.SIGINT, signal.SIGTERM)
if sys.platform != "win32":
    STOP_SIGNALS += (signal.SIGHUP,)  # the terminal was closed


class Stop:
    """A request to end a run early.

    Any thread may call `request`: the run ends after the current frame. A program that runs jobs on
    its main thread may also install `interrupt` as its signal handler; nothing here does that.

    No lock is taken, so that both are safe in a signal handler.

    Attributes
    ----------
    n_requests : int
        How often the run has been asked to stop.

    Examples
    --------
    >>> stop = Stop()
    >>> stop.request()
    >>> stop.is_requested
    True
    """

    def __init__(self) -> None:
        self.n_requests = 0
        self._is_deferred = False
        self._is_interruptible = False

    @property
    def is_requested(self) -> bool:
        """Whether the run has been asked to stop."""
        return self.n_requests > 0

    def request(self) -> None:
        """Ask the run to stop after the current frame, and not to start another job."""
        self.n_requests += 1

    def interrupt(self, *_: object) -> None:
        """Handle a signal; call it on the thread of the run, in a signal handler.

        While inputs and networks are opened, the run is interrupted at once. From the first frame
        on it is asked to stop as by `request`; a second signal interrupts the current frame.
        Outputs are always completed.

        Raises
        ------
        KeyboardInterrupt
            If the run is to be interrupted.
        """
        is_second = self.is_requested
        self.request()
        if not self._is_deferred or (is_second and self._is_interruptible):
            self._is_interruptible = False  # a third signal must not disturb the clean-up
            raise KeyboardInterrupt

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Within this block `interrupt` makes a request, and raises only where `interruptible`."""
        self._is_deferred = True
        try:
            yield
        finally:
            self._is_deferred = False

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Within this block, inside `deferred`, a second `interrupt` raises."""
        self._is_interruptible = True
        try:
            yield
        finally:
            self._is_interruptible = False
