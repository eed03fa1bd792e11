"""Axis-aligned boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["iou_xyxy"]


def iou_xyxy(box: NDArray[np.float32], boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return intersection over union of one (4,) box with each of (N, 4) boxes, 0 for no area.

    Examples
    --------
    >>> iou_xyxy(np.float32([0, 0, 2, 1]), np.float32([[0, 0, 1, 1], [5, 5, 6, 6]])).tolist()
    [0.5, 0.0]
    """
    low = np.maximum(box[:2], boxes[:, :2])
    high = np.minimum(box[2:], boxes[:, 2:])
    inter = np.clip(high - low, 0, None).prod(axis=1)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    union = (box[2:] - box[:2]).prod() + areas - inter
    overlap: NDArray[np.float32] = np.zeros_like(inter)
    np.divide(inter, union, out=overlap, where=union > 0)
    return overlap
