"""Video files and network streams, decoded by PyAV to upright RGB with exact timestamps."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import av

from vitruvian.core.frame import Frame
from vitruvian.errors import SourceError
from vitruvian.media.address import without_password
from vitruvian.media.audio import AudioTee
from vitruvian.media.clock import MAX_GAP_US, MAX_STREAM_GAP_US, VideoClock
from vitruvian.media.colour import RgbConverter
from vitruvian.media.container import (
    MAY_RESTART,
    lacks_index,
    lacks_trailer,
    open_container,
    protocol_of,
)
from vitruvian.media.focal import focal_35mm_of_mov
from vitruvian.media.header import announced_frames, nominal_fps, shown_stream
from vitruvian.media.image_kind import is_image_name, is_pdf, is_still_brand
from vitruvian.media.length import is_endless, may_be_file, read_if_fast
from vitruvian.media.one_pass import STDIN, OnePass, open_one_pass
from vitruvian.media.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    import numpy as np
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

    from vitruvian.media.audio import AudioTap

__all__ = ["TIMEOUT_S", "Video", "open_file_object", "open_pipe", "open_stream", "open_video"]

TIMEOUT_S = 10.0  # without data for this long, a stream is over

_STREAM_OPTIONS = {  # by scheme; over UDP, RTSP's default, frames arrive damaged
    "rtsp": {"rtsp_transport": "tcp"},
    "rtsps": {"rtsp_transport": "tcp"},
}

_MEANING: dict[type[BaseException], str] = {  # of FFmpeg's reasons, in addition to them
    av.error.InvalidDataError: " (not a video, or damaged)",
    av.error.EOFError: " (truncated, or not a video)",
    av.error.ArgumentError: " (not a video, or a text or list that names other files)",
}


def open_video(path: str | Path, *, threads: int | None = None) -> Video:
    """Return the source of a video file, decoded by `threads` threads, None for one per core.

    Raises
    ------
    SourceError
        If the file does not exist, is empty, is not a video, or no frame can be decoded.
    """
    path = Path(path)
    name = str(path)
    try:
        size = path.stat().st_size
    except (OSError, ValueError) as err:  # ValueError: a null character
        raise SourceError(f"can't read {name!r}: {getattr(err, 'strerror', err)}") from err
    if size == 0 and path.is_file():
        raise SourceError(f"can't read {name!r}: the file is empty")
    if is_pdf(path):
        raise SourceError(f"can't read {name!r}: a PDF: save its pages as images first")
    # An absolute path, so that FFmpeg does not take a colon in it for a protocol.
    video = Video(str(path.absolute()), name, threads=threads)
    video.path = path
    return video


def open_stream(url: str, *, threads: int | None = None) -> Video:
    """Open a network stream: ``rtsp://``, ``http://``, ``udp://`` and others.

    The protocols and formats that FFmpeg may use for it are limited: see `open_container`.

    A stream is live if nothing says where it ends: see `is_endless`. Connecting, and waiting for a
    packet, time out after `TIMEOUT_S` seconds.

    Raises
    ------
    SourceError
        If the stream can't be opened in time, or no frame can be decoded.
    """
    return Video(url, without_password(url), threads=threads)


def open_pipe(what: str, *, threads: int | None = None) -> Video:
    """Open an input that can be read once; wait until it has data.

    Raises
    ------
    SourceError
        If it can't be opened, or no frame can be decoded.
    """
    raw = open_one_pass(what)
    name = "stdin" if what == STDIN else what
    return open_file_object(raw, name, threads=threads, on_release=raw.close)


def open_file_object(
    file: Any,
    name: str,
    *,
    threads: int | None = None,
    on_release: Callable[[], object] = lambda: None,
) -> Video:
    """Open a binary file object, which is not closed with the video.

    Raises
    ------
    SourceError
        If no frame can be decoded.
    """
    with ExitStack() as opened:
        opened.callback(on_release)
        seekable = getattr(file, "seekable", lambda: hasattr(file, "seek"))
        if not seekable():
            file = OnePass(file)
            try:
                is_empty, copy = file.is_empty(), file.seekable_copy()
            except OSError as err:
                raise SourceError(f"can't read {name!r}: {err.strerror or err}") from err
            if is_empty:
                raise SourceError(f"can't read {name!r}: it is empty")
            file = file if copy is None else opened.enter_context(copy)
        video = Video(file, name, threads=threads)
        video.on_release = opened.pop_all().close
    return video


class Video(Source):
    """The video stream of a file, URL or file object that a player shows: see `shown_stream`.

    Pixels equal those of OpenCV's ``VideoCapture``: the rotation in the file is applied, non-square
    pixels are not resampled. A mirror in the file is applied as well, unlike by OpenCV. Timestamps
    start at 0 at the first frame: see `VideoClock`.

    Reading ends when no more frames can be decoded. If something was missing or damaged, a warning
    gives the problem and the number of frames read.

    Parameters
    ----------
    address : str or binary file object
        Address for FFmpeg; or an object with `read`, and `seek` and `tell` if it can do that.
    name : str
        Name for messages.
    threads : int or None
        Processor threads for decoding; None for all cores.

    Raises
    ------
    SourceError
        If it can't be opened in time, is not a video, or no frame can be decoded.
    """

    def __init__(
        self, address: str | OnePass | IO[bytes], name: str, *, threads: int | None = None
    ) -> None:
        super().__init__(name)
        self.on_release: Callable[[], object] = lambda: None
        self._container = _opened(address, name)
        self._errors = _DecodeErrors()
        self._converter = RgbConverter(threads)
        self._threads = threads
        self._demuxed: Iterator[Packet[Stream]] | None = None
        self._decoded = self._decode()
        self._is_exact = False  # whether `n_frames` is a count, not an estimate
        try:
            self._stream = _video_stream(self._container, name)
            self._audio = AudioTee(self._container, self._stream, name)
            self._describe(is_remote=_is_remote(address))
            self._first = next(self._decoded, None)
            if self._first is None:
                is_truncated = self._is_exact and not self._errors.has_whole_packets
                where = f": cut off before the first of {self.n_frames}" if is_truncated else ""
                raise SourceError(f"can't read {name!r}: {self._errors.reason()}{where}")
        except BaseException:
            self.close()
            raise
        height, width = self._first[0].shape[:2]
        self.wh = (width, height)
        is_mov = self._container.format.name.startswith("mov") and isinstance(address, str)
        is_file = is_mov and not _is_remote(address)
        self._focal_35mm = focal_35mm_of_mov(str(address)) if is_file else None

    def audio(self) -> Path | AudioTap | None:
        """Return where a video of these frames gets its sound, as `Source.audio`."""
        return self.path or self._audio.new_tap()

    def _describe(self, *, is_remote: bool) -> None:
        """Read the header of the container, and set the threading of the decoder."""
        stream = self._stream
        self.is_live = is_remote and is_endless(self._container)
        if self.is_live and may_be_file(self._container, self.name):
            is_file, self._demuxed = read_if_fast(self._container, stream)
            self.is_live = not is_file
        self.fps = nominal_fps(stream)
        if not self.is_live:
            self.n_frames, self._is_exact = announced_frames(self._container, stream)
        # AVI stores no presentation times. Decoding times serve as well in display order.
        self._lacks_pts = self._container.format.name == "avi"
        # Frame threading is faster, but delays frames until later ones arrive.
        stream.thread_type = "SLICE" if self.is_live else "AUTO"
        stream.codec_context.thread_count = self._threads or 0  # 0: one per core

    def _read(self) -> Generator[Frame, None, None]:
        self._audio.start()
        tick_s = self._stream.time_base or Fraction(1, 90_000)
        clock = VideoClock(
            Fraction(tick_s.numerator, tick_s.denominator),
            step_us=round(1e6 / (self.fps or 30.0)),
            max_gap_us=MAX_STREAM_GAP_US
            if self._container.format.flags & MAY_RESTART
            else MAX_GAP_US,
        )
        decoded, self._first = self._first, None
        n_read = 0
        while decoded is not None:
            image, pts = decoded
            yield Frame(image, clock.time_us(pts), n_read, focal_35mm=self._focal_35mm)
            n_read += 1
            decoded = next(self._decoded, None)
        problems = self._errors.messages(self._container, clock)
        expected = ""
        if self.n_frames is not None and n_read < self.n_frames:
            expected = f" of {'' if self._is_exact else 'about '}{self.n_frames} expected"
        is_short = bool(expected) and self._is_exact
        self.is_complete = not (is_short or self._errors.is_cut(self._container, clock))
        if problems or is_short:
            self._log_warning(
                "; ".join([f"{self.name}: {n_read} frames read{expected}", *problems])
            )

    def _decode(self) -> Generator[tuple[NDArray[np.uint8], int | None], None, None]:
        """Yield RGB pixels, each with its presentation time in the time base of the stream."""
        for packet in self._packets():
            try:
                for frame in self._stream.decode(packet):
                    self._errors.damaged_frames += frame.is_corrupt
                    yield self._converter.rgb(frame), frame.dts if self._lacks_pts else frame.pts
            except EOFError:
                continue  # the decoder was already flushed
            except av.FFmpegError as err:
                self._errors.bad_packets += 1
                self._errors.decoder = str(err.strerror)

    def _packets(self) -> Generator[Any, None, None]:
        """Yield the packets of the video and, at the end, one that flushes the decoder."""
        # A truncated file ends with a partial packet. Its error would reach the decoder while it is
        # flushed, and PyAV would then drop the good frames that are still buffered.
        corrupt = None
        try:
            for packet in self._demuxed or self._container.demux():
                self._errors.note_time(packet)
                self._audio.put(packet)
                if packet.stream.index != self._stream.index:
                    continue
                if corrupt is not None and packet.size:
                    yield corrupt
                elif corrupt is not None:
                    self._errors.bad_packets += 1
                corrupt = packet if packet.is_corrupt else None
                if corrupt is None:
                    self._errors.has_whole_packets |= bool(packet.size)
                    yield packet
        except (av.FFmpegError, OSError) as err:
            self._errors.end = _reason(err)
            yield None
        except IndexError:  # raised by PyAV at the end of a file in which a stream appeared late
            yield None

    def _release(self) -> None:
        self._decoded.close()
        self._container.close()
        self.on_release()


@dataclass(slots=True)
class _DecodeErrors:
    """Problems while a video was read, for one warning at its end."""

    bad_packets: int = 0
    damaged_frames: int = 0
    decoder: str | None = None
    end: str | None = None
    reached_us: int = 0
    has_whole_packets: bool = False

    def note_time(self, packet: Packet[Stream]) -> None:
        """Store the latest time in any stream of the file."""
        if packet.pts is not None and packet.time_base:
            end = (packet.pts + (packet.duration or 0)) * packet.time_base
            self.reached_us = max(self.reached_us, int(end * 1_000_000))

    def reason(self) -> str:
        """Return why there is no frame at all."""
        if self.end is not None:
            return self.end
        problem = "no frame of it can be decoded"
        return problem if self.decoder is None else f"{problem}: {self.decoder}"

    def messages(self, container: InputContainer, clock: VideoClock) -> list[str]:
        """Return a text for each problem."""
        problems = []
        if self.bad_packets:
            problems.append(f"{self.bad_packets} packets can't be decoded")
        if self.damaged_frames:
            problems.append(f"{self.damaged_frames} frames are damaged")
        if clock.n_corrected:
            problems.append(f"{clock.n_corrected} timestamps did not increase and were corrected")
        if self.end is not None:
            problems.append(f"reading stopped: {self.end}")
        elif self.is_cut(container, clock):
            length_s = self._length_us(container) / 1e6
            announced_s = (container.duration or 0) / 1e6
            problems.append(f"it is truncated at {length_s:.1f} s of {announced_s:.1f} s")
        elif container.format.name == "gif" and lacks_trailer(container.name):
            problems.append("its trailer is missing: the last frame may be incomplete")
        return problems

    def is_cut(self, container: InputContainer, clock: VideoClock) -> bool:
        """Return whether reading stopped before the end, or the end is missing."""
        missing_us = (container.duration or 0) - self._length_us(container)
        return self.end is not None or missing_us > max(500_000, 2 * clock.step_us)

    def _length_us(self, container: InputContainer) -> int:
        return self.reached_us - (container.start_time or 0)


def _is_remote(address: str | OnePass | IO[bytes]) -> bool:
    return isinstance(address, str) and protocol_of(address) != "file"


def _opened(address: str | OnePass | IO[bytes], name: str) -> InputContainer:
    start_s = time.monotonic()
    try:
        scheme = protocol_of(address) if isinstance(address, str) else ""
        container = open_container(
            address,
            options=_STREAM_OPTIONS.get(scheme),
            timeout_s=TIMEOUT_S if _is_remote(address) else None,
        )
    except (av.FFmpegError, OSError) as err:
        is_late = _is_remote(address) and time.monotonic() - start_s > TIMEOUT_S
        reason = _reason(err, is_late=is_late)
        is_invalid = isinstance(err, av.error.InvalidDataError)
        if is_invalid and isinstance(address, str) and lacks_index(address):
            reason = f"{err.strerror} (an MP4 file without its index 'moov': it is not complete)"
        is_refused = isinstance(err, av.error.ArgumentError)
        if is_refused and isinstance(address, str) and is_image_name(Path(address)):
            reason = "an image: save it, and give its path"  # FFmpeg's image2 also reads patterns
    except ValueError as err:
        reason = str(err)
    else:
        if not is_still_brand(container.metadata.get("major_brand", "")):
            return container
        container.close()  # FFmpeg would give one tile or one picture
        reason = "a HEIC or AVIF image: save it to a file first"
    # Not in `except`: the error of FFmpeg contains the address, which may contain a password.
    raise SourceError(f"can't open {name!r}: {reason}")


def _video_stream(container: InputContainer, name: str) -> VideoStream:
    """Return the video stream to read."""
    stream = shown_stream(container)
    if stream is None:
        kinds = {"cover" if each.type == "video" else each.type for each in container.streams}
        others = f", only {sorted(kinds)}" if kinds else ""
        raise SourceError(f"can't read {name!r}: it has no video stream{others}")
    if stream.codec_context is None:
        raise SourceError(f"can't read {name!r}: no decoder for its video stream")
    return stream


def _reason(err: av.FFmpegError | OSError, *, is_late: bool = False) -> str:
    """Return why FFmpeg failed, without the error's own text, which may contain a password."""
    if is_late or isinstance(err, av.error.ExitError):
        return f"no data for {TIMEOUT_S:g} s"
    return f"{err.strerror}{_MEANING.get(type(err), '')}"
