"""How the processor cores are divided between processes and threads."""

from __future__ import annotations

from vitruvian.system import usable_cores

__all__ = ["core_shares", "n_cores", "n_side_threads"]


def n_cores() -> int:
    """Return the number of processor cores that this process may use."""
    return len(usable_cores())


def core_shares(n_processes: int, *, threads: int | None) -> list[set[int]]:
    """Return the cores of each process, as many as it has threads; shared if there are too few."""
    cores = sorted(usable_cores())
    each = threads or max(1, len(cores) // n_processes)
    return [{cores[(i * each + k) % len(cores)] for k in range(each)} for i in range(n_processes)]


def n_side_threads(threads: int | None) -> int:
    """Return how many threads decode, and how many encode, beside `threads` of the networks.

    Half as many; measured on two cores at 720p and 1080p, more than one slows the run down.
    """
    return max(1, (threads or n_cores()) // 2)
