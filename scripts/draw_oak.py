"""Draw docs/images/oak_*.svg: what runs on an OAK camera in each mode, from its description.

Run ``python scripts/draw_oak.py`` in the repository.
"""

from __future__ import annotations

from pathlib import Path

from vitruvian.oak.drawing import svg_of
from vitruvian.oak.options import OakOptions
from vitruvian.oak.pipelines import camera_graph, edge_graph, host_graph

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "images"
MODEL = "full"


def drawings() -> dict[str, str]:
    """Return the drawing of each mode with measured depth, by the name of its file."""
    options = {mode: OakOptions(mode=mode, xyz=True) for mode in ("camera", "host", "edge")}
    graphs = {
        "oak_camera.svg": camera_graph(options["camera"], MODEL),
        "oak_host.svg": host_graph(options["host"], MODEL, masks=False, with_camera=True),
        "oak_edge.svg": edge_graph(options["edge"], MODEL, script=""),
    }
    return {name: svg_of(graph) for name, graph in graphs.items()}


def main() -> None:
    """Write the drawings."""
    for name, svg in drawings().items():
        (FOLDER / name).write_text(svg)


if __name__ == "__main__":
    main()
