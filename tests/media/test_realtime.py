"""`RealTime` plays recordings in real time."""

from __future__ import annotations

import time
from itertools import pairwise
from threading import Thread
from typing import TYPE_CHECKING

from tests.media.feeds import STEP_US, Feed, frame, until

from vitruvian import open_input
from vitruvian.media import realtime
from vitruvian.media.realtime import RealTime

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest


class FakeClock:
    """A clock that advances by every wait."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, source: RealTime) -> None:
        self.now_us = 5_000_000
        monkeypatch.setattr(realtime.time, "monotonic_ns", lambda: self.now_us * 1000)
        monkeypatch.setattr(source._closed, "wait", self._wait)

    def _wait(self, seconds: float) -> bool:
        self.now_us += max(round(seconds * 1e6), 0)
        return False


def test_frames_are_delayed_to_their_timestamps(monkeypatch: pytest.MonkeyPatch) -> None:
    source = RealTime(Feed(frame(0), frame(1), frame(4), None))
    clock = FakeClock(monkeypatch, source)
    given_us = [clock.now_us for _ in source]
    assert given_us == [5_000_000 + i * STEP_US for i in (0, 1, 4)]


def test_the_first_frame_is_not_delayed(monkeypatch: pytest.MonkeyPatch) -> None:
    source = RealTime(Feed(frame(900), frame(901), None))
    clock = FakeClock(monkeypatch, source)
    assert [clock.now_us for _ in source] == [5_000_000, 5_000_000 + STEP_US]


def test_a_late_reader_gets_overdue_frames_without_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    source = RealTime(Feed(*map(frame, range(4)), None))
    clock = FakeClock(monkeypatch, source)
    frames = iter(source)
    next(frames)
    clock.now_us += 2 * STEP_US + 10
    late_us = clock.now_us
    assert [(next(frames).index, clock.now_us) for _ in range(3)] == [
        (1, late_us),
        (2, late_us),
        (3, 5_000_000 + 3 * STEP_US),
    ]


def test_a_clip_plays_for_its_duration(make_clip: Callable[..., Path]) -> None:
    path = make_clip()
    start_s = time.monotonic()
    with open_input(path, live=True) as source:
        indices = [shown.index for shown in source]
    assert time.monotonic() - start_s >= 9 * 0.04
    assert indices == list(range(10))
    assert all(a < b for a, b in pairwise(indices))


def test_attributes_equal_those_of_the_recording_but_is_live(
    make_clip: Callable[..., Path],
) -> None:
    path = make_clip()
    with open_input(path, live=True) as source, open_input(path) as recording:
        assert type(source) is RealTime
        for attribute in ("name", "path", "fps", "n_frames", "wh"):
            assert getattr(source, attribute) == getattr(recording, attribute)
        assert (source.is_live, recording.is_live) == (True, False)


def test_close_ends_the_wait_for_a_frame_and_closes_the_recording() -> None:
    feed = Feed(frame(0), frame(1_000_000))
    source = RealTime(feed)
    indices: list[int] = []
    reader = Thread(target=lambda: indices.extend(shown.index for shown in source))
    reader.start()
    until(lambda: feed._items.empty() and source._reading.locked())
    source.close()
    reader.join(10)
    assert not reader.is_alive()
    assert feed.released.is_set()
    assert indices == [0]


def test_warnings_of_the_recording_are_passed_on() -> None:
    feed = Feed()
    source = RealTime(feed)
    feed._log_warning("a page is missing")
    assert source.warnings == ["a page is missing"]
