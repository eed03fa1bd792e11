"""The program on a real terminal: what is on the screen, and what happens when it is closed."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from contextlib import ExitStack, closing, suppress
from threading import Event, Thread
from typing import TYPE_CHECKING

import av
import pytest

from vitruvian.export import load_results

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    OpenTerminal = Callable[..., "Terminal"]

pytestmark = pytest.mark.weights

LONG = "somebody_walks_slowly_through_a_garden_in_the_evening"
_TOKEN = re.compile(r"\x1b\[\??([0-9;]*)([A-Za-z])|([\r\n])|([^\x1b\r\n]+)")


class Terminal:
    """A program in a pseudo-terminal of 1000 rows, whose screen can be read.

    It knows the control sequences that Rich writes: cursor up, erase line, colours, cursor on/off.
    """

    def __init__(self, folder: Path, *words: str, width: int) -> None:
        self.width = width
        self.master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 1000, width, 0, 0))
        program = "from vitruvian.cli.main import run; run()"
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, *words],
            cwd=folder,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=os.environ | {"TERM": "xterm-256color"},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        self.text = b""
        self._is_closed = Event()
        self._reader = Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        with suppress(OSError):  # the end of the program closes the other side
            while not self._is_closed.is_set():
                if select.select([self.master], [], [], 0.1)[0]:
                    self.text += os.read(self.master, 4096)

    def wait(self) -> int:
        """Return the exit code of the program."""
        return self.process.wait(timeout=120)

    def hang_up(self) -> None:
        """Close the window: the kernel sends SIGHUP to the program."""
        if not self._is_closed.is_set():
            self._is_closed.set()
            self._reader.join()
            os.close(self.master)

    def close(self) -> None:
        """End the program if it is still running."""
        self.process.kill()
        self.process.wait()
        self.hang_up()

    @property
    def screen(self) -> list[str]:
        """The lines on the screen, after the program has ended."""
        self._reader.join(timeout=20)
        rows, row, column = [""], 0, 0
        for match in _TOKEN.finditer(self.text.decode()):
            value, command, control, text = match.groups()
            if command == "A":
                row = max(0, row - int(value or 1))
            elif command == "K":
                rows[row] = ""
            elif control == "\r":
                column = 0
            elif control == "\n":
                row += 1
            for character in text or "":
                if column == self.width:
                    row, column = row + 1, 0
                rows += [""] * (row + 1 - len(rows))
                rows[row] = rows[row].ljust(column)
                rows[row] = rows[row][:column] + character + rows[row][column + 1 :]
                column += 1
            rows += [""] * (row + 1 - len(rows))
        return [line.rstrip() for line in rows]


@pytest.fixture
def open_terminal(tmp_path: Path) -> Iterator[OpenTerminal]:
    """Run the program in a terminal, in an empty folder."""
    with ExitStack() as opened:

        def open_(*words: str, width: int) -> Terminal:
            return opened.enter_context(closing(Terminal(tmp_path, *words, width=width)))

        yield open_


def make_room(path: Path, n_frames: int) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for _ in range(n_frames):
            container.mux(stream.encode(av.VideoFrame(96, 64, "yuv420p")))
        container.mux(stream.encode())


def until(condition: Callable[[], object]) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.1)
    pytest.fail("the condition has not come true in 60 s")


def written(folder: Path) -> list[Path]:
    return [path for path in folder.glob(".*.tmp") if path.stat().st_size]


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_lines_of_several_inputs_are_whole_and_only_the_bar_of_all_remains(
    open_terminal: OpenTerminal, tmp_path: Path, width: int
) -> None:
    for name in ("a", "b", LONG):
        make_room(tmp_path / f"{name}.mp4", 60)
    (tmp_path / "text.mp4").write_text("not a video")
    words = ("track", "a.mp4", "b.mp4", f"{LONG}.mp4", "text.mp4", "-m", "lite")
    terminal = open_terminal(*words, "-o", "{name}.csv", width=width)
    assert terminal.wait() == 1
    whole = "".join(line.ljust(width) for line in terminal.screen)
    for name in ("a", "b", LONG):
        assert re.search(rf"(^|\s){name}\.mp4: 60 frames, people in 0, [\d.]+ frames/s\s", whole)
        assert f"wrote {name}.csv " in whole
    assert "4 inputs, 1 failed: 180 frames" in whole
    assert "error: text.mp4: unreadable: can't open 'text.mp4': not a video, or damaged" in whole
    bars = [line for line in terminal.screen if "\u2501" in line]
    assert [bar.split()[0] for bar in bars] == ["all"]
    assert "4/4" in bars[0]


@pytest.mark.parametrize("width", [40, 60, 200])
def test_a_bar_keeps_to_one_line_and_after_ctrl_c_it_is_not_full(
    open_terminal: OpenTerminal, tmp_path: Path, width: int
) -> None:
    make_room(tmp_path / f"{LONG}.mp4", 6000)
    words = ("track", f"{LONG}.mp4", "-m", "lite", "-o", "x.csv")
    terminal = open_terminal(*words, width=width)
    until(lambda: written(tmp_path))
    until(lambda: re.search(rb"[1-9][0-9]+/6000", terminal.text))
    os.write(terminal.master, b"\x03")
    assert terminal.wait() == 130
    (bar,) = (line for line in terminal.screen if "/6000" in line)
    assert 0 < int(re.search(r"(\d+)/6000", bar)[1]) < 6000  # type: ignore[index]
    assert bar.startswith("somebody")
    assert "interrupted after" in "".join(terminal.screen)


@pytest.mark.parametrize("n_inputs", [1, 2])
def test_a_terminal_that_is_closed_ends_the_run_and_keeps_the_frames_so_far(
    open_terminal: OpenTerminal, tmp_path: Path, n_inputs: int
) -> None:
    names = ["a.mp4", "b.mp4"][:n_inputs]
    for name in names:
        make_room(tmp_path / name, 6000)
    words = ("track", *names, "-m", "lite", "-o", "{name}.jsonl")
    terminal = open_terminal(*words, width=80)
    until(lambda: len(written(tmp_path)) == n_inputs)
    time.sleep(0.5)
    terminal.hang_up()
    assert terminal.wait() == 130
    kept = [load_results(path) for path in tmp_path.glob("*.partial.jsonl")]
    assert len(kept) == n_inputs
    assert all(0 < len(results) < 6000 for results in kept)
    assert not list(tmp_path.glob(".*.tmp"))


def test_a_run_under_nohup_goes_on(tmp_path: Path) -> None:
    make_room(tmp_path / "a.mp4", 300)
    program = "from vitruvian.cli.main import run; run()"
    words = ["track", "a.mp4", "-m", "lite", "-o", "a.jsonl"]
    run = subprocess.Popen(
        ["nohup", sys.executable, "-c", program, *words],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until(lambda: written(tmp_path))
    run.send_signal(signal.SIGHUP)
    stdout, stderr = run.communicate(timeout=60)
    assert run.returncode == 0, stderr
    assert len(load_results(tmp_path / "a.jsonl")) == 300
    assert "\x1b" not in stdout + stderr
