"""The figure of animation files: a mannequin of smooth parts with joints, sized to the bones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.analysis.rig import BONES, joints_from_offsets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Section = tuple[float, float, float, float, float]  # place, and half extents

__all__ = ["Mannequin", "mannequin"]

COLOURS = {"body": (0.80, 0.82, 0.85), "joints": (0.035, 0.20, 0.30)}  # linear RGB
LEG_M = 0.80  # thigh and shank of the person for whom the thicknesses below are
SMOOTH = 2  # rings from one section to the next


@dataclass(frozen=True, slots=True, eq=False)
class Mannequin:
    """A skinned mesh in the rest pose, with the soles at y = 0.

    Attributes
    ----------
    positions, normals : (V, 3) arrays
    bones : (V, 4) uint8 array
        Index in `BONES`.
    weights : (V, 4) uint8 array
        They sum to 255.
    triangles : dict of (N, 3) arrays
        By colour.
    colours : dict of RGB, 0 to 1, linear
    joints : (21, 3) array, m
        Joints of the bones.
    """

    positions: Floats
    normals: Floats
    bones: NDArray[np.uint8]
    weights: NDArray[np.uint8]
    triangles: dict[str, NDArray[np.int64]]
    colours: dict[str, tuple[float, float, float]]
    joints: Floats


def mannequin(offsets: Floats, *, foot_height_m: float) -> Mannequin:
    """Return the figure for bones with these offsets (21, 3) in the rest pose, m.

    Parameters
    ----------
    foot_height_m : float
        Height of the joint of the toes above the sole.
    """
    joints = joints_from_offsets(offsets)
    joints[:, 1] += foot_height_m - joints[:, 1].min()
    mesh = _Mesh(joints)
    legs = -offsets[BONES.index("leftLowerLeg"), 1] - offsets[BONES.index("leftFoot"), 1]
    size = max(float(legs) / LEG_M, 0.1)
    _add_trunk(mesh, offsets, size)
    _add_head(mesh, size)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        _add_arm(mesh, offsets, size, side, sign)
        _add_leg(mesh, offsets, size, side, foot_height_m)
    return mesh.finished()


def _add_trunk(mesh: _Mesh, offsets: Floats, size: float) -> None:
    length = float(offsets[1:4, 1].sum())
    hips = float(offsets[BONES.index("leftUpperLeg"), 0])
    shoulders = float(offsets[5:7, 0].sum())
    rows = [  # height in trunk lengths; half width and half depth, m
        (-0.15, 0.55 * hips, 0.062 * size), (-0.11, 0.85 * hips, 0.080 * size),
        (-0.02, hips + 0.058 * size, 0.094 * size), (0.10, hips + 0.052 * size, 0.092 * size),
        (0.28, 0.115 * size, 0.082 * size), (0.36, 0.115 * size, 0.084 * size),
        (0.55, 0.132 * size, 0.098 * size), (0.76, 0.84 * shoulders, 0.104 * size),
        (0.90, 0.78 * shoulders, 0.086 * size), (0.99, 0.40 * shoulders, 0.062 * size),
    ]  # fmt: skip
    keys = np.array([(length * y, 0.0, 0.0, x, z) for y, x, z in rows])
    for first, last, colour in ((0, 4, "body"), (4, 5, "joints"), (5, 9, "body")):
        part = _curve(keys)[SMOOTH * first : SMOOTH * last + 1]
        places = part[:, 0] / length
        spine = np.clip((places - 0.05) / 0.2, 0, 1)
        chest = np.clip((places - 0.42) / 0.25, 0, 1)
        weights = {0: 1 - spine, 1: spine - chest * spine, 2: chest * spine}
        if first == 0:
            part, weights = _with_dome(part, weights, start=0.03 * size)
        if last == 9:
            part, weights = _with_dome(part, weights, end=0.02 * size)
        mesh.add_tube(0, 1, 1.0, part, weights, colour, n_sides=20, roundness=2.4)


def _add_head(mesh: _Mesh, size: float) -> None:
    neck, head = BONES.index("neck"), BONES.index("head")
    up = float(mesh.joints[head, 1] - mesh.joints[neck, 1])
    column = [(-0.03 * size, 0, 0, 0.058 * size, 0.052 * size)]
    column += [(0.4 * up, 0, 0.004, 0.046 * size, 0.047 * size)]
    column += [(up + 0.03 * size, 0, 0.016, 0.046 * size, 0.048 * size)]
    mesh.add_tube(neck, 1, 1.0, _curve(np.array(column)), {neck: 1.0}, "joints", n_sides=14)
    rows = [  # height, place ahead, half width, half depth, m
        (-0.030, 0.040, 0.026, 0.028), (-0.015, 0.034, 0.045, 0.052), (0.02, 0.022, 0.061, 0.077),
        (0.07, 0.010, 0.071, 0.093), (0.12, 0.003, 0.074, 0.098), (0.165, -0.002, 0.064, 0.084),
        (0.19, -0.004, 0.042, 0.056),
    ]  # fmt: skip
    keys = size * np.array([(y, 0, z, rx, rz) for y, z, rx, rz in rows])
    part, weights = _with_dome(
        _curve(keys), {head: np.ones(len(rows) * SMOOTH - SMOOTH + 1)}, start=0.012 * size, end=0.018 * size
    )
    mesh.add_tube(head, 1, 1.0, part, weights, "body", n_sides=20)
    visor = np.array([(0.062, 0, 0.017, 0.068, 0.092), (0.115, 0, 0.0115, 0.073, 0.096)]) * size
    mesh.add_tube(
        head, 1, 1.0, _curve(visor), {head: 1.0}, "joints", n_sides=10, front_only=True
    )


def _add_arm(mesh: _Mesh, offsets: Floats, size: float, side: str, sign: float) -> None:
    upper, lower, hand = (BONES.index(side + part) for part in ("UpperArm", "LowerArm", "Hand"))
    for bone, end, radii in (
        (upper, lower, ((0.10, 0.047), (0.30, 0.049), (0.62, 0.042), (0.90, 0.036))),
        (lower, hand, ((0.10, 0.036), (0.28, 0.040), (0.65, 0.032), (0.92, 0.025))),
    ):
        length = abs(float(offsets[end, 0]))
        keys = np.array([(length * t, 0, 0, size * r, size * r) for t, r in radii])
        _add_limb(mesh, bone, 0, sign, keys)
    for bone, radius in ((upper, 0.053), (lower, 0.038), (hand, 0.027)):
        _add_ball(mesh, bone, size * radius)
    palm = [  # place along the hand, half thickness, half width, m
        (0.020, 0.017, 0.026), (0.065, 0.016, 0.040), (0.110, 0.012, 0.039),
        (0.155, 0.009, 0.028),
    ]  # fmt: skip
    _add_limb(mesh, hand, 0, sign, size * np.array([(x, 0, 0, y, z) for x, y, z in palm]), 0.018)
    thumb = [(0.030, 0.022, 0.013), (0.055, 0.046, 0.013), (0.085, 0.060, 0.011)]
    _add_limb(mesh, hand, 0, sign, size * np.array([(x, -0.004, z, r, r) for x, z, r in thumb]))


def _add_leg(mesh: _Mesh, offsets: Floats, size: float, side: str, foot_height_m: float) -> None:
    names = ("UpperLeg", "LowerLeg", "Foot", "Toes")
    upper, lower, foot, toes = (BONES.index(side + part) for part in names)
    for bone, end, rows in (
        (upper, lower, ((0.10, 0, 0.076), (0.30, 0, 0.077), (0.62, 0, 0.063), (0.92, 0, 0.050))),
        (
            *(lower, foot),
            ((0.09, 0, 0.048), (0.28, -0.010, 0.053), (0.62, -0.006, 0.042), (0.93, 0, 0.033)),
        ),
    ):
        length = abs(float(offsets[end, 1]))
        keys = np.array([(length * t, 0, size * z, size * r, size * r) for t, z, r in rows])
        _add_limb(mesh, bone, 1, -1.0, keys)
    for bone, radius in ((upper, 0.080), (lower, 0.052), (foot, 0.036)):
        _add_ball(mesh, bone, size * radius)
    sole, ball = float(offsets[toes, 1]) - foot_height_m, float(offsets[toes, 2])
    rows = [  # place, height, half width, m
        (-0.055 * size, 0.052 * size, 0.027 * size), (-0.02 * size, 0.070 * size, 0.033 * size),
        (0.3 * ball, 0.072 * size, 0.036 * size), (0.75 * ball, 0.050 * size, 0.043 * size),
        (1.05 * ball, 0.038 * size, 0.045 * size), (ball + 0.045 * size, 0.028 * size, 0.036 * size),
    ]  # fmt: skip
    keys = _curve(np.array([(z, 0, sole + h / 2, x, h / 2) for z, h, x in rows]))
    bend = np.clip((keys[:, 0] - 0.85 * ball) / (0.2 * ball), 0, 1)
    part, weights = _with_dome(
        keys, {foot: 1 - bend, toes: bend}, start=0.016 * size, end=0.020 * size
    )
    mesh.add_tube(foot, 2, 1.0, part, weights, "body", n_sides=12, roundness=2.8)


def _add_limb(
    mesh: _Mesh, bone: int, axis: int, sign: float, keys: Floats, dome: float | None = None
) -> None:
    """Add a part with round ends that follows one bone."""
    rings = _curve(keys)
    reach = [0.7 * float(keys[i, 3]) if dome is None else dome for i in (0, -1)]
    part, weights = _with_dome(rings, {bone: np.ones(len(rings))}, start=reach[0], end=reach[1])
    mesh.add_tube(bone, axis, sign, part, weights, "body", n_sides=10)


def _add_ball(mesh: _Mesh, bone: int, radius: float) -> None:
    angles = np.linspace(0, np.pi, 7)
    rings = np.zeros((7, 5))
    rings[:, 0] = -radius * np.cos(angles)
    rings[:, 3] = rings[:, 4] = radius * np.sin(angles)
    mesh.add_tube(bone, 1, 1.0, rings, {bone: 1.0}, "joints", n_sides=10)


def _curve(keys: Floats) -> Floats:
    """Return rings on a smooth curve through the sections (K, 5): `SMOOTH` for each, Catmull-Rom."""
    ends = np.concatenate([2 * keys[:1] - keys[1:2], keys, 2 * keys[-1:] - keys[-2:-1]])
    t = np.linspace(0, 1, SMOOTH, endpoint=False)[None, :, None]
    a, b, c, d = (ends[i : len(ends) - 3 + i, None] for i in range(4))
    parts = b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    return np.concatenate([parts.reshape(-1, keys.shape[1]), keys[-1:]])


def _with_dome(
    rings: Floats, weights: dict[int, Floats], *, start: float = 0.0, end: float = 0.0
) -> tuple[Floats, dict[int, Floats]]:
    """Return rings with round ends of these heights, 0 for none, and their weights."""
    angles = np.array([0.0, 0.45]) * np.pi / 2
    shape = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    for height, is_end in ((start, False), (end, True)):
        if not height:
            continue
        edge = rings[-1] if is_end else rings[0]
        dome = np.repeat(edge[None], len(angles), axis=0)
        dome[:, 0] += (height if is_end else -height) * shape[:, 0]
        dome[:, 3:] *= shape[:, 1:]
        order = [rings, dome[::-1]] if is_end else [dome, rings]
        rings = np.concatenate(order)
        pad = (0, len(angles)) if is_end else (len(angles), 0)
        weights = {bone: np.pad(values, pad, mode="edge") for bone, values in weights.items()}
    return rings, weights


@dataclass(slots=True)
class _Mesh:
    """Vertices and triangles so far."""

    joints: Floats
    positions: list[Floats] = field(default_factory=list)
    normals: list[Floats] = field(default_factory=list)
    bones: list[NDArray[np.uint8]] = field(default_factory=list)
    weights: list[NDArray[np.uint8]] = field(default_factory=list)
    triangles: dict[str, list[NDArray[np.int64]]] = field(
        default_factory=lambda: {name: [] for name in COLOURS}
    )
    n_vertices: int = 0

    def add_tube(
        self,
        bone: int,
        axis: int,
        sign: float,
        rings: Floats,
        weights: dict[int, Floats] | dict[int, float],
        colour: str,
        *,
        n_sides: int,
        roundness: float = 2.0,
        front_only: bool = False,
    ) -> None:
        """Add a tube along an axis of a bone, of rings (R, 5).

        Each ring is its place along the axis, its centre and its half extents across; the
        axes across are in the order x, y, z. `roundness` 2 is an ellipse, more is boxier.
        """
        across = [i for i in range(3) if i != axis]
        spread = np.pi / 3 if front_only else np.pi
        angles = np.pi / 2 + np.linspace(-spread, spread, n_sides + 1)
        circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        circle = np.sign(circle) * np.abs(circle) ** (2 / roundness)
        points = np.empty((len(rings), n_sides + 1, 3))
        points[..., axis] = sign * rings[:, :1]
        for i, at in enumerate(across):
            points[..., at] = rings[:, 1 + i, None] + rings[:, 3 + i, None] * circle[:, i]
        is_outward = (sign > 0) == (axis != 1)
        triangles = _grid(len(rings), n_sides, flip=not is_outward)
        normals = _normals(points.reshape(-1, 3), triangles)
        if not front_only:  # the seam
            both = normals.reshape(points.shape)
            both[:, 0] = both[:, -1] = _unit(both[:, 0] + both[:, -1])
        for pole in (0, len(rings) - 1):
            if not rings[pole, 3:].any():
                middle = np.zeros(3)
                middle[axis] = sign if pole else -sign
                normals.reshape(points.shape)[pole] = middle
        columns = np.zeros((len(rings), 4))
        numbers = np.zeros(4, np.uint8)
        for i, (number, values) in enumerate(weights.items()):
            columns[:, i], numbers[i] = values, number
        self._add(
            points.reshape(-1, 3) + self.joints[bone],
            normals,
            np.repeat(_whole(columns), n_sides + 1, axis=0),
            numbers,
            triangles,
            colour,
        )

    def _add(
        self,
        points: Floats,
        normals: Floats,
        weights: NDArray[np.uint8],
        numbers: NDArray[np.uint8],
        triangles: NDArray[np.int64],
        colour: str,
    ) -> None:
        self.positions.append(points)
        self.normals.append(normals)
        self.weights.append(weights)
        self.bones.append(np.where(weights > 0, numbers, 0).astype(np.uint8))
        corners = points[triangles]
        area = np.linalg.norm(
            np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
        )
        self.triangles[colour].append(triangles[area > 1e-10] + self.n_vertices)
        self.n_vertices += len(points)

    def finished(self) -> Mannequin:
        """Return the mesh."""
        return Mannequin(
            positions=np.concatenate(self.positions),
            normals=np.concatenate(self.normals),
            bones=np.concatenate(self.bones),
            weights=np.concatenate(self.weights),
            triangles={name: np.concatenate(parts) for name, parts in self.triangles.items()},
            colours=COLOURS,
            joints=self.joints,
        )


def _grid(n_rings: int, n_sides: int, *, flip: bool) -> NDArray[np.int64]:
    """Return the triangles between rings of `n_sides` + 1 vertices each."""
    i = np.arange(n_rings - 1)[:, None] * (n_sides + 1) + np.arange(n_sides)
    a, b, c, d = i, i + 1, i + n_sides + 1, i + n_sides + 2
    triangles = np.stack([np.stack([a, b, c], -1), np.stack([b, d, c], -1)], axis=2)
    triangles = triangles.reshape(-1, 3)
    return triangles[:, ::-1] if flip else triangles


def _normals(points: Floats, triangles: NDArray[np.int64]) -> Floats:
    corners = points[triangles]
    faces = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    sums = np.zeros_like(points)
    for i in range(3):
        np.add.at(sums, triangles[:, i], faces)
    return _unit(sums)


def _unit(vectors: Floats) -> Floats:
    """Return vectors of length 1; +Y where there is no direction."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.where(lengths > 1e-15, vectors / np.maximum(lengths, 1e-15), [0.0, 1.0, 0.0])


def _whole(weights: Floats) -> NDArray[np.uint8]:
    """Return weights as whole numbers that sum to 255."""
    whole = np.floor(255 * weights).astype(np.int64)
    rows = np.arange(len(whole))
    whole[rows, weights.argmax(axis=1)] += 255 - whole.sum(axis=1)
    return whole.astype(np.uint8)
