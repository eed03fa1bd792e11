"""Turn: one thread at a time, and none once the program ends."""

from __future__ import annotations

import atexit
import os
from threading import Lock, current_thread, main_thread
from weakref import WeakSet

__all__ = ["Turn"]


class Turn:
    """A lock around the networks, of which a program may have several.

    A daemon thread that is inside a network while the interpreter ends aborts the process, because
    it is stopped in the middle of C++. So the end waits for the frames in work, and threads that
    come later are ended here.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        _turns.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()
        if _end.has_come and current_thread() is not main_thread():
            self._lock.release()
            raise SystemExit  # ends this thread only, without a word

    def __exit__(self, *_: object) -> None:
        self._lock.release()


class _End:
    """The end of the program."""

    has_come = False

    def come(self) -> None:
        """Wait for the frames in work."""
        self.has_come = True
        for turn in [*_turns]:
            with turn:
                pass


_turns: WeakSet[Turn] = WeakSet()
_end = _End()
atexit.register(_end.come)
os.register_at_fork(after_in_child=_turns.clear)  # whoever is inside is the parent's thread
