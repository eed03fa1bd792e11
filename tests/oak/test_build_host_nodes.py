"""Nodes of depthai 3 that also run without a device, driven by the text of the device's script.

The nodes are created by the builder and answer to the configurations that the script makes. Crops
and depths are compared with those of the engine.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.oak.build_variants import graph_of
from vitruvian.core.camera import Camera
from vitruvian.core.depth import DepthImage
from vitruvian.core.roi import Roi
from vitruvian.engine.options import TrackerOptions
from vitruvian.engine.sampling import sample_crop
from vitruvian.engine.warp import letterbox_image
from vitruvian.lift.depth_zones import median_in_zone
from vitruvian.oak.depthai.build_v3 import Queues, build_nodes
from vitruvian.oak.depthai.messages import converters, image_message
from vitruvian.oak.depthai.runtime_v3 import Session
from vitruvian.oak.depthai.sensor import Sensor
from vitruvian.oak.graph import Graph, Link, Node
from vitruvian.oak.messages import Picture, Synced
from vitruvian.oak.options import OakOptions
from vitruvian.oak.script import edge_script

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.oak

WAIT_S = 10.0
FRAME_WH, DEPTH_WH = (1152, 648), (1152, 648)
XYZ = graph_of(("edge", True, False, False))
CAMERA_XYZ = graph_of(("camera", True, False, False))


@pytest.fixture(scope="module")
def frame() -> Any:
    """A picture with detail at several scales, without noise: resampling shows little."""
    y, x = np.mgrid[: FRAME_WH[1], : FRAME_WH[0]].astype(np.float64)
    waves = [np.sin(x / 37 + y / 91), np.cos(x / 53 - y / 29), np.sin((x + 2 * y) / 71)]
    return np.stack([127.5 + 120 * wave for wave in waves], axis=-1).astype(np.uint8)


@contextmanager
def running(dai: Any, graph: Graph, name: str) -> Iterator[tuple[dict[str, Any], Any]]:
    """Run one node of a graph on the host; yield the queues of its inputs, and of its output."""
    with dai.Pipeline(createImplicitDevice=False) as pipeline:
        node = Graph((graph[name],), ())
        built = build_nodes(dai, pipeline, node, blobs={}, sensor=Sensor())
        built.nodes[name].setRunOnHost(True)
        inputs = {
            link.target[1]: built.input(link).createInputQueue(8, True)
            for link in graph.links_to(name)
        }
        output = built.nodes[name].out.createOutputQueue(8, False)
        pipeline.start()
        yield inputs, output


def script_functions(dai: Any, ports: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the functions of the device's script, with the real classes of messages."""
    text = edge_script(OakOptions(mode="edge", xyz=True), TrackerOptions())
    node = SimpleNamespace(io=ports or {}, warn=print)
    names = dict(vars(dai)) | {"node": node, "__name__": "script"}
    exec(compile(text.removesuffix("\n\nrun()\n"), "script", "exec"), names)
    return names


def answer(queue: Any) -> Any:
    message = queue.get(timedelta(seconds=WAIT_S))
    assert message is not None, "the node does not answer"
    return message


def picture_of(message: Any) -> np.ndarray[Any, Any]:
    picture = converters(XYZ)["frames"](message)
    assert isinstance(picture, Picture)
    return picture.image


@pytest.mark.parametrize(
    "region",
    [
        (576.0, 324.0, 500.0, 0.0),
        (600.5, 300.25, 400.0, 0.7),
        (300.0, 500.0, 620.0, -1.9),  # over the edge
        (576.0, 324.0, 2600.0, 0.3),  # a person close to the lens: far over all edges
        (900.0, 200.0, 90.0, 3.1),
    ],
)
def test_crop_of_the_script_is_that_of_the_engine(
    dai: Any, frame: Any, region: tuple[float, float, float, float]
) -> None:
    with running(dai, XYZ, "landmark_crop") as (inputs, output):
        inputs["image"].send(image_message(dai, frame, 17))
        inputs["config"].send(script_functions(dai)["landmark_config"](region))
        message = answer(output)
    x, y, side, rotation = region
    expected = np.empty((256, 256, 3), np.uint8)
    roi = Roi((x, y), (side, side), rotation)
    place = (roi.center, np.array(roi.wh, np.float32), math.degrees(rotation))
    sample_crop(frame, place, expected, repeat_edge=False)
    got = picture_of(message)
    assert message.getSequenceNum() == 17
    assert message.getType().name == "BGR888p"
    assert np.abs(got.astype(float) - expected).mean() < 0.2  # positions in 1/32 px, rounding
    assert ((got == 0).all(axis=-1) != (expected == 0).all(axis=-1)).sum() <= 4  # px, rounding


def test_letterbox_of_the_script_is_that_of_the_engine(dai: Any, frame: Any) -> None:
    with running(dai, XYZ, "detector_crop") as (inputs, output):
        inputs["image"].send(image_message(dai, frame, 3))
        inputs["config"].send(script_functions(dai)["detector_config"]())
        message = answer(output)
    expected, _ = letterbox_image(frame, 224)
    got = picture_of(message)
    assert message.getSequenceNum() == 3
    assert_array_equal(got, expected)


def test_crop_waits_for_a_configuration(dai: Any, frame: Any) -> None:
    with running(dai, XYZ, "landmark_crop") as (inputs, output):
        inputs["image"].send(image_message(dai, frame, 1))
        assert output.get(timedelta(seconds=0.3)) is None
        config = script_functions(dai)["landmark_config"]((576.0, 324.0, 500.0, 0.0))
        inputs["config"].send(config)
        assert answer(output).getSequenceNum() == 1
        inputs["image"].send(image_message(dai, frame, 2))
        assert output.get(timedelta(seconds=0.3)) is None  # one answer for each configuration


def test_depths_of_the_script_are_those_of_the_engine(dai: Any) -> None:
    width, height = DEPTH_WH
    y, x = np.mgrid[:height, :width]
    values = (1500 + 2 * x + y + 40 * ((x // 7 + y // 5) % 3)).astype(np.uint16)
    values[:, 700:760] = 0
    values[100:140, 100:300] = 50  # too near
    zones = [(300, 200, 312, 212), (690, 300, 730, 340), (110, 105, 130, 125), (700, 50, 720, 70)]
    zones += [(1130, 630, 1151, 647), (0, 0, 8, 8)]
    camera = Camera.from_focal(DEPTH_WH, 900.0)
    with running(dai, XYZ, "locations") as (inputs, output):
        depth = depth_message(dai, values, camera)
        ports = {
            "zones": SimpleNamespace(
                send=lambda config: (inputs["config"].send(config), inputs["depth"].send(depth))
            ),
            "locations": SimpleNamespace(get=lambda: answer(output)),
        }
        got = script_functions(dai, ports)["measured_depths"](zones)
    image = DepthImage(values, camera)
    expected = [median_in_zone(image, (a, b, c - 1, d - 1), DEPTH_WH) for a, b, c, d in zones]
    # depthai reads every second pixel, and takes the larger of two middle values.
    assert_allclose(got, expected, atol=0.003)
    assert [math.isnan(depth) for depth in got] == [False, False, True, True, False, False]


def depth_message(dai: Any, values: np.ndarray[Any, Any], camera: Camera) -> Any:
    message = dai.ImgFrame()
    message.setType(dai.ImgFrame.Type.RAW16)
    message.setWidth(values.shape[1])
    message.setHeight(values.shape[0])
    message.setData(values.view(np.uint8).ravel())
    matrix = camera.matrix.tolist()
    message.setTransformation(dai.ImgTransformation(*camera.wh, matrix))
    return message


def test_sync_pairs_messages_within_half_a_period(dai: Any, frame: Any) -> None:
    small = np.ascontiguousarray(frame[:32, :48])
    with running(dai, CAMERA_XYZ, "sync") as (inputs, output):
        for number, (color_ms, depth_ms) in enumerate(((0, 40), (33, 50), (66, 70), (100, 99))):
            color = image_message(dai, small, number)
            depth = depth_message(
                dai, np.full((4, 6), number, np.uint16), Camera.from_focal((6, 4), 5.0)
            )
            depth.setSequenceNum(100 + number)
            for message, time_ms in ((color, color_ms), (depth, depth_ms)):
                message.setTimestamp(timedelta(milliseconds=1000 + time_ms))
                message.setTimestampDevice(timedelta(milliseconds=1000 + time_ms))
            inputs["color"].send(color)
            inputs["depth"].send(depth)
        pairs = [converters(CAMERA_XYZ)["frames"](answer(output)) for _ in range(2)]
    for pair in pairs:
        assert isinstance(pair, Synced)
        color, depth = pair.messages["color"], pair.messages["depth"]
        assert abs(color.time_us - depth.time_us) <= 17_000
        assert_array_equal(color.image, small)


def test_replayed_video_passes_the_crop_with_its_numbers(dai: Any, tmp_path: Path) -> None:
    path = tmp_path / "steps.mp4"
    levels = [40, 90, 140, 190]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for level in levels:
            image = np.full((90, 160, 3), level, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image)))
        container.mux(stream.encode())
    crop = Node("crop", "crop", {"wh": (224, 224)})
    graph = Graph(
        (crop, Node("frames", "to_host", {"stream": "frames"})),
        (Link(("crop", "out"), ("frames", "in")),),
    )
    with dai.Pipeline(createImplicitDevice=False) as pipeline:
        replay = pipeline.create(dai.node.ReplayVideo)
        replay.setReplayVideoFile(path)
        replay.setOutFrameType(dai.ImgFrame.Type.BGR888i)
        replay.setLoop(False)
        built = build_nodes(dai, pipeline, graph, blobs={}, sensor=Sensor())
        node = built.nodes["crop"]
        node.setRunOnHost(True)
        configs = node.inputConfig.createInputQueue(8, True)
        replay.out.link(node.inputImage)
        output = node.out.createOutputQueue(8, True)
        make = script_functions(dai)["detector_config"]
        pipeline.start()
        session = Session(
            SimpleNamespace(isClosed=lambda: False, close=lambda: None),
            pipeline,
            Queues({"frames": output}, {"configs": configs}),
        )
        means = []
        for _ in levels:
            session.put("configs", make())
            message = session.wait("frames", WAIT_S)
            assert message is not None
            means.append(float(picture_of(message)[112, 112].mean()))
        session.close()
    assert_allclose(means, levels, atol=2)
