"""Postures of yoga. Each function takes a figure and a random generator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitruvian.synthetic.placing import SIDE, UP, placed

if TYPE_CHECKING:
    import numpy as np

    from vitruvian.synthetic.figure import Figure
    from vitruvian.synthetic.placing import PoseMaker
    from vitruvian.synthetic.posture import Posture

__all__ = ["YOGA"]


def mountain(figure: Figure, r: np.random.Generator) -> Posture:
    """Upright, arms overhead."""
    return placed(figure, upper_arms=UP, forearms=UP, lean=(r.uniform(-0.15, 0.05), 0, 0))


def tree(figure: Figure, r: np.random.Generator) -> Posture:
    """On one leg, the other foot at the knee or the thigh, arms overhead or palms together."""
    lift = r.uniform(0.2, 0.34)
    arms = {"upper_arms": UP, "forearms": ((-0.1, 1, 0), (0.1, 1, 0))}
    if r.random() < 0.5:
        arms = {"hands": ((0.02, 0.73, 0.13), (-0.02, 0.73, 0.13))}
    return placed(
        figure,
        hips=(0.03, 0.525, 0.0),
        feet=((0.02, 0.0, 0.0), (-0.035, lift, 0.02)),
        foot_yaw=(0.05, 1.35),
        foot_pitch=(0.0, 0.9),
        elbows=((1, -0.6, 0.2), (-1, -0.6, 0.2)),
        **arms,
    )


def warrior_one(figure: Figure, r: np.random.Generator) -> Posture:
    """Lunge far, arms overhead."""
    depth = r.uniform(0.32, 0.4)
    return placed(
        figure,
        hips=(0.0, depth, 0.02),
        feet=((0.06, 0.0, 0.26), (-0.06, 0.0, -0.34)),
        foot_yaw=(0.0, 0.7),
        upper_arms=UP,
        forearms=UP,
    )


def warrior_two(figure: Figure, r: np.random.Generator) -> Posture:
    """Stand wide with one knee bent, arms to the sides, looking over one hand."""
    depth = r.uniform(0.34, 0.42)
    return placed(
        figure,
        hips=(0.03, depth, 0.0),
        feet=((0.29, 0.0, 0.0), (-0.33, 0.0, 0.0)),
        foot_yaw=(1.45, 0.2),
        upper_arms=SIDE,
        forearms=SIDE,
        head=(0.0, 0.0, 1.2),
    )


def warrior_three(figure: Figure, r: np.random.Generator) -> Posture:
    """On one leg, trunk and the other leg level, arms ahead or to the sides."""
    ahead = ((0.1, 1.0, 0.15), (-0.1, 1.0, 0.15)) if r.random() < 0.6 else SIDE
    return placed(
        figure,
        hips=(0.02, 0.52, -0.04),
        feet=((0.03, 0.0, -0.02), (-0.06, r.uniform(0.36, 0.48), -0.52)),
        foot_pitch=(0.0, 1.4),
        lean=(r.uniform(1.2, 1.5), 0.0, 0.0),
        head=(-0.5, 0.0, 0.0),
        upper_arms=ahead,
        forearms=ahead,
    )


def triangle(figure: Figure, r: np.random.Generator) -> Posture:
    """Straight legs apart, trunk bent to one side, one hand down, the other up."""
    bend = r.uniform(0.9, 1.25)
    return placed(
        figure,
        hips=(-0.05, 0.46, 0.0),
        feet=((0.24, 0.0, 0.0), (-0.27, 0.0, 0.0)),
        foot_yaw=(1.3, 0.2),
        lean=(0.1, bend, 0.0),
        upper_arms=SIDE,
        forearms=SIDE,
        head=(0.0, 0.0, r.uniform(-0.8, 0.8)),
    )


def chair(figure: Figure, r: np.random.Generator) -> Posture:
    """Knees bent, trunk leaning ahead, arms overhead."""
    low = r.uniform(0.34, 0.44)
    return placed(
        figure,
        hips=(0.0, low, -0.14),
        feet=((0.05, 0.0, 0.02), (-0.05, 0.0, 0.02)),
        lean=(0.6, 0.0, 0.0),
        head=(-0.3, 0.0, 0.0),
        upper_arms=UP,
        forearms=UP,
    )


def forward_fold(figure: Figure, r: np.random.Generator) -> Posture:
    """Straight legs, hands at the feet or half way."""
    bend = r.uniform(1.7, 2.6)
    reach = 0.06 if bend > 2.1 else 0.2
    return placed(
        figure,
        hips=(0.0, 0.51, -0.1),
        feet=((0.05, 0.0, 0.0), (-0.05, 0.0, 0.0)),
        lean=(bend, 0.0, 0.0),
        hands=((0.08, reach, 0.14), (-0.08, reach, 0.14)),
    )


def down_dog(figure: Figure, r: np.random.Generator) -> Posture:
    """Hands and feet on the floor, hips high."""
    back = r.uniform(0.22, 0.28)
    return placed(
        figure,
        hips=(0.0, 0.47, 0.0),
        feet=((0.06, 0.0, -back), (-0.06, 0.0, -back)),
        foot_pitch=(0.25, 0.25),
        lean=(2.35, 0.0, 0.0),
        head=(-0.2, 0.0, 0.0),
        hands=((0.11, 0.03, 0.43), (-0.11, 0.03, 0.43)),
    )


def plank(figure: Figure, r: np.random.Generator) -> Posture:
    """Straight, on hands and toes."""
    return placed(
        figure,
        hips=(0.0, 0.23 + r.uniform(-0.02, 0.03), 0.0),
        feet=((0.05, 0.0, -0.5), (-0.05, 0.0, -0.5)),
        foot_pitch=(1.2, 1.2),
        lean=(1.22, 0.0, 0.0),
        head=(-0.3, 0.0, 0.0),
        hands=((0.11, 0.03, 0.28), (-0.11, 0.03, 0.28)),
    )


def cobra(figure: Figure, r: np.random.Generator) -> Posture:
    """Lying on the belly, chest raised by the arms."""
    return placed(
        figure,
        hips=(0.0, 0.095, 0.0),
        feet=((0.05, 0.0, -0.5), (-0.05, 0.0, -0.5)),
        foot_pitch=(1.5, 1.5),
        lean=(r.uniform(0.6, 1.0), 0.0, 0.0),
        head=(-0.3, 0.0, 0.0),
        hands=((0.13, 0.03, 0.2), (-0.13, 0.03, 0.2)),
    )


def bridge(figure: Figure, r: np.random.Generator) -> Posture:
    """Lying on the back, knees bent, hips raised."""
    high = r.uniform(0.17, 0.25)
    return placed(
        figure,
        hips=(0.0, high, 0.0),
        feet=((0.06, 0.0, 0.2), (-0.06, 0.0, 0.2)),
        lean=(-1.62 - 1.8 * (high - 0.1), 0.0, 0.0),
        head=(0.5, 0.0, 0.0),
        hands=((0.14, 0.03, 0.05), (-0.14, 0.03, 0.05)),
    )


def staff(figure: Figure, r: np.random.Generator) -> Posture:
    """Sitting with straight legs, bent forward or upright."""
    bend = r.uniform(0.0, 1.0)
    return placed(
        figure,
        hips=(0.0, 0.07, 0.0),
        feet=((0.05, 0.0, 0.49), (-0.05, 0.0, 0.49)),
        foot_pitch=(-1.3, -1.3),
        lean=(bend, 0.0, 0.0),
        hands=((0.14, 0.05 + 0.1 * bend, 0.05 + 0.4 * bend),
               (-0.14, 0.05 + 0.1 * bend, 0.05 + 0.4 * bend)),
    )  # fmt: skip


def easy_seat(figure: Figure, r: np.random.Generator) -> Posture:
    """Sitting with crossed legs, hands on the knees."""
    return placed(
        figure,
        hips=(0.0, 0.085, 0.0),
        feet=((-0.07, 0.02, 0.16), (0.07, 0.0, 0.2)),
        foot_yaw=(1.1, 1.1),
        foot_pitch=(0.3, 0.3),
        lean=(r.uniform(-0.05, 0.15), 0.0, 0.0),
        hands=((0.2, 0.16, 0.16), (-0.2, 0.16, 0.16)),
    )


def dancer(figure: Figure, r: np.random.Generator) -> Posture:
    """On one leg, the other foot held behind, one arm ahead."""
    return placed(
        figure,
        hips=(0.02, 0.525, 0.0),
        feet=((0.03, 0.0, 0.0), (-0.07, r.uniform(0.35, 0.5), -0.3)),
        foot_pitch=(0.0, 1.5),
        lean=(r.uniform(0.2, 0.6), 0.0, 0.0),
        upper_arms=((0.2, 0.5, 1.0), (-0.3, -0.4, -1.0)),
        forearms=((0.1, 0.6, 1.0), (-0.1, -0.1, -1.0)),
    )


YOGA: tuple[PoseMaker, ...] = (
    *(mountain, tree, warrior_one, warrior_two, warrior_three, triangle, chair, forward_fold),
    *(down_dog, plank, cobra, bridge, staff, easy_seat, dancer),
)
"""The postures of yoga."""
