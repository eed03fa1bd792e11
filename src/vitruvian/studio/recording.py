"""LiveRecording: the frames and results of a live session, written to files."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from vitruvian.errors import SinkError
from vitruvian.export import open_output
from vitruvian.export.heading import sidecar_of
from vitruvian.export.sink import FileSink, SinkGroup
from vitruvian.export.write_behind import WriteBehind
from vitruvian.media.recorder import VideoWriter
from vitruvian.studio.disk import check_disk
from vitruvian.studio.ids import new_id

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult

__all__ = ["LiveRecording"]

NOMINAL_FPS = 30.0
FRAMES_A_LOOK = 30
ENCODER_THREADS = 1  # the other cores are left to the tracker


class LiveRecording:
    """Writes the frames that were tracked, without drawings, and their results.

    Times and numbers of frames start at 0. Frames that were dropped have no result and are left
    out, and so are frames of another size than the first, of a phone that is turned. The files get
    their names when they are complete.

    Parameters
    ----------
    folder : Path
        Of the files.

    Attributes
    ----------
    video, results : Path
        The files, when they are complete.
    """

    def __init__(self, folder: Path) -> None:
        name = new_id()
        self.video, self.results = folder / f"{name}.mp4", folder / f"{name}.jsonl"
        self._lock = Lock()
        self._sink: WriteBehind | None = None
        self._is_closed = False
        self._n_frames = 0
        self._start_us = 0
        self._wh: tuple[int, int] | None = None

    def write(self, frame: Frame, result: PoseResult) -> None:
        """Add a frame; wait if encoding is behind by more than a few frames.

        Raises
        ------
        ApiError
            If the disk becomes full.
        SinkError
            If a file can't be written.
        """
        with self._lock:
            wh = frame.width, frame.height
            if self._is_closed or wh != (self._wh or wh):
                return
            if self._n_frames % FRAMES_A_LOOK == 0:
                check_disk(self.video.parent)
            if self._sink is None:
                self._start_us, self._wh = frame.timestamp_us, wh
                self._sink = self._opened(wh)
            n, time_us = self._n_frames, frame.timestamp_us - self._start_us
            self._n_frames += 1
            self._sink.write(
                replace(result, frame_index=n, timestamp_us=time_us, notes=()),
                replace(frame, index=n, timestamp_us=time_us),
            )

    def _opened(self, wh: tuple[int, int]) -> WriteBehind:
        video = FileSink(self.video, partial(_PlainVideo, wh=wh))
        return WriteBehind(SinkGroup([open_output(self.results), video]))

    def close(self) -> bool:
        """Complete the files; return whether there is a frame in them.

        Raises
        ------
        SinkError
            If a file can't be written.
        """
        with self._lock:
            self._is_closed = True
            sink, self._sink = self._sink, None
        if sink is None:
            return False
        sink.close()
        return True

    def discard(self, *, with_video: bool = True) -> None:
        """End the recording and remove its files, or only the results."""
        with suppress(SinkError):
            self.close()
        for path in (self.results, sidecar_of(self.results), self.video if with_video else None):
            if path is not None:
                path.unlink(missing_ok=True)


class _PlainVideo:
    """A `Writer` of the frames alone."""

    def __init__(self, path: Path, *, wh: tuple[int, int]) -> None:
        self._video = VideoWriter(path, wh, fps=NOMINAL_FPS, threads=ENCODER_THREADS)

    def append(self, result: PoseResult, frame: Frame | None) -> None:
        """Add the frame of a result."""
        if frame is None:
            raise ValueError("a video needs the frames, got none")
        self._video.write(frame.image, result.timestamp_us)

    def finish(self) -> None:
        """Complete the video."""
        self._video.close()

    def salvage(self) -> str:
        """Close the video after a failure."""
        self._video.close()
        return ".mp4"
