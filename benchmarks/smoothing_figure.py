"""The drawing of `smoothing_curve.py`: jitter against lag, a small diagram per frame rate."""

from __future__ import annotations

import numpy as np

__all__ = ["drawing"]

SHOWN = ("5", "10", "15", "30", "60", "120")
COLORS = ("#c8102e", "#1f5fa8", "#3c9a5f")
WIDTH, HEIGHT = 300, 220  # of a diagram
LEFT, RIGHT, TOP, BOTTOM = 44, 10, 26, 30
COLUMNS = 3
LEGEND = 46  # px below the diagrams


def drawing(curves: dict[str, dict[str, np.ndarray]], marked: int) -> str:
    """Return an SVG of `curves`: by frame rate and software, (amounts, lag and jitter, ...).

    The point number `marked` of each curve is large.
    """
    shown = [rate for rate in SHOWN if rate in curves]
    width, height = COLUMNS * WIDTH, -(-len(shown) // COLUMNS) * HEIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height + LEGEND}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height + LEGEND}" fill="white"/>',
    ]
    for i, rate in enumerate(shown):
        corner = i % COLUMNS * WIDTH, i // COLUMNS * HEIGHT
        parts += [
            f'<g transform="translate{corner}">',
            *_diagram(rate, curves[rate], marked),
            "</g>",
        ]
    for i, name in enumerate(curves[shown[0]]):
        x = LEFT + i * 170
        parts.append(f'<circle cx="{x}" cy="{height + 12}" r="5" fill="{COLORS[i]}"/>')
        parts.append(_text(x + 12, height + 16, name, "start"))
    parts.append(_text(
        LEFT - 5, height + 36, "x: lag, ms; y: jitter, thousandths of the body; large: smoothing "
        "0.5; to its right more smoothing", "start",
    ))  # fmt: skip
    return "\n".join([*parts, "</svg>"]) + "\n"


def _diagram(rate: str, rows: dict[str, np.ndarray], marked: int) -> list[str]:
    points = np.concatenate([row[:, :2] for row in rows.values()])
    most_lag = np.ceil(max(row[marked, 0] for row in rows.values()) * 2 / 5) * 5
    inside = points[points[:, 0] <= most_lag]
    (left, low), high = np.floor(inside.min(axis=0)), np.ceil(inside[:, 1].max())

    def at(lag: float, jitter: float) -> tuple[float, float]:
        x = LEFT + (WIDTH - LEFT - RIGHT) * (lag - left) / (most_lag - left)
        return x, TOP + (HEIGHT - TOP - BOTTOM) * (high - jitter) / (high - low)

    parts = [_text(WIDTH / 2, 16, f"{rate} frames/s")]
    for lag in np.linspace(max(left, 0), most_lag, 3).round(1):
        x, bottom = at(lag, low)
        parts += [_line((x, TOP), (x, bottom)), _text(x, bottom + 16, f"{lag:g}")]
    for jitter in np.linspace(low, high, 3):
        right, y = at(most_lag, jitter)
        parts += [_line((LEFT, y), (right, y)), _text(LEFT - 5, y + 4, f"{jitter:g}", "end")]
    for color, row in zip(COLORS, rows.values(), strict=False):
        places = [at(lag, jitter) for lag, jitter in row[row[:, 0] <= most_lag, :2]]
        way = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{way}" fill="none" stroke="{color}" stroke-width="2"/>')
        x, y = at(*row[marked, :2])
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{color}"/>')
    return parts


def _line(start: tuple[float, float], end: tuple[float, float]) -> str:
    (x1, y1), (x2, y2) = start, end
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="#ddd"/>'


def _text(x: float, y: float, text: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#222">{text}</text>'
