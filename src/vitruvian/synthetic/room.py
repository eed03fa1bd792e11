"""Backdrop: the room, and boxes that occlude people."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from vitruvian.synthetic.figure import Rgb
    from vitruvian.synthetic.posture import Vector

__all__ = ["Box", "Room", "Surface"]

Floats = NDArray[np.floating]
Ints = NDArray[np.intp]

BOARD_M = 0.19  # width of the floor boards, which run along z
SKIRTING_M, PANEL_M = 0.11, 1.05  # lighter below the first height, darker above the second


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """The first surface that each of n rays hits.

    Attributes
    ----------
    t : (n,) float32 array, m
        Distance along the ray; infinite if it hits nothing.
    normals : (n, 3) float32 array
        Outward normal, scene axes.
    rgb : (n, 3) float32 array, 0 to 1
        Colour.
    """

    t: Floats
    normals: Floats
    rgb: Floats


@dataclass(frozen=True, slots=True)
class Box:
    """A box, such as a table or a pillar, that occludes what is behind it.

    Attributes
    ----------
    center : Vector, m
        Centre, scene axes.
    extent : Vector, m
        Full width (x), height (y) and depth (z).
    heading_deg : float
        Rotation about the vertical axis.
    rgb : tuple of int
        Colour, 0 to 255.
    """

    center: Vector
    extent: Vector
    heading_deg: float = 0.0
    rgb: Rgb = (150, 122, 98)

    def __post_init__(self) -> None:
        if min(self.extent) <= 0:
            raise ValueError(f"extent of a box must be positive, got {self.extent!r}")

    def surface(self, origin: Floats, directions: Floats) -> Surface:
        """Return where rays from `origin` (3,) along `directions` (n, 3) enter the box."""
        c, s = math.cos(math.radians(self.heading_deg)), math.sin(math.radians(self.heading_deg))
        axes = np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]], np.float32)
        local = axes @ (origin - np.array(self.center, np.float32))
        turned = directions @ axes.T
        half = np.array(self.extent, np.float32) / 2
        enter, side, leave, _ = _slabs(local, turned, half)
        hit = (enter > 0) & (enter < leave)
        along = np.take_along_axis(turned, side[:, None], axis=1)
        normals = -np.sign(along) * axes[side]
        rgb = np.broadcast_to(np.array(self.rgb, np.float32) / 255, normals.shape)
        return Surface(np.where(hit, enter, np.inf).astype(np.float32), normals, rgb)


@dataclass(frozen=True, slots=True)
class Room:
    """A closed room with the floor at y = 0. Walls are invisible from outside.

    Attributes
    ----------
    center : Vector, m
        Centre of the floor, scene axes.
    extent : Vector, m
        Width, height and depth.
    wall, floor : tuple of int
        Colours, RGB from 0 to 255.
    """

    center: Vector = (0.0, 0.0, 2.0)
    extent: Vector = (11.0, 3.6, 9.0)
    wall: Rgb = (206, 203, 196)
    floor: Rgb = (170, 142, 112)

    def surface(self, origin: Floats, directions: Floats) -> Surface:
        """Return where rays from `origin` (3,) along `directions` (n, 3) leave the room."""
        half = np.array(self.extent, np.float32) / 2
        local = origin - np.array(self.center, np.float32) - [0, half[1], 0]
        local = local.astype(np.float32)
        enter, _, leave, side = _slabs(local, directions, half)
        hit = (leave > 0) & (leave > enter)
        points = local + directions * np.where(hit, leave, 0)[:, None]
        normals = np.zeros_like(directions)
        along = np.take_along_axis(directions, side[:, None], axis=1)
        np.put_along_axis(normals, side[:, None], -np.sign(along), axis=1)
        rgb = self._painted(points, side, half)
        return Surface(np.where(hit, leave, np.inf).astype(np.float32), normals, rgb)

    def _painted(self, points: Floats, side: Ints, half: Floats) -> Floats:
        """Return the colours of points on the walls, relative to the centre of the room."""
        x, height = points[:, 0], points[:, 1] + half[1]
        rgb = np.empty_like(points)
        rgb[:] = np.array(self.wall, np.float32) / 255
        rgb[(side != 1) & (height < SKIRTING_M)] *= np.float32(1.12)
        rgb[(side != 1) & (height > PANEL_M)] *= np.array([0.90, 0.95, 0.98], np.float32)
        on_floor = (side == 1) & (height < half[1])
        across, board = np.modf(x[on_floor] / BOARD_M + 1000)
        shade = np.where(across < 0.04, 0.84, 0.94 + 0.03 * (board * 7 % 5))
        rgb[on_floor] = np.array(self.floor, np.float32) / 255 * shade[:, None]
        return rgb


def _slabs(origin: Floats, directions: Floats, half: Floats) -> tuple[Floats, Ints, Floats, Ints]:
    """Return where rays enter and leave a box centred at 0, (n,), and the axis of each side."""
    n = len(directions)
    enter, leave = np.full(n, -np.inf, np.float32), np.full(n, np.inf, np.float32)
    enter_side, leave_side = np.zeros(n, np.intp), np.zeros(n, np.intp)
    for axis in range(3):
        d = directions[:, axis]
        d = np.where(np.abs(d) < 1e-9, np.float32(1e-9), d)
        one, other = (-half[axis] - origin[axis]) / d, (half[axis] - origin[axis]) / d
        near, far = np.minimum(one, other), np.maximum(one, other)
        enter_side[near > enter] = axis
        leave_side[far < leave] = axis
        enter, leave = np.maximum(enter, near), np.minimum(leave, far)
    return enter, enter_side, leave, leave_side
