"""VideoWriter: writes frames with their timestamps to an H.264 file, with the source's audio."""

from __future__ import annotations

import math
import os
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Self

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, ColorTrc
from PIL import Image

from vitruvian.errors import SinkError
from vitruvian.fork import leak_when_forked
from vitruvian.media.audio import open_audio
from vitruvian.media.colour import i420_from_rgb

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.container import OutputContainer
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

    from vitruvian.media.audio import AudioCopy, AudioTap

__all__ = ["VideoWriter"]

_TIME_BASE = Fraction(1, 1_000_000)  # timestamps are stored in microseconds
_ENCODER_OPTIONS = {
    "crf": "20",
    "preset": "veryfast",
    "g": "60",  # frames between key frames at most, so that players find any frame quickly
}
_MAX_SIDE = 16_384  # libx264's limit, px
_BT601 = 6  # H.273, the matrix of `i420_from_rgb`


class VideoWriter:
    """Writes frames to a video file, each at its own timestamp.

    The file is complete only after `close`, or after the ``with`` block. If no frame was written,
    the file is removed.

    Parameters
    ----------
    path : str or path
        File to write. The suffix has no effect.
    wh : (int, int)
        Width and height of the video in px. An odd side becomes one pixel longer, by repeating
        the last row or column, because H.264 stores colour for pairs of pixels.
    fps : float
        Nominal frames per second, for the encoder. It does not change timestamps.
    audio_from : path or AudioTap, optional
        File whose audio is copied unchanged, up to the end of the last frame, or the audio of a
        video that is being read. Time 0 of the frames is the start of its video. Audio that can't
        be copied is left out with a warning.
    container : str
        Name of the file format in FFmpeg.
    threads : int or None
        Processor threads for encoding; None lets the encoder decide.
    comment : str
        Comment in the metadata of the file.

    Raises
    ------
    SinkError
        If the file can't be written or the frame is too large; also from `write` and `close`.
    ValueError
        If `wh` or `fps` is not positive.
    """

    def __init__(
        self,
        path: str | Path,
        wh: tuple[int, int],
        *,
        fps: float,
        audio_from: str | Path | AudioTap | None = None,
        container: str = "mp4",
        threads: int | None = None,
        comment: str = "",
    ) -> None:
        if min(wh) < 1:
            raise ValueError(f"wh must be positive, got {wh!r}")
        if not (math.isfinite(fps) and fps > 0):
            raise ValueError(f"fps must be a positive number, got {fps!r}")
        self._path, self._wh = Path(path), wh
        if max(wh) > _MAX_SIDE:
            raise SinkError(
                f"can't write {str(path)!r}: H.264 allows {_MAX_SIDE} px per side, got {wh!r}"
            )
        self._last_us = -1
        self._step_us = round(1e6 / fps)
        self._audio: AudioCopy | None = None
        self._is_closed = False
        self._pid = os.getpid()
        leak_when_forked(self)  # freeing it would wait for the threads of the encoder
        options = {"movflags": "+faststart"} if container in ("mp4", "mov") else {}
        self._container = av.open(
            str(self._path.absolute()), "w", format=container, container_options=options
        )
        if comment:
            self._container.metadata["comment"] = comment
        with self._sink_errors():
            self._stream = _add_video(self._container, wh, fps, threads)
            if audio_from is not None:
                self._audio = open_audio(audio_from, self._container)
            self._container.start_encoding()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, image: NDArray[np.uint8], timestamp_us: int) -> None:
        """Append a frame.

        Parameters
        ----------
        image : (H, W, 3) uint8 array
            RGB pixels. An image of another size than the video is scaled to fit into it, with its
            aspect ratio kept and black bars.
        timestamp_us : int
            Time in µs at which it is shown, later than that of the previous frame.

        Raises
        ------
        SinkError
            If the file can't be written.
        ValueError
            If the image is no such array, the time does not increase, or the writer is closed.
        """
        if self._is_closed:
            raise ValueError(f"the writer of {str(self._path)!r} is closed")
        if os.getpid() != self._pid:
            raise SinkError(f"{str(self._path)!r} of process {self._pid} can't be written here")
        if image.ndim != 3 or image.shape[2] != 3 or not image.size or image.dtype != np.uint8:
            raise ValueError(
                f"image must be a (H, W, 3) uint8 array, got {image.shape} {image.dtype}"
            )
        if timestamp_us <= self._last_us:
            raise ValueError(
                f"timestamp_us must increase, got {timestamp_us!r} after {self._last_us!r}"
            )
        frame = av.VideoFrame.from_ndarray(
            i420_from_rgb(_fitted(image, self._wh)), format="yuv420p"
        )
        frame.pts, frame.time_base = timestamp_us, _TIME_BASE
        if self._last_us >= 0:
            self._step_us = timestamp_us - self._last_us
        self._last_us = timestamp_us
        with self._sink_errors():
            self._container.mux(self._stream.encode(frame))
            if self._audio is not None:
                self._audio.copy_until(timestamp_us)

    def close(self) -> None:
        """Finish the file. Closing twice is allowed.

        Raises
        ------
        SinkError
            If the file can't be finished.
        """
        if self._is_closed or os.getpid() != self._pid:
            return
        try:
            with self._sink_errors():
                if self._last_us >= 0:
                    self._container.mux(self._stream.encode(None))
                    if self._audio is not None:
                        self._audio.copy_until(self._last_us + self._step_us)
                self._container.close()
        finally:
            with suppress(OSError, av.FFmpegError):
                self._container.close()  # also after Ctrl-C, so that the file is playable
            self._release()
        if self._last_us < 0:
            self._path.unlink(missing_ok=True)

    def _release(self) -> None:
        self._is_closed = True
        if self._audio is not None:
            self._audio.close()

    @contextmanager
    def _sink_errors(self) -> Iterator[None]:
        """Raise errors of FFmpeg as a one-line `SinkError`, and close the writer."""
        try:
            yield
        except (OSError, av.FFmpegError) as err:
            self._release()
            with suppress(OSError, av.FFmpegError):
                self._container.close()  # closing writes again, and fails again
            raise SinkError(f"can't write {str(self._path)!r}: {err.strerror}") from err


def _fitted(image: NDArray[np.uint8], wh: tuple[int, int]) -> NDArray[np.uint8]:
    """Return an image scaled to fit into another size, in its middle, with black bars."""
    height, width = image.shape[:2]
    if (width, height) == wh:
        return image
    scale = min(wh[0] / width, wh[1] / height)
    inner = max(1, round(width * scale)), max(1, round(height * scale))
    left, top = (wh[0] - inner[0]) // 2, (wh[1] - inner[1]) // 2
    fitted = np.zeros((wh[1], wh[0], 3), np.uint8)
    scaled = Image.fromarray(image).resize(inner, Image.Resampling.BILINEAR)
    fitted[top : top + inner[1], left : left + inner[0]] = np.asarray(scaled)
    return fitted


def _add_video(
    container: OutputContainer, wh: tuple[int, int], fps: float, threads: int | None
) -> VideoStream:
    """Return a new H.264 stream, tagged with the colour space that `write` produces."""
    rate = Fraction(fps).limit_denominator(1001)
    options = _ENCODER_OPTIONS | {"threads": str(threads or 0)}
    stream = container.add_stream("libx264", rate=rate, options=options)
    stream.width, stream.height = (side + side % 2 for side in wh)
    stream.pix_fmt = "yuv420p"
    stream.time_base = stream.codec_context.time_base = _TIME_BASE
    context = stream.codec_context
    context.colorspace, context.color_range = _BT601, ColorRange.MPEG
    context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
    return stream
