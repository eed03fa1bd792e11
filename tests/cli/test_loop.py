from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING

import numpy as np
import pytest

from vitruvian.cli.loop import follow
from vitruvian.core.frame import Frame
from vitruvian.core.pose import PoseResult
from vitruvian.errors import SourceError
from vitruvian.export import open_sink
from vitruvian.media.source import Source

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


class Frames(Source):
    """Empty frames; Ctrl-C is pressed while some of them are read."""

    def __init__(self, count: int, *, ctrl_c_at: tuple[int, ...] = ()) -> None:
        super().__init__("frames")
        self.n_frames = count
        self._ctrl_c_at = ctrl_c_at

    def _read(self) -> Generator[Frame, None, None]:
        for index in range(self.n_frames or 0):
            if index in self._ctrl_c_at:
                os.kill(os.getpid(), signal.SIGINT)
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


def test_ctrl_c_finishes_the_frame_in_work_and_completes_the_outputs(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    run = follow(Frames(9, ctrl_c_at=(3,)), nobody, open_sink(path), quiet=True)
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


def test_ctrl_c_handler_is_put_back(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    follow(Frames(2), nobody, open_sink(tmp_path / "out.jsonl"), quiet=True)
    assert signal.getsignal(signal.SIGINT) is before


def test_error_in_the_middle_keeps_the_frames_so_far(tmp_path: Path) -> None:
    def failing(frame: Frame) -> PoseResult:
        if frame.index == 2:
            raise SourceError("the cable came out")
        return nobody(frame)

    with pytest.raises(SourceError, match="cable"):
        follow(Frames(9), failing, open_sink(tmp_path / "out.jsonl"), quiet=True)
    assert indices_in(tmp_path / "out.partial.jsonl") == [0, 1]
