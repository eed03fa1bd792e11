"""InferenceLock: one thread at a time uses a pipeline, and none while the interpreter exits."""

from __future__ import annotations

from threading import Lock, current_thread, main_thread
from weakref import WeakSet, finalize

from vitruvian.system import after_fork_in_child

__all__ = ["InferenceLock"]


class InferenceLock:
    """A lock around the pipeline of a tracker or an estimator.

    If a daemon thread runs a network while the interpreter exits, the thread is stopped in the
    middle of C++ code, which aborts the process. So the exit waits for the current frame, and
    threads that ask for the lock later are ended. Each tracker has its own lock, also if several
    share their networks.
    """

    def __init__(self) -> None:
        self._gate = _Gate()
        # At exit, finalizers run newest first: those of the users of the tracker before this one.
        finalize(self, self._gate.shut)

    def __enter__(self) -> None:
        self._gate.lock.acquire()
        if self._gate.is_shut and current_thread() is not main_thread():
            self._gate.lock.release()
            raise SystemExit  # ends this thread only, without a message

    def __exit__(self, *_: object) -> None:
        self._gate.lock.release()


class _Gate:
    """The state of the lock, which outlives it until its finalizer has run."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.is_shut = False
        _gates.add(self)

    def shut(self) -> None:
        """Refuse further threads, and wait for the one that holds the lock."""
        self.is_shut = True
        with self.lock:
            pass


_gates: WeakSet[_Gate] = WeakSet()


def _renew_locks() -> None:
    """Free all locks in a forked process: the threads that hold them do not exist there."""
    for gate in list(_gates):
        gate.lock = Lock()


after_fork_in_child(_renew_locks)
