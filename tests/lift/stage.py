"""A stage of virtual cameras around synthetic people, without pictures and networks."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.camera import Camera
from vitruvian.core.sequence import PoseSequence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitruvian.synthetic import Person

WH = (1280, 720)
WORLD_FROM_SCENE = np.array([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]])  # z up


def camera_at(
    position: Sequence[float], *, name: str = "", wh: tuple[int, int] = WH, focal_px: float = 900
) -> Camera:
    """A camera at a position in the world, z up, that looks at the middle of the stage."""
    ahead = np.array([0.0, 0.0, 0.95]) - position
    ahead /= np.linalg.norm(ahead)
    right = np.cross(ahead, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(ahead, right), ahead])
    camera = Camera.from_focal(wh, focal_px)
    translation = -rotation @ np.asarray(position)
    return replace(camera, rotation=rotation, translation=translation, name=name)


def cameras_around(n: int = 3, *, distance_m: float = 4.5) -> dict[str, Camera]:
    """Cameras at different heights, 120 degrees or less apart."""
    found = {}
    for k in range(n):
        angle = 0.4 + 2 * math.pi * k / max(n, 3)
        position = (distance_m * math.cos(angle), distance_m * math.sin(angle), 1.2 + 0.4 * k)
        found[f"cam{k + 1}"] = camera_at(position, name=f"cam{k + 1}")
    return found


def true_points(people: Sequence[Person], times_s: np.ndarray) -> np.ndarray:
    """The landmarks (T, N, 33, 3) in the world."""
    return np.array([
        [person.body(t).landmarks @ WORLD_FROM_SCENE.T for person in people] for t in times_s
    ]).reshape(len(times_s), len(people), 33, 3)  # fmt: skip


def clip_of(
    camera: Camera,
    points: np.ndarray,
    *,
    fps: float = 25.0,
    start_s: float = 0.0,
    noise_px: float = 0.0,
    seed: int = 0,
    ids: np.ndarray | None = None,
) -> PoseSequence:
    """What a perfect tracker, but for noise, sees of points (T, N, 33, 3) in the world.

    A person whose points are NaN is not seen. `ids` (T, N) are by default the indices.
    """
    n_frames, n_people = points.shape[:2]
    in_camera = camera.camera_from_world(points)
    middle = in_camera[:, :, 23:25].mean(axis=2, keepdims=True)
    image = camera.image_from_world(points)
    image += np.random.default_rng(seed).normal(size=image.shape) * noise_px
    depth = (in_camera[..., 2:] - middle[..., 2:]) * camera.focal_px / middle[..., 2:]
    is_seen = np.isfinite(points).any(axis=(2, 3))
    numbers = np.broadcast_to(np.arange(n_people), is_seen.shape) if ids is None else ids
    visibility = np.where(is_seen[..., None], 1.0, np.nan) * np.ones(33)
    rois = np.broadcast_to(np.array([640, 360, 400, 400, 0.0]), (*is_seen.shape, 5))
    return PoseSequence(
        frame_indices=np.arange(n_frames),
        timestamps_us=np.rint((np.arange(n_frames) / fps - start_s) * 1e6).astype(np.int64),
        wh=np.tile(camera.wh, (n_frames, 1)),
        landmarks=np.concatenate([image, depth], axis=-1).astype(np.float32),
        visibility=visibility.astype(np.float32),
        presence=visibility.astype(np.float32),
        world=(in_camera - middle).astype(np.float32),
        scores=np.where(is_seen, 1.0, np.nan),
        rois=np.where(is_seen[..., None], rois, np.nan),
        slot_ids=np.where(is_seen, numbers, np.nan),
    )
