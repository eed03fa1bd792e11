"""The bones of a rig: names, parents, and their lengths from landmarks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = [
    "BONES",
    "END_SITES",
    "PARENTS",
    "bone_offsets",
    "joints_from_offsets",
    "length_of",
    "pair",
]

_ARM = ("Shoulder", "UpperArm", "LowerArm", "Hand")
_LEG = ("UpperLeg", "LowerLeg", "Foot", "Toes")

BONES = (
    *("hips", "spine", "chest", "neck", "head"),
    *(side + part for limb in (_ARM, _LEG) for side in ("left", "right") for part in limb),
)
"""Names of the bones, those of VRM 1.0; a parent comes before its children."""

PARENTS = (-1, 0, 1, 2, 3, 2, 5, 6, 7, 2, 9, 10, 11, 0, 13, 14, 15, 0, 17, 18, 19)
"""Index of the parent of each bone; -1 for the hips."""

HIPS, SPINE, CHEST, NECK, HEAD = range(5)
SHOULDERS, UPPER_ARMS, LOWER_ARMS, HANDS = ([5 + i, 9 + i] for i in range(4))
UPPER_LEGS, LOWER_LEGS, FEET, TOES = ([13 + i, 17 + i] for i in range(4))

END_SITES = {
    "head": (0.0, 0.18, 0.0),
    "leftHand": (0.16, 0.0, 0.0),
    "rightHand": (-0.16, 0.0, 0.0),
    "leftToes": (0.0, 0.0, 0.08),
    "rightToes": (0.0, 0.0, 0.08),
}
"""Ends of the last bones from their joints in the rest pose, m."""

X, Y, Z = range(3)
SIDES = np.array([1.0, -1.0])  # sign of x of the left and the right side
# From ankle to toes, measured by two cameras over 100 frames; one camera sees feet too short.
FOOT_IN_SHANKS, FOOT_SLOPE = 0.46, math.radians(21)

_PAIRS = {
    name: [BLAZEPOSE.index(f"{side}_{name}") for side in ("left", "right")]
    for name in (
        *("eye", "ear", "shoulder", "elbow", "wrist", "pinky", "index"),
        *("hip", "knee", "ankle", "heel", "foot_index"),
    )
}


def bone_offsets(points: Floats) -> Floats:
    """Return the (T, 21, 3) offsets that the distances of landmarks give, alike on both sides.

    Shares of trunk, shoulders and feet are those of a usual person.
    """
    hips, shoulders, elbows, wrists, knees, ankles, ears = (
        pair(points, name) for name in ("hip", "shoulder", "elbow", "wrist", "knee", "ankle", "ear")
    )
    middle = shoulders.mean(axis=1)
    trunk = length_of(middle - hips.mean(axis=1))
    width = length_of(shoulders[:, 0] - shoulders[:, 1])
    shank = length_of(ankles - knees).mean(axis=1)
    offsets = np.zeros((len(middle), len(BONES), 3))
    offsets[:, SPINE, Y], offsets[:, CHEST, Y], offsets[:, NECK, Y] = (
        share * trunk for share in (0.10, 0.45, 0.45)
    )
    offsets[:, HEAD, Y] = 0.55 * length_of(ears.mean(axis=1) - middle)
    offsets[:, HEAD, Z] = 0.02
    for bones, length in (
        (SHOULDERS, 0.15 * width),
        (UPPER_ARMS, 0.35 * width),
        (LOWER_ARMS, length_of(elbows - shoulders).mean(axis=1)),
        (HANDS, length_of(wrists - elbows).mean(axis=1)),
        (UPPER_LEGS, 0.5 * length_of(hips[:, 0] - hips[:, 1])),
    ):
        offsets[:, bones, X] = SIDES * length[:, None]
    offsets[:, SHOULDERS, Y] = 0.45 * trunk[:, None]
    offsets[:, LOWER_LEGS, Y] = -length_of(knees - hips).mean(axis=1, keepdims=True)
    offsets[:, FEET, Y] = -shank[:, None]
    offsets[:, TOES, Y] = -FOOT_IN_SHANKS * math.sin(FOOT_SLOPE) * shank[:, None]
    offsets[:, TOES, Z] = FOOT_IN_SHANKS * math.cos(FOOT_SLOPE) * shank[:, None]
    return offsets


def joints_from_offsets(offsets: Floats) -> Floats:
    """Return the (21, 3) positions of the joints in the rest pose from the hips."""
    joints = offsets.copy()
    for bone, parent in enumerate(PARENTS):
        if parent >= 0:
            joints[bone] += joints[parent]
    return joints


def pair(points: Floats, name: str) -> Floats:
    """Return the (T, 2, 3) landmarks of both sides."""
    return points[:, _PAIRS[name]]


def length_of(vectors: Floats) -> Floats:
    """Return the lengths (...) of vectors (..., 3)."""
    lengths: Floats = np.linalg.norm(vectors, axis=-1)
    return lengths
