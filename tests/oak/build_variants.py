"""The graphs that builders are tested with: every mode with and without xyz, crop and laconic.

It runs in an environment with depthai 2 too, without pytest.
"""

from __future__ import annotations

import base64
import zlib
from itertools import product
from typing import TYPE_CHECKING

from vitruvian.oak.options import OakOptions
from vitruvian.oak.pipelines import camera_graph, edge_graph, host_graph

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.oak.graph import Graph

# The network divide_by_255, compiled by OpenVINO 2021.4.2: two steps, no weights. Builders read
# only the header of a .blob file, so it stands for all networks.
DIVIDE_BY_255 = zlib.decompress(
    base64.b85decode(
        "c-pH^%}HZG0*nkyK!^zzFe2D*RT&r>fQs1QdLS60kC_1^15wTfmt#Pp4?sB%AdJm2GJpUOXXYlRr=s|UfkDxkf"
        "q@0;Dwyj8aOux0C@qOML=nfP-vCLz0*LdWc8P#R8tfU+!UdNb5JAd}*FFUXh!_LZF3JDR^(8=B3Tg(-KaC9y)"
        "-d}CnS;-7h$w-?uoToztN{=8Br}qK5d<^DEI7f2!3O|FMHf~"
    )
)
SCRIPT = "while True:\n    node.io['result'].send(node.io['landmarks'].get())\n"

VARIANTS = [
    *(("camera", xyz, crop, False) for xyz, crop in product((False, True), repeat=2)),
    *(("host", xyz, crop, False) for xyz, crop in product((False, True), repeat=2)),
    *(("edge", xyz, crop, laconic) for xyz, crop, laconic in product((False, True), repeat=3)),
    ("files", False, False, False),  # mode "host" without the camera of the device
]


def graph_of(variant: tuple[str, bool, bool, bool]) -> Graph:
    """Return the graph of a variant: (mode, xyz, crop, laconic)."""
    mode, xyz, crop, laconic = variant
    options = OakOptions(
        mode="host" if mode == "files" else mode, xyz=xyz, crop=crop, laconic=laconic
    )
    if mode == "camera":
        return camera_graph(options, "full")
    if mode == "edge":
        return edge_graph(options, "full", SCRIPT)
    return host_graph(options, "full", masks=mode == "files", with_camera=mode == "host")


def blobs_for(graph: Graph, folder: Path) -> dict[str, Path]:
    """Return a compiled network for each node of a graph that has one."""
    path = folder / "network.blob"
    path.write_bytes(DIVIDE_BY_255)
    return {node.name: path for node in graph.nodes if node.kind == "network"}
