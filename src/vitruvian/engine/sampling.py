"""Sampling of pixels, equal to OpenCV 4.0 to 4.13 to the last bit: crops of images, and masks.

The functions here are the reference in NumPy. The compiled ones in ``csrc`` give the same values
and are used where they are built (`vitruvian.native`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from vitruvian import native
from vitruvian.core.pixels import MAX_SIDE

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Box", "sample_crop", "sample_mask"]

BLOCK = 64  # same file, WarpPerspectiveInvoker: columns of a row that are computed from one start
STEPS = 32  # same file, INTER_TAB_SIZE: positions within a pixel
SUBSTEPS = 1024  # same file, AB_SCALE: precision of the positions of warpAffine
SINGULAR = 2.220446049250313e-14  # OpenCV, matrix_decomp.cpp, LU: 100 * DBL_EPSILON
INT32 = np.iinfo(np.int32)

Box = tuple[tuple[float, float], tuple[float, float], float]
"""A rotated box in an image: centre and size, image px, and clockwise degrees."""


def sample_crop(
    image: NDArray[np.uint8], box: Box, crop: NDArray[np.uint8], *, repeat_edge: bool
) -> None:
    """Fill the square `crop` with the pixels of `box`.

    Parameters
    ----------
    image : (H, W, 3) uint8 array
        Any strides; it is not copied.
    box : Box
        Its values are rounded to float32.
    crop : (side, side, 3) uint8 array
        Contiguous.
    repeat_edge : bool
        Whether the edge of the image is repeated outside of it; else pixels there are 0.

    Raises
    ------
    ValueError
        If a side of the image is longer than 32 766 px, or the box is not finite.

    Notes
    -----
    Source: OpenCV, ``imgwarp.cpp``, ``warpPerspective`` of uint8 with ``INTER_LINEAR``. Positions
    are rounded to 1/32 px, so that every value is an exact integer.
    """
    if max(image.shape) > MAX_SIDE:
        wh = image.shape[1::-1]
        raise ValueError(f"image sides must be at most {MAX_SIDE} px, got {wh[0]}x{wh[1]}")
    center, wh, degrees = box
    if not all(map(math.isfinite, (*center, *wh, degrees))):
        raise ValueError(f"a region of the image must be finite, got {box!r}")
    if native.core is not None:
        native.core.crop(image, center, wh, degrees, crop, repeat_edge)
    else:
        _sample_crop(image, image_from_crop(box, len(crop)), crop, repeat_edge)


def sample_mask(
    mask: NDArray[np.float32], mask_from_image: NDArray[np.floating], image_wh: tuple[int, int]
) -> NDArray[np.float32]:
    """Return (H, W) bilinear samples of a square mask; 0 outside it.

    Parameters
    ----------
    mask : (side, side) float32 array
    mask_from_image : (2, 3) array
        Affine matrix from image px to px of the mask.

    Notes
    -----
    Source: OpenCV, ``imgwarp.cpp``, ``warpAffine`` of float32 with ``INTER_LINEAR``.
    """
    if native.core is None:
        return _sample_mask(mask, mask_from_image.astype(np.float64), image_wh)
    out = np.empty(image_wh[::-1], np.float32)
    native.core.sample_mask(np.ascontiguousarray(mask), mask_from_image.tolist(), out)
    return out


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # huge boxes
def image_from_crop(box: Box, side: int) -> NDArray[np.float64]:
    """Return the (3, 3) matrix from a square crop of `side` px to a box of the image.

    Source: OpenCV, ``imgwarp.cpp``, ``getPerspectiveTransform``, and ``lapack.cpp``, ``invert``.
    """
    target = np.array([[0, side], [0, 0], [side, 0], [side, side]], np.float32)
    corners = _box_corners(box)
    equations = np.zeros((8, 9))  # the last column is the right side
    for i, ((x, y), (u, v)) in enumerate(zip(corners, target, strict=True)):
        equations[i, [0, 1, 2, 6, 7, 8]] = x, y, 1, -x * u, -y * u, u
        equations[i + 4, [3, 4, 5, 6, 7, 8]] = x, y, 1, -x * v, -y * v, v
    return _inverse(np.append(_solution(equations), 1.0).reshape(3, 3))


def _box_corners(box: Box) -> NDArray[np.float32]:
    """Return the corners of a rotated box: bottom left, top left, top right, bottom right.

    Source: OpenCV 4.0 to 4.13, ``RotatedRect::points``; later versions round in another order.
    """
    center, wh, degrees = box
    angle = float(np.float32(degrees)) * math.pi / 180
    b = np.float32(math.cos(angle)) * np.float32(0.5)
    a = np.float32(math.sin(angle)) * np.float32(0.5)
    (x, y), (w, h) = np.array(center, np.float32), np.array(wh, np.float32)
    left = np.array([
        [x - a * h - b * w, y + b * h - a * w],
        [x + a * h - b * w, y - b * h - a * w],
    ])  # fmt: skip
    middle = np.float32(2) * np.array([x, y])
    return np.concatenate([left, middle - left])


def _solution(equations: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the solution of n equations, (n, n + 1) with the right side last; 0 if singular.

    Source: OpenCV, ``matrix_decomp.cpp``, ``LUImpl``; the order of the operations decides the last
    bit.
    """
    rows, n = equations.copy(), len(equations)
    for i in range(n):
        pivot = i + int(np.argmax(np.abs(rows[i:, i])))
        if abs(rows[pivot, i]) < SINGULAR:
            return np.zeros(n)
        rows[[i, pivot], i:] = rows[[pivot, i], i:]
        factors = rows[i + 1 :, i] * (-1 / rows[i, i])
        rows[i + 1 :, i + 1 :] += factors[:, None] * rows[i, i + 1 :]
    solution = rows[:, n].copy()
    for i in reversed(range(n)):
        for j in range(i + 1, n):
            solution[i] -= rows[i, j] * solution[j]
        solution[i] /= rows[i, i]
    return solution


def _inverse(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the inverse of a (3, 3) matrix by its cofactors; 0 if it is singular."""
    (a, b, c), (d, e, f), (g, h, i) = matrix.tolist()
    determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    if determinant == 0:
        return np.zeros((3, 3))
    cofactors = np.array([
        [e * i - f * h, c * h - b * i, b * f - c * e],
        [f * g - d * i, a * i - c * g, c * d - a * f],
        [d * h - e * g, b * g - a * h, a * e - b * d],
    ])  # fmt: skip
    return cofactors * np.float64(1 / determinant)


@np.errstate(over="ignore", invalid="ignore")
def _sample_crop(
    image: NDArray[np.uint8],
    matrix: NDArray[np.float64],
    crop: NDArray[np.uint8],
    repeat_edge: bool,
) -> None:
    """Fill `crop` with pixels of `image` at the positions that `matrix` (3, 3) gives."""
    side = len(crop)
    rows, columns = np.arange(side)[:, None], np.arange(side)
    start, offset = columns // BLOCK * BLOCK, columns % BLOCK

    def combined(axis: int) -> NDArray[np.float64]:
        of_x, of_y, constant = matrix[axis].tolist()
        positions: NDArray[np.float64] = (of_x * start + of_y * rows + constant) + of_x * offset
        return positions

    depth = combined(2)
    scale = np.divide(STEPS, depth, out=np.zeros_like(depth), where=depth != 0)
    x, y = _int32(combined(0) * scale), _int32(combined(1) * scale)
    height, width = image.shape[:2]
    fx, fy = (x % STEPS)[..., None], (y % STEPS)[..., None]

    def tap(dx: int, dy: int) -> NDArray[np.int32]:
        column, row = x // STEPS + dx, y // STEPS + dy
        values = image[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)].astype(np.int32)
        if not repeat_edge:
            values[(column < 0) | (column >= width) | (row < 0) | (row >= height)] = 0
        return values

    upper = tap(0, 0) * (STEPS - fx) + tap(1, 0) * fx
    lower = tap(0, 1) * (STEPS - fx) + tap(1, 1) * fx
    crop[:] = (upper * (STEPS - fy) + lower * fy + STEPS * STEPS // 2) // (STEPS * STEPS)


def _int32(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return `values` rounded half to even, within the limits of int32; NaN gives the lowest."""
    above = np.where(values > INT32.min, values, INT32.min)
    return np.rint(np.minimum(above, INT32.max)).astype(np.int64)


def _sample_mask(
    mask: NDArray[np.float32], matrix: NDArray[np.float64], image_wh: tuple[int, int]
) -> NDArray[np.float32]:
    columns, rows = np.arange(image_wh[0]), np.arange(image_wh[1])[:, None]
    half = SUBSTEPS // STEPS // 2

    def positions(axis: int) -> NDArray[np.int64]:
        of_x, of_y, constant = matrix[axis].tolist()
        of_row = _int32((of_y * rows + constant) * SUBSTEPS) + half
        steps: NDArray[np.int64] = (of_row + _int32(of_x * columns * SUBSTEPS)) // (2 * half)
        return steps

    side = len(mask)
    padded = np.pad(mask, 1)  # zeros around; positions farther out are moved there
    x, y = positions(0), positions(1)
    fx, fy = ((p % STEPS).astype(np.float32) * np.float32(1 / STEPS) for p in (x, y))
    one = np.float32(1)
    values = np.zeros(image_wh[::-1], np.float32)
    for dx, dy, weight in (
        (0, 0, (one - fy) * (one - fx)),
        (1, 0, (one - fy) * fx),
        (0, 1, fy * (one - fx)),
        (1, 1, fy * fx),
    ):
        column = np.clip(x // STEPS + dx + 1, 0, side + 1)
        row = np.clip(y // STEPS + dy + 1, 0, side + 1)
        values += padded[row, column] * weight
    return values
