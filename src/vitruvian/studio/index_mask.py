"""Index masks: which pixel of a picture shows which person, as a small PNG."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.core.pose import PoseResult

__all__ = ["index_mask_png"]

MAX_SIDE = 320


def index_mask_png(result: PoseResult) -> bytes | None:
    """Return the masks of a result as a grey PNG of at most 320 px a side; None without masks.

    The value of a pixel is the place of the person in the result + 1; 0 is nobody.
    """
    masks = [pose.mask for pose in result]
    if not any(mask is not None for mask in masks):
        return None
    step = max(result.width, result.height) / MAX_SIDE
    columns = _sampled(result.width, step)
    rows = _sampled(result.height, step)
    index = np.zeros((len(rows), len(columns)), np.uint8)
    best = np.full(index.shape, 0.5, np.float32)
    for place, mask in enumerate(masks, start=1):
        if mask is not None:
            small = mask[np.ix_(rows, columns)]
            index[small > best] = place
            np.maximum(best, small, out=best)
    memory = io.BytesIO()
    Image.fromarray(index).save(memory, "PNG", compress_level=1)
    return memory.getvalue()


def _sampled(side: int, step: float) -> NDArray[np.intp]:
    """Return the pixels at which a side is sampled: the middle of each of its parts."""
    n = max(1, round(side / max(step, 1)))
    return ((np.arange(n) + 0.5) * side / n).astype(np.intp)
