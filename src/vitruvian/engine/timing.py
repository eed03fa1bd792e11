"""StageTimer: times of the stages of the pipeline."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter_ns

__all__ = ["StageStats", "StageTimer"]

KEPT = 1000  # latest times of each stage: enough for a 95th percentile, and bounded


@dataclass(frozen=True, slots=True)
class StageStats:
    """Times of one stage: number of runs, median and 95th percentile in ms."""

    count: int
    median_ms: float
    p95_ms: float


class StageTimer:
    """Collects the times of named stages.

    Examples
    --------
    >>> timer = StageTimer()
    >>> start = timer.start()
    >>> start = timer.lap("crop", start)  # the time since `start` was spent in "crop"
    >>> timer.stats["crop"].count
    1
    """

    def __init__(self) -> None:
        self._recent_ns: dict[str, deque[int]] = {}
        self._counts: dict[str, int] = {}

    def start(self) -> int:
        """Return the current time, ns, for `lap`."""
        return perf_counter_ns()

    def lap(self, stage: str, start_ns: int) -> int:
        """Add the time since `start_ns` to `stage`; return the current time, ns."""
        now_ns = perf_counter_ns()
        if stage not in self._recent_ns:
            self._recent_ns[stage], self._counts[stage] = deque(maxlen=KEPT), 0
        self._recent_ns[stage].append(now_ns - start_ns)
        self._counts[stage] += 1
        return now_ns

    @property
    def stats(self) -> dict[str, StageStats]:
        """Times of each stage over its last 1000 runs, in the order of first use."""
        return {
            stage: StageStats(self._counts[stage], median(times) / 1e6, _p95(times) / 1e6)
            for stage, times in list(self._recent_ns.items())
        }


def _p95(times: deque[int]) -> float:
    return quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else float(times[0])
