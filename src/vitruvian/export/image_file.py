"""Annotated images: one file, or one file for each frame."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from PIL import Image

from vitruvian.errors import SinkError
from vitruvian.export.annotation import annotated_image
from vitruvian.export.sink import FileSink, new_draft

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult
    from vitruvian.export import SinkOptions

__all__ = ["AnnotatedImage", "ImageSeriesSink"]

_JPEG = {"format": "JPEG", "quality": 95}
_ENCODERS: dict[str, dict[str, Any]] = {
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".png": {"format": "PNG", "compress_level": 1, "compress_type": 3},  # zlib's Z_RLE: fast
}


class AnnotatedImage:
    """One frame with its poses; a second frame is a ValueError."""

    def __init__(self, path: Path, options: SinkOptions) -> None:
        self._path = path
        self._options = options
        self._is_written = False

    def append(self, result: PoseResult, frame: Frame | None) -> None:
        """Draw the frame and write it."""
        if self._is_written:
            name = self._options.path
            pattern = f"{name.stem}_{{frame:06d}}{name.suffix}"
            raise ValueError(f"{str(name)!r} holds one frame: for more, name it {pattern!r}")
        rgb = annotated_image(result, frame, self._options)
        data = io.BytesIO()
        try:
            Image.fromarray(rgb).save(data, **_ENCODERS[self._options.suffix])
        except (OSError, ValueError) as err:  # from memory to memory: not of the disk
            size = f"{result.width}x{result.height}"
            raise SinkError(f"a {self._options.suffix} image can't have {size} px") from err
        self._path.write_bytes(data.getvalue())
        self._is_written = True

    def finish(self) -> None:
        """Raise a SinkError if there was no frame."""
        if not self._is_written:
            raise SinkError("an image needs a frame, got none")

    def salvage(self) -> str:
        """Keep the image."""
        return self._options.suffix


class ImageSeriesSink:
    """One image for each frame, named by the position of the frame in its source.

    Each image is complete, and has its name, as soon as it is written.

    Parameters
    ----------
    options : SinkOptions
        With a path like ``out/{frame:06d}.png``, whose folder must exist.

    Raises
    ------
    ValueError
        If the name is not a pattern of `frame` alone.
    SinkError
        If files can't be created there.
    """

    def __init__(self, options: SinkOptions) -> None:
        self._options = options
        self._is_open = True
        new_draft(self._path_of(0)).discard()

    def write(self, result: PoseResult, frame: Frame | None = None) -> None:
        """Draw the poses on the frame and write the image, as in `Sink.write`."""
        if not self._is_open:
            raise ValueError(f"the sink of {str(self._options.path)!r} is closed")
        path = self._path_of(result.frame_index)
        open_writer = partial(AnnotatedImage, options=replace(self._options, path=path))
        with FileSink(path, open_writer) as sink:
            sink.write(result, frame)

    def close(self) -> None:
        """Accept no more frames."""
        self._is_open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _path_of(self, frame: int) -> Path:
        pattern = self._options.path
        try:
            return pattern.with_name(pattern.name.format(frame=frame))
        except (LookupError, ValueError) as error:
            raise ValueError(
                f"the name must be a pattern such as 'out_{{frame:06d}}.png', got {pattern.name!r}"
            ) from error
