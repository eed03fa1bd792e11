"""Where a person stands in the space of one camera, from image and world landmarks.

The world landmarks have the shape of the body in metres, but their origin is at the hips. They are
placed where their projection fits the image landmarks best.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from vitruvian.core._arrays import ArrayValue, frozen_array
from vitruvian.core.low_pass import interpolated, low_pass
from vitruvian.core.resampling import (
    MAX_GAP_S,
    constant_times_us,
    has_constant_rate,
    nominal_fps,
)
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.lift.body_scale import BodyScale
from vitruvian.lift.limb_depths import with_limb_depths

if TYPE_CHECKING:
    from vitruvian.core.camera import Camera
    from vitruvian.core.sequence import PersonSequence, PoseSequence

    Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

__all__ = ["Joints", "Placement", "View", "place_person", "placed"]

Joints = Literal["rays", "rigid", "bones"]

DEPTH_HZ = 1.0  # depth is the noisiest coordinate, and a body moves slowly along it
CUTOFF_HZ = 6.0
N_ROUNDS = 10  # of reweighting, at most
CONVERGED_M = 1e-4
SIGMA_OF_MEDIAN = 1.4826  # standard deviation / median of the absolute values
MIN_LANDMARKS = 3
BLOCK = 4096  # frames that are placed together
MIN_DEPTH_M = 0.05

HIPS = [BLAZEPOSE.index("left_hip"), BLAZEPOSE.index("right_hip")]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Placement(ArrayValue):
    """One person in the space of a camera: x right, y down, z ahead.

    Attributes
    ----------
    positions : (T, 3) array, m
        Middle of the hips; NaN in frames without the person.
    joints : (T, 33, 3) array, m
        All landmarks.
    focal_px : float
        Focal length that was used.
    scale : float
        Factor of the world landmarks; 1 without a body height.
    is_assumed : bool
        Whether the focal length is a guess. Depths are then wrong by the same factor.
    """

    positions: Floats
    joints: Floats
    focal_px: float
    scale: float
    is_assumed: bool

    def __post_init__(self) -> None:
        for name, shape in (("positions", (-1, 3)), ("joints", (-1, len(BLAZEPOSE), 3))):
            object.__setattr__(
                self, name, frozen_array(getattr(self, name), np.float64, shape, name)
            )


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What a camera sees of poses, the first index of all arrays.

    Attributes
    ----------
    rays : (n, 33, 2) array
        x / z and y / z of the image landmarks.
    points : (n, 33, 3) array, m
        World landmarks in camera axes.
    weights : (n, 33) array
        Visibility squared; 0 where a coordinate is not finite.
    """

    rays: Floats
    points: Floats
    weights: Floats

    @classmethod
    def of(cls, camera: Camera, landmarks: Floats, visibility: Floats, world: Floats) -> View:
        """Return the view of image landmarks, visibility and world landmarks of n poses.

        The axes of world landmarks belong to the crop around the person, so they are turned by the
        rotation that takes the optical axis to the ray of the hips.
        """
        rays = camera.rays_from_image(landmarks[..., :2])
        points = world @ _turns(rays[:, HIPS].mean(axis=1))
        is_known = np.isfinite(rays).all(axis=-1) & np.isfinite(points).all(axis=-1)
        weights = np.where(is_known & np.isfinite(visibility), visibility, 0.0) ** 2
        return cls(rays, points, weights)

    def positions(self, scale: float | Floats = 1.0) -> Floats:
        """Return the positions (n, 3), m, of the middle of the hips.

        Parameters
        ----------
        scale : float or (n,) array
            Factor of the world landmarks.

        Returns
        -------
        (n, 3) array
            NaN where fewer than 3 landmarks are known, or the person is not in front of the camera.

        Notes
        -----
        Least squares of ``x + tx - u (z + tz)`` and ``y + ty - v (z + tz)``, which have the unit m,
        in closed form. The weights are divided by ``1 + (e / 2σ)²`` in up to 10 rounds, where e is
        the error of a landmark and σ is taken from the median.
        """
        scales = np.broadcast_to(scale, len(self.weights))
        blocks = [slice(i, i + BLOCK) for i in range(0, len(scales), BLOCK)]  # bounds the memory
        return np.concatenate([np.empty((0, 3)), *(self._positions(b, scales[b]) for b in blocks)])

    def _positions(self, block: slice, scales: Floats) -> Floats:
        weights = self.weights[block]
        is_known = weights > 0
        rays, points = self.rays[block], self.points[block] * scales[:, None, None]
        offsets = rays * points[..., 2:] - points[..., :2]
        terms = np.concatenate([np.ones_like(offsets[..., :1]), rays, offsets], axis=-1)
        terms = np.where(is_known[..., None], terms, 0.0).swapaxes(1, 2)  # 1, u, v, ...
        n_known = is_known.sum(axis=1)
        middle = np.arange(len(n_known)), np.minimum(n_known // 2, len(BLAZEPOSE) - 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            t = _fitted(terms, weights)
            for _ in range(N_ROUNDS):
                errors = t[:, :2, None] - terms[:, 1:3] * t[:, 2:, None] - terms[:, 3:]
                squares = np.where(is_known, (errors * errors).sum(axis=1), np.inf)
                median = np.sort(squares, axis=1)[middle]
                width = np.maximum((2 * SIGMA_OF_MEDIAN) ** 2 * median, 1e-18)[:, None]
                before, t = t, _fitted(terms, weights / (1 + squares / width))
                if not (np.abs(t - before) > CONVERGED_M).any():
                    break
            is_placed = (n_known >= MIN_LANDMARKS) & (t[:, 2] > MIN_DEPTH_M)
        return np.where(is_placed[:, None], t, np.nan)

    def joints(
        self, positions: Floats, scale: float | Floats = 1.0, joints: Joints = "rays"
    ) -> Floats:
        """Return the landmarks (n, 33, 3), m, of people at `positions`, as `place_person` does."""
        points = self.points * np.reshape(scale, (-1, 1, 1))
        if joints == "rigid":
            rigid: Floats = points + positions[:, None]
            return rigid
        is_seen = np.isfinite(self.rays).all(axis=-1, keepdims=True)
        depths = np.where(is_seen, points[..., 2:] + positions[:, None, 2:], np.nan)
        return np.concatenate([self.rays * depths, depths], axis=-1)


def place_person(
    person: PersonSequence,
    camera: Camera,
    *,
    height_m: float | None = None,
    joints: Joints = "rays",
    depth_hz: float | None = DEPTH_HZ,
    cutoff_hz: float | None = CUTOFF_HZ,
) -> Placement:
    """Return where a person stands in each frame.

    Parameters
    ----------
    person : PersonSequence
        Best tracked with ``smoothing=0``, because the filters here have no lag.
    camera : Camera
        For images of the size of the frames. Its rotation and translation are not used.
    height_m : float, optional
        Body height. Without it the world landmarks are taken as they are: the person has the size
        that the model expects.
    joints : {"rays", "rigid", "bones"}
        "rays": each landmark on the ray of its image landmark, so that its projection is exact, in
        the depth that the world landmarks give. "rigid": the world landmarks, moved and not
        deformed. "bones": as "rays", and the depths of arms and legs agree with bones of constant
        length; for clips in which the person moves. See `vitruvian.lift.limb_depths`.
    depth_hz : float or None
        Cutoff of the low-pass filter of the depth; None for no filter.
    cutoff_hz : float or None
        Cutoff of the filter of all coordinates that follows.

    Returns
    -------
    Placement

    Raises
    ------
    ValueError
        If the frames have another size than those of the camera, the times do not increase, or an
        option is out of range.
    """
    if joints not in get_args(Joints):
        raise ValueError(f"joints must be one of {list(get_args(Joints))}, got {joints!r}")
    for name, value in (("depth_hz", depth_hz), ("cutoff_hz", cutoff_hz)):
        if value is not None and not value > 0:
            raise ValueError(f"{name} must be positive or None, got {value!r}")
    for width, height in np.unique(person.wh, axis=0).tolist():
        camera.checked_for((width, height))
    view = View.of(
        camera,
        *(np.asarray(a, np.float64) for a in (person.landmarks, person.visibility, person.world)),
    )
    scale = 1.0
    if height_m is not None:
        body = BodyScale(height_m)
        body.add(view.points, person.visibility)
        scale = body.scale
    smooth = partial(_smoothed, person.timestamps_us)
    positions = view.positions(scale)
    if depth_hz is not None:
        depths = smooth(positions[:, 2:], depth_hz)
        positions = np.concatenate([positions[:, :2] * (depths / positions[:, 2:]), depths], axis=1)
    landmarks = view.joints(positions, scale, joints)
    if cutoff_hz is not None:
        positions, landmarks = (smooth(values, cutoff_hz) for values in (positions, landmarks))
    if joints == "bones":
        landmarks = with_limb_depths(landmarks, person.visibility)
    return Placement(
        positions=positions,
        joints=landmarks,
        focal_px=camera.focal_px,
        scale=scale,
        is_assumed=camera.is_assumed,
    )


def placed(
    sequence: PoseSequence,
    camera: Camera,
    *,
    height_m: float | None = None,
    joints: Joints = "rays",
) -> PoseSequence:
    """Return the sequence with `camera` filled: each person's landmarks in camera space, m.

    Parameters
    ----------
    sequence : PoseSequence
        Of a recording: the depths are low-pass filtered over the whole clip. For live frames and
        for photos use `Placer`.
    camera : Camera
        As for `place_person`.
    height_m : float, optional
        Body height of everyone.
    joints : {"rays", "rigid", "bones"}

    Raises
    ------
    ValueError
        As `place_person`; or if a pose has no ID.
    """

    def with_camera(person: PersonSequence) -> PersonSequence:
        placement = place_person(person, camera, height_m=height_m, joints=joints)
        return replace(person, camera=placement.joints.astype(np.float32))

    return sequence.map_people(with_camera)


def _turns(hips: Floats) -> Floats:
    """Return matrices (n, 3, 3) that turn row vectors as the optical axis to the rays (n, 2)."""
    x, y = hips[:, 0], hips[:, 1]
    z = 1 / np.sqrt(1 + x * x + y * y)
    x, y = x * z, y * z
    k = 1 / (1 + z)
    rows = [[1 - x * x * k, -x * y * k, -x], [-x * y * k, 1 - y * y * k, -y], [x, y, z]]
    matrices: Floats = np.array(rows).transpose(2, 0, 1)
    return matrices


def _fitted(terms: Floats, weights: Floats) -> Floats:
    """Return the translations (n, 3) with the least weighted squares of errors.

    `terms` (n, 5, 33) are 1, u, v, and the values that ``tx - u tz`` and ``ty - v tz`` should have.
    """
    sums = (terms * weights[:, None]) @ terms.swapaxes(1, 2)
    means = sums[:, 0, 1:] / sums[:, :1, 0]
    central = sums[:, 1:3, 1:] - sums[:, 1:3, :1] * means[:, None]
    spread, slope = central[:, [0, 1], [0, 1]].sum(axis=1), central[:, [0, 1], [2, 3]].sum(axis=1)
    depth = -(slope / spread)[:, None]
    return np.concatenate([means[:, 2:] + means[:, :2] * depth, depth], axis=1)


def _smoothed(
    times_us: np.ndarray[tuple[int], np.dtype[np.int64]], values: Floats, cutoff_hz: float
) -> Floats:
    """Return values (T, ...) low-pass filtered, also at a variable rate and across short gaps."""
    if not len(values):
        return values
    fps = nominal_fps(times_us)
    grid_us = times_us if has_constant_rate(times_us, fps) else constant_times_us(times_us, fps)
    known = np.isfinite(values)
    smooth = low_pass(interpolated(times_us, values, grid_us, MAX_GAP_S), fps, cutoff_hz)
    if grid_us is not times_us:
        smooth = interpolated(grid_us, smooth, times_us, MAX_GAP_S)
        smooth = np.where(np.isfinite(smooth), smooth, values)
    return np.where(known, smooth, np.nan)
