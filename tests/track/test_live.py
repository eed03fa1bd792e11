"""Live mode: frames, results and errors between the threads."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
import weakref
from itertools import pairwise
from pathlib import Path
from threading import Event, Lock, Semaphore, Thread, Timer
from typing import TYPE_CHECKING, Any

import pytest
from tests.fakes import fake_networks
from tests.media.broadcast import Broadcast, needs_ffmpeg
from tests.media.feeds import STEP_US, Feed, frame, until

from vitruvian import Frame, LiveStream, PoseResult, PoseTracker, open_input
from vitruvian.errors import InferenceError, SourceError
from vitruvian.media import reconnecting, video
from vitruvian.media.reconnecting import ReconnectingSource
from vitruvian.track import live as engine_live
from vitruvian.track.live import LiveCounts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Streams = Callable[..., LiveStream]

REPOSITORY = Path(__file__).resolve().parents[2]


class FakeTracker:
    """Finds no poses and records its calls; while held, it waits for `gate` at each frame."""

    def __init__(self, *, is_held: bool = False, seconds: float = 0.0) -> None:
        self.log: list[Any] = []
        self.options: list[dict[str, Any]] = []
        self.gate = Semaphore(0) if is_held else None
        self.begun = Semaphore(0)
        self.error: Exception | None = None
        self._seconds = seconds
        self.live_lock = Lock()

    def reset(self) -> None:
        self.log.append("reset")

    def note_gap(self) -> None:
        self.log.append("gap")

    def update(self, frame: Frame, **options: Any) -> PoseResult:
        self.begun.release()
        if self.gate is not None:
            self.gate.acquire()
        if self.error is not None:
            raise self.error
        if self._seconds:
            time.sleep(self._seconds)
        self.log.append(frame.index)
        self.options.append(options)
        return PoseResult(frame.index, frame.timestamp_us, frame.width, frame.height)


@pytest.fixture
def tracker() -> FakeTracker:
    return FakeTracker()


@pytest.fixture
def live() -> Iterator[Streams]:
    """Make streams that are closed after the test in any case."""
    streams: list[LiveStream] = []

    def make(tracker: Any, source: Feed | None = None, **options: Any) -> LiveStream:
        streams.append(LiveStream(tracker, source, **options))
        return streams[-1]

    yield make
    for stream in streams:
        if stream._source is not None:
            stream._source.put(None)
        if isinstance(stream._tracker, FakeTracker) and stream._tracker.gate is not None:
            stream._tracker.gate.release(100)
        stream._stop()


# --- frames and results ---


def test_each_result_comes_with_its_frame_and_in_order(live: Streams, tracker: FakeTracker) -> None:
    feed = Feed()
    stream = live(tracker, feed)
    for index in range(5):
        feed.put(frame(index))
        shown, result = next(stream)
        assert (shown.index, result.frame_index, result.timestamp_us) == (
            index,
            index,
            index * STEP_US,
        )
    assert stream.counts == LiveCounts(seen=5, processed=5, dropped=0, unread=0, reconnected=0)


def test_the_newest_frame_wins_and_the_others_are_counted(live: Streams) -> None:
    tracker, feed = FakeTracker(is_held=True), Feed(frame(0))
    stream = live(tracker, feed)
    tracker.begun.acquire()
    feed.put(frame(1), frame(2), frame(3))
    until(lambda: stream.counts.seen == 4)
    tracker.gate.release()
    assert next(stream)[1].frame_index == 0
    tracker.gate.release()
    assert next(stream)[1].frame_index == 3
    assert stream.counts == LiveCounts(seen=4, processed=2, dropped=2, unread=0, reconnected=0)


def test_an_unread_result_is_replaced_by_a_newer_one(live: Streams, tracker: FakeTracker) -> None:
    feed = Feed()
    stream = live(tracker, feed)
    for index in range(3):
        feed.put(frame(index))
        until(lambda index=index: stream.counts.unread == max(index, 0) and index in tracker.log)
        until(lambda: stream._ready is not None)
    assert next(stream)[1].frame_index == 2
    assert stream.counts == LiveCounts(seen=3, processed=3, dropped=0, unread=2, reconnected=0)


@pytest.mark.parametrize("seconds", [0.0, 0.002], ids=["fast tracker", "slow tracker"])
def test_a_burst_of_10_000_frames_adds_up_in_a_loop(live: Streams, seconds: float) -> None:
    tracker = FakeTracker(seconds=seconds)
    stream = live(tracker, Feed(*map(frame, range(10_000)), None))
    indices = [result.frame_index for shown, result in stream if shown.index == result.frame_index]
    counts = stream.counts
    assert counts.seen == 10_000 == counts.processed + counts.dropped
    assert len(indices) == counts.processed - counts.unread == stream.latency.count
    assert indices[-1] == 9_999
    assert all(a < b for a, b in pairwise(indices))


@pytest.mark.parametrize("seconds", [0.0, 0.002], ids=["fast tracker", "slow tracker"])
def test_a_burst_of_10_000_frames_adds_up_with_a_callback(live: Streams, seconds: float) -> None:
    given: list[int] = []
    stream = live(
        FakeTracker(seconds=seconds),
        Feed(*map(frame, range(10_000)), None),
        on_result=lambda _, result: given.append(result.frame_index),
    )
    assert stream.wait(60)
    counts = stream.counts
    assert counts.seen == 10_000 == counts.processed + counts.dropped
    assert len(given) == counts.processed == stream.latency.count
    assert (given[-1], counts.unread) == (9_999, 0)
    assert all(a < b for a, b in pairwise(given))


def test_latency_is_from_the_arrival_of_a_frame_to_its_delivery(live: Streams) -> None:
    tracker, feed = FakeTracker(is_held=True), Feed(frame(0))
    stream = live(tracker, feed)
    tracker.begun.acquire()
    time.sleep(0.05)
    tracker.gate.release()
    until(lambda: stream._ready is not None)
    assert stream.latency.count == 0
    time.sleep(0.05)
    next(stream)
    assert stream.latency.count == 1
    assert stream.latency.max_ms > 100


def test_options_reach_the_tracker_which_is_reset_first(
    live: Streams, tracker: FakeTracker
) -> None:
    stream = live(tracker, Feed(frame(0), None), rotation_deg=90)
    assert len(list(stream)) == 1
    assert tracker.log == ["reset", 0]
    assert tracker.options == [{"rotation_deg": 90}]


def test_a_source_that_is_not_live_is_refused(tracker: FakeTracker) -> None:
    feed = Feed(name="walk.mp4")
    feed.is_live = False
    with pytest.raises(
        ValueError,
        match=r"must be live, got 'walk\.mp4': use open_input",
    ):
        LiveStream(tracker, feed)


def test_counts_print_as_one_line(live: Streams, tracker: FakeTracker) -> None:
    stream = live(tracker, Feed(frame(0), None))
    list(stream)
    counts = "1 frame seen, 1 processed, 0 dropped, 0 unread"
    assert str(stream.counts) == counts
    assert repr(stream) == f"LiveStream('feed', {counts})"


# --- pushed frames ---


def test_pushed_frames_come_back_with_their_results_in_order(
    live: Streams, tracker: FakeTracker
) -> None:
    stream = live(tracker)
    for index in range(5):
        pushed = frame(index)
        assert stream.push(pushed)
        shown, result = next(stream)
        assert shown is pushed
        assert result.frame_index == index
    assert stream.counts == LiveCounts(seen=5, processed=5, dropped=0, unread=0, reconnected=0)
    assert stream.latency.count == 5
    assert repr(stream).startswith("LiveStream('pushed frames', 5 frames seen")


def test_of_pushed_frames_the_newest_wins(live: Streams) -> None:
    tracker = FakeTracker(is_held=True)
    stream = live(tracker)
    stream.push(frame(0))
    tracker.begun.acquire()
    for index in (1, 2, 3):
        assert stream.push(frame(index))
    tracker.gate.release()
    assert next(stream)[1].frame_index == 0
    tracker.gate.release()
    assert next(stream)[1].frame_index == 3
    assert stream.counts == LiveCounts(seen=4, processed=2, dropped=2, unread=0, reconnected=0)


@pytest.mark.parametrize("seconds", [0.0, 0.002], ids=["fast tracker", "slow tracker"])
def test_a_burst_of_10_000_pushed_frames_adds_up(live: Streams, seconds: float) -> None:
    given: list[int] = []
    tracker = FakeTracker(seconds=seconds)
    stream = live(tracker, on_result=lambda _, result: given.append(result.frame_index))
    for index in range(10_000):
        assert stream.push(frame(index))
    stream.end()
    assert stream.wait(60)
    counts = stream.counts
    assert counts.seen == 10_000 == counts.processed + counts.dropped
    assert len(given) == counts.processed == stream.latency.count
    assert (given[-1], counts.unread) == (9_999, 0)
    assert all(a < b for a, b in pairwise(given))


def test_end_processes_the_waiting_frame_and_accepts_no_more(live: Streams) -> None:
    tracker = FakeTracker(is_held=True)
    stream = live(tracker)
    stream.push(frame(0))
    tracker.begun.acquire()
    stream.push(frame(1))
    stream.end()
    assert not stream.push(frame(2))
    assert not stream.wait(0.01)
    tracker.gate.release(2)
    assert stream.wait(10)
    assert tracker.log == ["reset", 0, 1]
    assert [result.frame_index for _, result in stream] == [1]
    assert stream.counts == LiveCounts(seen=2, processed=2, dropped=0, unread=1, reconnected=0)


def test_close_drops_the_waiting_pushed_frame(live: Streams) -> None:
    tracker = FakeTracker(is_held=True)
    stream = live(tracker)
    stream.push(frame(0))
    tracker.begun.acquire()
    stream.push(frame(1))
    closer = Thread(target=stream.close)
    closer.start()
    until(lambda: stream._is_closed)
    tracker.gate.release()
    closer.join(10)
    assert tracker.log == ["reset", 0]
    assert stream.counts == LiveCounts(seen=2, processed=1, dropped=1, unread=1, reconnected=0)
    assert not stream.push(frame(2))


def test_the_loop_over_pushed_frames_ends_after_the_last_result(
    live: Streams, tracker: FakeTracker
) -> None:
    stream = live(tracker)
    stream.push(frame(0))
    stream.end()
    assert [result.frame_index for _, result in stream] == [0]


def test_end_closes_a_source(live: Streams, tracker: FakeTracker) -> None:
    feed = Feed(frame(0))
    stream = live(tracker, feed)
    next(stream)
    stream.end()
    assert stream.wait(10)
    feed.put(frame(1))  # the reader has stopped waiting
    assert feed.released.wait(10)


def test_a_pushed_frame_may_have_a_rotation_of_its_own(live: Streams, tracker: FakeTracker) -> None:
    stream = live(tracker, rotation_deg=180)
    for index, rotation_deg in enumerate((None, 90, 0)):
        stream.push(frame(index), rotation_deg=rotation_deg)
        next(stream)
    assert tracker.options == [{"rotation_deg": degrees} for degrees in (180, 90, 0)]


def test_invalid_pushed_frames_raise_at_once(live: Streams, tracker: FakeTracker) -> None:
    stream = live(tracker)
    stream.push(frame(3))
    for index in (3, 2):
        with pytest.raises(ValueError, match=rf"must increase, got {index * STEP_US} after 99999"):
            stream.push(frame(index))
    with pytest.raises(TypeError, match=r"must be a Frame, got ndarray: use Frame\(image, timest"):
        stream.push(frame(4).image)
    assert stream.push(frame(4))
    assert stream.counts.seen == 2


def test_a_stream_with_a_source_takes_no_other_frames(live: Streams, tracker: FakeTracker) -> None:
    with pytest.raises(ValueError, match=r"reads feed: use LiveStream\(tracker\) to push"):
        live(tracker, Feed()).push(frame(0))


def test_pushing_does_not_wait_for_the_tracker(live: Streams) -> None:
    tracker = FakeTracker(is_held=True)
    stream = live(tracker)
    stream.push(frame(0))
    tracker.begun.acquire()
    begin = time.perf_counter()
    for index in range(1, 1001):
        stream.push(frame(index))
    assert time.perf_counter() - begin < 2
    assert stream.counts.processed == 1


def test_a_frame_is_not_kept_while_the_stream_waits_for_the_next(
    live: Streams, tracker: FakeTracker
) -> None:
    stream = live(tracker, on_result=lambda *_: None)
    pushed = frame(0)
    kept = weakref.ref(pushed.image.base)
    stream.push(pushed)
    until(lambda: 0 in tracker.log)
    del pushed
    until(lambda: kept() is None)


# --- gaps ---


def test_the_tracker_is_notified_of_a_gap_before_the_next_frame(
    live: Streams, tracker: FakeTracker
) -> None:
    feed = Feed(frame(0))
    stream = live(tracker, feed)
    next(stream)
    feed.n_gaps = 1
    feed.put(frame(1))
    next(stream)
    feed.put(frame(2))
    next(stream)
    assert tracker.log == ["reset", 0, "gap", 1, 2]
    assert stream.counts.reconnected == 1


def test_the_tracker_is_notified_of_a_gap_even_if_the_next_frame_is_dropped(live: Streams) -> None:
    tracker, feed = FakeTracker(is_held=True), Feed(frame(0))
    stream = live(tracker, feed)
    tracker.begun.acquire()
    feed.n_gaps = 1
    feed.put(frame(1), frame(2))
    until(lambda: stream.counts.seen == 3)
    tracker.gate.release(2)
    feed.put(None)
    assert stream.wait(10)
    assert tracker.log == ["reset", 0, "gap", 2]


# --- end of the stream ---


def test_the_loop_ends_with_the_source_and_cannot_be_restarted(
    live: Streams, tracker: FakeTracker
) -> None:
    feed = Feed(frame(0), None)
    stream = live(tracker, feed)
    assert [result.frame_index for _, result in stream] == [0]
    assert list(stream) == []
    assert stream.wait()
    assert feed.released.wait(10)


def test_wait_has_a_timeout(live: Streams, tracker: FakeTracker) -> None:
    stream = live(tracker, Feed())
    assert not stream.wait(0.01)
    stream.close()
    assert stream.wait(0.01)


def test_close_does_not_wait_for_a_source_that_keeps_its_reader_waiting(
    live: Streams, tracker: FakeTracker
) -> None:
    feed = Feed()
    stream = live(tracker, feed)
    stream.close()
    assert stream._reader.is_alive()
    assert not stream._worker.is_alive()
    assert not feed.released.is_set()
    feed.put(frame(0))  # the wait has ended and the frame is dropped
    stream._reader.join(10)
    assert feed.released.is_set()
    assert stream.counts.seen == 0


def test_close_waits_for_the_current_frame_and_drops_the_next(live: Streams) -> None:
    tracker, feed = FakeTracker(is_held=True), Feed(frame(0))
    stream = live(tracker, feed)
    tracker.begun.acquire()
    feed.put(frame(1))
    until(lambda: stream.counts.seen == 2)
    closer = Thread(target=stream.close)
    closer.start()
    until(lambda: stream._is_closed)
    assert closer.is_alive()
    tracker.gate.release()
    closer.join(10)
    assert tracker.log == ["reset", 0]
    assert stream.counts == LiveCounts(seen=2, processed=1, dropped=1, unread=1, reconnected=0)


def test_close_ends_the_attempts_to_open_a_lost_source(
    tracker: FakeTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconnecting, "FIRST_DELAY_S", 1000.0)
    source = ReconnectingSource(Feed(frame(0), None), Feed)
    with LiveStream(tracker, source) as stream:
        next(stream)
        until(lambda: source.warnings)
    stream._reader.join(10)
    assert not stream._reader.is_alive()


def test_close_releases_a_source_that_delivers(
    live: Streams, tracker: FakeTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_live, "_LONGEST_WAIT_S", 10.0)
    feed = Feed()
    feed.fps = 0.1
    stream = live(tracker, feed)
    is_done = Event()

    def deliver() -> None:
        for index in range(10_000):
            feed.put(frame(index))
            if is_done.wait(0.005):
                return

    camera = Thread(target=deliver)
    camera.start()
    next(stream)
    stream.close()
    assert feed.released.is_set()
    is_done.set()
    camera.join()


def test_a_stream_is_closed_twice_but_not_read_afterwards(
    live: Streams, tracker: FakeTracker
) -> None:
    stream = live(tracker, Feed(frame(0), frame(1)))
    results = iter(stream)
    next(results)
    stream.close()
    stream.close()
    assert next(results, None) is None
    with pytest.raises(ValueError, match="the stream of feed is closed"):
        iter(stream)


def test_closing_ends_a_loop_that_waits_in_another_thread(
    live: Streams, tracker: FakeTracker
) -> None:
    stream = live(tracker, Feed())
    seen: list[Any] = []
    loop = Thread(target=lambda: seen.extend(stream))
    loop.start()
    stream.close()
    loop.join(10)
    assert not loop.is_alive()
    assert seen == []


def test_a_callback_may_close_the_stream(live: Streams, tracker: FakeTracker) -> None:
    given: list[int] = []

    def note(_: Frame, result: PoseResult) -> None:
        given.append(result.frame_index)
        stream.close()

    feed = Feed()
    stream = live(tracker, feed, on_result=note)
    feed.put(frame(0), frame(1))
    stream._worker.join(10)
    assert stream.wait(10)
    assert len(given) == 1
    feed.put(None)
    assert feed.released.wait(10)


def test_waiting_in_a_callback_returns_at_once(live: Streams, tracker: FakeTracker) -> None:
    waited: list[bool] = []
    stream = live(tracker, on_result=lambda *_: waited.append(stream.wait()))
    stream.push(frame(0))
    stream.end()
    assert stream.wait(10)
    assert waited == [False]


def test_results_go_to_a_callback_or_to_a_loop(live: Streams, tracker: FakeTracker) -> None:
    with pytest.raises(ValueError, match="results go to on_result"):
        iter(live(tracker, Feed(), on_result=print))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        ("stream = LiveStream(tracker, Feed(*map(frame, range(100)))); print(next(stream))", ""),
        ("stream = LiveStream(tracker, on_result=show); stream.push(frame(0))", "0\n"),
    ],
    ids=["source", "push"],
)
def test_a_program_that_does_not_close_its_stream_exits(make: str, said: str) -> None:
    program = (
        "from tests.track.test_live import FakeTracker\n"
        "from tests.media.feeds import Feed, frame\n"
        "from vitruvian import LiveStream\n"
        "tracker, show = FakeTracker(seconds=0.1), lambda _, result: print(result.frame_index)\n"
        f"{make}\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(said)


# --- errors ---


def test_an_error_of_the_source_comes_after_the_results_before_it(
    live: Streams, tracker: FakeTracker
) -> None:
    stream = live(tracker, Feed(frame(0), SourceError("the camera burns")))
    assert next(stream)[1].frame_index == 0
    with pytest.raises(SourceError, match="the camera burns"):
        next(stream)
    assert list(stream) == []  # reported once
    stream.close()


def test_a_closed_source_is_an_error_in_the_loop(live: Streams, tracker: FakeTracker) -> None:
    feed = Feed(frame(0))
    feed.close()
    with pytest.raises(ValueError, match="feed is closed: open a new source"):
        next(live(tracker, feed))


def test_an_error_of_the_tracker_ends_the_stream_and_frees_the_source(
    live: Streams, tracker: FakeTracker
) -> None:
    tracker.error = InferenceError("no")
    feed = Feed(frame(0))
    stream = live(tracker, feed)
    with pytest.raises(InferenceError, match="no"):
        next(stream)
    feed.put(frame(1))
    assert feed.released.wait(10)
    assert stream.wait()
    counts = stream.counts
    assert (counts.seen, counts.processed, counts.dropped) == (1, 1, 0)


def test_times_that_do_not_increase_are_an_error_with_both(
    live: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_networks(monkeypatch)
    feed = Feed()
    with PoseTracker() as tracker:
        stream = live(tracker, feed)
        feed.put(frame(7))
        next(stream)
        feed.put(frame(7))
        with pytest.raises(ValueError, match="must increase, got 233331 after 233331"):
            next(stream)
        stream.close()


@pytest.mark.parametrize("end", ["wait", "close"])
def test_an_error_of_the_callback_is_logged_at_once_and_raised_at_the_end(
    live: Streams, tracker: FakeTracker, caplog: pytest.LogCaptureFixture, end: str
) -> None:
    def fail(*_: object) -> None:
        raise LookupError("no person")

    stream = live(tracker, Feed(frame(0)), on_result=fail)
    stream._worker.join(10)
    (record,) = caplog.records
    assert (record.levelno, record.name) == (logging.ERROR, "vitruvian.track.live")
    assert "in fail" in caplog.text
    with pytest.raises(LookupError, match="no person"):
        getattr(stream, end)()
    stream.close()


def test_an_error_of_the_tracker_is_logged_where_results_go_to_a_callback(
    live: Streams, tracker: FakeTracker, caplog: pytest.LogCaptureFixture
) -> None:
    tracker.error = InferenceError("no")
    stream = live(tracker, Feed(frame(0)), on_result=print)
    with pytest.raises(InferenceError):
        stream.wait(10)
    assert "the stream of feed has failed" in caplog.text


@pytest.mark.parametrize("error", [InferenceError, SystemExit])
def test_with_on_error_the_stream_continues_after_an_error(
    live: Streams, tracker: FakeTracker, error: type[BaseException]
) -> None:
    failed: list[tuple[int, BaseException]] = []
    stream = live(tracker, on_error=lambda shown, err: failed.append((shown.index, err)))
    tracker.error = error("no")
    stream.push(frame(0))
    until(lambda: failed)
    tracker.error = None
    stream.push(frame(1))
    assert next(stream)[1].frame_index == 1
    assert [(index, type(err)) for index, err in failed] == [(0, error)]


def test_on_error_is_given_the_errors_of_the_callback(live: Streams, tracker: FakeTracker) -> None:
    failed: list[BaseException] = []

    def fail(*_: object) -> None:
        raise LookupError("no person")

    stream = live(tracker, on_result=fail, on_error=lambda _, err: failed.append(err))
    stream.push(frame(0))
    stream.end()
    assert stream.wait(10)
    assert [type(err) for err in failed] == [LookupError]


def test_an_unread_error_is_raised_at_the_end_of_the_block(tracker: FakeTracker) -> None:
    feed = Feed(SourceError("the camera burns"))

    def leave_block() -> None:
        with LiveStream(tracker, feed) as stream:
            until(lambda: stream._is_over)

    with pytest.raises(SourceError, match="burns"):
        leave_block()


def test_an_error_in_the_block_has_priority_over_that_of_the_stream(
    tracker: FakeTracker, caplog: pytest.LogCaptureFixture
) -> None:
    feed = Feed(SourceError("the camera burns"))

    def interrupted() -> None:
        with LiveStream(tracker, feed) as stream:
            until(lambda: stream._is_over)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert "the camera burns" in caplog.text


def test_a_second_stream_on_a_tracker_is_an_error_until_the_first_is_closed(
    live: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_networks(monkeypatch)
    front, back = Feed(frame(3), name="front"), Feed(frame(0), name="back")
    with PoseTracker() as tracker:
        first = live(tracker, front)
        for source in (back, None):
            with pytest.raises(ValueError, match="has a live stream already: close that one first"):
                LiveStream(tracker, source)
        assert next(first)[1].frame_index == 3  # the first is not affected
        first.close()
        assert next(live(tracker, back))[1].frame_index == 0


def test_a_stream_that_has_failed_frees_its_tracker(live: Streams, tracker: FakeTracker) -> None:
    tracker.error = InferenceError("no")
    with pytest.raises(InferenceError):
        next(live(tracker, Feed(frame(0))))
    tracker.error = None
    assert next(live(tracker, Feed(frame(1))))[1].frame_index == 1


@pytest.mark.parametrize("failing", ["track", "read"])
def test_a_stream_that_cannot_start_a_thread_frees_its_tracker(
    live: Streams, tracker: FakeTracker, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    class LimitedThread(Thread):
        def start(self) -> None:
            if self.name.startswith(failing):
                raise RuntimeError("can't start new thread")
            super().start()

    monkeypatch.setattr(engine_live, "Thread", LimitedThread)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        LiveStream(tracker, Feed())
    monkeypatch.undo()
    with live(tracker, Feed()) as stream:
        assert stream.counts.seen == 0


def test_a_tracker_that_cannot_be_reset_is_freed(live: Streams, tracker: FakeTracker) -> None:
    def failing() -> None:
        raise InferenceError("no memory")

    tracker.reset = failing  # type: ignore[method-assign]
    with pytest.raises(InferenceError):
        LiveStream(tracker)
    del tracker.reset
    live(tracker).close()


def test_one_tracker_serves_one_stream_after_the_other(
    live: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_networks(monkeypatch)
    with PoseTracker() as tracker:
        for _ in range(2):
            stream = live(tracker, Feed(frame(0), None))
            assert [result.pose.id for _, result in stream] == [0]
            stream.close()


# --- a real stream ---


class GapRecordingTracker(PoseTracker):
    """Records after how many frames it was notified of a gap."""

    def __init__(self, **options: Any) -> None:
        self.frames_before_gaps: list[int] = []
        super().__init__("lite", **options)

    def note_gap(self) -> None:
        self.frames_before_gaps.append(self._frames)
        super().note_gap()


@pytest.mark.slow
@pytest.mark.weights
@needs_ffmpeg
def test_an_interrupted_stream_continues_with_the_same_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "TIMEOUT_S", 2.0)
    monkeypatch.setattr(reconnecting, "FIRST_DELAY_S", 0.2)
    with Broadcast("tcp") as broadcast, GapRecordingTracker(num_poses=2) as tracker:
        results: list[PoseResult] = []
        with LiveStream(tracker, open_input(broadcast.url, live=True)) as stream:
            for _, result in stream:
                results.append(result)
                if len(results) == 30:
                    broadcast.cut()
                    Timer(0.4, broadcast.restore).start()
                if stream.counts.reconnected and len(results) > 60:
                    break
        counts = stream.counts
    (n_before,) = tracker.frames_before_gaps
    assert counts.reconnected == 1
    assert counts.seen == counts.processed + counts.dropped
    assert all(a.timestamp_us < b.timestamp_us for a, b in pairwise(results))
    before, after = results[: n_before - counts.unread], results[n_before:]
    assert {pose.id for result in before for pose in result} == {0}
    # Seen from the side, the only person may get another ID before re-identification.
    assert {pose.id for result in after for pose in result} <= {0, 1}
