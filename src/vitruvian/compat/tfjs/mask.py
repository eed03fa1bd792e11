"""Mask: the segmentation mask, in the formats of TF.js."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

__all__ = ["Mask", "mask_value_to_label"]


class Mask:
    """Segmentation mask. As RGBA, red and alpha hold the confidence; green and blue are 0.

    Attributes
    ----------
    values : (H, W) float32 array, 0 to 1
        Confidence that the pixel belongs to the person, as one channel.
    """

    def __init__(self, values: NDArray[np.float32], *, is_tensor: bool) -> None:
        self.values = values
        self._is_tensor = is_tensor

    def get_underlying_type(self) -> str:
        """Return "tensor" (runtime "tfjs") or "canvasimagesource" (runtime "mediapipe")."""
        return "tensor" if self._is_tensor else "canvasimagesource"

    def to_tensor(self) -> NDArray[Any]:
        """Return an (H, W, 4) RGBA array.

        float32 from 0 to 1 with runtime "tfjs", int32 from 0 to 255 with runtime "mediapipe".
        """
        return self._rgba() if self._is_tensor else self.to_image_data().astype(np.int32)

    def to_image_data(self) -> NDArray[np.uint8]:
        """Return an (H, W, 4) uint8 array of RGBA pixels."""
        return np.rint(self._rgba() * 255).astype(np.uint8)

    def to_canvas_image_source(self) -> Image:
        """Return an RGBA PIL image."""
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
    """Return "person", the label of every mask value from 0 to 255; ValueError for others."""
    if mask_value not in range(256):
        raise ValueError(f"mask_value must be an integer from 0 to 255, got {mask_value!r}")
    return "person"
