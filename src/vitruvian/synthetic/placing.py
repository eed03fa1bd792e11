"""Postures by the places of hips, feet and hands, in body heights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.synthetic.body import bent_limb, body_from_posture
from vitruvian.synthetic.posture import Posture

if TYPE_CHECKING:
    from vitruvian.synthetic.figure import Figure
    from vitruvian.synthetic.posture import Vector

__all__ = ["AHEAD", "SIDE", "STANDING_X", "UP", "PoseMaker", "placed"]

STANDING_X, STANDING_Z = 0.055, -0.018  # of the feet of a standing `Posture`
N_ROUNDS = 3  # the shoulders rise with the arms
SIGNS = (1.0, -1.0)

UP = ((0.12, 1.0, 0.05), (-0.12, 1.0, 0.05))
SIDE = ((1.0, 0.0, 0.05), (-1.0, 0.0, 0.05))
AHEAD = ((0.1, 0.0, 1.0), (-0.1, 0.0, 1.0))
"""Directions of both arms, in chest axes."""

Pair = tuple["Vector | None", "Vector | None"]
PoseMaker = Callable[["Figure", np.random.Generator], Posture]
"""A function that makes a posture of a figure, different with every random number."""


def placed(
    figure: Figure,
    *,
    hips: Vector | None = None,
    feet: tuple[Vector, Vector] | None = None,
    hands: Pair = (None, None),
    elbows: tuple[Vector, Vector] = ((0.4, -0.3, -1.0), (-0.4, -0.3, -1.0)),
    **others: Any,
) -> Posture:
    """Return a posture with its hips, feet and wrists at given places.

    The axes are the person's own, x to the left, y up from the floor, z forward; the unit is the
    body height, so that the posture suits every figure. In pairs, left comes first.

    Parameters
    ----------
    figure : Figure
    hips : Vector, optional
        Middle of the hips; standing height by default.
    feet : pair of Vector, optional
        Ankles, but y is the height of the lowest point of the sole.
    hands : pair of Vector or None
        Wrists; None leaves an arm as in `others`. A place out of reach is approached.
    elbows : pair of Vector
        Directions to which the elbows bend.
    **others
        Fields of `Posture`.
    """
    height = figure.height_m
    values: dict[str, Any] = dict(others)
    if hips is not None:
        x, y, z = hips
        values["hips"] = (x * height, y * height - figure.hip_height_m, z * height)
    if feet is not None:
        values["feet"] = tuple(
            ((x - sign * STANDING_X) * height, lift * height, (z - STANDING_Z) * height)
            for sign, (x, lift, z) in zip(SIGNS, feet, strict=True)
        )
    posture = Posture(**values)
    for _ in range(N_ROUNDS if any(hand is not None for hand in hands) else 0):
        posture = _reaching(figure, posture, hands, elbows)
    return posture


def _reaching(
    figure: Figure, posture: Posture, hands: Pair, elbows: tuple[Vector, Vector]
) -> Posture:
    body = body_from_posture(figure, posture)
    upper_arms, forearms = list(posture.upper_arms), list(posture.forearms)
    for i, (hand, toward, shoulder) in enumerate(
        zip(hands, elbows, body.pair("shoulder"), strict=True)
    ):
        if hand is not None:
            end = np.array(hand) * figure.height_m
            lengths = figure.upper_arm_m, figure.forearm_m
            elbow, wrist = bent_limb(shoulder, end, np.array(toward), *lengths)
            upper_arms[i] = tuple(((elbow - shoulder) @ body.chest).tolist())
            forearms[i] = tuple(((wrist - elbow) @ body.chest).tolist())
    return replace(
        posture,
        upper_arms=(upper_arms[0], upper_arms[1]),
        forearms=(forearms[0], forearms[1]),
    )
