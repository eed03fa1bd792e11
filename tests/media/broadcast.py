"""The packaged clip as a live stream over loopback, sent by ffmpeg."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest

import vitruvian

if TYPE_CHECKING:
    from typing import Self

CLIP = Path(vitruvian.__file__).parent / "data" / "demo.mp4"
SEND = ["ffmpeg", "-v", "error", "-re", "-stream_loop", "-1", "-i", str(CLIP), "-an"]
HOST = "127.0.0.1"

needs_ffmpeg = pytest.mark.skipif(
    shutil.which("ffmpeg") is None, reason="the program ffmpeg is not installed"
)


class Broadcast:
    """A server that plays the clip in a loop, in real time.

    Each connection has its own ffmpeg, which sends MPEG-TS from the first frame on.

    Parameters
    ----------
    scheme : str
        "tcp" or "http".
    """

    def __init__(self, scheme: str) -> None:
        self._greeting = b"HTTP/1.0 200 OK\r\n\r\n" if scheme == "http" else b""
        self._senders: list[subprocess.Popen[bytes]] = []
        self._connections: list[socket.socket] = []
        self._port = 0
        self.restore()
        self.url = f"{scheme}://{HOST}:{self._port}"

    def restore(self) -> None:
        """Accept connections on the same port as before."""
        self._server = socket.create_server((HOST, self._port))
        self._port = self._server.getsockname()[1]
        self._thread = Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:  # shut down
                return
            self._connections.append(connection)
            connection.sendall(self._greeting)
            command = [*SEND, "-c", "copy", "-f", "mpegts", "pipe:1"]
            self._senders.append(
                subprocess.Popen(command, stdout=connection, stderr=subprocess.DEVNULL)
            )

    def stall(self) -> None:
        """Stop sending on the open connections without closing them; new connections play."""
        for sender in self._senders:
            sender.send_signal(signal.SIGSTOP)

    def cut(self) -> None:
        """Drop all connections and refuse new ones."""
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._server.close()
        while self._senders:
            sender, connection = self._senders.pop(), self._connections.pop()
            sender.kill()
            sender.wait()
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()


class Sender:
    """An ffmpeg that sends the clip by UDP, until it is cut."""

    def __init__(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind((HOST, 0))
            self.url = f"udp://{HOST}:{free.getsockname()[1]}"
        self.restore()

    def restore(self) -> None:
        """Send again; every fifth frame is a key frame."""
        video = ["-c:v", "mpeg2video", "-q:v", "5", "-g", "5", "-f", "mpegts"]
        self._sender = subprocess.Popen([*SEND, *video, f"{self.url}?pkt_size=1316"])

    def cut(self) -> None:
        """Stop sending."""
        self._sender.kill()
        self._sender.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
