"""Mask: where the person is, in the forms of TF.js."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

__all__ = ["Mask", "mask_value_to_label"]


class Mask:
    """How likely each pixel shows the person, as red and as alpha; green and blue are 0.

    Attributes
    ----------
    values : (H, W) float32 array, 0 to 1
        The same as one channel.
    """

    def __init__(self, values: NDArray[np.float32], *, is_tensor: bool) -> None:
        self.values = values
        self._is_tensor = is_tensor

    def get_underlying_type(self) -> str:
        """Return "tensor" or "canvasimagesource", by the runtime."""
        return "tensor" if self._is_tensor else "canvasimagesource"

    def to_tensor(self) -> NDArray[Any]:
        """Return a (H, W, 4) array: float32 from 0 to 1, or int32 from 0 to 255, by the runtime."""
        return self._rgba() if self._is_tensor else self.to_image_data().astype(np.int32)

    def to_image_data(self) -> NDArray[np.uint8]:
        """Return a (H, W, 4) array of RGBA pixels."""
        return np.rint(self._rgba() * 255).astype(np.uint8)

    def to_canvas_image_source(self) -> Image:
        """Return an RGBA picture of Pillow."""
        from PIL import Image

        return Image.fromarray(self.to_image_data())

    def _rgba(self) -> NDArray[np.float32]:
        rgba = np.zeros((*self.values.shape, 4), np.float32)
        rgba[..., 0] = rgba[..., 3] = self.values
        return rgba

    getUnderlyingType = get_underlying_type  # noqa: N815 - TF.js's name
    toTensor = to_tensor  # noqa: N815 - TF.js's name
    toImageData = to_image_data  # noqa: N815 - TF.js's name
    toCanvasImageSource = to_canvas_image_source  # noqa: N815 - TF.js's name


def mask_value_to_label(mask_value: float) -> str:
    """Return "person", which each value of a mask from 0 to 255 means; ValueError for others."""
    if mask_value not in range(256):
        raise ValueError(f"a mask value is an integer from 0 to 255, got {mask_value!r}")
    return "person"
