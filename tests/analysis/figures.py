"""People with true landmarks, as sequences, for tests of the analysis."""

from __future__ import annotations

import numpy as np

from vitruvian.core.sequence import PersonSequence
from vitruvian.synthetic import Camera, Figure, Person, motions

__all__ = ["person_doing"]

WH = (640, 640)


def person_doing(
    motion: motions.Motion,
    n_frames: int,
    *,
    fps: float = 30.0,
    heading_deg: float = 0.0,
    position: tuple[float, float] = (0.0, 0.0),
    id_: int = 1,
) -> PersonSequence:
    """Return the true landmarks of a figure, seen by a level camera 4 m away; no noise."""
    person = Person(Figure(), motion, position=position, heading_deg=heading_deg)
    camera = Camera(position=(0.0, 0.92, 4.0), fov_deg=60)
    points = np.stack([person.body(i / fps).landmarks for i in range(n_frames)])
    in_camera = camera.camera_from_scene(points)
    hips = in_camera[:, [23, 24]].mean(axis=1, keepdims=True)
    ones = np.ones((n_frames, 33), np.float32)
    return PersonSequence(
        id=id_,
        frame_indices=np.arange(n_frames),
        timestamps_us=np.round(np.arange(n_frames) * 1e6 / fps).astype(np.int64),
        wh=np.tile(WH, (n_frames, 1)),
        landmarks=camera.image_from_scene(points, WH).astype(np.float32),
        visibility=ones,
        presence=ones,
        world=(in_camera - hips).astype(np.float32),
        scores=np.ones(n_frames),
        rois=np.tile([320.0, 320, 600, 600, 0], (n_frames, 1)),
        camera=in_camera.astype(np.float32),
    )
