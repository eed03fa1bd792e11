"""The paths of people from above, as an image or as SVG."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vitruvian.core.rotations import unit
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.draw.palette import INK, person_color
from vitruvian.draw.raster import paint_box, paint_lines, paint_stamp
from vitruvian.draw.text import text_stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from vitruvian.core.camera import Camera
    from vitruvian.core.sequence import PoseSequence
    from vitruvian.draw.palette import Rgb

    Floats = NDArray[np.float64]

__all__ = ["ground_paths", "path_image", "path_svg"]

HIPS = [BLAZEPOSE.index("left_hip"), BLAZEPOSE.index("right_hip")]
MARGIN_M = 0.5
STEPS_M = (0.25, 0.5, *(factor * 10**power for power in range(6) for factor in (1, 2, 5)))
MAX_GRID_LINES = 12
UP_OF_CAMERA = (0.0, -1.0, 0.0)
PAPER: Rgb = (24, 28, 36)
FAINT: Rgb = (196, 204, 214)  # grid and text of the image, with an opacity
MAX_GAP_US = 500_000  # a path is interrupted where a person is missing for longer


def ground_paths(
    sequence: PoseSequence, *, up: ArrayLike = UP_OF_CAMERA
) -> dict[int | None, Floats]:
    """Return where each person stands in each frame, seen from above.

    Parameters
    ----------
    sequence : PoseSequence
        With `camera`.
    up : (3,) array
        Direction of up in camera axes; by default that of a level camera.

    Returns
    -------
    dict of (T, 2) arrays, m
        By ID; None for poses without one. Right of the camera and ahead of it, at the middle of
        the hips; NaN in frames without the person.

    Raises
    ------
    ValueError
        If the sequence has no positions in camera space.
    """
    if sequence.camera is None:
        raise ValueError(
            "the sequence has no positions in camera space: fill them with "
            "vitruvian.lift.placement.placed, or track with --camera-space"
        )
    upward = unit(up)
    ahead = unit(np.array([0.0, 0.0, 1.0]) - upward[2] * upward)
    axes = np.stack([np.cross(-upward, ahead), ahead], axis=1)
    places = sequence.camera[:, :, HIPS].astype(np.float64).mean(axis=2) @ axes
    paths: dict[int | None, Floats] = {
        number: sequence.person(number).camera[:, HIPS].astype(np.float64).mean(axis=1) @ axes  # type: ignore[index] # it is not None
        for number in sequence.ids.tolist()
    }
    is_unknown = sequence.is_present & np.isnan(sequence.slot_ids)
    if is_unknown.any():
        paths[None] = np.where(is_unknown[..., None], places, np.nan).reshape(-1, 2)
    return paths


def path_image(
    sequence: PoseSequence,
    camera: Camera | None = None,
    *,
    up: ArrayLike = UP_OF_CAMERA,
    wh: tuple[int, int] = (960, 720),
) -> NDArray[np.uint8]:
    """Return a top view of the paths as an image: x to the right, z ahead is up.

    A ring marks the start of each path, a disc its end, a dot each second. The camera is at the
    bottom, with a grid in metres.

    Parameters
    ----------
    sequence : PoseSequence
        With `camera`.
    camera : Camera, optional
        Its field of view is drawn.
    up : (3,) array
        As for `ground_paths`.
    wh : (int, int)
        Width and height of the image, px; at least 64.

    Returns
    -------
    (H, W, 3) uint8 array
        RGB.

    Raises
    ------
    ValueError
        If the sequence has no positions in camera space, or the image is too small.
    """
    plot = _Plot.of(sequence, camera, up, wh)
    canvas = np.empty((wh[1], wh[0], 3), np.uint8)
    canvas[:] = PAPER
    for shape in plot.shapes():
        rgba = (*(shape.color or FAINT), round(255 * shape.opacity))
        if isinstance(shape, _Text):
            _paint_text(canvas, shape, rgba)
            continue
        if shape.color is not None:
            _paint(canvas, shape, shape.width / 2 + 1.5, (*INK, 150))
        _paint(canvas, shape, shape.width / 2, rgba)
        if shape.is_ring:
            _paint(canvas, shape, shape.width / 4, (*PAPER, 255))
    return canvas


def path_svg(
    sequence: PoseSequence,
    camera: Camera | None = None,
    *,
    up: ArrayLike = UP_OF_CAMERA,
    wh: tuple[int, int] = (960, 720),
) -> str:
    """Return the top view of `path_image` as SVG: a file, or an element of a page of HTML.

    It scales with the page. Grid and text have the colour of the text around, so that it fits
    light and dark pages. It needs no style sheet, script or network.
    """
    plot = _Plot.of(sequence, camera, up, wh)
    shapes = "".join(_svg_of(shape) for shape in plot.shapes())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wh[0]} {wh[1]}" role="img" '
        'style="width:100%;height:auto" fill="none" stroke-linecap="round" '
        'stroke-linejoin="round" font-family="sans-serif">'
        f"<title>Paths of people from above</title>{shapes}</svg>"
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """A line through points (n, 2), px; a dot if there is one. Without a colour it is faint."""

    points: Floats
    width: float
    color: Rgb | None = None
    opacity: float = 1.0
    is_ring: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Text:
    """One line of text; `anchor` is the share of its width left of `xy`."""

    xy: tuple[float, float]
    text: str
    size: int
    anchor: float = 0.0
    color: Rgb | None = None
    opacity: float = 0.75


class _Box(NamedTuple):
    """What is shown, m: right of the camera, and ahead of it."""

    left: float
    near: float
    right: float
    far: float


@dataclass(frozen=True, slots=True, eq=False)
class _Plot:
    """A top view: paths in metres, and how metres become px."""

    paths: dict[int | None, Floats]
    timestamps_us: NDArray[np.int64]
    edges: Floats  # (2, 2) directions of the left and right edge of the field of view
    box: _Box
    px_per_m: float
    wh: tuple[int, int]

    @classmethod
    def of(
        cls, sequence: PoseSequence, camera: Camera | None, up: ArrayLike, wh: tuple[int, int]
    ) -> _Plot:
        """Return the plot of a sequence; all paths and the camera are inside."""
        if min(wh) < 64:
            raise ValueError(f"wh must be at least 64 x 64 px, got {wh!r}")
        paths = ground_paths(sequence, up=up)
        known = [
            np.zeros((1, 2)),
            *(path[np.isfinite(path).all(axis=1)] for path in paths.values()),
        ]
        points = np.concatenate(known)
        low, high = points.min(axis=0) - MARGIN_M, points.max(axis=0) + MARGIN_M
        size = np.maximum(high - low, 1.0)
        px_per_m = float(min(wh[0] / size[0], wh[1] / size[1]))
        half = np.array(wh) / px_per_m / 2
        middle = (low + high) / 2
        box = _Box(*(middle - half).tolist(), *(middle + half).tolist())
        edges = np.zeros((0, 2))
        if camera is not None:
            width, height = camera.wh
            rays = camera.rays_from_image([[0, height / 2], [width, height / 2]])
            edges = np.stack([rays[:, 0], np.ones(2)], axis=1)
        return cls(paths, sequence.timestamps_us, edges, box, px_per_m, wh)

    def shapes(self) -> Iterator[_Line | _Text]:
        """Yield what is drawn, from back to front."""
        unit_px = min(self.wh) / 240
        yield from self._grid(unit_px)
        yield from self._view(unit_px)
        for place, (number, path) in enumerate(self.paths.items()):
            color = person_color(place if number is None else number)
            yield from self._path(number, path, color, unit_px)

    def _px(self, points: ArrayLike) -> Floats:
        values = np.asarray(points, np.float64)
        x = (values[..., 0] - self.box.left) * self.px_per_m
        y = (self.box.far - values[..., 1]) * self.px_per_m
        return np.stack([x, y], axis=-1)

    def _grid(self, unit_px: float) -> Iterator[_Line | _Text]:
        left, near, right, far = self.box
        longest = max(right - left, far - near)
        step = next((s for s in STEPS_M if longest / s <= MAX_GRID_LINES), STEPS_M[-1])
        size = max(10, round(5.5 * unit_px))
        for x in np.arange(math.ceil(left / step), right / step) * step:
            line = self._px([[x, near], [x, far]])
            yield _Line(line, 0.25 * unit_px, opacity=0.35 if x else 0.6)
            at = (line[0, 0] + unit_px, self.wh[1] - size)
            yield _Text(at, f"{x:g}", size, opacity=0.6)
        for z in np.arange(math.ceil(near / step), far / step) * step:
            line = self._px([[left, z], [right, z]])
            yield _Line(line, 0.25 * unit_px, opacity=0.35 if z else 0.6)
            if line[0, 1] < self.wh[1] - 2 * size:
                at = (2 * unit_px, line[0, 1] - size * 0.7)
                yield _Text(at, f"{z:g} m", size, opacity=0.6)

    def _view(self, unit_px: float) -> Iterator[_Line]:
        """Yield the camera at the origin, and the edges of its field of view."""
        for edge in self.edges:
            side = self.box.right if edge[0] > 0 else self.box.left
            reach = min(self.box.far, side / edge[0] if edge[0] else math.inf)
            line = self._px([[0, 0], edge * max(reach, 0)])
            yield _Line(line, 0.4 * unit_px, opacity=0.8)
        x, y = self._px([0.0, 0.0]).tolist()
        w, h = 3 * unit_px, 2.2 * unit_px
        body = [[x - w, y], [x + w, y], [x + w, y + 2 * h], [x - w, y + 2 * h], [x - w, y]]
        yield _Line(np.array(body), 0.8 * unit_px, opacity=0.9)
        lens = [[x - w / 2, y], [x - w, y - h], [x + w, y - h], [x + w / 2, y]]
        yield _Line(np.array(lens), 0.8 * unit_px, opacity=0.9)

    def _path(
        self, number: int | None, path: Floats, color: Rgb, unit_px: float
    ) -> Iterator[_Line | _Text]:
        frames = np.flatnonzero(np.isfinite(path).all(axis=1))
        if not frames.size:
            return
        px = self._px(path)
        if number is None:
            yield from (_Line(px[f : f + 1], 4 * unit_px, color) for f in frames)
            return
        times = self.timestamps_us
        breaks = np.flatnonzero(np.diff(times[frames]) > MAX_GAP_US) + 1
        for part in np.split(frames, breaks):
            yield _Line(_thinned(px[part]), 1.2 * unit_px, color)
        seconds = (times[frames] - times[frames[0]]) // 1_000_000
        for f in frames[np.flatnonzero(np.diff(seconds)) + 1]:
            yield _Line(px[f : f + 1], 2.2 * unit_px, color)
        first, last = px[frames[0]], px[frames[-1]]
        yield _Line(first[None], 4.5 * unit_px, color, is_ring=True)
        yield _Line(last[None], 4.5 * unit_px, color)
        size = max(11, round(6 * unit_px))
        x, y = last.tolist()
        is_right = x > 0.85 * self.wh[0]
        x += -4 * unit_px if is_right else 4 * unit_px
        yield _Text((x, y), f"#{number}", size, float(is_right), color, 1.0)


def _thinned(points: Floats) -> Floats:
    """Return the points without those that are less than 1 px from the one before."""
    kept = [points[0]]
    for point in points[1:-1]:
        if abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) >= 1:
            kept.append(point)
    return np.array([*kept, points[-1]])


def _paint(
    canvas: NDArray[np.uint8], line: _Line, radius: float, rgba: tuple[int, int, int, int]
) -> None:
    starts = line.points[:-1] if len(line.points) > 1 else line.points
    ends = line.points[1:] if len(line.points) > 1 else line.points
    radii = np.full((len(starts), 1), radius)
    paint_lines(canvas, np.ascontiguousarray(np.concatenate([starts, ends, radii], axis=1)), rgba)


def _paint_text(canvas: NDArray[np.uint8], text: _Text, rgba: tuple[int, int, int, int]) -> None:
    stamp = text_stamp(text.text, text.size)
    height, width = stamp.shape
    left = round(text.xy[0] - text.anchor * width)
    top = min(max(round(text.xy[1] - height / 2), 0), canvas.shape[0] - height)
    if text.color is not None:
        box = (left - 3, top, left + width + 3, top + height, height / 4)
        paint_box(canvas, box, (*PAPER, 190))
    paint_stamp(canvas, stamp, (left, top), rgba)


def _svg_of(shape: _Line | _Text) -> str:
    color = "currentColor" if shape.color is None else "rgb({},{},{})".format(*shape.color)
    if isinstance(shape, _Text):
        anchor = "end" if shape.anchor == 1 else "start"
        weight = ' font-weight="bold"' if shape.color is not None else ""
        return (
            f'<text x="{shape.xy[0]:.1f}" y="{shape.xy[1] + 0.35 * shape.size:.1f}" '
            f'font-size="{shape.size}" text-anchor="{anchor}" fill="currentColor" '
            f'opacity="{shape.opacity:g}"{weight}>{escape(shape.text)}</text>'
        )
    if len(shape.points) == 1:
        x, y = shape.points[0].tolist()
        r, fill = shape.width / 2, color
        edge = f'stroke="currentColor" stroke-width="{shape.width / 10:.2f}" stroke-opacity="0.6"'
        if shape.is_ring:
            r, fill = 0.375 * shape.width, "none"
            edge = f'stroke="{color}" stroke-width="{shape.width / 4:.2f}"'
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.2f}" fill="{fill}" {edge}/>'
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in shape.points.tolist())
    line = f'<polyline points="{points}" stroke="{{}}" stroke-width="{{:.2f}}" opacity="{{:g}}"/>'
    under = "" if shape.color is None else line.format("currentColor", shape.width * 1.5, 0.35)
    return under + line.format(color, shape.width, shape.opacity)
