"""Text as coverage, in the scalable font that comes with Pillow."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont, features

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["text_stamp"]

FINE = 4  # letters are drawn FINE times as large, made bolder, and averaged
BOLDER = 0.04  # of the font size: added to the width of the strokes
BITMAP_PX = 11  # size of Pillow's font without FreeType


def text_stamp(text: str, size: int) -> NDArray[np.uint8]:
    """Return the coverage of one line of text, 0 to 255.

    Parameters
    ----------
    text : str
        Digits all have the same width, so that a number does not move while it changes.
    size : int, px
        Font size, at least 1.

    Returns
    -------
    (h, w) uint8 array
        Digits are in the middle of its height.
    """
    if not text:
        return np.zeros((_rows(size)[1] - _rows(size)[0], 0), np.uint8)
    return np.concatenate([_cell(letter, size) for letter in text], axis=1)


@lru_cache(maxsize=2048)
def _cell(letter: str, size: int) -> NDArray[np.uint8]:
    """Return one letter; its width is the step to the next."""
    font, scale = _font(size)
    top, bottom = _rows(size)
    step = max(font.getlength(c) for c in ("0123456789" if letter.isdigit() else letter))
    bolder = max(1, round(BOLDER * size * FINE))
    width = max(1, round((step * scale + bolder) / FINE))
    shape = (width * FINE, (bottom - top) * FINE)
    drawn = Image.new("L", (round(shape[0] / scale), round(shape[1] / scale)))
    left = (step - font.getlength(letter)) / 2
    ImageDraw.Draw(drawn).text((left, -top * FINE / scale), letter, fill=255, font=font)
    thin = np.asarray(drawn.resize(shape, Image.Resampling.BILINEAR))
    bold = thin.copy()
    for i in range(1, bolder + 1):
        np.maximum(bold[:, i:], thin[:, :-i], out=bold[:, i:])
    mean = bold.reshape(bottom - top, FINE, width, FINE).mean(axis=(1, 3))
    cell: NDArray[np.uint8] = mean.round().astype(np.uint8)
    cell.flags.writeable = False
    return cell


@lru_cache(maxsize=64)
def _rows(size: int) -> tuple[int, int]:
    """Return the first and last row of a line of text, px from the top of the font."""
    font, scale = _font(size)
    _, top, _, bottom = (v * scale / FINE for v in font.getbbox("0"))
    below = size // 4
    return round(top) - below, round(bottom) + below


@lru_cache(maxsize=64)
def _font(size: int) -> tuple[ImageFont.FreeTypeFont | ImageFont.ImageFont, float]:
    """Return the font for letters of FINE * `size` px, and the scale that is still missing."""
    if features.check("freetype2"):
        return ImageFont.load_default(FINE * size), 1.0
    return ImageFont.load_default(), FINE * size / BITMAP_PX
