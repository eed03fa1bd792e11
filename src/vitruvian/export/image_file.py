"""Annotated images: one file, or one file for each frame."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from vitruvian.errors import SinkError
from vitruvian.export.annotation import annotated_image
from vitruvian.export.heading import comment_of, completed, provenance_in_comment
from vitruvian.export.series import SeriesSink, read_series_provenance

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult
    from vitruvian.core.provenance import Provenance
    from vitruvian.export import SinkOptions

__all__ = ["AnnotatedImage", "image_series", "read_image_provenance"]

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
        return read_series_provenance(path, _comment_in)
    return provenance_in_comment(_comment_in(path))


def _comment_in(path: Path) -> str | bytes | None:
    with Image.open(path) as image:
        comment: str | bytes | None = image.info.get("Comment") or image.info.get("comment")
        return comment


def image_series(options: SinkOptions) -> SeriesSink:
    """Return a sink that writes one image for each frame."""
    return SeriesSink(options, AnnotatedImage)
