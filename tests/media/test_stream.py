"""Network streams: live reading, timeouts, and messages without passwords."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

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


def test_a_transport_stream_over_http_is_live(
    folder_url: str, make_clip: Callable[..., Path]
) -> None:
    make_clip(name="a.ts")
    with vitruvian.open_input(f"{folder_url}/a.ts") as source:
        times = [frame.timestamp_us for frame in source]
    assert times == list(range(0, 400_000, 40_000))
    assert (source.is_live, source.path, source.n_frames) == (True, None, None)
    assert (source.fps, source.wh) == (25.0, (64, 48))


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
