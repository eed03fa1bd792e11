"""Roi: the region of interest, a rotated rectangle that is the landmark network's input."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Roi"]


@dataclass(frozen=True, slots=True)
class Roi:
    """A rectangle in the image, rotated about its centre.

    Attributes
    ----------
    center : tuple of float, image px
        x, y.
    wh : tuple of float, image px
        Width and height before the rotation.
    rotation : float
        Radians, clockwise on screen; 0 if the person stands upright.

    Examples
    --------
    >>> roi = Roi(center=(100.0, 50.0), wh=(20.0, 20.0), rotation=0.0)
    >>> roi.corners.tolist()
    [[90.0, 40.0], [110.0, 40.0], [110.0, 60.0], [90.0, 60.0]]
    """

    center: tuple[float, float]
    wh: tuple[float, float]
    rotation: float = 0.0

    def __post_init__(self) -> None:
        values = (*self.center, *self.wh, self.rotation)
        if len(values) != 5 or not all(math.isfinite(v) for v in values):
            raise ValueError(f"roi must hold five finite numbers, got {values!r}")
        if min(self.wh) <= 0:
            raise ValueError(f"roi width and height must be positive, got {self.wh!r}")

    @property
    def corners(self) -> NDArray[np.float64]:
        """(4, 2) array, image px: top left, top right, bottom right, bottom left of the person."""
        unit = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
        corners: NDArray[np.float64] = (unit @ self.image_from_crop((1, 1)).T)[:, :2]
        return corners

    def image_from_crop(self, crop_wh: tuple[int, int]) -> NDArray[np.float64]:
        """Return the (3, 3) matrix from px of a crop of `crop_wh` to px of the image.

        Crop pixel (0, 0) is the first corner and (w, h) the third: the convention of MediaPipe,
        in which a coordinate is a pixel index and there are no half pixels.
        """
        (cx, cy), (w, h) = self.center, self.wh
        cos, sin = math.cos(self.rotation), math.sin(self.rotation)
        a, b = w / crop_wh[0], h / crop_wh[1]
        return np.array(
            [
                [a * cos, -b * sin, cx - 0.5 * (w * cos - h * sin)],
                [a * sin, b * cos, cy - 0.5 * (w * sin + h * cos)],
                [0.0, 0.0, 1.0],
            ]
        )

    def crop_from_image(self, crop_wh: tuple[int, int]) -> NDArray[np.float64]:
        """Return the inverse of `image_from_crop` for a crop of `crop_wh`."""
        return np.asarray(np.linalg.inv(self.image_from_crop(crop_wh)), np.float64)

    def to_dict(self) -> dict[str, Any]:
        """Return ``{"center": [x, y], "wh": [w, h], "rotation": rad}``."""
        return {"center": list(self.center), "wh": list(self.wh), "rotation": self.rotation}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Roi:
        """Return the region whose `to_dict` is `data`."""
        (cx, cy), (w, h) = data["center"], data["wh"]
        return cls((cx, cy), (w, h), data["rotation"])
