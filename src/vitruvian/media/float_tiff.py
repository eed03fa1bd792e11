"""Colour TIFFs with 32-bit float pixels, which Pillow does not read: decoded by FFmpeg."""

from __future__ import annotations

import io

import av
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from vitruvian.errors import SourceError
from vitruvian.media.container import open_container
from vitruvian.media.upright import levels

__all__ = ["float_tiff"]


def float_tiff(data: bytes) -> Image.Image | None:
    """Return the image of a float TIFF with its orientation, None if FFmpeg can't read it.

    Raises
    ------
    SourceError
        If there are several pages, of which FFmpeg reads one, or floats outside 0 to 1.
    """
    try:
        with open_container(io.BytesIO(data), format="tiff_pipe") as container:
            frame = next(container.decode(video=0))
        tags = ImageFileDirectory_v2(data[:8])
        tags.load(_at(data, tags.next))
    except (av.FFmpegError, StopIteration, SyntaxError, ValueError, LookupError, OSError):
        return None
    if "f32" not in frame.format.name:  # FFmpeg takes 16-bit floats for integers
        return None
    if tags.next:
        raise SourceError("a TIFF with several pages of float colours: save each as a file")
    image = Image.fromarray(levels(frame.to_ndarray()))
    image.getexif()[ExifTags.Base.Orientation] = tags.get(ExifTags.Base.Orientation, 1)
    return image


def _at(data: bytes, offset: int) -> io.BytesIO:
    file = io.BytesIO(data)
    file.seek(offset)
    return file
