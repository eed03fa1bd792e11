"""`ReadAhead` returns the frames of the source, with bounded memory, and ends its thread."""

from __future__ import annotations

import gc
import threading
import time
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.media.feeds import until

from vitruvian import Frame, open_input
from vitruvian.errors import SourceError
from vitruvian.media.read_ahead import ReadAhead
from vitruvian.media.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path


class Clip(Source):
    """Grey frames whose brightness is their index; then an error, if given."""

    def __init__(self, count: int, *, error: BaseException | None = None) -> None:
        super().__init__("clip")
        self.n_frames, self.fps, self.wh = count, 25.0, (6, 4)
        self.n_read = 0
        self.n_releases = 0
        self._error = error

    def _read(self) -> Generator[Frame, None, None]:
        for index in range(self.n_frames or 0):
            self.n_read += 1
            yield Frame(np.full((4, 6, 3), index % 256, np.uint8), 40_000 * index, index)
        if self._error is not None:
            self._log_warning("that was the last one")
            raise self._error

    def has_read(self, count: int) -> bool:
        return self.n_read == count

    def _release(self) -> None:
        self.n_releases += 1


def readers() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith("read-ahead")]


@pytest.fixture(autouse=True)
def _leaves_no_thread() -> Iterator[None]:
    yield
    assert readers() == []


def test_attributes_equal_those_of_the_source(make_clip: Callable[..., Path]) -> None:
    with open_input(make_clip()) as source, ReadAhead(source) as ahead:
        for name in ("name", "path", "fps", "n_frames", "wh", "is_live", "n_gaps", "warnings"):
            assert getattr(ahead, name) == getattr(source, name)


@pytest.mark.parametrize("depth", [1, 4, 100])
def test_frames_equal_those_of_the_source_and_are_not_overwritten(
    make_clip: Callable[..., Path], depth: int
) -> None:
    path = make_clip(wh=(320, 240))
    with open_input(path) as source:
        plain = [(frame.index, frame.timestamp_us, frame.image.copy()) for frame in source]
    with ReadAhead(open_input(path), depth=depth) as ahead:
        frames = list(ahead)  # all at once: no frame reuses the memory of another
    assert len(frames) == 10
    for frame, (index, timestamp_us, image) in zip(frames, plain, strict=True):
        assert (frame.index, frame.timestamp_us) == (index, timestamp_us)
        np.testing.assert_array_equal(frame.image, image)


def test_a_second_loop_continues_where_the_first_stopped() -> None:
    with ReadAhead(Clip(10)) as ahead:
        first = next(iter(ahead)).index
        assert [first, *(frame.index for frame in ahead)] == list(range(10))


@pytest.mark.parametrize("depth", [1, 3])
def test_at_most_depth_frames_are_buffered(depth: int) -> None:
    clip = Clip(100)
    with ReadAhead(clip, depth=depth) as ahead:
        for n_taken, _ in enumerate(ahead, start=1):
            until(partial(clip.has_read, min(100, n_taken + depth)))
            if n_taken == 5:
                time.sleep(0.05)  # time in which an unbounded reader would read on
                assert clip.n_read == 5 + depth


def test_reading_starts_with_the_first_request() -> None:
    clip = Clip(10)
    with ReadAhead(clip):
        assert clip.n_read == 0


def test_an_error_is_raised_after_the_frames_before_it() -> None:
    with ReadAhead(Clip(5, error=SourceError("the cable came out"))) as ahead:
        frames = iter(ahead)
        seen = [next(frames).index for _ in range(5)]
        with pytest.raises(SourceError, match="cable"):
            next(frames)
    assert seen == [0, 1, 2, 3, 4]
    assert ahead.warnings == ["that was the last one"]


def test_closing_in_the_middle_releases_the_source() -> None:
    clip = Clip(100)
    with ReadAhead(clip) as ahead:
        next(iter(ahead))
    assert readers() == []
    assert clip.n_releases == 1
    assert clip.n_read < 10
    with pytest.raises(ValueError, match="closed"):
        iter(ahead)


def test_an_error_in_the_loop_stops_the_thread() -> None:
    def interrupted_loop() -> None:
        with ReadAhead(Clip(100)) as ahead:
            for _ in ahead:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted_loop()
    assert readers() == []


@pytest.mark.parametrize("threads", [1, 3])
def test_frames_do_not_depend_on_the_number_of_threads(
    make_clip: Callable[..., Path], threads: int
) -> None:
    path = make_clip(wh=(320, 240))
    with open_input(path) as many, open_input(path, threads=threads) as few:
        for a, b in zip(many, few, strict=True):
            np.testing.assert_array_equal(a.image, b.image)


def test_threads_must_be_positive(make_clip: Callable[..., Path]) -> None:
    with pytest.raises(ValueError, match="threads must be a positive integer or None, got 0"):
        open_input(make_clip(), threads=0)


def test_depth_must_be_positive() -> None:
    with pytest.raises(ValueError, match="depth must be positive, got 0"):
        ReadAhead(Clip(1), depth=0)


def test_the_thread_of_a_source_that_is_never_closed_ends_with_it() -> None:
    clip = Clip(100)
    ahead = ReadAhead(clip)
    next(iter(ahead))
    assert len(readers()) == 1
    del ahead
    gc.collect()
    assert readers() == []
    assert clip.n_read < 10
