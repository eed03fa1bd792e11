"""A Graph as a pipeline of depthai 2.

In the positions that depthai 2 measures, y points up; in those of depthai 3 it points down. The
script of the device reads only their depth, z, so that nothing must be converted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitruvian.oak.depthai.builder import Builder, input_of
from vitruvian.oak.depthai.queues import queue_settings
from vitruvian.oak.depthai.sensor import DEPTH_SOCKETS, Sensor
from vitruvian.oak.networks import network_called

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vitruvian.oak.graph import Graph, Node

__all__ = ["build_pipeline"]

RESOLUTIONS = {"full": "THE_1080_P", "ultra": "THE_4_K"}
OUTPUTS = {"color_camera": "preview", "stereo": "depth"}


def build_pipeline(
    dai: Any, graph: Graph, *, blobs: Mapping[str, Path], sensor: Sensor | None = None
) -> Any:
    """Return a graph as a pipeline of depthai 2. No device is needed.

    Parameters
    ----------
    dai : module
        depthai 2.
    graph : Graph
    blobs : mapping of str to Path
        Compiled networks, .blob files, by the names of their nodes.
    sensor : Sensor or None
    """
    pipeline = dai.Pipeline()
    pipeline.setOpenVINOVersion(dai.OpenVINO.Version.VERSION_2021_4)
    builder = _Builder(dai, pipeline, graph, blobs, sensor or Sensor())
    nodes = {node.name: builder.create(node) for node in graph.nodes}
    for link in graph.links:
        source, port = link.source
        kind = graph[source].kind
        if kind == "script":
            output = nodes[source].outputs[port]
        else:
            output = getattr(nodes[source], OUTPUTS.get(kind, "out"))
        found = input_of(graph, nodes, link)
        if link.queue_size is not None:
            found.setQueueSize(link.queue_size)
        if link.is_blocking is not None:
            found.setBlocking(link.is_blocking)
        output.link(found)
    return pipeline


class _Builder(Builder):
    """Creates the nodes that depthai 2 names or sets in its own way."""

    def _color_camera(self, node: Node, properties: Mapping[str, Any]) -> Any:
        dai = self.dai
        camera = self.pipeline.create(dai.node.ColorCamera)
        camera.setBoardSocket(dai.CameraBoardSocket.CAM_A)
        resolution = RESOLUTIONS[properties["resolution"]]
        camera.setResolution(getattr(dai.ColorCameraProperties.SensorResolution, resolution))
        camera.setIspScale(*properties["scale"])
        camera.setVideoSize(*properties["wh"])  # the middle of the scaled image
        camera.setPreviewSize(*properties["wh"])
        camera.setInterleaved(False)
        camera.setColorOrder(dai.ColorCameraProperties.ColorOrder.BGR)
        camera.setFps(self.sensor.fps_for(properties["fps"]))
        if self.sensor.lens_position is not None:
            camera.initialControl.setManualFocus(self.sensor.lens_position)
        return camera

    def _mono_camera(self, node: Node, properties: Mapping[str, Any]) -> Any:
        dai = self.dai
        camera = self.pipeline.create(dai.node.MonoCamera)
        socket = DEPTH_SOCKETS[properties["socket"]]
        camera.setBoardSocket(getattr(dai.CameraBoardSocket, socket))
        camera.setResolution(dai.MonoCameraProperties.SensorResolution.THE_400_P)
        camera.setFps(self.sensor.fps_for(properties["fps"]))
        return camera

    def _stereo(self, node: Node, properties: Mapping[str, Any]) -> Any:
        stereo = self.pipeline.create(self.dai.node.StereoDepth)
        stereo.initialConfig.setConfidenceThreshold(properties["confidence"])
        stereo.initialConfig.setMedianFilter(self.dai.MedianFilter(properties["median"]))
        stereo.setLeftRightCheck(properties["left_right_check"])
        stereo.setSubpixel(properties["subpixel"])
        stereo.setDepthAlign(self.dai.CameraBoardSocket.CAM_A)
        stereo.setOutputSize(*properties["wh"])
        stereo.setOutputKeepAspectRatio(False)
        return stereo

    def _network(self, node: Node, properties: Mapping[str, Any]) -> Any:
        network = self.pipeline.create(self.dai.node.NeuralNetwork)
        network.setBlobPath(str(self.blobs[node.name]))
        network.setNumInferenceThreads(properties["threads"])
        return network

    def _from_host(self, node: Node, properties: Mapping[str, Any]) -> Any:
        entry = self.pipeline.create(self.dai.node.XLinkIn)
        entry.setStreamName(properties["stream"])
        targets = [self.graph[link.target[0]] for link in self.graph.links_from(node.name)]
        shapes = [network_called(t.properties["network"]).input_shape for t in targets]
        entry.setMaxDataSize(max(c * h * w for c, h, w in shapes))
        entry.setNumFrames(queue_settings(self.graph, node)[0])
        return entry

    def _to_host(self, node: Node, properties: Mapping[str, Any]) -> Any:
        out = self.pipeline.create(self.dai.node.XLinkOut)
        out.setStreamName(properties["stream"])
        return out
