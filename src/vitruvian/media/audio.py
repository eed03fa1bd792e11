"""The sound of a video that is read, copied unchanged to a video that is written."""

from __future__ import annotations

import logging
from collections import deque
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av

from vitruvian.media.container import open_container
from vitruvian.media.header import shown_stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet
    from av.stream import Stream

    AudioPacket = Packet[AudioStream]

__all__ = ["AudioCopy", "AudioTap", "AudioTee", "open_audio"]

logger = logging.getLogger(__name__)

_US = Fraction(1, 1_000_000)  # s


class AudioTap:
    """Copies of the audio packets of a video that is being read, in order, as they are read.

    An iterator that ends when no more packets are there yet; a later loop continues.

    Parameters
    ----------
    stream : AudioStream
    start : Fraction
        Start of the video in the timestamps of the packets, s.
    name : str
        Name of the video for messages.
    """

    def __init__(self, stream: AudioStream, start: Fraction, name: str) -> None:
        self.stream = stream
        self.start = start
        self.name = name
        self._packets: deque[AudioPacket] = deque()
        self._is_open = True

    def put(self, packet: Packet[Stream]) -> None:
        """Add a copy of a packet."""
        if not self._is_open:
            return
        copy: Any = av.Packet(bytes(packet))  # muxing changes a packet
        copy.pts, copy.dts, copy.duration = packet.pts, packet.dts, packet.duration
        copy.time_base, copy.is_keyframe = packet.time_base, packet.is_keyframe
        self._packets.append(copy)

    def close(self) -> None:
        """Take no more packets."""
        self._is_open = False
        self._packets.clear()

    def __iter__(self) -> Iterator[AudioPacket]:
        return self

    def __next__(self) -> AudioPacket:
        if not self._packets:
            raise StopIteration
        return self._packets.popleft()


class AudioTee:
    """Hands the audio packets of a video that is being read to its taps.

    Until `start` it keeps them, so that a tap has the packets that were read with the first frame.
    """

    def __init__(self, container: InputContainer, video: Stream, name: str) -> None:
        self._stream = container.streams.audio[0] if container.streams.audio else None
        self._start = _start(video)
        self._name = name
        self._early: list[Packet[Stream]] | None = []
        self._taps: list[AudioTap] = []

    def new_tap(self) -> AudioTap | None:
        """Return the audio from the start of the video; None without audio or after `start`."""
        if self._stream is None or self._early is None:
            return None
        tap = AudioTap(self._stream, self._start, self._name)
        for packet in self._early:
            tap.put(packet)
        self._taps.append(tap)
        return tap

    def start(self) -> None:
        """Note that the reading of frames begins."""
        self._early = None

    def put(self, packet: Packet[Stream]) -> None:
        """Take a packet of any stream."""
        if self._stream is None or packet.stream.index != self._stream.index or not packet.size:
            return
        if self._early is not None:
            self._early.append(packet)
        for tap in self._taps:
            tap.put(packet)


class AudioCopy:
    """Copies audio packets to a file unchanged.

    Parameters
    ----------
    packets : generator or AudioTap
        They are asked for again after a pause.
    stream : AudioStream
        Of the packets.
    start : Fraction
        Time 0 of the frames in the timestamps of the packets, s.
    target : OutputContainer
    source : InputContainer or AudioTap
        Closed with this copy.
    """

    def __init__(
        self,
        packets: Any,
        stream: AudioStream,
        start: Fraction,
        target: OutputContainer,
        source: InputContainer | AudioTap,
    ) -> None:
        self._packets = packets
        self._start = start
        self._target = target
        self._source = source
        self._stream = target.add_stream_from_template(stream)
        self._next: tuple[int, AudioPacket] | None = None
        self._n_refused = 0

    def copy_until(self, time_us: int) -> None:
        """Write the packets that start before a time in the timestamps of the frames."""
        while (following := self._next or self._take()) is not None:
            self._next = following
            if following[0] >= time_us:
                return
            packet = following[1]
            packet.stream = self._stream
            try:
                self._target.mux(packet)
            except av.FFmpegError as err:
                if isinstance(err, OSError):
                    raise  # a disk error, not a damaged packet
                self._n_refused += 1
            self._next = None

    def _take(self) -> tuple[int, AudioPacket] | None:
        """Return the next audible packet with its time in µs from the first frame."""
        try:
            for packet in self._packets:
                if packet.pts is None or packet.dts is None:
                    continue
                shift = round(self._start / packet.time_base)
                packet.pts -= shift
                packet.dts -= shift
                # Includes the packet before the first audible one: the decoder overlaps the two.
                if packet.pts + 2 * (packet.duration or 0) > 0:
                    return round(packet.pts * packet.time_base / _US), packet
        except av.FFmpegError as err:
            logger.warning("the audio ends early: %s", err.strerror)
        except IndexError:
            pass  # raised by PyAV at the end of a file in which a stream appeared late
        return None

    def close(self) -> None:
        """Close the source; warn if packets were left out."""
        self._packets.close()
        self._source.close()
        if self._n_refused:
            logger.warning("%d damaged audio packets are left out", self._n_refused)
            self._n_refused = 0


def open_audio(source: str | Path | AudioTap, target: OutputContainer) -> AudioCopy | None:
    """Return a copier of the audio of a file or of a tap, or None if there is none to copy."""
    if isinstance(source, AudioTap):
        if not _can_store(source.stream, target, source.name):
            source.close()
            return None
        return AudioCopy(source, source.stream, source.start, target, source)
    try:
        container = open_container(str(Path(source).absolute()))
    except av.FFmpegError as err:
        logger.warning("no audio from %s: %s", source, err.strerror)
        return None
    streams = container.streams
    if not streams.audio or not _can_store(streams.audio[0], target, str(source)):
        container.close()
        return None
    video = shown_stream(container)
    start = Fraction(0) if video is None else _start(video)
    packets = container.demux(streams.audio[0])
    return AudioCopy(packets, streams.audio[0], start, target, container)


def _can_store(stream: AudioStream, target: OutputContainer, name: str) -> bool:
    """Return whether a file can hold the codec of a stream; warn if not."""
    codec = stream.codec_context
    if codec is not None and codec.name in target.supported_codecs and codec.sample_rate:
        return True
    codec_name = "an unknown codec" if codec is None else codec.name
    logger.warning("no audio from %s: %s can't store %s", name, target.format.name, codec_name)
    return False


def _start(video: Stream) -> Fraction:
    """Return the start of a video in its timestamps, s."""
    if video.start_time is None or video.time_base is None:
        return Fraction(0)
    return video.start_time * video.time_base
