"""Local cameras, read by FFmpeg: v4l2 on Linux, dshow on Windows, avfoundation on macOS."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av

from vitruvian.core.frame import Frame
from vitruvian.errors import SourceError
from vitruvian.media.address import without_password
from vitruvian.media.colour import RgbConverter
from vitruvian.media.container import open_container
from vitruvian.media.source import Source
from vitruvian.media.video import TIMEOUT_S

if TYPE_CHECKING:
    from collections.abc import Generator

    import numpy as np
    from av.container import InputContainer
    from numpy.typing import NDArray

    from vitruvian.media.address import CameraAddress

__all__ = ["Camera", "CameraInfo", "cameras", "open_camera"]

# By platform: FFmpeg's name of the device, and the address of a camera.
_DEVICES = {
    "linux": ("v4l2", "{}"),
    "win32": ("dshow", "video={}"),
    "darwin": ("avfoundation", "{}:none"),
}
_POLL_S = 0.001
_MAX_QUEUED = 32  # VIDEO_MAX_FRAME of Linux: no driver has more buffers
_CLOCK_TOLERANCE_US = 1_000_000


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera of this machine.

    Attributes
    ----------
    number : int
        For ``open_input(number)``. On Linux that of ``/dev/video0``.
    name : str
        Name by the manufacturer; a part of it serves in ``open_input("camera:NAME")``.
    device : str
        Address of the device for FFmpeg.
    """

    number: int
    name: str
    device: str

    def __str__(self) -> str:
        return f"{self.number} {self.name!r}"


def cameras() -> list[CameraInfo]:
    """Return the cameras of this machine; none if FFmpeg can't list them."""
    kind, _ = _DEVICES.get(sys.platform, ("", ""))
    try:
        devices = av.enumerate_input_devices(kind)
    except (ValueError, av.FFmpegError):
        return []
    found: list[CameraInfo] = []
    for device in devices:
        if device.media_types and "video" not in device.media_types:
            continue
        if device.description.startswith("Capture screen"):  # macOS lists its screens, too
            continue
        digits = device.name.removeprefix("/dev/video")
        number = int(digits) if digits.isdecimal() else len(found)
        found.append(CameraInfo(number, device.description or device.name, device.name))
    return sorted(found, key=lambda camera: camera.number)


def open_camera(address: CameraAddress) -> Source:
    """Open a camera.

    The device chooses the nearest size and rate that it has, or fails if it has none.

    Raises
    ------
    SourceError
        If there is no such camera, it can't be opened, or it returns no frame.
    """
    kind, url = _DEVICES.get(sys.platform, ("", ""))
    if address.driver == "opencv" or not _is_known(kind):
        from vitruvian.media.opencv_camera import open_opencv_camera

        return open_opencv_camera(address)
    device = url.format(_device(address.which))
    error: av.FFmpegError | None = None
    for options in _attempts(kind, address):
        try:
            container = open_container(device, format=kind, options=options, timeout_s=TIMEOUT_S)
        except av.FFmpegError as err:
            error = err
        else:
            return Camera(container, address.name)
    reason = "no frame" if isinstance(error, av.error.ExitError) else getattr(error, "strerror", "")
    raise SourceError(f"can't open {address}: {reason}; {_present()}") from error


class Camera(Source):
    """The newest frames of a camera, with timestamps that start at 0.

    Frames that have queued while the caller was busy are skipped if each can be decoded without
    those before it. Timestamps are those of the device. Where its clock repeats or jumps, they are
    arrival times.

    Parameters
    ----------
    container : InputContainer
        Open device; `close` closes it.
    name : str
        Name for messages.

    Raises
    ------
    SourceError
        If the device returns no frame.
    """

    def __init__(self, container: InputContainer, name: str) -> None:
        super().__init__(name)
        self._container = container
        self._stream = container.streams.video[0]
        codec = self._stream.codec_context
        self._stream.thread_type = "SLICE"  # frame threading would delay frames
        self._is_intra = codec.codec.intra_only
        self._converter = RgbConverter()
        self._packets: Any = container.demux(self._stream)
        self._end = "no more frames"
        self._decoded = self._decode()
        self._first = next(self._decoded, None)
        if self._first is None:
            self.close()
            raise SourceError(f"can't read {name}: {self._end}; {_present()}")
        rate = self._stream.average_rate
        self.fps = float(rate) if rate else None
        height, width = self._first[0].shape[:2]
        self.wh = (width, height)
        self.is_live = True

    def _read(self) -> Generator[Frame, None, None]:
        decoded, self._first = self._first, None
        index = 0
        while decoded is not None:
            image, timestamp_us = decoded
            yield Frame(image, timestamp_us=timestamp_us, index=index)
            index += 1
            decoded = next(self._decoded, None)
        if not self._closed.is_set():
            self._log_warning(f"{self.name} stopped after {index} frames: {self._end}")

    def _decode(self) -> Generator[tuple[NDArray[np.uint8], int], None, None]:
        """Yield RGB pixels, each with its time in µs from the first frame."""
        tick_s = self._stream.time_base or Fraction(1, 1_000_000)
        clock = _Clock(Fraction(tick_s.numerator, tick_s.denominator))
        while (packet := self._newest_packet()) is not None:
            try:
                frames = self._stream.decode(packet)
            except av.FFmpegError:
                continue  # the first frames of many cameras are damaged
            for frame in frames:
                yield self._converter.rgb(frame), clock.time_us(frame.pts)

    def _newest_packet(self) -> Any:
        """Wait for a packet and return it; None if there will be no more."""
        newest: Any = None
        deadline_s = time.monotonic() + TIMEOUT_S
        for _ in range(_MAX_QUEUED):
            packet, was_queued = self._next_packet(deadline_s, is_waiting=newest is None)
            if packet is None:
                break
            newest = packet
            if not (self._is_intra and was_queued):
                break
        return newest

    def _next_packet(self, deadline_s: float, *, is_waiting: bool) -> tuple[Any, bool]:
        """Return the next packet, or None if there is none now, and whether it was queued."""
        asked_s = time.monotonic()
        while True:
            try:
                packet = next(self._packets, None)
            except av.error.BlockingIOError:
                self._packets = self._container.demux(self._stream)  # an error ends the old one
            except av.FFmpegError as err:
                self._end = str(err.strerror)
                return None, False
            else:
                is_last = packet is None or not packet.size  # an empty one flushes the decoder
                return None if is_last else packet, time.monotonic() - asked_s < _POLL_S
            if not is_waiting or self._closed.wait(_POLL_S):
                return None, False
            if time.monotonic() > deadline_s:
                self._end = f"no frame for {TIMEOUT_S:g} s"
                return None, False

    def _release(self) -> None:
        self._decoded.close()
        self._packets.close()  # before the container, which it reads
        self._container.close()


class _Clock:
    """Converts the timestamps of a device to strictly increasing µs from the first frame.

    A timestamp that repeats, steps back, or is more than a second later than the arrival of its
    frame is replaced by the time of arrival; those after it count from there.
    """

    def __init__(self, time_base: Fraction) -> None:
        self._us_per_tick = time_base * 1_000_000
        self._start_us: int | None = None  # arrival of the first frame
        self._shift_us: int | None = None  # from the time of the device to that of the frames
        self._last_us = -1

    def time_us(self, pts: int | None) -> int:
        """Return the time of a frame that arrives now."""
        now_us = time.monotonic_ns() // 1000
        if self._start_us is None:
            self._start_us = now_us
        arrival_us = max(now_us - self._start_us, self._last_us + 1)
        device_us = None if pts is None else round(pts * self._us_per_tick)
        time_us = arrival_us
        if device_us is not None:
            if self._shift_us is not None:
                time_us = device_us + self._shift_us
            if not self._last_us < time_us <= arrival_us + _CLOCK_TOLERANCE_US:
                time_us = arrival_us
            self._shift_us = time_us - device_us
        self._last_us = time_us
        return time_us


def _is_known(kind: str) -> bool:
    """Return whether this FFmpeg reads cameras of a kind."""
    return any(kind in names.split(",") for names in av.formats_available)


def _device(which: int | str) -> str:
    """Return FFmpeg's name of the device of a camera."""
    if isinstance(which, int) and sys.platform.startswith("linux"):
        path = Path(f"/dev/video{which}")
        if path.exists():
            return str(path)
        matches = []
    else:
        matches = [camera for camera in cameras() if _matches(camera, which)]
    if len(matches) != 1:
        what = "there is no camera" if not matches else "more than one camera matches"
        shown = which if isinstance(which, int) else without_password(which)
        raise SourceError(f"{what} {shown!r}; {_present()}")
    return matches[0].device


def _matches(camera: CameraInfo, which: int | str) -> bool:
    if isinstance(which, int):
        return camera.number == which
    return which == camera.device or which.casefold() in camera.name.casefold()


def _attempts(kind: str, address: CameraAddress) -> list[dict[str, str]]:
    """Return the options to try, in this order."""
    options = {"fflags": "+4"}  # AVFMT_FLAG_NONBLOCK: a camera that hangs does not block
    if kind == "dshow":
        options["rtbufsize"] = "64M"  # the default is less than one large frame
    if address.wh is not None:
        options["video_size"] = "{}x{}".format(*address.wh)
    if address.fps is not None:
        options["framerate"] = f"{address.fps:g}"
    if kind == "avfoundation":  # asks for 29.97 by default, which few cameras have
        rates = ["30", "60", "25"] if address.fps is None else [options["framerate"]]
        return [options | {"framerate": rate} for rate in rates]
    if address.wh is None and address.fps is None:
        return [options]
    # Over USB, most cameras reach high sizes and rates as JPEG only.
    jpeg = {"v4l2": {"input_format": "mjpeg"}, "dshow": {"vcodec": "mjpeg"}}[kind]
    return [options | jpeg, options]


def _present() -> str:
    """Return a text that lists the cameras of this machine."""
    return f"cameras present: {', '.join(map(str, cameras())) or 'none'}"
