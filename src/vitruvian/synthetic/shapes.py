"""Shapes: the rounded cones of which a body consists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitruvian.synthetic.body import Body
    from vitruvian.synthetic.figure import Rgb

__all__ = ["Shapes", "shapes_of_body"]

Array = NDArray[np.float64]

BLEND = 0.006  # of the body height: width over which neighbouring cones blend


@dataclass(frozen=True, slots=True)
class Cone:
    """A rounded cone: two balls and the cone that touches both, flattened along one direction.

    Attributes
    ----------
    a, b : (3,) array, m
        Centres of the balls.
    radii : (float, float), m
        Radii of the balls.
    rgb : tuple of int
        Colour, 0 to 255.
    thin : (3,) array
        Unit direction along which the shape is `thinness` times as thick.
    thinness : float
        Greater than 0, up to 1; 1 is round.
    """

    a: Array
    b: Array
    radii: tuple[float, float]
    rgb: Rgb
    thin: Array
    thinness: float


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """All cones of one body as arrays, one row per cone.

    Attributes
    ----------
    a, b : (n, 3) float32 array, m
        Centres of the balls.
    radii : (n, 2) float32 array, m
        Radii of the balls.
    thin : (n, 3) float32 array
        Unit directions along which the cones are flattened.
    thinness : (n,) float32 array
        Thickness along `thin` relative to a round cone; greater than 0, up to 1.
    rgb : (n, 3) float32 array
        Colours, 0 to 1.
    blend_m : float
        Width over which neighbouring cones blend.
    """

    a: NDArray[np.floating]
    b: NDArray[np.floating]
    radii: NDArray[np.floating]
    thin: NDArray[np.floating]
    thinness: NDArray[np.floating]
    rgb: NDArray[np.floating]
    blend_m: float


def shapes_of_body(body: Body) -> Shapes:
    """Return the cones of `body` with skin, hair and clothes, in scene axes."""
    height = body.figure.height_m
    cones = [*_trunk(body), *_head(body)]
    for i in range(2):
        cones += [*_arm(body, i), *_leg(body, i)]

    def column(name: str) -> NDArray[np.float32]:
        return np.array([getattr(cone, name) for cone in cones], np.float32)

    return Shapes(
        a=column("a"),
        b=column("b"),
        radii=column("radii") * np.float32(height),
        thin=column("thin"),
        thinness=column("thinness"),
        rgb=column("rgb") / np.float32(255),
        blend_m=BLEND * height,
    )


# The numbers below are body heights. Those that are not landmarks were fitted by eye and to the
# results of the landmark network on the images.


def _trunk(body: Body) -> Iterator[Cone]:
    clothes, height, girth = body.figure.clothes, body.figure.height_m, body.figure.girth
    shirt, breadth = clothes.shirt, girth * body.figure.shoulder_ratio
    hips, shoulders = (np.mean(body.pair(name), axis=0) for name in ("hip", "shoulder"))
    collar = body.neck[0]
    up, front = body.chest[:, 1] * height, body.chest[:, 2]
    rise, back = body.pelvis[:, 1] * height, body.pelvis[:, 2]

    ribs = collar - up * 0.105 + front * 0.004 * height
    hem, belt, seat = (hips + rise * y - back * 0.004 * height for y in (0.074, 0.046, 0.014))
    yield Cone(ribs, hem, (0.086 * breadth, 0.080 * girth), shirt, front, 0.68)
    yield Cone(belt, seat, (0.079 * girth, 0.084 * girth), clothes.trousers, back, 0.72)
    yield Cone(collar - up * 0.05, collar - up * 0.022, (0.052, 0.042), shirt, front, 0.92)
    for joint in body.pair("shoulder"):
        inner, outer = (
            shoulders + (joint - shoulders) * share - up * drop
            for share, drop in ((0.45, 0.035), (0.8, 0.03))
        )
        yield Cone(inner, outer, (0.052 * breadth, 0.040 * breadth), shirt, front, 0.95)
        slope = collar + (joint - collar) * 0.22 - up * 0.002, joint - up * 0.006
        yield Cone(*slope, (0.027 * girth, 0.026 * girth), shirt, front, 0.9)


def _head(body: Body) -> Iterator[Cone]:
    clothes, height = body.figure.clothes, body.figure.height_m
    left = body.head[:, 0]
    neck, joint = body.neck
    skin, hair = clothes.skin, clothes.hair
    ear = (round(skin[0] * 0.97), round(skin[1] * 0.92), round(skin[2] * 0.92))

    def at(x: float, y: float, z: float) -> Array:
        point: Array = joint + body.head @ (x, y, z) * height
        return point

    yield Cone(neck, at(0, 0.025, 0.004), (0.034, 0.032), skin, left, 1.0)
    yield Cone(at(0, 0.064, 0.008), at(0, 0.008, 0.034), (0.050, 0.025), skin, left, 0.86)  # face
    yield Cone(at(0, 0.066, -0.016), at(0, 0.06, 0.006), (0.053, 0.050), skin, left, 0.84)  # skull
    yield Cone(at(0, 0.060, 0.054), at(0, 0.041, 0.066), (0.006, 0.0085), skin, left, 1.0)  # nose
    yield Cone(at(0, 0.080, -0.014), at(0, 0.091, 0.013), (0.049, 0.034), hair, left, 0.9)
    yield Cone(at(0, 0.073, -0.019), at(0, 0.045, -0.026), (0.055, 0.045), hair, left, 0.89)
    for x in (-0.049, 0.049):
        top, lobe = at(x * 1.03, 0.060, -0.004), at(x * 0.96, 0.044, 0.0)
        yield Cone(top, lobe, (0.0085, 0.0055), ear, left, 0.55)


def _arm(body: Body, i: int) -> Iterator[Cone]:
    figure, skin, shirt = body.figure, body.figure.clothes.skin, body.figure.clothes.shirt
    girth, sleeves = figure.girth, figure.clothes.sleeves
    shoulder, elbow, wrist = (body.pair(name)[i] for name in ("shoulder", "elbow", "wrist"))
    palm = body.hands[i][:, 2]

    def at(fingers: float, thumb: float, inward: float) -> Array:
        point: Array = wrist + body.hands[i] @ (fingers, thumb, inward) * figure.height_m
        return point

    deltoid = shoulder + (elbow - shoulder) * 0.03
    yield from _limb(deltoid, elbow, (0.0255 * girth, 0.0215 * girth), skin, shirt, sleeves)
    yield from _limb(elbow, wrist, (0.0225 * girth, 0.0150 * girth), skin, shirt, sleeves - 1)
    yield Cone(at(0.014, 0, 0), at(0.042, 0, 0), (0.017, 0.023), skin, palm, 0.55)
    for across, tip in ((0.010, 0.094), (-0.011, 0.086)):  # two fingers each
        knuckle, tips = at(0.05, across, 0), at(tip, across, 0.010)
        yield Cone(knuckle, tips, (0.0115, 0.009), skin, palm, 0.75)
    thumb = at(0.018, 0.012, 0), at(0.050, 0.032, 0.010)
    yield Cone(*thumb, (0.010, 0.0075), skin, palm, 1.0)


def _leg(body: Body, i: int) -> Iterator[Cone]:
    figure, clothes = body.figure, body.figure.clothes
    height, girth = figure.height_m, figure.girth
    hip, knee, ankle = (body.pair(name)[i] for name in ("hip", "knee", "ankle"))
    left, up, front = body.feet[i].T
    cloth = clothes.skin, clothes.trousers

    thigh = hip + left * (-0.006, 0.006)[i] * height
    calf = knee + (ankle - knee) * 0.30 - front * 0.008 * height
    yield from _limb(thigh, knee, (0.053 * girth, 0.033 * girth), *cloth, clothes.legs)
    yield from _limb(knee, ankle, (0.033 * girth, 0.0215 * girth), *cloth, clothes.legs - 1)
    yield from _limb(calf, ankle, (0.034 * girth, 0.0195 * girth), *cloth, clothes.legs - 1)

    def sole(y: float, z: float) -> Array:
        point: Array = ankle + body.feet[i] @ (0.0, y * height - figure.ankle_m, z * height)
        return point

    shoes = clothes.shoes
    yield Cone(sole(0.030, -0.010), sole(0.022, 0.078), (0.028, 0.029), shoes, up, 0.76)
    yield Cone(sole(0.020, 0.066), sole(0.015, 0.098), (0.029, 0.021), shoes, up, 0.68)
    yield Cone(sole(0.048, 0.0), sole(0.028, 0.05), (0.027, 0.025), shoes, up, 0.95)


def _limb(
    a: Array, b: Array, radii: tuple[float, float], skin: Rgb, cloth: Rgb, covered: float
) -> Iterator[Cone]:
    """Yield a limb from `a` to `b`, and slightly wider cloth over its `covered` part."""
    across = np.array([1.0, 0.0, 0.0])
    yield Cone(a, b, radii, skin, across, 1.0)
    if covered > 0:
        share = min(covered, 1.0)
        low = radii[0] + (radii[1] - radii[0]) * share
        end = a + (b - a) * share
        yield Cone(a, end, (radii[0] + 0.003, low + 0.006), cloth, across, 1.0)
