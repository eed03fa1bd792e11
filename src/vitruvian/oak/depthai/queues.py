"""Sizes of the queues between host and device, for both versions of depthai."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitruvian.oak.graph import Graph, Node

__all__ = ["queue_settings"]

QUEUE_SIZE = 8  # messages; 0.3 s of frames at 26 frames/s


def queue_settings(graph: Graph, stream: Node) -> tuple[int, bool]:
    """Return how many messages a stream holds, and whether a sender waits while it is full.

    Frames, records and depth are dropped, oldest first, if the host is too slow. Questions to the
    networks and their answers are never dropped.
    """
    links = graph.links_from(stream.name) + graph.links_to(stream.name)
    ends = {graph[name].kind for link in links for name in (link.source[0], link.target[0])}
    return QUEUE_SIZE, "network" in ends
