"""InferenceLock: one thread at a time uses a pipeline, and none while the interpreter exits."""

from __future__ import annotations

from threading import current_thread, main_thread
from weakref import finalize

from vitruvian.fork import ForkLock, no_fork

__all__ = ["InferenceLock"]


class InferenceLock:
    """A lock around the pipeline of a tracker or an estimator.

    If a daemon thread runs a network while the interpreter exits, the thread is stopped in the
    middle of C++ code, which aborts the process. So the exit waits for the current frame, and
    threads that ask for the lock later are ended. A fork waits for the current frame, too. Each
    tracker has its own lock, also if several share their networks.
    """

    def __init__(self) -> None:
        self._gate = _Gate()
        # At exit, finalizers run newest first: those of the users of the tracker before this one.
        finalize(self, self._gate.shut)

    def __enter__(self) -> None:
        no_fork.__enter__()
        try:
            self._gate.lock.__enter__()
            if self._gate.is_shut and current_thread() is not main_thread():
                self._gate.lock.__exit__()
                raise SystemExit  # ends this thread only, without a message
        except BaseException:  # also Ctrl-C while waiting
            no_fork.__exit__()
            raise

    def __exit__(self, *_: object) -> None:
        self._gate.lock.__exit__()
        no_fork.__exit__()


class _Gate:
    """The state of the lock, which outlives it until its finalizer has run."""

    def __init__(self) -> None:
        self.lock = ForkLock()
        self.is_shut = False

    def shut(self) -> None:
        """Refuse further threads, and wait for the one that holds the lock."""
        self.is_shut = True
        with self.lock:
            pass
