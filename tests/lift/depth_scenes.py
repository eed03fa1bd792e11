"""Rendered people in front of a depth camera, for the tests of depth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian import Pose, PoseResult
from vitruvian.core.camera import Camera
from vitruvian.core.depth import DepthImage
from vitruvian.core.roi import Roi
from vitruvian.core.rotations import least_rotation
from vitruvian.synthetic import Box, Person, Scene, motions
from vitruvian.synthetic import Camera as SceneCamera

if TYPE_CHECKING:
    from vitruvian.synthetic import View

WH = (384, 216)
FOV_DEG = 68.8  # the colour camera of an OAK-D
CAMERA = Camera.from_fov(WH, FOV_DEG)
HIPS = [23, 24]
LEGS = range(25, 33)

SCENES: dict[str, tuple[list[Person], list[Box]]] = {
    "alone": ([Person(motion=motions.wave(), heading_deg=15)], []),
    "side": ([Person(motion=motions.walk(), heading_deg=90)], []),
    "table": (
        [Person(motion=motions.stand())],
        [Box((0.0, 0.4, 0.6), (1.6, 0.8, 0.3))],
    ),
    "two": (
        [
            Person(motion=motions.stand(), position=(-0.55, 0.0)),
            Person(motion=motions.wave(), position=(0.5, -0.8), heading_deg=-20),
        ],
        [],
    ),
    "behind": (
        [
            Person(motion=motions.stand()),
            Person(motion=motions.stand(), position=(0.3, 0.9)),
        ],
        [],
    ),
    "edge": ([Person(motion=motions.stand(), position=(-1.95, 0.0))], []),
}


@dataclass(frozen=True, eq=False)
class Seen:
    """A view, and what a perfect tracker finds in it."""

    view: View
    result: PoseResult

    @property
    def depth(self) -> DepthImage:
        return DepthImage(self.view.depth_m, CAMERA, unit_m=1.0)

    @property
    def joints(self) -> np.ndarray:
        """(N, 33, 3): the true joints."""
        return np.array([person.camera for person in self.view.people], np.float64)

    def errors(self, result: PoseResult, i: int = 0) -> np.ndarray:
        """(33,), m: errors of the joints of a person."""
        camera = result.poses[i].camera
        assert camera is not None
        return np.linalg.norm(camera - self.joints[i], axis=1)


@cache
def seen(name: str) -> Seen:
    people, boxes = SCENES[name]
    camera = SceneCamera(position=(0, 1.2, 3.0), target=(0, 1.0, 0), fov_deg=FOV_DEG)
    view = Scene(people, camera, boxes).render(0.25, WH)
    poses = tuple(exact_pose(person, i) for i, person in enumerate(view.people))
    return Seen(view, PoseResult(0, 0, *WH, poses))


def exact_pose(truth: Any, number: int | None = None) -> Pose:
    """The pose that a perfect network would find: world landmarks have the axes of the crop."""
    landmarks = truth.landmarks + np.float32([0.5, 0.5, 0])
    rays = CAMERA.rays_from_image(landmarks[HIPS, :2]).mean(axis=0)
    turn = least_rotation([0.0, 0.0, 1.0], [*rays, 1.0])
    low, high = landmarks[:, :2].min(axis=0), landmarks[:, :2].max(axis=0)
    center = (low + high) / 2
    side = 1.25 * float((high - low).max())
    visibility = np.where(truth.visibility > 0.5, 0.95, 0.05)
    return Pose(
        landmarks,
        visibility,
        np.ones(33),
        truth.world @ turn,
        Roi((float(center[0]), float(center[1])), (side, side), 0.0),
        0.99,
        id=number,
    )


def at(result: PoseResult, time_us: int, **changes: Any) -> PoseResult:
    """The result at another time, with changed poses."""
    poses = tuple(replace(pose, **changes) for pose in result.poses)
    return replace(result, timestamp_us=time_us, poses=poses)
