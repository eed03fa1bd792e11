"""Joints in metres from the camera: world landmarks fitted to measured depths.

First the whole body is turned, moved and scaled so that it agrees with the image landmarks and the
depths. Then each joint is moved along its ray toward the depths measured at it and around it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from vitruvian.core.rotations import matrix_from_vector
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.lift.depth_points import (
    BELOW_FRONT_M,
    BELOW_SIDE_M,
    BELOW_SIGMA_M,
    DEPTH_ERRORS_M,
    SHARES,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.lift.placement import View

    Floats = NDArray[np.float64]

__all__ = ["Surfaces", "depth_noise_m", "fitted_to_depth"]

# Selected on rendered people at 1 to 6 m: benchmarks/depth.py. The results change little when one
# of them is halved or doubled.
NOISE = 0.002  # 1/m: error of the depth of a zone / squared depth, 0.07 px of an OAK-D
GATE_M = 0.25  # error of the world landmarks' depths: what differs by more is another surface
WORLD_M = 0.06  # standard deviation of the world landmarks' depths after the fit
RAY_M = 0.04  # of the image landmarks, across the ray
TURN_RAD, LOG_SCALE = 0.12, 0.12  # of the world landmarks' rotation and size
SIZE_M = 0.35  # of the logarithm of the distance that the size in the image suggests
N_ROUNDS, N_MEASURED, N_JOINT_ROUNDS = 5, 2, 4
VISIBLE = 0.5
MIN_POINTS, MIN_SHARE = 3, 0.2  # of the points with a depth: those that agree with the body
MIN_RATIO, MAX_RATIO = 0.4, 2.0  # of the depth to that which the size in the image suggests
MIN_DEPTH_M = 0.05

# The models underestimate the body by this factor: docs/metric-space.md.
MODEL_SCALE = 1.08
SIDE_GAIN = 1.3  # of how far the trunk is turned to the side: the models underestimate it
MIN_THICKNESS, MAX_THICKNESS = 0.75, 1.3  # of the body, relative to the table

SHOULDERS_HIPS = [
    BLAZEPOSE.index(f"{s}_{p}") for s in ("left", "right") for p in ("shoulder", "hip")
]


class Surfaces(Protocol):
    """The surface of a person, measured at the points of `vitruvian.lift.depth_points`."""

    def medians(self) -> Floats:
        """Return the depth (n,), m, at each point; NaN where it is not known."""

    def near(self, expected_m: Floats, gate_m: Floats) -> Floats:
        """Return the depth (n,), m, of what is at most `gate_m` from the expected depth."""


class _Body(NamedTuple):
    """The world landmarks, turned by a rotation vector, scaled and moved."""

    turn: Floats
    origin: Floats
    log_scale: float

    @property
    def scale(self) -> float:
        return math.exp(self.log_scale)

    def turned(self, points: Floats) -> Floats:
        """Return points (n, 3) before they are moved to the origin."""
        return points @ (self.scale * matrix_from_vector(self.turn).T)


def depth_noise_m(depth_m: float) -> float:
    """Return the standard deviation of the depth of a zone at a distance, m."""
    return NOISE * depth_m * depth_m


def fitted_to_depth(
    view: View, visibility: Floats, surfaces: Surfaces, size_depth_m: float
) -> Floats | None:
    """Return the joints (33, 3), m, of one person in camera space.

    None if the depth of fewer than 3 points, or of a fifth of those that were measured, agrees with
    the body, or if it would be a dwarf or a giant there; NaN where a landmark is not finite.

    Parameters
    ----------
    view : View
        Of one pose.
    visibility : (33,) array
        Landmarks below 0.5 are not measured: something else is in front of them.
    surfaces : Surfaces
        What was measured.
    size_depth_m : float
        Depth of the hips that the size in the image suggests, or NaN: a weak hint at which of
        several surfaces the person is. Less than 0.4 and more than 2 times as far there is no
        adult or child, but something in front of the person or the wall behind.

    Notes
    -----
    Weighted least squares with the weights ``1 / (1 + (e / 2σ)²)²`` (Geman and McClure). Unknown
    are rotation, translation and scale of the world landmarks, the first and the last close to
    none; residuals are the distances of the image landmarks from their rays and the differences of
    the depths. From the third round on, each point takes the depth of that surface in its zone
    which is at most 0.25 m (and twice the noise) from the expected one.

    The corrections of single joints have a normal prior in which the error of a limb adds up from
    the trunk outward, so that a hidden ankle moves with its knee. The posterior mean is in closed
    form; four rounds of the same weights reject outliers.
    """
    is_known = np.isfinite(view.rays[0]).all(axis=1) & np.isfinite(view.points[0]).all(axis=1)
    rays, points = (np.where(is_known[:, None], a[0], 0.0) for a in (view.rays, view.points))
    seen = np.where(is_known, np.nan_to_num(visibility), 0.0)
    is_point = (np.where(SHARES > 0, is_known, True)).all(axis=1) & (SHARES @ seen > VISIBLE)
    inside = below = _below(points)
    measured = np.where(is_point, surfaces.medians(), np.nan)
    n_needed = max(MIN_POINTS, MIN_SHARE * np.isfinite(measured).sum())
    start = _start(measured + below - SHARES @ points[:, 2], size_depth_m)
    if start is None:
        return None
    hips = rays[SHOULDERS_HIPS].mean(axis=0)
    body = _Body(np.zeros(3), np.array([*(hips * start), start]), 0.0)
    for k in range(N_ROUNDS + 1):
        if k > 0:
            body = _step(body, points, rays, seen, measured + inside)
            if not body.origin[2] > MIN_DEPTH_M:
                return None
        joints = body.turned(points) + body.origin
        inside = below * _thickness(body.scale)
        if k >= N_MEASURED:
            gate = np.full(len(SHARES), GATE_M + 2 * depth_noise_m(body.origin[2]))
            near = surfaces.near(SHARES @ joints[:, 2] - inside, gate)
            measured = np.where(is_point, near, np.nan)
    off = measured + inside - SHARES @ joints[:, 2]
    ratio = body.origin[2] / size_depth_m
    if np.isfinite(off).sum() < n_needed or ratio < MIN_RATIO or ratio > MAX_RATIO:
        return None
    depths = joints[:, 2] + _offsets(off, depth_noise_m(body.origin[2]))
    share = np.clip(seen, 0, 1)[:, None]
    across = share * rays * depths[:, None] + (1 - share) * joints[:, :2]
    found = np.concatenate([across, depths[:, None]], axis=1)
    return np.where(is_known[:, None], found, np.nan)


def _below(points: Floats) -> Floats:
    """Return how far the points (n,) are behind the surface: that of an ellipse, seen obliquely."""
    left_shoulder, left_hip, right_shoulder, right_hip = points[SHOULDERS_HIPS]
    across = left_shoulder + left_hip - right_shoulder - right_hip
    length = np.linalg.norm(across)
    sine = min(SIDE_GAIN * abs(across[2]) / length, 1.0) if length > 0 else 0.0
    cosine = math.sqrt(1 - sine * sine)
    radius = np.hypot(BELOW_SIDE_M * cosine, BELOW_FRONT_M * sine)
    below: Floats = BELOW_FRONT_M * BELOW_SIDE_M / np.maximum(radius, 1e-9)
    return below


def _thickness(scale: float) -> float:
    """Return the thickness of a body whose size differs from what the model expects.

    The root, because the size is known only roughly.
    """
    return math.sqrt(min(max(scale / MODEL_SCALE, MIN_THICKNESS), MAX_THICKNESS))


def _start(depths: Floats, size_depth_m: float) -> float | None:
    """Return the depth that most points agree with, m; None if there are too few."""
    known = depths[np.isfinite(depths)]
    if len(known) < MIN_POINTS:
        return None
    votes = 1 / (1 + ((known[:, None] - known) / GATE_M) ** 2) ** 2
    total = votes.sum(axis=1)
    if size_depth_m > 0:
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.log(np.maximum(known, MIN_DEPTH_M) / size_depth_m) / SIZE_M
        total *= np.exp(-0.5 * ratio * ratio)
    return float(known[total.argmax()])


def _step(body: _Body, points: Floats, rays: Floats, seen: Floats, depths: Floats) -> _Body:
    """Return the body after a step of Gauss and Newton; the depths (n,) are those of the points."""
    moved = body.turned(points)
    joints = moved + body.origin
    slopes = _slopes(moved)
    of_depth = _slopes(SHARES @ moved)[:, 2]
    off = depths - SHARES @ joints[:, 2]
    sigma2 = BELOW_SIGMA_M**2 + WORLD_M**2 + depth_noise_m(body.origin[2]) ** 2
    weights = _robust(off * off, sigma2)
    off = np.where(weights > 0, off, 0.0)
    normal = (of_depth * weights[:, None]).T @ of_depth
    gradient = (of_depth * weights[:, None]).T @ off
    beside = rays * joints[:, 2:] - joints[:, :2]
    is_seen = np.where(seen > VISIBLE, seen, 0.0) ** 2
    weights = is_seen * _robust((beside * beside).sum(axis=1), RAY_M**2)
    for axis in (0, 1):
        across = slopes[:, axis] - rays[:, axis, None] * slopes[:, 2]
        normal += (across * weights[:, None]).T @ across
        gradient += (across * weights[:, None]).T @ beside[:, axis]
    prior = np.array([TURN_RAD**-2] * 3 + [1e-6] * 3 + [LOG_SCALE**-2])
    now = np.array([*body.turn, 0, 0, 0, body.log_scale])
    step = np.linalg.solve(normal + np.diag(prior), gradient - prior * now)
    turn = body.turn + step[:3]  # exact enough for turns that small
    return _Body(turn, body.origin + step[3:6], body.log_scale + float(step[6]))


def _slopes(points: Floats) -> Floats:
    """Return the derivatives (n, 3, 7) of points by rotation, translation and log of the scale."""
    slopes = np.zeros((len(points), 3, 7))
    x, y, z = points.T
    slopes[:, 0, 1], slopes[:, 0, 2] = z, -y
    slopes[:, 1, 0], slopes[:, 1, 2] = -z, x
    slopes[:, 2, 0], slopes[:, 2, 1] = y, -x
    slopes[:, :, 3:6] = np.eye(3)
    slopes[:, :, 6] = points
    return slopes


def _robust(squares: Floats, sigma2: Floats | float) -> Floats:
    """Return ``1 / σ² / (1 + (e / 2σ)²)²``; 0 for NaN."""
    weights: Floats = 1 / (sigma2 * (1 + squares / (4 * sigma2)) ** 2)
    return np.where(weights > 0, weights, 0.0)


def _offsets(off: Floats, noise_m: float) -> Floats:
    """Return the corrections of the depths (33,) for the errors (n,) at the points, m."""
    slopes = SHARES @ DEPTH_ERRORS_M
    sigma2 = BELOW_SIGMA_M**2 + noise_m**2
    known = np.nan_to_num(off)
    found = np.zeros(slopes.shape[1])
    for _ in range(N_JOINT_ROUNDS):
        left = off - slopes @ found
        reach = 3 * np.sqrt(sigma2) + WORLD_M
        robust = np.nan_to_num(1 / (1 + (left / reach) ** 2) ** 2)
        weighted = slopes * (robust / sigma2)[:, None]
        found = np.linalg.solve(weighted.T @ slopes + np.eye(len(found)), weighted.T @ known)
    offsets: Floats = DEPTH_ERRORS_M @ found
    return offsets
