"""Writing in a thread gives the files of a plain loop, in bounded memory, also after an error."""

from __future__ import annotations

import signal
import threading
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from vitruvian import Frame, PoseResult, load_results, open_input, open_output
from vitruvian.errors import SinkError
from vitruvian.export.write_behind import WriteBehind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian.export import Sink

NAMES = ("a.jsonl", "b.json", "c.csv", "d.npz", "e.mp4", "{frame}.png")


class RecordingSink:
    """A sink that records its calls; writing waits for `may_write` and may fail."""

    def __init__(self, *, fails_at: int | None = None) -> None:
        self.calls: list[Any] = []
        self.may_write = threading.Event()
        self.may_write.set()
        self.fails_at = fails_at

    def write(self, result: PoseResult, frame: Frame | None = None) -> None:
        assert self.may_write.wait(10)
        if result.frame_index == self.fails_at:
            raise SinkError("the disk is full")
        self.calls.append(result.frame_index)

    def close(self) -> None:
        self.calls.append("close")

    def __enter__(self) -> RecordingSink:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.calls.append(kind.__name__ if kind else "close")


def result(index: int) -> PoseResult:
    return PoseResult(index, 40_000 * index, 6, 4)


def frame_of(of: PoseResult) -> Frame:
    rng = np.random.default_rng(of.frame_index)
    image = rng.integers(0, 255, (of.height, of.width, 3), np.uint8)
    return Frame(image, of.timestamp_us, of.frame_index)


def write(sink: Sink, results: Iterable[PoseResult], error: BaseException | None = None) -> None:
    with sink:
        for one in results:
            sink.write(one, frame_of(one))
        if error is not None:
            raise error


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(autouse=True)
def _leaves_no_thread() -> Iterator[None]:
    yield
    assert [t for t in threading.enumerate() if t.name.startswith("write-behind")] == []


@pytest.mark.parametrize("error", [None, KeyboardInterrupt(), ZeroDivisionError()])
def test_files_are_those_of_a_plain_loop(
    tmp_path: Path, make_results: Callable[..., list[PoseResult]], error: BaseException | None
) -> None:
    results = make_results(*[1, 0, 2] * 5)
    made = {}
    for how in ("plain", "behind"):
        (tmp_path / how).mkdir()
        sink = open_output(*(tmp_path / how / name for name in NAMES))
        with suppress(KeyboardInterrupt, ZeroDivisionError):
            write(WriteBehind(sink) if how == "behind" else sink, results, error)
        made[how] = contents(tmp_path / how)
    assert len(made["plain"]) == 5 + len(results)
    assert made["behind"] == made["plain"]


def test_files_of_a_sink_that_fails_are_those_of_a_plain_loop(
    tmp_path: Path, make_results: Callable[..., list[PoseResult]]
) -> None:
    results = make_results(1, 1, 1, 1)
    bad = PoseResult(9, 0, 64, 48)  # the times of a video must increase
    made, messages = {}, {}
    for how in ("plain", "behind"):
        (tmp_path / how).mkdir()
        sink = open_output(tmp_path / how / "a.mp4", tmp_path / how / "b.csv")
        with pytest.raises(SinkError, match="timestamp_us must increase") as caught:
            write(WriteBehind(sink) if how == "behind" else sink, [*results, bad])
        made[how], messages[how] = contents(tmp_path / how), str(caught.value)
    assert sorted(made["plain"]) == ["a.partial.mp4", "b.csv"]
    assert made["behind"] == made["plain"]
    assert len(load_results(tmp_path / "behind" / "b.csv")) == 5


@pytest.mark.parametrize("depth", [1, 3])
def test_no_more_than_depth_frames_are_kept(depth: int) -> None:
    recorder = RecordingSink()
    alive: weakref.WeakValueDictionary[int, NDArray[np.uint8]] = weakref.WeakValueDictionary()
    most = 0
    with WriteBehind(recorder, depth=depth) as sink:
        for index in range(50):
            image = np.zeros((4, 6, 3), np.uint8)
            alive[index] = image
            sink.write(result(index), Frame(image))
            del image
            most = max(most, len(alive))
    assert recorder.calls == [*range(50), "close"]
    assert most <= depth


def test_write_waits_while_depth_frames_are_pending() -> None:
    recorder = RecordingSink()
    recorder.may_write.clear()
    taken: list[int] = []

    def write_all(sink: Sink) -> None:
        for index in range(10):
            sink.write(result(index))
            taken.append(index)

    with WriteBehind(recorder, depth=4) as sink:
        writer = threading.Thread(target=write_all, args=(sink,))
        writer.start()
        writer.join(0.2)
        assert taken == [0, 1, 2, 3]
        recorder.may_write.set()
        writer.join()
    assert recorder.calls == [*range(10), "close"]


def test_an_error_is_raised_by_a_later_write_and_nothing_is_written_after_it() -> None:
    recorder = RecordingSink(fails_at=3)
    results = map(result, range(100))
    with pytest.raises(SinkError, match="disk"):
        write(WriteBehind(recorder), results)
    assert next(results).frame_index < 10
    assert recorder.calls == [0, 1, 2, "SinkError"]


def test_an_error_of_the_last_frame_is_raised_on_leaving() -> None:
    recorder = RecordingSink(fails_at=3)
    with pytest.raises(SinkError, match="disk"):
        write(WriteBehind(recorder), map(result, range(4)))
    assert recorder.calls == [0, 1, 2, "SinkError"]


def test_an_error_is_raised_by_close() -> None:
    recorder = RecordingSink(fails_at=0)
    sink = WriteBehind(recorder)
    sink.write(result(0))
    with pytest.raises(SinkError, match="disk"):
        sink.close()
    assert recorder.calls == ["SinkError"]


def test_an_error_of_the_sink_comes_before_one_of_the_loop() -> None:
    recorder = RecordingSink(fails_at=3)
    with pytest.raises(SinkError, match="disk"):
        write(WriteBehind(recorder), map(result, range(4)), KeyboardInterrupt())
    assert recorder.calls == [0, 1, 2, "SinkError"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_accepted_frames_are_written_before_an_error_reaches_the_sink(
    error: type[BaseException],
) -> None:
    recorder = RecordingSink()
    recorder.may_write.clear()
    threading.Timer(0.1, recorder.may_write.set).start()
    with pytest.raises(error):
        write(WriteBehind(recorder), map(result, range(4)), error())
    assert recorder.calls == [0, 1, 2, 3, error.__name__]


def test_ctrl_c_while_the_rest_is_written_waits_for_it() -> None:
    recorder = RecordingSink()
    recorder.may_write.clear()
    main = threading.get_ident()
    threading.Timer(0.1, signal.pthread_kill, (main, signal.SIGINT)).start()
    threading.Timer(0.3, recorder.may_write.set).start()
    with pytest.raises(KeyboardInterrupt):
        write(WriteBehind(recorder), map(result, range(4)))
    assert recorder.calls == [0, 1, 2, 3, "KeyboardInterrupt"]


def test_a_closed_sink_takes_no_more_and_may_be_closed_again() -> None:
    recorder = RecordingSink()
    sink = WriteBehind(recorder)
    sink.close()
    sink.close()
    with pytest.raises(ValueError, match="the sink is closed"):
        sink.write(result(0))
    assert recorder.calls == ["close"]


@pytest.mark.parametrize("threads", [1, 3])
def test_a_video_plays_whatever_the_number_of_threads(
    tmp_path: Path, make_results: Callable[..., list[PoseResult]], threads: int
) -> None:
    results = make_results(*[1] * 30)
    write(WriteBehind(open_output(tmp_path / "a.mp4", threads=threads)), results)
    with open_input(tmp_path / "a.mp4") as frames:
        assert [f.timestamp_us for f in frames] == [r.timestamp_us for r in results]


def test_threads_must_be_positive(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="threads must be a positive integer or None, got 0"):
        open_output(tmp_path / "a.mp4", threads=0)
    assert list(tmp_path.iterdir()) == []


def test_the_sink_counts_written_frames() -> None:
    calls: list[int] = []
    with WriteBehind(
        RecordingSink(), on_written=lambda result: calls.append(result.frame_index)
    ) as sink:
        for i in range(3):
            sink.write(result(i))
    assert calls == [0, 1, 2]


def test_depth_must_be_positive() -> None:
    with pytest.raises(ValueError, match="depth must be positive, got 0"):
        WriteBehind(RecordingSink(), depth=0)


@pytest.mark.testdata
def test_a_drawn_clip_shows_the_same_frames_at_the_same_times(
    tmp_path: Path, testdata: Path
) -> None:
    made = {}
    for how in ("plain", "behind"):
        with open_input(testdata / "clips" / "yoga_floor.mp4") as source:
            sink = open_output(tmp_path / f"{how}.mp4", source=source)
            with WriteBehind(sink) if how == "behind" else sink as drawn:
                for frame in source:
                    size = frame.width, frame.height
                    drawn.write(PoseResult(frame.index, frame.timestamp_us, *size), frame)
        with open_input(tmp_path / f"{how}.mp4") as drawn_clip:
            made[how] = [(f.timestamp_us, f.image.astype(float)) for f in drawn_clip]
    for (time_us, image), (plain_us, plain) in zip(made["behind"], made["plain"], strict=True):
        assert time_us == plain_us
        assert abs(image - plain).mean() < 1  # the bytes of the encoder are not reproducible
