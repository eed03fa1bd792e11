"""A small 3D view: limbs and grids seen by a camera that can go around them, without a GPU.

Points are in the world's axes, x right, y down, z away, in any unit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Grid", "Limb", "Viewpoint", "draw_view"]

Image = NDArray[np.uint8]
Points = NDArray[np.float64]
Point = tuple[float, float, float]
Rgb = tuple[int, int, int]

NEAREST = 0.02  # of the distance to what is looked at: what is nearer is cut off
SUBPIXEL_BITS = 4  # OpenCV takes coordinates as integers, here in 1/16 px
FARTHEST_PX = 1e5  # these integers have 32 bits
FOG = 0.55  # how much of the background covers what is farthest
GRID_COLOR = (150, 156, 168)
PLANE_LIGHT = 1.35  # brightness of a grid's plane, in that of the background
# A limb is a dark rim and ever narrower, lighter strokes, shifted to where the light is: parts of
# its radius, brightness, and how much white is in it.
STROKES = ((1.0, 0.35, 0.0), (0.85, 0.7, 0.05), (0.6, 0.95, 0.1), (0.28, 1.0, 0.45))
TO_LIGHT = np.array([-0.35, -0.35])  # up and left, in parts of what a stroke is narrower by
SHADOW = 0.45  # how much of the light the ground loses under a limb


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """Where the camera is: on a sphere around what it looks at.

    Attributes
    ----------
    target : (x, y, z)
        Point in the middle of the picture.
    distance : float
        From there to the camera.
    azimuth, elevation : float
        Radians. At 0 the camera looks along z; as azimuth grows it goes to the right, to look
        along -x at pi/2; with elevation it rises, and looks down.
    field_of_view : float
        Angle between the lower and the upper rim of the picture, rad.

    Examples
    --------
    >>> view = Viewpoint(target=(0, 0, 0), distance=2.0)
    >>> view.project(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, -1.0]]), (640, 480)).tolist()
    [[320.0, 240.0, 2.0], [320.0, 240.0, 1.0]]
    """

    target: Point
    distance: float
    azimuth: float = 0.0
    elevation: float = 0.0
    field_of_view: float = math.radians(45)

    def __post_init__(self) -> None:
        if not self.distance > 0:
            raise ValueError(f"distance must be positive, got {self.distance!r}")
        if not 0 < self.field_of_view < math.pi:
            raise ValueError(f"field_of_view must be in (0, pi), got {self.field_of_view!r}")

    @property
    def nearest(self) -> float:
        """Depth at which the view begins."""
        return NEAREST * self.distance

    def camera_from_world(self, points: Points) -> Points:
        """Return (..., 3) points in the camera's axes: x right, y down, z the depth."""
        rotation = self._rotation()
        origin = np.array(self.target, np.float64) - self.distance * rotation[2]
        moved: Points = (points - origin) @ rotation.T
        return moved

    def pixels_from_camera(self, points: Points, wh: tuple[int, int]) -> Points:
        """Return (..., 2) px of (..., 3) points in the camera's axes, whose depth is positive."""
        px: Points = points[..., :2] / points[..., 2:] * self.focal_px(wh) + np.array(wh) / 2
        return px

    def project(self, points: Points, wh: tuple[int, int]) -> Points:
        """Return (..., 3): px of a picture of `wh`, and depth; NaN px behind the camera."""
        seen = self.camera_from_world(np.asarray(points, np.float64))
        depth = np.where(seen[..., 2:] > 0, seen[..., 2:], np.nan)
        seen[..., :2] = seen[..., :2] / depth * self.focal_px(wh) + np.array(wh) / 2
        return seen

    def focal_px(self, wh: tuple[int, int]) -> float:
        """Return how many px one unit at depth 1 has."""
        return wh[1] / 2 / math.tan(self.field_of_view / 2)

    def _rotation(self) -> Points:
        """Return the camera's axes, right, down and forward, as rows."""
        sin_a, cos_a = math.sin(self.azimuth), math.cos(self.azimuth)
        sin_e, cos_e = math.sin(self.elevation), math.cos(self.elevation)
        forward = np.array([-sin_a * cos_e, sin_e, cos_a * cos_e])
        right = np.array([cos_a, 0.0, sin_a])
        return np.stack([right, np.cross(forward, right), forward])


@dataclass(frozen=True, slots=True)
class Grid:
    """A plane of squares.

    Attributes
    ----------
    corner : (x, y, z)
    u, v : (x, y, z)
        Its two sides, from the corner.
    n_u, n_v : int
        How many squares they have.
    """

    corner: Point
    u: Point
    v: Point
    n_u: int
    n_v: int

    @property
    def lines(self) -> Points:
        """(n_u + n_v + 2, 2, 3) ends of its lines."""
        corner, u, v = (np.array(side, np.float64) for side in (self.corner, self.u, self.v))
        across = [(corner + u * t, corner + u * t + v) for t in np.linspace(0, 1, self.n_u + 1)]
        along = [(corner + v * t, corner + v * t + u) for t in np.linspace(0, 1, self.n_v + 1)]
        return np.array(across + along)


@dataclass(frozen=True, slots=True)
class Limb:
    """A round bar between two points; with two radii, a cone.

    Attributes
    ----------
    start, end : (3,) array
    radius : (float, float)
        At the start and at the end, in the unit of the points.
    color : (int, int, int)
        RGB.
    """

    start: Points
    end: Points
    radius: tuple[float, float]
    color: Rgb


def draw_view(
    view: Viewpoint,
    limbs: Iterable[Limb],
    *,
    grids: Sequence[Grid] = (),
    ground: float | None = None,
    background: Rgb = (38, 41, 48),
    wh: tuple[int, int] = (640, 480),
) -> Image:
    """Return an (H, W, 3) RGB picture of limbs and grids.

    Parameters
    ----------
    view : Viewpoint
    limbs : iterable of Limb
        Those that are not numbers are left out.
    grids : sequence of Grid
        Drawn behind the limbs.
    ground : float, optional
        The y of a floor on which the limbs throw a shadow, in a light from above.
    background : (int, int, int)
        RGB.
    wh : (int, int)
        Size of the picture in px.
    """
    canvas = np.empty((wh[1], wh[0], 3), np.uint8)
    canvas[:] = background
    for grid in grids:
        _fill_plane(canvas, view, grid, background)
    for grid in grids:
        _draw_grid(canvas, view, grid, background)
    seen = [limb for limb in limbs if np.isfinite((limb.start, limb.end)).all()]
    if ground is not None:
        _draw_shadow(canvas, view, seen, ground)
    ends = view.camera_from_world(
        np.array([(limb.start, limb.end) for limb in seen]).reshape(-1, 2, 3)
    )
    for i in np.argsort(-ends[..., 2].mean(axis=1)):
        _draw_limb(canvas, view, ends[i], seen[i], background)
    return canvas


def _fill_plane(canvas: Image, view: Viewpoint, grid: Grid, background: Rgb) -> None:
    """Fill the plane of a grid that is wholly in front of the camera."""
    corners = view.camera_from_world(grid.lines[[0, grid.n_u]].reshape(4, 3)[[0, 1, 3, 2]])
    if (corners[:, 2] >= view.nearest).all():
        color = [min(255, round(PLANE_LIGHT * value)) for value in background]
        px = _subpixels(view.pixels_from_camera(corners, _wh(canvas)))
        cv2.fillConvexPoly(canvas, px, color, cv2.LINE_AA, SUBPIXEL_BITS)


def _draw_grid(canvas: Image, view: Viewpoint, grid: Grid, background: Rgb) -> None:
    """Draw a grid, its lines in pieces so that each has the fog of its depth."""
    steps = np.linspace(0, 1, 13)[:, None]
    for start, end in grid.lines:
        points = view.camera_from_world(start + (end - start) * steps)
        for piece in pairwise(points):
            ends = _in_front(np.array(piece), view.nearest)
            if ends is not None:
                color = _faded(GRID_COLOR, float(ends[:, 2].mean()), view, background)
                px = _subpixels(view.pixels_from_camera(ends, _wh(canvas)))
                cv2.line(canvas, px[0], px[1], color, 1, cv2.LINE_AA, SUBPIXEL_BITS)


def _draw_shadow(canvas: Image, view: Viewpoint, limbs: Sequence[Limb], ground: float) -> None:
    """Darken the ground under the limbs."""
    mask = np.zeros(canvas.shape[:2], np.uint8)
    for limb in limbs:
        below = np.array([(*end[[0]], ground, *end[[2]]) for end in (limb.start, limb.end)])
        ends = _in_front(view.camera_from_world(below), view.nearest)
        if ends is not None:
            px = view.pixels_from_camera(ends, _wh(canvas))
            _fill_bar(mask, px, _radii_px(view, ends, limb, _wh(canvas)), (255,))
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), canvas.shape[0] / 160), np.uint8)
    light = (255 - SHADOW * mask).astype(np.uint8)
    cv2.multiply(canvas, cv2.merge([light] * 3), canvas, 1 / 255)


def _draw_limb(canvas: Image, view: Viewpoint, ends: Points, limb: Limb, background: Rgb) -> None:
    """Draw a bar between two points in the camera's axes."""
    in_front = _in_front(ends, view.nearest)
    if in_front is None:
        return
    px = view.pixels_from_camera(in_front, _wh(canvas))
    radii = _radii_px(view, in_front, limb, _wh(canvas))
    depth = float(in_front[:, 2].mean())
    for width, brightness, white in STROKES:
        r, g, b = (round(brightness * (c + white * (255 - c))) for c in limb.color)
        shift = TO_LIGHT * (1 - width) * radii[:, None]
        _fill_bar(canvas, px + shift, width * radii, _faded((r, g, b), depth, view, background))


def _radii_px(
    view: Viewpoint, ends: Points, limb: Limb, wh: tuple[int, int]
) -> NDArray[np.float64]:
    """Return the radius at both ends, at least 1 px."""
    radii: NDArray[np.float64] = np.array(limb.radius) / ends[:, 2] * view.focal_px(wh)
    return np.clip(radii, 1.0, FARTHEST_PX)


def _fill_bar(
    canvas: Image, px: Points, radii: NDArray[np.float64], color: Sequence[float]
) -> None:
    """Fill two discs, and what is between them."""
    along = px[1] - px[0]
    length = float(np.hypot(*along))
    if length > 0:
        across = np.array([-along[1], along[0]]) / length
        sides = [px[0] + across * radii[0], px[1] + across * radii[1]]
        sides += [px[1] - across * radii[1], px[0] - across * radii[0]]
        corners = _subpixels(np.array(sides))
        cv2.fillConvexPoly(canvas, corners, color, cv2.LINE_AA, SUBPIXEL_BITS)
    for center, radius in zip(_subpixels(px), radii, strict=True):
        radius_sub = round(float(radius) * 2**SUBPIXEL_BITS)
        cv2.circle(
            canvas, center.tolist(), radius_sub, color, cv2.FILLED, cv2.LINE_AA, SUBPIXEL_BITS
        )


def _in_front(ends: Points, nearest: float) -> Points | None:
    """Return the part of a line, (2, 3) in the camera's axes, that is deeper than `nearest`."""
    depths = ends[:, 2]
    if (depths >= nearest).all():
        return ends
    if (depths < nearest).all():
        return None
    t = (nearest - depths[0]) / (depths[1] - depths[0])
    cut = ends[0] + t * (ends[1] - ends[0])
    return np.array([cut, ends[1]] if depths[0] < nearest else [ends[0], cut])


def _faded(color: Rgb, depth: float, view: Viewpoint, background: Rgb) -> Rgb:
    """Return a colour as it is at a depth: the background's shines through what is far."""
    share = FOG * float(np.clip(depth / view.distance - 0.6, 0, 1))
    r, g, b = (
        round(near + (far - near) * share) for near, far in zip(color, background, strict=True)
    )
    return r, g, b


def _subpixels(points: Points) -> NDArray[np.int32]:
    near = np.clip(points, -FARTHEST_PX, FARTHEST_PX)
    subpixels: NDArray[np.int32] = np.rint(near * 2**SUBPIXEL_BITS).astype(np.int32)
    return subpixels


def _wh(canvas: Image) -> tuple[int, int]:
    return canvas.shape[1], canvas.shape[0]
