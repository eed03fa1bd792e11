"""Body: a figure in a posture, with the true position of every joint."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from vitruvian.synthetic.figure import Figure
    from vitruvian.synthetic.posture import Posture

__all__ = ["Body", "body_from_posture"]

Array = NDArray[np.float64]

SIGNS = (1.0, -1.0)  # of x on the left and on the right

LUMBAR = 0.32  # of the trunk length: joint of pelvis and chest
PELVIS_SHARE = 0.6  # of a lean that rotates the pelvis; the rest bends the spine
NECK = ((0.0, 0.022, -0.004), (0.0, 0.060, 0.010))  # in chest axes, from between the shoulders
HALF_HIPS, HALF_SHOULDERS, HALF_STERNUM = 0.057, 0.103, 0.025  # of the height
SHRUG_RAD = 0.42  # how far the collar bone rises when the arm points up

# Offsets of the landmarks in body heights.
# In head axes (x to the left, y up, z forward), from the joint of head and neck:
FACE = {
    "nose": (0.0, 0.040, 0.072),
    "eye_inner": (0.0095, 0.062, 0.056),
    "eye": (0.0180, 0.062, 0.053),
    "eye_outer": (0.0265, 0.062, 0.047),
    "ear": (0.0430, 0.052, -0.002),
    "mouth": (0.0140, 0.021, 0.057),
}
# In hand axes (toward the fingers, toward the thumb, out of the palm), from the wrist:
HAND = {
    "pinky": (0.046, -0.018, 0.0),
    "index": (0.051, 0.014, 0.0),
    "thumb": (0.034, 0.024, 0.006),
}
# In foot axes (x to the left, y up from the sole, z forward), from below the ankle:
FOOT = {"heel": (0.0, 0.024, -0.030), "foot_index": (0.0, 0.020, 0.108)}
SOLE = ((0.0, 0.0, -0.036), (0.0, 0.0, 0.085), (0.0, 0.005, 0.118))


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """A figure placed in the scene. In pairs, left comes first. All in scene axes, m.

    Attributes
    ----------
    figure : Figure
        The figure.
    landmarks : (33, 3) array
        True positions of the landmarks of `BLAZEPOSE`.
    pelvis, chest, head : (3, 3) array
        Columns are the directions left, up and forward of these parts.
    neck : (2, 3) array
        Lower and upper end of the neck.
    hands, feet : (2, 3, 3) array
        Columns are the axes of the hands (fingers, thumb, palm) and feet (left, up, forward).
    """

    figure: Figure
    landmarks: Array
    pelvis: Array
    chest: Array
    head: Array
    neck: Array
    hands: Array
    feet: Array

    def pair(self, name: str) -> tuple[Array, Array]:
        """Return the left and the right landmark called `name`."""
        left, right = (self.landmarks[BLAZEPOSE.index(f"{s}_{name}")] for s in ("left", "right"))
        return left, right


def body_from_posture(
    figure: Figure, posture: Posture, *, position: ArrayLike = (0.0, 0.0), heading: float = 0.0
) -> Body:
    """Return the body of `figure` in `posture`.

    Parameters
    ----------
    figure : Figure
        Body dimensions and clothes.
    posture : Posture
        Pose of the body.
    position : (2,) array, m
        x and z of the starting position on the floor.
    heading : float, rad
        Heading at the start, positive to the left; 0 faces along the z axis of the scene.
    """
    start = _turn_left(heading)
    root = start @ np.array(posture.travel)
    root += np.insert(np.asarray(position, np.float64), 1, 0.0)
    axes = start @ _turn_left(posture.heading)
    hips = root + axes @ np.array(posture.hips) + [0.0, figure.hip_height_m, 0.0]
    pelvis, chest = _trunk(posture, axes)
    lumbar = hips + pelvis[:, 1] * LUMBAR * figure.trunk_m
    sternum = lumbar + chest[:, 1] * (1 - LUMBAR) * figure.trunk_m
    neck = sternum + np.array(NECK) @ chest.T * figure.height_m
    nod, tilt, look = posture.head
    head = chest @ _turn_left(look) @ _lean_forward(nod) @ _lean_left(tilt)

    points: dict[str, Array] = {}
    hands, feet = [], []
    for i, side in enumerate(("left", "right")):
        face = _face(figure, i, neck[1], head)
        arm, hand = _arm(figure, posture, i, sternum, chest)
        hip = hips + pelvis[:, 0] * SIGNS[i] * HALF_HIPS * figure.height_m
        leg, foot = _leg(figure, posture, i, hip, root, axes)
        points |= {f"{side}_{name}": point for name, point in (face | arm | leg).items()}
        hands.append(hand)
        feet.append(foot)
    points |= {"nose": points["left_nose"]}
    points |= {f"mouth_{side}": points[f"{side}_mouth"] for side in ("left", "right")}
    landmarks = np.stack([points[name] for name in BLAZEPOSE.names])
    return Body(figure, landmarks, pelvis, chest, head, neck, np.stack(hands), np.stack(feet))


def _trunk(posture: Posture, axes: Array) -> tuple[Array, Array]:
    """Return the axes of pelvis and chest."""
    forward, left, twist = posture.lean

    def bent(share: float, twist_share: float) -> Array:
        bend: Array = _lean_forward(share * forward) @ _lean_left(share * left)
        return bend @ _turn_left(twist_share * twist)

    pelvis = axes @ _lean_forward(posture.pitch) @ bent(PELVIS_SHARE, 0.3)
    return pelvis, pelvis @ bent(1 - PELVIS_SHARE, 0.7)


def _face(figure: Figure, i: int, joint: Array, head: Array) -> dict[str, Array]:
    """Return the landmarks of one half of the face."""
    mirror = np.array([SIGNS[i], 1.0, 1.0]) * figure.height_m
    return {name: joint + head @ (mirror * offset) for name, offset in FACE.items()}


def _arm(
    figure: Figure, posture: Posture, i: int, sternum: Array, chest: Array
) -> tuple[dict[str, Array], Array]:
    """Return the landmarks of one arm, and the axes of its hand."""
    height, sign = figure.height_m, SIGNS[i]
    upper, fore = (chest @ _unit(d[i]) for d in (posture.upper_arms, posture.forearms))
    raised = 0.5 + 0.5 * float(upper @ chest[:, 1])
    shrug = SHRUG_RAD * raised**2
    reach = (HALF_SHOULDERS * figure.shoulder_ratio - HALF_STERNUM) * height
    collar = chest @ np.array([sign * (HALF_STERNUM * height + reach * math.cos(shrug)),
                               reach * math.sin(shrug), 0.0])  # fmt: skip
    shoulder = sternum + collar
    elbow = shoulder + upper * figure.upper_arm_m
    wrist = elbow + fore * figure.forearm_m
    thumb = _unit_across(fore, chest @ np.array(posture.thumbs[i]), chest[:, 2])
    hand = np.stack([fore, thumb, np.cross(fore, thumb) * sign], axis=1)
    points = {name: wrist + hand @ np.array(offset) * height for name, offset in HAND.items()}
    return points | {"shoulder": shoulder, "elbow": elbow, "wrist": wrist}, hand


def _leg(
    figure: Figure, posture: Posture, i: int, hip: Array, root: Array, axes: Array
) -> tuple[dict[str, Array], Array]:
    """Return the landmarks of one leg, and the axes of its foot."""
    height, sign = figure.height_m, SIGNS[i]
    yawed = axes @ _turn_left(sign * posture.foot_yaw[i])
    foot = yawed @ _lean_forward(posture.foot_pitch[i])
    sole = np.array(SOLE) * height - [0.0, figure.ankle_m, 0.0]
    x, lift, z = posture.feet[i]
    stand = np.array([sign * 0.055 * height + x, 0.0, z - 0.018 * height])
    ankle = root + axes @ stand
    ankle[1] = lift - (sole @ foot[1]).min()
    forward = (yawed @ _lean_forward(posture.pitch))[:, 2]
    knee, ankle = _knee_and_ankle(hip, ankle, forward, figure.thigh_m, figure.shank_m)
    down = ankle - foot[:, 1] * figure.ankle_m
    points = {name: down + foot @ np.array(offset) * height for name, offset in FOOT.items()}
    return points | {"hip": hip, "knee": knee, "ankle": ankle}, foot


def _knee_and_ankle(
    hip: Array, ankle: Array, forward: Array, thigh: float, shank: float
) -> tuple[Array, Array]:
    """Return knee, bent toward `forward`, and ankle, which is moved closer if out of reach."""
    line = ankle - hip
    distance = float(np.linalg.norm(line))
    line = line / distance
    distance = min(max(distance, 1.02 * abs(thigh - shank) + 0.2 * thigh), 0.9995 * (thigh + shank))
    along = (thigh**2 - shank**2 + distance**2) / (2 * distance)
    bend = _unit_across(line, forward, np.array([0.0, 1.0, 0.0]))
    knee = hip + line * along + bend * math.sqrt(max(thigh**2 - along**2, 0.0))
    return knee, hip + line * distance


def _unit(vector: ArrayLike) -> Array:
    array = np.asarray(vector, np.float64)
    unit: Array = array / np.linalg.norm(array)
    return unit


def _unit_across(axis: Array, toward: Array, fallback: Array) -> Array:
    """Return the unit vector normal to `axis` toward `toward`, or else toward `fallback`."""
    across = toward - axis * (toward @ axis)
    if np.linalg.norm(across) < 1e-6:
        across = fallback - axis * (fallback @ axis)
    return _unit(across)


def _turn_left(angle: float) -> Array:
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])


def _lean_forward(angle: float) -> Array:
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])


def _lean_left(angle: float) -> Array:
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
