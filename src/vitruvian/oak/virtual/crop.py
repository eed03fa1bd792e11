"""Crops of the virtual camera, equal to those of depthai's `ImageManip` on the host."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.oak.virtual.requests import CropRequest

__all__ = ["cropped"]

STEPS = 32  # OpenCV, warpAffine: positions within a pixel


def cropped(image: NDArray[np.uint8], request: CropRequest) -> NDArray[np.uint8]:
    """Return the requested (H, W, 3) part of an image: bilinear samples, black outside the image.

    Pixel (0, 0) of the crop is at the corner of the requested part, not half a pixel inside.
    """
    width, height = request.wh
    matrix = _image_from_crop(image, request)
    columns, rows = np.arange(width), np.arange(height)[:, None]
    x, y = (
        np.rint((matrix[axis, 0] * columns + matrix[axis, 1] * rows + matrix[axis, 2]) * STEPS)
        for axis in (0, 1)
    )
    return _sampled(image, x, y)


def _image_from_crop(image: NDArray[np.uint8], request: CropRequest) -> NDArray[np.float64]:
    """Return the (2, 3) affine matrix from px of the crop to px of the image."""
    width, height = request.wh
    if request.box is None:
        image_height, image_width = image.shape[:2]
        scale = min(width / image_width, height / image_height)
        left = (width - round(image_width * scale)) // 2
        top = (height - round(image_height * scale)) // 2
        return np.array([[1 / scale, 0, -left / scale], [0, 1 / scale, -top / scale]])
    (x, y), (box_width, box_height) = request.box.center, request.box.wh
    angle = math.radians(request.box.angle_deg)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    axes = turn * [box_width / width, box_height / height]
    corner = np.array([x, y]) - axes @ [width / 2, height / 2]
    return np.column_stack([axes, corner])


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
