"""People with true joints, as sequences and poses, for tests without networks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vitruvian import Pose, PoseResult, PoseSequence, Roi
from vitruvian.synthetic import Camera, Figure, Person

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vitruvian.core.sequence import PersonSequence
    from vitruvian.synthetic.motions import Motion

CAMERA = Camera()
WH = (640, 480)


def results_of(motion: Motion, times_us: Iterable[int], number: int | None = 0) -> list[PoseResult]:
    """Return one result for each time, with the true joints of a person."""
    person = Person(Figure(), motion)
    results = []
    for index, time_us in enumerate(times_us):
        joints = person.body(time_us / 1e6).landmarks
        world = CAMERA.camera_from_scene(joints)
        pose = Pose(
            landmarks=CAMERA.image_from_scene(joints, WH),
            visibility=np.ones(33),
            presence=np.ones(33),
            world=world - world[[23, 24]].mean(axis=0),
            roi=Roi((320, 240), (400, 400)),
            score=1.0,
            id=number,
        )
        results.append(PoseResult(index, int(time_us), *WH, (pose,)))
    return results


def times_us(duration_s: float, fps: float = 25.0) -> list[int]:
    """Return the times of a constant rate."""
    return [round(i * 1e6 / fps) for i in range(round(duration_s * fps) + 1)]


def person_of(results: list[PoseResult], number: int = 0) -> PersonSequence:
    """Return one person of the results."""
    return PoseSequence.from_results(results).person(number)


def without_poses(results: list[PoseResult], start_us: int, end_us: int) -> list[PoseResult]:
    """Return the results without anybody from one time to another."""
    return [replace(r, poses=()) if start_us <= r.timestamp_us < end_us else r for r in results]
