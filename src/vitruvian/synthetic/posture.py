"""Posture: the pose of a body at one moment, independent of its dimensions."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

__all__ = ["Posture", "Vector", "blended"]

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posture:
    """Pose of a body. The default stands upright with hanging arms.

    The person's own axes are x to the left, y up, z forward. In pairs, left comes first.

    Attributes
    ----------
    travel : Vector, m
        Displacement from the start, in the axes at the start.
    heading : float, rad
        Rotation of the whole body about the vertical axis, positive to the left.
    hips : Vector, m
        Offset of the middle of the hips from its position when standing.
    pitch : float, rad
        Rotation of the trunk forward about the hips: pi/2 lies face down, -pi/2 on the back. The
        knees bend to the front of a body with this pitch. The feet stay where they are.
    lean : Vector, rad
        Bend of the trunk forward and to the left, and its twist to the left.
    head : Vector, rad
        Nod forward, tilt to the left and turn to the left, relative to the chest.
    upper_arms, forearms : pair of Vector
        Directions from shoulder to elbow and from elbow to wrist, in chest axes.
    thumbs : pair of Vector
        Directions of the thumbs, in the axes of the chest.
    feet : pair of Vector, m
        Offsets of the feet from their positions when standing; y is the height of the lowest point
        of the sole above the floor.
    foot_pitch, foot_yaw : pair of float, rad
        Pitch (toes down) and yaw (toes outward).
    """

    travel: Vector = (0.0, 0.0, 0.0)
    heading: float = 0.0
    hips: Vector = (0.0, 0.0, 0.0)
    pitch: float = 0.0
    lean: Vector = (0.0, 0.0, 0.0)
    head: Vector = (0.0, 0.0, 0.0)
    upper_arms: tuple[Vector, Vector] = ((0.2, -1.0, -0.05), (-0.2, -1.0, -0.05))
    forearms: tuple[Vector, Vector] = ((0.08, -1.0, 0.2), (-0.08, -1.0, 0.2))
    thumbs: tuple[Vector, Vector] = ((-0.2, 0.0, 1.0), (0.2, 0.0, 1.0))
    feet: tuple[Vector, Vector] = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    foot_pitch: tuple[float, float] = (0.0, 0.0)
    foot_yaw: tuple[float, float] = (0.15, 0.15)


def blended(a: Posture, b: Posture, weight: float) -> Posture:
    """Return the linear interpolation between `a` (weight 0) and `b` (weight 1)."""
    if weight <= 0:
        return a
    if weight >= 1:
        return b
    return Posture(
        **{f.name: _mixed(getattr(a, f.name), getattr(b, f.name), weight) for f in fields(a)}
    )


def _mixed(a: Any, b: Any, weight: float) -> Any:
    """Return the interpolation of numbers or nested tuples of numbers."""
    if isinstance(a, tuple):
        return tuple(_mixed(x, y, weight) for x, y in zip(a, b, strict=True))
    return (1 - weight) * a + weight * b
