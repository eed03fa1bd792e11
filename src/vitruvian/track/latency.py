"""Counts of a live stream, and the latency of its results as a histogram of constant size."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

__all__ = ["Latency", "LatencyMeter", "LiveCounts"]

_FIRST_EDGE_MS = 0.1
_BINS_PER_OCTAVE = 8  # neighbouring edges are 9 % apart, so a quantile is within 5 %
_OCTAVES = 20  # up to 105 s
_EDGES_MS = tuple(
    _FIRST_EDGE_MS * 2 ** (i / _BINS_PER_OCTAVE) for i in range(_OCTAVES * _BINS_PER_OCTAVE + 1)
)


@dataclass(frozen=True, slots=True)
class LiveCounts:
    """Counts of the frames of a live stream.

    Attributes
    ----------
    seen : int
        Frames that arrived: `processed` + `dropped`, and one more while a frame waits.
    processed : int
        Frames that the tracker was given.
    dropped : int
        Frames that a newer frame replaced, or that still waited when the stream was closed.
    unread : int
        Results that a newer result replaced before they were read.
    reconnected : int
        How often the source was lost and found again.

    Examples
    --------
    >>> print(LiveCounts(seen=900, processed=610, dropped=290, unread=0, reconnected=1))
    900 frames seen, 610 processed, 290 dropped, 0 unread, reconnected once
    """

    seen: int
    processed: int
    dropped: int
    unread: int
    reconnected: int

    def __str__(self) -> str:
        frames = "1 frame" if self.seen == 1 else f"{self.seen} frames"
        times = "once" if self.reconnected == 1 else f"{self.reconnected} times"
        return (
            f"{frames} seen, {self.processed} processed, {self.dropped} dropped, "
            f"{self.unread} unread" + (f", reconnected {times}" if self.reconnected else "")
        )


@dataclass(frozen=True, slots=True, repr=False)
class Latency:
    """Latency of the results of a live stream.

    Attributes
    ----------
    edges_ms : tuple of float
        Edges between neighbouring bins, 9 % apart. The first bin begins at 0, the last has no end.
    counts : tuple of int
        Results in each bin, one bin more than edges.
    max_ms : float
        The greatest latency, exact; `NaN` without results.

    Examples
    --------
    >>> meter = LatencyMeter()
    >>> for ms in (20, 21, 22, 90):
    ...     meter.add(ms * 1_000_000)
    >>> meter.latency
    Latency(4 results: median 21 ms, p95 90 ms, max 90 ms)
    """

    edges_ms: tuple[float, ...]
    counts: tuple[int, ...]
    max_ms: float

    @property
    def count(self) -> int:
        """Number of results."""
        return sum(self.counts)

    @property
    def median_ms(self) -> float:
        """Latency that half of the results do not exceed, as `quantile_ms` gives it."""
        return self.quantile_ms(0.5)

    @property
    def p95_ms(self) -> float:
        """Latency that 95 % of the results do not exceed, as `quantile_ms` gives it."""
        return self.quantile_ms(0.95)

    def quantile_ms(self, share: float) -> float:
        """Return the latency that a `share` of the results, 0 to 1, does not exceed.

        The error is at most 5 %, or 0.05 ms if that is more. `NaN` without results.

        Raises
        ------
        ValueError
            If `share` is not from 0 to 1.
        """
        if not 0 <= share <= 1:
            raise ValueError(f"share must be from 0 to 1, got {share!r}")
        if not self.count:
            return self.max_ms
        wanted = max(share * self.count, 1)
        i = next(i for i, below in enumerate(accumulate(self.counts)) if below >= wanted)
        low, high = self._edges_of(i)
        return min((low * high) ** 0.5 if low else high / 2, self.max_ms)

    def _edges_of(self, i: int) -> tuple[float, float]:
        low = self.edges_ms[i - 1] if i else 0.0
        return low, self.edges_ms[i] if i < len(self.edges_ms) else self.max_ms

    def __str__(self) -> str:
        if not self.count:
            return "no results"
        figures = (self.median_ms, self.p95_ms, self.max_ms)
        median, p95, latest = (f"{ms:.0f}" if ms >= 10 else f"{ms:.1f}" for ms in figures)
        results = "1 result" if self.count == 1 else f"{self.count} results"
        return f"{results}: median {median} ms, p95 {p95} ms, max {latest} ms"

    def __repr__(self) -> str:
        return f"Latency({self})"


class LatencyMeter:
    """Counts latencies in bins; its size is constant."""

    def __init__(self) -> None:
        self._counts = [0] * (len(_EDGES_MS) + 1)
        self._max_ms = float("nan")

    def add(self, latency_ns: int) -> None:
        """Add the latency of one result."""
        ms = latency_ns / 1e6
        self._counts[bisect_right(_EDGES_MS, ms)] += 1
        self._max_ms = ms if not self._max_ms > ms else self._max_ms

    @property
    def latency(self) -> Latency:
        """What has been counted so far."""
        return Latency(_EDGES_MS, tuple(self._counts), self._max_ms)
