"""Networks in forked processes: a run is a clear error, and the process can exit.

The threads of a runtime do not exist in a forked process, so that a run of a network of the parent
would never end there.
"""

from __future__ import annotations

import ctypes
import os
from weakref import WeakSet

from vitruvian.errors import InferenceError
from vitruvian.system import after_fork_in_child

__all__ = ["check_process", "leak_when_forked"]

_owners: WeakSet[object] = WeakSet()


def check_process(owner_pid: int) -> None:
    """Raise InferenceError if this process is not the one that opened a network."""
    if os.getpid() != owner_pid:
        raise InferenceError(
            f"networks opened in process {owner_pid} can't be used in the forked process "
            f"{os.getpid()}: make a new tracker, estimator or Model after the fork"
        )


def leak_when_forked(owner: object) -> None:
    """Let processes that are forked from now on never free `owner` and the network it holds.

    Freeing a network waits for its threads to end. The forked process would hang when it exits.
    """
    _owners.add(owner)


def _leak_all() -> None:
    for owner in list(_owners):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(owner))


after_fork_in_child(_leak_all)
