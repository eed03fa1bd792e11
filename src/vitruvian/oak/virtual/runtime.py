"""VirtualRuntime: a graph that runs on a virtual camera."""

from __future__ import annotations

import time
import weakref
from threading import Condition
from typing import TYPE_CHECKING, Any

from vitruvian.errors import DeviceError
from vitruvian.oak.messages import Message, Synced
from vitruvian.oak.runtime import ScriptError
from vitruvian.oak.virtual.nodes import Device, Ports, process_of
from vitruvian.oak.virtual.requests import PlanarImage
from vitruvian.oak.virtual.sensors import START_US, ColorExposure, DepthExposure
from vitruvian.oak.virtual.simulation import Queue

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.core.camera import Camera
    from vitruvian.oak.graph import Graph, Link
    from vitruvian.oak.runtime import OakInfo
    from vitruvian.oak.virtual.simulation import Process

__all__ = ["VirtualRuntime"]

# Sizes of the queues of depthai 3, and whether they block, if a link does not say otherwise.
QUEUE = 3, True
QUEUES_OF_NODES = {"locations": (4, False), "sync": (10, False)}
HOST_QUEUE_SIZE = 16  # depthai 3, Output::createOutputQueue; the oldest message is dropped
SEND_QUEUE_SIZE = 1 << 16  # images that the host sends are never dropped


class VirtualRuntime:
    """A graph that runs on a virtual camera; see `vitruvian.oak.runtime.Runtime`.

    Deleting it closes it.

    Without `is_real_time`, the time of the device passes only while the host waits for a message,
    and `timeout_s` is time of the device. So the same calls give the same messages.

    With it, the time of the device stands still while frames are rendered and networks computed. So
    a slow computer makes a slow camera, but no frames are dropped for it.

    Attributes
    ----------
    info : OakInfo
    """

    def __init__(
        self,
        graph: Graph,
        device: Device,
        info: OakInfo,
        *,
        is_real_time: bool,
        on_close: Callable[[], None],
    ) -> None:
        self.info = info
        self._device = device
        self._simulation = device.simulation
        self._is_real_time = is_real_time
        self._release = weakref.finalize(self, on_close)
        self._changed = Condition()
        self._failure: DeviceError | None = None
        self._is_closed = False
        self._streams: dict[str, Queue] = {}
        self._processes: list[Process[None]] = []
        self._connect(graph)
        self._start_s = time.monotonic()
        self._computing_s = 0.0

    def _connect(self, graph: Graph) -> None:
        """Make the queues and start the processes of the nodes."""
        queues = {link.target: self._queue(graph, link) for link in graph.links}
        for node in graph.nodes:
            inputs = {port: queue for (name, port), queue in queues.items() if name == node.name}
            outputs: dict[str, list[Queue]] = {}
            for link in graph.links_from(node.name):
                outputs.setdefault(link.source[1], []).append(queues[link.target])
            if node.kind == "from_host":
                inputs["host"] = Queue(self._simulation, SEND_QUEUE_SIZE, is_blocking=True)
                self._streams[node.properties["stream"]] = inputs["host"]
            elif node.kind == "to_host":
                self._streams[node.properties["stream"]] = inputs["in"]
                continue
            process = process_of(node, Ports(inputs, outputs), self._device)
            self._processes.append(process)
            self._simulation.start(process)

    def _queue(self, graph: Graph, link: Link) -> Queue:
        """Return the queue at the end of a link."""
        if graph[link.target[0]].kind == "to_host":
            return Queue(self._simulation, HOST_QUEUE_SIZE, is_blocking=False)
        size, is_blocking = QUEUES_OF_NODES.get(graph[link.target[0]].kind, QUEUE)
        size = size if link.queue_size is None else link.queue_size
        is_blocking = is_blocking if link.is_blocking is None else link.is_blocking
        return Queue(self._simulation, size, is_blocking=is_blocking)

    def receive(self, stream: str, timeout_s: float) -> Message | None:
        """Return the next message of a node `to_host`; None if none arrives in time."""
        with self._changed:
            queue = self._stream(stream)
            until_us = self._now_us() + round(timeout_s * 1e6)
            until_s = time.monotonic() + timeout_s
            while not len(queue):
                self._check()
                if not self._advance(until_us, until_s):
                    return None
            # What a script sent before it failed arrives.
            if self._is_closed or not isinstance(self._failure, ScriptError):
                self._check()
            taken = queue.take()
        start_s = time.monotonic()
        message = _message(taken)
        with self._changed:
            self._computing_s += time.monotonic() - start_s
        return message

    def send(self, stream: str, image: NDArray[np.uint8], number: int) -> None:
        """Send a (H, W, 3) RGB image to a node `from_host`."""
        with self._changed:
            self._check()
            self._stream(stream).add(PlanarImage.of(image, number))
            self._changed.notify_all()

    def camera_for(self, wh: tuple[int, int]) -> Camera:
        """Return the calibrated colour camera for its whole image scaled to `wh`, px."""
        return self._device.camera.scaled(wh)

    def close(self) -> None:
        """Stop the graph and release the camera."""
        with self._changed:
            if self._is_closed:
                return
            self._is_closed = True
            self._simulation.close()
            for process in self._processes:
                process.close()
            self._changed.notify_all()
        self._release()

    def _stream(self, name: str) -> Queue:
        if name not in self._streams:
            raise ValueError(f"stream must be one of {list(self._streams)}, got {name!r}")
        return self._streams[name]

    def _check(self) -> None:
        if self._is_closed:
            raise DeviceError(f"the camera {self.info.name!r} is closed")
        if self._failure is not None:
            raise type(self._failure)(str(self._failure)) from self._failure

    def _now_us(self) -> int:
        """Return the time of the device."""
        if not self._is_real_time:
            return self._simulation.now_us
        return START_US + round((time.monotonic() - self._start_s - self._computing_s) * 1e6)

    def _advance(self, until_us: int, until_s: float) -> bool:
        """Run the next event or wait for it; return False if it is later than the limit."""
        next_us = self._simulation.next_us
        now_us = self._now_us()
        if next_us is not None and (next_us <= now_us or not self._is_real_time):
            if next_us > until_us:
                self._simulation.now_us = until_us
                return False
            if self._is_real_time:
                self._simulation.now_us = now_us
            self._step()
            return True
        wait_s = until_s - time.monotonic()  # nothing happens before another thread sends or closes
        if wait_s <= 0:
            return False
        if next_us is not None:
            wait_s = min(wait_s, (next_us - now_us) / 1e6)
        self._changed.wait(wait_s)
        return True

    def _step(self) -> None:
        start_s = time.monotonic()
        try:
            self._simulation.step()
        except DeviceError as err:
            self._failure = err
            self._changed.notify_all()
        finally:
            self._computing_s += time.monotonic() - start_s


def _message(taken: Any) -> Message:
    """Return what the host receives; frames are rendered now."""
    if isinstance(taken, ColorExposure | DepthExposure):
        return taken.message()
    if isinstance(taken, Synced):
        return Synced({name: _message(message) for name, message in taken.messages.items()})
    message: Message = taken
    return message
