"""Graph: what runs on the device, as a plain description: nodes, their properties, their links.

Builders make the pipeline of a depthai version from it, the virtual camera runs it, and the
drawings of the documentation are made from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KINDS", "Graph", "Link", "Node"]

KINDS = {  # kind of node: (names of its inputs, names of its outputs); None for any names
    "color_camera": ((), ("frames",)),
    "mono_camera": ((), ("frames",)),
    "stereo": (("left", "right"), ("depth",)),
    "crop": (("image", "config"), ("out",)),
    "network": (("in",), ("out",)),
    "script": (None, None),
    "locations": (("depth", "config"), ("out",)),
    "sync": (None, ("out",)),
    "from_host": ((), ("out",)),
    "to_host": (("in",), ()),
}


@dataclass(frozen=True, slots=True)
class Node:
    """One node of a graph.

    Attributes
    ----------
    name : str
        Unique in the graph.
    kind : str
        One of `KINDS`.
    properties : mapping
        Settings of the node. They depend on the kind; see `vitruvian.oak.pipelines`.
    """

    name: str
    kind: str
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """A link from an output of a node to an input of another one.

    Attributes
    ----------
    source, target : (str, str)
        Names of the node and of its output or input.
    queue_size : int or None
        Messages that the input holds; None for the default of depthai.
    is_blocking : bool or None
        Whether a sender waits while the input is full; else the oldest message is dropped. None for
        the default of depthai.
    """

    source: tuple[str, str]
    target: tuple[str, str]
    queue_size: int | None = None
    is_blocking: bool | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """The nodes of a pipeline and their links.

    Raises
    ------
    ValueError
        If two nodes have one name, a kind is not known, or a link has no such end.
    """

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]

    def __post_init__(self) -> None:
        names = [node.name for node in self.nodes]
        if len(set(names)) < len(names):
            raise ValueError(f"the names of nodes must differ, got {names}")
        for node in self.nodes:
            if node.kind not in KINDS:
                raise ValueError(f"kind must be one of {list(KINDS)}, got {node.kind!r}")
        for link in self.links:
            for (name, port), side in ((link.target, 0), (link.source, 1)):
                if name not in names:
                    raise ValueError(f"there is no node {name!r}")
                ports = KINDS[self[name].kind][side]
                if ports is not None and port not in ports:
                    raise ValueError(f"node {name!r} has no port {port!r}, only {list(ports)}")

    def __getitem__(self, name: str) -> Node:
        """Return the node of this name."""
        return next(node for node in self.nodes if node.name == name)

    def __contains__(self, name: object) -> bool:
        return any(node.name == name for node in self.nodes)

    def links_from(self, name: str) -> list[Link]:
        """Return the links that start at a node."""
        return [link for link in self.links if link.source[0] == name]

    def links_to(self, name: str) -> list[Link]:
        """Return the links that end at a node."""
        return [link for link in self.links if link.target[0] == name]
