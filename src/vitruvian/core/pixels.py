"""Pixels: arrays of any common type and layout as (H, W, 3) uint8 RGB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MAX_SIDE", "rgb_pixels"]

MAX_SIDE = 32_766  # px, of an image that is sampled; OpenCV, imgwarp.cpp: sides below SHRT_MAX

_HALF_LEVEL = 1 / 512  # floats this far outside 0 to 1 are rounding errors
_CHANNELS = (1, 2, 3, 4)  # grey, grey and alpha, RGB, RGBA
_HINTS = {  # by the number of axes
    1: ": give an encoded image as bytes, such as image.tobytes()",
    4: ": give one image of the batch, such as image[0]",
}


def rgb_pixels(image: object) -> NDArray[np.uint8]:
    """Return an array, or an object that converts to one, as RGB pixels.

    Parameters
    ----------
    image : array, or object with ``__array__``
        Of the types and shapes that `vitruvian.load_image` lists.

    Returns
    -------
    (H, W, 3) uint8 array
        A view if the image has this form already, otherwise a copy.

    Raises
    ------
    TypeError
        If it does not convert to an array, or its values have another type.
    ValueError
        If it has another shape or no pixels, or a float outside 0 to 1.

    Examples
    --------
    >>> rgb_pixels(np.array([[0.0, 0.5, 1.0]]))[0, :, 0].tolist()
    [0, 128, 255]
    >>> rgb_pixels(np.zeros((3, 480, 640), np.float32)).shape
    (480, 640, 3)
    """
    channels = _with_last_channels(_array_of(image))
    if channels.shape[2] < 3:
        return np.repeat(_levels(channels[..., :1]), 3, axis=2)
    return _levels(channels[..., :3])


def _array_of(image: object) -> NDArray[Any]:
    if not hasattr(image, "__array__"):
        raise TypeError(
            f"image must be an array, got {type(image).__name__}: vitruvian.load_image reads files "
            "and images of Pillow and PyAV"
        )
    try:
        return np.asarray(image)
    except Exception as err:  # such as a tensor on a GPU, whose message says how to convert it
        reason = str(err).partition("\n")[0]
        raise TypeError(f"can't convert {type(image).__name__} to an array: {reason}") from err


def _with_last_channels(array: NDArray[Any]) -> NDArray[Any]:
    shape = array.shape
    if array.size:
        if array.ndim == 2:
            return array[..., np.newaxis]
        if array.ndim == 3 and shape[2] in _CHANNELS:
            return array
        if array.ndim == 3 and shape[0] in _CHANNELS:
            return np.moveaxis(array, 0, -1)
    hint = _HINTS.get(array.ndim, "")
    raise ValueError(f"image must have shape (H, W, 3) in RGB order, got {shape}{hint}")


def _levels(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Return values of any allowed type as 0 to 255."""
    dtype = values.dtype
    if dtype == np.uint8:
        return values
    if dtype.kind == "u" and dtype.itemsize == 2:
        upper: NDArray[Any] = values >> 8
        return upper.astype(np.uint8)
    if dtype.kind == "b":
        return values.astype(np.uint8) * np.uint8(255)
    if dtype.kind != "f":
        raise TypeError(
            "image must hold uint8, uint16, bool, or float values from 0 to 1, "
            f"got {dtype}: if they are from 0 to 255, use image.astype(np.uint8)"
        )
    low, high = float(values.min()), float(values.max())
    if not (low >= -_HALF_LEVEL and high <= 1 + _HALF_LEVEL):
        found = "NaN" if np.isnan(low) else f"{low:.4g} to {high:.4g}"
        raise ValueError(
            f"image must hold floats from 0 to 1, got {found}: scale them, or convert them to uint8"
        )
    shares = np.clip(values, 0, 1).astype(np.float32)
    levels: NDArray[Any] = np.rint(shares * np.float32(255))
    return levels.astype(np.uint8)
