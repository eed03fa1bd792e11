"""Videos whose frames carry their number in bars, at uneven times, and results to match."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np

from vitruvian import PoseResult, open_output

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["N_FRAMES", "READ_NUMBER", "write_bar_video"]

N_FRAMES = 60
N_BITS, BAR = 8, 32
WH = (N_BITS * BAR, 144)
CODECS = {
    ".mp4": ("libx264", {"bf": "3", "g": "30"}),
    ".webm": ("libvpx-vp9", {"g": "30", "deadline": "realtime", "cpu-used": "8"}),
    ".hevc.mp4": ("libx265", {"x265-params": "log-level=none:pools=1", "preset": "ultrafast"}),
}

# The number in a picture, which is given with its canvas.
READ_NUMBER = f"""
(canvas) => {{
  const context = canvas.getContext("2d");
  const {{ data }} = context.getImageData({BAR // 2}, 110, {(N_BITS - 1) * BAR + 1}, 1);
  const levels = Array.from({{ length: {N_BITS} }}, (_, bit) => data[4 * {BAR} * bit + 1]);
  return levels.reduce((number, level, bit) => number + (level > 127) * 2 ** bit, 0);
}}
"""


def write_bar_video(path: Path, suffix: str, *, start_ms: int = 0) -> tuple[Path, Path]:
    """Write a video and its results, nobody in each frame; return both paths.

    Parameters
    ----------
    path : Path
        Without a suffix.
    suffix : str
        ``.mp4`` is H.264 with B-frames, ``.webm`` VP9, ``.hevc.mp4`` HEVC.
    start_ms : int
        Time of the first frame in the file.
    """
    codec, options = CODECS[suffix]
    steps_ms = np.random.default_rng(5).integers(20, 60, N_FRAMES)
    times_ms = [0, *np.cumsum(steps_ms)[:-1].tolist()]
    video = path.with_name(path.name + suffix)
    with av.open(video, "w") as file:
        stream = file.add_stream(codec, rate=25, options=options)
        stream.width, stream.height = WH
        stream.pix_fmt = "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for number, time_ms in enumerate(times_ms):
            frame = av.VideoFrame.from_ndarray(_picture(number), "rgb24")
            frame.pts, frame.time_base = time_ms + start_ms, Fraction(1, 1000)
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    results = path.with_name(path.name + ".jsonl")
    with open_output(results) as sink:
        for number, time_ms in enumerate(times_ms):
            sink.write(PoseResult(number, time_ms * 1000, *WH))
    return video, results


def _picture(number: int) -> np.ndarray:
    image = np.full((WH[1], WH[0], 3), 90, np.uint8)
    image[20:50, 3 * number : 3 * number + 20] = 220
    for bit in range(N_BITS):
        image[80:, bit * BAR : (bit + 1) * BAR] = 255 * (number >> bit & 1)
    return image
