"""FrameTimes: when each frame of a file is shown, read without decoding where that is possible."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import av

from vitruvian.media import open_input
from vitruvian.media.clock import VideoClock
from vitruvian.media.container import open_container
from vitruvian.media.header import nominal_fps, shown_stream
from vitruvian.media.image_kind import is_image_input

if TYPE_CHECKING:
    from pathlib import Path

    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

__all__ = ["FrameTimes", "frame_times"]

_VP8_SHOWN = 0x10  # RFC 6386, 9.1: bit show_frame of the first byte


def _nothing() -> array[int]:
    return array("q")


@dataclass(frozen=True, slots=True, eq=False)
class FrameTimes:
    """Times of the frames of a file, in the order in which they are shown.

    Attributes
    ----------
    times_us : array of int
        `Frame.timestamp_us` of each frame.
    start_us : int
        Time of the first frame in the file: what browsers add to the times of all frames.
    pts : array of int
        Time of each frame in ticks of the file; empty if only decoding tells it.
    key_pts : array of int
        Those of the frames from which decoding can start.
    """

    times_us: array[int]
    start_us: int = 0
    pts: array[int] = field(default_factory=_nothing)
    key_pts: array[int] = field(default_factory=_nothing)

    def __len__(self) -> int:
        return len(self.times_us)

    def key_before(self, pts: int) -> int:
        """Return the place in `key_pts` of the last key frame that is not after a time, or -1."""
        return bisect_right(self.key_pts, pts) - 1


def frame_times(path: Path) -> FrameTimes:
    """Return the times of the frames that `open_input` gives for a file.

    MP4, MOV, WebM and Matroska store them. Files of other formats are decoded.

    Raises
    ------
    SourceError
        If the file can't be read.
    """
    if not is_image_input(str(path)):
        with open_container(str(path.absolute())) as container:
            stream = shown_stream(container)
            names = container.format.name
            if stream is not None and ("mp4" in names or "matroska" in names):
                times = _stored_times(container, stream)
                if times is not None:
                    return times
    with open_input(path) as source:
        return FrameTimes(array("q", [frame.timestamp_us for frame in source]))


def _stored_times(container: InputContainer, stream: VideoStream) -> FrameTimes | None:
    """Return the times that the packets of a video have; None if some have none."""
    try:
        first = next(container.decode(stream), None)
    except av.FFmpegError:
        return None
    if first is None or first.pts is None or stream.time_base is None:
        return None
    container.seek(0)
    pts, keys = array("q"), array("q")
    for packet in container.demux(stream):
        if not packet.size or packet.is_corrupt or packet.pts is None:
            continue
        if packet.is_keyframe:
            keys.append(packet.pts)
        if packet.pts >= first.pts and not (packet.is_discard or _is_hidden(packet, stream)):
            pts.append(packet.pts)
    pts, keys = array("q", sorted(pts)), array("q", sorted(keys))
    if not pts or pts[0] != first.pts:
        return None
    tick_s = Fraction(stream.time_base.numerator, stream.time_base.denominator)
    clock = VideoClock(tick_s, step_us=round(1e6 / (nominal_fps(stream) or 30.0)))
    times_us = array("q", map(clock.time_us, pts))
    return FrameTimes(times_us, round(pts[0] * tick_s * 1_000_000), pts, keys)


def _is_hidden(packet: Packet[VideoStream], stream: VideoStream) -> bool:
    """Return whether a packet has a frame that others are predicted from and nobody sees."""
    is_vp8 = stream.codec_context.codec.canonical_name == "vp8"
    return is_vp8 and not bytes(memoryview(packet)[:1])[0] & _VP8_SHOWN
