"""The figure of animation files: a mannequin of smooth parts and joints, sized to the bones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.analysis.rig import BONES
from vitruvian.export.tubes import Tube, curve, mesh_of, with_domes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from vitruvian.export.tubes import Mesh

    Floats = NDArray[np.float64]

__all__ = ["COLOURS", "mannequin"]

COLOURS = {"body": (0.80, 0.82, 0.85), "joints": (0.035, 0.20, 0.30)}
"""Linear red, green and blue, 0 to 1."""

LEG_M = 0.80  # thigh and shank of the person who has the thicknesses below
MIN_SIZE = 0.1


def mannequin(offsets: Floats, joints: Floats, *, foot_height_m: float) -> Mesh:
    """Return the figure for bones in the rest pose.

    Parameters
    ----------
    offsets : (21, 3) array, m
        Of the joints from their parents.
    joints : (21, 3) array, m
        The joints themselves.
    foot_height_m : float
        Height of the joint of the toes above the sole.
    """
    legs = -offsets[BONES.index("leftLowerLeg"), 1] - offsets[BONES.index("leftFoot"), 1]
    size = max(float(legs) / LEG_M, MIN_SIZE)
    tubes = [*_trunk(offsets, size), *_head(offsets, size)]
    for side, sign in (("left", 1.0), ("right", -1.0)):
        tubes += _arm(offsets, size, side, sign)
        tubes += _leg(offsets, size, side)
        tubes += _foot(offsets, size, side, foot_height_m)
    return mesh_of(tubes, joints)


def _trunk(offsets: Floats, size: float) -> Iterator[Tube]:
    trunk = float(offsets[1:4, 1].sum())
    hips = float(offsets[BONES.index("leftUpperLeg"), 0])
    shoulders = float(offsets[5:7, 0].sum())
    rows = [  # height in trunk lengths; half width and half depth, m
        (-0.15, 0.55 * hips, 0.062 * size),
        (-0.11, 0.85 * hips, 0.080 * size),
        (-0.02, hips + 0.058 * size, 0.094 * size),
        (0.10, hips + 0.052 * size, 0.092 * size),
        (0.28, 0.115 * size, 0.082 * size),
        (0.36, 0.115 * size, 0.084 * size),
        (0.55, 0.132 * size, 0.098 * size),
        (0.76, 0.90 * shoulders, 0.104 * size),
        (0.90, 0.95 * shoulders, 0.092 * size),
        (1.00, 0.78 * shoulders, 0.074 * size),
        (1.07, 0.38 * shoulders, 0.056 * size),
    ]
    rings = curve([(trunk * y, 0, 0, x, z) for y, x, z in rows])
    spine = np.clip((rings[:, 0] / trunk - 0.05) / 0.2, 0, 1)
    chest = np.clip((rings[:, 0] / trunk - 0.42) / 0.25, 0, 1)
    weights = {0: 1 - spine, 1: spine * (1 - chest), 2: spine * chest}
    waist = [int(np.argmin(np.abs(rings[:, 0] - trunk * y))) for y in (0.28, 0.36)]
    for first, last, start, end, colour in (
        (0, waist[0], 0.03 * size, 0, "body"),
        (waist[0], waist[1], 0, 0, "joints"),
        (waist[1], len(rings) - 1, 0, 0.02 * size, "body"),
    ):
        part = slice(first, last + 1)
        of_part, shares = with_domes(
            rings[part], {bone: w[part] for bone, w in weights.items()}, start=start, end=end
        )
        yield Tube(
            bone=0, axis=1, rings=of_part, weights=shares, colour=colour, n_sides=18, roundness=2.4
        )


def _head(offsets: Floats, size: float) -> Iterator[Tube]:
    neck, head = BONES.index("neck"), BONES.index("head")
    up = float(offsets[head, 1])
    column = curve([
        (-0.03 * size, 0, 0, 0.058 * size, 0.052 * size),
        (0.4 * up, 0, 0.004, 0.046 * size, 0.047 * size),
        (up + 0.03 * size, 0, 0.016, 0.046 * size, 0.048 * size),
    ])  # fmt: skip
    yield Tube(
        bone=neck, axis=1, rings=column, weights=_all(neck, column), colour="joints", n_sides=14
    )
    rows = [  # height, place ahead, half width, half depth, m
        (-0.030, 0.040, 0.026, 0.028),
        (-0.015, 0.034, 0.045, 0.052),
        (0.020, 0.022, 0.061, 0.077),
        (0.070, 0.010, 0.071, 0.093),
        (0.120, 0.003, 0.074, 0.098),
        (0.165, -0.002, 0.064, 0.084),
        (0.190, -0.004, 0.042, 0.056),
    ]
    skull = curve(size * np.array([(y, 0, z, rx, rz) for y, z, rx, rz in rows]))
    skull, weights = with_domes(skull, _all(head, skull), start=0.012 * size, end=0.018 * size)
    yield Tube(bone=head, axis=1, rings=skull, weights=weights, colour="body", n_sides=18)
    visor = curve(
        size * np.array([(0.062, 0, 0.017, 0.068, 0.092), (0.115, 0, 0.0115, 0.073, 0.096)])
    )
    yield Tube(
        bone=head, axis=1, rings=visor, weights=_all(head, visor), colour="joints", is_front=True
    )


def _arm(offsets: Floats, size: float, side: str, sign: float) -> Iterator[Tube]:
    names = ("Shoulder", "UpperArm", "LowerArm", "Hand")
    shoulder, upper, lower, hand = (BONES.index(side + part) for part in names)
    for bone, end, rows in (  # place in lengths; radius, m
        (shoulder, upper, ((0.10, 0.046), (0.90, 0.047))),
        (upper, lower, ((0.10, 0.047), (0.30, 0.049), (0.62, 0.042), (0.90, 0.036))),
        (lower, hand, ((0.10, 0.036), (0.28, 0.040), (0.65, 0.032), (0.92, 0.025))),
    ):
        length = abs(float(offsets[end, 0]))
        yield _limb(bone, 0, sign, [(length * t, 0, 0, size * r, size * r) for t, r in rows])
    for bone, radius in ((upper, 0.053), (lower, 0.038), (hand, 0.027)):
        yield _ball(bone, size * radius)
    palm = [  # place along the hand, half thickness, half width, m
        (0.020, 0.017, 0.026),
        (0.065, 0.016, 0.040),
        (0.110, 0.012, 0.039),
        (0.155, 0.009, 0.028),
    ]
    yield _limb(hand, 0, sign, [(size * x, 0, 0, size * y, size * z) for x, y, z in palm])
    thumb = [(0.030, 0.022, 0.013), (0.055, 0.046, 0.013), (0.085, 0.060, 0.011)]
    rings = [(size * x, -0.004 * size, size * z, size * r, size * r) for x, z, r in thumb]
    yield _limb(hand, 0, sign, rings)


def _leg(offsets: Floats, size: float, side: str) -> Iterator[Tube]:
    upper, lower, foot = (BONES.index(side + part) for part in ("UpperLeg", "LowerLeg", "Foot"))
    thigh = ((0.10, 0.0, 0.076), (0.30, 0.0, 0.077), (0.62, 0.0, 0.063), (0.92, 0.0, 0.050))
    shank = ((0.09, 0.0, 0.048), (0.28, -0.010, 0.053), (0.62, -0.006, 0.042), (0.93, 0.0, 0.033))
    for bone, end, rows in ((upper, lower, thigh), (lower, foot, shank)):
        length = abs(float(offsets[end, 1]))
        rings = [(length * t, 0, size * z, size * r, size * r) for t, z, r in rows]
        yield _limb(bone, 1, -1.0, rings)
    for bone, radius in ((lower, 0.052), (foot, 0.036)):
        yield _ball(bone, size * radius)


def _foot(offsets: Floats, size: float, side: str, foot_height_m: float) -> Iterator[Tube]:
    foot, toes = BONES.index(f"{side}Foot"), BONES.index(f"{side}Toes")
    sole, ball = float(offsets[toes, 1]) - foot_height_m, float(offsets[toes, 2])
    rows = [  # place ahead; height and half width, m
        (-0.055 * size, 0.052, 0.027),
        (-0.020 * size, 0.070, 0.033),
        (0.30 * ball, 0.072, 0.036),
        (0.75 * ball, 0.050, 0.043),
        (1.05 * ball, 0.038, 0.045),
        (ball + 0.045 * size, 0.028, 0.036),
    ]
    rings = curve([(z, 0, sole + size * h / 2, size * x, size * h / 2) for z, h, x in rows])
    bend = np.clip((rings[:, 0] - 0.85 * ball) / (0.2 * ball), 0, 1)
    weights = {foot: 1 - bend, toes: bend}
    rings, weights = with_domes(rings, weights, start=0.016 * size, end=0.020 * size)
    yield Tube(
        bone=foot, axis=2, rings=rings, weights=weights, colour="body", n_sides=12, roundness=2.8
    )


def _limb(bone: int, axis: int, sign: float, sections: Sequence[Sequence[float]]) -> Tube:
    """Return a part with round ends that follows one bone."""
    rings = curve(sections)
    start, end = (0.7 * float(rings[i, 3]) for i in (0, -1))
    rings, weights = with_domes(rings, _all(bone, rings), start=start, end=end)
    return Tube(bone=bone, axis=axis, sign=sign, rings=rings, weights=weights, colour="body")


def _ball(bone: int, radius: float) -> Tube:
    angles = np.linspace(0, np.pi, 7)
    rings = np.zeros((7, 5))
    rings[:, 0] = -radius * np.cos(angles)
    rings[1:-1, 3:] = radius * np.sin(angles)[1:-1, None]
    return Tube(bone=bone, axis=1, rings=rings, weights=_all(bone, rings), colour="joints")


def _all(bone: int, rings: Floats) -> dict[int, Floats]:
    """Return the weights of a part that follows one bone."""
    return {bone: np.ones(len(rings))}
