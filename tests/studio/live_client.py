"""LiveClient: a program that talks to `/api/live` as the page does."""

from __future__ import annotations

import io
import json
import struct
import time
from typing import TYPE_CHECKING, Any, Self

from PIL import Image
from websockets.sync.client import connect

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.studio.server import StudioServer

__all__ = ["LiveClient", "frame_message", "jpeg"]

HEADER = struct.Struct("<BBHIdHHI")
JPEG, H264 = 0, 2
LIMIT_S = 20.0


def jpeg(image: NDArray[np.uint8], quality: int = 80) -> bytes:
    """Return an image as JPEG."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality)
    return file.getvalue()


def frame_message(
    data: bytes,
    seq: int,
    wh: tuple[int, int],
    *,
    capture_ms: float | None = None,
    codec: int = JPEG,
    is_key: bool = False,
    kind: int = 1,
) -> bytes:
    """Return the message that pushes a frame."""
    capture_ms = time.monotonic() * 1000 if capture_ms is None else capture_ms
    return HEADER.pack(kind, codec, int(is_key), seq, capture_ms, *wh, 0) + data


class LiveClient:
    """One connection; `result` and `wait_for` keep what they pass over in `passed`."""

    def __init__(self, server: StudioServer, **options: Any) -> None:
        self._connection = connect(
            server.url.replace("http", "ws") + "/api/live",
            subprotocols=["vitruvian.1"],
            additional_headers={
                "Authorization": f"Bearer {server.studio.token}",
                "Origin": server.url,
            },
            compression=None,
            max_size=None,
            **options,
        )
        self.socket = self._connection.__enter__()
        self.passed: list[dict[str, Any] | bytes] = []
        self.seq = self.last_seq = -1  # of the last frame that was pushed, and answered

    def send(self, kind: str, **values: object) -> None:
        """Send a text message."""
        self.socket.send(json.dumps({"type": kind, **values}))

    def open(self, source: dict[str, str] | None = None, **values: object) -> dict[str, Any]:
        """Open the session, and return the answer ``ready``."""
        self.send("open", source=source or {"kind": "push"}, **values)
        return self.wait_for("ready")

    def push(self, image: NDArray[np.uint8], **values: Any) -> int:
        """Push a frame as JPEG; return its number."""
        return self.push_data(jpeg(image), (image.shape[1], image.shape[0]), **values)

    def push_data(self, data: bytes, wh: tuple[int, int], **values: Any) -> int:
        """Push an encoded frame; return its number."""
        self.seq += 1
        self.socket.send(frame_message(data, self.seq, wh, **values))
        return self.seq

    def receive(self, limit_s: float = LIMIT_S) -> dict[str, Any] | bytes:
        """Return the next message; a text as its JSON."""
        message = self.socket.recv(timeout=limit_s)
        return json.loads(message) if isinstance(message, str) else message

    def next(self) -> dict[str, Any] | bytes:
        """Return the next message that is no ``state``, which comes at any time."""
        while True:
            message = self.receive()
            if isinstance(message, bytes) or message["type"] != "state":
                return message
            self.passed.append(message)

    def error(self) -> dict[str, Any]:
        """Return the next error; it may come before or after the number of its frame."""
        return self.wait_for("error")

    def wait_for(self, kind: str, limit_s: float = LIMIT_S) -> dict[str, Any]:
        """Return the next message of a kind; an error fails, unless it is wanted."""
        for message in self.passed:
            if kind == "dropped" and isinstance(message, dict) and message["type"] == kind:
                self.passed.remove(message)
                return message
        end_s = time.monotonic() + limit_s
        while True:
            message = self.receive(max(0.01, end_s - time.monotonic()))
            if isinstance(message, dict) and message["type"] == kind:
                return message
            self.passed.append(message)
            if isinstance(message, dict) and message["type"] == "error":
                raise AssertionError(message)

    def close(self) -> None:
        """Close the connection."""
        self._connection.__exit__(None, None, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
