"""`ReconnectingSource`: cameras and streams that are lost and reconnected."""

from __future__ import annotations

import logging
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
from tests.media.feeds import STEP_US, Feed, frame, until

from vitruvian import open_input
from vitruvian.errors import SourceError
from vitruvian.media import reconnecting
from vitruvian.media.reconnecting import ReconnectingSource

if TYPE_CHECKING:
    from vitruvian.media.source import Source


class FakeClock:
    """A clock that advances by every wait and records the waits."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_us = 5_000_000
        self.waits_s: list[float] = []
        monkeypatch.setattr(reconnecting, "_now_us", lambda: self.now_us)

    def wait(self, seconds: float) -> bool:
        self.waits_s.append(seconds)
        self.now_us += round(seconds * 1e6)
        return False


class FakeCamera:
    """A camera that opens the feeds, or raises the errors, given by the test."""

    def __init__(self, *answers: Feed | SourceError) -> None:
        self.answers = list(answers)

    def open(self) -> Source:
        answer = self.answers.pop(0)
        if isinstance(answer, SourceError):
            raise answer
        return answer


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    return FakeClock(monkeypatch)


def reconnected(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch, *answers: Feed | SourceError
) -> Source:
    camera = FakeCamera(*answers)
    source = ReconnectingSource(camera.open(), camera.open)
    monkeypatch.setattr(source._closed, "wait", clock.wait)
    return source


def clip(*indices: int) -> Feed:
    return Feed(*map(frame, indices), None)


def test_indices_continue_after_a_reconnection_and_lost_sources_are_closed(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    feeds = clip(0, 1), clip(0, 1, 2), Feed(frame(0))
    source = reconnected(clock, monkeypatch, *feeds)
    frames = iter(source)
    assert [(next(frames).index, source.n_gaps) for _ in range(6)] == [
        (0, 0),
        (1, 0),
        (2, 1),
        (3, 1),
        (4, 1),
        (5, 2),
    ]
    assert [feed.released.is_set() for feed in feeds] == [True, True, False]
    source.close()
    assert feeds[2].released.is_set()


def test_timestamps_include_the_gap(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    source = reconnected(clock, monkeypatch, clip(0, 1), SourceError("no"), clip(7, 8))
    frames = iter(source)
    times_us = [next(frames).timestamp_us]
    clock.now_us += STEP_US
    times_us += [next(frames).timestamp_us for _ in range(3)]
    assert clock.waits_s == [0.5, 1.0]
    back_us = STEP_US + 1_500_000
    assert times_us == [0, STEP_US, back_us, back_us + STEP_US]


def test_delays_of_buffered_frames_do_not_add_up_over_reconnections(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = reconnected(clock, monkeypatch, *(clip(0, 60) for _ in range(4)))
    frames = iter(source)
    firsts_us, late_us = [], 60 * STEP_US
    for _ in range(4):
        clock.now_us += late_us  # delay of the first frame; the second has none
        firsts_us.append(next(frames).timestamp_us)
        next(frames)
    assert firsts_us == [0, *((n + 1) * late_us + n * 500_000 for n in (1, 2, 3))]


def test_timestamps_increase_even_if_the_clock_of_the_stream_is_fast(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = reconnected(clock, monkeypatch, clip(0), clip(0, 900), clip(0))
    frames = iter(source)
    times_us = [next(frames).timestamp_us for _ in range(4)]
    assert times_us == [0, 500_000, 500_000 + 900 * STEP_US, 500_001 + 900 * STEP_US]


def test_the_retry_delay_doubles_up_to_a_maximum(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    silence = [SourceError("no data")] * 6
    source = reconnected(clock, monkeypatch, clip(0), *silence, clip(0), *silence[:2], clip(0))
    frames = iter(source)
    assert len([next(frames) for _ in range(3)]) == 3
    assert clock.waits_s == [0.5, 1, 2, 4, 8, 8, 8, 0.5, 1, 2]
    assert source.n_gaps == 2


def test_a_source_error_while_reading_causes_a_reconnection(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = reconnected(clock, monkeypatch, Feed(frame(0), SourceError("unplugged")), clip(0))
    frames = iter(source)
    assert [next(frames).index for _ in range(2)] == [0, 1]
    assert source.warnings == [
        "unplugged",
        "feed is lost after 1 frames: reconnecting",
    ]


def test_other_errors_are_raised_without_a_retry(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = reconnected(clock, monkeypatch, Feed(frame(0), TypeError("a mistake")))
    with pytest.raises(TypeError, match="a mistake"):
        list(source)


def test_failed_retries_are_logged_with_the_reason(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    source = reconnected(clock, monkeypatch, clip(0), SourceError("no camera 0"), clip(0))
    frames = iter(source)
    with caplog.at_level(logging.INFO):
        next(frames), next(frames)
    assert [record.message for record in caplog.records] == [
        "feed is lost after 1 frames: reconnecting",
        "no camera 0; next retry in 1 s",
        "feed is reconnected",
    ]


@pytest.mark.parametrize("number", [97, "97", "/dev/video97", "rtsp://127.0.0.1:1/camera"])
def test_a_failed_first_connection_raises_an_error(number: object) -> None:
    with pytest.raises(SourceError):
        open_input(number, live=True)


def test_closing_ends_the_wait_for_the_next_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconnecting, "FIRST_DELAY_S", 1000.0)
    source = ReconnectingSource(clip(0), clip)
    reader = Thread(target=list, args=(source,))
    reader.start()
    until(lambda: source.warnings)
    source.close()
    reader.join(10)
    assert not reader.is_alive()


def test_what_is_opened_while_it_is_closed_is_closed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconnecting, "FIRST_DELAY_S", 0.0)
    is_opening, may_open = Event(), Event()
    feed = Feed(frame(0))

    def reopen() -> Feed:
        is_opening.set()
        may_open.wait(10)
        return feed

    source = ReconnectingSource(clip(0), reopen)
    indices: list[int] = []
    reader = Thread(target=lambda: indices.extend(shown.index for shown in source))
    reader.start()
    is_opening.wait(10)
    source.close()
    may_open.set()
    reader.join(10)
    assert feed.released.is_set()
    assert indices == [0]


def test_a_stream_that_arrived_much_faster_than_it_plays_is_over(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = Feed(*(frame(index) for index in range(300)), None)  # ten seconds at once
    with reconnected(clock, monkeypatch, feed) as source:
        assert len(list(source)) == 300
    assert clock.waits_s == []
    assert source.warnings == []
