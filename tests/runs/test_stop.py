from __future__ import annotations

import pytest

from vitruvian.runs.stop import Stop


def test_interrupt_raises_at_once_while_nothing_is_deferred() -> None:
    stop = Stop()
    with pytest.raises(KeyboardInterrupt):
        stop.interrupt()
    assert stop.is_requested


def test_deferred_interrupts_are_requests() -> None:
    stop = Stop()
    with stop.deferred():
        stop.interrupt()
        stop.interrupt()
    assert stop.n_requests == 2


def test_only_the_second_interrupt_raises_in_an_interruptible_block() -> None:
    stop = Stop()
    with stop.deferred():
        with stop.interruptible():
            stop.interrupt()
            with pytest.raises(KeyboardInterrupt):
                stop.interrupt()
            stop.interrupt()  # a third does not disturb the clean-up
        stop.interrupt()


def test_a_request_never_raises() -> None:
    stop = Stop()
    for _ in range(3):
        stop.request()
    assert stop.n_requests == 3
