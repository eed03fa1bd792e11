"""What the header of a container says: which video stream to show, its rate and its frames."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import av
from av.stream import Disposition

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

__all__ = ["announced_frames", "duration_s", "nominal_fps", "shown_stream"]

_PICTURES = Disposition.attached_pic | Disposition.timed_thumbnails
_DEFAULT_PX = 5_000_000  # FFmpeg, fftools/ffmpeg_mux_init.c, map_auto_video: worth of the default
_MAX_FPS = 1000.0  # browsers write the ticks of Matroska, 1000 per second, as the rate
_DURATION = re.compile(r"(\d+):(\d+):(\d+(?:\.\d+)?)")


def shown_stream(container: InputContainer) -> VideoStream | None:
    """Return the video stream that a player shows, None if there is none.

    It is the largest; 5 million px are added to that of a stream that is marked as default. Cover
    art and thumbnails are never shown. Among equal streams, it is the first.

    Notes
    -----
    Source: FFmpeg, ``fftools/ffmpeg_mux_init.c``, ``map_auto_video``.
    """
    streams = [each for each in container.streams.video if not each.disposition & _PICTURES]
    return max(streams, key=_rank, default=None)


def _rank(stream: VideoStream) -> int:
    if stream.codec_context is None:
        return -1  # there is no decoder
    is_default = bool(stream.disposition & Disposition.default)
    return stream.codec_context.width * stream.codec_context.height + _DEFAULT_PX * is_default


def nominal_fps(stream: VideoStream) -> float | None:
    """Return the nominal frames per second of a stream, None if they are unknown.

    A rate of one frame per tick may be that of the clock; then FFmpeg's guess is better.
    """
    rate, tick_s = stream.average_rate, stream.time_base
    if not rate or (tick_s and rate * tick_s >= 1):
        rate = stream.guessed_rate
        if rate and rate >= _MAX_FPS and not stream.frames:
            return None
    return float(rate) if rate else None


def announced_frames(container: InputContainer, stream: VideoStream) -> tuple[int | None, bool]:
    """Return how many frames a stream has, None if unknown, and whether that is a count.

    It is a count for MP4 files with an index, without the frames that an edit list cuts off;
    otherwise an estimate.
    """
    fps, seconds = nominal_fps(stream), duration_s(container, stream)
    n_estimated = max(1, round(seconds * fps)) if seconds and fps else None
    if stream.frames and container.format.name == "avi":
        return n_estimated or stream.frames, False  # AVI also counts ticks without a frame
    if stream.frames and "mp4" in container.format.name:
        return sum(not entry.is_discard for entry in stream.index_entries) or None, True
    return stream.frames or n_estimated, False


def duration_s(container: InputContainer, stream: VideoStream) -> float | None:
    """Return the duration of a stream, or of the whole container, s; None if both are unknown."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    match = _DURATION.match(stream.metadata.get("DURATION", ""))  # of Matroska
    if match is not None:
        hours, minutes, seconds = match.groups()
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    return container.duration / av.time_base if container.duration else None
