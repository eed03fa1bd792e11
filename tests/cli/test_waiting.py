"""`vitruvian track` reads pipes, and signals end it at once while an input blocks."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

import vitruvian
from vitruvian import load_results

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLIP = Path(vitruvian.__file__).parent / "data" / "demo.mp4"
PROGRAM = Path(sys.executable).with_name("vitruvian")
LONGEST_S = 2.0

pytestmark = [pytest.mark.slow, pytest.mark.weights]

Program = subprocess.Popen[bytes]


@contextmanager
def track(
    *words: object, stdin: int = subprocess.DEVNULL, folder: Path, pass_fds: tuple[int, ...] = ()
) -> Iterator[Program]:
    command = [str(PROGRAM), "track", *map(str, words)]
    with subprocess.Popen(
        command,
        cwd=folder,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=pass_fds,
    ) as program:
        try:
            yield program
        finally:
            program.kill()


@pytest.fixture(scope="module")
def stream_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two seconds of the packaged clip as MPEG-TS, which can be cut anywhere."""
    path = tmp_path_factory.mktemp("clip") / "a.ts"
    with av.open(str(CLIP)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size and packet.dts * packet.time_base < 2:
                packet.stream = stream
                target.mux(packet)
    return path.read_bytes()


def test_standard_input_is_tracked(tmp_path: Path, empty_room: Path) -> None:
    with track("-", stdin=subprocess.PIPE, folder=tmp_path) as program:
        _, errors = program.communicate(empty_room.read_bytes(), timeout=60)
    assert (program.returncode, errors) == (0, b"")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "stdin.annotated.mp4",
        "stdin.jsonl",
        "stdin.jsonl.meta.json",
    ]
    assert len(load_results(tmp_path / "stdin.jsonl")) == 12


def test_standard_input_that_is_a_file_is_tracked_among_others(
    tmp_path: Path, empty_room: Path
) -> None:
    with (
        empty_room.open("rb") as file,
        track("-", empty_room, "-o", "{name}.csv", stdin=file.fileno(), folder=tmp_path) as program,
    ):
        _, errors = program.communicate(timeout=60)
    assert (program.returncode, errors) == (0, b"")
    assert len(load_results(tmp_path / "stdin.csv")) == 12
    assert len(load_results(tmp_path / "room.csv")) == 12


def test_a_size_change_in_the_middle_is_tracked_to_the_end(tmp_path: Path) -> None:
    data = b"".join(raw_video(tmp_path / f"{side}.h264", side) for side in (64, 200, 32))
    with track(
        "-", "-o", "a.mp4", "-o", "a.jsonl", "-o", "a.npz", stdin=subprocess.PIPE, folder=tmp_path
    ) as program:
        program.communicate(data, timeout=60)
    assert program.returncode == 0
    for name in ("a.jsonl", "a.npz"):
        widths = [result.width for result in load_results(tmp_path / name)]
        assert widths == [64] * 5 + [200] * 5 + [32] * 5
    with vitruvian.open_input(tmp_path / "a.mp4") as frames:
        assert {frame.image.shape for frame in frames} == {(48, 64, 3)}


def raw_video(path: Path, width: int) -> bytes:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = width, 48, "yuv420p"
        for level in range(5):
            image = np.full((48, width, 3), 40 * level, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image)))
        container.mux(stream.encode())
    return path.read_bytes()


# --- inputs that block ---


@contextmanager
def named_pipe(data: bytes | None, folder: Path) -> Iterator[Program]:
    """Track a named pipe: without a writer, or one that writes `data` and then waits."""
    os.mkfifo(folder / "pipe")
    with track("pipe", "-o", "a.mp4", "-o", "a.jsonl", folder=folder) as program:
        if data is None:
            yield program
            return
        with open(folder / "pipe", "wb", buffering=0) as pipe:
            pipe.write(data)
            yield program


@contextmanager
def standard_input(data: bytes | None, folder: Path) -> Iterator[Program]:
    words = ("-", "-o", "a.mp4", "-o", "a.jsonl")
    with track(*words, stdin=subprocess.PIPE, folder=folder) as program:
        assert program.stdin is not None
        program.stdin.write(data or b"")
        program.stdin.flush()
        yield program


@contextmanager
def web_server(data: bytes | None, folder: Path) -> Iterator[Program]:
    """Track a stream from a server that answers nothing, or stalls in the middle of a file."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/a.ts"
        with track(url, "-o", "a.mp4", "-o", "a.jsonl", folder=folder) as program:
            connection, _ = server.accept()
            with connection:
                if data is not None:
                    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (3 * len(data))
                    connection.sendall(head + data)
                yield program


INPUTS = pytest.mark.parametrize("blocked", [named_pipe, standard_input, web_server])
SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])


def interrupted(program: Program, number: int) -> str:
    """Send a signal; return the messages of a program that ended by it in time."""
    start = time.monotonic()
    program.send_signal(number)
    _, errors = program.communicate(timeout=20)
    assert time.monotonic() - start < LONGEST_S
    assert program.returncode == 130
    return errors.decode()


@INPUTS
@SIGNALS
def test_a_signal_ends_the_wait_for_the_first_frame(
    tmp_path: Path, blocked: Callable[..., Iterator[Program]], number: int
) -> None:
    with blocked(None, tmp_path) as program:
        until(lambda: is_waiting(program))
        assert interrupted(program, number) == "interrupted\n"
    assert [path for path in tmp_path.iterdir() if path.name != "pipe"] == []


@INPUTS
@SIGNALS
def test_a_signal_ends_the_wait_for_the_next_frame(
    tmp_path: Path, blocked: Callable[..., Iterator[Program]], number: int, stream_bytes: bytes
) -> None:
    with blocked(stream_bytes, tmp_path) as program:
        until(lambda: n_lines(tmp_path) > 20)
        time.sleep(1)  # until it has tracked all that has arrived
        message = interrupted(program, number)
    n_kept = len(load_results(tmp_path / "a.partial.jsonl"))
    assert message.startswith(f"interrupted after {n_kept} frames; ")
    with vitruvian.open_input(tmp_path / "a.partial.mp4") as frames:
        assert len(list(frames)) == n_kept


def is_waiting(program: Program) -> bool:
    """Whether a program has its handler of SIGTERM: from then on it opens its input."""
    status = Path(f"/proc/{program.pid}/status").read_text()
    caught = int(status.partition("SigCgt:")[2].split()[0], 16)
    return bool(caught >> (signal.SIGTERM - 1) & 1)


def n_lines(folder: Path) -> int:
    """Return how many results have been written to the temporary file of `a.jsonl`."""
    drafts = folder.glob(".a.*.tmp")
    return max((path.read_bytes().count(b"\n{") for path in drafts), default=0)


def until(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + 40
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.05)


def test_the_program_does_not_free_the_interpreter_while_a_thread_is_blocked() -> None:
    program = """
    import atexit, sys, threading, time
    from vitruvian.cli.entry import main

    class Freed:
        def __del__(self, write=print):
            write("freed")

    freed = Freed()
    atexit.register(print, "closed")
    if sys.argv.pop() == "blocked":
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    main()
    """
    for state, printed in (("blocked", ["closed"]), ("idle", ["closed", "freed"])):
        command = [sys.executable, "-c", dedent(program), "--version", state]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.split("\n")[1:-1] == printed
