"""A screen shows pictures and hears keys; where there is none, the program goes on."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from vitruvian.compat.depthai_blazepose import window
from vitruvian.compat.depthai_blazepose.window import DOWN, LEFT, NO_KEY, RIGHT, UP, open_screen

if TYPE_CHECKING:
    from collections.abc import Iterator

PICTURE = np.zeros((40, 60, 3), np.uint8)

# Shows a blue and a red picture, hears keys that Tk itself makes, and closes a window.
PROGRAM = """
import numpy as np
from PIL import ImageGrab
from vitruvian.compat.depthai_blazepose.window import ESCAPE, open_screen

screen = open_screen()
blue = np.zeros((80, 120, 3), np.uint8)
blue[..., 0] = 250
screen.show_bgr("first", blue)
screen.show_bgr("second", blue[..., ::-1])
windows = screen._root.winfo_children()
for window, place in zip(windows, ("+0+0", "+300+0")):
    window.geometry(place)
screen.key(200)
seen = ImageGrab.grab(xdisplay="")
print(type(screen).__name__, seen.getpixel((60, 60)), seen.getpixel((360, 60)))
windows[0].focus_force()
screen.key(50)
for event in ("<KeyPress-q>", "<KeyPress-R>", "<KeyPress-Left>", "<KeyPress-Escape>"):
    windows[0].event_generate(event)
print([screen.key(50) for _ in range(5)])
screen._closed("second")
print(screen.key(0) == ESCAPE)
screen.show_bgr("first", blue)
screen.close()
"""


@pytest.fixture
def display() -> Iterator[str]:
    """A display that nobody looks at."""
    if shutil.which("Xvfb") is None:
        pytest.skip("needs Xvfb, a display in memory")
    pytest.importorskip("tkinter")
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "800x600x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    try:
        ready, _, _ = select.select([reader], [], [], 20)
        number = os.read(reader, 16).decode().strip() if ready else ""
        if not number:
            pytest.skip("Xvfb does not start")
        yield f":{number}"
    finally:
        os.close(reader)
        server.terminate()
        server.wait()


def test_without_a_display_nothing_is_shown_and_it_is_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    screen = open_screen()
    for _ in range(3):
        screen.show_bgr("picture", PICTURE)
        assert screen.key(0) == NO_KEY  # and does not wait for ever
    screen.close()
    assert caplog.messages == ["pictures are not shown: there is no display"]


def test_a_display_that_does_not_answer_is_none(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    if cv2.currentUIFramework():
        pytest.skip("this OpenCV has windows of its own")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("DISPLAY", ":4711")
    assert open_screen().key() == NO_KEY
    assert len(caplog.messages) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="X11")
def test_tk_shows_pictures_in_their_colours_and_hears_keys(display: str) -> None:
    if cv2.currentUIFramework():
        pytest.skip("this OpenCV has windows of its own")
    environment = {**os.environ, "DISPLAY": display}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "_TkScreen (0, 0, 250) (250, 0, 0)",
        f"[{ord('q')}, {ord('R')}, {LEFT}, 27, {NO_KEY}]",
        "True",
    ]


@pytest.mark.parametrize(
    ("codes", "keys"),
    [
        ([0xFF51, 0xFF52, 0xFF53, 0xFF54], [LEFT, UP, RIGHT, DOWN]),  # GTK, Qt
        ([0x250000, 0x260000, 0x270000, 0x280000], [LEFT, UP, RIGHT, DOWN]),  # Windows
        ([0xF702, 0xF700, 0xF703, 0xF701], [LEFT, UP, RIGHT, DOWN]),  # macOS
        ([ord("r"), 0xFFE1, ord("r"), ord("r")], [ord("r"), ord("R"), ord("r")]),  # Qt's Shift
        ([0x100000 + ord("q"), 27, -1], [ord("q"), 27, NO_KEY]),  # NumLock of GTK
    ],
)
def test_the_keys_of_opencv_are_the_same_on_all_systems(
    monkeypatch: pytest.MonkeyPatch, codes: list[int], keys: list[int]
) -> None:
    heard = iter(codes)
    monkeypatch.setattr(cv2, "waitKeyEx", lambda delay: next(heard))
    screen = window._OpenCvScreen()
    assert [screen.key() for _ in keys] == keys
