"""Diagram of curves, as SVG or as pixels."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.draw.palette import INK, Rgb
from vitruvian.draw.raster import paint_lines, paint_stamp
from vitruvian.draw.text import text_stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["CURVE_COLORS", "Axis", "Curve", "curves_image", "curves_svg"]

CURVE_COLORS: tuple[Rgb, ...] = (  # on white; told apart with any common kind of colour blindness
    (31, 119, 180),
    (214, 39, 40),
    (44, 140, 60),
    (148, 90, 190),
    (230, 140, 0),
    (70, 70, 70),
)
WIDTH, HEIGHT = 720, 440
LEFT, RIGHT, TOP, BOTTOM = 60, 24, 44, 56
GRID: Rgb = (222, 226, 232)
FONT_PX = 14
SCALE = 2  # of the pixels
LEGEND_PX = 20


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis: its title, its ends and the values marked on it."""

    title: str
    low: float
    high: float
    marks: Sequence[float]

    def part(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where values are on the axis, 0 to 1."""
        return np.clip((values - self.low) / (self.high - self.low), 0, 1)


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A curve: its name and its (n, 2) points."""

    name: str
    points: NDArray[np.float64]


@dataclass(slots=True)
class _Shapes:
    """Lines and texts of a drawing: what both forms of it paint."""

    lines: list[tuple[NDArray[np.float64], Rgb, float]] = field(default_factory=list)
    texts: list[tuple[float, float, str, str]] = field(default_factory=list)


def curves_svg(title: str, x: Axis, y: Axis, curves: Sequence[Curve]) -> str:
    """Return a diagram as SVG."""
    shapes = _shapes(title, x, y, curves)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="{FONT_PX}">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for points, color, width in shapes.lines:
        way = " ".join(f"{px:.1f},{py:.1f}" for px, py in points.tolist())
        parts.append(
            f'<polyline points="{way}" fill="none" stroke="rgb{color}" stroke-width="{width}" '
            'stroke-linejoin="round"/>'
        )
    for px, py, text, anchor in shapes.texts:
        parts.append(
            f'<text x="{px:.1f}" y="{py:.1f}" text-anchor="{anchor}" fill="rgb{INK}">'
            f"{escape(text)}</text>"
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def curves_image(title: str, x: Axis, y: Axis, curves: Sequence[Curve]) -> NDArray[np.uint8]:
    """Return a diagram as pixels, (H, W, 3) uint8, RGB, of twice the size of the SVG."""
    shapes = _shapes(title, x, y, curves)
    canvas = np.full((SCALE * HEIGHT, SCALE * WIDTH, 3), 255, np.uint8)
    for points, color, width in shapes.lines:
        ends = SCALE * np.hstack([points[:-1], points[1:]])
        radii = np.full((len(ends), 1), SCALE * width / 2)
        paint_lines(canvas, np.ascontiguousarray(np.hstack([ends, radii])), (*color, 255))
    for px, py, text, anchor in shapes.texts:
        stamp = text_stamp(text, SCALE * FONT_PX)
        shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * stamp.shape[1]
        top = SCALE * py - 0.8 * stamp.shape[0]
        paint_stamp(canvas, stamp, (round(SCALE * px - shift), round(top)), (*INK, 255))
    return canvas


def _shapes(title: str, x: Axis, y: Axis, curves: Sequence[Curve]) -> _Shapes:
    shapes = _Shapes()

    def at(points: NDArray[np.float64]) -> NDArray[np.float64]:
        across = LEFT + (WIDTH - LEFT - RIGHT) * x.part(points[:, 0])
        down = TOP + (HEIGHT - TOP - BOTTOM) * (1 - y.part(points[:, 1]))
        return np.stack([across, down], axis=1)

    for value in x.marks:
        line = at(np.array([[value, y.low], [value, y.high]]))
        shapes.lines.append((line, GRID, 1.0))
        shapes.texts.append((line[0, 0], line[0, 1] + 20, f"{value:g}", "middle"))
    for value in y.marks:
        line = at(np.array([[x.low, value], [x.high, value]]))
        shapes.lines.append((line, GRID, 1.0))
        shapes.texts.append((LEFT - 8, line[0, 1] + 5, f"{value:g}", "end"))
    shapes.texts.append((LEFT, TOP - 18, title, "start"))
    shapes.texts.append((WIDTH / 2, HEIGHT - 12, x.title, "middle"))
    bottom = HEIGHT - BOTTOM - 16 - LEGEND_PX * (len(curves) - 1)
    for i, curve in enumerate(curves):
        color = CURVE_COLORS[i % len(CURVE_COLORS)]
        row = bottom + LEGEND_PX * i
        right = WIDTH - RIGHT - 12.0
        shapes.lines.append((at(curve.points), color, 2.0))
        shapes.lines.append((np.array([[right - 28, row - 5], [right, row - 5]]), color, 4.0))
        shapes.texts.append((right - 36, row, curve.name, "end"))
    return shapes
