"""Render: intersection of rays with the cones of a body, by sphere tracing.

The cones are blended by ``-k log(sum(exp(-distance / k)))``. Along a ray from the camera at the
origin, every quantity in the distance to a cone is linear or quadratic in the ray parameter. A
ray and a cone close to it, a *pair*, are therefore nine numbers, and one step of all rays is a
few operations on flat arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from vitruvian.synthetic.shapes import Shapes

__all__ = ["Hits", "hits_of_rays"]

Floats = NDArray[np.floating]
Ints = NDArray[np.intp]

MAX_STEPS = 80
NEAR_M = np.float32(0.05)
TOLERANCE_M = 1e-3  # a smaller distance is a hit
REACH = 4.0  # blend widths beyond which a cone has no influence on a surface


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """The points where rays hit a body.

    Attributes
    ----------
    pixels : (n,) int array
        Flat indices of the pixels whose rays hit.
    points, normals : (n, 3) float32 array
        Hit points, in camera axes, m, and the outward normals there.
    rgb : (n, 3) float32 array, 0 to 1
        Colour of the surface.
    """

    pixels: Ints
    points: Floats
    normals: Floats
    rgb: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Rays and the cones near them, sorted by ray. One column per pair."""

    ray: Ints  # (m,) index of the ray
    cone: Ints  # (m,) index of the cone
    terms: Floats  # (9, m): coefficients for `_distances`
    scale: Floats  # (m,) scene length of a unit length in the stretched space

    def kept(self, keep_ray: NDArray[np.bool_]) -> _Pairs:
        """Return the pairs of the rays to keep."""
        keep, renumber = keep_ray[self.ray], np.cumsum(keep_ray) - 1
        return _Pairs(
            renumber[self.ray[keep]], self.cone[keep], self.terms[:, keep], self.scale[keep]
        )

    @property
    def starts(self) -> Ints:
        """Index of the first pair of each ray."""
        return np.flatnonzero(np.diff(self.ray, prepend=-1))


def hits_of_rays(shapes: Shapes, directions: Floats) -> Hits:
    """Return where the rays from the origin hit the body.

    Parameters
    ----------
    shapes : Shapes
        The cones, in camera axes.
    directions : (H, W, 3) float32 array
        Unit direction of the ray of each pixel, in camera axes; z is positive.
    """
    flat = directions.reshape(-1, 3)
    pixel, cone, near, far = _close_pairs(shapes, directions)
    if pixel.size == 0:
        return Hits(np.empty(0, np.intp), *(np.empty((0, 3), np.float32) for _ in range(3)))
    pixels, ray = np.unique(pixel, return_inverse=True)
    rays = flat[pixels]
    pairs = _pairs(shapes, rays, ray.astype(np.intp), cone)
    starts = pairs.starts
    t = np.maximum(np.minimum.reduceat(near, starts), NEAR_M)
    end = np.maximum.reduceat(far, starts)
    t, hit = _marched(pairs, t, end, shapes.blend_m)
    pairs = pairs.kept(hit)
    points = rays[hit] * t[hit, None]
    normals, rgb = _surface(shapes, pairs, points, t[hit])
    return Hits(pixels[hit], points, normals, rgb)


def _close_pairs(shapes: Shapes, directions: Floats) -> tuple[Ints, Ints, Floats, Floats]:
    """Return pixel, cone, nearest and farthest distance along the ray, for rays close to a cone."""
    w = directions.shape[1]
    slope_x, slope_y = (directions[..., i] / directions[..., 2] for i in (0, 1))
    xs, ys = slope_x[0], slope_y[:, 0]
    found = []
    margin = np.float32(REACH * shapes.blend_m)
    for j in range(len(shapes.a)):
        a, b, (ra, rb) = shapes.a[j], shapes.b[j], shapes.radii[j] + margin
        span = _slopes_of_balls(a, b, ra, rb)
        if span is None:
            continue
        x0, x1 = np.searchsorted(xs, (span[0], span[1]))
        y0, y1 = np.searchsorted(ys, (span[2], span[3]))
        if x0 == x1 or y0 == y1:
            continue
        d = directions[y0:y1, x0:x1].reshape(-1, 3)
        ba = b - a
        da, dba = d @ a, d @ ba
        along = np.clip((da * dba - a @ ba) / np.maximum(ba @ ba - dba * dba, 1e-9), 0.0, 1.0)
        nearest = a @ a + along * (2 * (a @ ba) + along * (ba @ ba)) - (da + along * dba) ** 2
        inside = np.flatnonzero(nearest < (ra + along * (rb - ra)) ** 2)
        row, column = np.divmod(inside, x1 - x0)
        ends = np.stack([da[inside], da[inside] + dba[inside]])
        reach = max(ra, rb)
        found.append((
            (row + y0) * w + column + x0, np.full(inside.size, j),
            ends.min(axis=0) - reach, ends.max(axis=0) + reach,
        ))  # fmt: skip
    if not found:
        return (np.empty(0, np.intp),) * 2 + (np.empty(0, np.float32),) * 2
    pixel, cone, near, far = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.argsort(pixel, kind="stable")
    return pixel[order], cone[order], near[order], far[order]


def _slopes_of_balls(
    a: Floats, b: Floats, ra: float, rb: float
) -> tuple[float, float, float, float] | None:
    """Return bounds of x / z and y / z of two balls, or None if both are behind the camera."""
    if max(a[2] + ra, b[2] + rb) < NEAR_M:
        return None
    if min(a[2] - ra, b[2] - rb) < NEAR_M:
        return -np.inf, np.inf, -np.inf, np.inf
    bounds = []
    for axis in (0, 1):
        low, high = zip(
            *(_slopes_of_ball(p[axis], p[2], r) for p, r in ((a, ra), (b, rb))), strict=True
        )
        bounds += [min(low), max(high)]
    return bounds[0], bounds[1], bounds[2], bounds[3]


def _slopes_of_ball(x: float, z: float, r: float) -> tuple[float, float]:
    """Return the slopes x / z of the two tangents from the origin to the circle."""
    square = z * z - r * r
    root = r * np.sqrt(max(x * x + square, 0.0))
    return (x * z - root) / square, (x * z + root) / square


def _pairs(shapes: Shapes, rays: Floats, ray: Ints, cone: Ints) -> _Pairs:
    """Return the coefficients of every pair, in the space in which the cone is round."""
    a, axis, length = _round_space(shapes)
    taper = np.clip((shapes.radii[:, 0] - shapes.radii[:, 1]) / length, -0.999, 0.999)
    table = np.stack([
        -np.sum(a * axis, axis=1), np.sum(a * a, axis=1), shapes.radii[:, 0], length,
        taper, taper / np.sqrt(1 - taper**2),
    ])[:, cone]  # fmt: skip
    d = _stretched(shapes, cone, rays[ray])
    terms = np.stack([
        table[0], np.einsum("ij,ij->i", d, axis[cone]),
        table[1], -np.einsum("ij,ij->i", d, a[cone]), np.einsum("ij,ij->i", d, d),
        *table[2:],
    ])  # fmt: skip
    return _Pairs(ray, cone, terms, shapes.thinness[cone])


def _round_space(shapes: Shapes) -> tuple[Floats, Floats, Floats]:
    """Return first ball, unit axis and length of each cone in the space in which it is round."""
    every = np.arange(len(shapes.a))
    a = _stretched(shapes, every, shapes.a)
    axis = _stretched(shapes, every, shapes.b) - a
    length = np.maximum(np.linalg.norm(axis, axis=1), np.float32(1e-5))
    return a, axis / length[:, None], length


def _stretched(shapes: Shapes, cone: Ints, vectors: Floats) -> Floats:
    """Return `vectors` in the spaces in which the given cones are round."""
    thin = shapes.thin[cone]
    along = np.einsum("ij,ij->i", thin, vectors) * (1 / shapes.thinness - 1)[cone]
    stretched: Floats = vectors + thin * along[:, None]
    return stretched


def _distances(pairs: _Pairs, t: Floats) -> Floats:
    """Return a lower bound of the distance of each pair's ray at `t` from its cone, (m,)."""
    axial0, axial1, square0, square1, square2, radius, length, taper, slant = pairs.terms
    along = axial0 + t * axial1
    square = square0 + t * (2 * square1 + t * square2)
    across = np.sqrt(np.maximum(square - along * along, 0))
    # Position of the nearest ball of the cone, where the derivative of |q - s| - radius(s) is zero.
    s = np.clip(along - across * slant, 0, length)
    distance: Floats = np.sqrt(across**2 + (along - s) ** 2) - radius + taper * s
    return distance * pairs.scale


def _marched(
    pairs: _Pairs, t: Floats, end: Floats, blend_m: float
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the parameter at which each ray stops, and whether it hit the surface."""
    t = t.copy()
    hit = np.zeros(t.size, np.bool_)
    going = np.arange(t.size)
    k = np.float32(blend_m)
    for _ in range(MAX_STEPS):
        starts = pairs.starts
        at = t[going]
        distance = _distances(pairs, at[pairs.ray]) / k
        nearest = np.minimum.reduceat(distance, starts)
        total = np.add.reduceat(np.exp(nearest[pairs.ray] - distance), starts)
        step = k * (nearest - np.log(total))
        t[going] = at + step
        hit[going[step < TOLERANCE_M]] = True
        stay = (step >= TOLERANCE_M) & (t[going] < end[going])
        if not stay.any():
            break
        if stay.mean() < 0.8:  # removing rays costs about as much as a step
            pairs = pairs.kept(stay)
            going = going[stay]
    return t, hit


def _surface(shapes: Shapes, pairs: _Pairs, points: Floats, t: Floats) -> tuple[Floats, Floats]:
    """Return normals and colours, (n, 3) each, at `points`."""
    starts = pairs.starts
    distance = _distances(pairs, t[pairs.ray]) / np.float32(shapes.blend_m)
    nearest = np.minimum.reduceat(distance, starts)[pairs.ray]
    weight = np.exp(nearest - distance)
    a, axis, _ = _round_space(shapes)
    q = _stretched(shapes, pairs.cone, points[pairs.ray]) - a[pairs.cone]
    along = np.einsum("ij,ij->i", q, axis[pairs.cone])
    across = q - axis[pairs.cone] * along[:, None]
    length, slant = pairs.terms[6], pairs.terms[8]
    s = np.clip(along - np.sqrt(np.einsum("ij,ij->i", across, across)) * slant, 0, length)
    normal = across + axis[pairs.cone] * (along - s)[:, None]
    normal = normal / np.linalg.norm(normal, axis=1, keepdims=True)
    normal = _stretched(shapes, pairs.cone, normal) * (weight * pairs.scale)[:, None]
    normals = np.add.reduceat(normal, starts, axis=0)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    sharp = weight**12  # the edges of clothes are sharper than the blend of the shapes
    rgb = np.add.reduceat(shapes.rgb[pairs.cone] * sharp[:, None], starts, axis=0)
    return normals, rgb / np.add.reduceat(sharp, starts)[:, None]
