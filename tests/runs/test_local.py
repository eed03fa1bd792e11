"""Jobs in this process, from any thread; the networks are fakes."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from tests.fakes import FakeNetworks, fake_networks

from vitruvian import InferenceError, TrackerOptions, load_results, runs
from vitruvian.runs import Failed, Finished, Job, LocalExecutor, Progress, Settings, Started, Stop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeJob = Callable[[str, int], Job]


@pytest.fixture(autouse=True)
def networks(monkeypatch: pytest.MonkeyPatch) -> FakeNetworks:
    return fake_networks(monkeypatch)


def handlers() -> list[Any]:
    return [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]


def test_a_job_is_started_reports_progress_and_finishes(make_job: MakeJob) -> None:
    job = make_job("a", 3)
    *events, last = LocalExecutor().run([job], Settings())
    assert events == [Started(job), *(Progress(job, n_done, 3) for n_done in range(4))]
    assert isinstance(last, Finished)
    assert (last.summary.n_frames, last.summary.n_with_pose) == (3, 3)
    assert list(last.summary.stages) == ["read", "find", "write"]
    assert len(load_results(job.outputs[0])) == 3


def test_jobs_run_in_a_thread_that_is_not_the_main_one(make_job: MakeJob) -> None:
    jobs = [make_job("a", 3), make_job("b", 4)]
    before = handlers()

    def run() -> list[int]:
        events = LocalExecutor().run(jobs, Settings())
        return [e.summary.n_frames for e in events if isinstance(e, Finished)]

    with ThreadPoolExecutor() as pool:
        futures = [pool.submit(run), pool.submit(lambda: list(LocalExecutor().run([], Settings())))]
        assert futures[0].result() == [3, 4]
        assert futures[1].result() == []
    assert handlers() == before


def test_no_signal_handler_is_installed(make_job: MakeJob) -> None:
    before = handlers()
    for _ in LocalExecutor().run([make_job("a", 3)], Settings()):
        assert handlers() == before


def test_a_stop_request_ends_the_current_job_and_starts_no_other(
    make_job: MakeJob, tmp_path: Path
) -> None:
    jobs = [make_job("a", 30), make_job("b", 3)]
    stop = Stop()
    events = []
    for event in LocalExecutor().run(jobs, Settings(), stop):
        events.append(event)
        if isinstance(event, Progress) and event.n_done == 2:
            stop.request()  # any thread may do this
    assert isinstance(events[-1], Finished)
    assert events[-1].job == jobs[0]
    assert events[-1].summary.is_interrupted
    assert events[-1].summary.n_frames == len(load_results(tmp_path / "a.partial.jsonl")) == 2


def test_an_interrupt_while_a_job_is_opened_ends_it(
    make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        stop.interrupt()

    stop = Stop()
    monkeypatch.setattr(runs.runner, "open_input", interrupted)
    *_, last = LocalExecutor().run([make_job("a", 3), make_job("b", 3)], Settings(), stop)
    assert isinstance(last, Finished)
    assert last.job.name == "a.mp4"
    assert (last.summary.n_frames, last.summary.is_interrupted) == (0, True)


def test_ctrl_c_without_a_signal_handler_of_ours_is_raised(
    make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(runs.runner, "open_input", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(LocalExecutor().run([make_job("a", 3)], Settings()))


def test_an_error_fails_its_job_only(make_job: MakeJob, tmp_path: Path) -> None:
    absent = Job(str(tmp_path / "absent.mp4"), "absent.mp4", (tmp_path / "absent.jsonl",))
    job = make_job("a", 3)
    first, *_, last = (e for e in LocalExecutor().run([absent, job], Settings()) if e.job)
    assert first == Started(absent)
    assert isinstance(last, Finished)
    failed = [e for e in LocalExecutor().run([absent, job], Settings()) if isinstance(e, Failed)]
    assert [event.job for event in failed] == [absent]
    assert failed[0].message.endswith("absent.mp4': No such file or directory")
    assert "Traceback" in failed[0].trace


def test_networks_that_cannot_be_opened_are_raised_before_any_job(make_job: MakeJob) -> None:
    class Provider:
        def open_pipeline(self, options: object) -> None:
            raise InferenceError("the server does not answer")

    settings = Settings(options=TrackerOptions(Provider()))
    with pytest.raises(InferenceError, match="does not answer"):
        next(LocalExecutor().run([make_job("a", 3)], settings))


def test_networks_are_opened_once_for_all_jobs(make_job: MakeJob, networks: FakeNetworks) -> None:
    asked: list[Any] = []
    executor = LocalExecutor(lambda model, folder: asked.append((model, folder)))
    jobs = [make_job("a", 3), make_job("b", 3)]
    list(executor.run(jobs, Settings(options=TrackerOptions("lite", models_dir="models"))))
    assert asked == [("lite", "models")]
    assert len(networks.detector.sessions) == 1
    assert networks.detector.sessions[0].is_closed


def test_options_of_the_tracker_alone_are_not_used_for_images(tmp_path: Path) -> None:
    Image.new("RGB", (60, 40), "teal").save(tmp_path / "wall.png")
    job = Job(str(tmp_path / "wall.png"), "wall.png", (tmp_path / "wall.json",))
    settings = Settings(options=TrackerOptions(smoothing=0.2, num_poses=2))
    *_, last = LocalExecutor().run([job], settings)
    assert isinstance(last, Finished), last
