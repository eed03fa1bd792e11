"""Triangulation: points in space from their images in several calibrated cameras."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core._arrays import ArrayValue, read_only

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from vitruvian.core.camera import Camera

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

__all__ = ["MAX_ERROR_PX", "Triangulation", "check_places", "checked", "triangulated"]

MAX_ERROR_PX = 15.0  # Pose2Sim, reproj_error_threshold_triangulation
WIDTH_OF_MAX_ERROR = 1920  # px, the longer side of the images for which that is meant
POINTS_AT_ONCE = 100_000


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Triangulation(ArrayValue):
    """Points in space, and how well they fit the images.

    Attributes
    ----------
    points : (..., 3) float64 array, m
        In world axes of the calibration. NaN where fewer than two cameras agree.
    errors_px : (C, ...) float64 array, image px
        Reprojection error: distance between the projection of the point and what camera c saw. NaN
        where it saw nothing, or there is no point. Cameras that were left out have an error, too.
    is_used : (C, ...) bool array
        Whether the point was computed from camera c.
    """

    points: Floats
    errors_px: Floats
    is_used: Bools

    def __post_init__(self) -> None:
        for name in ("points", "errors_px", "is_used"):
            read_only(getattr(self, name))


def triangulated(
    cameras: Sequence[Camera],
    points_px: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    max_error_px: float = MAX_ERROR_PX,
) -> Triangulation:
    """Return the points whose images are seen by several cameras.

    If the mean reprojection error of a point is above `max_error_px`, the camera without which the
    mean is lowest is left out, as long as two remain. A point that still does not fit is NaN.

    Parameters
    ----------
    cameras : sequence of C Camera
        With the size of the images in which the points were found.
    points_px : (C, ..., 2) array, image px
        NaN for a point that a camera does not see.
    weights : (C, ...) array, optional
        Weights of the equations of each camera, such as the visibility of the landmark. Points of
        weight 0 are not used.
    max_error_px : float
        For images whose longer side has 1920 px; it is scaled with the size of the images.
        ``inf`` accepts everything.

    Raises
    ------
    ValueError
        If there are fewer than two cameras, or two of them stand at the same place.

    Notes
    -----
    Direct linear transform: a point that camera ``P = [R | t]`` sees at undistorted, normalised
    u, v satisfies ``(P[0] - u P[2]) X = 0`` and ``(P[1] - v P[2]) X = 0``. X is the right singular
    vector of the smallest singular value of these rows, times their weights, of all cameras. It is
    computed as the eigenvector of the normal matrix. Source: R. Hartley and A. Zisserman, "Multiple
    View Geometry", 2nd edition, section 12.2.
    """
    points = np.asarray(points_px, np.float64)
    _check(cameras, points)
    shape = points.shape[1:-1]
    points = points.reshape(len(cameras), int(np.prod(shape)), 2)
    if weights is None:
        values = np.ones(points.shape[:2])
    else:
        values = np.asarray(weights, np.float64).reshape(points.shape[:2])
    gate = max_error_px / WIDTH_OF_MAX_ERROR
    starts = range(0, max(points.shape[1], 1), POINTS_AT_ONCE)
    pieces = [slice(k, k + POINTS_AT_ONCE) for k in starts]
    parts = [_of_part(cameras, points[:, piece], values[:, piece], gate) for piece in pieces]
    found, errors, is_used = (
        np.concatenate(arrays, axis=axis)
        for arrays, axis in zip(zip(*parts, strict=True), (0, 1, 1), strict=True)
    )
    return Triangulation(
        points=found.reshape(*shape, 3),
        errors_px=errors.reshape(len(cameras), *shape),
        is_used=is_used.reshape(len(cameras), *shape),
    )


def checked(
    cameras: Sequence[Camera],
    points_px: Floats,
    weights: Floats,
    points: Floats,
    *,
    max_error_px: float = MAX_ERROR_PX,
) -> Triangulation:
    """Return points from elsewhere, NaN where fewer than two cameras see them within the error.

    The arguments are those of `triangulated`; points (..., 3) in m.
    """
    is_seen = np.isfinite(points_px.sum(axis=-1)) & (weights > 0)
    errors = np.where(is_seen, _errors(cameras, points, points_px), np.nan)
    sides = np.array([max(camera.wh) for camera in cameras], np.float64)
    limits = (max_error_px / WIDTH_OF_MAX_ERROR * sides).reshape(-1, *[1] * (errors.ndim - 1))
    with np.errstate(invalid="ignore"):
        is_near = errors <= limits
    is_used = is_near & (is_near.sum(axis=0) > 1)
    found = np.where(is_used.any(axis=0)[..., None], points, np.nan)
    return Triangulation(points=found, errors_px=errors, is_used=is_used)


def _check(cameras: Sequence[Camera], points: Floats) -> None:
    if len(cameras) < 2:
        raise ValueError(f"triangulation needs at least two cameras, got {len(cameras)}")
    if points.ndim < 2 or points.shape[-1] != 2 or len(points) != len(cameras):
        raise ValueError(f"points_px must have shape ({len(cameras)}, ..., 2), got {points.shape}")
    check_places(cameras)


def check_places(cameras: Sequence[Camera]) -> None:
    """Raise ValueError if two cameras stand at the same place."""
    for i, one in enumerate(cameras):
        for other in cameras[:i]:
            if np.allclose(one.position, other.position, atol=1e-6):
                raise ValueError(
                    f"cameras {other.name!r} and {one.name!r} stand at the same place: "
                    "the calibration must have rotation and translation of each camera"
                )


def _of_part(
    cameras: Sequence[Camera], points: Floats, weights: Floats, gate: float
) -> tuple[Floats, Floats, Bools]:
    """Return points (K, 3), errors (C, K) in px and which cameras are used (C, K)."""
    rays = np.stack([c.rays_from_image(p) for c, p in zip(cameras, points, strict=True)])
    is_known = np.isfinite(rays).all(axis=2) & (weights > 0)
    rows = _rows(cameras, np.where(is_known[..., None], rays, 0.0), weights)
    sides = np.array([max(camera.wh) for camera in cameras], np.float64)

    def fit(k: NDArray[np.int64], is_used: Bools) -> tuple[Floats, Floats]:
        """Return points (K, 3) and their mean error, in parts of the image's longer side."""
        found = _points(rows[:, k], is_used)
        off = _errors(cameras, found, points[:, k]) / sides[:, None]
        off = np.where(np.isfinite(off), off, np.inf)  # behind a camera
        total = np.where(is_used, off, 0.0).sum(axis=0)
        with np.errstate(invalid="ignore"):
            return found, total / is_used.sum(axis=0)

    is_used = is_known.copy()
    is_used[:, is_used.sum(axis=0) < 2] = False
    every = np.arange(points.shape[1])
    found, mean = fit(every, is_used)
    for _ in range(len(cameras) - 2):
        k = np.flatnonzero((mean > gate) & (is_used.sum(axis=0) > 2))
        if not k.size:
            break
        trials = np.repeat(is_used[None, :, k], len(cameras), axis=0)
        trials[np.arange(len(cameras)), np.arange(len(cameras))] = False
        fits = [fit(k, trial) for trial in trials]
        means = np.where(is_used[:, k], np.stack([m for _, m in fits]), np.inf)
        best = means.argmin(axis=0)
        columns = np.arange(len(k))
        is_used[best, k] = False
        found[k] = np.stack([f for f, _ in fits])[best, columns]
        mean[k] = means[best, columns]
    fits_not = ~(mean <= gate)
    is_used[:, fits_not] = False
    found[fits_not] = np.nan
    return found, _errors(cameras, found, np.where(is_known[..., None], points, np.nan)), is_used


def _rows(cameras: Sequence[Camera], rays: Floats, weights: Floats) -> Floats:
    """Return normal matrices (C, K, 4, 4): rowsᵀ rows of the two weighted equations."""
    normal = np.empty((*rays.shape[:2], 4, 4))
    for c, camera in enumerate(cameras):
        projection = np.concatenate([camera.rotation, camera.translation[:, None]], axis=1)
        rows = projection[:2] - rays[c, :, :, None] * projection[2]
        rows *= weights[c, :, None, None]
        np.matmul(rows.swapaxes(1, 2), rows, out=normal[c])
    return normal


def _points(normal: Floats, is_used: Bools) -> Floats:
    """Return points (K, 3) of the normal matrices (C, K, 4, 4) of the used cameras (C, K)."""
    total = np.where(is_used[..., None, None], normal, 0.0).sum(axis=0)
    found = np.full((len(total), 3), np.nan)
    k = np.flatnonzero(is_used.sum(axis=0) >= 2)
    if k.size:
        vectors = np.linalg.eigh(total[k])[1][..., 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            found[k] = vectors[:, :3] / vectors[:, 3:]
    return found


def _errors(cameras: Sequence[Camera], found: Floats, points: Floats) -> Floats:
    """Return reprojection errors (C, K), px; NaN behind a camera."""
    seen = np.stack([camera.image_from_world(found) for camera in cameras])
    errors: Floats = np.linalg.norm(seen - points, axis=-1)
    return errors
