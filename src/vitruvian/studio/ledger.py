"""Ledger: which frames of a live session have arrived, and what became of each."""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Lock
from typing import Any

from vitruvian.track.latency import LatencyMeter, LiveCounts

__all__ = ["Arrival", "CaptureClock", "Ledger", "server_ms"]

MAX_GAP_US = 1_000_000  # a longer time without a frame ends all tracks


def server_ms() -> float:
    """Return the time by the clock of the server, in ms; only differences have a meaning."""
    return time.perf_counter_ns() / 1e6


@dataclass(slots=True)
class Arrival:
    """A frame of a session, and its times by `server_ms`.

    Attributes
    ----------
    index : int
        Number in order of arrival, from 0: the `frame_index` of its result.
    seq : int
        Number by the client, or `index` for frames of the server.
    capture_ms : float
        Time of capture by the clock of the client.
    recv_ms, decode0_ms, decode1_ms, track1_ms : float
        When it arrived, its decoding began and ended, and its result was complete.
    """

    index: int
    seq: int
    capture_ms: float
    recv_ms: float
    decode0_ms: float
    decode1_ms: float
    track1_ms: float = 0.0


class Ledger:
    """Notes the frames of a session in the order of arrival, until each has a result or is dropped.

    Thread-safe.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._open: dict[int, Arrival] = {}
        self._seen = self._answered = self._dropped = 0
        self._meter = LatencyMeter()

    def add(self, seq: int | None = None, capture_ms: float | None = None) -> Arrival:
        """Return the next frame; one of the server gets number and time of its arrival."""
        now = server_ms()
        with self._lock:
            index = self._seen
            seq = index if seq is None else seq
            capture_ms = now if capture_ms is None else capture_ms
            arrival = Arrival(index, seq, capture_ms, now, now, now)
            self._open[index] = arrival
            self._seen += 1
            return arrival

    def answer(self, index: int) -> tuple[Arrival | None, list[int]]:
        """Note the result of a frame; return it, and the numbers of those that it passes over."""
        with self._lock:
            arrival = self._open.pop(index, None)
            passed = [self._open.pop(i).seq for i in sorted(self._open) if i < index]
            self._dropped += len(passed)
            if arrival is not None:
                self._answered += 1
                arrival.track1_ms = server_ms()
                self._meter.add(round(1e6 * (arrival.track1_ms - arrival.recv_ms)))
            return arrival, passed

    def drop(self, index: int) -> list[int]:
        """Note that a frame gets no result; return its number, in a list, if it was open."""
        with self._lock:
            arrival = self._open.pop(index, None)
            self._dropped += arrival is not None
            return [] if arrival is None else [arrival.seq]

    def counts(self, *, unread: int, reconnected: int) -> LiveCounts:
        """Return the counts so far."""
        with self._lock:
            return LiveCounts(self._seen, self._answered, self._dropped, unread, reconnected)

    @property
    def latency(self) -> dict[str, Any]:
        """Times from arrival to result so far: ``median_ms`` and ``p95_ms``, None without any."""
        with self._lock:
            latency = self._meter.latency
        if not latency.count:
            return {"median_ms": None, "p95_ms": None}
        return {"median_ms": latency.median_ms, "p95_ms": latency.p95_ms}


class CaptureClock:
    """Converts capture times to timestamps that start at 0 and increase.

    The clock of a client may jump. If it jumps back, time goes on as if no time had passed.
    """

    def __init__(self) -> None:
        self._shift_us: int | None = None
        self._last_us = -1

    def time_us(self, captured_us: int) -> tuple[int, bool]:
        """Return the timestamp of a frame, and whether it follows after a gap of more than 1 s."""
        if self._shift_us is None:
            self._shift_us = -captured_us
        time_us = captured_us + self._shift_us
        is_gap = self._last_us >= 0 and abs(time_us - self._last_us) > MAX_GAP_US
        if time_us <= self._last_us:
            if is_gap:
                self._shift_us += self._last_us + 1 - time_us
            time_us = self._last_us + 1
        self._last_us = time_us
        return time_us, is_gap
