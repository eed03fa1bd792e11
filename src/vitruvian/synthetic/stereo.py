"""Depth as a stereo camera measures it, from the true depth of a rendered view."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vitruvian.core.camera import Camera

    Floats = NDArray[np.floating]

__all__ = ["StereoModel", "stereo_depth"]

MAX_SUBPIXEL_BITS = 5
BLUR = np.array([1.0, 4.0, 6.0, 4.0, 1.0]) / 16  # of the noise: a matching window of 5 px
HOLE_BLUR_ROUNDS = 2
EDGE_PX = 1.0  # disparities of neighbours that differ by more are of two surfaces
MAX_MM = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class StereoModel:
    """Two cameras and how well they are matched; the defaults are those of an OAK-D.

    Attributes
    ----------
    baseline_m : float
        Distance of the two cameras, 7.5 cm. The colour camera is in the middle.
    focal_px : float
        Focal length of their images.
    wh : (int, int)
        Size of their images: 400p.
    n_disparities : int
        Disparities that are searched, from 0: what is nearer than
        ``baseline_m * focal_px / (n_disparities - 1)`` is not measured.
    subpixel_bits : int
        Fractional bits of the disparity: 0, or 3 to 5 with the option "subpixel".
    noise_px : float
        Standard deviation of the disparity.
    bias_px : float
        Error of the calibration, as an error of all disparities.
    hole_share : float
        Share of the surfaces that has too little texture to be matched.

    Raises
    ------
    ValueError
        If a value is out of range.
    """

    baseline_m: float = 0.075  # Luxonis, "Configuring stereo depth": OAK-D
    focal_px: float = 441.25  # the same page, at 400p
    wh: tuple[int, int] = (640, 400)
    n_disparities: int = 96
    subpixel_bits: int = 0
    noise_px: float = 0.15
    bias_px: float = 0.0
    hole_share: float = 0.03

    def __post_init__(self) -> None:
        for name in ("baseline_m", "focal_px", "n_disparities"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be positive, got {getattr(self, name)!r}")
        if not 0 <= self.subpixel_bits <= MAX_SUBPIXEL_BITS:
            raise ValueError(
                f"subpixel_bits must be from 0 to {MAX_SUBPIXEL_BITS}, got {self.subpixel_bits!r}"
            )
        if not (self.noise_px >= 0 and 0 <= self.hole_share < 1):
            raise ValueError(
                "noise_px must not be negative and hole_share be from 0 to 1, "
                f"got {self.noise_px!r} and {self.hole_share!r}"
            )


OAK_D = StereoModel(subpixel_bits=3)
"""An OAK-D as `vitruvian.oak` sets it up: depthai's default of 3 fractional bits."""


def stereo_depth(
    depth_m: Floats,
    camera: Camera,
    *,
    seed: int | Sequence[int] = 0,
    model: StereoModel = OAK_D,
) -> NDArray[np.uint16]:
    """Return the depth image of a stereo camera, mm, aligned with the colour image; 0 for holes.

    Parameters
    ----------
    depth_m : (H, W) array, m
        True depth along the optical axis; NaN or infinity where there is no surface.
    camera : Camera
        Intrinsics of `depth_m`, without distortion.
    seed : int or sequence of int
        Of the noise: the same seed gives the same noise.
    model : StereoModel

    Returns
    -------
    (H, W) uint16 array, mm

    Notes
    -----
    1. The depth is sampled at the resolution of the stereo cameras, and becomes disparity:
       ``focal_px * baseline_m / depth``.
    2. Matching compares windows, so that the surface in front is 1 px wider than it is.
    3. Not matched: what only one of the two cameras sees (a shadow beside each edge, as wide as
       the disparities differ), what is outside their images or too near, half of the pixels at
       edges, and patches without texture.
    4. Noise, correlated over the matching window, is added to the disparity, and it is rounded to
       integers, or to the fractional bits. One step of depth is
       ``depth² / (focal_px * baseline_m) / 2**bits``: 1.09 m at 6 m with integers.
    5. The depth is sampled at the pixels of the colour image and rounded to mm.

    The noise of two seeds is independent. That of a real camera is so in part only: it depends on
    the texture, too, which moves with the person.
    """
    depth = np.asarray(depth_m, np.float32)
    if depth.ndim != 2 or depth.shape[::-1] != tuple(camera.wh):
        raise ValueError(
            f"depth_m must have the size of the camera, {camera.wh} px, got shape {depth.shape}"
        )
    generator = np.random.default_rng(seed)
    at_columns, columns, x = _samples(camera.wh[0], camera.focal_xy[0], camera.matrix[0, 2], model)
    at_rows, rows, y = _samples(camera.wh[1], camera.focal_xy[1], camera.matrix[1, 2], model)
    known = depth[np.ix_(at_rows, at_columns)]
    factor = model.focal_px * model.baseline_m
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = np.where(np.isfinite(known) & (known > 0), factor / known, 0.0)
    wide = _widened(exact)
    is_matched = _is_matched(wide, x, y, generator, model)
    noise = _blurred(generator.standard_normal(wide.shape)) * _GAIN * model.noise_px
    step = 2.0**-model.subpixel_bits
    disparity = np.rint((wide + noise + model.bias_px) / step) * step
    is_matched &= (disparity > 0) & (disparity <= model.n_disparities - 1)
    with np.errstate(divide="ignore"):
        found = np.where(is_matched, np.rint(1e3 * factor / disparity), 0.0)
    found[found > MAX_MM] = 0
    return found.astype(np.uint16)[np.ix_(rows, columns)]


_GAIN = 1 / float((BLUR**2).sum())  # keeps the standard deviation of blurred noise


def _samples(
    n: int, focal_px: float, center_px: float, model: StereoModel
) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """Return along one axis: the pixels of the colour image at those of the stereo image.

    Then the pixels of the stereo image at those of the colour image, and the coordinates of the
    former from the optical axis, px.
    """
    ratio = model.focal_px / focal_px
    start, end = (0.0 - center_px) * ratio, (n - center_px) * ratio
    first, last = math.floor(start), math.ceil(end)
    x = np.arange(first, last) + 0.5
    at = np.clip(np.floor(x / ratio + center_px), 0, n - 1).astype(np.intp)
    pixels = (np.arange(n) + 0.5 - center_px) * ratio
    back = np.clip(np.floor(pixels) - first, 0, len(x) - 1).astype(np.intp)
    return at, back, x


def _widened(disparity: Floats) -> Floats:
    """Return the largest disparity of each pixel and its eight neighbours."""
    padded = np.pad(disparity, 1, mode="edge")
    across = np.maximum(np.maximum(padded[:, :-2], padded[:, 1:-1]), padded[:, 2:])
    return np.maximum(np.maximum(across[:-2], across[1:-1]), across[2:])


def _is_matched(
    disparity: Floats, x: Floats, y: Floats, generator: np.random.Generator, model: StereoModel
) -> NDArray[np.bool_]:
    half = disparity / 2
    is_matched = (np.abs(x) + half < model.wh[0] / 2) & (np.abs(y) < model.wh[1] / 2)[:, None]
    is_matched &= disparity > 0
    for sign in (1, -1):  # what the left and the right camera do not see
        is_matched &= ~_is_hidden(disparity, sign)
    is_edge = np.zeros(disparity.shape, bool)
    for axis in (0, 1):
        jumps = np.abs(np.diff(disparity, axis=axis)) > EDGE_PX
        is_edge |= np.insert(jumps, 0, False, axis=axis)
        is_edge |= np.insert(jumps, jumps.shape[axis], False, axis=axis)
    is_matched &= ~(is_edge & (generator.random(disparity.shape) < 0.5))
    if model.hole_share:
        patches: Floats = generator.standard_normal(disparity.shape)
        for _ in range(HOLE_BLUR_ROUNDS):
            patches = _blurred(patches)
        is_matched &= patches > np.quantile(patches, model.hole_share)
    return is_matched


def _is_hidden(disparity: Floats, sign: int) -> NDArray[np.bool_]:
    """Return whether a nearer surface hides a pixel from the camera on one side."""
    n_rows, n_columns = disparity.shape
    margin = int(disparity.max(initial=0)) + 2
    columns = np.rint(np.arange(n_columns) + sign * disparity / 2).astype(np.intp) + margin
    rows = np.broadcast_to(np.arange(n_rows)[:, None], disparity.shape)
    nearest = np.zeros((n_rows, n_columns + 2 * margin))
    np.maximum.at(nearest, (rows, columns), disparity)
    hidden: NDArray[np.bool_] = nearest[rows, columns] - disparity > EDGE_PX
    return hidden


def _blurred(values: Floats) -> Floats:
    return _blurred_rows(_blurred_rows(values).T).T


def _blurred_rows(values: Floats) -> Floats:
    n, reach = values.shape[1], len(BLUR) // 2
    around = values[:, np.arange(-reach, n + reach) % n]
    return np.stack([around[:, k : k + n] for k in range(len(BLUR))], axis=-1) @ BLUR
