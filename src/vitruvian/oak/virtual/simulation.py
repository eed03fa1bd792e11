"""Simulation: the clock of the virtual device, the queues of its nodes, and what runs when.

A node is a generator, a *process*. It yields the time in µs at which it goes on, or a `Queue` whose
change it waits for. Events are computed when the host asks for a message, in order of their time;
equal times in order of their request. Nothing runs in the background.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Generator
from typing import Any, TypeVar

__all__ = ["Process", "Queue", "Simulation", "get", "put"]

T = TypeVar("T")
Process = Generator["int | Queue", None, T]


class Queue:
    """Messages that wait at an input.

    Attributes
    ----------
    size : int
        Messages that it holds.
    is_blocking : bool
        Whether a sender waits while it is full; else the oldest message is dropped.
    n_dropped : int
        Messages dropped so far.
    """

    def __init__(self, simulation: Simulation, size: int, *, is_blocking: bool) -> None:
        self.size = size
        self.is_blocking = is_blocking
        self.n_dropped = 0
        self.messages: deque[Any] = deque()
        self.waiting: list[Process[None]] = []
        self._simulation = simulation

    def __len__(self) -> int:
        return len(self.messages)

    @property
    def is_full(self) -> bool:
        """Whether it holds as many messages as it can."""
        return len(self.messages) >= self.size

    def add(self, message: Any) -> None:
        """Add a message, and drop the oldest one if there is no room."""
        if self.is_full:
            self.messages.popleft()
            self.n_dropped += 1
        self.messages.append(message)
        self._wake()

    def take(self) -> Any:
        """Return the oldest message and remove it."""
        message = self.messages.popleft()
        self._wake()
        return message

    def _wake(self) -> None:
        for process in self.waiting:
            self._simulation.schedule(process, self._simulation.now_us)
        self.waiting.clear()


class Simulation:
    """The events of a virtual device.

    Attributes
    ----------
    now_us : int
        Time of the device.
    """

    def __init__(self, start_us: int) -> None:
        self.now_us = start_us
        self._events: list[tuple[int, int, Process[None]]] = []
        self._order = 0

    def start(self, process: Process[None]) -> None:
        """Let a process run from now on."""
        self.schedule(process, self.now_us)

    def schedule(self, process: Process[None], time_us: int) -> None:
        """Let a process go on at a time."""
        self._order += 1
        heapq.heappush(self._events, (time_us, self._order, process))

    @property
    def next_us(self) -> int | None:
        """Time of the next event; None if nothing can happen before the host acts."""
        return self._events[0][0] if self._events else None

    def step(self) -> None:
        """Run the next event."""
        time_us, _, process = heapq.heappop(self._events)
        self.now_us = max(self.now_us, time_us)
        step = next(process, None)
        if isinstance(step, Queue):
            step.waiting.append(process)
        elif step is not None:
            self.schedule(process, step)

    def close(self) -> None:
        """Forget all events."""
        self._events.clear()


def get(queue: Queue) -> Process[Any]:
    """Wait for a message and return it."""
    while not len(queue):
        yield queue
    return queue.take()


def put(queues: list[Queue], message: Any) -> Process[None]:
    """Send a message to several inputs, and wait for room in those that block."""
    for queue in queues:
        while queue.is_blocking and queue.is_full:
            yield queue
        queue.add(message)
