"""A graph on a device of depthai 2."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from vitruvian.oak.depthai.build_v2 import build_pipeline
from vitruvian.oak.depthai.queues import queue_settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vitruvian.oak.depthai.sensor import Sensor
    from vitruvian.oak.graph import Graph

__all__ = ["Session", "open_device", "start_session"]

POLL_S = 0.001  # depthai 2 has no wait with a time limit for one queue


def open_device(dai: Any, info: Any) -> Any:
    """Return the device, started for networks of OpenVINO 2021.4."""
    return dai.Device(dai.OpenVINO.Version.VERSION_2021_4, info)


def start_session(
    dai: Any, device: Any, graph: Graph, blobs: Mapping[str, Path], sensor: Sensor
) -> Session:
    """Return the pipeline of a graph, running on an opened device."""
    device.startPipeline(build_pipeline(dai, graph, blobs=blobs, sensor=sensor))
    queues = {}
    for node in graph.nodes:
        if node.kind in ("from_host", "to_host"):
            open_queue = device.getInputQueue if node.kind == "from_host" else device.getOutputQueue
            stream = node.properties["stream"]
            queues[stream] = open_queue(stream, *queue_settings(graph, node))
    return Session(device, queues)


class Session:
    """A running pipeline of depthai 2."""

    def __init__(self, device: Any, queues: Mapping[str, Any]) -> None:
        self._device = device
        self._queues = queues

    def wait(self, stream: str, timeout_s: float) -> Any:
        """Return the next message of a stream, or None if none arrives in time."""
        deadline = time.monotonic() + timeout_s
        while (message := self._queues[stream].tryGet()) is None:
            if time.monotonic() >= deadline:
                return None
            time.sleep(POLL_S)
        return message

    def put(self, stream: str, message: Any) -> None:
        """Send a message."""
        self._queues[stream].send(message)

    def is_running(self) -> bool:
        """Whether the device is connected."""
        return not self._device.isClosed()

    def close(self) -> None:
        """Stop the pipeline and release the device."""
        self._device.close()
