"""Ctrl-C and SIGTERM as a request to stop."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vitruvian.runs.stop import STOP_SIGNALS, Stop

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["stop_on_signals"]


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """Give a `Stop` that Ctrl-C and SIGTERM request while the block runs.

    The first signal ends the run after the current frame; a second one interrupts that frame.
    """
    stop = Stop()
    previous = {number: signal.signal(number, stop.interrupt) for number in STOP_SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
