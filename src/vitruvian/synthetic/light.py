"""Light: shading and soft shadows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from vitruvian.synthetic.posture import Vector
    from vitruvian.synthetic.shapes import Shapes

__all__ = ["Light", "shadow"]

Floats = NDArray[np.floating]

WRAP = np.float32(0.3)  # an extended lamp also lights surfaces that face slightly away from it


@dataclass(frozen=True, slots=True)
class Light:
    """A distant lamp and ambient light.

    Attributes
    ----------
    direction : Vector
        From the scene toward the lamp, scene axes, of any length.
    strength, ambient : float
        Brightness, 1 is white: of a white surface that faces the lamp, and of one that faces the
        floor in full shadow.
    softness : float
        Width of a shadow's edge relative to the distance from the occluder.
    """

    direction: Vector = (0.45, 1.0, 0.75)
    strength: float = 0.75
    ambient: float = 0.42
    softness: float = 0.16

    @property
    def unit(self) -> Floats:
        """(3,) array: `direction` with length 1."""
        vector = np.array(self.direction, np.float32)
        unit: Floats = vector / np.linalg.norm(vector)
        return unit

    def shaded(self, rgb: Floats, normals: Floats, lit: Floats) -> Floats:
        """Return the shaded colours (n, 3) of surfaces, sRGB 0 to 1.

        Parameters
        ----------
        rgb, normals : (n, 3) float32 array
            Colours under white light, sRGB 0 to 1, and unit normals in scene axes.
        lit : (n,) float32 array
            Fraction of the lamp's light that reaches each point, 0 to 1.
        """
        facing = np.maximum(normals @ self.unit + WRAP, 0) / (1 + WRAP)
        facing = facing * (lit * np.float32(self.strength))
        sky = np.float32(self.ambient) * (1 + np.float32(0.35) * normals[:, 1])
        linear = rgb**2 * (facing + sky)[:, None]
        return np.sqrt(np.minimum(linear, 1))


def shadow(points: Floats, shapes: Shapes, light: Light) -> Floats:
    """Return the fraction of the lamp's light that the body lets through to each point, (n,).

    Parameters
    ----------
    points : (n, 3) float32 array, m
        In the axes of `shapes`.
    shapes : Shapes
        The body, in scene axes.
    light : Light
        Direction of the lamp and softness of its shadows.
    """
    lit = np.ones(len(points), np.float32)
    toward = light.unit
    center = (shapes.a.mean(axis=0) + shapes.b.mean(axis=0)) / 2
    ends = np.concatenate([shapes.a, shapes.b])
    size = float(np.linalg.norm(ends - center, axis=1).max()) + 0.2
    offset = points - center
    ahead = offset @ toward
    apart = np.einsum("ij,ij->i", offset, offset) - ahead**2
    near = np.flatnonzero((apart < (1.3 * size) ** 2) & (ahead < size))
    if near.size == 0:
        return lit
    p = points[near]
    p_along = p @ toward
    p_square = np.einsum("ij,ij->i", p, p)
    open_ = np.ones(near.size, np.float32)
    for a, b, (ra, rb) in zip(shapes.a, shapes.b, shapes.radii, strict=True):
        ba = b - a
        lift = ba @ toward
        # q = a - p; the closest approach of the ray p + t * toward to the segment from a to b.
        q_along = a @ toward - p_along
        q_ba = a @ ba - p @ ba
        slope = max(float(ba @ ba - lift * lift), 1e-9)
        s = np.clip((q_along * lift - q_ba) / slope, 0, 1)
        t = q_along + s * lift
        square = (a @ a - 2 * (p @ a) + p_square) + s * (2 * q_ba + s * (ba @ ba)) - t**2
        gap = np.sqrt(np.maximum(square, 0)) - (ra + s * (rb - ra))
        edge = np.float32(0.012) + np.float32(light.softness) * np.maximum(t, 0)
        seen = np.clip(0.5 + gap / edge, 0, 1)
        seen = np.maximum(seen, np.clip(1.6 - t / 0.04, 0, 1))  # not from its own part
        open_ = np.minimum(open_, seen)
    lit[near] = open_ * open_ * (3 - 2 * open_)
    return lit
