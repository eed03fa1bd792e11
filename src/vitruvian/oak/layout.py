"""Where the nodes of a Graph stand in a drawing: columns along the flow, rows with few crossings.

A layered drawing after Sugiyama: links that lead back are reversed, long links take a place in each
column that they pass, and each column is ordered by the mean row of its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitruvian.oak.graph import Graph, Link

__all__ = ["Layout", "Place", "layout_of"]

N_SWEEPS = 12
SLIM = 0.55  # rows that a passing link needs; a node needs 1

Slot = tuple[str, int]  # name of a node or number of a link, column


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node stands: column, and row, which may lie between two."""

    column: int
    row: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the nodes and links of a graph are drawn.

    Attributes
    ----------
    n_columns : int
    n_rows : float
    places : mapping of str to Place
    paths : mapping of Link to tuple of (column, row)
        The points through which each link passes, from its source to its target.
    shifts : mapping of Link to (float, float)
        Where it leaves its source and enters its target, in heights of a node from the middle.
    """

    n_columns: int
    n_rows: float
    places: Mapping[str, Place]
    paths: Mapping[Link, tuple[tuple[float, float], ...]]
    shifts: Mapping[Link, tuple[float, float]]


def layout_of(graph: Graph) -> Layout:
    """Return where the nodes and links of a graph are drawn."""
    columns = _columns(graph)
    routes = {link: _route(number, link, columns) for number, link in enumerate(graph.links)}
    rows = _rows(graph, columns, routes)
    places = {name: Place(column, rows[name, column]) for name, column in columns.items()}
    paths = {link: tuple((slot[1], rows[slot]) for slot in route) for link, route in routes.items()}
    return Layout(
        n_columns=max(columns.values()) + 1,
        n_rows=max(rows.values()) + 1,
        places=places,
        paths=paths,
        shifts=_shifts(graph, paths),
    )


def _columns(graph: Graph) -> dict[str, int]:
    """Return the column of each node: the longest way to it without links that lead back.

    Images from the host come in on the left, streams to the host go out on the right.
    """
    inner = {node.name for node in graph.nodes if node.kind not in ("from_host", "to_host")}
    forward = [
        (link.source[0], link.target[0])
        for link in set(graph.links) - _back_links(graph)
        if {link.source[0], link.target[0]} <= inner
    ]
    columns = dict.fromkeys(inner, int(any(node.kind == "from_host" for node in graph.nodes)))
    for _ in inner:
        for source, target in forward:
            columns[target] = max(columns[target], columns[source] + 1)
    for name in inner - {target for _, target in forward}:  # cameras, beside what they feed
        nearest = [columns[target] for source, target in forward if source == name]
        columns[name] = min(nearest, default=columns[name] + 1) - 1
    last = max(columns.values()) + 1
    ends = {"from_host": 0, "to_host": last}
    return {node.name: columns.get(node.name, ends.get(node.kind, 0)) for node in graph.nodes}


def _back_links(graph: Graph) -> set[Link]:
    """Return the links that close a circle, seen from the first nodes on."""
    back: set[Link] = set()
    state: dict[str, str] = {}

    def visit(name: str) -> None:
        state[name] = "open"
        for link in graph.links_from(name):
            target = link.target[0]
            if state.get(target) == "open":
                back.add(link)
            elif target not in state:
                visit(target)
        state[name] = "done"

    for node in graph.nodes:
        if node.name not in state:
            visit(node.name)
    return back


def _route(number: int, link: Link, columns: Mapping[str, int]) -> list[Slot]:
    """Return the places that a link takes, one in each column."""
    (source, _), (target, _) = link.source, link.target
    start, end = columns[source], columns[target]
    step = 1 if end >= start else -1
    between = [(f"#{number}", column) for column in range(start + step, end, step)]
    return [(source, start), *between, (target, end)]


def _rows(
    graph: Graph, columns: Mapping[str, int], routes: Mapping[Link, list[Slot]]
) -> dict[Slot, float]:
    """Return the row of each place."""
    neighbours: dict[Slot, list[Slot]] = {(name, column): [] for name, column in columns.items()}
    for route in routes.values():
        for one, other in pairwise(route):
            neighbours.setdefault(one, []).append(other)
            neighbours.setdefault(other, []).append(one)
    layers: dict[int, list[Slot]] = {}
    for slot in neighbours:
        layers.setdefault(slot[1], []).append(slot)
    rows = {slot: float(i) for layer in layers.values() for i, slot in enumerate(layer)}
    for sweep in range(N_SWEEPS):
        order = sorted(layers, reverse=bool(sweep % 2))
        for column in order:
            wanted = {
                slot: fmean(rows[other] for other in neighbours[slot]) if neighbours[slot] else 0.0
                for slot in layers[column]
            }
            layers[column].sort(key=lambda slot: (wanted[slot], rows[slot]))
            _spread(layers[column], wanted, rows)
    top = min(rows.values())
    return {slot: row - top for slot, row in rows.items()}


def _spread(layer: list[Slot], wanted: Mapping[Slot, float], rows: dict[Slot, float]) -> None:
    """Give the places of a column rows near the wanted ones, with room for each."""
    sizes = [SLIM if slot[0].startswith("#") else 1.0 for slot in layer]
    found: list[float] = []
    for slot, size in zip(layer, sizes, strict=True):
        least = found[-1] + (sizes[len(found) - 1] + size) / 2 if found else -float("inf")
        found.append(max(wanted[slot], least))
    excess = fmean(row - wanted[slot] for slot, row in zip(layer, found, strict=True))
    for slot, row in zip(layer, found, strict=True):
        rows[slot] = row - excess


def _shifts(
    graph: Graph, paths: Mapping[Link, tuple[tuple[float, float], ...]]
) -> dict[Link, tuple[float, float]]:
    """Return where links leave and enter their nodes, so that they do not cross there."""
    shifts = {link: [0.0, 0.0] for link in graph.links}
    for node in graph.nodes:
        sides: dict[bool, list[tuple[float, Link, int]]] = {True: [], False: []}
        for link, path in paths.items():
            for end, (here, nearby) in enumerate(((path[0], path[1]), (path[-1], path[-2]))):
                if (link.source, link.target)[end][0] == node.name:
                    sides[nearby[0] > here[0]].append((nearby[1], link, end))
        for side in sides.values():
            side.sort(key=lambda entry: (entry[0], graph.links.index(entry[1])))
            for i, (_, link, end) in enumerate(side):
                shifts[link][end] = (i + 1) / (len(side) + 1) - 0.5
    return {link: (start, end) for link, (start, end) in shifts.items()}
