"""What must hold when a process forks: only the forking thread exists in the new process.

- Locks that other threads hold are never released there: `ForkLock`.
- A runtime that another thread was using is in an unknown state: `no_fork`.
- The threads of a runtime do not exist there. Its networks can't run, and freeing them waits for
  these threads: `check_process`, `leak_when_forked`.
"""

from __future__ import annotations

import ctypes
import os
from threading import Condition, Lock, get_ident
from typing import Protocol
from weakref import WeakSet

from vitruvian.errors import InferenceError
from vitruvian.system import at_fork

__all__ = ["ForkLock", "check_process", "leak_when_forked", "no_fork", "renew_when_forked"]

PATIENCE_S = 30.0  # longest time that a fork waits; a network is compiled in less


class Renewed(Protocol):
    """An object with a state that has to be changed in a forked process."""

    def after_fork(self) -> None:
        """Change the state; called in the new process before the fork returns."""


_renewed: WeakSet[Renewed] = WeakSet()
_leaked: WeakSet[object] = WeakSet()


def check_process(owner_pid: int) -> None:
    """Raise InferenceError if this process is not the one that opened a network."""
    if os.getpid() != owner_pid:
        raise InferenceError(
            f"networks opened in process {owner_pid} can't be used in the forked process "
            f"{os.getpid()}: make a new tracker, estimator or Model after the fork"
        )


def leak_when_forked(owner: object) -> None:
    """Let processes that are forked from now on never free `owner` and the network it holds."""
    _leaked.add(owner)


def renew_when_forked(owner: Renewed) -> None:
    """Call ``owner.after_fork()`` in processes that are forked from now on."""
    _renewed.add(owner)


class ForkLock:
    """A lock that is free in a forked process if another thread held it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._holder: int | None = None
        renew_when_forked(self)

    def __enter__(self) -> None:
        self._lock.acquire()
        self._holder = get_ident()

    def __exit__(self, *_: object) -> None:
        self._holder = None
        self._lock.release()

    def after_fork(self) -> None:
        """Replace the lock, unless this thread holds it."""
        if self._holder != get_ident():
            self._lock, self._holder = Lock(), None


class _NoFork:
    """A context in which other threads do not fork; they wait until it is left. Reentrant.

    A fork waits for `PATIENCE_S` at most. While it waits, no other thread enters the context.
    """

    def __init__(self) -> None:
        self._change = Condition()
        self._depth: dict[int, int] = {}  # of each thread that is inside
        self._forks = 0  # that wait or are in progress

    def __enter__(self) -> None:
        here = get_ident()
        with self._change:
            if here not in self._depth:
                self._change.wait_for(lambda: not self._forks)
            self._depth[here] = self._depth.get(here, 0) + 1

    def __exit__(self, *_: object) -> None:
        here = get_ident()
        with self._change:
            self._depth[here] -= 1
            if not self._depth[here]:
                del self._depth[here]
                if self._forks:
                    self._change.notify_all()

    def before_fork(self) -> None:
        """Wait until no other thread is inside."""
        with self._change:
            self._forks += 1
            self._change.wait_for(lambda: not {*self._depth} - {get_ident()}, PATIENCE_S)

    def after_fork_in_parent(self) -> None:
        """Let threads enter again."""
        with self._change:
            self._forks -= 1
            self._change.notify_all()

    def after_fork(self) -> None:
        """Remove the threads that do not exist in this process."""
        here = get_ident()
        depth = self._depth.get(here)
        self._change, self._forks = Condition(), 0
        self._depth = {here: depth} if depth else {}


no_fork = _NoFork()


def _after_fork_in_child() -> None:
    no_fork.after_fork()
    for owner in list(_renewed):
        owner.after_fork()
    for leaked in list(_leaked):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(leaked))


at_fork(
    before=no_fork.before_fork,
    in_parent=no_fork.after_fork_in_parent,
    in_child=_after_fork_in_child,
)
