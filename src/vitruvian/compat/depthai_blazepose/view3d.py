"""A small 3D renderer on the CPU: limbs and grids, seen by an orbiting camera.

Points are in world axes, x right, y down, z away, in any unit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vitruvian.compat.opencv import require_cv2

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Grid", "Limb", "Viewpoint", "draw_view"]

Image = NDArray[np.uint8]
Points = NDArray[np.float64]
Point = tuple[float, float, float]
Rgb = tuple[int, int, int]

NEAREST = 0.02  # near clipping plane, as a fraction of the distance to the target
SUBPIXEL_BITS = 4  # OpenCV takes coordinates as integers, here in 1/16 px
FARTHEST_PX = 1e5  # limit of coordinates, so that they fit 32-bit integers
FOG = 0.55  # weight of the background colour at the farthest depth
GRID_COLOR = (150, 156, 168)
PLANE_LIGHT = 1.35  # brightness of a grid's plane relative to the background
# A limb is drawn as strokes on top of each other, from a dark rim to narrower and lighter strokes
# shifted toward the light: (fraction of the radius, brightness, share of white).
STROKES = ((1.0, 0.35, 0.0), (0.85, 0.7, 0.05), (0.6, 0.95, 0.1), (0.28, 1.0, 0.45))
TO_LIGHT = np.array([-0.35, -0.35])  # up and left; times the difference of the radii
PURPOSE = "the 3D view"
SHADOW = 0.45  # how much darker the ground is under a limb


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """Position of the camera: on a sphere around its target.

    Attributes
    ----------
    target : (x, y, z)
        Point in the centre of the image.
    distance : float
        From the target to the camera.
    azimuth, elevation : float
        Radians. At 0 the camera looks along z. With growing azimuth it moves to the right, and
        looks along -x at pi/2; with growing elevation it rises and looks down.
    field_of_view : float
        Vertical field of view, rad.

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
        """Depth of the near clipping plane."""
        return NEAREST * self.distance

    def camera_from_world(self, points: Points) -> Points:
        """Return (..., 3) points in camera axes: x right, y down, z the depth."""
        rotation = self._rotation()
        origin = np.array(self.target, np.float64) - self.distance * rotation[2]
        moved: Points = (points - origin) @ rotation.T
        return moved

    def pixels_from_camera(self, points: Points, wh: tuple[int, int]) -> Points:
        """Return (..., 2) px of (..., 3) points in camera axes with positive depth."""
        px: Points = points[..., :2] / points[..., 2:] * self.focal_px(wh) + np.array(wh) / 2
        return px

    def project(self, points: Points, wh: tuple[int, int]) -> Points:
        """Return (..., 3): px in an image of `wh`, and depth; NaN px behind the camera."""
        projected = self.camera_from_world(np.asarray(points, np.float64))
        depth = np.where(projected[..., 2:] > 0, projected[..., 2:], np.nan)
        projected[..., :2] = projected[..., :2] / depth * self.focal_px(wh) + np.array(wh) / 2
        return projected

    def focal_px(self, wh: tuple[int, int]) -> float:
        """Return the focal length in px."""
        return wh[1] / 2 / math.tan(self.field_of_view / 2)

    def _rotation(self) -> Points:
        """Return the camera axes right, down and forward as rows."""
        sin_a, cos_a = math.sin(self.azimuth), math.cos(self.azimuth)
        sin_e, cos_e = math.sin(self.elevation), math.cos(self.elevation)
        forward = np.array([-sin_a * cos_e, sin_e, cos_a * cos_e])
        right = np.array([cos_a, 0.0, sin_a])
        return np.stack([right, np.cross(forward, right), forward])


@dataclass(frozen=True, slots=True)
class Grid:
    """A plane grid.

    Attributes
    ----------
    corner : (x, y, z)
    u, v : (x, y, z)
        The two sides, as vectors from the corner.
    n_u, n_v : int
        Number of cells along each side.
    """

    corner: Point
    u: Point
    v: Point
    n_u: int
    n_v: int

    @property
    def lines(self) -> Points:
        """(n_u + n_v + 2, 2, 3) array: end points of the grid lines."""
        corner, u, v = (np.array(side, np.float64) for side in (self.corner, self.u, self.v))
        across = [(corner + u * t, corner + u * t + v) for t in np.linspace(0, 1, self.n_u + 1)]
        along = [(corner + v * t, corner + v * t + u) for t in np.linspace(0, 1, self.n_v + 1)]
        return np.array(across + along)


@dataclass(frozen=True, slots=True)
class Limb:
    """A capsule between two points; a truncated cone if the radii differ.

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
    """Return an (H, W, 3) RGB image of limbs and grids.

    Parameters
    ----------
    view : Viewpoint
    limbs : iterable of Limb
        Limbs with NaN or infinite end points are skipped.
    grids : sequence of Grid
        Drawn behind the limbs.
    ground : float, optional
        y of the floor on which the limbs cast shadows, with light from above.
    background : (int, int, int)
        RGB.
    wh : (int, int)
        Width and height of the image in px.
    """
    canvas = np.empty((wh[1], wh[0], 3), np.uint8)
    canvas[:] = background
    for grid in grids:
        _fill_plane(canvas, view, grid, background)
    for grid in grids:
        _draw_grid(canvas, view, grid, background)
    finite = [limb for limb in limbs if np.isfinite((limb.start, limb.end)).all()]
    if ground is not None:
        _draw_shadow(canvas, view, finite, ground)
    ends = view.camera_from_world(
        np.array([(limb.start, limb.end) for limb in finite]).reshape(-1, 2, 3)
    )
    for i in np.argsort(-ends[..., 2].mean(axis=1)):
        _draw_limb(canvas, view, ends[i], finite[i], background)
    return canvas


def _fill_plane(canvas: Image, view: Viewpoint, grid: Grid, background: Rgb) -> None:
    """Fill the plane of a grid, if all of it is in front of the camera."""
    cv2 = require_cv2(PURPOSE)
    corners = view.camera_from_world(grid.lines[[0, grid.n_u]].reshape(4, 3)[[0, 1, 3, 2]])
    if (corners[:, 2] >= view.nearest).all():
        color = [min(255, round(PLANE_LIGHT * value)) for value in background]
        px = _subpixels(view.pixels_from_camera(corners, _wh(canvas)))
        cv2.fillConvexPoly(canvas, px, color, cv2.LINE_AA, SUBPIXEL_BITS)


def _draw_grid(canvas: Image, view: Viewpoint, grid: Grid, background: Rgb) -> None:
    """Draw a grid, each line in pieces so that each piece has the fog of its depth."""
    cv2 = require_cv2(PURPOSE)
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
    cv2 = require_cv2(PURPOSE)
    mask = np.zeros(canvas.shape[:2], np.uint8)
    for limb in limbs:
        below = np.array([(*end[[0]], ground, *end[[2]]) for end in (limb.start, limb.end)])
        ends = _in_front(view.camera_from_world(below), view.nearest)
        if ends is not None:
            px = view.pixels_from_camera(ends, _wh(canvas))
            _fill_capsule(mask, px, _radii_px(view, ends, limb, _wh(canvas)), (255,))
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), canvas.shape[0] / 160), np.uint8)
    light = (255 - SHADOW * mask).astype(np.uint8)
    cv2.multiply(canvas, cv2.merge([light] * 3), canvas, 1 / 255)


def _draw_limb(canvas: Image, view: Viewpoint, ends: Points, limb: Limb, background: Rgb) -> None:
    """Draw a limb between two points in camera axes."""
    in_front = _in_front(ends, view.nearest)
    if in_front is None:
        return
    px = view.pixels_from_camera(in_front, _wh(canvas))
    radii = _radii_px(view, in_front, limb, _wh(canvas))
    depth = float(in_front[:, 2].mean())
    for width, brightness, white in STROKES:
        r, g, b = (round(brightness * (c + white * (255 - c))) for c in limb.color)
        shift = TO_LIGHT * (1 - width) * radii[:, None]
        color = _faded((r, g, b), depth, view, background)
        _fill_capsule(canvas, px + shift, width * radii, color)


def _radii_px(
    view: Viewpoint, ends: Points, limb: Limb, wh: tuple[int, int]
) -> NDArray[np.float64]:
    """Return the radius at both ends, at least 1 px."""
    radii: NDArray[np.float64] = np.array(limb.radius) / ends[:, 2] * view.focal_px(wh)
    return np.clip(radii, 1.0, FARTHEST_PX)


def _fill_capsule(
    canvas: Image, px: Points, radii: NDArray[np.float64], color: Sequence[float]
) -> None:
    """Fill two discs and the quadrilateral between them."""
    cv2 = require_cv2(PURPOSE)
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
    """Return the part of a line, (2, 3) in camera axes, that is deeper than `nearest`."""
    depths = ends[:, 2]
    if (depths >= nearest).all():
        return ends
    if (depths < nearest).all():
        return None
    t = (nearest - depths[0]) / (depths[1] - depths[0])
    cut = ends[0] + t * (ends[1] - ends[0])
    return np.array([cut, ends[1]] if depths[0] < nearest else [ends[0], cut])


def _faded(color: Rgb, depth: float, view: Viewpoint, background: Rgb) -> Rgb:
    """Return a colour with the fog of a depth: a mix with the background that grows with depth."""
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
