"""Shapes: the rounded cones that a body is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vitruvian.synthetic.body import Body

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Shapes", "shapes_of_body"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cone:
    """Two balls and the cone that touches both, made thinner along one direction.

    Attributes
    ----------
    a, b : (3,) array, m
        Centres of the balls.
    radius_a, radius_b : float, m
        Their radii.
    rgb : tuple of float
        Colour, 0 to 255.
    thin : (3,) array
        Unit direction along which the shape is `thinness` times as thick.
    thinness : float
        From above 0 to 1; 1 is round.
    """

    a: Array
    b: Array
    radius_a: float
    radius_b: float
    rgb: tuple[int, int, int]
    thin: Array
    thinness: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """All cones of one body as arrays, one row a cone; scene axes, m.

    Attributes
    ----------
    a, b, thin : (n, 3) float32 array
    radii : (n, 2) float32 array
    thinness : (n,) float32 array
    rgb : (n, 3) float32 array, 0 to 1
    blend_m : float
        Width over which neighbouring cones melt into each other.
    """

    a: NDArray[np.float32]
    b: NDArray[np.float32]
    thin: NDArray[np.float32]
    radii: NDArray[np.float32]
    thinness: NDArray[np.float32]
    rgb: NDArray[np.float32]
    blend_m: float


def shapes_of_body(body: Body) -> Shapes:
    """Return the cones that make up `body`, skin and clothes."""
    cones = [*_trunk(body), *_head(body)]
    for i in range(2):
        cones += [*_arm(body, i), *_leg(body, i)]

    def stacked(name: str) -> NDArray[np.float32]:
        return np.array([getattr(cone, name) for cone in cones], np.float32)

    return Shapes(
        a=stacked("a"),
        b=stacked("b"),
        thin=stacked("thin"),
        radii=np.stack([stacked("radius_a"), stacked("radius_b")], axis=1),
        thinness=stacked("thinness"),
        rgb=stacked("rgb") / np.float32(255),
        blend_m=0.006 * body.figure.height_m,
    )


def _trunk(body: Body) -> Iterator[Cone]:
    clothes, height = body.figure.clothes, body.figure.height_m
    wide = body.figure.girth * height
    hips, shoulders = (np.mean(body.pair(name), axis=0) for name in ("hip", "shoulder"))
    collar = body.neck[0]
    up, out = body.chest[:, 1], body.chest[:, 0] * body.figure.shoulder_ratio
    front, back = body.chest[:, 2], body.pelvis[:, 2]
    waist = hips + body.pelvis[:, 1] * 0.075 * height
    ribs = waist + (collar - waist) * 0.45 + front * 0.004 * height
    for side in (-1.0, 1.0):
        # Two upright cones beside each other are broader and flatter than one.
        yield Cone(
            ribs + side * out * 0.036 * height + up * 0.055 * height,
            waist + side * body.pelvis[:, 0] * 0.026 * height,
            0.056 * wide, 0.050 * wide, clothes.shirt, front, 0.95,
        )  # fmt: skip
        yield Cone(
            waist + side * body.pelvis[:, 0] * 0.028 * height,
            hips + side * body.pelvis[:, 0] * 0.034 * height - body.pelvis[:, 1] * 0.004 * height
            - back * 0.006 * height,
            0.048 * wide, 0.060 * wide, clothes.trousers if side else clothes.shirt, back, 0.98,
        )  # fmt: skip
    for side, shoulder in zip((1.0, -1.0), body.pair("shoulder")):
        # From the neck down to the shoulder, and the upper chest below it.
        yield Cone(
            collar - up * 0.012 * height, shoulder - up * 0.004 * height,
            0.034 * wide, 0.030 * wide, clothes.shirt, front, 0.9,
        )  # fmt: skip
        yield Cone(
            shoulders + side * out * 0.03 * height - up * 0.03 * height,
            shoulder - side * out * 0.022 * height - up * 0.04 * height,
            0.055 * wide, 0.045 * wide, clothes.shirt, front, 0.95,
        )  # fmt: skip


def _head(body: Body) -> Iterator[Cone]:
    clothes, height = body.figure.clothes, body.figure.height_m
    left, up, front = body.head.T
    neck, joint = body.neck

    def at(x: float, y: float, z: float) -> Array:
        point: Array = joint + (left * x + up * y + front * z) * height
        return point

    def cone(a: Array, b: Array, radii: tuple[float, float], rgb: tuple[int, int, int],
             thin: Array = left, thinness: float = 1.0) -> Cone:  # fmt: skip
        return Cone(a, b, radii[0] * height, radii[1] * height, rgb, thin, thinness)

    skin = clothes.skin
    yield cone(neck - up * 0.01 * height, at(0, 0.025, 0.004), (0.035, 0.032), skin)
    yield cone(at(0, 0.064, 0.008), at(0, 0.008, 0.034), (0.050, 0.025), skin, left, 0.86)  # face
    yield cone(at(0, 0.066, -0.016), at(0, 0.060, 0.006), (0.053, 0.050), skin, left, 0.84)  # skull
    yield cone(at(0, 0.060, 0.052), at(0, 0.042, 0.063), (0.006, 0.009), skin)  # nose
    for side in (-1.0, 1.0):
        yield cone(at(side * 0.043, 0.062, -0.006), at(side * 0.043, 0.042, -0.002),
                   (0.012, 0.008), skin, left, 0.45)  # fmt: skip
    hair = clothes.hair
    yield cone(at(0, 0.078, -0.012), at(0, 0.082, 0.012), (0.051, 0.043), hair, left, 0.88)
    yield cone(at(0, 0.076, -0.020), at(0, 0.044, -0.024), (0.051, 0.042), hair, left, 0.88)


def _arm(body: Body, i: int) -> Iterator[Cone]:
    figure, clothes = body.figure, body.figure.clothes
    height, wide = figure.height_m, figure.girth * figure.height_m
    shoulder, elbow, wrist = (body.pair(name)[i] for name in ("shoulder", "elbow", "wrist"))
    fingers, thumb, palm = body.hands[i].T
    skin, shirt = clothes.skin, clothes.shirt
    round_ = body.chest[:, 2]

    def limb(a: Array, b: Array, radii: tuple[float, float], covered: float) -> Iterator[Cone]:
        yield Cone(a, b, radii[0] * wide, radii[1] * wide, skin, round_)
        if covered > 0:
            share = min(covered, 1.0)
            end = a + (b - a) * share
            low = radii[0] + (radii[1] - radii[0]) * share
            yield Cone(a, end, radii[0] * wide + 0.004 * height, low * wide + 0.006 * height,
                       shirt, round_)  # fmt: skip

    yield from limb(shoulder, elbow, (0.0285, 0.0215), clothes.sleeves)
    yield from limb(elbow, wrist, (0.0225, 0.0150), clothes.sleeves - 1)
    # Palm, two pairs of fingers, thumb.
    yield Cone(wrist + fingers * 0.014 * height, wrist + fingers * 0.042 * height,
               0.017 * height, 0.023 * height, skin, palm, 0.55)  # fmt: skip
    for offset, length in ((0.010, 0.094), (-0.011, 0.086)):
        yield Cone(wrist + (fingers * 0.05 + thumb * offset) * height,
                   wrist + (fingers * length + thumb * offset + palm * 0.010) * height,
                   0.0115 * height, 0.009 * height, skin, palm, 0.75)  # fmt: skip
    yield Cone(wrist + (fingers * 0.018 + thumb * 0.012) * height,
               wrist + (fingers * 0.050 + thumb * 0.032 + palm * 0.010) * height,
               0.010 * height, 0.0075 * height, skin, palm)  # fmt: skip


def _leg(body: Body, i: int) -> Iterator[Cone]:
    figure, clothes = body.figure, body.figure.clothes
    height, wide = figure.height_m, figure.girth * figure.height_m
    hip, knee, ankle = (body.pair(name)[i] for name in ("hip", "knee", "ankle"))
    left, up, front = body.feet[i].T
    inward = left * (-0.006, 0.006)[i] * height
    calf = knee + (ankle - knee) * 0.30 - front * 0.008 * height

    def limb(a: Array, b: Array, radii: tuple[float, float], covered: float) -> Iterator[Cone]:
        yield Cone(a, b, radii[0] * wide, radii[1] * wide, clothes.skin, left)
        if covered > 0:
            share = min(covered, 1.0)
            low = radii[0] + (radii[1] - radii[0]) * share
            yield Cone(a, a + (b - a) * share, radii[0] * wide + 0.003 * height,
                       low * wide + 0.005 * height, clothes.trousers, left)  # fmt: skip

    yield from limb(hip + inward, knee, (0.053, 0.033), clothes.legs)
    yield from limb(knee, ankle, (0.033, 0.0215), clothes.legs - 1)
    yield from limb(calf, ankle, (0.034, 0.0195), clothes.legs - 1)
    sole = ankle - up * figure.ankle_m

    def shoe(a: ArrayLike, b: ArrayLike, radii: tuple[float, float], thinness: float) -> Cone:
        ends = (sole + body.feet[i] @ np.array(p) * height for p in (a, b))
        return Cone(*ends, radii[0] * height, radii[1] * height, clothes.shoes, up, thinness)

    yield shoe((0, 0.024, -0.012), (0, 0.017, 0.080), (0.026, 0.028), 0.62)
    yield shoe((0, 0.017, 0.070), (0, 0.013, 0.098), (0.028, 0.020), 0.6)
    yield shoe((0, 0.040, 0.002), (0, 0.024, 0.050), (0.026, 0.024), 0.9)
