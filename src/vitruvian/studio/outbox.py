"""Outbox: what waits to be sent to one client; of results only the newest."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult
    from vitruvian.studio.ledger import Arrival

__all__ = ["Batch", "Delivery", "Outbox"]

MAX_MESSAGES, MAX_DROPPED = 256, 4096  # a client that leaves more unread is cut off


@dataclass(frozen=True, slots=True)
class Delivery:
    """A result on its way to the client.

    Attributes
    ----------
    arrival : Arrival
    result : PoseResult
    repetitions : list of dict
        Of each person: ``id``, ``count``, ``angle_deg``, ``text``.
    picture : Frame or None
        The frame itself, if the client has not pushed it.
    picture_height : int
        Greatest height of that picture, px.
    """

    arrival: Arrival
    result: PoseResult
    repetitions: list[dict[str, Any]]
    picture: Frame | None
    picture_height: int

    @property
    def has_mask(self) -> bool:
        """Whether the client gets a mask."""
        return any(pose.mask is not None for pose in self.result)


@dataclass(slots=True)
class Batch:
    """What is sent next: messages, then a result, with the frames that were dropped before it."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    delivery: Delivery | None = None
    dropped_seqs: list[int] = field(default_factory=list)
    end: tuple[int, str] | None = None


class Outbox:
    """What waits to be sent to one client. Any thread may add to it.

    A newer result replaces one that waits; its frame is then named as dropped. So a client that
    reads slowly gets the newest result, and the memory is limited.

    Parameters
    ----------
    loop : AbstractEventLoop
        The loop on which `take` is called.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._filled = asyncio.Event()
        self._lock = Lock()
        self._messages: deque[dict[str, Any]] = deque()
        self._delivery: Delivery | None = None
        self._dropped: list[int] = []
        self._end: tuple[int, str] | None = None
        self.n_replaced = 0

    @property
    def has_ended(self) -> bool:
        """Whether the connection is about to be closed."""
        return self._end is not None

    def post(self, kind: str, **values: object) -> None:
        """Add a message; a ``state`` replaces one that waits."""
        with self._lock:
            if kind == "state":
                self._messages = deque(m for m in self._messages if m["type"] != kind)
            self._messages.append({"type": kind, **values})
        self._wake()

    def deliver(self, delivery: Delivery, dropped_seqs: list[int]) -> None:
        """Add a result in place of one that waits, and name frames that get none."""
        with self._lock:
            self._dropped += dropped_seqs
            if self._delivery is not None:
                self._dropped.append(self._delivery.arrival.seq)
                self.n_replaced += 1
            self._delivery = delivery
        self._wake()

    def drop(self, seqs: list[int]) -> None:
        """Name frames that get no result."""
        with self._lock:
            self._dropped += seqs
        if seqs:
            self._wake()

    def end(self, code: int, reason: str) -> None:
        """Close the connection after what waits has been sent."""
        with self._lock:
            self._end = self._end or (code, reason)
        self._wake()

    async def take(self) -> Batch:
        """Wait until there is something to send, and return it."""
        await self._filled.wait()
        self._filled.clear()
        with self._lock:
            batch = Batch(list(self._messages), self._delivery, self._dropped, self._end)
            self._messages.clear()
            self._delivery, self._dropped = None, []
        return batch

    def _wake(self) -> None:
        with self._lock:
            if len(self._messages) > MAX_MESSAGES or len(self._dropped) > MAX_DROPPED:
                self._end = self._end or (1008, "messages are not read")
                self._messages.clear()
                self._dropped.clear()
        with suppress(RuntimeError):  # the loop is closed: the server has ended
            self._loop.call_soon_threadsafe(self._filled.set)
