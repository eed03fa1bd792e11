"""Ctrl-C, SIGTERM and SIGHUP as a request to stop."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from vitruvian.runs.stop import STOP_SIGNALS, Stop

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["stop_on_signals"]

_STREAMS = (0, 1, 2)  # standard input, output and error


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """Give a `Stop` that Ctrl-C, SIGTERM and SIGHUP request while the block runs.

    The first signal ends the run after the current frame; a second one interrupts that frame. If
    SIGHUP is ignored, as under ``nohup``, it remains so.
    """
    stop = Stop()
    of_terminal = [stream for stream in _STREAMS if os.isatty(stream)]

    def hang_up(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_IGN)  # a terminal and its shell send one each
        with suppress(OSError), open(os.devnull, "r+b", buffering=0) as null:
            for stream in of_terminal:  # writing to a terminal that was closed is an error
                os.dup2(null.fileno(), stream)
        stop.interrupt()

    previous = {}
    for number in STOP_SIGNALS:
        is_hang_up = number.name == "SIGHUP"
        if not (is_hang_up and signal.getsignal(number) is signal.SIG_IGN):
            handler = hang_up if is_hang_up else stop.interrupt
            previous[number] = signal.signal(number, handler)
    try:
        yield stop
    finally:
        for number, before in previous.items():
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, before)
