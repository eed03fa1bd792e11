"""Clips whose frames carry their numbers as bar codes, made when they are needed."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from vitruvian.media import open_input
from vitruvian.media.recorder import VideoWriter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["UNEVEN_US", "coded_clip", "coded_image", "number_in", "short_clip"]

MICROSECOND = Fraction(1, 1_000_000)
BITS = 8
SIDE = 24  # px of a bar
UNEVEN_US = tuple(40_000 * n + (n % 3) * 9_000 for n in range(70))
"""Times of frames that are not at equal distances."""

_OPTIONS = {
    "libx264": {"bf": "3", "g": "20", "preset": "ultrafast", "b-pyramid": "normal"},
    "libx265": {"x265-params": "log-level=none:keyint=20", "preset": "ultrafast"},
    "libvpx-vp9": {"g": "20", "cpu-used": "8", "deadline": "realtime", "lag-in-frames": "0"},
}


def coded_image(number: int) -> NDArray[np.uint8]:
    """Return an image that shows a number as bars: white for 1."""
    bars = [255 * (number >> bit & 1) for bit in range(BITS)]
    row = np.repeat(np.array(bars, np.uint8), SIDE)
    return np.broadcast_to(row[None, :, None], (2 * SIDE, row.size, 3)).copy()


def number_in(image: NDArray[np.uint8]) -> int:
    """Return the number that the bars of an image show."""
    height, width = image.shape[:2]
    columns = (np.arange(BITS) * 2 + 1) * width // (2 * BITS)
    return sum(1 << bit for bit, x in enumerate(columns) if image[height // 2, x].mean() > 127)


def coded_clip(path: Path, codec: str, times_us: Sequence[int] = UNEVEN_US) -> Path:
    """Write a clip of coded images at these times; skip the test without the encoder."""
    try:
        av.codec.Codec(codec, "w")
    except av.codec.codec.UnknownCodecError:
        pytest.skip(f"FFmpeg has no encoder {codec!r}")
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=_OPTIONS[codec])
        stream.width, stream.height, stream.pix_fmt = BITS * SIDE, 2 * SIDE, "yuv420p"
        stream.time_base = stream.codec_context.time_base = MICROSECOND
        for number, time_us in enumerate(times_us):
            frame = av.VideoFrame.from_ndarray(coded_image(number), format="rgb24")
            frame.pts, frame.time_base = time_us, MICROSECOND
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def short_clip(source: Path, path: Path, n_frames: int) -> Path:
    """Write the first frames of a clip, at most 640 px wide, to a file of their own."""
    with open_input(source) as frames:
        step = -(-frames.wh[0] // 640)
        wh = tuple(side // step // 2 * 2 for side in frames.wh)
        with VideoWriter(path, wh, fps=frames.fps) as writer:
            for frame in islice(frames, n_frames):
                image = frame.image[::step, ::step][: wh[1], : wh[0]]
                writer.write(np.ascontiguousarray(image), frame.timestamp_us)
    return path
