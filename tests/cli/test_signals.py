from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from vitruvian.cli.signals import stop_on_signals

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])


@pytest.fixture
def _restored_sighup() -> Iterator[None]:
    before = signal.getsignal(signal.SIGHUP)
    yield
    signal.signal(signal.SIGHUP, before)


@SIGNALS
@pytest.mark.usefixtures("_restored_sighup")
def test_a_signal_requests_a_stop(number: int) -> None:
    with stop_on_signals() as stop, stop.deferred():
        os.kill(os.getpid(), number)
        assert stop.is_requested


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_second_signal_interrupts_the_current_frame(number: int) -> None:
    with stop_on_signals() as stop, stop.deferred(), stop.interruptible():
        os.kill(os.getpid(), number)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)


@SIGNALS
@pytest.mark.usefixtures("_restored_sighup")
def test_the_first_signal_interrupts_what_comes_before_the_first_frame(number: int) -> None:
    with pytest.raises(KeyboardInterrupt), stop_on_signals():
        os.kill(os.getpid(), number)


@SIGNALS
def test_signal_handlers_are_restored(number: int) -> None:
    before = signal.getsignal(number)
    with stop_on_signals():
        assert signal.getsignal(number) is not before
    assert signal.getsignal(number) is before


@pytest.mark.usefixtures("_restored_sighup")
def test_a_second_sighup_is_ignored_because_terminal_and_shell_send_one_each() -> None:
    with stop_on_signals() as stop, stop.deferred(), stop.interruptible():
        os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGHUP)
        assert stop.n_requests == 1
    os.kill(os.getpid(), signal.SIGHUP)  # while the result is reported


@pytest.mark.usefixtures("_restored_sighup")
def test_an_ignored_sighup_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with stop_on_signals() as stop:
        os.kill(os.getpid(), signal.SIGHUP)
        assert not stop.is_requested
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
