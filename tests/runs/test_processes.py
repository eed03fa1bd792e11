"""Jobs in worker processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from vitruvian import BackendUnavailableError, InferenceError, TrackerOptions, load_results
from vitruvian.runs import (
    Failed,
    Finished,
    Job,
    ProcessExecutor,
    Settings,
    Started,
    Stop,
    processes,
)
from vitruvian.runs.cores import core_shares, n_cores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    MakeJob = Callable[[str, int], Job]

SETTINGS = Settings(options=TrackerOptions("lite"))


@pytest.fixture
def jobs(make_job: MakeJob) -> list[Job]:
    """Three jobs, the last one longest."""
    return [make_job(name, n_frames) for name, n_frames in (("a", 5), ("b", 7), ("c", 30))]


def n_frames_of(events: Sequence[object]) -> dict[str, int]:
    return {e.job.name: e.summary.n_frames for e in events if isinstance(e, Finished)}


def kill(job: Job, number: signal.Signals) -> None:
    """Send a signal to the worker that has the drafts of a job open."""
    for _ in range(200):
        for worker in multiprocessing.active_children():
            if any(job.outputs[0].stem in name for name in open_drafts(worker.pid or 0)):
                os.kill(worker.pid or 0, number)
                return
        time.sleep(0.05)
    pytest.fail("no worker writes the outputs of the job")


def open_drafts(pid: int) -> list[str]:
    names = []
    with suppress(OSError):
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                names.append(Path(entry.readlink()).name)
    return [name for name in names if name.endswith(".tmp")]


def run_and_signal(
    executor: ProcessExecutor, jobs: list[Job], number: signal.Signals, *, times: int
) -> list[object]:
    """Run jobs and signal the worker of the largest one in its first `times` tries."""
    events: list[object] = []
    for event in executor.run(jobs, SETTINGS):
        events.append(event)
        if event == Started(jobs[-1]) and events.count(event) <= times:
            kill(jobs[-1], number)
    assert multiprocessing.active_children() == []
    return events


@pytest.mark.weights
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGABRT, signal.SIGSEGV])
def test_the_job_of_a_worker_that_dies_is_run_again(
    make_job: MakeJob, number: signal.Signals, caplog: pytest.LogCaptureFixture
) -> None:
    jobs = [make_job("a", 5), make_job("b", 7), make_job("long", 600)]
    events = run_and_signal(ProcessExecutor(2), jobs, number, times=1)
    assert n_frames_of(events) == {"a.mp4": 5, "b.mp4": 7, "long.mp4": 600}
    assert events.count(Started(jobs[2])) == 2
    assert not list(jobs[2].outputs[0].parent.glob("*partial*"))
    (message,) = (text for text in caplog.messages if "try" in text)
    assert message.startswith(f"long.mp4: crashed: signal {number} ({number.name}")
    assert message.endswith("; try 2 of 3 follows")


@pytest.mark.weights
def test_a_new_try_leaves_nothing_of_the_lines_that_a_format_collects(make_job: MakeJob) -> None:
    job = make_job("long", 600)
    job = replace(job, outputs=(job.outputs[0].with_suffix(".npz"),))
    events = run_and_signal(ProcessExecutor(1), [job], signal.SIGKILL, times=1)
    assert n_frames_of(events) == {"long.mp4": 600}
    folder = job.outputs[0].parent
    assert [path.name for path in folder.glob("*long*") if ".npz" not in path.name] == ["long.mp4"]


@contextmanager
def killed_at_start(times: int) -> Iterator[None]:
    """Kill the first workers of a run, before they have opened the networks."""

    def kill_first() -> None:
        pids: set[int] = set()
        while len(pids) < times:
            for pid in {child.pid or 0 for child in multiprocessing.active_children()} - pids:
                os.kill(pid, signal.SIGKILL)
                pids.add(pid)
            time.sleep(0.01)

    thread = Thread(target=kill_first)
    thread.start()
    yield
    thread.join()


@pytest.mark.weights
def test_a_worker_that_dies_while_it_opens_the_networks_is_replaced_twice(
    make_job: MakeJob,
) -> None:
    job = make_job("a", 5)
    with killed_at_start(times=2):
        events = list(ProcessExecutor(1).run([job], SETTINGS))
    assert n_frames_of(events) == {"a.mp4": 5}
    with killed_at_start(times=3), pytest.raises(InferenceError, match=r"signal 9 .*; 3 tries"):
        next(ProcessExecutor(1).run([job], SETTINGS))
    assert multiprocessing.active_children() == []


@pytest.mark.weights
def test_a_job_that_kills_each_worker_fails_after_three_tries_and_the_others_go_on(
    make_job: MakeJob,
) -> None:
    jobs = [make_job("a", 5), make_job("b", 7), make_job("long", 600)]
    events = run_and_signal(ProcessExecutor(1), jobs, signal.SIGKILL, times=3)
    message = "signal 9 (SIGKILL; perhaps memory ran out); 3 tries"
    failed = [event for event in events if isinstance(event, Failed)]
    assert failed == [Failed(jobs[2], message, "", "crashed")]
    assert events[-1] == failed[0]  # the new tries come after the other jobs
    assert n_frames_of(events) == {"a.mp4": 5, "b.mp4": 7}
    assert not list(jobs[2].outputs[0].parent.glob(".*"))


@pytest.mark.weights
def test_a_job_that_makes_no_progress_is_run_again_once(make_job: MakeJob) -> None:
    jobs = [make_job("a", 5), make_job("long", 600)]
    executor = ProcessExecutor(1, stall_s=2)
    events = run_and_signal(executor, jobs, signal.SIGSTOP, times=1)
    assert n_frames_of(events) == {"a.mp4": 5, "long.mp4": 600}
    events = run_and_signal(executor, jobs, signal.SIGSTOP, times=2)
    (failed,) = (event for event in events if isinstance(event, Failed))
    assert failed == Failed(jobs[1], "no progress for 2 s; 2 tries", "", "stalled")
    assert n_frames_of(events) == {"a.mp4": 5}


@pytest.mark.weights
@pytest.mark.parametrize(("n_requests", "stall_s"), [(1, 2), (3, 120)])
def test_a_stop_does_not_wait_for_a_worker_that_hangs(
    make_job: MakeJob, n_requests: int, stall_s: float
) -> None:
    jobs = [make_job("a", 600), make_job("long", 700)]
    stop = Stop()
    begin_s = 0.0
    ended = []
    for event in ProcessExecutor(2, stall_s=stall_s).run(jobs, SETTINGS, stop):
        if event == Started(jobs[1]):
            kill(jobs[1], signal.SIGSTOP)
            begin_s = time.monotonic()
            for _ in range(n_requests):
                stop.request()
        elif isinstance(event, Finished):
            ended.append(event)
    assert time.monotonic() - begin_s < 20
    assert all(event.summary.is_interrupted for event in ended)
    assert jobs[1] in {event.job for event in ended}
    assert multiprocessing.active_children() == []


@pytest.mark.weights
def test_closing_the_events_does_not_wait_for_a_worker_that_hangs(
    make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_END_S", 1.0)
    job = make_job("long", 600)
    events = ProcessExecutor(1).run([job], SETTINGS)
    while next(events) != Started(job):
        pass
    kill(job, signal.SIGSTOP)
    events.close()
    assert multiprocessing.active_children() == []


@pytest.mark.weights
def test_the_first_process_opens_no_network(make_job: MakeJob) -> None:
    job = make_job("a", 3)
    program = f"""
import sys
from pathlib import PosixPath
from vitruvian import TrackerOptions
from vitruvian.runs import Job, ProcessExecutor, Settings
if __name__ == "__main__":
    settings = Settings(options=TrackerOptions("lite"))
    list(ProcessExecutor(1).run([{job!r}], settings))
    print([name for name in ("openvino", "vitruvian.track.tracker") if name in sys.modules])
"""
    path = Path(job.input).with_name("program.py")
    path.write_text(program)
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    assert job.outputs[0].is_file()


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


def test_numbers_must_be_positive() -> None:
    with pytest.raises(ValueError, match="n_processes must be a positive integer or None, got 0"):
        ProcessExecutor(0)
    with pytest.raises(ValueError, match="stall_s must be a positive number or None, got nan"):
        ProcessExecutor(stall_s=float("nan"))


def test_shares_are_disjoint_while_there_are_cores() -> None:
    n = n_cores()
    shares = core_shares(n, threads=None)
    assert len(set.union(*shares)) == n
    assert all(len(share) == 1 for share in shares)
    assert core_shares(2, threads=n) == [set.union(*shares)] * 2


@pytest.mark.weights
def test_a_worker_that_hangs_while_it_opens_the_networks_is_replaced(
    make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[int] = []
    send = processes._Worker.send

    def send_and_stop(worker: processes._Worker, request: object) -> None:
        send(worker, request)
        if not stopped:
            stopped.append(worker.process.pid)
            os.kill(stopped[0], signal.SIGSTOP)

    monkeypatch.setattr(processes._Worker, "send", send_and_stop)
    monkeypatch.setattr(processes, "_START_S", 5.0)
    events = list(ProcessExecutor(1, stall_s=5).run([make_job("a", 5), make_job("b", 7)], SETTINGS))
    assert n_frames_of(events) == {"a.mp4": 5, "b.mp4": 7}
    assert len(stopped) == 1
