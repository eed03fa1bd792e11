"""Scores of landmarks in space over a data set: MPJPE, PA-MPJPE, N-MPJPE, error of the hips."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import nan
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.pose import Pose
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.evaluation.world import mpjpe, n_mpjpe, pa_mpjpe
from vitruvian.lift.placement import View

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from vitruvian.core.camera import Camera
    from vitruvian.evaluation.average_precision import AnnotatedPose, ScoredPose

    Match = tuple[AnnotatedPose, Pose | ScoredPose]

__all__ = ["SpaceScores", "in_camera_space", "space_scores"]

HIPS = [BLAZEPOSE.index("left_hip"), BLAZEPOSE.index("right_hip")]


@dataclass(frozen=True, slots=True)
class SpaceScores:
    """Errors in space of the people who were found; NaN if nothing can be compared.

    Attributes
    ----------
    n_poses : int
        Poses with world landmarks whose person has a truth in space.
    mpjpe_mm : float
        Mean per-joint position error, relative to the middle of the hips.
    pa_mpjpe_mm : float
        The same after Procrustes alignment.
    n_mpjpe_mm : float
        The same after scaling.
    hips_mm : float
        Mean distance of the middle of the hips in camera space, of poses that have it.
    n_with_camera : int
        Number of those poses.
    """

    n_poses: int = 0
    mpjpe_mm: float = nan
    pa_mpjpe_mm: float = nan
    n_mpjpe_mm: float = nan
    hips_mm: float = nan
    n_with_camera: int = 0


def in_camera_space(
    poses: Iterable[Pose | ScoredPose], camera: Camera
) -> tuple[Pose | ScoredPose, ...]:
    """Return poses with `camera` filled from their world landmarks, where it is not known yet.

    Each pose is placed on its own, without the height of the person; see `vitruvian.lift`. A
    `ScoredPose` has no visibility and stays as it is.
    """
    return tuple(
        _placed(pose, camera) if isinstance(pose, Pose) and pose.camera is None else pose
        for pose in poses
    )


def _placed(pose: Pose, camera: Camera) -> Pose:
    arrays = (pose.landmarks, pose.visibility, pose.world)
    view = View.of(camera, *(np.asarray(values, np.float64)[None] for values in arrays))
    return replace(pose, camera=view.joints(view.positions())[0].astype(np.float32))


def space_scores(matches: Iterable[Match]) -> SpaceScores:
    """Return the errors in space of people with their poses.

    The landmarks compared are those of the truth among BlazePose's 33.
    """
    known = [
        (person.camera, pose)
        for person, pose in matches
        if person.camera is not None and pose.world is not None
    ]
    if not known:
        return SpaceScores()
    truth = np.array([points for points, _ in known], np.float64)
    found = np.array([pose.world for _, pose in known], np.float64)
    distances = _hip_distances([(points, pose.camera) for points, pose in known])
    return SpaceScores(
        len(known),
        1e3 * mpjpe(found, truth),
        1e3 * pa_mpjpe(found, truth),
        1e3 * n_mpjpe(found, truth),
        1e3 * float(distances.mean()) if distances.size else nan,
        distances.size,
    )


def _hip_distances(
    pairs: Sequence[tuple[NDArray[np.floating], NDArray[np.floating] | None]],
) -> NDArray[np.float64]:
    distances = [
        float(np.linalg.norm((np.asarray(found, np.float64) - true)[HIPS].mean(axis=0)))
        for true, found in pairs
        if found is not None
    ]
    values = np.array(distances, np.float64)
    return values[np.isfinite(values)]
