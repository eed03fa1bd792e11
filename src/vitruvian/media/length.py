"""Whether a stream has an end or is live: decided here, by what is known of its length."""

from __future__ import annotations

import errno
from itertools import chain
from time import monotonic
from typing import TYPE_CHECKING

import av

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.video.stream import VideoStream

__all__ = ["is_endless", "may_be_file", "read_if_fast"]

_PLAYLISTS = frozenset({"dash", "hls", "rtp", "rtsp", "sdp"})  # their address has another length
_FAST_S = 0.5
_LONGEST_BURST_S = 10  # that a live server may have stored, such as the frames since a key frame


def is_endless(container: InputContainer) -> bool:
    """Return whether nothing tells where an open stream ends.

    It ends somewhere if it has a duration, as HLS with an ENDLIST, or a length in bytes, as a file
    of a web server that sends its Content-Length.
    """
    if container.duration is not None:
        return False
    return container.format.name in _PLAYLISTS or container.size <= 0


def may_be_file(container: InputContainer, url: str) -> bool:
    """Return whether an endless stream may be a file that is sent without its length."""
    is_connection = url.lower().startswith(("http:", "https:", "tcp:", "tls:", "unix:"))
    return is_connection and container.format.name not in _PLAYLISTS | {"mpjpeg"}  # of cameras


def read_if_fast(
    container: InputContainer, video: VideoStream
) -> tuple[bool, Iterator[Packet[Stream]]]:
    """Return whether an endless stream is a file that is sent without its length, and its packets.

    A file ends, or sends more than a live source can have stored, within half a second.
    """
    packets = container.demux()
    early: list[Packet[Stream]] = []
    last_s = monotonic() + _FAST_S
    fps = video.average_rate or video.guessed_rate or 30
    n_left = _LONGEST_BURST_S * fps
    is_file = False
    error: BaseException | None = None
    try:
        while monotonic() < last_s and not is_file:
            packet = next(packets, None)
            is_file = packet is None
            if packet is not None:
                early.append(packet)
                n_left -= packet.stream.index == video.index
                is_file = n_left <= 0
    except (IndexError, OSError, av.FFmpegError) as err:
        error = err
        is_file = getattr(err, "errno", None) == errno.EIO  # FFmpeg's end of data without a length
    return is_file, chain(early, packets if error is None else _failing(error))


def _failing(error: BaseException) -> Iterator[Packet[Stream]]:
    raise error
    yield
