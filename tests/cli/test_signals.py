from __future__ import annotations

import os
import signal

import pytest

from vitruvian.cli.signals import stop_on_signals

SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])


@SIGNALS
def test_a_signal_requests_a_stop(number: int) -> None:
    with stop_on_signals() as stop, stop.deferred():
        os.kill(os.getpid(), number)
        assert stop.is_requested


@SIGNALS
def test_the_second_signal_interrupts_the_current_frame(number: int) -> None:
    with stop_on_signals() as stop, stop.deferred(), stop.interruptible():
        os.kill(os.getpid(), number)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)


@SIGNALS
def test_the_first_signal_interrupts_what_comes_before_the_first_frame(number: int) -> None:
    with pytest.raises(KeyboardInterrupt), stop_on_signals():
        os.kill(os.getpid(), number)


@SIGNALS
def test_signal_handlers_are_restored(number: int) -> None:
    before = signal.getsignal(number)
    with stop_on_signals():
        assert signal.getsignal(number) is not before
    assert signal.getsignal(number) is before
