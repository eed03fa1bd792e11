"""Images of Pillow as upright 8-bit RGB."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import ExifTags

from vitruvian.core.pixels import MAX_SIDE, rgb_pixels
from vitruvian.errors import SourceError
from vitruvian.media.orientation import mirrored, rotated

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

__all__ = ["MAX_PIXELS", "levels", "upright_pixels"]

MAX_PIXELS = 2**28  # 1.9 GB while it is decoded; the largest sensors of phones have 200 million

_BITS_PER_SAMPLE, _PHOTOMETRIC, _PLANES = 258, 262, 284  # TIFF tags
_16_BIT_MODES = frozenset({"I;16", "I;16B", "I;16L", "I;16N"})
_TURNS = {  # by EXIF orientation: whether to mirror, then quarter turns counter-clockwise
    2: (True, 0), 3: (False, 2), 4: (True, 2), 5: (True, 1), 6: (False, 3), 7: (True, 3),
    8: (False, 1),
}  # fmt: skip
_BAND_BYTES = 2**20  # of RGB; the buffers of a band stay in the cache


def upright_pixels(image: Image.Image) -> NDArray[np.uint8]:
    """Return the current picture of an image of Pillow, rotated by its EXIF orientation.

    Returns
    -------
    (H, W, 3) uint8 array
        RGB, contiguous.

    Raises
    ------
    SourceError, ValueError
        If it has more than `MAX_PIXELS`, a side that is longer than the landmark networks accept,
        or pixels of a type that is not supported.
    Exception
        What Pillow's plug-ins raise for damaged data.
    """
    if not (image.width and image.height):
        raise SourceError(f"{image.width} x {image.height} px: it has no pixels")
    if image.width * image.height > MAX_PIXELS or max(image.size) > MAX_SIDE:
        raise SourceError(
            f"{image.width} x {image.height} px, the limit is {MAX_PIXELS // 10**6} megapixels "
            f"and {MAX_SIDE} px per side"
        )
    if image.format == "TIFF":
        _correct_planes(image)
    image.load()
    return _upright(_rgb(image), _orientation(image))


def levels(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Return the pixels of a file as RGB, by the rule for arrays.

    Raises
    ------
    SourceError
        If a float is outside 0 to 1.
    """
    try:
        return rgb_pixels(values)
    except ValueError as err:
        raise SourceError(str(err)) from err


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
        return _positive(levels(np.asarray(image) << (16 - _bits_per_sample(image))), image)
    if image.mode == "I" and image.format == "PPM":
        return levels(np.asarray(image).astype(np.uint16))
    if image.mode == "F":
        return _positive(levels(np.asarray(image)), image)
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


def _positive(pixels: NDArray[np.uint8], image: Image.Image) -> NDArray[np.uint8]:
    """Return grey pixels, inverted if 0 is white; Pillow inverts those of 8 bits only."""
    is_negative = image.format == "TIFF" and image.tag_v2.get(_PHOTOMETRIC) == 0  # type: ignore[attr-defined]
    return 255 - pixels if is_negative else pixels


def _correct_planes(image: Any) -> None:
    """Let Pillow read the uncompressed colour planes of a TIFF with all their 16 bits, not as 8."""
    tags = image.tag_v2
    if tags.get(_PLANES) != 2 or tags.get(_BITS_PER_SAMPLE, (8,))[0] != 16:
        return
    order = ";16L" if tags.prefix == b"II" else ";16B"
    image.tile = [
        tile._replace(args=(tile.args[0] + order, *tile.args[1:]))
        if tile.codec_name == "raw" and len(tile.args[0]) == 1
        else tile
        for tile in image.tile
    ]


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
