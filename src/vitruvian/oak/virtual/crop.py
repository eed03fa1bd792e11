"""Crops of the virtual camera, equal to those of depthai's `ImageManip` on the host."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.oak.virtual.requests import CropRequest, RotatedBox

__all__ = ["cropped"]

STEPS = 32  # OpenCV, warpAffine: positions within a pixel


def cropped(image: NDArray[np.uint8], request: CropRequest) -> NDArray[np.uint8]:
    """Return the requested (H, W, 3) part of an image: bilinear samples, black outside the image.

    Notes
    -----
    What the `ImageManip` of depthai 3.12 does, as measured:

    - Pixel (0, 0) of the crop is at the corner of the part, not half a pixel inside of it.
    - The width and height of a rotated box are rounded down to integers; its first corner stays.
    - Pixels outside the smallest upright rectangle around the box count as black, too. So the last
      row and column of an enlarged crop are darker.
    """
    width, height = request.wh
    image_wh = image.shape[1], image.shape[0]
    box = request.box
    matrix = _letterbox(image_wh, request.wh) if box is None else _of_box(box, request.wh)
    part = (0, 0, *image_wh) if box is None else _part(matrix, request.wh, image_wh)
    columns, rows = np.arange(width), np.arange(height)[:, None]
    x, y = (
        np.rint((matrix[axis, 0] * columns + matrix[axis, 1] * rows + matrix[axis, 2]) * STEPS)
        for axis in (0, 1)
    )
    left, top, right, bottom = part
    if left >= right or top >= bottom:
        return np.zeros((height, width, 3), np.uint8)
    return _sampled(image[top:bottom, left:right], x - left * STEPS, y - top * STEPS)


def _letterbox(image_wh: tuple[int, int], wh: tuple[int, int]) -> NDArray[np.float64]:
    """Return the (2, 3) affine matrix from px of the crop to px of the image."""
    scale = min(wh[0] / image_wh[0], wh[1] / image_wh[1])
    left, top = ((n - side * scale) / 2 for n, side in zip(wh, image_wh, strict=True))
    return np.array([[1 / scale, 0, -left / scale], [0, 1 / scale, -top / scale]])


def _of_box(box: RotatedBox, wh: tuple[int, int]) -> NDArray[np.float64]:
    """Return the (2, 3) affine matrix from px of the crop to px of the image."""
    sides = np.array(box.wh, np.float32)
    angle = math.radians(box.angle_deg)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    corner = np.array(box.center) - turn @ (sides / 2)
    return np.column_stack([turn * (np.floor(sides) / wh), corner])


def _part(
    matrix: NDArray[np.float64], wh: tuple[int, int], image_wh: tuple[int, int]
) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of the upright rectangle around a box, in the image."""
    corners = [(0, 0, 1), (wh[0], 0, 1), (0, wh[1], 1), (*wh, 1)] @ matrix.T
    low = np.floor(corners.min(axis=0).round(3)).clip(min=0)
    high = np.ceil(corners.max(axis=0).round(3)).clip(max=image_wh)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _sampled(
    image: NDArray[np.uint8], x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """Return bilinear samples at positions in units of 1 / `STEPS` px."""
    height, width = image.shape[:2]
    # A border of one black pixel; positions farther away are moved onto it.
    padded = np.zeros((height + 2, width + 2, 3), np.uint8)
    padded[1:-1, 1:-1] = image
    columns = np.clip(x, -STEPS, width * STEPS).astype(np.int32) + STEPS
    rows = np.clip(y, -STEPS, height * STEPS).astype(np.int32) + STEPS
    fx, fy = (columns % STEPS)[..., None], (rows % STEPS)[..., None]
    column, row = columns // STEPS, rows // STEPS
    right, below = np.minimum(column + 1, width + 1), np.minimum(row + 1, height + 1)
    upper = padded[row, column] * (STEPS - fx) + padded[row, right] * fx
    lower = padded[below, column] * (STEPS - fx) + padded[below, right] * fx
    mixed = upper * (STEPS - fy) + lower * fy
    samples: NDArray[np.uint8] = ((mixed + STEPS * STEPS // 2) // (STEPS * STEPS)).astype(np.uint8)
    return samples
