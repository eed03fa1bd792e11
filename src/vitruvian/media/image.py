"""Images: one file, a folder or a pattern, decoded to upright RGB."""

from __future__ import annotations

import glob
import io
import os.path
import re
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from vitruvian.core.frame import Frame
from vitruvian.errors import SourceError
from vitruvian.media.address import is_image_name, is_pattern
from vitruvian.media.orientation import mirrored, rotated
from vitruvian.media.source import Source

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["MAX_PIXELS", "ImageFile", "ImageFolder", "load_image", "open_images"]

MAX_PIXELS = 2**28  # 1.9 GB while it is decoded; the largest sensors of phones have 200 million

_16_BIT_MODES = frozenset({"I;16", "I;16B", "I;16L", "I;16N"})
_CLIPPED_MODES = frozenset({"F", "I"})  # Pillow clips them to 8 bits instead of scaling them
_HEIF_BRANDS = frozenset({b"heic", b"heim", b"heis", b"heix", b"hevc", b"hevx", b"mif1", b"msf1"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_TIFF_SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_TURNS = {  # by EXIF orientation: whether to mirror, then quarter turns counter-clockwise
    2: (True, 0), 3: (False, 2), 4: (True, 2), 5: (True, 1), 6: (False, 3), 7: (True, 3),
    8: (False, 1),
}  # fmt: skip
_BAND_BYTES = 2**20  # of RGB; the buffers of a band stay in the cache
_PILLOW_LIMIT = Lock()  # Pillow's limit of pixels is shared by all threads


def load_image(path: str | os.PathLike[str]) -> NDArray[np.uint8]:
    """Return the pixels of an image file, rotated by its EXIF orientation.

    Parameters
    ----------
    path : str or path
        Any format that Pillow reads; HEIC with the extra ``vitruvian[heif]``. Grey, palette and
        CMYK pixels are converted to RGB. Of 16 bits the upper 8 are kept, transparency is dropped.
        Of an animation, the first frame.

    Returns
    -------
    (H, W, 3) uint8 array
        RGB, contiguous. JPEG, PNG, WebP and BMP files give the pixels of OpenCV's ``imread`` with
        the channels reversed.

    Raises
    ------
    SourceError
        If the file can't be read, is empty, truncated, not an image, or has more than `MAX_PIXELS`.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as err:
        raise SourceError(f"can't read {str(path)!r}: {err.strerror}") from err
    if not data:
        raise SourceError(f"can't read {str(path)!r}: the file is empty")
    try:
        image = _opened(data)
        if image.width * image.height > MAX_PIXELS:
            raise SourceError(
                f"{image.width} x {image.height} px, the limit is {MAX_PIXELS // 10**6} megapixels"
            )
        image.load()
        return _upright(_rgb(image), _orientation(image))
    except Exception as err:  # Pillow's plug-ins raise any exception on bad data
        reason = str(err).partition("\n")[0]
        if not isinstance(err, SourceError):
            reason = f"the image is damaged: {reason or type(err).__name__}"
        raise SourceError(f"can't read {str(path)!r}: {reason}") from err


def _opened(data: bytes) -> Image.Image:
    """Return an image whose header has been read."""
    with _without_pillow_limit():
        try:
            return Image.open(io.BytesIO(data))
        except UnidentifiedImageError as err:
            brand = data[8:12] if data[4:8] == b"ftyp" else b""
            if brand not in _HEIF_BRANDS:
                raise SourceError(_unknown(data, brand)) from err
        _register_heif()
        return Image.open(io.BytesIO(data))


def _unknown(data: bytes, brand: bytes) -> str:
    """Return why Pillow does not know a file."""
    if brand in _AVIF_BRANDS:
        return "AVIF needs Pillow 11.3 or newer: pip install --upgrade pillow"
    if data.startswith(_TIFF_SIGNATURES):
        return (
            "a damaged TIFF, or pixels of a type that is not supported: save it with 8 or 16 bits "
            "per channel"
        )
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
    with suppress(Exception):  # an EXIF block that is damaged leaves a good image
        return int(image.getexif()[ExifTags.Base.Orientation])
    return 1


def _upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    is_mirrored, quarter_turns = _TURNS.get(orientation, (False, 0))
    if is_mirrored:
        pixels = mirrored(pixels)
    return rotated(pixels, quarter_turns) if quarter_turns else pixels


def _rgb(image: Image.Image) -> NDArray[np.uint8]:
    if image.mode in _16_BIT_MODES or (image.mode == "I" and image.format == "PPM"):
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    elif image.mode in _CLIPPED_MODES:
        raise SourceError(
            f"pixel format {image.mode!r} is not supported: save it with 8 or 16 bits per channel"
        )
    elif image.mode == "CMYK" and image.format in ("JPEG", "MPO"):
        return _rgb_of_cmyk(np.asarray(image))
    image.info.pop("transparency", None)  # or Pillow warns that it drops it
    return _pixels(image if image.mode == "RGB" else image.convert("RGB"))


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


class ImageFile(Source):
    """One image, at time 0."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self._frame = Frame(load_image(path))
        self.path = path
        self.n_frames = 1
        self.wh = (self._frame.width, self._frame.height)

    def _read(self) -> Generator[Frame, None, None]:
        yield self._frame


class ImageFolder(Source):
    """Several images as the frames of one recording at a constant rate.

    An image that can't be read causes a warning; its index and timestamp are skipped.

    Attributes
    ----------
    paths : tuple of Path
        The files in natural order; ``paths[frame.index]`` is the file of a frame.
    """

    def __init__(self, name: str, paths: Sequence[Path], *, fps: float) -> None:
        super().__init__(name)
        self.paths = tuple(sorted(paths, key=_natural_order))
        self.n_frames = len(self.paths)
        self.fps = fps
        self._us_per_frame = 1e6 / fps

    def _read(self) -> Generator[Frame, None, None]:
        unreadable = 0
        for index, path in enumerate(self.paths):
            try:
                image = load_image(path)
            except SourceError as err:
                unreadable += 1
                self._log_warning(f"skipped: {err}")
                continue
            yield Frame(image, timestamp_us=round(index * self._us_per_frame), index=index)
        if unreadable == len(self.paths):
            raise SourceError(f"none of the {unreadable} images of {self.name!r} can be read")
        if unreadable:
            self._log_warning(
                f"{unreadable} of {len(self.paths)} images of {self.name} can't be read"
            )


def open_images(what: str, *, fps: float) -> ImageFile | ImageFolder:
    """Return the source of an image file, or of the images of a folder or a pattern.

    Parameters
    ----------
    what : str
        Path or glob pattern (``**`` matches subfolders). Images are in natural order: ``img2``
        before ``img10``. Hidden files and other formats are skipped.
    fps : float
        Images per second of a folder or a pattern.

    Raises
    ------
    SourceError
        If the file or folder does not exist, contains no image, or the one image can't be read.
    """
    if os.path.isdir(what):
        found = _visible_entries(Path(what))
        missing = f"no images in folder {what!r}"
    elif is_pattern(what):
        found = [Path(entry) for entry in glob.glob(what, recursive=True)]
        missing = f"no images match {what!r}"
    else:
        return ImageFile(Path(what))
    images = [entry for entry in found if is_image_name(entry) and os.path.isfile(entry)]
    if not images:
        raise SourceError(
            f"{missing}: {len(found)} other entries; to open a video, give the path of the file"
        )
    return ImageFolder(what, images, fps=fps)


def _visible_entries(folder: Path) -> list[Path]:
    try:
        return [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    except OSError as err:
        raise SourceError(f"can't read folder {str(folder)!r}: {err.strerror}") from err


def _natural_order(path: Path) -> tuple[list[str | int], str]:
    """Return a sort key that compares the numbers in names by value."""
    parts = re.split(r"([0-9]+)", str(path).casefold())
    return [int(part) if i % 2 else part for i, part in enumerate(parts)], str(path)
