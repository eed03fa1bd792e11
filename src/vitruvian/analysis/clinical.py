"""Clinical joint angles from axes of body parts, in the sense of the ISB's recommendations.

Landmarks are not anatomical: the angles have the signs and the order of rotations of the ISB, not
its accuracy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.analysis.body_frames import level_frame, pelvis_frame, thigh_frame, trunk_frame
from vitruvian.analysis.points import row
from vitruvian.core.rotations import angle_between, unit

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["CLINICAL_ANGLES", "clinical_angles"]

_OF_SIDE = (
    *("hip_flexion", "hip_adduction", "hip_rotation", "knee_flexion", "ankle_dorsiflexion"),
    *("shoulder_elevation", "shoulder_plane", "elbow_flexion", "forearm_pronation"),
)
CLINICAL_ANGLES = (
    *("pelvis_list", "pelvis_rotation", "trunk_flexion", "trunk_bend", "trunk_rotation"),
    *(f"{side}_{name}" for side in ("right", "left") for name in _OF_SIDE),
)
"""Names of the angles of `clinical_angles`."""

MIN_SINE = np.sin(np.radians(10))  # below it the plane of an arm is not defined
MIN_BENT = np.sin(np.radians(20))  # of the elbow: below it the forearm's turn is not defined


def clinical_angles(points: Floats, up: ArrayLike = (0.0, -1.0, 0.0)) -> dict[str, Floats]:
    """Return clinical angles (T,) in degrees, by name.

    Parameters
    ----------
    points : (T, 40, 3) array
        Points of `vitruvian.analysis.points`, camera axes.
    up : (3,) array
        Direction up in camera axes.
    """
    pelvis, trunk = pelvis_frame(points), trunk_frame(points)
    upright = unit(np.asarray(up, np.float64))
    camera = level_frame(np.array([-1.0, 0.0, 0.0]), upright)  # of a person who faces the camera
    backward, _, _ = _flexion_first(level_frame(trunk[..., 2], upright), trunk)
    _, bend, rotation = _flexion_first(pelvis, trunk)
    angles = {
        "pelvis_list": -np.degrees(np.arcsin(np.clip(pelvis[..., 2] @ upright, -1, 1))),
        "pelvis_rotation": _heading(camera, pelvis),
        "trunk_flexion": -backward,
        "trunk_bend": bend,
        "trunk_rotation": rotation,
    }
    for side, sign in (("right", 1.0), ("left", -1.0)):
        for name, values in (*_leg(points, side, sign, pelvis), *_arm(points, side, sign, trunk)):
            angles[f"{side}_{name}"] = values
    return angles


def _leg(points: Floats, side: str, sign: float, pelvis: Floats) -> list[tuple[str, Floats]]:
    hip, knee, ankle, heel, toe = (
        points[..., row(f"{side}_{name}"), :]
        for name in ("hip", "knee", "ankle", "heel", "foot_index")
    )
    flexion, adduction, rotation = _flexion_first(pelvis, thigh_frame(points, side, pelvis))
    return [
        ("hip_flexion", flexion),
        ("hip_adduction", sign * adduction),
        ("hip_rotation", sign * rotation),
        ("knee_flexion", np.degrees(angle_between(knee - hip, ankle - knee))),
        ("ankle_dorsiflexion", 90 - np.degrees(angle_between(ankle - knee, heel - toe))),
    ]


def _arm(points: Floats, side: str, sign: float, trunk: Floats) -> list[tuple[str, Floats]]:
    shoulder, elbow, wrist, index, pinky = (
        points[..., row(f"{side}_{name}"), :]
        for name in ("shoulder", "elbow", "wrist", "index", "pinky")
    )
    upper, fore = unit(elbow - shoulder), unit(wrist - elbow)
    ahead, above, right = np.moveaxis(_in_axes(trunk, upper), -1, 0)
    plane = np.degrees(np.arctan2(ahead, sign * right))
    hinge = np.cross(upper, fore)  # to the person's right, on both sides
    sine = np.linalg.norm(hinge, axis=-1)
    thumb = index - pinky
    thumb_up = (thumb * np.cross(unit(hinge), fore)).sum(axis=-1)
    thumb_in = -sign * (thumb * unit(hinge)).sum(axis=-1)
    pronation = np.degrees(np.arctan2(thumb_in, thumb_up))
    return [
        ("shoulder_elevation", np.degrees(np.arctan2(np.hypot(ahead, right), -above))),
        ("shoulder_plane", np.where(np.hypot(ahead, right) >= MIN_SINE, plane, np.nan)),
        ("elbow_flexion", np.degrees(angle_between(upper, fore))),
        ("forearm_pronation", np.where(sine >= MIN_BENT, pronation, np.nan)),
    ]


def _in_axes(frame: Floats, vectors: Floats) -> Floats:
    """Return vectors (..., 3) in the axes of a frame (..., 3, 3)."""
    turned: Floats = np.einsum("...ij,...i->...j", frame, vectors)
    return turned


def _heading(reference: Floats, frame: Floats) -> Floats:
    """Return how far a frame is turned to its left about the reference's direction up."""
    right = _in_axes(np.broadcast_to(reference, frame.shape), frame[..., 2])
    return np.degrees(np.arctan2(right[..., 0], right[..., 2]))


def _flexion_first(proximal: Floats, distal: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the Cardan angles Z, X', Y'' of the rotation between two frames (..., 3, 3).

    They are the turns about the axis to the right, then ahead, then up.
    """
    r = np.swapaxes(proximal, -1, -2) @ distal
    about_x = np.degrees(np.arcsin(np.clip(r[..., 2, 1], -1, 1)))
    about_z = np.degrees(np.arctan2(-r[..., 0, 1], r[..., 1, 1]))
    about_y = np.degrees(np.arctan2(-r[..., 2, 0], r[..., 2, 2]))
    return about_z, about_x, about_y
