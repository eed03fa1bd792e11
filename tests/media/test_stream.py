"""Network streams: live reading, timeouts, and messages without passwords."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

import pytest
from PIL import Image

import vitruvian
from vitruvian.errors import SourceError
from vitruvian.media import video

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that accepts connections and never sends data."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


@pytest.mark.parametrize("name", ["a.ts", "a.h264", "a.flv"])
def test_a_file_over_http_is_not_live_without_a_duration(
    folder_url: str, make_clip: Callable[..., Path], name: str
) -> None:
    make_clip(name=name)
    with vitruvian.open_input(f"{folder_url}/{name}") as source:
        times = [frame.timestamp_us for frame in source]
    assert len(times) == 10
    assert (source.is_live, source.path) == (False, None)
    assert source.wh == (64, 48)


def test_motion_jpeg_over_http_with_a_length_is_not_live(folder_url: str, tmp_path: Path) -> None:
    with (tmp_path / "a.mjpeg").open("wb") as file:
        for level in range(10):
            Image.new("RGB", (64, 48), (20 * level, 90, 90)).save(file, "jpeg")
    with vitruvian.open_input(f"{folder_url}/a.mjpeg") as source:
        assert len(list(source)) == 10
    assert not source.is_live


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Start a server that answers one request with a head and data; return its URL.

    It pauses for `pause_s` in the middle of the data.
    """
    with ExitStack() as stack:

        def start(head: bytes, data: bytes, pause_s: float = 0.0) -> str:
            server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

            def answer() -> None:
                connection, _ = server.accept()
                with connection, suppress(OSError):
                    connection.recv(4096)
                    connection.sendall(head + b"\r\n\r\n" + data[: len(data) // 2])
                    time.sleep(pause_s)
                    connection.sendall(data[len(data) // 2 :])

            thread = threading.Thread(target=answer)
            thread.start()
            stack.callback(thread.join)
            return f"http://127.0.0.1:{server.getsockname()[1]}/live"

        yield start


def test_a_file_from_a_server_that_cannot_seek_is_not_live(
    make_clip: Callable[..., Path], serve: Callable[..., str]
) -> None:
    data = make_clip(name="a.ts").read_bytes()
    url = serve(b"HTTP/1.0 200 OK\r\nContent-Length: %d" % len(data), data)
    with vitruvian.open_input(url) as source:
        assert len(list(source)) == 10
    assert not source.is_live
    assert source.warnings == []


@pytest.mark.parametrize("n_frames", [10, 300])
@pytest.mark.parametrize("is_chunked", [True, False])
def test_a_file_without_a_length_that_is_sent_at_once_is_not_live(
    make_clip: Callable[..., Path], serve: Callable[..., str], n_frames: int, is_chunked: bool
) -> None:
    data = make_clip(range(0, n_frames * 40_000, 40_000), "a.ts").read_bytes()
    head = b"HTTP/1.1 200 OK"
    if is_chunked:
        head += b"\r\nTransfer-Encoding: chunked"
        data = b"%x\r\n%b\r\n0\r\n\r\n" % (len(data), data)
    with vitruvian.open_input(serve(head, data)) as source:
        assert len(list(source)) == n_frames
    assert not source.is_live


def test_a_stream_that_arrives_in_real_time_is_live(
    make_clip: Callable[..., Path], serve: Callable[..., str]
) -> None:
    data = make_clip(range(0, 4_000_000, 40_000), "a.ts").read_bytes()
    url = serve(b"HTTP/1.0 200 OK", data, pause_s=0.8)
    with vitruvian.open_input(url) as source:
        times = [frame.timestamp_us for frame in source]
    assert times == list(range(0, 4_000_000, 40_000))
    assert (source.is_live, source.path, source.n_frames) == (True, None, None)
    assert (source.fps, source.wh) == (25.0, (64, 48))


@pytest.mark.parametrize("end", ["#EXT-X-ENDLIST", ""])
def test_a_playlist_is_live_without_its_end_mark(
    folder_url: str, make_clip: Callable[..., Path], tmp_path: Path, end: str
) -> None:
    make_clip(range(0, 2_000_000, 40_000), "a.ts")
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:2", "#EXTINF:2.0,", "a.ts", end]
    (tmp_path / "list.m3u8").write_text("\n".join(lines) + "\n")
    with vitruvian.open_input(f"{folder_url}/list.m3u8") as source:
        assert source.is_live == (not end)
        if end:
            assert len(list(source)) == 50


def test_a_file_over_http_has_a_duration_and_is_not_live(
    folder_url: str, make_clip: Callable[..., Path]
) -> None:
    make_clip()
    with vitruvian.open_input(f"{folder_url}/clip.mp4") as source:
        assert (source.is_live, source.n_frames) == (False, 10)
        assert len(list(source)) == 10


def test_a_missing_file_over_http_raises_an_error(folder_url: str) -> None:
    with pytest.raises(SourceError, match=r"none\.mp4.*404"):
        vitruvian.open_input(f"{folder_url}/none.mp4")


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_a_server_without_a_response_times_out(
    scheme: str, silent_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video, "TIMEOUT_S", 0.3)
    start = time.monotonic()
    with pytest.raises(SourceError, match=r"no data for 0\.3 s"):
        vitruvian.open_input(f"{scheme}://127.0.0.1:{silent_port}/camera")
    assert time.monotonic() - start < 5


def test_an_unreachable_server_raises_an_error(silent_port: int) -> None:
    with pytest.raises(SourceError, match="Connection refused"):
        vitruvian.open_input("rtsp://127.0.0.1:1/camera")


def test_a_stream_without_data_times_out_with_a_warning(
    make_clip: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video, "TIMEOUT_S", 0.5)
    data = make_clip(range(0, 1_600_000, 40_000), "a.ts").read_bytes()
    is_over = threading.Event()

    def serve(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + data)
            is_over.wait(10)

    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        with vitruvian.open_input(f"http://127.0.0.1:{server.getsockname()[1]}/live") as source:
            n_read = len(list(source))
        is_over.set()
        thread.join()
    assert n_read > 30
    assert source.warnings == [
        f"{source.name}: {n_read} frames read; reading stopped: no data for 0.5 s"
    ]


def test_messages_do_not_contain_the_password(
    folder_url: str, make_clip: Callable[..., Path]
) -> None:
    make_clip()
    secret = folder_url.replace("//", "//admin:geheim@")
    with vitruvian.open_input(f"{secret}/clip.mp4") as source:
        assert source.name == f"{folder_url}/clip.mp4"
    with pytest.raises(SourceError) as caught:
        vitruvian.open_input(f"{secret}/none.mp4")
    assert "geheim" not in str(caught.value)
