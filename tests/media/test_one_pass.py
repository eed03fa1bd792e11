"""Pipes, sockets, descriptors and file objects are read once, to their end, and never block."""

from __future__ import annotations

import errno
import io
import os
import pty
import signal
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import av
import pytest

import vitruvian
from vitruvian.errors import SourceError
from vitruvian.media.one_pass import OnePass
from vitruvian.media.recorder import VideoWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from vitruvian.media.source import Source


@contextmanager
def fed(path: Path, data: bytes, *, keep_open: bool = False) -> Iterator[None]:
    """Write `data` to a named pipe, once, while the block runs; `keep_open` until its end."""
    is_over = threading.Event()

    def feed() -> None:
        with open(path, "wb", buffering=0) as pipe:  # waits for the reader
            pipe.write(data)
            if keep_open:
                is_over.wait(20)

    thread = threading.Thread(target=feed)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    return path


def contents(source: Source) -> list[tuple[int, int, bytes]]:
    with source:
        return [(frame.index, frame.timestamp_us, frame.image.tobytes()) for frame in source]


def with_index_first(path: Path, movflags: str) -> Path:
    """Copy an MP4 into another one with these flags."""
    target = path.with_name(f"flags-{path.name}")
    options = {"movflags": movflags}
    with (
        av.open(str(path)) as source,
        av.open(str(target), "w", container_options=options) as container,
    ):
        stream = container.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                container.mux(packet)
    return target


@pytest.fixture(
    params=["a.mkv", "a.ts", "a.avi", "a.mp4", "a.mov", "faststart", "frag_keyframe+empty_moov"]
)
def clip(request: pytest.FixtureRequest, make_clip: Callable[..., Path]) -> Path:
    if request.param[:2] == "a.":
        return make_clip(name=request.param)
    return with_index_first(make_clip(), request.param)


def test_a_named_pipe_gives_the_frames_of_the_file(clip: Path, fifo: Path) -> None:
    expected = contents(vitruvian.open_input(clip))
    with fed(fifo, clip.read_bytes()):
        source = vitruvian.open_input(fifo)
        assert contents(source) == expected
    assert (source.name, source.path, source.is_live) == (str(fifo), None, False)
    assert len(expected) == 10


@contextmanager
def piped(data: bytes) -> Iterator[int]:
    """Give the descriptor of a pipe into which `data` is written."""
    reader, writer = os.pipe()

    def feed() -> None:
        with open(writer, "wb", buffering=0) as pipe:
            pipe.write(data)

    thread = threading.Thread(target=feed)
    thread.start()
    yield reader
    os.close(reader)
    thread.join()


def test_a_descriptor_of_a_pipe_gives_the_frames_of_the_file(clip: Path) -> None:
    with piped(clip.read_bytes()) as reader:
        frames = contents(vitruvian.open_input(f"/dev/fd/{reader}"))
    assert frames == contents(vitruvian.open_input(clip))


def test_a_descriptor_of_a_file_gives_its_frames(clip: Path) -> None:
    with clip.open("rb") as file:
        frames = contents(vitruvian.open_input(f"/dev/fd/{file.fileno()}"))
    assert frames == contents(vitruvian.open_input(clip))


def test_a_socket_gives_the_frames_of_the_file(clip: Path, tmp_path: Path) -> None:
    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(clip.read_bytes())

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        server.listen()
        thread = threading.Thread(target=serve)
        thread.start()
        frames = contents(vitruvian.open_input(tmp_path / "socket"))
        thread.join()
    assert frames == contents(vitruvian.open_input(clip))


def test_a_file_object_gives_the_frames_of_the_file_and_stays_open(clip: Path) -> None:
    expected = contents(vitruvian.open_input(clip))
    data = clip.read_bytes()
    memory = io.BytesIO(data)
    with clip.open("rb") as file:
        for seekable in (memory, file):
            assert contents(vitruvian.open_input(seekable)) == expected
            assert not seekable.closed
    for buffering in (0, -1):
        with piped(data) as reader, open(os.dup(reader), "rb", buffering=buffering) as pipe:
            assert contents(vitruvian.open_input(pipe)) == expected
            assert not pipe.closed


def test_a_file_object_in_text_mode_is_an_error() -> None:
    with pytest.raises(TypeError, match="binary mode"):
        vitruvian.open_input(io.StringIO("text"))  # type: ignore[arg-type]


def test_a_file_whose_name_is_a_minus_is_a_path(
    make_clip: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_clip()
    path.rename(path.with_name("-"))
    monkeypatch.chdir(path.parent)
    with vitruvian.open_input(path.with_name("-").relative_to(path.parent)) as source:
        assert len(list(source)) == 10


def test_an_empty_pipe_is_an_error(fifo: Path) -> None:
    with fed(fifo, b""), pytest.raises(SourceError, match=r"fifo': it is empty"):
        vitruvian.open_input(fifo)


@pytest.mark.parametrize("data", [b"this is not a video" * 1000, b"\0\0\0\x18ftyp"])
def test_a_pipe_without_a_video_is_an_error(fifo: Path, data: bytes) -> None:
    with fed(fifo, data), pytest.raises(SourceError, match="fifo"):
        vitruvian.open_input(fifo)


def test_a_terminal_is_an_error() -> None:
    terminal, other = pty.openpty()
    with pytest.raises(SourceError, match="it is a terminal"):
        vitruvian.open_input(f"/dev/fd/{other}")
    os.close(terminal)
    os.close(other)


def test_a_descriptor_that_is_not_open_is_an_error() -> None:
    with pytest.raises(SourceError, match="can't read '/dev/fd/987': Bad file descriptor"):
        vitruvian.open_input("/dev/fd/987")


def test_a_descriptor_that_does_not_block_is_read_to_its_end(
    make_clip: Callable[..., Path],
) -> None:
    data = make_clip(name="a.ts").read_bytes()
    reader, writer = os.pipe()
    os.set_blocking(reader, False)

    def feed() -> None:
        with open(writer, "wb", buffering=0) as pipe:
            for start in range(0, len(data), 2000):
                pipe.write(data[start : start + 2000])
                time.sleep(0.01)

    thread = threading.Thread(target=feed)
    thread.start()
    assert len(contents(vitruvian.open_input(f"/dev/fd/{reader}"))) == 10
    thread.join()
    os.close(reader)


def test_a_small_read_gets_what_there_is() -> None:
    stream = OnePass(io.BytesIO(bytes(range(30))))
    assert stream.seekable_copy() is None
    assert [stream.read(4), stream.read(100), stream.read(4)] == [
        bytes(range(4)),
        bytes(range(4, 30)),
        b"",
    ]


# --- sound ---


def sound(path: Path) -> bytes:
    with av.open(str(path)) as container:
        return b"".join(bytes(packet) for packet in container.demux(audio=0))


@pytest.mark.parametrize("name", ["a.mkv", "a.ts", "a.mp4"])
def test_the_sound_is_taken_in_the_same_pass(
    make_clip: Callable[..., Path], fifo: Path, tmp_path: Path, name: str
) -> None:
    clip = make_clip(range(0, 2_000_000, 40_000), name, sound="aac")
    data = clip.read_bytes()
    with vitruvian.open_input(clip) as source:
        copied(source, tmp_path / "file.mkv")
    with fed(fifo, data), vitruvian.open_input(fifo) as source:
        copied(source, tmp_path / "pipe.mkv", tmp_path / "second.mkv")
    assert len(sound(tmp_path / "file.mkv")) > 10_000
    assert sound(tmp_path / "pipe.mkv") == sound(tmp_path / "file.mkv")
    assert sound(tmp_path / "second.mkv") == sound(tmp_path / "file.mkv")


def copied(source: Source, *targets: Path) -> None:
    assert source.wh is not None
    writers = [
        VideoWriter(path, source.wh, fps=25, audio_from=source.audio(), container="matroska")
        for path in targets
    ]
    for frame in source:
        for writer in writers:
            writer.write(frame.image, frame.timestamp_us)
    for writer in writers:
        writer.close()


def test_sound_that_nobody_asked_for_is_not_kept(
    make_clip: Callable[..., Path], fifo: Path
) -> None:
    data = make_clip(name="a.mkv", sound="aac").read_bytes()
    with fed(fifo, data), vitruvian.open_input(fifo) as source:
        next(iter(source))
        assert source.audio() is None
        assert len(list(source)) == 9


# --- waiting ---


def test_closing_ends_the_wait_for_a_frame(make_clip: Callable[..., Path], fifo: Path) -> None:
    data = make_clip(range(0, 4_000_000, 40_000), "a.ts").read_bytes()
    with fed(fifo, data, keep_open=True):
        source = vitruvian.open_input(fifo)
        threading.Timer(0.5, source.close).start()
        n_read = len(list(source))  # the pipe stays open, without more data
        start = time.monotonic()
        source.close()
        assert time.monotonic() - start < 0.5
    assert n_read > 20


@contextmanager
def ctrl_c_after(seconds: float) -> Iterator[None]:
    """Send SIGINT to this process; the block must end by it, at once."""
    timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))
    start = time.monotonic()
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        yield
    assert time.monotonic() - start < seconds + 1.5


def test_ctrl_c_ends_the_wait_for_a_writer(fifo: Path) -> None:
    with ctrl_c_after(0.3):
        vitruvian.open_input(fifo)
    with open(fifo, "wb"):  # the pipe that was opened in vain has been closed by its thread
        pass


def test_ctrl_c_ends_the_wait_for_a_frame(make_clip: Callable[..., Path], fifo: Path) -> None:
    data = make_clip(range(0, 4_000_000, 40_000), "a.ts").read_bytes()
    with fed(fifo, data, keep_open=True):
        source = vitruvian.open_input(fifo)
        with ctrl_c_after(0.5), source:
            list(source)


def test_ctrl_c_ends_the_wait_for_a_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, ctrl_c_after(0.3):
        vitruvian.open_input(f"http://127.0.0.1:{server.getsockname()[1]}/a.mp4")


# --- size changes ---


@pytest.mark.parametrize("suffix", [".ts", ".h264"])
def test_frames_may_change_their_size_and_pixel_format(
    make_clip: Callable[..., Path], fifo: Path, suffix: str
) -> None:
    small, large = make_clip(name=f"a{suffix}"), make_clip(name=f"b{suffix}", wh=(160, 96))
    with fed(fifo, small.read_bytes() + large.read_bytes() + small.read_bytes()):
        source = vitruvian.open_input(fifo)
        with source:
            sizes = [(frame.width, frame.height) for frame in source]
    assert source.wh == (64, 48)
    assert sizes == [(64, 48)] * 10 + [(160, 96)] * 10 + [(64, 48)] * 10


def test_a_pipe_that_ends_too_early_is_not_complete(
    make_clip: Callable[..., Path], fifo: Path
) -> None:
    data = with_index_first(make_clip(range(0, 2_000_000, 40_000)), "faststart").read_bytes()
    for part, is_complete in [(data, True), (data[:-300], False)]:
        with fed(fifo, part), vitruvian.open_input(str(fifo)) as source:
            list(source)
            assert source.is_complete is is_complete


class Reset:
    """A connection that fails before its first byte."""

    def read(self, size: int = -1) -> bytes:
        raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))


def test_a_file_object_that_fails_is_an_error_of_the_source() -> None:
    with pytest.raises(SourceError, match="can't read 'Reset': Connection reset by peer"):
        vitruvian.open_input(Reset())  # type: ignore[arg-type]
    with pytest.raises(SourceError, match="can't read the image file: Connection reset by peer"):
        vitruvian.load_image(Reset())  # type: ignore[arg-type]
