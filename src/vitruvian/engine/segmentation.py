"""Segmentation masks: projection from the crop to the image, and smoothing over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian import native
from vitruvian.core._arrays import read_only
from vitruvian.engine.sampling import sample_mask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from vitruvian.core.roi import Roi

__all__ = ["MaskSmoother", "image_mask", "sigmoid"]

STRIP = 32  # rows smoothed at once, so that intermediate values fit in the processor's cache
# MediaPipe, segmentation_smoothing_calculator.cc, c5 to c1
COEFFICIENTS = tuple(np.float32(c) for c in (-624.717, 291.309, -57.8051, -0.748699, 5.68842))


def sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return 1 / (1 + exp(-x)), float32, without overflow."""
    one = np.float32(1)
    values: NDArray[np.float32] = one / (one + np.exp(-np.maximum(logits, np.float32(-80))))
    return values


def image_mask(
    logits: NDArray[np.float32], roi: Roi, image_wh: tuple[int, int]
) -> NDArray[np.float32]:
    """Return the (H, W) probability that each pixel shows the person; 0 outside `roi`.

    Parameters
    ----------
    logits : (256, 256) or (256, 256, 1) float32 array
        Mask of the crop from the landmark network.

    Notes
    -----
    Source: MediaPipe, ``affine_transformation_runner_opencv.cc``. Sampling is bilinear at pixel
    indices, and zero outside the crop.
    """
    crop = sigmoid(logits.reshape(logits.shape[:2]))
    return read_only(sample_mask(crop, _crop_from_image(roi, image_wh, len(crop)), image_wh))


def _crop_from_image(roi: Roi, image_wh: tuple[int, int], side: int) -> NDArray[np.float32]:
    """Return the (2, 3) matrix of `Roi.crop_from_image`, rounded as in MediaPipe.

    Sampling is at steps of 1/32 px, so the last digit of the matrix changes single pixels.
    Source: MediaPipe, ``image_to_tensor_utils.cc``, ``inverse_matrix_calculator.cc``.
    """
    norm_from_crop = roi.image_from_crop((1, 1)) / np.array([[image_wh[0]], [image_wh[1]], [1.0]])
    crop_from_norm = np.linalg.inv(norm_from_crop.astype(np.float32)).astype(np.float32)
    norm_from_px = np.array([1 / image_wh[0], 1 / image_wh[1], 1], np.float32)
    crop_from_px: NDArray[np.float32] = np.float32(side) * crop_from_norm[:2] * norm_from_px
    return crop_from_px


class MaskSmoother:
    """Blends each mask with the previous one where it is uncertain.

    Parameters
    ----------
    ratio : float
        Weight of the previous mask at pixels of probability 0.5; 0 disables smoothing.

    Notes
    -----
    Source: MediaPipe, ``segmentation_smoothing_calculator.cc``. The polynomial approximates the
    binary entropy of the pixel's probability.
    """

    def __init__(self, ratio: float) -> None:
        self._ratio = np.float32(ratio)
        self._previous: NDArray[np.float32] | None = None

    def __call__(self, mask: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the smoothed `mask`. A mask of a new size restarts the filter."""
        if self._ratio == 0:
            return mask
        previous, self._previous = self._previous, mask
        if previous is None or previous.shape != mask.shape:
            return mask
        self._previous = read_only(_blended_masks(mask, previous, self._ratio))
        return self._previous

    def reset(self) -> None:
        """Forget the previous mask."""
        self._previous = None


def _blended_masks(
    mask: NDArray[np.float32], previous: NDArray[np.float32], ratio: np.float32
) -> NDArray[np.float32]:
    if native.core is not None:
        smooth = np.empty_like(mask)
        native.core.blend_masks(mask, previous, float(ratio), smooth)
        return smooth
    smooth = np.zeros_like(mask)
    for rows in _used_strips(mask, previous):
        smooth[rows] = _blended(mask[rows], previous[rows], ratio)
    return smooth


def _used_strips(*masks: NDArray[np.float32]) -> Iterator[tuple[slice, slice]]:
    """Yield strips of a few rows that cover all pixels where a mask is not 0."""
    used = [np.flatnonzero(np.any([mask.any(axis=axis) for mask in masks], 0)) for axis in (1, 0)]
    if used[0].size:
        columns = slice(used[1][0], used[1][-1] + 1)
        for start in range(used[0][0], used[0][-1] + 1, STRIP):
            yield slice(start, min(start + STRIP, used[0][-1] + 1)), columns


def _blended(
    mask: NDArray[np.float32], previous: NDArray[np.float32], ratio: np.float32
) -> NDArray[np.float32]:
    """Return the mix of both masks: `ratio` of `previous` where `mask` is 0.5, none at 0 and 1."""
    x = mask - np.float32(0.5)
    x *= x
    certainty = x * COEFFICIENTS[0]
    for coefficient in COEFFICIENTS[1:]:
        certainty += coefficient
        certainty *= x
    weight = np.minimum(certainty, np.float32(1), out=certainty)
    np.subtract(np.float32(1), weight, out=weight)
    weight *= ratio
    blended = previous - mask
    blended *= weight
    blended += mask
    return blended
