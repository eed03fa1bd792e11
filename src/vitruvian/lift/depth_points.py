"""The points of a body whose depth is measured: the landmarks, and points between them.

A depth camera measures the surface, and landmarks are inside the body. How deep they are below the
surface is in the table here, for an adult of 1.75 m.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = [
    "BELOW_FRONT_M",
    "BELOW_SIDE_M",
    "BELOW_SIGMA_M",
    "DEPTH_ERRORS_M",
    "MID_HIPS",
    "MID_SHOULDERS",
    "SHARES",
]

# By the part of the body: depth below the surface in a front or back view and in a side view, and
# its standard deviation, m. Measured on rendered people (`vitruvian.synthetic`), whose trunk and
# limbs are as thick as those of an average adult. Landmarks of the face are on the surface.
LANDMARKS = {
    "nose": (0.006, 0.011, 0.02),
    "eye": (0.011, 0.020, 0.02),
    "ear": (0.045, 0.022, 0.02),
    "mouth": (0.0, 0.0, 0.02),
    "shoulder": (0.062, 0.067, 0.025),
    "elbow": (0.051, 0.055, 0.025),
    "wrist": (0.034, 0.036, 0.025),
    "pinky": (0.030, 0.029, 0.03),
    "index": (0.037, 0.030, 0.03),
    "thumb": (0.020, 0.022, 0.03),
    "hip": (0.104, 0.107, 0.025),
    "knee": (0.077, 0.083, 0.025),
    "ankle": (0.065, 0.065, 0.025),
    "heel": (0.017, 0.050, 0.03),
    "foot": (0.020, 0.030, 0.03),
}
MIDDLES = {"hip": (0.109, 0.195, 0.01), "shoulder": (0.075, 0.205, 0.03)}
TRUNK = {  # by the share of the way from the hips to the shoulders
    0.25: (0.098, 0.160, 0.04),
    0.5: (0.096, 0.160, 0.04),
    0.75: (0.097, 0.165, 0.04),
}
TRUNK_SIDES = (0.085, 0.175, 0.04)
SIDE_SHARE = 0.25  # of the width of the trunk, from its middle
BONES = {  # by the share of the way from the first joint to the second
    ("shoulder", "elbow", 0.5): (0.054, 0.065, 0.03),
    ("elbow", "wrist", 0.33): (0.043, 0.046, 0.03),
    ("elbow", "wrist", 0.67): (0.038, 0.042, 0.03),
    ("hip", "knee", 0.33): (0.095, 0.100, 0.03),
    ("hip", "knee", 0.67): (0.083, 0.087, 0.03),
    ("knee", "ankle", 0.33): (0.075, 0.079, 0.03),
    ("knee", "ankle", 0.67): (0.068, 0.072, 0.03),
}

# Standard deviation, m, of the depth of a landmark from the one before it in this tree, as the
# world landmarks have it. The depth of a limb is wrong all along: so the errors add up.
TRUNK_ERROR_M, CHEST_ERROR_M, HEAD_ERROR_M, FACE_ERROR_M = 0.1, 0.08, 0.06, 0.02
LIMB_ERRORS_M = {
    "hip": ("", 0.03),
    "knee": ("hip", 0.07),
    "ankle": ("knee", 0.07),
    "heel": ("ankle", 0.04),
    "foot_index": ("ankle", 0.04),
    "shoulder": ("", 0.05),
    "elbow": ("shoulder", 0.08),
    "wrist": ("elbow", 0.08),
    "pinky": ("wrist", 0.03),
    "index": ("wrist", 0.03),
    "thumb": ("wrist", 0.03),
}

SIDES = ("left", "right")
MID_HIPS, MID_SHOULDERS = len(BLAZEPOSE), len(BLAZEPOSE) + 1


def _shares(weights: dict[str, float]) -> Floats:
    row = np.zeros(len(BLAZEPOSE))
    for name, weight in weights.items():
        row[BLAZEPOSE.index(name)] = weight
    return row


def _points() -> tuple[Floats, Floats]:
    """Return the shares (n, 33) of the landmarks, and depths and standard deviation (n, 3)."""
    rows = list(np.eye(len(BLAZEPOSE)))
    below = [
        next(values for part, values in LANDMARKS.items() if part in name.split("_"))
        for name in BLAZEPOSE.names
    ]
    for part, values in MIDDLES.items():
        rows.append(_shares({f"{side}_{part}": 0.5 for side in SIDES}))
        below.append(values)
    for up, values in TRUNK.items():
        for left in (0.5 - SIDE_SHARE, 0.5, 0.5 + SIDE_SHARE):
            across = dict(zip(SIDES, (left, 1 - left), strict=True))
            hips = {f"{side}_hip": (1 - up) * share for side, share in across.items()}
            shoulders = {f"{side}_shoulder": up * share for side, share in across.items()}
            rows.append(_shares(hips | shoulders))
            below.append(values if left == 0.5 else TRUNK_SIDES)
    for (start, end, share), values in BONES.items():
        for side in SIDES:
            rows.append(_shares({f"{side}_{start}": 1 - share, f"{side}_{end}": share}))
            below.append(values)
    return np.array(rows), np.array(below)


def _depth_errors() -> Floats:
    """Return (33, m): the landmarks' errors of depth as sums of m independent ones."""
    names = ["trunk", "chest", "nose", *(f"{s}_{p}" for s in SIDES for p in LIMB_ERRORS_M)]
    names += [name for name in BLAZEPOSE.names if name not in names]
    errors = dict(zip(names, np.eye(len(names)), strict=True))
    errors["trunk"] = errors["trunk"] * TRUNK_ERROR_M
    errors["chest"] = errors["trunk"] + errors["chest"] * CHEST_ERROR_M
    errors["nose"] = errors["chest"] + errors["nose"] * HEAD_ERROR_M
    for side in SIDES:
        for part, (before, error_m) in LIMB_ERRORS_M.items():
            root = "chest" if part == "shoulder" else "trunk"
            start = errors[f"{side}_{before}" if before else root]
            errors[f"{side}_{part}"] = start + errors[f"{side}_{part}"] * error_m
    for name in names[3 + 2 * len(LIMB_ERRORS_M) :]:
        errors[name] = errors["nose"] + errors[name] * FACE_ERROR_M
    return np.array([errors[name] for name in BLAZEPOSE.names])


SHARES, _BELOW = _points()
"""(n, 33): each point as a weighted mean of landmarks. The first 33 are the landmarks."""

BELOW_FRONT_M, BELOW_SIDE_M, BELOW_SIGMA_M = _BELOW.T
"""(n,): how far each point is behind the surface in front and in side views, and its error."""

DEPTH_ERRORS_M = _depth_errors()
"""(33, m): the product with its transpose is the covariance of the world landmarks' depths, m²."""

for _array in (SHARES, BELOW_FRONT_M, BELOW_SIDE_M, BELOW_SIGMA_M, DEPTH_ERRORS_M):
    _array.flags.writeable = False
