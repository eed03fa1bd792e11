"""A skinned mesh of smooth tubes that follow bones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Mesh", "Tube", "curve", "mesh_of", "with_domes"]

SMOOTH = 2  # rings from one section of a curve to the next
NO_AREA_M2 = 5e-11  # of a triangle at the pole of a tube


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Tube:
    """A part of a mesh: rings across an axis of a bone.

    Attributes
    ----------
    bone : int
        Bone at whose joint the tube begins.
    axis : int
        0, 1, 2: the tube is along x, y, z.
    sign : float
        1 or -1: the direction along the axis.
    rings : (R, 5) array, m
        Place along the axis; centre, and half extents, along the other two axes in their order.
    weights : dict of (R,) arrays
        Share of each bone in the movement of each ring; they sum to 1.
    colour : str
        Name of a colour.
    n_sides : int
        Vertices around.
    roundness : float
        Of the rings: 2 is an ellipse, more is nearer to a rectangle.
    is_front : bool
        Whether it is only the third of the tube toward the last axis.
    """

    bone: int
    axis: int
    rings: Floats
    weights: dict[int, Floats]
    colour: str
    sign: float = 1.0
    n_sides: int = 10
    roundness: float = 2.0
    is_front: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """A skinned mesh in the rest pose.

    Attributes
    ----------
    positions, normals : (V, 3) arrays
    bones : (V, 4) uint8 array
        Bones that move each vertex.
    weights : (V, 4) uint8 array
        Their shares, which sum to 255.
    triangles : dict of (N, 3) arrays
        By name of the colour.
    """

    positions: Floats
    normals: Floats
    bones: NDArray[np.uint8]
    weights: NDArray[np.uint8]
    triangles: dict[str, NDArray[np.int64]]


def mesh_of(tubes: Sequence[Tube], joints: Floats) -> Mesh:
    """Return the mesh of tubes at the joints (B, 3) of their bones."""
    positions, normals, bones, weights = [], [], [], []
    triangles: dict[str, list[NDArray[np.int64]]] = {}
    n_vertices = 0
    for tube in tubes:
        points = _points(tube)
        corners = _grid(len(points), tube.n_sides, is_flipped=(tube.sign > 0) == (tube.axis == 1))
        flat = points.reshape(-1, 3)
        sums, areas = _sums_of_normals(flat, corners)
        positions.append(flat + joints[tube.bone])
        normals.append(_normals(tube, sums.reshape(points.shape)).reshape(-1, 3))
        shares, numbers = _weights(tube)
        weights.append(np.repeat(shares, tube.n_sides + 1, axis=0))
        bones.append(np.repeat(numbers, tube.n_sides + 1, axis=0))
        kept = corners[areas > NO_AREA_M2] + n_vertices
        triangles.setdefault(tube.colour, []).append(kept)
        n_vertices += len(flat)
    return Mesh(
        positions=np.concatenate(positions),
        normals=np.concatenate(normals),
        bones=np.concatenate(bones),
        weights=np.concatenate(weights),
        triangles={colour: np.concatenate(parts) for colour, parts in triangles.items()},
    )


def curve(sections: Sequence[Sequence[float]] | Floats) -> Floats:
    """Return rings on a smooth curve (Catmull-Rom) through sections (K, 5)."""
    keys = np.asarray(sections, np.float64)
    ends = np.concatenate([2 * keys[:1] - keys[1:2], keys, 2 * keys[-1:] - keys[-2:-1]])
    t = np.linspace(0, 1, SMOOTH, endpoint=False)[None, :, None]
    a, b, c, d = (ends[i : len(ends) - 3 + i, None] for i in range(4))
    parts = b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    return np.concatenate([parts.reshape(-1, keys.shape[1]), keys[-1:]])


def with_domes(
    rings: Floats, weights: dict[int, Floats], *, start: float = 0.0, end: float = 0.0
) -> tuple[Floats, dict[int, Floats]]:
    """Return rings with round ends of these heights, m, 0 for none, and their weights."""
    angles = np.array([0.0, 0.45]) * np.pi / 2
    along, across = np.cos(angles)[:, None], np.sin(angles)[:, None]
    for height, is_end in ((start, False), (end, True)):
        if not height:
            continue
        dome = np.repeat(rings[-1:] if is_end else rings[:1], len(angles), axis=0)
        dome[:, :1] += (height if is_end else -height) * along
        dome[:, 3:] *= across
        rings = np.concatenate([rings, dome[::-1]] if is_end else [dome, rings])
        pad = (0, len(angles)) if is_end else (len(angles), 0)
        weights = {bone: np.pad(shares, pad, mode="edge") for bone, shares in weights.items()}
    return rings, weights


def _points(tube: Tube) -> Floats:
    """Return the vertices (R, n_sides + 1, 3) from the joint; the last of a ring is the first."""
    half = np.pi / 3 if tube.is_front else np.pi
    angles = np.pi / 2 + np.linspace(-half, half, tube.n_sides + 1)
    circle = np.stack([np.cos(angles), np.sin(angles)])
    circle = np.sign(circle) * np.abs(circle) ** (2 / tube.roundness)
    rings = tube.rings
    points = np.empty((len(rings), tube.n_sides + 1, 3))
    points[..., tube.axis] = tube.sign * rings[:, :1]
    for i, axis in enumerate(axis for axis in range(3) if axis != tube.axis):
        points[..., axis] = rings[:, 1 + i, None] + rings[:, 3 + i, None] * circle[i]
    return points


def _grid(n_rings: int, n_sides: int, *, is_flipped: bool) -> NDArray[np.int64]:
    """Return the triangles between rings of `n_sides` + 1 vertices each."""
    a = np.arange(n_rings - 1)[:, None] * (n_sides + 1) + np.arange(n_sides)
    b, c, d = a + 1, a + n_sides + 1, a + n_sides + 2
    triangles = np.stack([np.stack([a, b, c], -1), np.stack([b, d, c], -1)], axis=2).reshape(-1, 3)
    return triangles[:, ::-1] if is_flipped else triangles


def _sums_of_normals(points: Floats, triangles: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return the sum of the normals around each vertex, and the area of each triangle."""
    corners = points[triangles]
    faces = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    sums = np.zeros_like(points)
    for i in range(3):
        np.add.at(sums, triangles[:, i], faces)
    areas: Floats = np.linalg.norm(faces, axis=1) / 2
    return sums, areas


def _normals(tube: Tube, sums: Floats) -> Floats:
    """Return unit vectors of the sums (R, n_sides + 1, 3): smooth at the seam and the poles."""
    if not tube.is_front:
        sums[:, [0, -1]] = sums[:, :1] + sums[:, -1:]
    lengths = np.linalg.norm(sums, axis=-1, keepdims=True)
    normals: Floats = sums / np.maximum(lengths, 1e-15)
    for pole, direction in ((0, -tube.sign), (-1, tube.sign)):
        if not tube.rings[pole, 3:].any():
            normals[pole] = direction * np.eye(3)[tube.axis]
    return normals


def _weights(tube: Tube) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the weights (R, 4) as whole numbers that sum to 255, and their bones."""
    shares = np.zeros((len(tube.rings), 4))
    numbers = np.zeros(4, np.int64)
    for i, (bone, values) in enumerate(tube.weights.items()):
        shares[:, i], numbers[i] = values, bone
    whole = np.floor(255 * shares).astype(np.int64)
    whole[np.arange(len(whole)), shares.argmax(axis=1)] += 255 - whole.sum(axis=1)
    return whole.astype(np.uint8), np.where(whole > 0, numbers, 0).astype(np.uint8)
