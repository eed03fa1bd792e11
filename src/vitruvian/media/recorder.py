"""VideoWriter: writes frames with their timestamps to an H.264 file, with the source's audio."""

from __future__ import annotations

import logging
import math
import os
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Self

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, ColorTrc

from vitruvian.errors import SinkError
from vitruvian.fork import leak_when_forked
from vitruvian.media.colour import i420_from_rgb
from vitruvian.media.container import open_container

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

__all__ = ["VideoWriter"]

logger = logging.getLogger(__name__)

_TIME_BASE = Fraction(1, 1_000_000)  # timestamps are stored in microseconds
_ENCODER_OPTIONS = {"crf": "20", "preset": "veryfast"}
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
        Width and height of the frames in px. An odd side becomes one pixel longer, by repeating
        the last row or column, because H.264 stores colour for pairs of pixels.
    fps : float
        Nominal frames per second, for the encoder. It does not change timestamps.
    audio_from : path, optional
        File whose audio is copied unchanged, up to the end of the last frame. Time 0 of the frames
        is the start of its video. Audio that can't be copied is left out with a warning.
    container : str
        Name of the file format in FFmpeg.
    threads : int or None
        Processor threads for encoding; None lets the encoder decide.

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
        audio_from: str | Path | None = None,
        container: str = "mp4",
        threads: int | None = None,
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
        self._audio: _AudioCopy | None = None
        self._is_closed = False
        self._pid = os.getpid()
        leak_when_forked(self)  # freeing it would wait for the threads of the encoder
        options = {"movflags": "+faststart"} if container in ("mp4", "mov") else {}
        self._container = av.open(
            str(self._path.absolute()), "w", format=container, container_options=options
        )
        with self._sink_errors():
            self._stream = _add_video(self._container, wh, fps, threads)
            if audio_from is not None:
                self._audio = _open_audio(Path(audio_from), self._container)
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
            RGB pixels.
        timestamp_us : int
            Time in µs at which it is shown, later than that of the previous frame.

        Raises
        ------
        SinkError
            If the file can't be written.
        ValueError
            If the frame has another size, the time does not increase, or the writer is closed.
        """
        width, height = self._wh
        if self._is_closed:
            raise ValueError(f"the writer of {str(self._path)!r} is closed")
        if os.getpid() != self._pid:
            raise SinkError(f"{str(self._path)!r} of process {self._pid} can't be written here")
        if image.shape != (height, width, 3) or image.dtype != np.uint8:
            raise ValueError(
                f"image must be a ({height}, {width}, 3) uint8 array, "
                f"got {image.shape} {image.dtype}"
            )
        if timestamp_us <= self._last_us:
            raise ValueError(
                f"timestamp_us must increase, got {timestamp_us!r} after {self._last_us!r}"
            )
        frame = av.VideoFrame.from_ndarray(i420_from_rgb(image), format="yuv420p")
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


class _AudioCopy:
    """Copies the packets of an audio stream to another file unchanged."""

    def __init__(
        self, source: InputContainer, stream: AudioStream, target: OutputContainer
    ) -> None:
        self._source = source
        self._target = target
        self._stream = target.add_stream_from_template(stream)
        self._n_refused = 0
        self._packets = self._read(stream)
        self._next = next(self._packets, None)

    def copy_until(self, time_us: int) -> None:
        """Write the packets that start before a time in the timestamps of the frames."""
        while self._next is not None and self._next[0] < time_us:
            packet = self._next[1]
            packet.stream = self._stream
            try:
                self._target.mux(packet)
            except av.FFmpegError as err:
                if isinstance(err, OSError):
                    raise  # a disk error, not a damaged packet
                self._n_refused += 1
            self._next = next(self._packets, None)

    def close(self) -> None:
        self._packets.close()
        self._source.close()
        if self._n_refused:
            logger.warning("%d damaged audio packets are left out", self._n_refused)
            self._n_refused = 0

    def _read(self, stream: AudioStream) -> Generator[tuple[int, Packet[AudioStream]], None, None]:
        """Yield each packet with its time in µs from the first frame."""
        video = self._source.streams.video
        start = Fraction(0)
        if video and video[0].start_time is not None and video[0].time_base is not None:
            start = video[0].start_time * video[0].time_base
        try:
            for packet in self._source.demux(stream):
                if packet.pts is None or packet.dts is None:
                    continue
                shift = round(start / packet.time_base)
                packet.pts -= shift
                packet.dts -= shift
                # Includes the packet before the first audible one: the decoder overlaps the two.
                if packet.pts + 2 * (packet.duration or 0) > 0:
                    yield round(packet.pts * packet.time_base / _TIME_BASE), packet
        except av.FFmpegError as err:
            logger.warning("the audio ends early: %s", err.strerror)
        except IndexError:
            return  # raised by PyAV at the end of a file in which a stream appeared late


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


def _open_audio(path: Path, target: OutputContainer) -> _AudioCopy | None:
    """Return a copier of a file's first audio stream, or None if there is none to copy."""
    try:
        source = open_container(str(path.absolute()))
    except av.FFmpegError as err:
        logger.warning("no audio from %s: %s", path, err.strerror)
        return None
    if not source.streams.audio:
        source.close()
        return None
    stream = source.streams.audio[0]
    codec = stream.codec_context
    if codec is None or codec.name not in target.supported_codecs or not codec.sample_rate:
        source.close()
        name = "an unknown codec" if codec is None else codec.name
        logger.warning("no audio from %s: %s can't store %s", path, target.format.name, name)
        return None
    return _AudioCopy(source, stream, target)
