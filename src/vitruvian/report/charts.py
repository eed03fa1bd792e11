"""Charts of the report as inline SVG."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Band", "Line", "time_chart"]

WIDTH, HEIGHT = 360, 168
LEFT, RIGHT, TOP, BOTTOM = 34, 8, 16, 24  # margins around the plot
MAX_POINTS = 600  # of a line: about one a pixel on a large screen
MIN_SPAN_DEG = 20.0  # so that noise does not fill a chart
N_TICKS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A line of a chart.

    Attributes
    ----------
    label : str
    kind : str
        CSS class: "left", "right" or "middle".
    values : (T,) array
        NaN interrupts the line.
    range : str
        Of the values, for the legend.
    """

    label: str
    kind: str
    values: Floats
    range: str


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of time that is shaded, s."""

    label: str
    start_s: float
    end_s: float
    is_partial: bool = False


def time_chart(
    title: str, times_s: Floats, lines: Sequence[Line], bands: Sequence[Band] = ()
) -> str:
    """Return the chart of an angle over time: a figure with its legend and its values.

    Parameters
    ----------
    title : str
    times_s : (T,) array
    lines : sequence of Line
    bands : sequence of Band
        Repetitions.
    """
    low, high = _limits([line.values for line in lines])
    start, end = float(times_s[0]), max(float(times_s[-1]), float(times_s[0]) + 1e-3)
    x_scale, y_scale = (
        (WIDTH - LEFT - RIGHT) / (end - start),
        (HEIGHT - TOP - BOTTOM) / (low - high),
    )

    def x(time_s: float) -> float:
        return LEFT + (time_s - start) * x_scale

    def y(value: float) -> float:
        return TOP + (value - high) * y_scale

    parts = [_band(band, x(band.start_s), x(band.end_s)) for band in bands]
    for tick in _ticks(low, high, N_TICKS):
        parts.append(f'<path class="grid" d="M{LEFT} {y(tick):.1f}H{WIDTH - RIGHT}"/>')
        parts.append(f'<text class="tick" x="{LEFT - 5}" y="{y(tick) + 3.5:.1f}" '
                     f'text-anchor="end">{tick:g}</text>')  # fmt: skip
    ticks = _ticks(start, end, N_TICKS + 1)
    for tick in ticks:
        unit = " s" if tick == ticks[-1] else ""
        parts.append(f'<text class="tick" x="{x(tick):.1f}" y="{HEIGHT - 8}" '
                     f'text-anchor="middle">{tick:g}{unit}</text>')  # fmt: skip
    picked = _picked(len(times_s))
    for line in lines:
        points = [(x(t), y(v)) for t, v in zip(times_s[picked], line.values[picked], strict=True)]
        parts.append(f'<path class="line {line.kind}" d="{_path(points)}"/>')
    parts.append(f'<path class="cursor" d="M0 {TOP}V{HEIGHT - BOTTOM}"/>')
    data = {
        "x": [LEFT, WIDTH - RIGHT],
        "t": [round(float(t), 3) for t in times_s[picked]],
        "v": [[None if math.isnan(v) else round(float(v), 1) for v in line.values[picked]]
              for line in lines],
    }  # fmt: skip
    legend = "".join(
        f'<span class="key {line.kind}"><i></i>{escape(line.label)} '
        f"<b>{escape(line.range)}</b></span>"
        for line in lines
    )
    return (
        f'<figure class="chart" data-chart="{escape(json.dumps(data, separators=(",", ":")))}">'
        f"<figcaption><h3>{escape(title)}</h3>{legend}</figcaption>"
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(_spoken(title, lines))}">'
        f"{''.join(parts)}</svg></figure>"
    )


def _limits(values: list[Floats]) -> tuple[float, float]:
    known = np.concatenate([v[np.isfinite(v)] for v in values])
    if not known.size:
        return 0.0, 90.0
    low, high = float(known.min()), float(known.max())
    rest = max(0.0, MIN_SPAN_DEG - (high - low)) / 2
    margin = 0.05 * (high - low)
    return low - rest - margin, high + rest + margin


def _ticks(low: float, high: float, n: int) -> list[float]:
    """Return at most `n` round numbers between two values."""
    step = (high - low) / n
    power = 10.0 ** math.floor(math.log10(step))
    step = next(power * m for m in (1, 2, 3, 5, 10) if power * m >= step)
    first = math.ceil(low / step)
    return [round(i * step, 6) for i in range(first, math.floor(high / step) + 1)]


def _picked(n: int) -> NDArray[np.int64]:
    """Return at most `MAX_POINTS` indices, equally spaced, with the first and the last one."""
    picked: NDArray[np.int64] = np.unique(np.linspace(0, n - 1, min(n, MAX_POINTS)).astype(int))
    return picked


def _path(points: Sequence[tuple[float, float]]) -> str:
    path, is_down = [], False
    for x, y in points:
        if math.isnan(y):
            is_down = False
            continue
        path.append(f"{'L' if is_down else 'M'}{x:.1f} {y:.1f}")
        is_down = True
    return "".join(path)


def _band(band: Band, start: float, end: float) -> str:
    kind = "band partial" if band.is_partial else "band"
    return (
        f'<rect class="{kind}" x="{start:.1f}" y="{TOP}" width="{max(end - start, 1):.1f}" '
        f'height="{HEIGHT - TOP - BOTTOM}"/><text class="count" x="{(start + end) / 2:.1f}" '
        f'y="{TOP - 4}" text-anchor="middle">{escape(band.label)}</text>'
    )


def _spoken(title: str, lines: Sequence[Line]) -> str:
    return f"{title} over time. " + "; ".join(f"{x.label}: {x.range}" for x in lines)
