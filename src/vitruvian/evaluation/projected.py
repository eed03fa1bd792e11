"""Truth in space seen by a calibrated camera: what the readers of 3-D data sets share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.evaluation.average_precision import AnnotatedPose
from vitruvian.evaluation.data_set import AnnotatedImage
from vitruvian.evaluation.landmarks import coco_landmarks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from vitruvian.core.camera import Camera

__all__ = ["annotated_clip", "annotated_frame"]


def annotated_frame(
    name: str,
    people: Mapping[int, NDArray[np.floating]],
    camera: Camera,
    *,
    frame: int | None = None,
    sequence: str = "",
    timestamp_us: int = 0,
    knows_wh: bool = False,
) -> AnnotatedImage:
    """Return the truth of one image from joints in space.

    Parameters
    ----------
    people : mapping of int to (33, 3) array, m
        Joints in world axes, in the order of BlazePose, by the identity of the person. People of
        whom no landmark is in front of the camera are left out.
    camera : Camera
        The one that sees them. `knows_wh` says whether its size is stated by the data set.
    """
    poses = []
    for identity, points in people.items():
        landmarks = coco_landmarks(camera.image_from_world(points))
        if np.isfinite(landmarks).all(axis=1).any():
            in_space = camera.camera_from_world(points)
            poses.append(AnnotatedPose(landmarks, camera=in_space, id=identity))
    return AnnotatedImage(
        name,
        tuple(poses),
        camera.wh if knows_wh else None,
        frame=frame,
        sequence=sequence,
        timestamp_us=timestamp_us,
        camera=camera,
    )


def annotated_clip(
    name: str,
    joints: NDArray[np.floating],
    camera: Camera,
    *,
    fps: float,
    every: int = 1,
    knows_wh: bool = False,
) -> Iterator[AnnotatedImage]:
    """Yield the truth of each `every`-th frame of a clip of one person.

    `joints` are those of all frames, (T, 33, 3), m; the others are as for `annotated_frame`.
    """
    for frame in range(0, len(joints), every):
        yield annotated_frame(
            name,
            {0: joints[frame]},
            camera,
            frame=frame,
            sequence=name,
            timestamp_us=round(frame / fps * 1e6),
            knows_wh=knows_wh,
        )
