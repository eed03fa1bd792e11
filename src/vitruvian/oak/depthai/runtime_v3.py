"""A graph on a device of depthai 3."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from vitruvian.oak.depthai.build_v3 import build_pipeline

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vitruvian.oak.depthai.build_v3 import Queues
    from vitruvian.oak.depthai.sensor import Sensor
    from vitruvian.oak.graph import Graph

__all__ = ["Session", "open_device", "start_session"]


def open_device(dai: Any, info: Any) -> Any:
    """Return the device, started.

    depthai does not connect again by itself when it is lost: the source does.
    """
    device = dai.Device(info)
    device.setMaxReconnectionAttempts(0)
    return device


def start_session(
    dai: Any, device: Any, graph: Graph, blobs: Mapping[str, Path], sensor: Sensor
) -> Session:
    """Return the pipeline of a graph, running on an opened device."""
    pipeline = dai.Pipeline(device)
    queues = build_pipeline(dai, pipeline, graph, blobs=blobs, sensor=sensor)
    pipeline.start()
    return Session(device, pipeline, queues)


class Session:
    """A running pipeline of depthai 3."""

    def __init__(self, device: Any, pipeline: Any, queues: Queues) -> None:
        self._device = device
        self._pipeline = pipeline
        self._queues = queues

    def wait(self, stream: str, timeout_s: float) -> Any:
        """Return the next message of a stream, or None if none arrives in time."""
        return self._queues.outputs[stream].get(timedelta(seconds=timeout_s))

    def put(self, stream: str, message: Any) -> None:
        """Send a message."""
        self._queues.inputs[stream].send(message)

    def is_running(self) -> bool:
        """Whether the device is connected and runs the pipeline."""
        return bool(self._pipeline.isRunning()) and not self._device.isClosed()

    def close(self) -> None:
        """Stop the pipeline and release the device."""
        try:
            self._pipeline.stop()
        finally:
            self._device.close()
