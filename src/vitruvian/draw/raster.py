"""Anti-aliased shapes on an RGB image.

The share of a pixel that a shape covers is taken from the distance of the pixel's centre to the
edge of the shape, over a ramp of 1 px. Pixel (x, y) has its centre at (x, y). Shapes may lie partly
or wholly outside the image.

The functions are those of the compiled core if it is there; ``numpy_*`` are their NumPy twins, with
the same bytes as result.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vitruvian.native import core

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["paint_box", "paint_lines", "paint_mask", "paint_stamp"]

Image = NDArray[np.uint8]
Rgba = tuple[int, int, int, int]
Box = tuple[float, float, float, float, float]

FARTHEST = 1e9  # px; coordinates farther outside are moved here
STRIP_ROWS = 64  # of a line that are computed together
MASK_THRESHOLD = 0.5
MASK_SLOPE = 8.0  # full coverage 1/8 above the threshold: a smooth edge


def numpy_paint_lines(canvas: Image, lines: NDArray[np.float64], rgba: Rgba) -> None:
    """Paint lines with round ends.

    Parameters
    ----------
    canvas : contiguous (H, W, 3) uint8 array
        RGB, changed in place.
    lines : contiguous (n, 5) float64 array, px
        x0, y0, x1, y1 and radius of each line. A line from a point to itself is a disc. Lines with
        a value that is not finite, or without a positive radius, are left out.
    rgba : tuple of int
        Colour and opacity, 0 to 255. Where lines overlap, the largest coverage counts, so that a
        joint is not more opaque than the lines.
    """
    lines = np.clip(lines[np.isfinite(lines).all(axis=1)], -FARTHEST, FARTHEST)
    lines = lines[lines[:, 4] > 0]
    if not len(lines):
        return
    rows, columns = _reached(lines, canvas.shape)
    coverage = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
    for line in lines:
        for y, x in _strips(line, canvas.shape):
            part = coverage[
                y.start - rows.start : y.stop - rows.start,
                x.start - columns.start : x.stop - columns.start,
            ]
            np.maximum(part, _line_coverage(line, y, x), out=part)
    _blend(canvas[rows, columns], coverage, rgba)


def numpy_paint_box(canvas: Image, box: Box, rgba: Rgba) -> None:
    """Paint a box with round corners.

    Parameters
    ----------
    canvas : contiguous (H, W, 3) uint8 array
        RGB, changed in place.
    box : tuple of float, px
        x0, y0, x1, y1 and radius of the corners.
    rgba : tuple of int
        Colour and opacity, 0 to 255.
    """
    if not all(map(math.isfinite, box)):
        return
    x0, y0, x1, y1, radius = (min(max(float(v), -FARTHEST), FARTHEST) for v in box)
    half_w, half_h = (x1 - x0) / 2, (y1 - y0) / 2
    if not (half_w > 0 and half_h > 0):
        return
    radius = min(max(radius, 0.0), half_w, half_h)
    rows, columns = _inside(y0, y1, canvas.shape[0]), _inside(x0, x1, canvas.shape[1])
    qx = np.abs(_indices(columns) - (x0 + x1) / 2) - (half_w - radius)
    qy = np.abs(_indices(rows)[:, None] - (y0 + y1) / 2) - (half_h - radius)
    ox, oy = np.maximum(qx, 0.0), np.maximum(qy, 0.0)
    distance = np.sqrt(ox * ox + oy * oy) + np.minimum(np.maximum(qx, qy), 0.0) - radius
    _blend(canvas[rows, columns], _coverage(distance), rgba)


def numpy_paint_stamp(canvas: Image, stamp: Image, xy: tuple[int, int], rgba: Rgba) -> None:
    """Paint where `stamp` has coverage, such as the letters of a text.

    Parameters
    ----------
    canvas : contiguous (H, W, 3) uint8 array
        RGB, changed in place.
    stamp : contiguous (h, w) uint8 array
        Coverage, 0 to 255.
    xy : tuple of int, px
        Position of the top left pixel of `stamp`.
    rgba : tuple of int
        Colour and opacity, 0 to 255.
    """
    (x, y), (h, w) = xy, stamp.shape
    left, top = max(x, 0), max(y, 0)
    part = canvas[top : max(y + h, 0), left : max(x + w, 0)]
    _blend(part, stamp[top - y :, left - x :][: part.shape[0], : part.shape[1]], rgba)


def numpy_paint_mask(canvas: Image, mask: NDArray[np.float32], rgba: Rgba) -> None:
    """Paint where `mask` is above 0.5; the coverage is full from 0.625.

    Parameters
    ----------
    canvas : contiguous (H, W, 3) uint8 array
        RGB, changed in place.
    mask : contiguous (H, W) float32 array
        Probabilities; NaN counts as 0.
    rgba : tuple of int
        Colour and opacity, 0 to 255.
    """
    inside = mask > MASK_THRESHOLD
    rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return
    part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    values = np.where(inside[part], mask[part], np.float32(MASK_THRESHOLD))
    share = np.minimum(
        (values - np.float32(MASK_THRESHOLD)) * np.float32(MASK_SLOPE), np.float32(1)
    )
    coverage = (share * np.float32(255) + np.float32(0.5)).astype(np.uint8)
    _blend(canvas[part], coverage, rgba)


def _reached(lines: NDArray[np.float64], shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Return the rows and columns of the image that the lines can cover."""
    radii = lines[:, 4]
    columns, rows = (
        _inside(
            float((np.minimum(lines[:, i], lines[:, i + 2]) - radii).min()),
            float((np.maximum(lines[:, i], lines[:, i + 2]) + radii).max()),
            shape[1 - i],
        )
        for i in (0, 1)
    )
    return rows, columns


def _strips(line: NDArray[np.float64], shape: tuple[int, ...]) -> Iterator[tuple[slice, slice]]:
    """Yield rows and columns around the line that hold all its coverage, and little else."""
    x0, y0, x1, y1, radius = line.tolist()
    rows, _ = _reached(line[None], shape)
    for top in range(rows.start, rows.stop, STRIP_ROWS):
        bottom = min(top + STRIP_ROWS, rows.stop)
        ends = [x0, x1]
        if y0 != y1:
            sides = (top - radius - 1, bottom + radius + 1)
            ends = [x0 + min(max((y - y0) / (y1 - y0), 0.0), 1.0) * (x1 - x0) for y in sides]
        columns = _inside(min(ends) - radius, max(ends) + radius, shape[1])
        if columns.start < columns.stop:
            yield slice(top, bottom), columns


def _inside(low: float, high: float, n: int) -> slice:
    """Return the indices from 0 to n - 1 less than 1 px outside of `low` to `high`."""
    start = min(max(math.floor(low - 1), 0), n)
    return slice(start, max(start, min(math.ceil(high + 1) + 1, n)))


def _indices(part: slice) -> NDArray[np.float64]:
    return np.arange(part.start, part.stop, dtype=np.float64)


def _line_coverage(line: NDArray[np.float64], rows: slice, columns: slice) -> Image:
    x0, y0, x1, y1, radius = line.tolist()
    dx, dy = x1 - x0, y1 - y0
    squared = dx * dx + dy * dy
    inverse = 1 / squared if squared > 0 else 0.0
    inverse = inverse if math.isfinite(inverse) else 0.0
    px, py = _indices(columns) - x0, _indices(rows)[:, None] - y0
    t = np.clip((px * dx + py * dy) * inverse, 0.0, 1.0)
    ex, ey = px - t * dx, py - t * dy
    return _coverage(np.sqrt(ex * ex + ey * ey) - radius)


def _coverage(distance: NDArray[np.float64]) -> Image:
    """Return the coverage, 0 to 255, at a distance from the edge of a shape; inside it is < 0."""
    coverage: Image = (np.clip(0.5 - distance, 0.0, 1.0) * 255 + 0.5).astype(np.uint8)
    return coverage


def _blend(part: Image, coverage: Image, rgba: Rgba) -> None:
    """Blend the colour into `part` of an image by the coverage."""
    covered = coverage > 0
    weight = _over_255(coverage[covered].astype(np.uint32) * np.uint32(rgba[3]))[:, None]
    color = np.array(rgba[:3], np.uint32)
    part[covered] = _over_255(part[covered] * (np.uint32(255) - weight) + color * weight)


def _over_255(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return ``values / 255``, rounded, for values up to 255 * 255."""
    v = values + np.uint32(128)
    return (v + (v >> np.uint32(8))) >> np.uint32(8)


paint_lines: Callable[[Image, NDArray[np.float64], Rgba], None]
paint_box: Callable[[Image, Box, Rgba], None]
paint_stamp: Callable[[Image, Image, tuple[int, int], Rgba], None]
paint_mask: Callable[[Image, NDArray[np.float32], Rgba], None]
if core is None:
    paint_lines, paint_box = numpy_paint_lines, numpy_paint_box
    paint_stamp, paint_mask = numpy_paint_stamp, numpy_paint_mask
else:
    paint_lines, paint_box = core.paint_lines, core.paint_box
    paint_stamp, paint_mask = core.paint_stamp, core.paint_mask
