"""`load_image`: the pixels of one image, from a file or from memory."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TypeAlias

from vitruvian.core.frame import Frame
from vitruvian.core.pixels import rgb_pixels
from vitruvian.errors import SourceError
from vitruvian.media.address import is_url, without_password
from vitruvian.media.picture_file import PictureFile
from vitruvian.media.upright import upright_pixels

if TYPE_CHECKING:
    from collections.abc import Iterator

    import av
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    class _SupportsArray(Protocol):
        def __array__(self) -> NDArray[Any]: ...

    ImageLike: TypeAlias = (
        str
        | os.PathLike[str]
        | bytes
        | bytearray
        | memoryview
        | BinaryIO
        | Image.Image
        | av.VideoFrame
        | Frame
        | _SupportsArray
    )

__all__ = ["load_image", "picture_file", "readable"]

logger = logging.getLogger(__name__)


def load_image(image: ImageLike) -> NDArray[np.uint8]:
    """Return the pixels of an image, upright and in RGB.

    Parameters
    ----------
    image : path, bytes, binary file, Pillow image, PyAV video frame, array, tensor or Frame
        - A path, or the content of a file as bytes or as an open binary file: any format that
          Pillow reads; HEIC with the extra ``vitruvian[heif]``. The content decides, not the
          suffix. Of a file with several pictures, the main or first one, with a logged warning;
          `open_input` reads all.
        - A Pillow image, or a ``av.VideoFrame``.
        - A NumPy array or another object with ``__array__``, such as a PyTorch, TensorFlow or JAX
          tensor on the CPU. Channels are taken as RGB: reverse OpenCV's BGR with
          ``image[..., ::-1]``. Values are uint8; uint16; float from 0 to 1; or bool. The shape is
          (H, W) or (H, W, C) with 1 channel (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGBA); or
          (C, H, W), if the last axis can't be the channels.

        Grey, palette and CMYK pixels are converted to RGB; of 16 bits the upper 8 are kept; floats
        from 0 to 1 become 0 to 255; transparency is dropped. The orientation that a file or a
        Pillow image stores (EXIF, HEIF, AVIF), or the rotation of a video frame, is applied.

    Returns
    -------
    (H, W, 3) uint8 array
        Contiguous, except for a uint8 RGB array, which is returned as it is. JPEG, PNG, WebP and
        BMP files give the pixels of OpenCV's ``imread`` with the channels reversed.

    Raises
    ------
    SourceError
        If the file can't be read, is empty, truncated, not an image, or has more than 268
        megapixels or 32766 px per side.
    TypeError, ValueError
        If it is something else, or an array of another shape or type, or with floats outside 0 to
        1.
    """
    if isinstance(image, Frame):
        return image.image
    if isinstance(image, str | os.PathLike):
        return _main_picture(_content(image), repr(str(image)))
    if isinstance(image, bytes | bytearray | memoryview):
        return _main_picture(bytes(image), "the image bytes")
    if _is_a(image, "PIL.Image", "Image"):
        with readable("the Pillow image"):
            return upright_pixels(image)  # type: ignore[arg-type]
    if _is_a(image, "av", "VideoFrame"):
        from vitruvian.media.colour import RgbConverter

        return RgbConverter().rgb(image)  # type: ignore[arg-type]
    if hasattr(image, "__array__"):
        return rgb_pixels(image)
    if hasattr(image, "read"):
        return _main_picture(_stream_content(image), "the image file")
    raise TypeError(
        "image must be a path, bytes, a binary file, a Pillow image, a PyAV frame, an array or a "
        f"tensor, got {type(image).__name__}"
    )


def picture_file(path: Path) -> PictureFile:
    """Return the pictures of an image file.

    Raises
    ------
    SourceError
        If the file can't be read, is empty or not an image.
    """
    data = _content(path)
    with readable(repr(str(path))):
        return PictureFile(data)


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Raise a SourceError with the name of an image for any error while it is decoded."""
    try:
        yield
    except Exception as err:  # Pillow's plug-ins raise any exception on bad data
        reason = str(err).partition("\n")[0]
        if not isinstance(err, SourceError):
            reason = f"the image is damaged: {reason or type(err).__name__}"
        raise SourceError(f"can't read {name}: {reason}") from err


def _main_picture(data: bytes, name: str) -> NDArray[np.uint8]:
    if not data:
        raise SourceError(f"can't read {name}: the file is empty")
    with readable(name):
        pictures = PictureFile(data)
        pixels = pictures.main()
    with suppress(Exception):  # a damaged second page leaves a good first one
        if len(pictures) > 1:
            logger.warning(
                "%s has %d pictures, only one is used: open_input reads all", name, len(pictures)
            )
    return pixels


def _content(path: str | os.PathLike[str]) -> bytes:
    if isinstance(path, str) and is_url(path):
        raise SourceError(
            f"can't read {without_password(path)!r}: give the content of an image as bytes; "
            "for a stream use open_input"
        )
    data, reason = b"", "the file is empty"
    try:
        data = Path(path).read_bytes()
    except (OSError, ValueError) as err:  # ValueError: a null character
        reason = str(getattr(err, "strerror", err))
    if not data:
        # Not in `except`: the error contains the path, which may be a URL with a password.
        raise SourceError(f"can't read {without_password(str(path))!r}: {reason}")
    return data


def _stream_content(stream: Any) -> bytes:
    """Return the whole content of an open file."""
    try:
        if getattr(stream, "seekable", bool)():
            stream.seek(0)
        data = stream.read()
    except OSError as err:
        raise SourceError(f"can't read the image file: {err.strerror or err}") from err
    if not isinstance(data, bytes | bytearray):
        raise TypeError(
            f"the image file must be open in binary mode: read() gave {type(data).__name__}"
        )
    return bytes(data)


def _is_a(image: object, module: str, name: str) -> bool:
    """Return whether an object is of a class, without importing its module."""
    return module in sys.modules and isinstance(image, getattr(sys.modules[module], name))
