"""Postures of interval training. Each function takes a figure and a random generator."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from vitruvian.synthetic.placing import AHEAD, SIDE, UP, placed

if TYPE_CHECKING:
    import numpy as np

    from vitruvian.synthetic.figure import Figure
    from vitruvian.synthetic.placing import PoseMaker
    from vitruvian.synthetic.posture import Posture

__all__ = ["HIIT"]


def squat(figure: Figure, r: np.random.Generator) -> Posture:
    """Squat to any depth, hands ahead or at the chest."""
    low = r.uniform(0.0, 1.0)
    return placed(
        figure,
        hips=(0.0, 0.53 - 0.27 * low, -0.14 * low),
        feet=((0.1, 0.0, 0.0), (-0.1, 0.0, 0.0)),
        foot_yaw=(0.35, 0.35),
        lean=(0.2 + 0.6 * low, 0.0, 0.0),
        head=(-0.3 * low, 0.0, 0.0),
        upper_arms=AHEAD,
        forearms=AHEAD if r.random() < 0.5 else ((-0.6, 0.8, 0.3), (0.6, 0.8, 0.3)),
    )


def lunge(figure: Figure, r: np.random.Generator) -> Posture:
    """Lunge, hands on the hips or hanging."""
    low = r.uniform(0.3, 1.0)
    hands = ((0.13, 0.36, 0.04), (-0.13, 0.36, 0.04))
    return placed(
        figure,
        hips=(0.0, 0.53 - 0.26 * low, 0.0),
        feet=((0.06, 0.0, 0.22), (-0.06, 0.0, -0.28)),
        foot_pitch=(0.0, 0.8),
        lean=(0.1, 0.0, 0.0),
        hands=hands if r.random() < 0.5 else (None, None),
        elbows=((1, 0, -0.6), (-1, 0, -0.6)),
    )


def jumping_jack(figure: Figure, r: np.random.Generator) -> Posture:
    """Legs and arms apart, on the floor or in the air."""
    apart = r.uniform(0.2, 1.0)
    lift = r.uniform(0.0, 0.05)
    wide, arm = 0.06 + 0.15 * apart, 0.2 + 2.6 * apart
    up = ((math.sin(arm), -math.cos(arm), 0.05), (-math.sin(arm), -math.cos(arm), 0.05))
    return placed(
        figure,
        hips=(0.0, 0.525 + lift - 0.04 * apart, 0.0),
        feet=((wide, lift, 0.0), (-wide, lift, 0.0)),
        foot_pitch=(6 * lift, 6 * lift),
        upper_arms=up,
        forearms=up,
    )


def high_knees(figure: Figure, r: np.random.Generator) -> Posture:
    """Run on the spot, one knee high, arms bent."""
    return placed(
        figure,
        hips=(0.0, 0.545, 0.0),
        feet=((0.05, 0.02, -0.03), (-0.05, r.uniform(0.25, 0.36), 0.14)),
        foot_pitch=(0.5, 0.2),
        upper_arms=((0.2, -1.0, 0.6), (-0.2, -1.0, -0.5)),
        forearms=((0.0, 0.7, 0.8), (0.0, -0.1, 1.0)),
    )


def push_up(figure: Figure, r: np.random.Generator) -> Posture:
    """Push up, at any height."""
    low = r.uniform(0.0, 1.0)
    return placed(
        figure,
        hips=(0.0, 0.24 - 0.1 * low, 0.0),
        feet=((0.05, 0.0, -0.5), (-0.05, 0.0, -0.5)),
        foot_pitch=(1.2, 1.2),
        lean=(1.2 + 0.24 * low, 0.0, 0.0),
        head=(-0.3, 0.0, 0.0),
        hands=((0.15, 0.03, 0.26), (-0.15, 0.03, 0.26)),
        elbows=((1.0, 0.3, -0.6), (-1.0, 0.3, -0.6)),
    )


def mountain_climber(figure: Figure, r: np.random.Generator) -> Posture:
    """On the hands, one knee under the chest."""
    return placed(
        figure,
        hips=(0.0, r.uniform(0.28, 0.34), 0.0),
        feet=((0.05, 0.02, r.uniform(-0.16, -0.04)), (-0.05, 0.0, -0.47)),
        foot_pitch=(1.2, 1.2),
        lean=(1.4, 0.0, 0.0),
        head=(-0.3, 0.0, 0.0),
        hands=((0.11, 0.03, 0.28), (-0.11, 0.03, 0.28)),
    )


def crouch(figure: Figure, r: np.random.Generator) -> Posture:
    """Crouch as in a burpee, hands on the floor."""
    return placed(
        figure,
        hips=(0.0, r.uniform(0.2, 0.3), -0.08),
        feet=((0.09, 0.0, 0.0), (-0.09, 0.0, 0.0)),
        foot_pitch=(0.5, 0.5),
        foot_yaw=(0.3, 0.3),
        lean=(1.35, 0.0, 0.0),
        head=(-0.5, 0.0, 0.0),
        hands=((0.1, 0.03, 0.24), (-0.1, 0.03, 0.24)),
    )


def skater(figure: Figure, r: np.random.Generator) -> Posture:
    """Jump to one side, the other leg crossed behind, trunk bent."""
    return placed(
        figure,
        hips=(0.08, r.uniform(0.38, 0.46), -0.05),
        feet=((0.12, 0.0, 0.02), (0.22, r.uniform(0.02, 0.14), -0.26)),
        foot_pitch=(0.0, 0.8),
        lean=(r.uniform(0.5, 0.9), 0.0, 0.3),
        upper_arms=((0.5, -0.6, -0.6), (0.2, -0.8, 0.7)),
        forearms=((0.3, -0.5, -0.8), (0.7, -0.5, 0.5)),
    )


def punch(figure: Figure, r: np.random.Generator) -> Posture:
    """Boxing: one arm out, the other fist at the chin."""
    high = r.uniform(-0.1, 0.4)
    return placed(
        figure,
        hips=(0.0, 0.5, 0.0),
        feet=((0.09, 0.0, 0.12), (-0.09, 0.0, -0.12)),
        foot_pitch=(0.0, 0.4),
        lean=(0.15, 0.0, r.uniform(0.2, 0.6)),
        upper_arms=((0.25, -1.0, 0.4), (-0.1, high, 1.0)),
        forearms=((-0.3, 1.0, 0.5), (0.1, high, 1.0)),
    )


def hinge(figure: Figure, r: np.random.Generator) -> Posture:
    """Lift or swing a weight: hips back, arms down or swung ahead."""
    bend, swing = r.uniform(0.3, 1.3), r.uniform(0.3, 1.4)
    arm = ((0.05, -math.cos(swing), math.sin(swing)), (-0.05, -math.cos(swing), math.sin(swing)))
    return placed(
        figure,
        hips=(0.0, 0.49, -0.1 * bend),
        feet=((0.1, 0.0, 0.0), (-0.1, 0.0, 0.0)),
        lean=(bend, 0.0, 0.0),
        head=(-0.4 * bend, 0.0, 0.0),
        upper_arms=arm,
        forearms=arm,
    )


def sit_up(figure: Figure, r: np.random.Generator) -> Posture:
    """On the back with bent knees, trunk anywhere between lying and sitting."""
    raised = r.uniform(0.0, 1.0)
    return placed(
        figure,
        hips=(0.0, 0.07, 0.0),
        feet=((0.06, 0.0, 0.27), (-0.06, 0.0, 0.27)),
        foot_yaw=(0.0, 0.0),
        lean=(-1.5 + 1.7 * raised, 0.0, 0.0),
        head=(0.35, 0.0, 0.0),
        upper_arms=((0.7, 0.5, 0.6), (-0.7, 0.5, 0.6)),
        forearms=((-0.5, 0.6, -0.5), (0.5, 0.6, -0.5)),
    )


def side_plank(figure: Figure, r: np.random.Generator) -> Posture:
    """On one hand, the body straight and sideways, the other arm up."""
    return placed(
        figure,
        hips=(0.0, r.uniform(0.2, 0.26), 0.0),
        feet=((-0.48, 0.0, 0.0), (-0.48, 0.08, 0.03)),
        foot_yaw=(0.0, 0.0),
        lean=(0.0, 1.22, 0.0),
        hands=((0.27, 0.03, 0.0), None),
        upper_arms=SIDE,
        forearms=SIDE,
    )


def press(figure: Figure, r: np.random.Generator) -> Posture:
    """Arms overhead or elbows bent at the shoulders, feet apart."""
    up = r.uniform(0.0, 1.0)
    upper = ((1.0 - 0.8 * up, -0.3 + 1.3 * up, 0.2), (-1.0 + 0.8 * up, -0.3 + 1.3 * up, 0.2))
    return placed(
        figure,
        feet=((0.1, 0.0, 0.0), (-0.1, 0.0, 0.0)),
        hips=(0.0, 0.52, 0.0),
        upper_arms=upper,
        forearms=UP,
    )


HIIT: tuple[PoseMaker, ...] = (
    *(squat, lunge, jumping_jack, high_knees, push_up, mountain_climber, crouch, skater, punch),
    *(hinge, sit_up, side_plank, press),
)
"""The postures of interval training."""
