"""Annotated video: the frames with the poses drawn, with the sound of the source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitruvian.errors import SinkError, SourceError
from vitruvian.export.annotation import RateMeter, annotated_image
from vitruvian.export.heading import comment_of, completed, provenance_in_comment
from vitruvian.media.container import open_container
from vitruvian.media.recorder import VideoWriter
from vitruvian.media.video import open_video

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult
    from vitruvian.core.provenance import Provenance
    from vitruvian.export import SinkOptions

__all__ = ["AnnotatedVideo", "read_video_provenance"]

CONTAINERS = {".mkv": "matroska", ".mov": "mov", ".mp4": "mp4"}
DEFAULT_FPS = 30.0


class AnnotatedVideo:
    """Frames with the poses drawn, at their own times.

    The first frame decides the size; frames of another size are fitted into it.
    """

    def __init__(self, path: Path, options: SinkOptions) -> None:
        self._path = path
        self._options = options
        self._video: VideoWriter | None = None
        self._rate = RateMeter()
        source = options.source
        self._audio = None if source is None else source.audio()  # before the first frame is read

    def append(self, result: PoseResult, frame: Frame | None) -> None:
        """Draw the frame and encode it."""
        image = annotated_image(result, frame, self._options, fps=self._rate.tick())
        if self._video is None:
            self._video = self._open((result.width, result.height), result.provenance)
        self._video.write(image, result.timestamp_us)

    def finish(self) -> None:
        """Complete the video; SinkError if there was no frame."""
        if self._video is None:
            raise SinkError("a video needs a frame, got none")
        self._video.close()

    def salvage(self) -> str:
        """Complete the video with the frames so far; SinkError if it can't be decoded."""
        self.finish()
        try:
            open_video(self._path).close()
        except SourceError as error:
            raise SinkError("the video is incomplete") from error
        return self._options.suffix

    def _open(self, wh: tuple[int, int], of_results: Provenance | None) -> VideoWriter:
        source = self._options.source
        return VideoWriter(
            self._path,
            wh,
            fps=(source and source.fps) or DEFAULT_FPS,
            audio_from=self._audio,
            container=CONTAINERS[self._options.suffix],
            threads=self._options.threads,
            comment=comment_of(completed(self._options.provenance, of_results)),
        )


def read_video_provenance(path: Path) -> Provenance | None:
    """Return the provenance in the comment of a video; None if it has none."""
    with open_container(str(path.absolute())) as container:
        tags = {name.lower(): text for name, text in container.metadata.items()}
    return provenance_in_comment(tags.get("comment"))
