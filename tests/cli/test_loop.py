from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING

import numpy as np
import pytest

from vitruvian.cli.loop import follow, print_run, stop_if_interrupted
from vitruvian.core.frame import Frame
from vitruvian.core.pose import PoseResult
from vitruvian.errors import SourceError
from vitruvian.export import open_sink
from vitruvian.export.sink import FileSink, SinkGroup
from vitruvian.export.spool import SpooledWriter
from vitruvian.media.source import Source

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


class Frames(Source):
    """Empty frames; Ctrl-C is pressed, or another signal sent, while some of them are read."""

    def __init__(
        self, count: int, *, ctrl_c_at: tuple[int, ...] = (), number: int = signal.SIGINT
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


def indices_in(path: Path) -> list[int]:
    return [json.loads(row)["frame"] for row in path.read_text().splitlines()]


def test_every_frame_is_found_and_written(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    run = follow(Frames(5), nobody, open_sink(path), quiet=True)
    assert indices_in(path) == [0, 1, 2, 3, 4]
    assert (run.n_frames, run.n_with_pose, run.is_interrupted) == (5, 0, False)
    assert {stage: times.count for stage, times in run.timer.stats.items()} == {
        "read": 5,
        "find": 5,
        "write": 5,
    }


def test_limit_ends_the_run(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    run = follow(Frames(5), nobody, open_sink(path), limit=2, quiet=True)
    assert indices_in(path) == [0, 1]
    assert not run.is_interrupted


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_finishes_the_frame_in_work_and_completes_the_outputs(
    tmp_path: Path, number: int
) -> None:
    path = tmp_path / "out.jsonl"
    frames = Frames(9, ctrl_c_at=(3,), number=number)
    run = follow(frames, nobody, open_sink(path), quiet=True)
    assert indices_in(path) == [0, 1, 2, 3]
    assert run.is_interrupted
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.jsonl"]


def test_second_ctrl_c_does_not_wait(tmp_path: Path) -> None:
    def slow(frame: Frame) -> PoseResult:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        return nobody(frame)

    run = follow(Frames(9), slow, open_sink(tmp_path / "out.jsonl"), quiet=True)
    assert run.is_interrupted
    assert run.n_frames == 0
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_is_not_completed_is_not_said_to_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def finish_of_an_impatient(results: object, path: Path) -> None:
        raise KeyboardInterrupt

    whole, cut = tmp_path / "a.csv", tmp_path / "b.npz"
    spooled = FileSink(cut, lambda path: SpooledWriter(path, ".npz", finish_of_an_impatient))
    sink = SinkGroup([open_sink(whole), spooled])
    run = follow(Frames(9, ctrl_c_at=(3,)), nobody, sink, quiet=True)
    print_run(run, [whole, cut])
    assert f"wrote {whole}" in capsys.readouterr().out.splitlines()[1:]
    partial = tmp_path / "b.partial.jsonl"
    assert indices_in(partial) == [0, 1, 2, 3]
    with pytest.raises(KeyboardInterrupt) as caught:
        stop_if_interrupted(run, [whole, cut])
    assert str(caught.value) == (
        f"interrupted after 4 frames; kept: {whole}; "
        f"'{cut}': what was written so far is kept in '{partial}'"
    )


def test_nothing_is_said_to_be_written_where_no_frame_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(frame: Frame) -> PoseResult:
        raise KeyboardInterrupt

    path = tmp_path / "out.jsonl"
    run = follow(Frames(9), interrupted, open_sink(path), quiet=True)
    print_run(run, [path])
    assert capsys.readouterr().out == "frames: 0 frames, somebody in 0\n"
    with pytest.raises(KeyboardInterrupt, match=r"after 0 frames; kept: nothing$"):
        stop_if_interrupted(run, [path])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_handler_is_put_back(tmp_path: Path, number: int) -> None:
    before = signal.getsignal(number)
    follow(Frames(2), nobody, open_sink(tmp_path / "out.jsonl"), quiet=True)
    assert signal.getsignal(number) is before


def test_error_in_the_middle_keeps_the_frames_so_far(tmp_path: Path) -> None:
    def failing(frame: Frame) -> PoseResult:
        if frame.index == 2:
            raise SourceError("the cable came out")
        return nobody(frame)

    with pytest.raises(SourceError, match="cable"):
        follow(Frames(9), failing, open_sink(tmp_path / "out.jsonl"), quiet=True)
    assert indices_in(tmp_path / "out.partial.jsonl") == [0, 1]
