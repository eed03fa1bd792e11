"""Drawings of curves for the documentation, as SVG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Axis", "Curve", "chart"]

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 16, 48


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis: title, the values at both ends, and the values to mark with their texts."""

    title: str
    low: float
    high: float
    marks: Mapping[float, str]

    def part(self, value: float) -> float:
        """Return where on the axis `value` is, 0 to 1."""
        return (value - self.low) / (self.high - self.low)


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve: name, colour, and its points."""

    name: str
    color: str
    points: Sequence[tuple[float, float]]


def chart(x: Axis, y: Axis, curves: Sequence[Curve]) -> str:
    """Return a drawing of the curves with a key at the upper left."""
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def place(point: tuple[float, float]) -> tuple[float, float]:
        across, up = x.part(point[0]), y.part(point[1])
        return LEFT + (right - LEFT) * across, bottom - (bottom - TOP) * up

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for value, text in x.marks.items():
        column, _ = place((value, y.low))
        parts += [_line((column, TOP), (column, bottom)), _text(column, bottom + 18, text)]
    for value, text in y.marks.items():
        _, row = place((x.low, value))
        parts += [_line((LEFT, row), (right, row)), _text(LEFT - 6, row + 4, text, "end")]
    parts.append(_text((LEFT + right) / 2, HEIGHT - 10, x.title))
    middle = (TOP + bottom) / 2
    parts.append(f'<g transform="rotate(-90 16 {middle})">{_text(16, middle, y.title)}</g>')
    for number, curve in enumerate(curves):
        places = [place(point) for point in curve.points]
        path = " ".join(f"{column:.1f},{row:.1f}" for column, row in places)
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{curve.color}" stroke-width="2"/>'
        )
        key = LEFT + 20, TOP + 16 + 20 * number
        parts += [_dot(column, row, curve.color) for column, row in [*places, key]]
        parts.append(_text(key[0] + 10, key[1] + 4, curve.name, "start"))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _line(start: tuple[float, float], end: tuple[float, float]) -> str:
    (x1, y1), (x2, y2) = start, end
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="#ddd"/>'


def _dot(x: float, y: float, color: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{color}"/>'


def _text(x: float, y: float, text: str, anchor: str = "middle") -> str:
    shown = text.replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#222">{shown}</text>'
