"""Several inputs, in processes or one after the other: failures, interruptions, resuming."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from vitruvian.export import load_results

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typer.testing import Result

    Program = Callable[..., Result]

pytestmark = pytest.mark.weights

LANDMARKS = ("-m", "lite", "-o", "{name}.jsonl")


def make_room(path: Path, n_frames: int) -> None:
    """Encode a video of grey frames, without people."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for number in range(n_frames):
            image = np.full((64, 96, 3), number % 200, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image)))
        container.mux(stream.encode())


@pytest.fixture
def rooms(tmp_path: Path) -> list[str]:
    """Three videos; the last one is the longest."""
    for name, n_frames in (("a", 5), ("b", 7), ("c", 30)):
        make_room(tmp_path / f"{name}.mp4", n_frames)
    return ["a.mp4", "b.mp4", "c.mp4"]


def n_frames_in(*paths: Path) -> list[int]:
    return [len(load_results(path)) for path in paths]


def names(folder: Path, pattern: str = "*") -> list[str]:
    return sorted(path.name for path in folder.glob(pattern))


@pytest.mark.parametrize("n", [1, 2])
def test_each_input_gives_the_same_results_as_alone(
    vitruvian: Program, rooms: list[str], tmp_path: Path, n: int
) -> None:
    together = vitruvian("track", *rooms, "--jobs", n, "-m", "lite", "-o", "out/{name}.json")
    assert together.exit_code == 0, together.output
    for room in rooms:
        alone = vitruvian("track", room, "-m", "lite", "-o", "{name}.json")
        assert alone.stdout.splitlines()[0].split(", ")[0] in together.stdout
    for name in ("a.json", "b.json", "c.json"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / name).read_bytes()


@pytest.mark.parametrize("n", [1, 2])
def test_a_job_that_fails_does_not_stop_the_others_and_is_reported_at_the_end(
    vitruvian: Program, rooms: list[str], tmp_path: Path, n: int
) -> None:
    (tmp_path / "text.mp4").write_text("not a video")
    make_room(tmp_path / "cut.mkv", 200)
    os.truncate(tmp_path / "cut.mkv", (tmp_path / "cut.mkv").stat().st_size // 2)
    words = ("text.mp4", "cut.mkv", *rooms, "absent.mp4")
    result = vitruvian("track", *words, "--jobs", n, *LANDMARKS)
    assert result.exit_code == 1
    assert n_frames_in(*map(tmp_path.joinpath, ("a.jsonl", "b.jsonl", "c.jsonl"))) == [5, 7, 30]
    assert result.stdout.splitlines()[-1].startswith("6 inputs, 2 failed: ")
    warning, *errors = result.stderr.splitlines()
    assert warning.startswith("warning: cut.mkv: ")
    assert errors == [  # in the order of the inputs
        "error: text.mp4: unreadable: can't open 'text.mp4': Invalid data found when processing "
        "input (not a video, or damaged)",
        "error: absent.mp4: unreadable: can't read 'absent.mp4': No such file or directory",
    ]


def test_a_wrong_option_is_one_error_and_writes_nothing(
    vitruvian: Program, rooms: list[str], tmp_path: Path
) -> None:
    result = vitruvian("track", *rooms, "--crop", "none")
    assert result.exit_code == 2
    assert result.stderr == "error: crop must be one of ['letterbox', 'center'], got 'none'\n"
    assert names(tmp_path) == rooms


def test_quiet_prints_nothing(vitruvian: Program, rooms: list[str]) -> None:
    assert vitruvian("track", *rooms, "--jobs", 1, "-q", *LANDMARKS).output == ""


def test_a_terminal_shows_a_bar_for_each_input_and_one_for_all(
    vitruvian: Program, rooms: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    shown = vitruvian("track", *rooms, "--jobs", 1, *LANDMARKS).stderr
    assert "all" in shown
    assert "inputs" in shown
    assert "c.mp4" in shown


def test_resume_tracks_incomplete_inputs(
    vitruvian: Program, rooms: list[str], tmp_path: Path
) -> None:
    words = ("track", *rooms, "--resume", *LANDMARKS)
    vitruvian("track", "b.mp4", *LANDMARKS)
    (tmp_path / "c.jsonl").touch()
    os.utime(tmp_path / "c.jsonl", (1000, 1000))
    (tmp_path / "a.partial.jsonl").touch()
    first = vitruvian(*words)
    assert "skipped b.mp4: its outputs are complete\n" in first.stdout
    assert "2 inputs: 35 frames" in first.stdout
    again = vitruvian(*words)
    assert again.exit_code == 0
    assert again.stdout == "".join(f"skipped {n}: its outputs are complete\n" for n in rooms)


def test_resume_tracks_again_what_differs_and_says_why(
    vitruvian: Program, rooms: list[str], tmp_path: Path
) -> None:
    words = ("track", *rooms, *LANDMARKS)
    vitruvian(*words)
    vitruvian("track", "b.mp4", *LANDMARKS, "--limit", 2)
    os.utime("a.mp4", (1000, 1000))
    result = vitruvian(*words, "--resume")
    assert result.exit_code == 0, result.output
    assert "a.mp4: tracked again: the input has changed since 'a.jsonl' was made\n" in result.stdout
    reason = "'b.jsonl' was made with other settings: limit was 2, is None"
    assert f"b.mp4: tracked again: {reason}\n" in result.stdout
    assert "skipped c.mp4: its outputs are complete\n" in result.stdout
    assert n_frames_in(tmp_path / "a.jsonl", tmp_path / "b.jsonl") == [5, 7]
    (tmp_path / "c.jsonl").unlink()
    result = vitruvian(*words, "--resume")
    assert "c.mp4: tracked again" not in result.stdout  # it was not there
    assert "1 input: 30 frames" in result.stdout


# --- processes ---


@pytest.fixture(scope="session")
def long_room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("long") / "room.mp4"
    make_room(path, 6000)
    return path


@pytest.fixture
def long_run(tmp_path: Path, long_room: Path) -> Iterator[subprocess.Popen[str]]:
    """The program with three long videos, while it tracks two of them."""
    for name in ("a.mp4", "b.mp4", "c.mp4"):
        (tmp_path / name).symlink_to(long_room)
    words = ["track", "a.mp4", "b.mp4", "c.mp4", "--jobs", "2", *LANDMARKS]
    program = subprocess.Popen(
        [sys.executable, "-c", "from vitruvian.cli.main import run; run()", *words],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    until(lambda: len([p for p in tmp_path.glob(".*.tmp") if p.stat().st_size]) == 2)
    yield program
    program.kill()
    program.communicate()


def until(condition: Callable[[], bool]) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.1)
    pytest.fail("the condition has not come true in 60 s")


def children_of(pid: int) -> list[Path]:
    """The worker processes, without the resource tracker of multiprocessing."""
    found = [
        Path(f"/proc/{p}") for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    ]
    return [path for path in found if b"spawn_main" in (path / "cmdline").read_bytes()]


def blocks_sigint(process: Path) -> bool:
    (mask,) = re.findall(r"SigBlk:\s(\w+)", (process / "status").read_text())
    return bool(int(mask, 16) >> (signal.SIGINT - 1) & 1)


def has_ended(process: Path) -> bool:
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.slow
@pytest.mark.parametrize("to", ["program", "terminal"])
def test_ctrl_c_keeps_the_frames_so_far_of_each(
    long_run: subprocess.Popen[str], tmp_path: Path, to: str
) -> None:
    workers = children_of(long_run.pid)
    assert len(workers) == 2
    assert all(map(blocks_sigint, workers))
    if to == "program":
        long_run.send_signal(signal.SIGINT)
    else:
        os.killpg(long_run.pid, signal.SIGINT)
    _, stderr = long_run.communicate(timeout=60)
    assert long_run.returncode == 130
    assert all(map(has_ended, workers))
    assert names(tmp_path, "*.jsonl") == ["a.partial.jsonl", "b.partial.jsonl"]
    counts = n_frames_in(tmp_path / "a.partial.jsonl", tmp_path / "b.partial.jsonl")
    assert all(0 < count < 6000 for count in counts)
    *reports, last = stderr.splitlines()
    assert sorted(reports) == [
        f"{name}.mp4: interrupted after {count} frames; '{name}.jsonl': "
        f"what was written so far is kept in '{name}.partial.jsonl'"
        for name, count in zip("ab", counts, strict=True)
    ]
    assert last == "interrupted after 0 of 3 inputs: --resume tracks the others"
    assert names(tmp_path, ".*") == []


@pytest.mark.slow
def test_workers_exit_when_the_program_is_killed(
    long_run: subprocess.Popen[str], tmp_path: Path
) -> None:
    workers = children_of(long_run.pid)
    long_run.kill()
    until(lambda: all(map(has_ended, workers)))
    assert names(tmp_path, "*.jsonl") == ["a.partial.jsonl", "b.partial.jsonl"]
    assert names(tmp_path, ".*") == []
