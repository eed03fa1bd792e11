"""Index masks: which pixel shows which person of a result, as a small PNG."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.core.pose import PoseResult

__all__ = ["index_mask", "mask_png"]

MAX_SIDE = 320  # px
MIN_PROBABILITY = 0.5
_QUICK = 1  # level of compression: level 6 takes three times as long and saves a fifth


def index_mask(result: PoseResult, *, max_side: int = MAX_SIDE) -> NDArray[np.uint8]:
    """Return at each pixel the place of the person in the result + 1; 0 where there is no one.

    Parameters
    ----------
    result : PoseResult
        With masks, from option `segmentation`.
    max_side : int
        Greatest width and height of the mask, px.

    Returns
    -------
    (H, W) uint8 array
        The whole frame; where people overlap, the one with the highest probability.
    """
    scale = min(1.0, max_side / max(result.width, result.height))
    rows, columns = (
        _sampled(side, max(1, round(scale * side))) for side in (result.height, result.width)
    )
    found = np.zeros((len(rows), len(columns)), np.uint8)
    highest = np.full(found.shape, MIN_PROBABILITY, np.float32)
    for place, pose in enumerate(result.poses[:255], start=1):
        if pose.mask is None:
            continue
        probability = pose.mask[rows[:, None], columns]
        is_higher = probability > highest
        found[is_higher] = place
        highest[is_higher] = probability[is_higher]
    return found


def mask_png(result: PoseResult, *, max_side: int = MAX_SIDE) -> tuple[bytes, tuple[int, int]]:
    """Return the `index_mask` of a result as a gray PNG, and its width and height."""
    mask = index_mask(result, max_side=max_side)
    file = io.BytesIO()
    Image.fromarray(mask).save(file, "PNG", compress_level=_QUICK)
    return file.getvalue(), (mask.shape[1], mask.shape[0])


def _sampled(side: int, count: int) -> NDArray[np.intp]:
    """Return the indices of `count` pixels at equal distances along a side."""
    indices: NDArray[np.intp] = ((np.arange(count) + 0.5) * side / count).astype(np.intp)
    return indices
