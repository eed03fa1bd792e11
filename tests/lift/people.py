"""People in front of a camera with exact landmarks, for the tests of this folder."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vitruvian import PersonSequence
from vitruvian.core.camera import Camera
from vitruvian.core.rotations import least_rotation
from vitruvian.synthetic import Camera as SceneCamera
from vitruvian.synthetic import Figure, Person, motions

WH = (1280, 720)
HIPS = [23, 24]
LEVEL = SceneCamera(position=(0.0, 1.2, 5.0), target=(0.0, 1.2, 0.0), fov_deg=60.0)


@dataclass(frozen=True, eq=False)
class Exact:
    """A person as a perfect network would see it.

    The world landmarks have the axes of the crop: turned from those of the camera by the ray to the
    hips.
    """

    person: PersonSequence
    joints: np.ndarray
    camera: Camera

    @property
    def hips(self) -> np.ndarray:
        return self.joints[:, HIPS].mean(axis=1)


def exact(
    person: Person | None = None,
    *,
    n_frames: int = 60,
    fps: float = 30.0,
    camera: Camera | None = None,
    times_us: np.ndarray | None = None,
    number: int = 0,
) -> Exact:
    person = person or Person(
        Figure(height_m=1.7), motions.walk(1.2), position=(-1.5, 0.0), heading_deg=90
    )
    camera = camera or Camera.from_fov(WH, 60.0)
    if times_us is None:
        times_us = np.rint(np.arange(n_frames) * 1e6 / fps).astype(np.int64)
    bodies = [person.body(time_us / 1e6).landmarks for time_us in times_us.tolist()]
    joints = LEVEL.camera_from_scene(np.stack(bodies))
    hips = joints[:, HIPS].mean(axis=1)
    turns = least_rotation([0.0, 0.0, 1.0], hips)
    world = (joints - hips[:, None]) @ turns
    n = len(joints)
    rois = np.tile([640.0, 360.0, 400.0, 400.0, 0.0], (n, 1))
    return Exact(
        PersonSequence(
            id=number,
            frame_indices=np.arange(n),
            timestamps_us=times_us,
            wh=np.tile(camera.wh, (n, 1)),
            landmarks=np.concatenate([camera.image_from_world(joints), world[..., 2:]], axis=-1),
            visibility=np.ones((n, 33)),
            presence=np.ones((n, 33)),
            world=world,
            scores=np.ones(n),
            rois=rois,
        ),
        joints,
        camera,
    )
