"""Graphs as pipelines of depthai 3: each call fits the signatures of the installed version."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.oak.build_variants import VARIANTS, blobs_for, graph_of
from tests.oak.depthai_signatures import StandIn, StandInPipeline
from vitruvian.oak.depthai.build_v3 import build_pipeline
from vitruvian.oak.depthai.sensor import Sensor

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.oak.depthai.build_v3 import Queues
    from vitruvian.oak.graph import Graph

pytestmark = pytest.mark.oak

NODES = {
    "color_camera": "Camera",
    "mono_camera": "Camera",
    "stereo": "StereoDepth",
    "crop": "ImageManip",
    "network": "NeuralNetwork",
    "script": "Script",
    "locations": "SpatialLocationCalculator",
    "sync": "Sync",
}
INPUTS = {
    ("crop", "image"): "inputImage",
    ("crop", "config"): "inputConfig",
    ("network", "in"): "input",
    ("locations", "depth"): "inputDepth",
    ("locations", "config"): "inputConfig",
    ("stereo", "left"): "left",
    ("stereo", "right"): "right",
}

every_graph = pytest.mark.parametrize("variant", VARIANTS, ids=repr)


class Built:
    """A graph, built on a pipeline that stands for one with a device."""

    def __init__(self, dai: Any, graph: Graph, folder: Path, sensor: Sensor | None = None) -> None:
        self.graph = graph
        self.pipeline = StandInPipeline(dai)
        self.blobs = blobs_for(graph, folder)
        self.queues: Queues = build_pipeline(
            dai, self.pipeline, graph, blobs=self.blobs, sensor=sensor or Sensor()
        )
        inner = [node for node in graph.nodes if node.kind in NODES]
        self.nodes = {n.name: s for n, s in zip(inner, self.pipeline.nodes, strict=True)}

    def input(self, name: str, port: str) -> StandIn:
        node, kind = self.nodes[name], self.graph[name].kind
        if kind in ("script", "sync"):
            return node.children["inputs"].children[port]
        return node.children[INPUTS[kind, port]]

    def output(self, name: str, port: str) -> StandIn:
        node, kind = self.nodes[name], self.graph[name].kind
        if kind in ("color_camera", "mono_camera"):
            return node.children["requested"]
        if kind == "script":
            return node.children["outputs"].children[port]
        return node.children["depth" if kind == "stereo" else "out"]


@pytest.fixture
def built(dai: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def build(variant: tuple[str, bool, bool, bool], sensor: Sensor | None = None) -> Built:
        call = StandIn._call

        def with_output(self: StandIn, name: str, *rest: Any) -> Any:
            result = call(self, name, *rest)
            if name == "requestOutput":
                self.children.setdefault("requested", result)
                self.children["last requested"] = result
            return result

        monkeypatch.setattr(StandIn, "_call", with_output)
        return Built(dai, graph_of(variant), tmp_path, sensor)

    return build


@every_graph
def test_nodes_and_links_are_those_of_the_description(
    built: Any, variant: tuple[str, bool, bool, bool]
) -> None:
    b = built(variant)
    kinds = [b.graph[name].kind for name in b.nodes]
    assert [node.real.__name__ for node in b.pipeline.nodes] == [NODES[kind] for kind in kinds]
    linked = int("stereo" in b.graph and not variant[2])  # depth is aligned with the frames
    for link in b.graph.links:
        if {b.graph[link.source[0]].kind, b.graph[link.target[0]].kind} & {"from_host", "to_host"}:
            continue
        assert (b.input(*link.target),) in map(tuple, b.output(*link.source).called("link")), link
        linked += 1
    outputs = {
        id(b.output(*link.source)): b.output(*link.source)
        for link in b.graph.links
        if link.source[0] in b.nodes
    }
    assert sum(len(output.called("link")) for output in outputs.values()) == linked


@every_graph
def test_inputs_hold_as_many_messages_as_described(
    built: Any, variant: tuple[str, bool, bool, bool]
) -> None:
    b = built(variant)
    for link in b.graph.links:
        if link.target[0] in b.nodes and link.source[0] in b.nodes:
            found = b.input(*link.target)
            sizes = [] if link.queue_size is None else [[link.queue_size]]
            waits = [] if link.is_blocking is None else [[link.is_blocking]]
            assert (found.called("setMaxSize"), found.called("setBlocking")) == (sizes, waits)
            is_config = link.target[1] == "config"
            assert found.called("setWaitForMessage") == ([[True]] if is_config else [])


@every_graph
def test_properties_are_those_of_the_description(
    built: Any, dai: Any, variant: tuple[str, bool, bool, bool]
) -> None:
    b = built(variant)
    for name, node in b.nodes.items():
        p, kind = b.graph[name].properties, b.graph[name].kind
        if kind == "color_camera":
            assert node.called("build") == [[dai.CameraBoardSocket.CAM_A, None, p["fps"]]]
            request, *_ = node.called("requestOutput")
            types = dai.ImgFrame.Type.BGR888p, dai.ImgResizeMode.CROP
            assert request == [p["wh"], *types, p["fps"], False]
        elif kind == "mono_camera":
            socket = {"left": dai.CameraBoardSocket.CAM_B, "right": dai.CameraBoardSocket.CAM_C}
            assert node.called("build") == [[socket[p["socket"]], None, p["fps"]]]
            assert node.called("requestOutput") == [[(640, p["height"]), p["fps"]]]
        elif kind == "stereo":
            config = node.children["initialConfig"]
            assert config.getConfidenceThreshold() == 255 - p["confidence"]
            assert config.getMedianFilter().value == p["median"]
            assert node.called("setLeftRightCheck") == [[p["left_right_check"]]]
            assert node.called("setSubpixel") == [[p["subpixel"]]]
            assert not node.called("setDepthAlign")
        elif kind == "crop":
            assert node.called("setMaxOutputFrameSize") == [[3 * p["wh"][0] * p["wh"][1]]]
        elif kind == "network":
            assert node.called("setBlobPath") == [[b.blobs[name]]]
            assert node.called("setNumInferenceThreads") == [[p["threads"]]]
        elif kind == "script":
            assert node.called("setScript") == [[p["text"]]]
        elif kind == "sync":
            threshold = timedelta(microseconds=p["threshold_us"])
            assert node.called("setSyncThreshold") == [[threshold]]


@every_graph
def test_every_stream_has_a_queue(built: Any, variant: tuple[str, bool, bool, bool]) -> None:
    b = built(variant)
    for kind, queues, real in (
        ("to_host", b.queues.outputs, "MessageQueue"),
        ("from_host", b.queues.inputs, "InputQueue"),
    ):
        streams = {n.properties["stream"] for n in b.graph.nodes if n.kind == kind}
        assert set(queues) == streams
        assert {queue.real.__name__ for queue in queues.values()} <= {real}


def test_only_answers_of_networks_block_their_sender(built: Any) -> None:
    b = built(("host", True, False, False))
    made = {
        name: b.output(name, "out").called("createOutputQueue")
        for name in ("sync", "detector", "landmarks")
    }
    assert made == {"sync": [[8, False]], "detector": [[8, True]], "landmarks": [[8, True]]}


def test_sensor_limits_the_rate_of_all_cameras_and_sets_the_focus(built: Any) -> None:
    sensor = Sensor(wh=(1920, 1080), max_fps=12.0, lens_position=130)
    b = built(("camera", True, False, False), sensor)
    rates = [
        node.called("build")[0][2] for name, node in b.nodes.items() if "build" in str(node.calls)
    ]
    assert rates == [12.0] * 3
    assert b.nodes["camera"].called("build")[0][1] == (1920, 1080)
    assert b.nodes["camera"].children["initialControl"].getLensPosition() == 130


@pytest.mark.parametrize("crop", [False, True])
def test_depth_is_aligned_with_the_whole_image(built: Any, dai: Any, crop: bool) -> None:
    b = built(("camera", True, crop, False))
    camera, stereo = b.nodes["camera"], b.nodes["stereo"]
    aligned = camera.children["last requested"]
    assert (stereo.children["inputAlignTo"],) in map(tuple, aligned.called("link"))
    _, *more = camera.called("requestOutput")
    wh = b.graph["stereo"].properties["wh"]
    stretched = [wh, None, dai.ImgResizeMode.STRETCH, 30.0, False]
    assert more == ([stretched] if crop else [])
    assert wh == ((1136, 640) if crop else b.graph["camera"].properties["wh"])


def test_disparities_that_are_not_sure_count_too(dai: Any) -> None:
    """Depthai 3 takes what is above its threshold; depthai 2 took what was below."""
    text = type(dai.StereoDepthConfig().costMatching).confidenceThreshold.__doc__
    assert "over this threshold are accepted" in text
    (stereo,) = [n for n in graph_of(("edge", True, False, False)).nodes if n.kind == "stereo"]
    preset = 55  # depthai 3, StereoDepth.cpp: FAST_ACCURACY, with more holes than the other presets
    assert 255 - stereo.properties["confidence"] < preset


def test_archive_of_a_network_is_read_as_such(built: Any, dai: Any, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"(?i)archive|file|exist"):
        build_pipeline(
            dai,
            StandInPipeline(dai),
            graph_of(("files", False, False, False)),
            blobs=dict.fromkeys(("detector", "landmarks"), tmp_path / "absent.rvc2.tar.xz"),
            sensor=Sensor(),
        )


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("setBlobPath", ()),
        ("setBlobPath", (1,)),
        ("setNumInferenceThreads", ("2",)),
        ("setShaves", (4,)),
    ],
)
def test_stand_in_refuses_what_depthai_refuses(dai: Any, name: str, args: tuple[Any, ...]) -> None:
    node = StandInPipeline(dai).create(dai.node.NeuralNetwork)
    with pytest.raises((TypeError, AttributeError)):
        getattr(node, name)(*args)
