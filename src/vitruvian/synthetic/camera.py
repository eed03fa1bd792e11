"""Camera: viewpoint and projection."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from vitruvian.synthetic.posture import Vector

__all__ = ["Camera"]


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole camera without distortion.

    Attributes
    ----------
    position, target : Vector, m
        Position of the camera, and the point in the centre of its image. Scene axes: x to the right
        of the default camera, y up from the floor, z toward the default camera.
    fov_deg : float
        Field of view along the longer side of the image.
    roll_deg : float
        Rotation of the camera about its optical axis, clockwise as seen from behind it.

    Examples
    --------
    >>> camera = Camera(position=(0, 1, 4), target=(0, 1, 0), fov_deg=53.13)
    >>> camera.image_from_scene([[0.0, 1.0, 0.0], [0.5, 1.5, 0.0]], (641, 481)).round(1).tolist()
    [[320.0, 240.0, 4.0], [400.1, 159.9, 4.0]]
    """

    position: Vector = (0.0, 1.3, 3.6)
    target: Vector = (0.0, 0.92, 0.0)
    fov_deg: float = 45.0
    roll_deg: float = 0.0

    def __post_init__(self) -> None:
        if np.allclose(self.position, self.target):
            raise ValueError(f"camera position and target must differ, both are {self.target!r}")
        if not 1 <= self.fov_deg <= 150:
            raise ValueError(f"fov_deg must be from 1 to 150, got {self.fov_deg!r}")

    @property
    def axes(self) -> NDArray[np.float64]:
        """(3, 3) array: rows are the directions right, down and forward in scene axes."""
        forward = np.subtract(self.target, self.position).astype(np.float64)
        forward /= np.linalg.norm(forward)
        up = (0.0, 1.0, 0.0) if abs(forward[1]) < 0.999 else (0.0, 0.0, -1.0)
        right = np.cross(forward, up)
        right /= np.linalg.norm(right)
        down = np.cross(forward, right)
        c, s = math.cos(math.radians(self.roll_deg)), math.sin(math.radians(self.roll_deg))
        return np.stack([c * right + s * down, c * down - s * right, forward])

    def focal_px(self, wh: tuple[int, int]) -> float:
        """Return the focal length in px for an image of `wh`."""
        return 0.5 * max(wh) / math.tan(math.radians(self.fov_deg) / 2)

    def camera_from_scene(self, points: ArrayLike) -> NDArray[np.float64]:
        """Return (..., 3) points in camera axes: x right, y down, z forward, m."""
        moved = np.asarray(points, np.float64) - np.array(self.position)
        turned: NDArray[np.float64] = moved @ self.axes.T
        return turned

    def image_from_scene(self, points: ArrayLike, wh: tuple[int, int]) -> NDArray[np.float64]:
        """Return x and y in px and depth in m, (..., 3); NaN behind the camera.

        (0, 0) is the centre of the first pixel, so the optical axis passes through
        ``((w - 1) / 2, (h - 1) / 2)``.
        """
        x, y, z = np.moveaxis(self.camera_from_scene(points), -1, 0)
        scale = self.focal_px(wh) / np.where(z > 1e-6, z, np.nan)
        return np.stack([x * scale + (wh[0] - 1) / 2, y * scale + (wh[1] - 1) / 2, z], axis=-1)

    def rays(self, wh: tuple[int, int], samples: int = 1) -> NDArray[np.float64]:
        """Return the unit directions of the rays of all pixels in camera axes.

        Shape (h * samples, w * samples, 3): `samples` x `samples` rays per pixel.
        """
        x, y = (
            (((np.arange(n * samples) + 0.5) / samples) - n / 2) / self.focal_px(wh) for n in wh
        )
        directions = np.stack([*np.meshgrid(x, y), np.ones((y.size, x.size))], axis=-1)
        unit: NDArray[np.float64] = directions / np.linalg.norm(directions, axis=-1, keepdims=True)
        return unit
