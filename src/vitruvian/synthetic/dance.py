"""Postures of dance. Each function takes a figure and a random generator."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from vitruvian.synthetic.placing import SIDE, UP, placed

if TYPE_CHECKING:
    import numpy as np

    from vitruvian.synthetic.figure import Figure
    from vitruvian.synthetic.placing import PoseMaker
    from vitruvian.synthetic.posture import Posture, Vector

__all__ = ["DANCE"]


def plie(figure: Figure, r: np.random.Generator) -> Posture:
    """Feet apart and turned out, knees bent outward, arms rounded."""
    low = r.uniform(0.34, 0.46)
    return placed(
        figure,
        hips=(0.0, low, 0.0),
        feet=((0.19, 0.0, 0.0), (-0.19, 0.0, 0.0)),
        foot_yaw=(1.2, 1.2),
        **_arms(r),
    )


def tendu(figure: Figure, r: np.random.Generator) -> Posture:
    """On one leg, the other one stretched to the side or ahead, toes on the floor."""
    angle = r.uniform(-0.3, 1.6)
    return placed(
        figure,
        hips=(0.03, 0.52, 0.0),
        feet=((0.03, 0.0, 0.0), (-0.05 - 0.2 * math.sin(angle), 0.0, 0.2 * math.cos(angle))),
        foot_pitch=(0.0, 0.9),
        foot_yaw=(0.8, 0.8),
        **_arms(r),
    )


def arabesque(figure: Figure, r: np.random.Generator) -> Posture:
    """On one leg, the other one stretched behind."""
    return placed(
        figure,
        hips=(0.02, 0.535, 0.0),
        feet=((0.03, 0.0, 0.0), (-0.06, r.uniform(0.2, 0.5), -0.45)),
        foot_pitch=(0.0, 1.5),
        foot_yaw=(0.5, 0.2),
        lean=(r.uniform(0.1, 0.7), 0.0, 0.0),
        head=(-0.2, 0.0, 0.0),
        upper_arms=((0.2, 0.4, 1.0), (-1.0, 0.1, -0.2)),
        forearms=((0.1, 0.3, 1.0), (-1.0, 0.0, -0.1)),
    )


def passe(figure: Figure, r: np.random.Generator) -> Posture:
    """Turn on the toes of one foot, the other foot at the knee."""
    return placed(
        figure,
        hips=(0.02, 0.56, 0.0),
        feet=((0.02, 0.0, 0.0), (-0.03, r.uniform(0.24, 0.3), 0.05)),
        foot_pitch=(0.7, 1.2),
        foot_yaw=(0.5, 1.3),
        lean=(0.0, 0.0, r.uniform(-0.4, 0.4)),
        **_arms(r),
    )


def high_kick(figure: Figure, r: np.random.Generator) -> Posture:
    """One straight leg high ahead."""
    high = r.uniform(0.35, 0.75)
    away = math.sqrt(max(0.24 - (high - 0.5) ** 2, 0.01))
    return placed(
        figure,
        hips=(0.02, 0.53, 0.0),
        feet=((0.03, 0.0, 0.0), (-0.06, high, away)),
        foot_pitch=(0.0, -0.6),
        lean=(-0.15, 0.0, 0.0),
        **_arms(r),
    )


def side_kick(figure: Figure, r: np.random.Generator) -> Posture:
    """One straight leg high to the side, trunk bent away."""
    return placed(
        figure,
        hips=(0.03, 0.53, 0.0),
        feet=((0.05, 0.0, 0.0), (-0.42, r.uniform(0.3, 0.6), 0.0)),
        foot_yaw=(0.6, 0.9),
        foot_pitch=(0.0, 0.5),
        lean=(0.0, r.uniform(0.1, 0.6), 0.0),
        **_arms(r),
    )


def leap(figure: Figure, r: np.random.Generator) -> Posture:
    """In the air, legs split ahead and behind."""
    wide = r.uniform(0.28, 0.42)
    return placed(
        figure,
        hips=(0.0, 0.62, 0.0),
        feet=((0.05, r.uniform(0.25, 0.4), wide), (-0.05, r.uniform(0.25, 0.4), -wide)),
        foot_pitch=(0.6, 1.5),
        **_arms(r),
    )


def low_step(figure: Figure, r: np.random.Generator) -> Posture:
    """Step deep to the side: one knee bent, the other leg long, trunk low and twisted."""
    return placed(
        figure,
        hips=(0.14, r.uniform(0.25, 0.36), 0.0),
        feet=((0.16, 0.0, 0.06), (-0.32, 0.0, 0.0)),
        foot_yaw=(0.7, 0.4),
        lean=(r.uniform(0.3, 0.8), 0.0, r.uniform(-0.7, 0.7)),
        **_arms(r),
    )


def back_bend(figure: Figure, r: np.random.Generator) -> Posture:
    """Knees bent, trunk and head bent back, arms open."""
    return placed(
        figure,
        hips=(0.0, 0.46, 0.08),
        feet=((0.07, 0.0, 0.0), (-0.07, 0.0, -0.08)),
        foot_pitch=(0.2, 0.4),
        lean=(-r.uniform(0.4, 0.8), r.uniform(-0.2, 0.2), 0.0),
        head=(-0.4, 0.0, 0.0),
        **_arms(r),
    )


def floor_pose(figure: Figure, r: np.random.Generator) -> Posture:
    """Sitting on the floor, one leg long, one bent, leaning on a hand."""
    return placed(
        figure,
        hips=(0.0, 0.075, 0.0),
        feet=((0.05, 0.0, 0.48), (-0.08, 0.0, 0.2)),
        foot_pitch=(0.4, 0.0),
        lean=(-r.uniform(0.1, 0.4), 0.0, r.uniform(-0.3, 0.3)),
        hands=((0.16, 0.03, -0.16), None),
        upper_arms=SIDE,
        forearms=UP,
    )


def groove(figure: Figure, r: np.random.Generator) -> Posture:
    """Knees soft, weight on one leg, trunk and arms anywhere."""
    shift = r.uniform(-0.06, 0.06)
    return placed(
        figure,
        hips=(shift, r.uniform(0.46, 0.52), 0.0),
        feet=((0.1, 0.0, r.uniform(-0.1, 0.1)), (-0.1, r.uniform(0.0, 0.05), r.uniform(-0.1, 0.1))),
        foot_yaw=(0.3, 0.3),
        lean=(r.uniform(0.0, 0.4), -2 * shift, r.uniform(-0.5, 0.5)),
        head=(0.0, r.uniform(-0.3, 0.3), r.uniform(-0.5, 0.5)),
        **_arms(r),
    )


def _arms(r: np.random.Generator) -> dict[str, tuple[Vector, Vector]]:
    """Return directions of both arms, each somewhere from low to overhead, elbows bent or not."""
    upper, fore = [], []
    for sign in (1.0, -1.0):
        raised, ahead = r.uniform(-0.9, 1.3), r.uniform(-0.2, 0.9)
        out = sign * math.cos(raised)
        upper.append((out, math.sin(raised), ahead))
        bend = r.uniform(-1.0, 0.6)
        inward = sign * math.cos(raised + 0.8) * (1 + bend)
        fore.append((inward, math.sin(raised + 0.8), ahead + 0.2))
    return {"upper_arms": (upper[0], upper[1]), "forearms": (fore[0], fore[1])}


DANCE: tuple[PoseMaker, ...] = (
    *(plie, tendu, arabesque, passe, high_kick, side_kick, leap, low_step, back_bend, floor_pose),
    groove,
)
"""The postures of dance."""
