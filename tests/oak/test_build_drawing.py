"""Drawings of graphs: complete, readable, and those of the documentation are up to date."""

from __future__ import annotations

import importlib.util
from itertools import combinations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.oak.build_variants import VARIANTS, graph_of
from vitruvian.oak.drawing import svg_of
from vitruvian.oak.layout import layout_of

REPOSITORY = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"

every_graph = pytest.mark.parametrize("variant", VARIANTS, ids=repr)


def script() -> Any:
    path = REPOSITORY / "scripts" / "draw_oak.py"
    spec = importlib.util.spec_from_file_location("draw_oak", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["oak_camera.svg", "oak_edge.svg", "oak_host.svg"])
def test_drawing_of_the_documentation_is_that_of_the_description(name: str) -> None:
    drawings = script().drawings()
    committed = (REPOSITORY / "docs" / "images" / name).read_text()
    assert drawings[name] == committed, "run python scripts/draw_oak.py"


@every_graph
def test_every_node_and_link_is_drawn(variant: tuple[str, bool, bool, bool]) -> None:
    graph = graph_of(variant)
    root = ElementTree.fromstring(svg_of(graph))
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert all(texts.count(node.name) == 1 for node in graph.nodes)
    arrows = [path for path in root.iter(f"{SVG}path") if "marker-end" in path.attrib]
    assert len(arrows) == len(graph.links)


@every_graph
def test_nodes_do_not_overlap_and_streams_are_at_the_sides(
    variant: tuple[str, bool, bool, bool],
) -> None:
    graph = graph_of(variant)
    layout = layout_of(graph)
    for one, other in combinations(layout.places.values(), 2):
        assert one.column != other.column or abs(one.row - other.row) > 0.99
    columns = {node.name: layout.places[node.name].column for node in graph.nodes}
    inner = [columns[n.name] for n in graph.nodes if n.kind not in ("from_host", "to_host")]
    for node in graph.nodes:
        if node.kind == "from_host":
            assert columns[node.name] < min(inner)
        if node.kind == "to_host":
            assert columns[node.name] > max(inner)


@every_graph
def test_data_flows_to_the_right_but_for_the_script(
    variant: tuple[str, bool, bool, bool],
) -> None:
    graph = graph_of(variant)
    places = layout_of(graph).places
    back = {
        link
        for link in graph.links
        if places[link.source[0]].column >= places[link.target[0]].column
    }
    assert all("script" in (link.source[0], link.target[0]) for link in back)
