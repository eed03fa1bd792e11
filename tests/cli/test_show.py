"""`vitruvian track --show`: the window, its keys, and what is kept when it is closed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest
from PIL import Image, ImageGrab

from vitruvian.cli.demo import packaged_clip
from vitruvian.export import load_results
from vitruvian.media import open_input

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from typer.testing import Result

    Show = Callable[..., subprocess.Popen[str]]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="X11")

GREY = 90


@pytest.fixture
def show(display: str, tmp_path: Path) -> Iterator[Show]:
    """Start ``vitruvian track --show`` on a virtual display, in an empty folder."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str) -> subprocess.Popen[str]:
        main = "from vitruvian.cli.entry import main; main()"
        process = subprocess.Popen(
            [sys.executable, "-c", main, "track", *words, "-m", "lite", "--show"],
            cwd=tmp_path,
            env={**os.environ, "DISPLAY": display},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def wait_for_screen(display: str, is_expected: Callable[[Image.Image], bool]) -> Image.Image:
    """Return the content of the screen as soon as it is the expected one."""
    for _ in range(300):
        seen = ImageGrab.grab(xdisplay=display).convert("RGB")
        if is_expected(seen):
            return seen
        time.sleep(0.1)
    pytest.fail("the window does not show the expected image")


def press(display: str, key: str) -> None:
    if shutil.which("xdotool") is None:
        pytest.skip("needs xdotool, which presses keys")
    words = ["xdotool", "mousemove", "20", "20", "key", key]
    subprocess.run(words, env={**os.environ, "DISPLAY": display}, check=True, timeout=20)


def long_video(path: Path) -> None:
    """Write 6000 grey frames."""
    frame = av.VideoFrame.from_ndarray(np.full((64, 96, 3), GREY, np.uint8))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for _ in range(6000):
            frame.pts = None
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def photo(path: Path, size: tuple[int, int]) -> None:
    """Write a photo of a person."""
    with packaged_clip() as clip, open_input(clip) as source:
        image = next(frame.image for frame in source if frame.index == 29)
    Image.fromarray(image).resize(size).save(path)


@pytest.mark.weights
@pytest.mark.parametrize("factor", [1, 2], ids=["fits", "larger than the screen"])
@pytest.mark.parametrize("end", ["q", "Escape", signal.SIGINT])
def test_window_of_an_image_shows_the_written_overlay_until_it_is_closed(
    show: Show, display: str, tmp_path: Path, factor: int, end: str | int
) -> None:
    photo(tmp_path / "photo.png", (640 * factor, 480 * factor))
    process = show("photo.png", "-o", "drawn.png", "-o", "poses.csv")
    assert process.stdout is not None
    assert process.stdout.readline() == "photo.png: 1 frame, people in 1\n"
    drawn = Image.open(tmp_path / "drawn.png").reduce(factor)
    assert len(load_results(tmp_path / "poses.csv")[0]) == 1
    screen = wait_for_screen(
        display, lambda seen: seen.crop((0, 0, 640, 480)).tobytes() == drawn.tobytes()
    )
    assert screen.getpixel((700, 20)) == (0, 0, 0)
    assert process.poll() is None
    if isinstance(end, str):
        press(display, end)
    else:
        process.send_signal(end)
    _, stderr = process.communicate(timeout=30)
    assert (process.returncode, stderr) == (0, "")


@pytest.mark.weights
@pytest.mark.parametrize("key", ["q", "Escape"])
def test_closing_the_window_of_a_video_ends_the_run_as_ctrl_c_does(
    show: Show, display: str, tmp_path: Path, key: str
) -> None:
    long_video(tmp_path / "long.mp4")
    process = show("long.mp4", "-o", "long.jsonl")
    wait_for_screen(display, lambda seen: abs(seen.getpixel((20, 20))[0] - GREY) < 5)
    press(display, key)
    _, stderr = process.communicate(timeout=30)
    n_frames = len(load_results(tmp_path / "long.partial.jsonl"))
    assert 0 < n_frames < 6000
    assert process.returncode == 130
    assert f"interrupted after {n_frames} frames; 'long.jsonl': what was written so far" in stderr


@pytest.mark.weights
def test_window_of_a_video_closes_at_its_end(show: Show, empty_room: Path, tmp_path: Path) -> None:
    process = show(str(empty_room), "-o", "room.jsonl")
    _, stderr = process.communicate(timeout=30)
    assert (process.returncode, stderr) == (0, "")
    assert len(load_results(tmp_path / "room.jsonl")) == 12


@pytest.mark.parametrize(
    ("display_name", "reason"),
    [("", "there is no display"), (":4711", 'couldn\'t connect to display ":4711"')],
)
def test_without_a_display_it_is_one_line_before_anything_is_written(
    vitruvian: Callable[..., Result],
    empty_room: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    display_name: str,
    reason: str,
) -> None:
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", display_name)
    result = vitruvian("track", empty_room, "-m", "lite", "--show")
    assert result.exit_code == 1
    assert result.stderr == f"error: can't open a window: {reason}\n"
    assert list(tmp_path.iterdir()) == []


def test_several_inputs_cannot_be_shown(
    vitruvian: Callable[..., Result], empty_room: Path, tmp_path: Path
) -> None:
    shutil.copy(empty_room, tmp_path / "other.mp4")
    result = vitruvian("track", empty_room, "other.mp4", "--show")
    assert result.exit_code == 2
    assert result.stderr == "error: --show must have a single input, got 2\n"
    assert [path.name for path in tmp_path.iterdir()] == ["other.mp4"]
