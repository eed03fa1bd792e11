"""FrameReader: any frame of a file, decoded here."""

from __future__ import annotations

from collections import OrderedDict, deque
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

import av

from vitruvian.media import open_input
from vitruvian.media.colour import RgbConverter
from vitruvian.media.container import open_container
from vitruvian.media.header import shown_stream
from vitruvian.studio.frame_times import FrameTimes, frame_times
from vitruvian.studio.problems import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

    from vitruvian.core.frame import Frame

__all__ = ["FrameReader", "FrameReaders"]

MAX_READERS = 3  # decoders that stay open
MAX_STARTS = 3  # key frames from which decoding is tried
KEPT_PX = 40_000_000  # of decoded frames: 60 MB with 12 bits each


class FrameReader:
    """Gives the frames of one file by their number; fast in order, and by key frames otherwise.

    Any thread may ask; one is served at a time.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._times: FrameTimes | None = None
        self._lock = Lock()
        self._decoded: _SeekingDecoder | _OrderedDecoder | None = None

    @property
    def times(self) -> FrameTimes:
        """Times of all frames; reading them takes a while the first time."""
        with self._lock:
            return self._known_times()

    def _known_times(self) -> FrameTimes:
        if self._times is None:
            self._times = frame_times(self._path)
        return self._times

    def frame(self, number: int) -> NDArray[np.uint8]:
        """Return the upright RGB pixels of a frame, as `open_input` gives them.

        Raises
        ------
        ApiError
            If there is no such frame.
        """
        with self._lock:
            times = self._known_times()
            if not 0 <= number < len(times):
                message = f"the file has {len(times)} frames, from 0, got {number}"
                raise ApiError(404, "no_frame", message)
            if self._decoded is None:
                kind = _SeekingDecoder if times.pts else _OrderedDecoder
                self._decoded = kind(self._path, times)
            image = self._decoded.frame(number)
            if image is None and isinstance(self._decoded, _SeekingDecoder):
                self._decoded.close()  # a damaged file: read it from its start
                self._decoded = _OrderedDecoder(self._path, times)
                image = self._decoded.frame(number)
        if image is None:
            raise ApiError(404, "no_frame", f"frame {number} can't be decoded")
        return image

    def close(self) -> None:
        """Release the decoder; the next frame opens it again."""
        with self._lock:
            if self._decoded is not None:
                self._decoded.close()
            self._decoded = None


class _SeekingDecoder:
    """Decodes from the last key frame before a frame, or goes on from the last one.

    The last frames are kept, so that steps back are quick, too.
    """

    def __init__(self, path: Path, times: FrameTimes) -> None:
        self._times = times
        self._container = open_container(str(path.absolute()))
        stream = shown_stream(self._container)
        if stream is None:
            raise ApiError(422, "not_media", "the file has no video any more")
        stream.thread_type = "AUTO"
        self._stream = stream
        self._converter = RgbConverter()
        self._frames: Iterator[VideoFrame] = iter(())
        n_kept = KEPT_PX // max(1, stream.codec_context.width * stream.codec_context.height)
        self._kept: deque[VideoFrame] = deque(maxlen=max(2, n_kept))

    def frame(self, number: int) -> NDArray[np.uint8] | None:
        pts = self._times.pts[number]
        key = self._times.key_before(pts)
        found = next((frame for frame in self._kept if frame.pts == pts), None)
        if found is None and self._can_go_on(pts, key):
            found = self._found_ahead(pts)
        for start in range(key, max(-1, key - MAX_STARTS), -1):
            if found is None:  # open GOP: the last key frame was not enough
                self._container.seek(self._times.key_pts[start], stream=self._stream)
                self._frames = self._container.decode(self._stream)
                self._kept.clear()
                found = self._found_ahead(pts)
        return None if found is None else self._converter.rgb(found)

    def _can_go_on(self, pts: int, key: int) -> bool:
        """Whether a frame follows the last one, before the next key frame but one."""
        last = self._kept[-1].pts if self._kept else None
        return last is not None and last < pts and self._times.key_before(last) >= key - 1

    def _found_ahead(self, pts: int) -> VideoFrame | None:
        with suppress(av.FFmpegError):  # damaged
            for frame in self._frames:
                if frame.pts is None:
                    return None
                self._kept.append(frame)
                if frame.pts >= pts:
                    return frame if frame.pts == pts else None
        return None

    def close(self) -> None:
        self._kept.clear()
        self._container.close()


class _OrderedDecoder:
    """Reads from the start of a file to a time, or goes on from the last frame."""

    def __init__(self, path: Path, times: FrameTimes) -> None:
        self._path, self._times = path, times
        self._open()

    def _open(self) -> None:
        self._source = open_input(self._path)
        self._frames = iter(self._source)
        self._last: Frame | None = None
        self._next = next(self._frames, None)

    def frame(self, number: int) -> NDArray[np.uint8] | None:
        """Return the frame that is shown at the time of a frame: of a damaged file, one before."""
        time_us = self._times.times_us[number]
        if self._last is not None and self._last.timestamp_us > time_us:
            self._source.close()
            self._open()
        while self._next is not None and self._next.timestamp_us <= time_us:
            self._last, self._next = self._next, next(self._frames, None)
        return None if self._last is None else self._last.image

    def close(self) -> None:
        self._source.close()


class FrameReaders:
    """Readers of several files, by their IDs; only the last ones keep their decoders open."""

    def __init__(self) -> None:
        self._readers: OrderedDict[str, FrameReader] = OrderedDict()
        self._lock = Lock()

    def reader(self, id_: str, path: Path) -> FrameReader:
        """Return the reader of a file."""
        with self._lock:
            reader = self._readers.setdefault(id_, FrameReader(path))
            self._readers.move_to_end(id_)
            idle = list(self._readers.values())[:-MAX_READERS]
        for other in idle:
            other.close()
        return reader

    def forget(self, id_: str) -> None:
        """Close the reader of a file."""
        with self._lock:
            reader = self._readers.pop(id_, None)
        if reader is not None:
            reader.close()

    def close(self) -> None:
        """Close all readers."""
        for id_ in list(self._readers):
            self.forget(id_)
