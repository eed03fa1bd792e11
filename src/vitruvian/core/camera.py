"""Camera: intrinsics, distortion and extrinsics; between image px, rays and metres."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core._arrays import ArrayValue, frozen_array

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["ASSUMED_FOV_DEG", "Camera"]

ASSUMED_FOV_DEG = 60.0
"""Field of view along the longer side of an image whose camera is not known."""

MAX_DISTORTIONS = 8  # k1, k2, p1, p2, k3, k4, k5, k6, OpenCV's order
N_ROUNDS = 20  # of the iteration that removes distortion
CONVERGED = 1e-12

_EYE = np.eye(3)
_ORIGIN = np.zeros(3)
_NO_DISTORTION = np.zeros(4)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Camera(ArrayValue):
    """A pinhole camera with lens distortion, and where it stands.

    Attributes
    ----------
    wh : (int, int)
        Width and height in px of the images that it describes.
    matrix : (3, 3) array, px
        Intrinsic matrix: focal lengths and the principal point. The centre of the first pixel is
        (0, 0) in OpenCV's calibrations, (0.5, 0.5) in `Pose.landmarks`; the difference of half a
        pixel is neglected.
    distortions : (4,), (5,) or (8,) array
        k1, k2, p1, p2, k3, k4, k5, k6 of OpenCV; with `is_fisheye` its k1 to k4.
    is_fisheye : bool
    rotation : (3, 3) array
        From world axes to camera axes: x right, y down, z ahead.
    translation : (3,) array, m
        ``camera = rotation @ world + translation``.
    name : str
        Name in the calibration file.
    is_assumed : bool
        Whether the focal length is a guess and not measured.

    Raises
    ------
    ValueError
        If the size, the focal length or an array is invalid.

    Examples
    --------
    >>> camera = Camera.from_focal((640, 480), focal_px=500)
    >>> camera.image_from_world([[0.5, 0.0, 2.0]]).tolist()
    [[445.0, 240.0]]
    """

    wh: tuple[int, int]
    matrix: NDArray[np.float64]
    distortions: NDArray[np.float64] = field(default_factory=_NO_DISTORTION.copy)
    is_fisheye: bool = False
    rotation: NDArray[np.float64] = field(default_factory=_EYE.copy)
    translation: NDArray[np.float64] = field(default_factory=_ORIGIN.copy)
    name: str = ""
    is_assumed: bool = False

    def __post_init__(self) -> None:
        for name, shape in (
            ("matrix", (3, 3)),
            ("distortions", (-1,)),
            ("rotation", (3, 3)),
            ("translation", (3,)),
        ):
            array = frozen_array(getattr(self, name), np.float64, shape, name)
            if not np.isfinite(array).all():
                raise ValueError(f"{name} must be finite, got {array.tolist()}")
            object.__setattr__(self, name, array)
        if min(self.wh) < 1:
            raise ValueError(f"wh must be positive, got {self.wh!r}")
        if not (self.matrix[0, 0] > 0 and self.matrix[1, 1] > 0):
            raise ValueError(f"the focal lengths must be positive, got {self.focal_xy!r}")
        n = len(self.distortions)
        if n not in ((4,) if self.is_fisheye else (4, 5, MAX_DISTORTIONS)):
            raise ValueError(f"distortions must have 4, 5 or 8 values (fish-eye: 4), got {n}")

    @classmethod
    def from_focal(
        cls, wh: tuple[int, int], focal_px: float, *, is_assumed: bool = False
    ) -> Camera:
        """Return a camera at the origin with this focal length, px, and no distortion."""
        if not (math.isfinite(focal_px) and focal_px > 0):
            raise ValueError(f"focal_px must be positive, got {focal_px!r}")
        width, height = wh
        matrix = [[focal_px, 0, width / 2], [0, focal_px, height / 2], [0, 0, 1]]
        return cls(wh=wh, matrix=np.array(matrix, np.float64), is_assumed=is_assumed)

    @classmethod
    def from_fov(cls, wh: tuple[int, int], fov_deg: float | None = None) -> Camera:
        """Return a camera with this field of view along the longer side of the image.

        Without `fov_deg` it is 60 degrees, and the camera is marked as assumed.
        """
        angle = ASSUMED_FOV_DEG if fov_deg is None else fov_deg
        if not 1 <= angle <= 170:
            raise ValueError(f"fov_deg must be from 1 to 170, got {angle!r}")
        focal_px = max(wh) / 2 / math.tan(math.radians(angle) / 2)
        return cls.from_focal(wh, focal_px, is_assumed=fov_deg is None)

    @property
    def focal_xy(self) -> tuple[float, float]:
        """Focal lengths in px."""
        return float(self.matrix[0, 0]), float(self.matrix[1, 1])

    @property
    def focal_px(self) -> float:
        """Mean focal length in px."""
        return sum(self.focal_xy) / 2

    @property
    def position(self) -> NDArray[np.float64]:
        """(3,) array, m: where the camera stands in the world."""
        position: NDArray[np.float64] = -self.rotation.T @ self.translation
        return position

    def checked_for(self, wh: tuple[int, int]) -> Camera:
        """Return this camera if it describes images of this size.

        Raises
        ------
        ValueError
            If the size differs: a calibration does not hold for cropped or scaled images.
        """
        if tuple(wh) != tuple(self.wh):
            raise ValueError(
                f"camera {self.name or '1'!r} is calibrated for images of "
                f"{self.wh[0]}x{self.wh[1]} px, got {wh[0]}x{wh[1]}: calibrate at this size, "
                "or crop or scale the calibration (Camera.cropped, Camera.scaled)"
            )
        return self

    def cropped(self, left_px: float, top_px: float, wh: tuple[int, int]) -> Camera:
        """Return the camera of a part of its images."""
        matrix = self.matrix.copy()
        matrix[:2, 2] -= left_px, top_px
        return replace(self, matrix=matrix, wh=wh)

    def scaled(self, wh: tuple[int, int]) -> Camera:
        """Return the camera of its images resized to this size."""
        ratios = np.array([wh[0] / self.wh[0], wh[1] / self.wh[1], 1.0])
        return replace(self, matrix=self.matrix * ratios[:, None], wh=wh)

    def rays_from_image(self, points_px: ArrayLike) -> NDArray[np.float64]:
        """Return rays (..., 2): x / z and y / z in camera axes, without distortion.

        Parameters
        ----------
        points_px : (..., 2) array, image px
        """
        points = np.asarray(points_px, np.float64)
        (fx, skew, cx), (_, fy, cy), _ = self.matrix.tolist()
        y = (points[..., 1] - cy) / fy
        x = (points[..., 0] - cx - skew * y) / fx
        distorted = np.stack([x, y], axis=-1)
        if not self.distortions.any() and not self.is_fisheye:
            return distorted
        if self.is_fisheye:
            return _without_fisheye(distorted, self.distortions)
        rays = distorted
        for _ in range(N_ROUNDS):
            radial, tangential = _lens(rays, self.distortions)
            before, rays = rays, (distorted - tangential) / radial[..., None]
            if not (np.abs(rays - before) > CONVERGED).any():
                break
        return rays

    def image_from_rays(self, rays: ArrayLike) -> NDArray[np.float64]:
        """Return image points (..., 2), px, of rays (..., 2); the inverse of `rays_from_image`."""
        values = np.asarray(rays, np.float64)
        if self.is_fisheye:
            values = _with_fisheye(values, self.distortions)
        elif self.distortions.any():
            radial, tangential = _lens(values, self.distortions)
            values = values * radial[..., None] + tangential
        x, y = values[..., 0], values[..., 1]
        (fx, skew, cx), (_, fy, cy), _ = self.matrix.tolist()
        return np.stack([fx * x + skew * y + cx, fy * y + cy], axis=-1)

    def camera_from_world(self, points: ArrayLike) -> NDArray[np.float64]:
        """Return points (..., 3), m, in camera axes."""
        moved: NDArray[np.float64] = np.asarray(points, np.float64) @ self.rotation.T
        return moved + self.translation

    def world_from_camera(self, points: ArrayLike) -> NDArray[np.float64]:
        """Return points (..., 3), m, in world axes."""
        moved: NDArray[np.float64] = np.asarray(points, np.float64) - self.translation
        return moved @ self.rotation

    def image_from_world(self, points: ArrayLike) -> NDArray[np.float64]:
        """Return image points (..., 2), px; NaN behind the camera."""
        x, y, z = np.moveaxis(self.camera_from_world(points), -1, 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            z = np.where(z > 0, z, np.nan)
            return self.image_from_rays(np.stack([x / z, y / z], axis=-1))


def _lens(
    rays: NDArray[np.float64], distortions: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the radial factor and the tangential shift: OpenCV's model of a lens."""
    values = (*distortions.tolist(), *[0.0] * MAX_DISTORTIONS)
    k1, k2, p1, p2, k3, k4, k5, k6 = values[:MAX_DISTORTIONS]
    x, y = rays[..., 0], rays[..., 1]
    r2 = x * x + y * y
    radial = (1 + r2 * (k1 + r2 * (k2 + r2 * k3))) / (1 + r2 * (k4 + r2 * (k5 + r2 * k6)))
    tangential = np.stack(
        [2 * p1 * x * y + p2 * (r2 + 2 * x * x), p1 * (r2 + 2 * y * y) + 2 * p2 * x * y], axis=-1
    )
    return radial, tangential


def _with_fisheye(
    rays: NDArray[np.float64], distortions: NDArray[np.float64]
) -> NDArray[np.float64]:
    radius = np.hypot(rays[..., 0], rays[..., 1])
    angle = np.arctan(radius)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(radius > 0, _bent(angle, distortions) / radius, 1.0)
    return rays * ratio[..., None]


def _without_fisheye(
    distorted: NDArray[np.float64], distortions: NDArray[np.float64]
) -> NDArray[np.float64]:
    bent = np.hypot(distorted[..., 0], distorted[..., 1])
    angle = bent
    for _ in range(N_ROUNDS):
        angle = np.clip(angle - (_bent(angle, distortions) - bent), 0, 1.55)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(bent > 0, np.tan(angle) / bent, 1.0)
    return distorted * ratio[..., None]


def _bent(angle: NDArray[np.float64], distortions: NDArray[np.float64]) -> NDArray[np.float64]:
    k1, k2, k3, k4 = distortions.tolist()
    a2 = angle * angle
    bent: NDArray[np.float64] = angle * (1 + a2 * (k1 + a2 * (k2 + a2 * (k3 + a2 * k4))))
    return bent
