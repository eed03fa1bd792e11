"""The nodes of the virtual device: what each does with its messages, and how long it takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vitruvian.errors import DeviceError
from vitruvian.oak.messages import Synced, Tensors
from vitruvian.oak.virtual.crop import cropped
from vitruvian.oak.virtual.locations import locations_of_zones
from vitruvian.oak.virtual.networks import VirtualNetwork
from vitruvian.oak.virtual.requests import PlanarImage
from vitruvian.oak.virtual.script_node import script_process
from vitruvian.oak.virtual.simulation import Process, Queue, Simulation, get, put

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vitruvian.core.camera import Camera
    from vitruvian.oak.graph import Node
    from vitruvian.oak.virtual.faults import Faults
    from vitruvian.oak.virtual.requests import CropRequest, Zones
    from vitruvian.oak.virtual.sensors import ColorExposure, DepthExposure, Sensors

__all__ = ["Device", "Ports", "process_of"]

# How long a node takes, µs. The sum for a tracked frame is a little shorter than the period of the
# default frame rate of each mode (options.EDGE_FPS and HOST_FPS). A detection takes longer than the
# period of the models "lite" and "full", so that the landmark network sees a later frame.
CROP_US = 4_000
LOCATIONS_US = 3_000
STEREO_US = 8_000
NETWORK_US = {
    "detector": 50_000, "best_candidate": 1_500, "divide_by_255": 500,
    "lite": 31_000, "full": 42_000, "heavy": 117_000,
    "lite_masks": 35_000, "full_masks": 46_000, "heavy_masks": 121_000,
}  # fmt: skip

# An `ImageManip` fails if a region is much larger than the image. The limit is not documented.
MAX_CROP_RATIO = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Device:
    """What the nodes share.

    Attributes
    ----------
    simulation : Simulation
    camera : Camera
        The colour camera, for an image of any size.
    sensors : Sensors or None
        None if the graph has no camera.
    faults : Faults
    depthai : int
        Version of the library: 2 or 3.
    """

    simulation: Simulation
    camera: Camera
    sensors: Sensors | None
    faults: Faults
    depthai: int


@dataclass(frozen=True, slots=True, eq=False)
class Ports:
    """The queues at the ports of a node.

    Attributes
    ----------
    inputs : mapping of str to Queue
    outputs : mapping of str to list of Queue
        The inputs that each output is linked to.
    """

    inputs: Mapping[str, Queue]
    outputs: Mapping[str, list[Queue]]

    def out(self, name: str) -> list[Queue]:
        """Return the inputs that an output is linked to; none if it has no links."""
        return self.outputs.get(name, [])


def process_of(node: Node, ports: Ports, device: Device) -> Process[None]:
    """Return the process of a node.

    Raises
    ------
    DeviceError
        If the device refuses the node.
    """
    return _PROCESSES[node.kind](node, ports, device)


def _sensor(node: Node, ports: Ports, device: Device) -> Process[None]:
    """Take frames; those that are due while the node waits are missed."""
    sensors = device.sensors
    if sensors is None:
        raise DeviceError(f"node {node.name!r} needs a node 'color_camera' in the graph")
    take = sensors.color if node.kind == "color_camera" else sensors.depth
    index = 0
    while True:
        yield sensors.time_us(index)
        index = max(index, sensors.index_at(device.simulation.now_us))
        if (exposure := take(index)) is None:
            return
        yield from put(ports.out("frames"), exposure)
        index += 1


def _stereo(node: Node, ports: Ports, device: Device) -> Process[None]:
    while True:
        left = yield from get(ports.inputs["left"])
        right = yield from get(ports.inputs["right"])
        while left.number != right.number:  # one of the cameras missed a frame
            late = "left" if left.number < right.number else "right"
            message = yield from get(ports.inputs[late])
            left, right = (message, right) if late == "left" else (left, message)
        yield device.simulation.now_us + STEREO_US
        yield from put(ports.out("depth"), replace(left, wh=node.properties["wh"]))


def _crop(node: Node, ports: Ports, device: Device) -> Process[None]:
    while True:
        request: CropRequest = yield from get(ports.inputs["config"])
        exposure: ColorExposure = yield from get(ports.inputs["image"])
        _check_crop(node, request, exposure.wh)
        yield device.simulation.now_us + CROP_US
        image = cropped(exposure.image, request)
        yield from put(ports.out("out"), PlanarImage.of(image, exposure.number))


def _check_crop(node: Node, request: CropRequest, image_wh: tuple[int, int]) -> None:
    (width, height), (max_width, max_height) = request.wh, node.properties["wh"]
    if width * height > max_width * max_height:
        raise DeviceError(
            f"ImageManip {node.name!r}: the output may have {max_width}x{max_height} px, the "
            f"script asks for {width}x{height}"
        )
    if request.box is not None and max(request.box.wh) > MAX_CROP_RATIO * max(image_wh):
        raise DeviceError(
            f"ImageManip {node.name!r}: invalid configuration: a region of "
            f"{max(request.box.wh):.0f} px in an image of {image_wh[0]}x{image_wh[1]} px"
        )


def _network(node: Node, ports: Ports, device: Device) -> Process[None]:
    name = node.properties["network"]
    network = VirtualNetwork(name, models_dir=node.properties["models_dir"])
    return _answers(network, NETWORK_US[name], ports, device)


def _answers(network: VirtualNetwork, time_us: int, ports: Ports, device: Device) -> Process[None]:
    while True:
        message: PlanarImage | Tensors = yield from get(ports.inputs["in"])
        start_us = device.simulation.now_us
        given = message.arrays if isinstance(message, Tensors) else message.planes
        answer = Tensors(network.run(given), message.number)
        yield start_us + time_us
        yield from put(ports.out("out"), answer)


def _locations(_: Node, ports: Ports, device: Device) -> Process[None]:
    if device.sensors is None:
        raise DeviceError("a node 'locations' needs a node 'color_camera' in the graph")
    camera = device.sensors.camera
    while True:
        request: Zones = yield from get(ports.inputs["config"])
        exposure: DepthExposure = yield from get(ports.inputs["depth"])
        found = locations_of_zones(exposure.message(), camera.scaled(exposure.wh), request)
        yield device.simulation.now_us + LOCATIONS_US
        yield from put(ports.out("out"), found)


def _sync(node: Node, ports: Ports, device: Device) -> Process[None]:
    """Wait for messages of one moment; older ones, without a partner, are dropped."""
    threshold_us = node.properties["threshold_us"]
    messages: dict[str, Any] = {}
    while True:
        for name, queue in ports.inputs.items():
            if name not in messages:
                messages[name] = yield from get(queue)
        newest = max(message.time_us for message in messages.values())
        old = [name for name, m in messages.items() if newest - m.time_us > threshold_us]
        if not old:
            yield from put(ports.out("out"), Synced(messages))
            old, messages = [], {}
        for name in old:
            del messages[name]


def _forward(_: Node, ports: Ports, device: Device) -> Process[None]:
    while True:
        message = yield from get(ports.inputs["host"])
        yield from put(ports.out("out"), message)


_PROCESSES: dict[str, Callable[[Node, Ports, Device], Process[None]]] = {
    "color_camera": _sensor,
    "mono_camera": _sensor,
    "stereo": _stereo,
    "crop": _crop,
    "network": _network,
    "script": script_process,
    "locations": _locations,
    "sync": _sync,
    "from_host": _forward,
}
