"""Exercises, and the angle of the joint that counts the repetitions of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.core.pose import Pose
    from vitruvian.core.sequence import PersonSequence

    Floats = NDArray[np.float64]

__all__ = ["EXERCISES", "Exercise", "exercise_angles", "exercise_named", "joint_angles_deg"]

MIN_VISIBILITY = 0.3  # landmarks with a lower one count as missing
# Seen from the side, the far hip and shoulder are hidden, but their places follow from the others.
_IS_TRUNK = np.array([name.endswith(("_hip", "_shoulder")) for name in BLAZEPOSE.names])


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """An exercise, and the joint whose angle counts it.

    Attributes
    ----------
    name : str
        Name for messages and drawings.
    joint : (str, str, str)
        Landmarks without their side, as ("hip", "knee", "ankle"): the angle is at the second one.
    low_deg, high_deg : float
        Fixed thresholds, for a live counter that is not adaptive.
    rest : {"high", "low"}
        Whether a repetition starts and ends at a large angle (squat) or at a small one (press).
    sides : {"mean", "min", "max"}
        How the angles of both sides are combined. "mean" weights them by visibility; the others
        count alternating sides.
    space : {"world", "image"}
        Landmarks that are used: world (3D) or image (x and y only).
    min_range_deg : float
        Range of the angle below which there are no repetitions.
    """

    name: str
    joint: tuple[str, str, str]
    low_deg: float
    high_deg: float
    rest: Literal["high", "low"] = "high"
    sides: Literal["mean", "min", "max"] = "mean"
    space: Literal["world", "image"] = "world"
    min_range_deg: float = 15.0

    def __post_init__(self) -> None:
        for part in self.joint:
            if f"left_{part}" not in BLAZEPOSE.names:
                raise ValueError(f"joint must name landmarks without their side, got {part!r}")
        if not 0 <= self.low_deg < self.high_deg <= 180:
            got = f"{self.low_deg!r} and {self.high_deg!r}"
            raise ValueError(f"low_deg must be below high_deg, both from 0 to 180, got {got}")

    @property
    def sign(self) -> float:
        """1 if the angle is large at rest, else -1."""
        return 1.0 if self.rest == "high" else -1.0

    @property
    def indices(self) -> NDArray[np.intp]:
        """(2, 3) array: the landmarks of the left and of the right joint."""
        sides = ("left", "right")
        return np.array([[BLAZEPOSE.index(f"{s}_{part}") for part in self.joint] for s in sides])

    @property
    def may_be_hidden(self) -> NDArray[np.bool_]:
        """(2, 3) array: whether a landmark of `indices` is used even if it is not visible."""
        return _IS_TRUNK[self.indices]


_KNEE, _HIP = ("hip", "knee", "ankle"), ("shoulder", "hip", "knee")
_ELBOW, _SHOULDER = ("shoulder", "elbow", "wrist"), ("hip", "shoulder", "elbow")

EXERCISES: dict[str, Exercise] = {
    e.name: e
    for e in (
        Exercise(name="squat", joint=_KNEE, low_deg=105, high_deg=140),
        Exercise(name="lunge", joint=_KNEE, low_deg=115, high_deg=135),
        Exercise(name="push_up", joint=_ELBOW, low_deg=138, high_deg=150),
        Exercise(name="curl", joint=_ELBOW, low_deg=105, high_deg=135),
        Exercise(name="press", joint=_ELBOW, low_deg=100, high_deg=150, rest="low"),
        Exercise(name="sit_up", joint=_HIP, low_deg=80, high_deg=110),
        Exercise(name="jumping_jack", joint=_SHOULDER, low_deg=50, high_deg=120, rest="low"),
        Exercise(name="deadlift", joint=_HIP, low_deg=110, high_deg=150),
        Exercise(name="lateral_raise", joint=_SHOULDER, low_deg=35, high_deg=70, rest="low"),
        Exercise(name="high_knees", joint=_HIP, low_deg=115, high_deg=145, sides="min"),
    )
}
"""Every exercise that is known, by name."""


def exercise_named(exercise: str | Exercise) -> Exercise:
    """Return an exercise by name; an `Exercise` is returned as it is.

    Raises
    ------
    ValueError
        If no exercise has this name.
    """
    if isinstance(exercise, Exercise):
        return exercise
    name = exercise.replace("-", "_")
    if name not in EXERCISES:
        raise ValueError(f"exercise must be one of {sorted(EXERCISES)}, got {exercise!r}")
    return EXERCISES[name]


def exercise_angles(
    person: PersonSequence | Pose, exercise: str | Exercise
) -> tuple[Floats, Floats]:
    """Return the angle that counts an exercise, and the angles of the left and the right side.

    Parameters
    ----------
    person : PersonSequence or Pose
        T frames, or one.
    exercise : str or Exercise
        One of `EXERCISES`, or your own.

    Returns
    -------
    (T,) or () array, (T, 2) or (2,) array, degrees
        0 to 180; NaN if a landmark of the limb is not visible. Hips and shoulders may be hidden.
    """
    exercise = exercise_named(exercise)
    array = person.world if exercise.space == "world" else person.landmarks[..., :2]
    angles = joint_angles_deg(array, exercise)
    visibility = np.where(_IS_TRUNK, 1.0, np.asarray(person.visibility, np.float64))
    visible = visibility[..., exercise.indices].min(axis=-1)
    is_known = np.isfinite(angles) & (visible >= MIN_VISIBILITY)
    angles = np.where(is_known, angles, np.nan)
    return _combined(angles, np.where(is_known, visible, 0.0), exercise), angles


def joint_angles_deg(landmarks: NDArray[np.floating], exercise: str | Exercise) -> Floats:
    """Return the angles (..., 2) of the left and the right joint of landmarks (..., 33, axes)."""
    points = landmarks[..., exercise_named(exercise).indices, :].astype(np.float64)
    one = points[..., 0, :] - points[..., 1, :]
    other = points[..., 2, :] - points[..., 1, :]
    dot = (one * other).sum(axis=-1)
    squares = (one * one).sum(axis=-1) * (other * other).sum(axis=-1)
    with np.errstate(invalid="ignore"):
        cross = np.sqrt(np.maximum(squares - dot * dot, 0.0))
        angles: Floats = np.degrees(np.arctan2(cross, dot))
    return np.where(squares > 0, angles, np.nan)


def _combined(angles: Floats, weights: Floats, exercise: Exercise) -> Floats:
    known = np.where(weights > 0, angles, 0.0)
    total = weights.sum(axis=-1)
    if exercise.sides == "mean":
        with np.errstate(invalid="ignore"):
            mean: Floats = (known * weights).sum(axis=-1) / np.where(total > 0, total, np.nan)
        return mean
    sign = 1.0 if exercise.sides == "max" else -1.0
    extreme = sign * np.where(weights > 0, sign * angles, -np.inf).max(axis=-1)
    return np.where(total > 0, extreme, np.nan)
