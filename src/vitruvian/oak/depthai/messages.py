"""Messages of depthai 2 and 3 as those of this package, and images for the device."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.errors import DeviceError
from vitruvian.oak.messages import DepthPicture, Message, Packet, Picture, Synced, Tensors
from vitruvian.oak.networks import network_called

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from numpy.typing import NDArray

    from vitruvian.oak.graph import Graph, Node

__all__ = ["converters", "image_message"]

TENSOR_DTYPES = {  # TensorInfo.DataType
    "FP16": np.float16,
    "FP32": np.float32,
    "U8F": np.uint8,
    "I8": np.int8,
    "INT": np.int32,
}


def converters(graph: Graph) -> dict[str, Callable[[Any], Message]]:
    """Return the function that converts the messages of each stream to the host."""
    return {
        node.properties["stream"]: _converter(graph, graph[graph.links_to(node.name)[0].source[0]])
        for node in graph.nodes
        if node.kind == "to_host"
    }


def image_message(dai: Any, image: NDArray[np.uint8], number: int) -> Any:
    """Return a (H, W, 3) RGB image as the message that networks take: planar BGR."""
    height, width = image.shape[:2]
    message = dai.ImgFrame()
    message.setType(dai.ImgFrame.Type.BGR888p)
    message.setWidth(width)
    message.setHeight(height)
    message.setData(np.ascontiguousarray(image[..., ::-1].transpose(2, 0, 1)).ravel())
    message.setSequenceNum(number)
    return message


def _converter(graph: Graph, source: Node) -> Callable[[Any], Message]:
    """Return the function for the messages of a node."""
    if source.kind == "network":
        return partial(_tensors, network=source.properties["network"])
    if source.kind == "sync":
        inputs = {link.target[1]: link.source[0] for link in graph.links_to(source.name)}
        parts = {port: _converter(graph, graph[name]) for port, name in inputs.items()}
        return partial(_synced, parts=parts)
    plain: dict[str, Callable[[Any], Message]] = {
        "color_camera": _picture,
        "stereo": _depth_picture,
        "script": _packet,
    }
    return plain[source.kind]


def _picture(frame: Any) -> Picture:
    """Return a colour image as RGB."""
    width, height, name = frame.getWidth(), frame.getHeight(), frame.getType().name
    if name not in ("BGR888p", "BGR888i", "RGB888p", "RGB888i"):
        raise DeviceError(f"frames must be of the type BGR888p, got {name}")
    data = np.asarray(frame.getData(), np.uint8).ravel()
    stride = _stride(data.size, width, height, 3)
    if name.endswith("i"):
        planes = data[: height * stride * 3].reshape(height, stride, 3).transpose(2, 0, 1)
    else:
        planes = data[: 3 * height * stride].reshape(3, height, stride)
    image = np.empty((height, width, 3), np.uint8)
    for channel, plane in enumerate(planes[::-1] if name.startswith("BGR") else planes):
        image[..., channel] = plane[:, :width]  # four times as fast as a copy of the whole
    return Picture(image, frame.getSequenceNum(), _microseconds(frame.getTimestampDevice()))


def _depth_picture(frame: Any) -> DepthPicture:
    width, height, name = frame.getWidth(), frame.getHeight(), frame.getType().name
    if name != "RAW16":
        raise DeviceError(f"depth images must be of the type RAW16, got {name}")
    data = np.asarray(frame.getData(), np.uint8).ravel().view(np.uint16)
    stride = _stride(data.size, width, height, 1)
    values = data[: height * stride].reshape(height, stride)[:, :width].copy()
    return DepthPicture(values, frame.getSequenceNum(), _microseconds(frame.getTimestampDevice()))


def _stride(size: int, width: int, height: int, channels: int) -> int:
    """Return the pixels in a row of memory, which may be longer than the image is wide."""
    stride = size // (height * channels)
    if stride < width:
        raise DeviceError(f"an image of {width}x{height} px arrived with {size} values only")
    return stride


def _tensors(answer: Any, *, network: str) -> Tensors:
    """Return the outputs of a network, float32, in the shapes of the network."""
    layers = {layer.name: layer for layer in answer.getAllLayers()}
    data = np.asarray(answer.getData(), np.uint8).ravel()
    arrays = {}
    for name, shape in network_called(network).outputs:
        if name not in layers:
            raise DeviceError(
                f"network {network!r} must have the output {name!r}, got {sorted(layers)}: "
                "compile it with vitruvian oak compile"
            )
        dtype = np.dtype(TENSOR_DTYPES[layers[name].dataType.name])
        start = layers[name].offset
        end = start + dtype.itemsize * int(np.prod(shape))
        values = data[start:end].copy().view(dtype)
        if values.size != int(np.prod(shape)):
            raise DeviceError(f"output {name!r} of network {network!r} is cut off")
        arrays[name] = values.reshape(shape).astype(np.float32)
    return Tensors(arrays, answer.getSequenceNum())


def _packet(buffer: Any) -> Packet:
    return Packet(bytes(buffer.getData()))


def _synced(group: Any, *, parts: dict[str, Callable[[Any], Message]]) -> Synced:
    return Synced({name: convert(group[name]) for name, convert in parts.items()})


def _microseconds(time: timedelta) -> int:
    return time.days * 86_400_000_000 + time.seconds * 1_000_000 + time.microseconds
