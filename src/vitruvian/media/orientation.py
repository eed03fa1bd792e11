"""Copies of an image that is mirrored, or has its channels in reverse order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["mirrored", "reversed_channels"]

Image = NDArray[np.uint8]


def mirrored(image: Image) -> Image:
    """Return a contiguous copy of an (H, W, 3) image with left and right exchanged."""
    return np.ascontiguousarray(image[:, ::-1])


def reversed_channels(image: Image) -> Image:
    """Return a contiguous copy of an (H, W, 3) image, RGB for BGR and BGR for RGB."""
    return np.ascontiguousarray(image[..., ::-1])
