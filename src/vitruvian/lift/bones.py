"""Bones: triangulated people refined so that their bones keep their lengths."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.limbs import MIRRORED
from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vitruvian.core.camera import Camera

    Floats = NDArray[np.float64]

__all__ = ["BONES", "with_constant_bones"]


def _pairs(*names: tuple[str, str]) -> NDArray[np.intp]:
    return np.array([[BLAZEPOSE.index(a), BLAZEPOSE.index(b)] for a, b in names])


def _both_sides(*names: tuple[str, str]) -> list[tuple[str, str]]:
    return [(f"{side}_{a}", f"{side}_{b}") for a, b in names for side in ("left", "right")]


_RIGID = _pairs(
    *_both_sides(("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle")),
    *_both_sides(("ankle", "heel"), ("ankle", "foot_index"), ("heel", "foot_index")),
    *_both_sides(("wrist", "index"), ("wrist", "pinky"), ("wrist", "thumb"), ("index", "pinky")),
    *_both_sides(("ear", "eye"), ("eye", "eye_inner"), ("eye", "eye_outer")),
    *[("nose", f"{side}_{part}") for part in ("ear", "eye") for side in ("left", "right")],
    *[(f"left_{part}", f"right_{part}") for part in ("hip", "ear", "eye")],
    *(("nose", "mouth_left"), ("nose", "mouth_right"), ("mouth_left", "mouth_right")),
)
_TRUNK = _pairs(  # which bends, and whose shoulders rise
    ("left_shoulder", "right_shoulder"),
    *_both_sides(("shoulder", "hip")),
    *(("left_shoulder", "right_hip"), ("right_shoulder", "left_hip")),
)
BONES = np.concatenate([_RIGID, _TRUNK])
"""Pairs of landmarks, (B, 2), whose distance changes little."""

_SORTED = [tuple(sorted(pair)) for pair in BONES.tolist()]
_OTHER_SIDE = np.array([_SORTED.index(tuple(sorted(pair))) for pair in MIRRORED[BONES].tolist()])

ERROR = 12 / 1920  # of the longer side: standard deviation of landmarks; selected on model lite
LENGTHS_M = np.repeat([0.02, 0.06], [len(_RIGID), len(_TRUNK)])  # standard deviations
N_ROUNDS, N_LENGTH_ROUNDS = 8, 3
DAMPING = 1e-2  # 1/m²
FRAMES_AT_ONCE = 300


def with_constant_bones(
    cameras: Sequence[Camera], points_px: Floats, weights: Floats, points: Floats, start: Floats
) -> Floats:
    """Return points (T, 33, 3), m, of one person whose bones keep their lengths.

    Parameters
    ----------
    cameras : sequence of C Camera
    points_px : (C, T, 33, 2) array, image px
        NaN where a landmark is not seen.
    weights : (C, T, 33) array
    points : (T, 33, 3) array, m
        Reliable points, from which the lengths are taken: the median of the clip, the same left and
        right.
    start : (T, 33, 3) array, m
        Points to begin with; those that are NaN stay so.

    Notes
    -----
    Least squares over the landmarks of each frame: reprojection errors with a standard deviation of
    12 px (at 1920 px), and differences of the bones from their lengths with one of 2 cm, 6 cm
    within the trunk. The reprojection errors are weighted by the visibility and by
    ``1 / (1 + (e / 2σ)²)`` in 8 rounds of Gauss and Newton, so that a camera that is wrong has
    little effect.
    """
    rays = np.stack([c.rays_from_image(p) for c, p in zip(cameras, points_px, strict=True)])
    known_weights = np.where(np.isfinite(rays).all(axis=3), weights, 0.0)
    rays = np.where(known_weights[..., None] > 0, rays, 0.0)
    is_known: NDArray[np.bool_] = np.asarray(np.isfinite(start).all(axis=2))
    found = np.where(is_known[..., None], start, 0.0)
    lengths = _lengths(points)
    for k in range(N_ROUNDS):
        if 0 < k < N_LENGTH_ROUNDS:
            lengths = _lengths(np.where(np.isfinite(points), found, np.nan))
        for first in range(0, len(found), FRAMES_AT_ONCE):
            rows = slice(first, first + FRAMES_AT_ONCE)
            steps = _steps(
                cameras, rays[:, rows], known_weights[:, rows], found[rows], is_known[rows], lengths
            )
            found[rows] -= steps
    return np.where(is_known[..., None], found, np.nan)


def _lengths(points: Floats) -> Floats:
    """Return the lengths (B,) of the bones, m; NaN for one that is never known."""
    distances = np.linalg.norm(points[:, BONES[:, 0]] - points[:, BONES[:, 1]], axis=2)
    both = np.concatenate([distances, distances[:, _OTHER_SIDE]])
    is_known = np.isfinite(both)
    return np.array(
        [np.median(d[k]) if k.any() else np.nan for d, k in zip(both.T, is_known.T, strict=True)]
    )


def _steps(
    cameras: Sequence[Camera],
    rays: Floats,
    weights: Floats,
    found: Floats,
    is_known: NDArray[np.bool_],
    lengths: Floats,
) -> Floats:
    """Return how far the points (T, 33, 3) have to move back: one step of Gauss and Newton."""
    n_frames, n = found.shape[:2]
    normal = np.zeros((n_frames, n, 3, n, 3))
    gradient = np.zeros((n_frames, n, 3))
    own = np.arange(n)
    for camera, seen, weight in zip(cameras, rays, weights, strict=True):
        matrices, vectors = _of_camera(camera, seen, weight * is_known, found)
        normal[:, own, :, own] += matrices.swapaxes(0, 1)
        gradient += vectors
    _add_bones(normal, gradient, found, is_known, lengths)
    flat = normal.reshape(n_frames, 3 * n, 3 * n) + DAMPING * np.eye(3 * n)
    steps = np.linalg.solve(flat, gradient.reshape(n_frames, 3 * n, 1))
    return np.asarray(steps, np.float64).reshape(found.shape)


def _of_camera(
    camera: Camera, seen: Floats, weight: Floats, found: Floats
) -> tuple[Floats, Floats]:
    """Return the normal matrices (T, 33, 3, 3) and gradients (T, 33, 3) of one camera."""
    scale = camera.focal_px / (max(camera.wh) * ERROR)
    in_camera = camera.camera_from_world(found)
    depth = np.maximum(in_camera[..., 2:], 0.1)
    rays = in_camera[..., :2] / depth
    off = scale * (rays - seen)
    robust: Floats = weight / (1 + (off * off).sum(axis=-1) / 4)
    slopes = scale * (camera.rotation[:2] - rays[..., None] * camera.rotation[2]) / depth[..., None]
    weighted = slopes * robust[..., None, None]
    matrices: Floats = slopes.swapaxes(-1, -2) @ weighted
    vectors: Floats = (weighted * off[..., None]).sum(axis=-2)
    return matrices, vectors


def _add_bones(
    normal: Floats,
    gradient: Floats,
    found: Floats,
    is_known: NDArray[np.bool_],
    lengths: Floats,
) -> None:
    """Add the differences of the bones from their lengths."""
    one, other = BONES.T
    along = found[:, one] - found[:, other]
    now = np.linalg.norm(along, axis=2)
    along /= np.maximum(now, 1e-6)[..., None]
    is_bone = is_known[:, one] & is_known[:, other] & np.isfinite(lengths)
    weight = np.where(is_bone, LENGTHS_M**-2, 0.0)
    pull = (weight * np.where(is_bone, now - lengths, 0.0))[..., None] * along
    outer = weight[..., None, None] * along[..., None] * along[..., None, :]
    for k, (i, j) in enumerate(BONES.tolist()):
        normal[:, i, :, i] += outer[:, k]
        normal[:, j, :, j] += outer[:, k]
        normal[:, i, :, j] -= outer[:, k]
        normal[:, j, :, i] -= outer[:, k]
        gradient[:, i] += pull[:, k]
        gradient[:, j] -= pull[:, k]
