"""A Graph as a pipeline of depthai 3."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vitruvian.oak.blobs.archive import ARCHIVE_SUFFIXES
from vitruvian.oak.depthai.builder import Builder, input_of
from vitruvian.oak.depthai.queues import queue_settings
from vitruvian.oak.depthai.sensor import DEPTH_SOCKETS, Sensor

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vitruvian.oak.graph import Graph, Link, Node

__all__ = ["BuiltNodes", "Queues", "build_nodes", "build_pipeline"]

MONO_WH = (640, 400)


@dataclass(frozen=True, slots=True)
class Queues:
    """The queues between host and device, by stream."""

    outputs: Mapping[str, Any]
    inputs: Mapping[str, Any]


def build_pipeline(
    dai: Any, pipeline: Any, graph: Graph, *, blobs: Mapping[str, Path], sensor: Sensor
) -> Queues:
    """Create the nodes and links of a graph in a pipeline of depthai 3, and return its queues.

    Parameters
    ----------
    dai : module
        depthai 3.
    pipeline : depthai.Pipeline
        An empty one, which has a device.
    graph : Graph
    blobs : mapping of str to Path
        Compiled networks, .blob files or NN archives, by the names of their nodes.
    sensor : Sensor
    """
    built = build_nodes(dai, pipeline, graph, blobs=blobs, sensor=sensor)
    outputs, inputs = {}, {}
    for link in graph.links:
        source, target = graph[link.source[0]], graph[link.target[0]]
        if source.kind == "from_host":
            queue = built.input(link).createInputQueue(*queue_settings(graph, source))
            inputs[source.properties["stream"]] = queue
        elif target.kind == "to_host":
            queue = built.output(link).createOutputQueue(*queue_settings(graph, target))
            outputs[target.properties["stream"]] = queue
        else:
            built.output(link).link(built.input(link))
    return Queues(outputs, inputs)


def build_nodes(
    dai: Any, pipeline: Any, graph: Graph, *, blobs: Mapping[str, Path], sensor: Sensor
) -> BuiltNodes:
    """Create the nodes of a graph without its links; see `build_pipeline`."""
    builder = _Builder(dai, pipeline, graph, blobs, sensor)
    return BuiltNodes(graph, {node.name: builder.create(node) for node in graph.nodes})


@dataclass(frozen=True, slots=True)
class BuiltNodes:
    """The nodes of depthai for a graph.

    Attributes
    ----------
    graph : Graph
    nodes : mapping
        By name; the requested output for cameras, None for streams.
    """

    graph: Graph
    nodes: Mapping[str, Any]

    def output(self, link: Link) -> Any:
        """Return the output at which a link starts."""
        name, port = link.source
        kind = self.graph[name].kind
        if kind in ("color_camera", "mono_camera"):
            return self.nodes[name]
        if kind == "script":
            return self.nodes[name].outputs[port]
        return self.nodes[name].depth if kind == "stereo" else self.nodes[name].out

    def input(self, link: Link) -> Any:
        """Return the input at which a link ends, with the queue that the link asks for."""
        found = input_of(self.graph, self.nodes, link)
        if link.queue_size is not None:
            found.setMaxSize(link.queue_size)
        if link.is_blocking is not None:
            found.setBlocking(link.is_blocking)
        return found


@dataclass(frozen=True, slots=True)
class _Builder(Builder):
    """Creates the nodes that depthai 3 names or sets in its own way.

    The colour camera must be created before the stereo node.
    """

    color: dict[str, Any] = field(default_factory=dict)  # the camera and its frames

    def create(self, node: Node) -> Any:
        """Return the node of depthai, or the output of a camera; None for streams."""
        if node.kind in ("from_host", "to_host"):
            return None
        return Builder.create(self, node)

    def _color_camera(self, node: Node, properties: Mapping[str, Any]) -> Any:
        dai, fps = self.dai, self.sensor.fps_for(properties["fps"])
        camera = self.pipeline.create(dai.node.Camera)
        camera.build(dai.CameraBoardSocket.CAM_A, self.sensor.wh, fps)
        if self.sensor.lens_position is not None:
            camera.initialControl.setManualFocus(self.sensor.lens_position)
        frames = camera.requestOutput(
            properties["wh"],
            dai.ImgFrame.Type.BGR888p,
            dai.ImgResizeMode.CROP,  # the square in the middle, if the frames are square
            fps,
            False,  # distortion stays: it is part of the calibration
        )
        self.color.update(camera=camera, frames=frames, wh=properties["wh"], fps=fps)
        return frames

    def _mono_camera(self, node: Node, properties: Mapping[str, Any]) -> Any:
        dai, fps = self.dai, self.sensor.fps_for(properties["fps"])
        camera = self.pipeline.create(dai.node.Camera)
        socket = getattr(dai.CameraBoardSocket, DEPTH_SOCKETS[properties["socket"]])
        camera.build(socket, None, fps)
        return camera.requestOutput(MONO_WH, fps=fps)

    def _stereo(self, node: Node, properties: Mapping[str, Any]) -> Any:
        """Return a stereo node without one of the presets, which would filter the depth.

        depthai 3 takes disparities whose confidence is above the threshold, depthai 2 those below.
        """
        dai = self.dai
        stereo = self.pipeline.create(dai.node.StereoDepth)
        stereo.initialConfig.setConfidenceThreshold(255 - properties["confidence"])
        stereo.initialConfig.setMedianFilter(
            dai.StereoDepthConfig.MedianFilter(properties["median"])
        )
        stereo.setLeftRightCheck(properties["left_right_check"])
        stereo.setSubpixel(properties["subpixel"])
        self._whole_image(properties["wh"]).link(stereo.inputAlignTo)
        return stereo

    def _whole_image(self, wh: tuple[int, int]) -> Any:
        """Return the colour image whose field of view and size depth images have.

        With an image, depth has its size and field of view, as in the SpatialDetectionNetwork of
        depthai 3. With a socket, those of the whole sensor count, whose shape may differ.
        """
        if wh == self.color["wh"]:
            return self.color["frames"]
        stretch = self.dai.ImgResizeMode.STRETCH
        return self.color["camera"].requestOutput(wh, None, stretch, self.color["fps"], False)

    def _network(self, node: Node, properties: Mapping[str, Any]) -> Any:
        network = self.pipeline.create(self.dai.node.NeuralNetwork)
        path = self.blobs[node.name]
        if str(path).endswith(ARCHIVE_SUFFIXES):
            network.setNNArchive(self.dai.NNArchive(path))
        else:
            network.setBlobPath(path)
        network.setNumInferenceThreads(properties["threads"])
        return network
