from __future__ import annotations

import pytest

from vitruvian.engine import timing
from vitruvian.engine.timing import StageStats, StageTimer


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Settable time of the clock, ns."""
    now = [0]
    monkeypatch.setattr(timing, "perf_counter_ns", lambda: now[0])
    return now


def run_stage(timer: StageTimer, clock: list[int], stage: str, *times_ms: int) -> None:
    for ms in times_ms:
        start = timer.start()
        clock[0] += ms * 1_000_000
        timer.lap(stage, start)


def test_median_and_95th_percentile_of_each_stage(clock: list[int]) -> None:
    timer = StageTimer()
    run_stage(timer, clock, "crop", *range(1, 102))
    assert timer.stats == {"crop": StageStats(count=101, median_ms=51.0, p95_ms=96.0)}


def test_a_lap_returns_the_start_of_the_next(clock: list[int]) -> None:
    timer = StageTimer()
    start = timer.start()
    for stage, ms in (("crop", 2), ("network", 7)):
        clock[0] += ms * 1_000_000
        start = timer.lap(stage, start)
    assert start == 9_000_000
    assert [times.median_ms for times in timer.stats.values()] == [2.0, 7.0]


def test_one_time_is_its_own_median_and_percentile(clock: list[int]) -> None:
    timer = StageTimer()
    run_stage(timer, clock, "crop", 4)
    assert timer.stats["crop"] == StageStats(1, 4.0, 4.0)


def test_stages_stand_in_the_order_of_first_use(clock: list[int]) -> None:
    timer = StageTimer()
    for stage in ("detector", "crop", "network", "crop", "detector"):
        run_stage(timer, clock, stage, 1)
    assert list(timer.stats) == ["detector", "crop", "network"]
    assert StageTimer().stats == {}


def test_old_times_are_dropped_but_counted(clock: list[int]) -> None:
    timer = StageTimer()
    run_stage(timer, clock, "crop", *[900] * 50, *[3] * timing.KEPT)
    assert timer.stats["crop"] == StageStats(50 + timing.KEPT, 3.0, 3.0)


def test_two_timers_share_no_state(clock: list[int]) -> None:
    one, other = StageTimer(), StageTimer()
    run_stage(one, clock, "crop", 1)
    assert other.stats == {}
