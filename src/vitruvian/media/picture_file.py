"""PictureFile: the pictures of an image file, decoded by Pillow to upright RGB."""

from __future__ import annotations

import io
from contextlib import contextmanager, suppress
from functools import cached_property
from itertools import count
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

from vitruvian.errors import SourceError
from vitruvian.media.float_tiff import float_tiff
from vitruvian.media.focal import focal_35mm_of_exif
from vitruvian.media.image_kind import HEAD_BYTES, image_format
from vitruvian.media.upright import upright_pixels

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from os import PathLike
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["PictureFile", "is_animation", "n_pictures"]

_TIMED_FORMATS = frozenset({"AVIF", "GIF", "PNG", "WEBP"})
_PAGED_FORMATS = frozenset({"DCX", "HEIF", "TIFF"})
_MIN_PICTURE_BYTES = 16  # bounds the number of pictures that a header announces
_DEFAULT_US = 100_000  # browsers show a picture without a duration for 100 ms
_NEW_SUBFILE_TYPE = 254  # TIFF tag; bit 0: a reduced version of another page, bit 2: a mask
_SUB_IFDS = 330
_DNG_VERSION = 50706
_PILLOW_LIMIT = Lock()  # Pillow's limit of pixels is shared by all threads


class PictureFile:
    """The pictures of an image file in memory; indexed like a sequence.

    A file of the formats AVIF, GIF, PNG and WebP may be an animation; one of HEIF, TIFF and DCX may
    have pages. Smaller versions, masks and the still image of an animated PNG do not count. Of
    other formats, such as MPO and PSD, only the main picture counts: the rest are other views,
    gain maps or layers.

    Parameters
    ----------
    data : bytes
        Content of the file.

    Raises
    ------
    SourceError
        If it is not an image, or one that needs another library.
    Exception
        What Pillow's plug-ins raise for damaged data; likewise later.
    """

    def __init__(self, data: bytes) -> None:
        self._image = _opened(data)
        _check(self._image, data)
        self._main = self._main_number()
        self._main_wh = self._image.size
        self._n_bytes = len(data)
        self._damage: str | None = None

    def _main_number(self) -> int:
        image = self._image
        if image.info.get("default_image"):  # of an animated PNG
            return 1
        with suppress(Exception):  # no page is more than a preview, or the rest is damaged
            if image.format == "TIFF":
                return next(number for number in count() if self._is_page(number))
        return 0 if image.format == "TIFF" else image.tell()

    @cached_property
    def _numbers(self) -> tuple[int, ...]:
        """Pillow's numbers of the pictures that count."""
        image, limit = self._image, self._n_bytes // _MIN_PICTURE_BYTES
        if image.format in _PAGED_FORMATS:
            return tuple(self._pages(limit))
        n_frames = getattr(image, "n_frames", 1)
        if image.format in _TIMED_FORMATS and n_frames > 1:
            return tuple(range(bool(image.info.get("default_image")), min(n_frames, limit)))
        return (self._main,)

    def _pages(self, limit: int) -> Iterator[int]:
        for number in range(limit):
            try:
                is_page = number == self._main or self._is_page(number)
            except EOFError:
                return
            except Exception as err:  # noqa: BLE001 - Pillow's plug-ins raise any on bad data
                self._damage = f"what follows page {number} is damaged: {err}".partition("\n")[0]
                return
            if is_page:
                yield number

    def _is_page(self, number: int) -> bool:
        """Return whether a picture is not a version or a part of another one."""
        self._seek(number)
        image = self._image
        if image.format == "TIFF":
            return not image.tag_v2.get(_NEW_SUBFILE_TYPE, 0) & 0b101  # type: ignore[attr-defined]
        if image.format == "HEIF":  # a group, or another size: versions of the main picture
            return image.size == self._main_wh and not image.info.get("entity_groups")
        return True

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def is_animation(self) -> bool:
        """Whether there are several pictures that follow each other in time."""
        return self._image.format in _TIMED_FORMATS and len(self) > 1

    @property
    def format(self) -> str:
        """Pillow's name of the format."""
        return self._image.format or ""

    def largest_wh(self) -> tuple[int, int]:
        """Return the size of the largest picture, px; the headers are read, nothing is decoded."""
        sizes = [self._image.size]
        if self._image.format in _PAGED_FORMATS:
            for number in self._numbers:
                self._seek(number)
                sizes.append(self._image.size)
        return max(sizes, key=lambda wh: wh[0] * wh[1])

    @property
    def focal_35mm(self) -> float | None:
        """Focal length in the EXIF block, mm, converted to 35 mm film; None without one."""
        with suppress(Exception):  # Pillow's plug-ins raise any on bad data
            return focal_35mm_of_exif(self._image.getexif())
        return None

    @property
    def damage(self) -> str | None:
        """Why there may be more pages than can be found."""
        return self._damage if len(self) else None

    def main(self) -> NDArray[np.uint8]:
        """Return the pixels of the picture that programs show first."""
        return self._pixels(self._main)

    def __getitem__(self, index: int) -> NDArray[np.uint8]:
        return self._pixels(self._numbers[index])

    def _pixels(self, number: int) -> NDArray[np.uint8]:
        self._seek(number)
        return upright_pixels(self._image)

    def _seek(self, number: int) -> None:
        if self._image.tell() != number:
            with _without_pillow_limit():
                self._image.seek(number)

    @property
    def duration_us(self) -> int:
        """How long the picture that was decoded last is shown."""
        return round(1000 * self._image.info.get("duration", 0)) or _DEFAULT_US

    @property
    def start_us(self) -> int | None:
        """When the picture that was decoded last is shown; None if the file has only durations."""
        start_ms = self._image.info.get("timestamp")
        return None if start_ms is None else round(1000 * start_ms)


def n_pictures(path: str | PathLike[str]) -> int:
    """Return the number of pictures in an image file, 1 if it can't be read."""
    try:
        return len(PictureFile(Path(path).read_bytes()))
    except Exception:  # noqa: BLE001 - Pillow's plug-ins raise any; reading the pictures tells why
        return 1


def is_animation(path: str | PathLike[str]) -> bool:
    """Return whether an image file is an animation; False if it can't be read."""
    try:
        return PictureFile(Path(path).read_bytes()).is_animation
    except Exception:  # noqa: BLE001 - as above
        return False


def _opened(data: bytes) -> Image.Image:
    """Return an image whose header has been read."""
    with _without_pillow_limit():
        try:
            return Image.open(io.BytesIO(data))
        except UnidentifiedImageError as err:
            kind = image_format(data[:HEAD_BYTES])
            float_image = float_tiff(data) if kind == "TIFF" else None
            if float_image is not None:
                return float_image
            if kind != "HEIF":
                raise SourceError(_unknown(data, kind)) from err
        _register_heif()
        try:
            return Image.open(io.BytesIO(data))
        except UnidentifiedImageError as err:
            raise SourceError(
                "a damaged HEIC, or a sequence, which vitruvian.open_input reads"
            ) from err


def _check(image: Image.Image, data: bytes) -> None:
    """Raise SourceError for a file of which Pillow would give a part or another picture."""
    if image.format == "HEIF" and _is_truncated(data):  # libheif would omit tiles
        raise SourceError("the image is damaged: it is truncated")
    if image.format in ("EPS", "WMF"):  # Pillow would start another program
        raise SourceError("a page description, not an image")
    if image.format == "TIFF" and (data[8:10] == b"CR" or _is_raw(image.tag_v2)):  # type: ignore[attr-defined]
        raise SourceError("a raw photo of a camera: save it as JPEG or TIFF first")


def _is_raw(tags: Mapping[int, Any]) -> bool:
    """Return whether the first page of a TIFF is the preview of a raw photo: DNG, NEF, ARW."""
    is_preview = bool(tags.get(_NEW_SUBFILE_TYPE, 0) & 1) and _SUB_IFDS in tags
    return is_preview or _DNG_VERSION in tags


def _is_truncated(data: bytes) -> bool:
    """Return whether the last box of an ISO media file is longer than the file."""
    end = 0
    while end + 8 <= len(data):
        size = int.from_bytes(data[end : end + 4], "big")
        if size == 1:  # the size stands after the name of the box
            size = int.from_bytes(data[end + 8 : end + 16], "big")
        if size < 8:  # 0: until the end of the file
            return False
        end += size
    return end > len(data)


def _unknown(data: bytes, kind: str | None) -> str:
    """Return why Pillow does not know a file."""
    if kind == "AVIF":
        from PIL import features

        if features.check("avif"):
            return "a damaged AVIF"
        return "AVIF needs Pillow 11.3 or newer: pip install --upgrade pillow"
    if kind == "TIFF":
        return (
            "a damaged TIFF, or pixels of a type that is not supported: save it with 8 or 16 bits "
            "per channel, or as 32-bit float"
        )
    if kind == "JXL":
        return "JPEG XL is not supported: save it as JPEG or PNG"
    if kind is None and data[4:8] == b"ftyp":
        return "a video, not an image: vitruvian.open_input reads it"
    return "not an image, or a damaged one"


def _register_heif() -> None:
    """Let Pillow read HEIC files."""
    try:
        from pillow_heif import register_heif_opener
    except ImportError as err:
        raise SourceError("HEIC needs pillow-heif: pip install 'vitruvian[heif]'") from err
    register_heif_opener()


@contextmanager
def _without_pillow_limit() -> Iterator[None]:
    """Set aside Pillow's own limit, which warns from 89 and fails from 179 megapixels."""
    with _PILLOW_LIMIT:
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = limit
