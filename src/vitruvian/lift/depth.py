"""DepthPlacer: fills `Pose.camera` and `Pose.measured` from what a depth camera measured."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.core.depth import DepthImage, MeasuredPosition
from vitruvian.core.filters import LowPassFilter
from vitruvian.core.provenance import Provenance
from vitruvian.core.resampling import MAX_GAP_S
from vitruvian.lift.camera_options import DEPTH_ORIGIN, camera_record
from vitruvian.lift.depth_fit import depth_noise_m, fitted_to_depth
from vitruvian.lift.depth_zones import (
    REFERENCES,
    DeviceSurfaces,
    ImageSurfaces,
    median_in_zone,
    reference_of,
    zone_half_px,
    zone_of,
)
from vitruvian.lift.placement import View

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.core.camera import Camera
    from vitruvian.core.depth import LandmarkDepths
    from vitruvian.core.pose import Pose, PoseResult

    Floats = NDArray[np.float64]

__all__ = ["DepthPlacer"]

ALPHA = 0.25  # depthai_blazepose, BlazeposeDepthai.py, filter_xyz
HIPS = REFERENCES["mid_hips"][0]

# Selected on rendered people who walk and move on the spot: benchmarks/depth.py.
ACCELERATION_M_S2, FIRST_SPEED_M_S = 3.0, 1.0  # of the hips along the optical axis
FIT_ERROR_M, NOISE_SHARE = 0.01, 0.33  # error of the fit, apart from noise; and share of that


class DepthPlacer:
    """Fills `Pose.camera` and `Pose.measured` of one result after another.

    `PoseTracker` and `PoseEstimator` do this for every frame with a `Frame.depth`.

    - Poses that have too little depth keep what they have: None, unless they were placed before.
    - A person who is missing in a result is a new one afterwards: all filters start anew.
    - Poses without an ID, as of photos, are not filtered.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everyone."""
        self._people: dict[int, _Memory] = {}

    def update(self, result: PoseResult, depth: DepthImage | LandmarkDepths | None) -> PoseResult:
        """Return the result with the measured positions, and the camera in its provenance.

        Parameters
        ----------
        result : PoseResult
            Of the next frame.
        depth : DepthImage, LandmarkDepths or None
            `Frame.depth`; `LandmarkDepths` belong to the first pose.
        """
        if depth is None:
            self._people.clear()
            return result
        wh = result.width, result.height
        before, self._people = self._people, {}
        poses = []
        for i, pose in enumerate(result.poses):
            if i and not isinstance(depth, DepthImage):
                poses.append(pose)
                continue
            memory = _Memory() if pose.id is None else before.get(pose.id, _Memory())
            measured = _measured(pose, depth, wh)
            if pose.id is not None and measured is not None:
                self._people[pose.id] = memory
            if measured is not None:
                pose = memory.filtered(pose, measured, result.timestamp_us)
            poses.append(pose)
        provenance = replace(result.provenance or Provenance(), camera=_record(depth.camera, wh))
        return replace(result, poses=tuple(poses), provenance=provenance)


@dataclass(frozen=True, slots=True, eq=False)
class _Measured:
    """What was measured of one person in one frame.

    Attributes
    ----------
    joints : (33, 3) array, m
    reference : str or None
    zone_xyxy : (int, int, int, int), image px
    surface_m : (3,) array
        The point of the surface in the middle of the zone; NaN where it was not measured.
    """

    joints: Floats
    reference: str | None
    zone_xyxy: tuple[int, int, int, int]
    surface_m: Floats


def _measured(
    pose: Pose, depth: DepthImage | LandmarkDepths, wh: tuple[int, int]
) -> _Measured | None:
    """Return what was measured of a pose in a frame of this size; None if it is too little."""
    camera = depth.camera.scaled(wh)
    view = View.of(
        camera,
        *(_finite(a)[None] for a in (pose.landmarks, pose.visibility, pose.world)),
    )
    reference, zone, surface_z = _reference(pose, depth, wh)
    size_depth = float(view.positions()[0, 2])
    surfaces = (
        ImageSurfaces(depth, pose, wh) if isinstance(depth, DepthImage) else DeviceSurfaces(depth)
    )
    joints = fitted_to_depth(view, pose.visibility.astype(np.float64), surfaces, size_depth)
    if joints is None:
        return None
    ray = camera.rays_from_image([(zone[0] + zone[2]) / 2, (zone[1] + zone[3]) / 2])
    surface = np.array([*ray, 1.0]) * surface_z
    return _Measured(joints, reference, zone, surface)


def _reference(
    pose: Pose, depth: DepthImage | LandmarkDepths, wh: tuple[int, int]
) -> tuple[str | None, tuple[int, int, int, int], float]:
    """Return the reference, its zone in px of the frame, and the depth of the surface there, m."""
    if not isinstance(depth, DepthImage):
        if depth.reference not in REFERENCES or depth.zone_xyxy is None:
            return None, (0, 0, 0, 0), math.nan
        return depth.reference, depth.zone_xyxy, depth.reference_m
    reference = reference_of(pose, wh)
    if reference is None:
        return None, (0, 0, 0, 0), math.nan
    center = pose.landmarks[REFERENCES[reference][0], :2].mean(axis=0)
    zone = zone_of(center, zone_half_px(pose), wh)
    return reference, zone, median_in_zone(depth, zone, wh)


def _record(camera: Camera, wh: tuple[int, int]) -> dict[str, Any]:
    """Return what files tell of the camera; see `Provenance.camera`."""
    return {**camera_record(camera.scaled(wh)), "origin": DEPTH_ORIGIN, "height_m": None}


class _DepthFilter:
    """A Kalman filter of the depth of the hips, for a speed that changes little: it has no lag."""

    def __init__(self) -> None:
        self._last_us: int | None = None
        self._state, self._covariance = np.zeros(2), np.zeros((2, 2))

    def __call__(self, depth_m: float, time_us: int) -> float:
        """Return the filtered depth; it starts anew after a gap."""
        error2 = FIT_ERROR_M**2 + (NOISE_SHARE * depth_noise_m(depth_m)) ** 2
        seconds = math.inf if self._last_us is None else (time_us - self._last_us) / 1e6
        self._last_us = time_us
        if not 0 < seconds <= MAX_GAP_S:
            self._state = np.array([depth_m, 0.0])
            self._covariance = np.diag([error2, FIRST_SPEED_M_S**2])
            return depth_m
        step = np.array([[1.0, seconds], [0.0, 1.0]])
        pushed = ACCELERATION_M_S2 * np.array([seconds * seconds / 2, seconds])
        state = step @ self._state
        covariance = step @ self._covariance @ step.T + np.outer(pushed, pushed)
        gain = covariance[:, 0] / (covariance[0, 0] + error2)
        self._state = state + gain * (depth_m - state[0])
        self._covariance = covariance - np.outer(gain, covariance[0])
        return float(self._state[0])


@dataclass(slots=True)
class _Memory:
    """What is remembered of one person."""

    last_us: int | None = None
    surface: LowPassFilter = field(default_factory=lambda: LowPassFilter(ALPHA))
    depth: _DepthFilter = field(default_factory=_DepthFilter)

    def filtered(self, pose: Pose, found: _Measured, time_us: int) -> Pose:
        """Return the pose with the measured positions, filtered over time."""
        seconds = math.inf if self.last_us is None else (time_us - self.last_us) / 1e6
        self.last_us = time_us
        if not 0 < seconds <= MAX_GAP_S:
            self.surface.reset()
        joints = self._steady(found.joints, time_us)
        measured = self._position(found, joints)
        return replace(pose, camera=joints.astype(np.float32), measured=measured)

    def _position(self, found: _Measured, joints: Floats) -> MeasuredPosition | None:
        if found.reference is not None:
            pair, _ = REFERENCES[found.reference]
            inside = joints[pair].mean(axis=0)
            if np.isfinite([*inside, *found.surface_m]).all():
                surface = self.surface(found.surface_m.astype(np.float32))
                return MeasuredPosition(
                    xyz_m=_point(inside),
                    reference=found.reference,
                    zone_xyxy=found.zone_xyxy,
                    surface_xyz_m=_point(surface),
                )
        self.surface.reset()
        return None

    def _steady(self, joints: Floats, time_us: int) -> Floats:
        """Return the joints, moved along their rays by what the filter changes at the hips."""
        hips = float(joints[HIPS, 2].mean())
        if not hips > 0:
            return joints
        depths = joints[:, 2:] + (self.depth(hips, time_us) - hips)
        return joints * (depths / joints[:, 2:])


def _finite(values: NDArray[np.floating]) -> Floats:
    """Return the values with NaN for infinity, with which nothing can be calculated."""
    return np.where(np.isfinite(values), values, np.nan).astype(np.float64)


def _point(values: NDArray[np.floating]) -> tuple[float, float, float]:
    x, y, z = values.tolist()
    return x, y, z
