"""People of known size and motion, as results that no network has made."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.sequence import PersonSequence, PoseSequence
from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from vitruvian.core.pose import PoseResult

# From the middle of the hips of a person who faces the camera, in m: x right, y down, z away.
_LEFT = {
    "eye_inner": (0.02, -0.68, -0.09),
    "eye": (0.03, -0.68, -0.09),
    "eye_outer": (0.04, -0.68, -0.08),
    "ear": (0.07, -0.66, 0.0),
    "shoulder": (0.19, -0.50, 0.0),
    "elbow": (0.24, -0.22, 0.02),
    "wrist": (0.25, 0.03, -0.02),
    "pinky": (0.26, 0.12, -0.01),
    "index": (0.25, 0.12, -0.04),
    "thumb": (0.24, 0.08, -0.05),
    "hip": (0.10, 0.0, 0.0),
    "knee": (0.10, 0.42, -0.01),
    "ankle": (0.10, 0.84, 0.0),
    "heel": (0.10, 0.90, 0.04),
    "foot_index": (0.10, 0.90, -0.15),
}


def standing() -> np.ndarray:
    """Return the landmarks (33, 3) of a person who stands upright and faces the camera."""
    points = np.zeros((33, 3))
    points[BLAZEPOSE.index("nose")] = 0.0, -0.65, -0.11
    left = _LEFT | {"mouth": (0.02, -0.60, -0.09)}
    for part, (x, y, z) in left.items():
        for side, sign in (("left", 1), ("right", -1)):
            name = f"{part}_{side}" if part == "mouth" else f"{side}_{part}"
            points[BLAZEPOSE.index(name)] = sign * x, y, z
    return points


def person(
    n_frames: int = 60, fps: float = 30.0, *, number: int = 1, tilt_deg: float = 0.0
) -> PersonSequence:
    """Return a person who swings arms and legs, seen by a camera that looks down by an angle."""
    times_us = np.rint(np.arange(n_frames) * 1e6 / fps).astype(np.int64)
    swing = 0.05 * np.sin(2 * np.pi * times_us / 1e6)
    world = np.repeat(standing()[None], n_frames, axis=0)
    for name, sign in (("left_wrist", 1), ("right_wrist", -1), ("left_knee", -1)):
        world[:, BLAZEPOSE.index(name), 2] += sign * swing
    tilt = np.radians(tilt_deg)
    turn = np.array([[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]])
    world = world @ turn.T
    image = np.stack(
        [320 + 200 * world[..., 0], 240 + 200 * world[..., 1], 200 * world[..., 2]], axis=-1
    )
    return PersonSequence(
        id=number,
        frame_indices=np.arange(n_frames),
        timestamps_us=times_us,
        wh=np.tile([640, 480], (n_frames, 1)),
        landmarks=image,
        visibility=np.ones((n_frames, 33)),
        presence=np.ones((n_frames, 33)),
        world=world,
        scores=np.ones(n_frames),
        rois=np.tile([320.0, 240.0, 400.0, 400.0, 0.0], (n_frames, 1)),
    )


def absent(one: PersonSequence, first: int, end: int) -> PersonSequence:
    """Return a person who is not in view in some frames."""
    arrays = {f.name: getattr(one, f.name) for f in fields(one)}
    per_frame = ("id", "frame_indices", "timestamps_us", "wh")
    changed = {}
    for name, array in arrays.items():
        if name not in per_frame and array is not None:
            changed[name] = np.array(array)
            changed[name][first:end] = np.nan
    return replace(one, **changed)


def results_of(*people: PersonSequence) -> list[PoseResult]:
    """Return the results of one or several people in the same frames."""
    return PoseSequence.from_people(people).to_results()
