"""Axes of body parts from joints: pelvis, trunk, thighs.

A frame is a (..., 3, 3) rotation whose columns are the directions ahead, up and to the person's
right, in the axes of the points: the order X, Y, Z of the ISB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.analysis.points import HIPS, NECK, TRUNK, row
from vitruvian.core.rotations import unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["level_frame", "pelvis_frame", "thigh_frame", "trunk_frame"]

# A hinge shows its axis when it is bent: between these sines the axis is blended in.
BENT = (np.sin(np.radians(10)), np.sin(np.radians(30)))


def pelvis_frame(points: Floats) -> Floats:
    """Return the axes of the pelvis from points (..., 40, 3): right exact, up near the trunk."""
    right = points[..., TRUNK["right_hip"], :] - points[..., TRUNK["left_hip"], :]
    return _frame_of_right(right, points[..., NECK, :] - points[..., HIPS, :])


def trunk_frame(points: Floats) -> Floats:
    """Return the axes of the trunk from points (..., 40, 3): up exact, right near the shoulders."""
    right = points[..., TRUNK["right_shoulder"], :] - points[..., TRUNK["left_shoulder"], :]
    return _frame_of_up(points[..., NECK, :] - points[..., HIPS, :], right)


def level_frame(right: Floats, up: Floats) -> Floats:
    """Return upright axes with this heading: up exact, right near `right`."""
    return _frame_of_up(np.broadcast_to(up, right.shape), right)


def thigh_frame(points: Floats, side: str, pelvis: Floats) -> Floats:
    """Return the axes of a thigh from points (..., 40, 3): up exact, from knee to hip.

    The axis to the right is that of the knee where the knee is bent. A straight knee does not show
    it: there it is the mean of those of the pelvis and the foot.
    """
    hip, knee, ankle, heel, toe = (
        points[..., row(f"{side}_{name}"), :]
        for name in ("hip", "knee", "ankle", "heel", "foot_index")
    )
    hinge = np.cross(ankle - knee, knee - hip)
    sine = np.linalg.norm(np.cross(unit(ankle - knee), unit(knee - hip)), axis=-1, keepdims=True)
    part = np.clip((sine - BENT[0]) / (BENT[1] - BENT[0]), 0, 1)
    weight = part * part * (3 - 2 * part)
    lateral = pelvis[..., 2]
    foot = unit(np.cross(toe - heel, pelvis[..., 1]))
    # a knee can't bend forward: there the axis is an error of the landmarks
    hinge = np.where((hinge * lateral).sum(axis=-1, keepdims=True) < 0, -hinge, hinge)
    hinge = np.where(weight > 0, unit(hinge), 0.0)
    rest = np.where(np.isfinite(foot), 0.5 * (foot + lateral), lateral)
    return _frame_of_up(hip - knee, weight * hinge + (1 - weight) * rest)


def _frame_of_right(right: Floats, up: Floats) -> Floats:
    z = unit(right)
    x = unit(np.cross(up, z))
    return np.stack([x, np.cross(z, x), z], axis=-1)


def _frame_of_up(up: Floats, right: Floats) -> Floats:
    y = unit(up)
    x = unit(np.cross(y, right))
    return np.stack([x, y, np.cross(x, y)], axis=-1)
