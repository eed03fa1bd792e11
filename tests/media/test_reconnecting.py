"""Cameras and streams that are lost and found again."""

from __future__ import annotations

import logging
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
from tests.media.feeds import STEP_US, Feed, frame, until

from vitruvian import open_input
from vitruvian.errors import SourceError
from vitruvian.media import reopening
from vitruvian.media.reconnecting import ReconnectingSource

if TYPE_CHECKING:
    from vitruvian.media.source import Source


class Wall:
    """A clock that moves on when somebody waits, and what it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_us = 5_000_000
        self.waits_s: list[float] = []
        monkeypatch.setattr(reopening, "_now_us", lambda: self.now_us)

    def wait(self, seconds: float) -> bool:
        self.waits_s.append(seconds)
        self.now_us += round(seconds * 1e6)
        return False


class Door:
    """A camera that is opened to what the test has put there: a feed, or why there is none."""

    def __init__(self, *answers: Feed | SourceError) -> None:
        self.answers = list(answers)

    def open(self) -> Source:
        answer = self.answers.pop(0)
        if isinstance(answer, SourceError):
            raise answer
        return answer


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    return Wall(monkeypatch)


def reconnected(
    wall: Wall, monkeypatch: pytest.MonkeyPatch, *answers: Feed | SourceError
) -> Source:
    door = Door(*answers)
    source = ReconnectingSource(door.open(), door.open)
    monkeypatch.setattr(source._closed, "wait", wall.wait)
    return source


def clip(*indices: int) -> Feed:
    return Feed(*map(frame, indices), None)


def test_frames_go_on_in_number_and_the_lost_ones_are_closed(
    wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    feeds = clip(0, 1), clip(0, 1, 2), Feed(frame(0))
    source = reconnected(wall, monkeypatch, *feeds)
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


def test_after_a_gap_the_time_is_what_has_passed_since_the_first_frame(
    wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = reconnected(wall, monkeypatch, clip(0, 1), SourceError("no"), clip(7, 8))
    frames = iter(source)
    times_us = [next(frames).timestamp_us]
    wall.now_us += STEP_US
    times_us += [next(frames).timestamp_us for _ in range(3)]
    assert wall.waits_s == [0.5, 1.0]
    back_us = STEP_US + 1_500_000
    assert times_us == [0, STEP_US, back_us, back_us + STEP_US]


def test_what_is_stored_when_it_is_opened_does_not_add_up_over_the_gaps(
    wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = reconnected(wall, monkeypatch, *(clip(0, 60) for _ in range(4)))
    frames = iter(source)
    firsts_us, late_us = [], 60 * STEP_US
    for _ in range(4):
        wall.now_us += late_us  # the first frame is so late, the second is not
        firsts_us.append(next(frames).timestamp_us)
        next(frames)
    assert firsts_us == [0, *((n + 1) * late_us + n * 500_000 for n in (1, 2, 3))]


def test_times_increase_even_if_the_clock_of_the_stream_runs_ahead(
    wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = reconnected(wall, monkeypatch, clip(0), clip(0, 900), clip(0))
    frames = iter(source)
    times_us = [next(frames).timestamp_us for _ in range(4)]
    assert times_us == [0, 500_000, 500_000 + 900 * STEP_US, 500_001 + 900 * STEP_US]


def test_attempts_are_further_and_further_apart_until_one_succeeds(
    wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    silence = [SourceError("no data")] * 6
    source = reconnected(wall, monkeypatch, clip(0), *silence, clip(0), *silence[:2], clip(0))
    frames = iter(source)
    assert len([next(frames) for _ in range(3)]) == 3
    assert wall.waits_s == [0.5, 1, 2, 4, 8, 8, 8, 0.5, 1, 2]
    assert source.n_gaps == 2


def test_an_error_while_reading_is_a_loss_too(wall: Wall, monkeypatch: pytest.MonkeyPatch) -> None:
    source = reconnected(wall, monkeypatch, Feed(frame(0), SourceError("unplugged")), clip(0))
    frames = iter(source)
    assert [next(frames).index for _ in range(2)] == [0, 1]
    assert source.warnings == [
        "unplugged",
        "feed: connection lost after 1 frames, reconnecting",
    ]


def test_another_error_is_not_tried_again(wall: Wall, monkeypatch: pytest.MonkeyPatch) -> None:
    source = reconnected(wall, monkeypatch, Feed(frame(0), TypeError("a mistake")))
    with pytest.raises(TypeError, match="a mistake"):
        list(source)


def test_failed_attempts_are_logged_with_their_reason(
    wall: Wall, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    source = reconnected(wall, monkeypatch, clip(0), SourceError("no camera 0"), clip(0))
    frames = iter(source)
    with caplog.at_level(logging.INFO):
        next(frames), next(frames)
    assert [record.message for record in caplog.records] == [
        "feed: connection lost after 1 frames, reconnecting",
        "no camera 0; next retry in 1 s",
        "feed: reconnected",
    ]


@pytest.mark.parametrize("number", [97, "97", "/dev/video97", "rtsp://127.0.0.1:1/camera"])
def test_what_was_never_there_is_an_error_at_once(number: object) -> None:
    with pytest.raises(SourceError):
        open_input(number, live=True)


def test_closing_ends_the_wait_for_the_next_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reopening, "FIRST_DELAY_S", 1000.0)
    source = ReconnectingSource(clip(0), clip)
    reader = Thread(target=list, args=(source,))
    reader.start()
    until(lambda: source.warnings)
    source.close()
    reader.join(10)
    assert not reader.is_alive()


def test_what_is_opened_while_it_is_closed_is_closed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reopening, "FIRST_DELAY_S", 0.0)
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
