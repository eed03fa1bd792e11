"""Annotated images: one file, or one file for each frame."""

from __future__ import annotations

import io
import json
import os
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from vitruvian.errors import SinkError
from vitruvian.export.annotation import annotated_image
from vitruvian.export.heading import comment_of, completed, provenance_in_comment
from vitruvian.export.series import series_names
from vitruvian.export.sink import FileSink, new_draft

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult
    from vitruvian.core.provenance import Provenance
    from vitruvian.export import SinkOptions

__all__ = ["AnnotatedImage", "ImageSeriesSink", "read_image_provenance"]

_JPEG = {"format": "JPEG", "quality": 95}
_ENCODERS: dict[str, dict[str, Any]] = {
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".png": {"format": "PNG", "compress_level": 1, "compress_type": 3},  # zlib's Z_RLE: fast
}


class AnnotatedImage:
    """One frame with its poses; a second frame is a ValueError."""

    def __init__(
        self, path: Path, options: SinkOptions, *, series: dict[str, int] | None = None
    ) -> None:
        self._path = path
        self._options = options
        self._series = series  # extent of the complete series, in its first image
        self._is_written = False

    def append(self, result: PoseResult, frame: Frame | None) -> None:
        """Draw the frame and write it."""
        if self._is_written:
            name = self._options.path
            pattern = f"{name.stem}_{{frame:06d}}{name.suffix}"
            raise ValueError(f"{str(name)!r} holds one frame: for more, name it {pattern!r}")
        rgb = annotated_image(result, frame, self._options)
        provenance = completed(self._options.provenance, result.provenance)
        comment = comment_of(provenance, series=self._series)
        data = io.BytesIO()
        try:
            Image.fromarray(rgb).save(data, **_encoder(self._options.suffix, comment))
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


def _encoder(suffix: str, comment: str) -> dict[str, Any]:
    """Return the options of Pillow that encode an image with a comment."""
    if suffix != ".png":
        return _ENCODERS[suffix] | {"comment": comment.encode()}
    texts = PngInfo()
    texts.add_text("Comment", comment)
    return _ENCODERS[suffix] | {"pnginfo": texts}


def read_image_provenance(path: Path) -> Provenance | None:
    """Return the provenance in the comment of an image, or of the first image of a series."""
    if "{" in path.name:
        return _read_series_provenance(path)
    return provenance_in_comment(_comment_in(path))


def _read_series_provenance(pattern: Path) -> Provenance | None:
    """Return the provenance of a series; None if it is not complete."""
    named = series_names(pattern)
    if named is None:
        return None
    with os.scandir(pattern.parent) as entries:
        matches = [named.fullmatch(entry.name) for entry in entries]
    names = {int(match[1]): match[0] for match in matches if match}
    if not names:
        return None
    comment = _comment_in(pattern.with_name(names[min(names)]))
    provenance = provenance_in_comment(comment)
    extent = json.loads(comment or "{}").get("series") if provenance else None
    if extent is None or sum(n <= extent["last"] for n in names) < extent["n_frames"]:
        return None
    return provenance


def _comment_in(path: Path) -> str | bytes | None:
    with Image.open(path) as image:
        comment: str | bytes | None = image.info.get("Comment") or image.info.get("comment")
        return comment


class ImageSeriesSink:
    """One image for each frame, named by the position of the frame in its source.

    Each image is complete, and has its name, as soon as it is written. When the series is complete,
    the first image is written again, with the extent of the series in its comment.

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
        self._first: tuple[PoseResult, Frame | None] | None = None
        self._n_frames = self._last = 0
        new_draft(self._path_of(0)).discard()

    def write(self, result: PoseResult, frame: Frame | None = None) -> None:
        """Draw the poses on the frame and write the image, as in `Sink.write`."""
        if not self._is_open:
            raise ValueError(f"the sink of {str(self._options.path)!r} is closed")
        self._write(result, frame)
        self._first = self._first or (result, frame)
        self._n_frames += 1
        self._last = result.frame_index

    def _write(
        self, result: PoseResult, frame: Frame | None, series: dict[str, int] | None = None
    ) -> None:
        path = self._path_of(result.frame_index)
        options = replace(self._options, path=path)
        with FileSink(path, partial(AnnotatedImage, options=options, series=series)) as sink:
            sink.write(result, frame)

    def close(self) -> None:
        """Mark the series as complete, and accept no more frames."""
        if self._is_open and self._first is not None:
            self._write(*self._first, {"n_frames": self._n_frames, "last": self._last})
        self._is_open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        self._is_open = False

    def _path_of(self, frame: int) -> Path:
        pattern = self._options.path
        try:
            return pattern.with_name(pattern.name.format(frame=frame))
        except (LookupError, ValueError) as error:
            raise ValueError(
                f"the name must be a pattern such as 'out_{{frame:06d}}.png', got {pattern.name!r}"
            ) from error
