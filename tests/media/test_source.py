"""Behaviour of every source: closing from any thread, and warnings."""

from __future__ import annotations

import logging
from threading import Thread
from typing import TYPE_CHECKING

from tests.media.feeds import Feed, frame, until

if TYPE_CHECKING:
    import pytest


def read_all(feed: Feed) -> tuple[Thread, list[int]]:
    """Read in another thread."""
    indices: list[int] = []
    thread = Thread(target=lambda: indices.extend(shown.index for shown in feed))
    thread.start()
    return thread, indices


def test_a_source_closed_during_a_read_is_released_after_the_read() -> None:
    feed = Feed(frame(0))
    reader, indices = read_all(feed)
    until(lambda: indices == [0] or feed._reading.locked())
    until(feed._reading.locked)
    feed.close()
    assert not feed.released.is_set()
    feed.put(frame(1))
    reader.join(10)
    assert feed.released.is_set()
    assert indices == [0]


def test_a_source_closed_during_a_read_is_released_if_the_read_fails() -> None:
    feed = Feed()
    errors: list[Exception] = []

    def read() -> None:
        try:
            list(feed)
        except OSError as err:
            errors.append(err)

    reader = Thread(target=read)
    reader.start()
    until(feed._reading.locked)
    feed.close()
    feed.put(OSError("unplugged"))
    reader.join(10)
    assert feed.released.is_set()
    assert [str(err) for err in errors] == ["unplugged"]


def test_a_source_closed_between_two_frames_is_released_immediately() -> None:
    feed = Feed(frame(0), frame(1))
    frames = iter(feed)
    next(frames)
    closer = Thread(target=feed.close)
    closer.start()
    closer.join()
    assert feed.released.is_set()
    assert list(frames) == []


def test_the_last_100_warnings_are_kept_and_all_are_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    feed = Feed()
    with caplog.at_level(logging.WARNING):
        for number in range(120):
            feed._log_warning(str(number))
    assert feed.warnings == [str(number) for number in range(20, 120)]
    assert len(caplog.records) == 120
