"""Tiles: the parts of an image in which the detector looks for small and far people."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitruvian.engine.warp import Part

__all__ = ["tiles"]

DIVISORS = (2, 3, 5)  # tiles of a half, a third and a fifth of the long side of the image
OVERLAP = 1 / 3  # least overlap of neighbours, as a fraction of a tile
ROUNDING = 0.05  # of a step
MIN_SIDE = 200  # px; smaller tiles have too few pixels for the detector


def tiles(image_wh: tuple[int, int]) -> tuple[Part, ...]:
    """Return the square tiles of an image, large ones first, from left to right and top to bottom.

    Parameters
    ----------
    image_wh : tuple of int, px
    """
    return tuple(
        (left, top, side, side)
        for side in _sides(image_wh)
        for top in _starts(image_wh[1], side)
        for left in _starts(image_wh[0], side)
    )


def _sides(image_wh: tuple[int, int]) -> list[int]:
    """Return the sides of the tiles; the largest ones are not larger than the short side."""
    longest, shortest = max(image_wh), min(image_wh)
    largest = min(longest / DIVISORS[0], shortest)
    sides = [round(largest * DIVISORS[0] / divisor) for divisor in DIVISORS]
    return [side for side in sides if side >= MIN_SIDE]


def _starts(length: int, side: int) -> list[int]:
    """Return where tiles start so that they cover `length` px and overlap."""
    n_steps = math.ceil((length - side) / ((1 - OVERLAP) * side) - ROUNDING)
    return [round(i * (length - side) / n_steps) for i in range(n_steps + 1)] if n_steps else [0]
