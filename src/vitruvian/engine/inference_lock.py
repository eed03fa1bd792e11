"""InferenceLock: one thread at a time, and none once the program ends."""

from __future__ import annotations

import os
from threading import Lock, current_thread, main_thread
from weakref import finalize

__all__ = ["InferenceLock"]


class InferenceLock:
    """A lock around the networks of a tracker or an estimator.

    A daemon thread that is inside a network while the interpreter ends aborts the process, because
    it is stopped in the middle of C++. So the end waits for the frame in work, and threads that
    come later are ended here.
    """

    def __init__(self) -> None:
        self._gate = _Gate()
        # Of all finalizers the newest comes first: those of who uses the networks before this one.
        finalize(self, self._gate.shut)

    def __enter__(self) -> None:
        self._gate.lock.acquire()
        if self._gate.is_shut and current_thread() is not main_thread():
            self._gate.lock.release()
            raise SystemExit  # ends this thread only, without a word

    def __exit__(self, *_: object) -> None:
        self._gate.lock.release()


class _Gate:
    """What is left of a turn when it is forgotten or the program ends."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.is_shut = False
        self._process = os.getpid()

    def shut(self) -> None:
        """Let nobody in any more, and wait for who is inside."""
        self.is_shut = True
        if os.getpid() == self._process:  # in a forked one, it would be a thread of the parent
            with self.lock:
                pass
