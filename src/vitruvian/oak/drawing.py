"""A drawing of a Graph, as SVG: the device in the middle, the host on both sides."""

from __future__ import annotations

from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from vitruvian.oak.layout import Layout, Place, layout_of

if TYPE_CHECKING:
    from vitruvian.oak.graph import Graph, Link, Node

__all__ = ["svg_of"]

COLUMN_PX, ROW_PX = 196, 74
NODE_WH = (150, 46)
MARGIN_PX, TITLE_PX, LEGEND_PX = 26, 34, 30
STYLE = """\
  svg { color-scheme: light dark; --paper: #ffffff; --device: #eef3f8; --host: #f6f1e7;
    --ink: #1d2733; --faint: #5c6b7a; --line: #5c6b7a; --node: #ffffff; --camera: #cfe8d5;
    --network: #cfdcf5; --script: #f5dcc4; }
  @media (prefers-color-scheme: dark) { svg { --paper: #16191e; --device: #1f2833; --host: #2a251c;
    --ink: #e8edf2; --faint: #a3b1bf; --line: #93a2b1; --node: #2b333d; --camera: #24472f;
    --network: #28406e; --script: #5c3f22; } }
  text { font: 13px system-ui, sans-serif; fill: var(--ink); text-anchor: middle; }
  text.small { font-size: 11px; fill: var(--faint); }
  text.zone { font-size: 14px; font-weight: 600; text-anchor: start; }
  text.start { text-anchor: start; }
  path { fill: none; stroke: var(--line); stroke-width: 1.4; }
  path.config { stroke-dasharray: 5 4; }
  rect.node { fill: var(--node); stroke: var(--line); }
"""
FILLS = {
    "color_camera": "camera",
    "mono_camera": "camera",
    "network": "network",
    "script": "script",
}
SUBTITLES = {  # by kind of node, from its properties
    "color_camera": "{size}, {fps:g} fps",
    "mono_camera": "{height} lines, {fps:g} fps",
    "stereo": "depth {size}",
    "crop": "crop {size}",
    "network": "network {network}",
    "script": "Python on the device",
    "locations": "depth of zones",
    "sync": "pairs of one moment",
    "from_host": "images",
    "to_host": "stream",
}


def svg_of(graph: Graph) -> str:
    """Return a drawing of a graph as an SVG document, readable on light and dark pages."""
    layout = layout_of(graph)
    width = 2 * MARGIN_PX + (layout.n_columns - 1) * COLUMN_PX + NODE_WH[0]
    zone = TITLE_PX + MARGIN_PX + round((layout.n_rows - 1) * ROW_PX) + NODE_WH[1]
    legend = _legend(graph, zone)
    height = zone + (LEGEND_PX if legend else 6)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img">',
        f"<style>\n{STYLE}</style>",
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" '
        'markerHeight="8" orient="auto"><path d="M0 0.5 L7.5 4 L0 7.5 z" '
        'style="fill: var(--line); stroke: none"/></marker></defs>',
        f'<rect width="{width}" height="{height}" style="fill: var(--paper)"/>',
        *_zones(graph, layout, zone),
        *(_link(layout, link) for link in graph.links),
        *(_node(node, layout.places[node.name]) for node in graph.nodes),
        *legend,
        "</svg>\n",
    ]
    return "\n".join(part for part in parts if part)


def _zones(graph: Graph, layout: Layout, height: int) -> list[str]:
    """Return the backgrounds of the device and of the host."""
    columns = [layout.places[n.name].column for n in graph.nodes if not _is_stream(n)]
    first, last = min(columns), max(columns)
    spans = [("OAK camera", "device", first, last)]
    if first > 0:
        spans.append(("Host", "host", 0, first - 1))
    if last < layout.n_columns - 1:
        spans.append(("Host", "host", last + 1, layout.n_columns - 1))
    gap = (COLUMN_PX - NODE_WH[0]) / 2 - 4
    drawn = []
    for text, fill, start, end in spans:
        left = MARGIN_PX + start * COLUMN_PX - min(gap, MARGIN_PX - 6)
        right = MARGIN_PX + end * COLUMN_PX + NODE_WH[0] + min(gap, MARGIN_PX - 6)
        drawn += [
            f'<rect x="{left:g}" y="6" width="{right - left:g}" height="{height - 6}" rx="8" '
            f'style="fill: var(--{fill})"/>',
            f'<text class="zone" x="{left + 10:g}" y="25">{text}</text>',
        ]
    return drawn


def _legend(graph: Graph, height: int) -> list[str]:
    """Return the explanation of dashed lines, if there are any."""
    if not any(link.target[1] == "config" for link in graph.links):
        return []
    y = height + LEGEND_PX / 2 + 2
    return [
        f'<path class="config" d="M{MARGIN_PX} {y:g} h34"/>',
        f'<text class="small start" x="{MARGIN_PX + 42}" y="{y + 4:g}">'
        "region to crop, or zones to measure, chosen by the script</text>",
    ]


def _node(node: Node, place: Place) -> str:
    x, y = _left_top(place)
    fill = FILLS.get(node.kind)
    style = f' style="fill: var(--{fill})"' if fill else ""
    radius = 20 if _is_stream(node) else 6
    width, height = NODE_WH
    center = x + width / 2
    return (
        f'<rect class="node" x="{x:g}" y="{y:g}" width="{width}" height="{height}" '
        f'rx="{radius}"{style}/>\n'
        f'<text x="{center:g}" y="{y + 19:g}">{escape(node.name)}</text>\n'
        f'<text class="small" x="{center:g}" y="{y + 35:g}">{escape(_subtitle(node))}</text>'
    )


def _subtitle(node: Node) -> str:
    """Return the main properties of a node."""
    return SUBTITLES[node.kind].format(**{"size": _size(node), **node.properties})


def _size(node: Node) -> str:
    return "x".join(map(str, node.properties.get("wh", ())))


def _link(layout: Layout, link: Link) -> str:
    """Return a link as a curve through the free places between other nodes."""
    start, *between, end = layout.paths[link]
    points = [(x * COLUMN_PX, y * ROW_PX) for x, y in (start, *between, end)]
    is_back = points[0][0] > points[-1][0]
    half = NODE_WH[0] / 2
    sign = -1 if is_back else 1
    points[0] = points[0][0] + sign * half, points[0][1] + layout.shifts[link][0] * NODE_WH[1]
    points[-1] = points[-1][0] - sign * half, points[-1][1] + layout.shifts[link][1] * NODE_WH[1]
    x0, y0 = MARGIN_PX + half, TITLE_PX + NODE_WH[1] / 2
    points = [(x + x0, y + y0) for x, y in points]
    path = [f"M{points[0][0]:g} {points[0][1]:.1f}"]
    for (x1, y1), (x2, y2) in pairwise(points):
        middle = (x1 + x2) / 2
        path.append(f"C{middle:g} {y1:.1f} {middle:g} {y2:.1f} {x2:g} {y2:.1f}")
    kind = ' class="config"' if link.target[1] == "config" else ""
    return f'<path{kind} d="{" ".join(path)}" marker-end="url(#arrow)"/>'


def _left_top(place: Place) -> tuple[float, float]:
    return MARGIN_PX + place.column * COLUMN_PX, TITLE_PX + place.row * ROW_PX


def _is_stream(node: Node) -> bool:
    return node.kind in ("from_host", "to_host")
