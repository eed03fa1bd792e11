"""Jobs in worker processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from vitruvian import BackendUnavailableError, TrackerOptions, load_results
from vitruvian.runs import Failed, Finished, Job, ProcessExecutor, Settings, Started, Stop
from vitruvian.runs.cores import core_shares, n_cores

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    MakeJob = Callable[[str, int], Job]

SETTINGS = Settings(options=TrackerOptions("lite"))


@pytest.fixture
def jobs(make_job: MakeJob) -> list[Job]:
    """Three jobs, the last one longest."""
    return [make_job(name, n_frames) for name, n_frames in (("a", 5), ("b", 7), ("c", 30))]


def n_frames_of(events: Sequence[object]) -> dict[str, int]:
    return {e.job.name: e.summary.n_frames for e in events if isinstance(e, Finished)}


@pytest.mark.weights
def test_a_worker_that_dies_fails_its_job_only(make_job: MakeJob) -> None:
    events = []
    jobs = [make_job("a", 5), make_job("b", 7), make_job("c", 600)]  # too long to end before
    for event in ProcessExecutor(1).run(jobs, SETTINGS):
        events.append(event)
        if event == Started(jobs[2]):  # the largest file is first
            os.kill(multiprocessing.active_children()[0].pid or 0, signal.SIGKILL)
    failed = [event for event in events if isinstance(event, Failed)]
    assert failed == [Failed(jobs[2], "the worker process ended with exit code -9", "")]
    assert n_frames_of(events) == {"a.mp4": 5, "b.mp4": 7}
    assert multiprocessing.active_children() == []


@pytest.mark.weights
def test_workers_end_when_the_events_are_closed(jobs: list[Job]) -> None:
    before = signal.getsignal(signal.SIGINT)
    events = ProcessExecutor(2).run(jobs, SETTINGS)
    next(events)
    assert signal.getsignal(signal.SIGINT) is before
    events.close()
    assert multiprocessing.active_children() == []


@pytest.mark.weights
def test_a_thread_that_is_not_the_main_one_runs_and_stops_jobs(
    make_job: MakeJob, tmp_path: Path
) -> None:
    jobs = [make_job("a", 2000), make_job("b", 1990), make_job("c", 3)]
    stop = Stop()

    def run() -> list[object]:
        events: list[object] = []
        for event in ProcessExecutor(2).run(jobs, SETTINGS, stop):
            events.append(event)
            if getattr(event, "n_done", 0) > 0:
                stop.request()
        return events

    with ThreadPoolExecutor() as pool:
        events = pool.submit(run).result(timeout=60)
    ended = [event for event in events if isinstance(event, Finished)]
    assert {event.job for event in ended} == set(jobs[:2])
    assert all(event.summary.is_interrupted for event in ended)
    kept = {p.name: len(load_results(p)) for p in tmp_path.glob("*.partial.jsonl")}
    assert any(kept.values())
    assert sum(kept.values()) == sum(n_frames_of(ended).values())
    assert multiprocessing.active_children() == []


@pytest.mark.weights
def test_an_absent_device_is_an_error_before_any_worker_starts(jobs: list[Job]) -> None:
    settings = Settings(options=TrackerOptions("lite", device="TPU"))
    with pytest.raises(BackendUnavailableError, match="device must be one of"):
        next(ProcessExecutor(2).run(jobs, settings))
    assert multiprocessing.active_children() == []


def test_no_jobs_start_no_worker() -> None:
    assert list(ProcessExecutor().run([], SETTINGS)) == []


def test_number_of_processes_must_be_positive() -> None:
    with pytest.raises(ValueError, match="n_processes must be a positive integer or None, got 0"):
        ProcessExecutor(0)


def test_shares_are_disjoint_while_there_are_cores() -> None:
    n = n_cores()
    shares = core_shares(n, threads=None)
    assert len(set.union(*shares)) == n
    assert all(len(share) == 1 for share in shares)
    assert core_shares(2, threads=n) == [set.union(*shares)] * 2
