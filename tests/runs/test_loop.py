"""The loop of a run: what is written, and what a stop request leaves behind."""

from __future__ import annotations

import json
import logging
from itertools import islice
from threading import Lock, Timer
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.media.feeds import Feed, frame, until

from vitruvian import LiveStream
from vitruvian.core.frame import Frame
from vitruvian.core.pose import PoseResult
from vitruvian.engine.timing import StageTimer
from vitruvian.errors import SourceError
from vitruvian.export import open_output
from vitruvian.media.source import Source
from vitruvian.runs.events import Progress, RunSummary
from vitruvian.runs.job import Job
from vitruvian.runs.loop import live_results, recorded_results, write_results
from vitruvian.runs.stop import Stop

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from vitruvian.export import Sink

JOB = Job("frames", "frames", ())


class Frames(Source):
    """Empty frames; `interrupt` is called, as by a signal, while some of them are read."""

    def __init__(
        self, count: int, *, interrupt_at: int | None = None, stop: Stop | None = None
    ) -> None:
        super().__init__("frames")
        self.n_frames = count
        self._interrupt_at = interrupt_at
        self.stop = stop or Stop()

    def _read(self) -> Generator[Frame, None, None]:
        for index in range(self.n_frames or 0):
            if index == self._interrupt_at:
                self.stop.interrupt()
            yield Frame(np.zeros((4, 6, 3), np.uint8), timestamp_us=index, index=index)


class EmptyTracker:
    """Finds no poses."""

    def __init__(self) -> None:
        self.live_lock = Lock()

    def reset(self) -> None:
        pass

    def update(self, frame: Frame, **_: Any) -> PoseResult:
        return no_poses(frame)


def no_poses(frame: Frame) -> PoseResult:
    return PoseResult(frame.index, frame.timestamp_us, frame.width, frame.height)


def events_and_summary(
    events: Generator[Progress, None, RunSummary],
) -> tuple[list[Progress], RunSummary]:
    found: list[Progress] = []
    while True:
        try:
            found.append(next(events))
        except StopIteration as end:
            return found, end.value


def summary_of(
    source: Frames,
    sink: Sink,
    find: Callable[[Frame], PoseResult] = no_poses,
    *,
    limit: int | None = None,
    is_endless: bool = False,
) -> RunSummary:
    timer = StageTimer()
    results = islice(recorded_results(source, find, timer), limit)
    events = write_results(JOB, results, sink, source.stop, timer=timer, is_endless=is_endless)
    return events_and_summary(events)[1]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def indices_in(path: Path) -> list[int]:
    return [json.loads(row)["frame_index"] for row in path.read_text().splitlines()]


def test_every_frame_is_found_and_written(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    timer = StageTimer()
    results = recorded_results(Frames(5), no_poses, timer)
    events = write_results(JOB, results, open_output(path), Stop(), timer=timer)
    summary = events_and_summary(events)[1]
    assert indices_in(path) == [0, 1, 2, 3, 4]
    assert (summary.n_frames, summary.n_with_pose, summary.is_interrupted) == (5, 0, False)
    assert {stage: times.count for stage, times in timer.stats.items()} == {
        "read": 5,
        "find": 5,
        "write": 5,
    }


def test_progress_is_reported_before_the_first_frame_and_after_each(tmp_path: Path) -> None:
    timer = StageTimer()
    results = recorded_results(Frames(3), no_poses, timer)
    sink = open_output(tmp_path / "out.jsonl")
    events, _ = events_and_summary(
        write_results(JOB, results, sink, Stop(), timer=timer, n_total=3)
    )
    assert events == [Progress(JOB, n_done, 3) for n_done in range(4)]


def test_progress_never_exceeds_the_expected_number_of_frames(tmp_path: Path) -> None:
    timer = StageTimer()
    results = recorded_results(Frames(3), no_poses, timer)
    sink = open_output(tmp_path / "out.jsonl")
    events, _ = events_and_summary(
        write_results(JOB, results, sink, Stop(), timer=timer, n_total=1)
    )
    assert [(event.n_done, event.n_total) for event in events] == [(0, 1), (1, 1), (2, 2), (3, 3)]


def test_limit_ends_the_run_and_the_output_is_complete(tmp_path: Path) -> None:
    summary = summary_of(Frames(5), open_output(tmp_path / "out.jsonl"), limit=2)
    assert indices_in(tmp_path / "out.jsonl") == [0, 1]
    assert not summary.is_interrupted


# --- stop requests ---


@pytest.mark.parametrize("is_endless", [False, True])
def test_a_stop_request_finishes_the_current_frame(tmp_path: Path, is_endless: bool) -> None:
    frames = Frames(9, interrupt_at=3)
    summary = summary_of(frames, open_output(tmp_path / "out.jsonl"), is_endless=is_endless)
    assert summary.is_interrupted
    kept = "out.jsonl" if is_endless else "out.partial.jsonl"  # a recording has more frames
    assert names(tmp_path) == [kept]
    assert indices_in(tmp_path / kept) == [0, 1, 2, 3]


def test_a_request_before_the_first_frame_writes_nothing(tmp_path: Path) -> None:
    frames = Frames(9)
    frames.stop.request()
    summary = summary_of(frames, open_output(tmp_path / "out.jsonl"))
    assert (summary.n_frames, summary.is_interrupted) == (0, True)
    assert names(tmp_path) == []


def test_an_existing_output_is_not_replaced_by_an_interrupted_run(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    summary_of(Frames(9), open_output(path))
    summary_of(Frames(9, interrupt_at=3), open_output(path))
    assert indices_in(path) == list(range(9))


@pytest.mark.parametrize("is_endless", [False, True])
def test_second_interrupt_does_not_wait_for_the_frame(tmp_path: Path, is_endless: bool) -> None:
    def slow(frame: Frame) -> PoseResult:
        frames.stop.interrupt()
        frames.stop.interrupt()
        pytest.fail("the frame is finished")

    frames = Frames(9)
    summary = summary_of(frames, open_output(tmp_path / "out.jsonl"), slow, is_endless=is_endless)
    assert (summary.n_frames, summary.is_interrupted) == (0, True)
    assert names(tmp_path) == []


@pytest.mark.parametrize("is_endless", [False, True])
def test_a_request_does_not_wait_for_a_live_source(tmp_path: Path, is_endless: bool) -> None:
    source, stop, timer = Feed(frame(0)), Stop(), StageTimer()
    sink = open_output(tmp_path / "out.jsonl")
    with (
        LiveStream(EmptyTracker(), source) as stream,  # type: ignore[arg-type]
        live_results(stream, stop) as results,
    ):
        events = write_results(JOB, results, sink, stop, timer=timer, is_endless=is_endless)
        assert [next(events).n_done, next(events).n_done] == [0, 1]
        Timer(0.1, stop.request).start()  # while the loop waits for a frame that never comes
        _, summary = events_and_summary(events)
    source.put(None)
    assert (summary.n_frames, summary.is_interrupted) == (1, True)
    assert names(tmp_path) == ["out.jsonl" if is_endless else "out.partial.jsonl"]


def test_a_live_source_that_ends_by_itself_is_not_interrupted(tmp_path: Path) -> None:
    stop, timer = Stop(), StageTimer()
    with (
        LiveStream(EmptyTracker(), Feed(frame(0), None)) as stream,  # type: ignore[arg-type]
        live_results(stream, stop) as results,
    ):
        sink = open_output(tmp_path / "out.jsonl")
        _, summary = events_and_summary(write_results(JOB, results, sink, stop, timer=timer))
    assert (summary.n_frames, summary.is_interrupted) == (1, False)
    assert names(tmp_path) == ["out.jsonl"]


def test_an_error_of_a_stopped_live_stream_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    class FailingStream:
        def __iter__(self) -> Iterator[Any]:
            return iter(())

        def close(self) -> None:
            raise SourceError("the cable came out")

    stop = Stop()
    with caplog.at_level(logging.ERROR), live_results(FailingStream(), stop):  # type: ignore[arg-type]
        stop.request()
        until(lambda: caplog.messages)
    assert caplog.messages == ["the input failed while it was stopped"]


def test_interrupts_after_the_last_frame_do_not_disturb_the_outputs(tmp_path: Path) -> None:
    class Slow:
        def __init__(self, sink: Sink) -> None:
            self._sink = sink
            self.write = sink.write
            self.close = sink.close

        def __enter__(self) -> Slow:
            return self

        def __exit__(self, *error: object) -> None:
            for _ in range(3):
                frames.stop.interrupt()
            self._sink.__exit__(*error)  # type: ignore[arg-type]

    frames = Frames(3)
    summary = summary_of(frames, Slow(open_output(tmp_path / "out.jsonl")))
    assert not summary.is_interrupted
    assert indices_in(tmp_path / "out.jsonl") == [0, 1, 2]


# --- errors ---


def test_keyboard_interrupt_without_a_request_is_raised(tmp_path: Path) -> None:
    def interrupted(frame: Frame) -> PoseResult:
        if frame.index == 2:
            raise KeyboardInterrupt
        return no_poses(frame)

    with pytest.raises(KeyboardInterrupt, match=r"kept in '.*out\.partial\.jsonl'"):
        summary_of(Frames(9), open_output(tmp_path / "out.jsonl"), interrupted)
    assert indices_in(tmp_path / "out.partial.jsonl") == [0, 1]


def test_error_in_the_middle_keeps_the_frames_so_far(tmp_path: Path) -> None:
    def failing(frame: Frame) -> PoseResult:
        if frame.index == 2:
            raise SourceError("the cable came out")
        return no_poses(frame)

    with pytest.raises(SourceError, match="cable"):
        summary_of(Frames(9), open_output(tmp_path / "out.jsonl"), failing)
    assert indices_in(tmp_path / "out.partial.jsonl") == [0, 1]


def test_closing_the_events_keeps_the_frames_so_far(tmp_path: Path) -> None:
    timer = StageTimer()
    results = recorded_results(Frames(9), no_poses, timer)
    sink = open_output(tmp_path / "out.jsonl")
    events = write_results(JOB, results, sink, Stop(), timer=timer)
    for _ in range(3):
        next(events)
    with pytest.warns(ResourceWarning, match="was left before its end"):
        events.close()
    assert indices_in(tmp_path / "out.partial.jsonl") == [0, 1]
