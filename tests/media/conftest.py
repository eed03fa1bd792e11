"""Test clips encoded during the test: every frame is grey, its brightness encodes its index."""

from __future__ import annotations

import threading
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

AUDIO_RATE_HZ = 44_100


def grey_level(number: int) -> int:
    return 20 + 5 * (number % 40)


def sine(seconds: float) -> NDArray[np.int16]:
    turns = 440 * np.arange(round(seconds * AUDIO_RATE_HZ)) / AUDIO_RATE_HZ
    return (8000 * np.sin(2 * np.pi * turns)).astype(np.int16)


@pytest.fixture
def make_clip(tmp_path: Path) -> Callable[..., Path]:
    """Encode grey frames at given times, optionally with a sine tone of the same duration."""

    def make(
        times_us: Sequence[int] = range(0, 400_000, 40_000),
        name: str = "clip.mp4",
        *,
        wh: tuple[int, int] = (64, 48),
        rotation_deg: int = 0,
        is_mirrored: bool = False,
        sound: str | None = None,
        sound_s: float | None = None,
    ) -> Path:
        path = tmp_path / name
        with av.open(str(path), "w") as container:
            video = container.add_stream("libx264", rate=25)
            video.width, video.height = wh
            video.pix_fmt = "yuv420p"
            video.codec_context.time_base = Fraction(1, 90_000)
            if rotation_deg or is_mirrored:
                video.set_display_rotation(rotation_deg, hflip=is_mirrored)
            audio = (
                container.add_stream(sound, rate=AUDIO_RATE_HZ, layout="mono") if sound else None
            )
            for number, time_us in enumerate(times_us):
                image = np.full((wh[1], wh[0], 3), grey_level(number), np.uint8)
                image[:8, :8] = 255  # marks the top left corner
                frame = av.VideoFrame.from_ndarray(image, format="rgb24")
                frame.pts, frame.time_base = time_us * 9 // 100, Fraction(1, 90_000)
                container.mux(video.encode(frame))
            container.mux(video.encode(None))
            if audio is not None:
                samples = sine(times_us[-1] / 1e6 + 0.04 if sound_s is None else sound_s)
                for start in range(0, len(samples), 1024):
                    chunk = samples[None, start : start + 1024]
                    sound_frame = av.AudioFrame.from_ndarray(chunk, format="s16", layout="mono")
                    sound_frame.sample_rate = AUDIO_RATE_HZ
                    sound_frame.pts = start
                    sound_frame.time_base = Fraction(1, AUDIO_RATE_HZ)
                    container.mux(audio.encode(sound_frame))
                container.mux(audio.encode(None))
        return path

    return make


@pytest.fixture
def folder_url(tmp_path: Path) -> Iterator[str]:
    """URL of an HTTP server for the temporary folder."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = tmp_path / self.path.strip("/")
            if not path.is_file():
                self.send_error(404)
                return
            data = path.read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
