"""What the builders for depthai 2 and 3 share: the nodes that both create by the same calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vitruvian.oak.depthai.sensor import Sensor
    from vitruvian.oak.graph import Graph, Link, Node

__all__ = ["Builder", "input_of"]

INPUTS = {  # names of depthai, where they differ
    ("crop", "image"): "inputImage",
    ("crop", "config"): "inputConfig",
    ("network", "in"): "input",
    ("locations", "depth"): "inputDepth",
    ("locations", "config"): "inputConfig",
    ("to_host", "in"): "input",
}


@dataclass(frozen=True, slots=True)
class Builder:
    """Creates the node of depthai for each node of a graph."""

    dai: Any
    pipeline: Any
    graph: Graph
    blobs: Mapping[str, Path]
    sensor: Sensor

    def create(self, node: Node) -> Any:
        """Return the node of depthai."""
        return getattr(self, f"_{node.kind}")(node, node.properties)

    def _crop(self, node: Node, properties: Mapping[str, Any]) -> Any:
        crop = self.pipeline.create(self.dai.node.ImageManip)
        crop.setMaxOutputFrameSize(3 * properties["wh"][0] * properties["wh"][1])
        crop.inputConfig.setWaitForMessage(True)
        return crop

    def _script(self, node: Node, properties: Mapping[str, Any]) -> Any:
        script = self.pipeline.create(self.dai.node.Script)
        script.setScript(properties["text"])
        return script

    def _locations(self, node: Node, properties: Mapping[str, Any]) -> Any:
        locations = self.pipeline.create(self.dai.node.SpatialLocationCalculator)
        locations.inputConfig.setWaitForMessage(True)
        return locations

    def _sync(self, node: Node, properties: Mapping[str, Any]) -> Any:
        sync = self.pipeline.create(self.dai.node.Sync)
        sync.setSyncThreshold(timedelta(microseconds=properties["threshold_us"]))
        return sync


def input_of(graph: Graph, nodes: Mapping[str, Any], link: Link) -> Any:
    """Return the input of a node of depthai at which a link ends."""
    name, port = link.target
    kind, node = graph[name].kind, nodes[name]
    if kind in ("script", "sync"):
        return node.inputs[port]
    return getattr(node, INPUTS.get((kind, port), port))
