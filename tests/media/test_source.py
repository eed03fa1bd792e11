"""Manners of every source: who may close it, and when."""

from __future__ import annotations

import logging
from threading import Thread
from typing import TYPE_CHECKING

from tests.media.feeds import Feed, frame, until

if TYPE_CHECKING:
    import pytest


def read_all(feed: Feed) -> tuple[Thread, list[int]]:
    """Read on another thread."""
    indices: list[int] = []
    thread = Thread(target=lambda: indices.extend(shown.index for shown in feed))
    thread.start()
    return thread, indices


def test_a_source_closed_under_its_reader_is_released_when_the_wait_is_over() -> None:
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


def test_an_error_in_a_wait_under_which_the_source_was_closed_releases_it_too() -> None:
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


def test_a_source_closed_between_two_frames_is_released_at_once() -> None:
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
