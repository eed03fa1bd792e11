"""Tiles: the parts of an image in which the detector looks for small and far people."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitruvian.engine.warp import Part

__all__ = ["tiles"]

DIVISORS = (2, 5)  # sides of tiles, as fractions of the long side of the image
MIN_SIDE = 160  # px; on photos, smaller tiles found no more people
OVERLAP = 1 / 3  # least overlap of neighbours, as a fraction of a tile
ROUNDING = 0.05  # of the distance between neighbours
SMALLER = 0.75  # largest ratio of a size of tile and the one before
MAX_TILES = 100  # 34 for 16:9, 58 for a square; small tiles of panoramas above 6:1 are left out


def tiles(image_wh: tuple[int, int]) -> tuple[Part, ...]:
    """Return the tiles of an image: overlapping squares of up to two sizes, large ones first.

    Large tiles have half the long side of the image, and at most the short side; small ones have a
    fifth. So people are seen up to five times as large as in the whole image.

    Parameters
    ----------
    image_wh : tuple of int, px

    Returns
    -------
    tuple of Part
        Those of each size in rows from the top left; none if the image is small. A tile is not
        square where the image is narrower.

    Examples
    --------
    >>> tiles((400, 200))
    ((0, 0, 200, 200), (100, 0, 200, 200), (200, 0, 200, 200))
    >>> len(tiles((1920, 1080)))
    34
    """
    width, height = image_wh
    found: list[Part] = []
    for side in _sides(image_wh):
        grid = [
            (left, top, min(side, width), min(side, height))
            for top in _starts(height, side)
            for left in _starts(width, side)
        ]
        if len(found) + len(grid) <= MAX_TILES:
            found += grid
    return tuple(found)


def _sides(image_wh: tuple[int, int]) -> list[int]:
    """Return the sides of the tiles, each clearly smaller than the one before."""
    largest = min(max(image_wh) / DIVISORS[0], min(image_wh))
    sides: list[int] = []
    for divisor in DIVISORS:
        side = max(round(largest * DIVISORS[0] / divisor), MIN_SIDE)
        if side <= SMALLER * (sides[-1] if sides else max(image_wh)):
            sides.append(side)
    return sides


def _starts(length: int, side: int) -> list[int]:
    """Return where tiles start so that they cover `length` px and overlap."""
    n_steps = math.ceil((length - side) / ((1 - OVERLAP) * side) - ROUNDING)
    return (
        [round(i * (length - side) / n_steps) for i in range(n_steps + 1)] if n_steps > 0 else [0]
    )
