"""Contact sheet: many images with captions in one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from vitruvian.draw.palette import INK, WHITE
from vitruvian.draw.raster import paint_lines, paint_stamp
from vitruvian.draw.text import text_stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vitruvian.draw.palette import Rgb

__all__ = ["Tile", "contact_sheet", "paint_outlines", "paint_shifts"]

TILE_WH = 400, 300  # px
CAPTION_PX = 16
MARGIN_PX = 6
N_COLUMNS = 4
IMAGE_PX_PER_LINE_PX = 100  # shorter side of the image / width of an outline


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """One image of a contact sheet.

    Attributes
    ----------
    pixels : (H, W, 3) uint8 array
        RGB.
    caption : str
        One line below it; what is too long is cut off.
    """

    pixels: NDArray[np.uint8]
    caption: str


def contact_sheet(tiles: Sequence[Tile]) -> NDArray[np.uint8]:
    """Return one image that shows all tiles, four in a row, each fitted into 400×300 px.

    Raises
    ------
    ValueError
        If there are none.
    """
    if not tiles:
        raise ValueError("tiles must not be empty, got none")
    width, height = TILE_WH
    n_columns = min(N_COLUMNS, len(tiles))
    n_rows = -(-len(tiles) // n_columns)
    caption_px = text_stamp("0", CAPTION_PX).shape[0]
    step_xy = np.array([width + MARGIN_PX, height + caption_px + MARGIN_PX])
    shape = n_rows * step_xy[1] + MARGIN_PX, n_columns * step_xy[0] + MARGIN_PX, 3
    sheet = np.empty(shape, np.uint8)
    sheet[:] = INK
    for index, tile in enumerate(tiles):
        x, y = (MARGIN_PX + step_xy * (index % n_columns, index // n_columns)).tolist()
        fitted = _fitted(tile.pixels)
        h, w = fitted.shape[:2]
        left, top = x + (width - w) // 2, y + height - h
        sheet[top : top + h, left : left + w] = fitted
        stamp = np.ascontiguousarray(text_stamp(tile.caption, CAPTION_PX)[:, :width])
        paint_stamp(sheet, stamp, (x, y + height), (*WHITE, 255))
    return sheet


def paint_outlines(canvas: NDArray[np.uint8], boxes_xyxy: NDArray[np.floating], color: Rgb) -> None:
    """Paint the outline of (n, 4) boxes, image px, on a contiguous RGB image, in place."""
    radius = min(canvas.shape[:2]) / IMAGE_PX_PER_LINE_PX / 2
    x0, y0, x1, y1 = np.asarray(boxes_xyxy, np.float64).reshape(-1, 4).T
    sides = [(x0, y0, x1, y0), (x1, y0, x1, y1), (x1, y1, x0, y1), (x0, y1, x0, y0)]
    for side in sides:
        lines = np.column_stack([*side, np.full(len(x0), radius)])
        paint_lines(canvas, lines, (*color, 255))


def paint_shifts(
    canvas: NDArray[np.uint8],
    starts: NDArray[np.floating],
    ends: NDArray[np.floating],
    color: Rgb,
) -> None:
    """Paint lines on an image, in place, from (n, 2) points to (n, 2) points with a dot, px."""
    radius = min(canvas.shape[:2]) / IMAGE_PX_PER_LINE_PX / 2
    line = np.hstack([starts, ends, np.full((len(ends), 1), radius)])
    dot = np.hstack([ends, ends, np.full((len(ends), 1), 2 * radius)])
    shapes = np.ascontiguousarray(np.vstack([line, dot]).reshape(-1, 5).astype(np.float64))
    paint_lines(canvas, shapes, (*color, 255))


def _fitted(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    scale = min(TILE_WH[0] / pixels.shape[1], TILE_WH[1] / pixels.shape[0])
    wh = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    return np.asarray(Image.fromarray(pixels).resize(wh, Image.Resampling.LANCZOS))
