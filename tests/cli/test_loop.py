from __future__ import annotations

import json
import os
import signal
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from vitruvian.cli.loop import Run, follow, found
from vitruvian.cli.report import fate, print_run
from vitruvian.core.frame import Frame
from vitruvian.core.pose import PoseResult
from vitruvian.errors import SourceError
from vitruvian.export import open_output
from vitruvian.media.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from vitruvian.export import Sink


class Frames(Source):
    """Empty frames; Ctrl-C is pressed, or another signal sent, while some of them are read."""

    def __init__(
        self,
        count: int,
        *,
        ctrl_c_at: tuple[int, ...] = (),
        number: int = signal.SIGINT,
    ) -> None:
        super().__init__("frames")
        self.n_frames = count
        self._ctrl_c_at = ctrl_c_at
        self._number = number

    def _read(self) -> Generator[Frame, None, None]:
        for index in range(self.n_frames or 0):
            if index in self._ctrl_c_at:
                os.kill(os.getpid(), self._number)
            yield Frame(np.zeros((4, 6, 3), np.uint8), timestamp_us=index, index=index)


def nobody(frame: Frame) -> PoseResult:
    return PoseResult(frame.index, frame.timestamp_us, frame.width, frame.height)


def run_of(
    source: Source,
    sink: Sink,
    find: Callable[[Frame], PoseResult] = nobody,
    *,
    limit: int | None = None,
    **options: Any,
) -> Run:
    run = Run(source.name)
    follow(run, islice(found(source, find, run.timer), limit), sink, **options)
    return run


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def indices_in(path: Path) -> list[int]:
    return [json.loads(row)["frame_index"] for row in path.read_text().splitlines()]


def test_every_frame_is_found_and_written(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    run = run_of(Frames(5), open_output(path))
    assert indices_in(path) == [0, 1, 2, 3, 4]
    assert (run.n_frames, run.n_with_pose, run.is_interrupted) == (5, 0, False)
    assert {stage: times.count for stage, times in run.timer.stats.items()} == {
        "read": 5,
        "find": 5,
        "write": 5,
    }


def test_how_far_it_is_is_told_before_the_first_frame_and_after_each(tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    sink = open_output(tmp_path / "out.jsonl")
    run_of(Frames(3), sink, n_frames=3, tell=lambda *at: told.append(at))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_limit_ends_the_run_and_the_output_is_complete(tmp_path: Path) -> None:
    run = run_of(Frames(5), open_output(tmp_path / "out.jsonl"), limit=2)
    assert indices_in(tmp_path / "out.jsonl") == [0, 1]
    assert not run.is_interrupted


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("is_endless", [False, True])
def test_a_signal_finishes_the_frame_in_work(tmp_path: Path, number: int, is_endless: bool) -> None:
    frames = Frames(9, ctrl_c_at=(3,), number=number)
    run = run_of(frames, open_output(tmp_path / "out.jsonl"), is_endless=is_endless)
    assert run.is_interrupted
    kept = "out.jsonl" if is_endless else "out.partial.jsonl"  # a recording has more frames
    assert names(tmp_path) == [kept]
    assert indices_in(tmp_path / kept) == [0, 1, 2, 3]


def test_an_output_from_before_is_not_replaced_by_one_that_is_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    run_of(Frames(9), open_output(path))
    run_of(Frames(9, ctrl_c_at=(3,)), open_output(path))
    assert indices_in(path) == list(range(9))


@pytest.mark.parametrize("is_endless", [False, True])
def test_second_ctrl_c_does_not_wait(tmp_path: Path, is_endless: bool) -> None:
    def slow(frame: Frame) -> PoseResult:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        return nobody(frame)

    run = run_of(Frames(9), open_output(tmp_path / "out.jsonl"), slow, is_endless=is_endless)
    assert run.is_interrupted
    assert run.n_frames == 0
    assert names(tmp_path) == []


@pytest.mark.parametrize("is_endless", [False, True])
def test_ctrl_c_does_not_wait_for_a_live_source(tmp_path: Path, is_endless: bool) -> None:
    def results() -> Iterator[tuple[Frame, PoseResult]]:
        for frame in Frames(3):
            yield frame, nobody(frame)
        os.kill(os.getpid(), signal.SIGINT)
        pytest.fail("no frame comes any more")

    run = Run("camera")
    sink = open_output(tmp_path / "out.jsonl")
    follow(run, results(), sink, is_live=True, is_endless=is_endless)
    assert (run.n_frames, run.is_interrupted) == (3, True)
    assert names(tmp_path) == ["out.jsonl" if is_endless else "out.partial.jsonl"]


def test_ctrl_c_does_not_disturb_what_is_done_after_the_last_frame(tmp_path: Path) -> None:
    class Slow:
        def __init__(self, sink: Sink) -> None:
            self._sink = sink
            self.write = sink.write
            self.close = sink.close

        def __enter__(self) -> Slow:
            return self

        def __exit__(self, *error: object) -> None:
            for _ in range(3):
                os.kill(os.getpid(), signal.SIGINT)
            self._sink.__exit__(*error)  # type: ignore[arg-type]

    run = run_of(Frames(3), Slow(open_output(tmp_path / "out.jsonl")))
    assert not run.is_interrupted
    assert indices_in(tmp_path / "out.jsonl") == [0, 1, 2]


def test_only_complete_outputs_are_said_to_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, pictures = tmp_path / "a.csv", tmp_path / "{frame}.png"
    run = run_of(Frames(9, ctrl_c_at=(3,)), open_output(path, pictures))
    print_run(run, [path, pictures])
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("frames: 4 frames, somebody in 0, ")
    assert printed[1:] == [f"wrote {pictures}"]
    assert fate(run, [path, pictures]) == (
        f"interrupted after 4 frames; kept: {pictures}; "
        f"'{path}': what was written so far is kept in '{tmp_path / 'a.partial.csv'}'"
    )


def test_nothing_is_said_to_be_written_where_no_frame_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(frame: Frame) -> PoseResult:
        raise KeyboardInterrupt

    path = tmp_path / "out.jsonl"
    run = run_of(Frames(9), open_output(path), interrupted)
    print_run(run, [path])
    assert capsys.readouterr().out == "frames: 0 frames, somebody in 0\n"
    assert fate(run, [path]) == "interrupted after 0 frames; nothing is kept"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_handler_is_put_back(tmp_path: Path, number: int) -> None:
    before = signal.getsignal(number)
    run_of(Frames(2), open_output(tmp_path / "out.jsonl"))
    assert signal.getsignal(number) is before


def test_error_in_the_middle_keeps_the_frames_so_far(tmp_path: Path) -> None:
    def failing(frame: Frame) -> PoseResult:
        if frame.index == 2:
            raise SourceError("the cable came out")
        return nobody(frame)

    with pytest.raises(SourceError, match="cable"):
        run_of(Frames(9), open_output(tmp_path / "out.jsonl"), failing)
    assert indices_in(tmp_path / "out.partial.jsonl") == [0, 1]
