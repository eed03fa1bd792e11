"""PictureFile: the pictures of an image file, decoded by Pillow to upright RGB."""

from __future__ import annotations

import io
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from vitruvian.core.pixels import rgb_pixels
from vitruvian.errors import SourceError
from vitruvian.media.image_kind import HEAD_BYTES, image_format
from vitruvian.media.orientation import mirrored, rotated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

    from numpy.typing import NDArray

__all__ = ["MAX_PIXELS", "PictureFile", "is_animation", "n_pictures", "upright_pixels"]

MAX_PIXELS = 2**28  # 1.9 GB while it is decoded; the largest sensors of phones have 200 million

_TIMED_FORMATS = frozenset({"AVIF", "GIF", "PNG", "WEBP"})
_PAGED_FORMATS = frozenset({"DCX", "HEIF", "TIFF"})
_MIN_PICTURE_BYTES = 16  # bounds the number of pictures that a header announces
_DEFAULT_US = 100_000  # browsers show a picture without a duration for 100 ms
_NEW_SUBFILE_TYPE = 254  # TIFF tag; bit 0: a reduced version of another page, bit 2: a mask
_BITS_PER_SAMPLE = 258
_16_BIT_MODES = frozenset({"I;16", "I;16B", "I;16L", "I;16N"})
_TURNS = {  # by EXIF orientation: whether to mirror, then quarter turns counter-clockwise
    2: (True, 0), 3: (False, 2), 4: (True, 2), 5: (True, 1), 6: (False, 3), 7: (True, 3),
    8: (False, 1),
}  # fmt: skip
_BAND_BYTES = 2**20  # of RGB; the buffers of a band stay in the cache
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
        if self._image.format == "HEIF" and _is_truncated(data):
            raise SourceError("the image is damaged: it is truncated")  # libheif omits such tiles
        self._main = 1 if self._image.info.get("default_image") else self._image.tell()
        self._main_wh = self._image.size
        self._n_bytes = len(data)
        self._damage: str | None = None

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


def upright_pixels(image: Image.Image) -> NDArray[np.uint8]:
    """Return the current picture of an image of Pillow, rotated by its EXIF orientation.

    Returns
    -------
    (H, W, 3) uint8 array
        RGB, contiguous.

    Raises
    ------
    SourceError, ValueError
        If it has more than `MAX_PIXELS`, or pixels of a type that is not supported.
    Exception
        What Pillow's plug-ins raise for damaged data.
    """
    if not (image.width and image.height):
        raise SourceError(f"{image.width} x {image.height} px: it has no pixels")
    if image.width * image.height > MAX_PIXELS:
        raise SourceError(
            f"{image.width} x {image.height} px, the limit is {MAX_PIXELS // 10**6} megapixels"
        )
    image.load()
    return _upright(_rgb(image), _orientation(image))


def _opened(data: bytes) -> Image.Image:
    """Return an image whose header has been read."""
    with _without_pillow_limit():
        try:
            return Image.open(io.BytesIO(data))
        except UnidentifiedImageError as err:
            kind = image_format(data[:HEAD_BYTES])
            if kind != "HEIF":
                raise SourceError(_unknown(data, kind)) from err
        _register_heif()
        try:
            return Image.open(io.BytesIO(data))
        except UnidentifiedImageError as err:
            raise SourceError(
                "a damaged HEIC, or a sequence, which vitruvian.open_input reads"
            ) from err


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
            "per channel"
        )
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


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation of an image that is loaded, 1 if it has none."""
    if image.format == "HEIF":  # libheif has applied the rotation; EXIF only repeats it
        return 1
    with suppress(Exception):  # an EXIF block that is damaged leaves a good image
        return int(image.getexif()[ExifTags.Base.Orientation])
    return 1


def _upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    is_mirrored, quarter_turns = _TURNS.get(orientation, (False, 0))
    if is_mirrored:
        pixels = mirrored(pixels)
    return rotated(pixels, quarter_turns) if quarter_turns else pixels


def _rgb(image: Image.Image) -> NDArray[np.uint8]:
    if image.mode in _16_BIT_MODES:
        return rgb_pixels(np.asarray(image) << (16 - _bits_per_sample(image)))
    if image.mode == "I" and image.format == "PPM":
        return rgb_pixels(np.asarray(image).astype(np.uint16))
    if image.mode == "F":
        return rgb_pixels(np.asarray(image))
    if image.mode == "I":  # Pillow clips them to 8 bits instead of scaling them
        raise SourceError(
            "pixel format 'I' is not supported: save it with 8 or 16 bits per channel"
        )
    if image.mode == "CMYK" and image.format in ("JPEG", "MPO"):
        return _rgb_of_cmyk(np.asarray(image))
    if image.mode != "RGB":
        if "transparency" in image.info:  # or Pillow warns that it drops it
            image = image.copy()
            del image.info["transparency"]
        image = image.convert("RGB")
    return _pixels(image)


def _bits_per_sample(image: Image.Image) -> int:
    """Return the bits of a 16-bit mode that are used: 12 in some TIFFs, otherwise 16."""
    if image.format != "TIFF":
        return 16
    return int(image.tag_v2.get(_BITS_PER_SAMPLE, (16,))[0])  # type: ignore[attr-defined]


def _rgb_of_cmyk(cmyk: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return RGB pixels, rounded as by OpenCV: imgcodecs/src/utils.cpp, icvCvt_CMYK2BGR."""
    light = 255 - cmyk[..., 3:].astype(np.uint16)
    return (light - (cmyk[..., :3] * light >> 8)).astype(np.uint8)


def _pixels(image: Image.Image) -> NDArray[np.uint8]:
    """Return the pixels of an RGB image; band by band, a large one is copied 4 times as fast."""
    width, height = image.size
    pixels = np.empty((height, width, 3), np.uint8)
    rows = max(1, _BAND_BYTES // (3 * width))
    if height <= 2 * rows:
        pixels[...] = np.asarray(image)
        return pixels
    for top in range(0, height, rows):
        band = image.crop((0, top, width, min(top + rows, height)))
        pixels[top : top + rows] = np.asarray(band)
    return pixels
