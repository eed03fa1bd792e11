from __future__ import annotations

import threading
import time

import pytest

from vitruvian.backends.fair_lock import FairLock


def test_threads_acquire_the_lock_in_the_order_of_arrival() -> None:
    lock, order = FairLock(), []

    def work(name: int) -> None:
        for _ in range(20):
            with lock:
                order.append(name)
                time.sleep(0.001)

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    with lock:
        for thread in threads:
            thread.start()
        while len(lock._waiting) < 4:
            time.sleep(0.001)
    for thread in threads:
        thread.join()
    for start in range(0, 72, 4):
        assert sorted(order[start : start + 4]) == [0, 1, 2, 3]


def test_an_error_inside_releases_it() -> None:
    lock = FairLock()
    with pytest.raises(KeyError), lock:
        raise KeyError
    with lock:
        pass


def test_a_thread_that_is_interrupted_while_it_waits_leaves_the_queue(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lock = FairLock()

    class Interrupted:
        def acquire(self) -> None:
            if self.is_new:
                self.is_new = False
                return
            raise KeyboardInterrupt

        is_new = True

    lock.__enter__()
    monkeypatch.setattr("vitruvian.backends.fair_lock.Lock", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        lock.__enter__()
    monkeypatch.undo()
    lock.__exit__()
    with lock:
        pass
    assert not lock._is_held
