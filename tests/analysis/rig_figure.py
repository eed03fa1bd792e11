"""A moving figure with known rotations of its bones, and the landmarks that it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vitruvian import BLAZEPOSE, Pose, PoseResult, Roi
from vitruvian.analysis.rig import BONES, PARENTS
from vitruvian.core.rotations import matrix_from_vector

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Figure", "figure", "results_of"]

OFFSETS_M = {
    "spine": (0, 0.05, 0), "chest": (0, 0.225, 0), "neck": (0, 0.225, 0), "head": (0, 0.1, 0.02),
    "leftShoulder": (0.05, 0.225, 0), "leftUpperArm": (0.12, 0, 0), "leftLowerArm": (0.28, 0, 0),
    "leftHand": (0.25, 0, 0), "leftUpperLeg": (0.1, 0, 0), "leftLowerLeg": (0, -0.42, 0),
    "leftFoot": (0, -0.41, 0), "leftToes": (0, -0.0676, 0.1761),
}  # fmt: skip
MARKS_M = {  # landmarks that are no joints: bone and place
    "nose": ("head", (0, 0.05, 0.11)), "left_eye_inner": ("head", (0.02, 0.08, 0.1)),
    "left_eye": ("head", (0.03, 0.08, 0.1)), "left_eye_outer": ("head", (0.04, 0.08, 0.1)),
    "left_ear": ("head", (0.075, 0.08, 0)), "mouth_left": ("head", (0.025, 0.01, 0.1)),
    "left_pinky": ("leftHand", (0.09, 0, -0.03)), "left_index": ("leftHand", (0.09, 0, 0.03)),
    "left_thumb": ("leftHand", (0.05, 0, 0.05)), "left_heel": ("leftFoot", (0, -0.0676, -0.05)),
}  # fmt: skip
JOINTS = {
    "shoulder": "UpperArm", "elbow": "LowerArm", "wrist": "Hand", "hip": "UpperLeg",
    "knee": "LowerLeg", "ankle": "Foot", "foot_index": "Toes",
}  # fmt: skip
SWINGS_DEG = {  # range of the rotation about x, y, z of the left side, degrees
    "hips": (20, 90, 10), "spine": (10, 8, 6), "chest": (10, 8, 6), "head": (20, 40, 10),
    "UpperArm": (40, 50, 60), "Hand": (0, 15, 30), "UpperLeg": (50, 15, 15), "Foot": (20, 0, 0),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """Frames (T, 21, 3, 3) in the world, joints (T, 21, 3) and landmarks (T, 33, 3)."""

    frames: Floats
    joints: Floats
    landmarks: Floats


def figure(n_frames: int, fps: float, seed: int) -> Figure:
    """Return smooth random motion; elbows and knees are hinges, forearms pronate to ±50°."""
    rng = np.random.default_rng(seed)
    rotations = np.tile(np.eye(3), (n_frames, len(BONES), 1, 1))
    for bone, name in enumerate(BONES):
        key = name.removeprefix("left").removeprefix("right")
        about = {axis: _wave(rng, n_frames, fps) for axis in range(3)}
        if key == "LowerArm":  # the hinge is y: forward from the T pose
            side = -1 if name.startswith("left") else 1
            bend = side * np.radians(65 + 60 * about[1])
            rotations[:, bone] = _about(1, bend) @ _about(0, np.radians(50 * about[0]))
        elif key == "LowerLeg":
            rotations[:, bone] = _about(0, np.radians(50 + 45 * about[0]))
        elif key in SWINGS_DEG:
            vector = np.stack([about[i] * np.radians(SWINGS_DEG[key][i]) for i in range(3)], -1)
            rotations[:, bone] = matrix_from_vector(vector)
    frames, joints = np.empty_like(rotations), np.zeros((n_frames, len(BONES), 3))
    for bone, parent in enumerate(PARENTS):
        frames[:, bone] = rotations[:, bone]
        if parent >= 0:
            frames[:, bone] = frames[:, parent] @ rotations[:, bone]
            joints[:, bone] = joints[:, parent] + frames[:, parent] @ _mirrored(BONES[bone])
    return Figure(frames, joints, _landmarks(frames, joints))


def _landmarks(frames: Floats, joints: Floats) -> Floats:
    points = np.empty((len(frames), len(BLAZEPOSE), 3))
    for i, name in enumerate(BLAZEPOSE.names):
        side = "right" if "right" in name else "left"
        key = name.removeprefix(f"{side}_")
        if key in JOINTS:
            points[:, i] = joints[:, BONES.index(side + JOINTS[key])]
            continue
        bone, place = MARKS_M[name.replace("right", "left")]
        at = BONES.index(bone.replace("left", side))
        points[:, i] = joints[:, at] + frames[:, at] @ _flipped(place, side)
    return points


def _mirrored(bone: str) -> Floats:
    side = "right" if bone.startswith("right") else "left"
    return _flipped(OFFSETS_M[bone.replace("right", "left")], side)


def _flipped(place: tuple[float, float, float], side: str) -> Floats:
    return np.array(place, float) * [-1 if side == "right" else 1, 1, 1]


def _wave(rng: np.random.Generator, n_frames: int, fps: float) -> Floats:
    """Return a smooth signal within -1 and 1 of periods from 1 to 4 s."""
    t = np.arange(n_frames)[:, None] / fps
    phases, periods = rng.uniform(0, 2 * np.pi, 3), rng.uniform(1, 4, 3)
    return np.asarray(np.sin(2 * np.pi * t / periods + phases).mean(axis=1))


def _about(axis: int, angles: Floats) -> Floats:
    vectors = np.zeros((*angles.shape, 3))
    vectors[..., axis] = angles
    return matrix_from_vector(vectors)


def results_of(landmarks: Floats, times_us: NDArray[np.int64], number: int = 1) -> list[PoseResult]:
    """Return results whose world landmarks are these, in the axes of glTF."""
    world = landmarks - landmarks[:, 23:25].mean(axis=1, keepdims=True)
    world = (world * [1, -1, -1]).astype(np.float32)
    roi = Roi((320.0, 240.0), (400.0, 400.0), 0.0)
    return [
        PoseResult(
            frame_index=i,
            timestamp_us=int(time_us),
            width=640,
            height=480,
            poses=(
                Pose(
                    landmarks=200 * points + [320, 240, 0],
                    visibility=np.ones(33),
                    presence=np.ones(33),
                    world=points,
                    roi=roi,
                    score=1.0,
                    id=number,
                ),
            ),
        )
        for i, (time_us, points) in enumerate(zip(times_us, world, strict=True))
    ]
