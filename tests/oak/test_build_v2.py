"""Graphs as pipelines of real depthai 2, which serialises them without a device."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import platformdirs
import pytest

from tests.oak.build_variants import DIVIDE_BY_255, SCRIPT, VARIANTS, graph_of
from vitruvian.oak.networks import NETWORKS

pytestmark = pytest.mark.oak

REPOSITORY = Path(__file__).resolve().parents[2]
NODES = {
    "color_camera": "ColorCamera",
    "mono_camera": "MonoCamera",
    "stereo": "StereoDepth",
    "crop": "ImageManip",
    "network": "NeuralNetwork",
    "script": "Script",
    "locations": "SpatialLocationCalculator",
    "sync": "Sync",
    "from_host": "XLinkIn",
    "to_host": "XLinkOut",
}
OUTPUTS = {"color_camera": "preview", "stereo": "depth"}
INPUTS = {
    ("crop", "image"): "inputImage",
    ("crop", "config"): "inputConfig",
    ("locations", "depth"): "inputDepth",
    ("locations", "config"): "inputConfig",
}
GROUPS = {"script": "io", "sync": "inputs"}
INPUT_TYPES = (2, 3)  # of the ends of nodes in the JSON: MReceiver, SReceiver

every_graph = pytest.mark.parametrize("variant", VARIANTS, ids=repr)


@pytest.fixture(scope="module")
def found(depthai2_python: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the program in the environment with depthai 2 found."""
    folder = tmp_path_factory.mktemp("depthai2")
    program = REPOSITORY / "tests" / "oak" / "depthai2_program.py"
    site = Path(platformdirs.__file__).parents[1]
    done = subprocess.run(
        [depthai2_python, program, folder / "found.json", folder, site],
        env={
            **os.environ,
            "PYTHONPATH": f"{REPOSITORY / 'src'}{os.pathsep}{REPOSITORY}",
            "DEPTHAI_TELEMETRY": "0",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    text = (folder / "found.json").read_text()
    return json.loads(text)  # type: ignore[no-any-return]


@pytest.fixture
def built(found: dict[str, Any], variant: tuple[str, bool, bool, bool]) -> dict[str, Any]:
    """The serialised pipeline of a variant."""
    pipeline: dict[str, Any] = found["pipelines"][VARIANTS.index(variant)]
    return pipeline


def nodes_of(built: dict[str, Any]) -> dict[int, dict[str, Any]]:
    return dict(built["pipeline"]["nodes"])


def inputs_of(node: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {end["name"]: end for _, end in node["ioInfo"] if end["type"] in INPUT_TYPES}


@every_graph
def test_nodes_are_those_of_the_description(
    built: dict[str, Any], variant: tuple[str, bool, bool, bool]
) -> None:
    nodes = nodes_of(built)
    names = [nodes[number]["name"] for number in sorted(nodes)]
    assert names == [NODES[node.kind] for node in graph_of(variant).nodes]
    assert built["openvino"] == "VERSION_2021_4"


@every_graph
def test_links_are_those_of_the_description(
    built: dict[str, Any], variant: tuple[str, bool, bool, bool]
) -> None:
    graph = graph_of(variant)
    numbers = {node.name: number for number, node in enumerate(graph.nodes)}
    expected = set()
    for link in graph.links:
        (source, output), (target, entry) = link.source, link.target
        kinds = graph[source].kind, graph[target].kind
        expected.add(
            (
                numbers[source],
                GROUPS.get(kinds[0], "") if kinds[0] == "script" else "",
                output if kinds[0] == "script" else OUTPUTS.get(kinds[0], "out"),
                numbers[target],
                GROUPS.get(kinds[1], ""),
                INPUTS.get((kinds[1], entry), entry),
            )
        )
    links = {
        (
            link["node1Id"],
            link["node1OutputGroup"],
            link["node1Output"],
            link["node2Id"],
            link["node2InputGroup"],
            link["node2Input"],
        )
        for link in built["pipeline"]["connections"]
    }
    assert links == expected
    assert len(built["pipeline"]["connections"]) == len(graph.links)


@every_graph
def test_queues_are_those_of_the_description(
    built: dict[str, Any], variant: tuple[str, bool, bool, bool]
) -> None:
    graph, nodes = graph_of(variant), nodes_of(built)
    numbers = {node.name: number for number, node in enumerate(graph.nodes)}
    for link in graph.links:
        target, entry = link.target
        kind = graph[target].kind
        found = inputs_of(nodes[numbers[target]])[INPUTS.get((kind, entry), entry)]
        if link.queue_size is not None:
            assert (found["queueSize"], found["blocking"]) == (link.queue_size, link.is_blocking)
        if entry == "config":
            assert found["waitForMessage"]


@every_graph
def test_properties_are_those_of_the_description(
    built: dict[str, Any], variant: tuple[str, bool, bool, bool]
) -> None:
    graph, nodes = graph_of(variant), nodes_of(built)
    for number, node in enumerate(graph.nodes):
        got, properties = nodes[number]["properties"], dict(node.properties)
        expected = expected_properties(node.kind, properties, built, number)
        assert {name: value_of(got, name) for name in expected} == expected, node.name


def value_of(properties: dict[str, Any], name: str) -> Any:
    """Return a property by its path."""
    value: Any = properties
    for part in name.split("."):
        value = value[part]
    return value


def expected_properties(
    kind: str, p: dict[str, Any], built: dict[str, Any], number: int
) -> dict[str, Any]:
    """Return the properties of depthai that a node of the description must have."""
    width, height = p.get("wh", (0, 0))
    if kind == "color_camera":
        focus = {"initialControl.lensPosition": 130} if p["is_focus_fixed"] else {}
        return {
            "boardSocket": 0,
            "resolution": {"full": 0, "ultra": 1}[p["resolution"]],
            "fps": p["fps"],
            "ispScale.horizNumerator": p["scale"][0],
            "ispScale.horizDenominator": p["scale"][1],
            "ispScale.vertNumerator": p["scale"][0],
            "ispScale.vertDenominator": p["scale"][1],
            "previewWidth": width,
            "previewHeight": height,
            "videoWidth": width,
            "videoHeight": height,
            "interleaved": False,
            "colorOrder": 0,  # BGR
            "fp16": False,
            **focus,
        }
    if kind == "stereo":
        config = "initialConfig.algorithmControl"
        return {
            "initialConfig.costMatching.confidenceThreshold": p["confidence"],
            "initialConfig.postProcessing.median": p["median"],
            f"{config}.enableLeftRightCheck": p["left_right_check"],
            f"{config}.enableSubpixel": p["subpixel"],
            f"{config}.enableExtended": False,
            "depthAlignCamera": 0,
            "outWidth": width,
            "outHeight": height,
            "outKeepAspectRatio": False,
        }
    if kind == "mono_camera":
        socket = {"left": 1, "right": 2}[p["socket"]]
        return {"boardSocket": socket, "resolution": 2, "fps": p["fps"]}  # 400 lines
    if kind == "crop":
        return {"outputFrameSize": 3 * width * height}
    if kind == "network":
        assert built["assets"]["map"][f"/node/{number}/__blob"]["size"] == len(DIVIDE_BY_255)
        return {"blobSize": len(DIVIDE_BY_255), "numThreads": p["threads"]}
    if kind == "script":
        asset = built["assets"]["map"][f"/node/{number}/__script"]
        stored = bytes(built["assetStorage"][asset["offset"] :][: asset["size"]])
        assert stored.decode() == p["text"] == SCRIPT
        return {"scriptUri": "asset:__script"}
    if kind == "sync":
        return {"syncThresholdNs": 1000 * p["threshold_us"]}
    if kind == "from_host":
        network = "detector" if p["stream"] == "detector_in" else "full"
        c, h, w = NETWORKS[network].input_shape
        return {"streamName": p["stream"], "maxDataSize": c * h * w}
    if kind == "to_host":
        return {"streamName": p["stream"]}
    return {"roiConfig.config": []}


def test_image_for_a_network_is_planar_bgr(found: dict[str, Any]) -> None:
    messages = found["messages"]
    assert messages["sent"] == ["BGR888p", 4, 2]
    rgb = [[[12 * y + 3 * x + c for c in range(3)] for x in range(4)] for y in range(2)]
    assert messages["planes"] == [
        rgb[y][x][c] for c in (2, 1, 0) for y in range(2) for x in range(4)
    ]
    assert messages["image"] == messages["color"] == rgb


def test_messages_keep_their_number_and_time(found: dict[str, Any]) -> None:
    messages = found["messages"]
    assert (messages["number"], messages["time_us"]) == (7, 86_400_000_005)
    assert messages["depth_number"] == 9
    assert messages["depth"] == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert messages["packet"] == [1, 2, 255]


def test_float16_outputs_are_split_by_name(found: dict[str, Any]) -> None:
    layers = found["messages"]["layers"]
    assert layers["Identity"] == list(map(float, range(195)))
    assert layers["Identity_1"] == [195.0]
    assert layers["Identity_4"] == list(map(float, range(196, 313)))


def test_session_opens_a_queue_for_each_stream(found: dict[str, Any]) -> None:
    session = found["session"]
    assert session["queues"] == [
        ["detector_in", 8, True],
        ["detector_out", 8, True],
        ["frames", 8, False],
        ["landmarks_in", 8, True],
        ["landmarks_out", 8, True],
    ]
    assert session["got"]
    assert session["nothing"]
    assert session["is_running"]
    assert (session["sent"], session["closed"]) == (1, 1)


def test_camera_is_opened_read_and_closed(found: dict[str, Any]) -> None:
    connection = found["connection"]
    assert connection["info"] == [
        *("1.3.2", "14442C10", "OAK-D"),
        ["CAM_A IMX378", "CAM_B OV7251", "CAM_C OV7251"],
        True,
    ]
    assert connection["listed"] == ["14442C10"]
    assert connection["focal_px"] == pytest.approx(3005 * 1152 / 3840, rel=1e-5)
    assert connection["distortions"] == pytest.approx([0.01 * (i + 1) for i in range(8)])
    assert connection["nothing"] is None
    assert connection["closed"] == 1


def test_error_of_the_script_is_raised_with_its_text(found: dict[str, Any]) -> None:
    assert found["connection"]["error"].endswith("failed: Traceback:; line 3; NameError: roi")


def test_depthai_2_is_recognised(found: dict[str, Any]) -> None:
    assert found["library"][1] == 2
    assert found["library"][0].startswith("2.")
