"""Exercises: motions with a known number of repetitions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.synthetic.body import SOLE
from vitruvian.synthetic.motions import jumping_jack
from vitruvian.synthetic.placing import STANDING_X, placed
from vitruvian.synthetic.posture import Posture, Vector

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitruvian.synthetic.figure import Figure
    from vitruvian.synthetic.motions import Motion

    Moment = Callable[[Figure, float, int], Posture]

__all__ = ["EXERCISES", "exercise"]

LYING = 0.062  # height of the hips of a person who lies on the back, in body heights
FIST = 0.058  # height of the wrist above a fist on the floor, in body heights


def exercise(
    name: str, n_repetitions: int, period_s: float = 2.0, *, depth: float = 1.0, rest_s: float = 0.6
) -> Motion:
    """Do an exercise: rest, some repetitions, rest.

    Parameters
    ----------
    name : str
        One of `EXERCISES`.
    n_repetitions : int
        Number of repetitions; each turns at half its period.
    period_s : float
        Duration of a repetition.
    depth : float
        Share of the full range of motion.
    rest_s : float
        Time in the rest position before the first repetition.

    Raises
    ------
    ValueError
        If no exercise has this name, or a number is out of range.
    """
    if name not in EXERCISES:
        raise ValueError(f"exercise must be one of {sorted(EXERCISES)}, got {name!r}")
    if not (n_repetitions >= 0 and period_s > 0 and 0 < depth <= 1 and rest_s >= 0):
        got = f"{n_repetitions!r}, {period_s!r}, {depth!r} and {rest_s!r}"
        raise ValueError(f"n_repetitions, period_s, depth and rest_s are out of range: {got}")
    moment = EXERCISES[name]

    def motion(time_s: float, figure: Figure) -> Posture:
        done = min(max((time_s - rest_s) / period_s, 0.0), float(n_repetitions))
        number = min(int(done), max(n_repetitions - 1, 0))
        part = 0.5 - 0.5 * math.cos(2 * math.pi * (done - number))
        return moment(figure, depth * part, number)

    return motion


def _squat(figure: Figure, part: float, _number: int) -> Posture:
    """Squat with the hands in front of the chest."""
    drop = 0.40 * part * (figure.thigh_m + figure.shank_m)
    wide = 0.045 * figure.height_m
    return Posture(
        hips=(0.0, -drop, -0.42 * drop),
        lean=(0.7 * part, 0.0, 0.0),
        head=(-0.35 * part, 0.0, 0.0),
        upper_arms=_both((0.22, -0.75, 0.6)),
        forearms=_both((-0.55, 0.45, 0.7)),
        thumbs=_both((0.0, 1.0, -0.4)),
        feet=((wide, 0.0, 0.0), (-wide, 0.0, 0.0)),
        foot_yaw=(0.4, 0.4),
    )


def _lunge(figure: Figure, part: float, number: int) -> Posture:
    """Step forward, alternately left and right, and lower the rear knee."""
    height = figure.height_m
    step = _eased(part / 0.6)
    pitch = 0.95 * _eased((part - 0.25) / 0.75)
    front = (0.0, 0.06 * height * math.sin(math.pi * step), 0.43 * height * step)
    rear = (0.0, 0.0, _rolled(figure, pitch))
    drop = 0.19 * height * _eased((part - 0.15) / 0.85) + 0.01 * height * step
    feet, pitches = (front, rear), (0.0, pitch)
    if number % 2:
        feet, pitches = feet[::-1], pitches[::-1]
    return Posture(
        hips=(0.0, -drop, 0.24 * height * step),
        upper_arms=_both((0.55, -0.85, -0.3)),
        forearms=_both((-0.75, -0.55, 0.35)),
        thumbs=_both((0.0, 0.3, -1.0)),
        lean=(0.08 * part, 0.0, 0.0),
        feet=feet,
        foot_pitch=pitches,
    )


def _push_up(figure: Figure, part: float, _number: int) -> Posture:
    """Push-up on toes and fists, the body a straight line from ankles to shoulders."""
    toes = 1.15
    arm = 0.985 * (figure.upper_arm_m + figure.forearm_m)
    body = 0.998 * (figure.thigh_m + figure.shank_m) + figure.trunk_m
    ankle = _ankle_height(figure, toes)
    wrist = FIST * figure.height_m
    high, low = wrist + arm, wrist + 0.19 * figure.height_m
    slopes = [math.asin((shoulder - ankle) / body) for shoulder in (high, low)]
    slope = slopes[0] + part * (slopes[1] - slopes[0])
    leg = 0.998 * (figure.thigh_m + figure.shank_m)
    x, z = 0.135 * figure.shoulder_ratio, body * math.cos(slopes[0]) / figure.height_m
    return placed(
        figure,
        hips=(
            0.0,
            (ankle + leg * math.sin(slope)) / figure.height_m,
            leg * math.cos(slope) / figure.height_m,
        ),
        pitch=math.pi / 2 - slope,
        head=(-0.45, 0.0, 0.0),
        feet=((STANDING_X, 0.0, 0.0), (-STANDING_X, 0.0, 0.0)),
        foot_pitch=(toes, toes),
        foot_yaw=(0.0, 0.0),
        thumbs=_both((-1.0, 0.0, 0.0)),
        hands=_both((x, FIST, z)),
        elbows=_both((0.75, 0.0, -0.65)),
    )


def _curl(_figure: Figure, part: float, _number: int) -> Posture:
    """Bend both elbows, the upper arms at the sides."""
    bend = math.radians(12 + 128 * part)
    return Posture(
        upper_arms=_both((0.14, -1.0, -0.02)),
        forearms=_both((0.10 - 0.12 * part, -math.cos(bend), math.sin(bend))),
        thumbs=_both((1.0, 0.0, 0.2)),
    )


def _press(_figure: Figure, part: float, _number: int) -> Posture:
    """Press both hands from the shoulders to overhead."""
    raised = math.radians(-48 + 128 * part)
    out = math.cos(raised)
    return Posture(
        upper_arms=_both((0.86 * out, math.sin(raised), 0.5 * out)),
        forearms=_both((-0.12, 1.0, 0.10 - 0.05 * part)),
        thumbs=_both((-1.0, 0.0, 0.0)),
        head=(-0.1 * part, 0.0, 0.0),
    )


def _sit_up(figure: Figure, part: float, _number: int) -> Posture:
    """Sit up from the back with bent knees, the arms crossed on the chest."""
    height = figure.height_m
    reach = 0.36 * height
    return Posture(
        hips=(0.0, LYING * height - figure.hip_height_m, 0.0),
        pitch=-math.pi / 2,
        lean=(1.45 * part, 0.0, 0.0),
        head=(0.25 * part, 0.0, 0.0),
        upper_arms=_both((0.30, -0.85, 0.45)),
        forearms=_both((-0.80, 0.55, 0.30)),
        thumbs=_both((0.0, 1.0, 0.2)),
        feet=((0.02, 0.0, reach), (-0.02, 0.0, reach)),
    )


def _jumping_jack(figure: Figure, part: float, _number: int) -> Posture:
    """Jump, legs apart and arms overhead, and back."""
    phase = math.acos(1 - 2 * min(part, 1.0)) / (2 * math.pi)
    return jumping_jack(1.0)(phase, figure)


def _deadlift(figure: Figure, part: float, _number: int) -> Posture:
    """Lean forward from the hips, the arms hanging."""
    lean = 1.25 * part
    back = 0.10 * figure.height_m * part
    hang = (0.10, -math.cos(lean), math.sin(lean))
    wide = 0.03 * figure.height_m
    return Posture(
        hips=(0.0, -0.055 * figure.height_m * part, -back),
        lean=(lean, 0.0, 0.0),
        head=(-0.35 * part, 0.0, 0.0),
        upper_arms=_both(hang),
        forearms=_both((0.04, hang[1], hang[2])),
        thumbs=_both((-1.0, 0.0, 0.3)),
        feet=((wide, 0.0, 0.0), (-wide, 0.0, 0.0)),
    )


def _lateral_raise(_figure: Figure, part: float, _number: int) -> Posture:
    """Raise both straight arms to the sides."""
    raised = math.radians(12 + 78 * part)
    arm = (math.sin(raised), -math.cos(raised), 0.08)
    fore = (math.sin(raised - 0.08), -math.cos(raised - 0.08), 0.16)
    return Posture(upper_arms=_both(arm), forearms=_both(fore), thumbs=_both((0.0, 0.3, 1.0)))


def _high_knees(figure: Figure, part: float, number: int) -> Posture:
    """Lift a knee to the height of the hips, alternately left and right."""
    lift = part * (figure.hip_height_m - figure.shank_m - 1.05 * figure.ankle_m)
    foot = (0.0, lift, 0.80 * figure.thigh_m * part)
    stand = (0.0, 0.0, 0.0)
    swing = (1 if number % 2 else -1) * 0.55 * part
    feet, pitches = (foot, stand), (0.25 * part, 0.0)
    if number % 2:
        feet, pitches = feet[::-1], pitches[::-1]
    return Posture(
        hips=(0.0, -0.004 * figure.height_m, 0.0),
        upper_arms=((0.20, -1.0, swing), (-0.20, -1.0, -swing)),
        forearms=((0.0, -0.2, 1.0), (0.0, -0.2, 1.0)),
        thumbs=_both((0.0, 1.0, 0.0)),
        feet=feet,
        foot_pitch=pitches,
        foot_yaw=(0.05, 0.05),
    )


EXERCISES: dict[str, Moment] = {
    "squat": _squat,
    "lunge": _lunge,
    "push_up": _push_up,
    "curl": _curl,
    "press": _press,
    "sit_up": _sit_up,
    "jumping_jack": _jumping_jack,
    "deadlift": _deadlift,
    "lateral_raise": _lateral_raise,
    "high_knees": _high_knees,
}
"""Every exercise by name: the posture of a figure at a part of the way to the turn."""


def _ankle_height(figure: Figure, pitch: float) -> float:
    """Return the height of the ankle of a foot with this pitch that stands on the floor."""
    _, y, z = (np.array(SOLE) * figure.height_m - [0.0, figure.ankle_m, 0.0]).T
    return float(-(y * math.cos(pitch) - z * math.sin(pitch)).min())


def _rolled(figure: Figure, pitch: float) -> float:
    """Return how far the ankle moves forward while the heel rises and the ball stays."""
    return 0.1 * figure.height_m * (1 - math.cos(pitch)) + figure.ankle_m * math.sin(pitch)


def _both(left: Vector) -> tuple[Vector, Vector]:
    return left, (-left[0], left[1], left[2])


def _eased(part: float) -> float:
    part = min(max(part, 0.0), 1.0)
    return part * part * (3 - 2 * part)
