from __future__ import annotations

import ast
import math
import struct
import threading
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.fakes import Actor
from tests.oak.script_device import ANN, EDGE, INPUTS, OUTPUTS, ScriptDevice
from vitruvian.core.roi import Roi
from vitruvian.engine.options import TrackerOptions
from vitruvian.engine.warp import roi_from_alignment
from vitruvian.oak.device import edge_script as program
from vitruvian.oak.edge import estimate_of
from vitruvian.oak.options import OakOptions
from vitruvian.oak.pipelines import depth_wh, edge_graph
from vitruvian.oak.record import EdgeRecord
from vitruvian.oak.runtime import ScriptError
from vitruvian.oak.script import edge_script
from vitruvian.oak.sizes import nearest_size
from vitruvian.oak.virtual.requests import CropRequest
from vitruvian.oak.virtual.script import (
    DEVICE_MODULES,
    DEVICE_PYTHON,
    Log,
    Receive,
    ScriptRun,
    ScriptStopped,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

DEPTH = OakOptions(mode="edge", xyz=True)
ALL_OPTIONS = [
    OakOptions(mode="edge", xyz=xyz, crop=crop, trace=trace)
    for xyz in (False, True)
    for crop in (False, True)
    for trace in (False, True)
]
LEFT_HIP, RIGHT_HIP, LEFT_SHOULDER, RIGHT_SHOULDER = 23, 24, 11, 12
MAX_BYTES = {False: 2863, True: 2910}  # depthai_blazepose, with and without xyz
FP16_PX = 0.125 / 2 * 300 * 1.25 / 256 * 2  # rounding of a landmark of 128 px and more, twice


def moving(number: int) -> Actor:
    return replace(ANN, hips=(500.0 + 4 * number, 300.0 - 2 * number))


# --- the text ---


@pytest.mark.parametrize("options", ALL_OPTIONS)
def test_the_script_is_python_3_9_and_imports_only_what_the_device_has(options: OakOptions) -> None:
    tree = ast.parse(edge_script(options, TrackerOptions()), feature_version=DEVICE_PYTHON)
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    names = {
        name
        for node in imports
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
    }
    assert names == {"math", "struct"}
    assert names <= DEVICE_MODULES


def test_the_constants_of_the_script_are_those_of_the_options() -> None:
    options = OakOptions(mode="edge", xyz=True, crop=True, frame_height=720, trace=True)
    tracker = TrackerOptions(
        detection_confidence=0.3,
        presence_confidence=0.4,
        tracking_confidence=0.6,
        force_detection=True,
    )
    text = edge_script(options, tracker)
    expected = {
        "FRAME_WH": (720, 720),
        "WHOLE_WH": (1280, 720),
        "CROP_LEFT": 280,
        "DEPTH_SCALE": 1.0,
        "DETECTION_CONFIDENCE": 0.3,
        "PRESENCE_CONFIDENCE": 0.4,
        "TRACKING_CONFIDENCE": 0.6,
        "FORCE_DETECTION": True,
        "HAS_DEPTH": True,
        "TRACE": True,
    }
    lines = text.splitlines()
    assert all(lines.count(f"{name} = {value!r}") == 1 for name, value in expected.items())


@pytest.mark.parametrize("xyz", [False, True])
def test_the_script_has_the_ports_of_the_graph(xyz: bool) -> None:
    options = OakOptions(mode="edge", xyz=xyz)
    graph = edge_graph(options, "full", edge_script(options, TrackerOptions()))
    outputs = {link.source[1] for link in graph.links_from("script")}
    inputs = {link.target[1] for link in graph.links_to("script")}
    assert (inputs | outputs) == {*INPUTS, *OUTPUTS} - (
        {"zones", "locations"} if not xyz else set()
    )
    device = ScriptDevice(options)
    ScriptRun(device.text, inputs, outputs, image_wh=device.wh).run(device.on_step)
    assert len(device.records) == 6


@pytest.mark.parametrize("options", ALL_OPTIONS)
def test_the_script_sends_the_same_with_depthai_2_and_3(options: OakOptions) -> None:
    one, two = (ScriptDevice(options, version=version, actor=moving).run() for version in (2, 3))
    assert one.plain == two.plain
    assert one.logs == two.logs
    assert len(one.packets) == 6


@pytest.mark.parametrize("xyz", [False, True])
def test_packets_are_not_longer_than_those_of_depthai_blazepose(xyz: bool) -> None:
    packets = ScriptDevice(OakOptions(mode="edge", xyz=xyz)).run().packets
    assert {len(packet) for packet in packets} == {64, 1392 if xyz else 1240}
    assert max(map(len, packets)) <= MAX_BYTES[xyz]


# --- the loop ---


def test_the_detector_runs_once_and_then_the_landmarks_give_the_regions() -> None:
    device = ScriptDevice(actor=moving).run()
    assert device.n_detections == 1
    records = device.records
    assert [record.number for record in records] == [1, 2, 3, 4, 5, 6]
    assert [record.is_detected for record in records] == [True, True] + 4 * [False]
    assert [record.is_pending for record in records] == [True] + 5 * [False]
    assert [record.landmarks is None for record in records] == [True] + 5 * [False]
    assert_allclose([r.detection_score for r in records], [0.9, 0.9] + 4 * [np.nan], atol=1e-3)
    assert_allclose([r.score for r in records], [np.nan] + 5 * [0.99], atol=1e-3)
    for record, region in zip(records[1:], device.rois[:5], strict=True):
        assert_allclose(record.center, region.center, rtol=1e-6)
        # An ImageManip rounds the side down: what the script asks for is a little more.
        assert math.floor(region.wh[0]) == math.floor(region.wh[1]) == record.side


def test_landmarks_of_a_record_are_where_the_person_is() -> None:
    device = ScriptDevice(actor=moving).run()
    for record in device.records[1:]:
        estimate = estimate_of(record, device.wh)
        assert estimate is not None
        expected = moving(record.number).points
        assert_allclose(estimate.raw.landmarks, expected[:33], atol=FP16_PX)
        assert_allclose(estimate.raw.visibility, 0.9, atol=1e-3)
        assert_allclose(estimate.raw.presence, 0.8, atol=1e-3)


@pytest.mark.parametrize("crop", [False, True])
def test_the_first_region_is_that_of_the_detection_in_the_letterbox(crop: bool) -> None:
    device = ScriptDevice(OakOptions(mode="edge", crop=crop), n_frames=1).run()
    assert device.wh == ((640, 640) if crop else (1152, 648))
    assert device.all("detector_config") == [CropRequest((224, 224))]
    (region,) = device.rois
    assert_allclose(region.center, ANN.hips, atol=0.3)  # float16: 0.5 / 1024 of 1152 px
    assert_allclose(region.wh, 1.25 * ANN.size_px, atol=1.5)


def test_regions_are_those_of_mediapipe() -> None:
    rng = np.random.default_rng(0)
    for hips, rim in rng.uniform(0, 640, (200, 2, 2)):
        region = program.region_from_points(*hips, *rim)
        expected = roi_from_alignment(np.array([hips, rim], np.float32), program.FRAME_WH)
        assert expected is not None
        assert_allclose(region[:2], expected.center, atol=1e-3)
        assert region[2] == round(region[2])
        assert_allclose(region[2], expected.wh[0], atol=0.501)
        assert_allclose(region[3], expected.rotation, atol=1e-3)


def test_points_of_the_crop_are_in_the_image_where_the_region_is() -> None:
    rng = np.random.default_rng(0)
    low, high = (0, 0, 50, -3, -50, -50), (640, 640, 900, 3, 300, 300)
    for x, y, side, rotation, u, v in rng.uniform(low, high, (50, 6)):
        matrix = Roi((x, y), (side, side), rotation).image_from_crop((256, 256))
        (point,) = program.image_points([u, v, 0, 0, 0], [0], (x, y, side, rotation))
        assert_allclose(point, (matrix @ (u, v, 1))[:2], atol=1e-9)


def test_without_a_person_the_detector_sees_each_frame() -> None:
    device = ScriptDevice(actor=lambda _: None).run()
    assert device.n_detections == 7  # the last one waits for its answer
    assert [r.number for r in device.records] == [1, 2, 3, 4, 5, 6]
    for record in device.records:
        assert record.is_detected
        assert not record.is_pending
        assert np.isnan(record.side)
        assert record.landmarks is None


def test_a_lost_person_is_detected_again() -> None:
    device = ScriptDevice(actor=lambda n: None if n in (3, 4) else ANN, n_frames=7).run()
    kinds = [
        (r.is_detected, r.is_pending, r.landmarks is not None, r.score < 0.5)
        for r in device.records
    ]
    pending, lost = (True, True, False, False), (False, False, False, True)
    nobody, found, tracked = (
        (True, False, False, False),
        (True, False, True, False),
        (False, False, True, False),
    )
    assert kinds == [pending, found, lost, nobody, pending, found, tracked]


def test_force_detection_runs_the_detector_before_each_pose() -> None:
    device = ScriptDevice(tracker=TrackerOptions(force_detection=True)).run()
    assert [r.is_pending for r in device.records] == 3 * [True, False]
    assert all(r.is_detected for r in device.records)
    assert device.n_detections == 4


@pytest.mark.parametrize(("score", "n_poses"), [(0.61, 5), (0.59, 0)])
def test_the_landmark_score_must_exceed_the_presence_confidence(score: float, n_poses: int) -> None:
    tracker = TrackerOptions(presence_confidence=0.6, tracking_confidence=0.6)
    records = ScriptDevice(tracker=tracker, score=lambda _: score).run().records
    assert sum(r.landmarks is not None for r in records) == n_poses


def test_a_pose_below_the_tracking_confidence_is_sent_but_not_tracked() -> None:
    tracker = TrackerOptions(presence_confidence=0.5, tracking_confidence=0.8)
    device = ScriptDevice(tracker=tracker, score=lambda _: 0.7).run()
    assert [r.landmarks is not None for r in device.records] == 3 * [False, True]
    assert device.n_detections == 4


@pytest.mark.parametrize(("score", "n"), [(0.45, 6), (0.35, 0)])
def test_a_detection_must_reach_the_detection_confidence(score: float, n: int) -> None:
    tracker = TrackerOptions(detection_confidence=0.4)
    actor = replace(ANN, detection_score=score)
    device = ScriptDevice(tracker=tracker, actor=lambda _: actor).run()
    assert len(device.rois) == n


def test_thresholds_are_those_of_the_engine_at_equality() -> None:
    """A detection is at least as good, a landmark score is better."""
    half = TrackerOptions(detection_confidence=0.5, presence_confidence=0.5)
    device = ScriptDevice(actor=lambda _: replace(ANN, detection_score=0.5), tracker=half)
    assert len(device.run().rois) == 6
    records = ScriptDevice(tracker=half, score=lambda _: 0.5).run().records
    assert all(record.landmarks is None for record in records)
    half = TrackerOptions(presence_confidence=0.25, tracking_confidence=0.5)
    assert ScriptDevice(tracker=half, score=lambda _: 0.5).run().n_detections == 4


def test_a_score_that_is_not_a_number_is_a_lost_person() -> None:
    device = ScriptDevice(score=lambda number: np.nan if number == 3 else 0.99).run()
    assert [r.is_pending for r in device.records] == [True, False, False, True, False, False]
    assert (device.records[2].score, device.records[2].landmarks) == (0, None)


def test_a_landmark_network_that_sees_the_frame_of_the_detector_gives_one_record() -> None:
    class Quick(ScriptDevice):
        def landmarks(self, actor: Actor | None) -> Any:
            if len(self.rois) == 1:
                self.number = 1
            return super().landmarks(actor)

    records = Quick().run().records
    assert [record.number for record in records] == [1, 2, 3, 4, 5, 6]
    assert [record.is_detected for record in records] == [True] + 5 * [False]
    assert all(record.landmarks is not None for record in records)


# --- regions that can't be cropped ---


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_region_with_a_value_that_is_not_finite_is_not_used(value: float) -> None:
    assert program.usable((320, 240, 200, 0)) == (320, 240, 200, 0)
    for i in range(4):
        assert program.usable((*(320, 240, 200)[:i], value, *(240, 200, 0)[i:])) == ()


def test_a_huge_region_is_clamped() -> None:
    close = Actor(hips=(576, 900), size_px=9000)
    device = ScriptDevice(actor=lambda _: close).run()
    assert {round(region.wh[0]) for region in device.rois} == {3 * 1152}
    assert device.records[-1].side == 3 * 1152
    estimate = estimate_of(device.records[-1], device.wh)
    assert estimate is not None
    assert_allclose(estimate.hips, close.hips, atol=2)


@pytest.mark.parametrize(
    "auxiliary",
    [
        [[np.nan, 100], [128, 20]],
        [[128, 128], [np.inf, 20]],
        [[-np.inf, 128], [128, 20]],
        [[128, 128], [128, 128]],  # no size
        [[6e4, 6e4], [6e4, 5.9e4]],  # far off the frame
    ],
)
def test_a_region_that_can_not_be_cropped_starts_a_detection(auxiliary: list[list[float]]) -> None:
    def change(number: int, rows: NDArray[np.float32]) -> None:
        if number == 3:
            rows[33:35, :2] = auxiliary

    device = ScriptDevice(change=change).run()
    assert device.n_detections == 2
    assert [r.is_pending for r in device.records] == [True, False, False, True, False, False]


def test_a_detection_without_a_size_is_nobody() -> None:
    flat = Actor(hips=(500, 300), has_circle=False)
    records = ScriptDevice(actor=lambda _: flat).run().records
    assert all(record.is_detected and not record.is_pending for record in records)


@pytest.mark.parametrize("point", [(-500.0, 300.0), (576.0, -1200.0)])
def test_a_region_off_the_frame_is_not_cropped(point: tuple[float, float]) -> None:
    gone = Actor(hips=point, size_px=200)
    assert ScriptDevice(actor=lambda _: gone).run().rois == []


# --- depth ---


def standing(**moved: tuple[float, float]) -> Actor:
    """ANN, whose landmarks of the given names are at other points."""
    numbers = {"left_hip": LEFT_HIP, "right_hip": RIGHT_HIP, "left_shoulder": LEFT_SHOULDER}
    numbers["right_shoulder"] = RIGHT_SHOULDER
    actor = replace(ANN)
    points = ANN.points.copy()
    for name, point in moved.items():
        points[numbers[name], :2] = point
    actor.__dict__["points"] = points
    return actor


def hidden(*landmarks: int) -> Any:
    def change(_number: int, rows: NDArray[np.float32]) -> None:
        rows[list(landmarks), 3] = -0.1  # a probability of 0.475

    return change


def test_depth_of_all_landmarks_and_the_reference_comes_in_one_request() -> None:
    device = ScriptDevice(DEPTH, depth_mm=lambda zone: zone.xyxy[0]).run()
    assert len(device.zones) == 5
    for request, record in zip(device.zones, device.records[1:], strict=True):
        assert len(request.zones) == 34
        assert {zone.limits_mm for zone in request.zones} == {(100, 10000)}
        half = int(record.side / 90)
        assert {(z.xyxy[2] - z.xyxy[0]) / 2 for z in request.zones} == {half}
        assert record.depths_m is not None
        expected = np.floor(ANN.points[:33, 0]) - half
        assert_allclose(record.depths_m * 1000, expected, atol=1)
        assert record.reference == "mid_hips"
        middle = ANN.points[[LEFT_HIP, RIGHT_HIP], :2].mean(axis=0)
        assert record.zone_xyxy is not None
        assert_allclose(np.reshape(record.zone_xyxy, (2, 2)).mean(axis=0), middle, atol=1.5)
        assert_allclose(record.reference_m * 1000, record.zone_xyxy[0], atol=1e-3)


def test_zones_of_a_small_person_have_eight_pixels() -> None:
    small = replace(ANN, size_px=60.0)
    device = ScriptDevice(DEPTH, actor=lambda _: small).run()
    assert {z.xyxy[2] - z.xyxy[0] for request in device.zones for z in request.zones} == {8}


def test_zones_are_in_the_depth_image_which_is_wider_than_a_cropped_frame() -> None:
    options = OakOptions(mode="edge", xyz=True, crop=True)
    size = nearest_size(640, crop=True)
    width, height = depth_wh(size)
    assert (size.crop_left_px, size.scaled_wh, width) == (249, (1138, 640), 1136)
    device = ScriptDevice(options).run()
    record, zones = device.records[-1], device.zones[-1].zones
    assert record.zone_xyxy is not None
    left, top, right, bottom = record.zone_xyxy
    wanted = ((left + 249) * width / 1138, top, (right + 249) * width / 1138, bottom)
    assert_allclose(zones[-1].xyxy, wanted, atol=1)
    middle = ANN.points[[LEFT_HIP, RIGHT_HIP], 0].mean()
    assert_allclose((left + right) / 2, middle, atol=1.5)
    assert all(0 <= z.xyxy[0] <= z.xyxy[2] < width for z in zones)
    assert all(0 <= z.xyxy[1] <= z.xyxy[3] < height for z in zones)


def test_a_landmark_outside_the_frame_is_not_measured() -> None:
    actor = standing(left_shoulder=(-20, 300), right_shoulder=(500, 660))
    device = ScriptDevice(DEPTH, actor=lambda _: actor).run()
    assert len(device.zones[-1].zones) == 32
    depths = device.records[-1].depths_m
    assert depths is not None
    assert np.flatnonzero(np.isnan(depths)).tolist() == [LEFT_SHOULDER, RIGHT_SHOULDER]


def test_zones_at_the_edge_are_clipped_to_the_image() -> None:
    actor = standing(left_hip=(2, 2), right_hip=(1149, 645))
    device = ScriptDevice(DEPTH, actor=lambda _: actor).run()
    zones = [zone.xyxy for request in device.zones for zone in request.zones]
    assert np.min(zones) == 0
    assert np.max([z[2] for z in zones]) == 1151
    assert np.max([z[3] for z in zones]) == 647


@pytest.mark.parametrize(
    ("landmarks", "reference"),
    [
        ((), "mid_hips"),
        ((LEFT_HIP,), "mid_shoulders"),
        ((RIGHT_HIP, LEFT_SHOULDER), None),
    ],
)
def test_the_reference_is_the_first_pair_that_is_visible(
    landmarks: tuple[int, ...], reference: str | None
) -> None:
    record = ScriptDevice(DEPTH, change=hidden(*landmarks)).run().records[-1]
    assert record.reference == reference
    assert (record.zone_xyxy is None) == (reference is None)
    assert np.isnan(record.reference_m) == (reference is None)


def test_visibility_is_a_probability_not_a_logit() -> None:
    device = ScriptDevice(DEPTH, actor=lambda _: replace(ANN, visibility=0.55))  # a logit of 0.2
    assert device.run().records[-1].reference == "mid_hips"


@pytest.mark.parametrize("hip", [(-5.0, 300.0), (1160.0, 300.0), (500.0, 650.0)])
def test_a_reference_outside_the_image_in_x_or_y_is_not_used(hip: tuple[float, float]) -> None:
    actor = standing(left_hip=hip)
    record = ScriptDevice(DEPTH, actor=lambda _: actor).run().records[-1]
    assert record.reference == "mid_shoulders"


def test_the_position_of_the_reference_is_smoothed_and_starts_anew_with_a_detection() -> None:
    def jumping(number: int) -> Actor | None:
        return None if number in (5, 6) else replace(ANN, hips=(500.0 + 100 * (number > 2), 300))

    device = ScriptDevice(DEPTH, actor=jumping, n_frames=8).run()
    centres = {
        r.number: (r.zone_xyxy[0] + r.zone_xyxy[2]) / 2 for r in device.records if r.zone_xyxy
    }
    still = centres[2]
    expected = {2: still, 3: still + 50, 4: still + 75, 8: still + 100}
    assert centres.keys() == expected.keys()
    assert_allclose([centres[n] for n in expected], list(expected.values()), atol=2)


def test_a_depth_of_zero_is_not_known() -> None:
    record = ScriptDevice(DEPTH, depth_mm=lambda _: 0.0).run().records[-1]
    assert record.depths_m is not None
    assert np.isnan(record.depths_m).all()
    assert np.isnan(record.reference_m)
    assert record.reference == "mid_hips"


def test_a_person_outside_the_frame_is_not_measured() -> None:
    def change(_number: int, rows: NDArray[np.float32]) -> None:
        rows[:33, 0] = -6e4

    device = ScriptDevice(DEPTH, change=change).run()
    assert device.zones == []
    record = device.records[-1]
    assert record.depths_m is not None
    assert np.isnan(record.depths_m).all()
    assert record.reference is None


def test_an_answer_with_another_number_of_zones_is_not_used() -> None:
    class Short(ScriptDevice):
        def answer(self, port: str) -> Any:
            answer: Any = super().answer(port)
            return (
                replace(answer, locations=answer.locations[1:]) if port == "locations" else answer
            )

    record = Short(DEPTH).run().records[-1]
    assert record.depths_m is not None
    assert np.isnan(record.depths_m).all()
    assert np.isnan(record.reference_m)
    assert record.reference == "mid_hips"


# --- trace and errors ---


@pytest.mark.parametrize("trace", [False, True])
def test_trace_logs_each_step(trace: bool) -> None:
    device = ScriptDevice(OakOptions(mode="edge", trace=trace)).run()
    if not trace:
        assert device.logs == []
        return
    assert {level for level, _ in device.logs} == {"warn"}
    assert [text.split(": ")[:2] for _, text in device.logs] == [
        ["trace", "the script starts"],
        *(["trace", f"frame {n}"] for n in range(1, 7)),
    ]


@pytest.mark.parametrize("version", [2, 3])
def test_an_error_of_the_script_is_sent_to_the_host_and_raised(version: int) -> None:
    class Broken(ScriptDevice):
        def landmarks(self, actor: Actor | None) -> Any:
            tensors = super().landmarks(actor)
            return replace(tensors, arrays={"Identity_1": np.zeros(0)})

    device = Broken(version=version)
    with pytest.raises((IndexError, struct.error)):
        device.run()
    with pytest.raises(ScriptError, match=r"follow:\d+") as err:
        EdgeRecord.from_bytes(device.packets[-1])
    assert "\n" not in str(err.value)
    assert str(err.value).startswith("the script of the device failed: ")


def test_a_packet_is_set_if_the_memory_of_the_message_is_a_copy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Copied:
        def __init__(self, size: int) -> None:
            self.data = bytes(size)

        def getData(self) -> bytearray:  # noqa: N802
            return bytearray(self.data)

        def setData(self, data: bytes) -> None:  # noqa: N802
            self.data = data

    sent: list[Copied] = []
    node = SimpleNamespace(io={"result": SimpleNamespace(send=sent.append)})
    monkeypatch.setattr(program, "Buffer", Copied, raising=False)
    monkeypatch.setattr(program, "node", node, raising=False)
    program.send(b"12")
    assert [buffer.data for buffer in sent] == [b"12"]


# --- the interpreter ---


def run_text(text: str, version: int = 3) -> list[Any]:
    steps: list[Any] = []

    def on_step(step: Any) -> Any:
        steps.append(step)
        if isinstance(step, Receive):
            raise ScriptStopped

    ScriptRun(text, INPUTS, OUTPUTS, image_wh=(640, 480), version=version).run(on_step)
    return steps


@pytest.mark.parametrize("module", ["numpy", "cv2", "depthai", "sys", "subprocess", "vitruvian"])
def test_modules_that_the_device_lacks_can_not_be_imported(module: str) -> None:
    with pytest.raises(ModuleNotFoundError, match=f"the device has no module '{module}'"):
        run_text(f"import {module}")


def test_modules_of_the_device_can_be_imported() -> None:
    run_text("\n".join(f"import {module}" for module in sorted(DEVICE_MODULES)))
    run_text("import os.path\nfrom urllib import parse\nfrom collections import deque")


@pytest.mark.parametrize(
    "text",
    ["match node:\n    case _: pass", "try:\n    pass\nexcept* ValueError:\n    pass"],
)
def test_syntax_after_python_3_9_is_refused(text: str) -> None:
    with pytest.raises(SyntaxError):
        run_text(text)


@pytest.mark.parametrize("text", ["open('x')", "ExceptionGroup", "anext", "exec('1')"])
def test_builtins_that_the_device_lacks_are_refused(text: str) -> None:
    with pytest.raises(NameError):
        run_text(text)


@pytest.mark.parametrize(
    ("version", "text"),
    [
        (2, "ImageManipConfig().setOutputSize(2, 2)"),
        (2, "ImageManipConfig().addCropRotatedRect(RotatedRect(), True)"),
        (2, "Buffer(2).setData(b'12')"),
        (3, "ImageManipConfig().setResize(2, 2)"),
        (3, "ImageManipConfig().setCropRotatedRect(RotatedRect(), True)"),
        (3, "node.io['detection'].getLayerFp16('result')"),
        (2, "RotatedRect().centre"),
        (3, "RotatedRect().rotation = 2"),
        (3, "node.io['result'].get()"),
        (3, "node.io['detection'].send(Buffer(1))"),
        (3, "node.print('a')"),
        (3, "SpatialLocationCalculatorConfigData().algorithm = 1"),
    ],
)
def test_what_depthai_does_not_document_is_an_error(version: int, text: str) -> None:
    with pytest.raises(AttributeError):
        run_text(text, version)


@pytest.mark.parametrize(
    "text",
    [
        "ImageManipConfig().setOutputSize(2.0, 2)",
        "RotatedRect().angle = '1'",
        "Rect(1, 2)",
        "node.io['result'].send(b'1')",
        "node.warn(1)",
        "SpatialLocationCalculatorConfig().addROI(Rect(Point2f(1, 2), Point2f(3, 4)))",
        "SpatialLocationCalculatorConfigData().depthThresholds.lowerThreshold = 0.5",
    ],
)
def test_arguments_of_another_type_are_refused(text: str) -> None:
    with pytest.raises(TypeError):
        run_text(text)


def test_unknown_ports_are_an_error() -> None:
    with pytest.raises(KeyError):
        run_text("node.io['host']")


def test_numbers_of_messages_are_float32() -> None:
    text = "p = Point2f(0.1, 2)\nassert p.x == 0.10000000149011612 and p.y == 2.0"
    assert run_text(text) == []


def test_names_of_the_host_are_not_seen() -> None:
    with pytest.raises(NameError):
        run_text("ScriptRun")


@pytest.mark.parametrize("options", [EDGE, DEPTH])
def test_steps_are_those_of_run(options: OakOptions) -> None:
    whole, stepped = ScriptDevice(options, actor=moving), ScriptDevice(options, actor=moving)
    whole.run()
    steps = stepped.script().steps()
    step = next(steps)
    while len(stepped.sent) < len(whole.sent):
        step = steps.send(stepped.on_step(step))
    steps.close()
    assert stepped.plain == whole.plain


def test_closing_the_steps_ends_the_thread_of_the_script() -> None:
    n_threads = threading.active_count()
    device = ScriptDevice(OakOptions(mode="edge", trace=True))
    steps = device.script().steps()
    assert next(steps) == Log("warn", "trace: the script starts")
    assert threading.active_count() == n_threads + 1
    steps.close()
    assert threading.active_count() == n_threads


def test_an_error_of_the_script_is_raised_by_its_steps() -> None:
    steps = ScriptRun("1 / 0", (), (), image_wh=(2, 2)).steps()
    with pytest.raises(ZeroDivisionError):
        next(steps)


def test_the_end_of_the_script_ends_its_steps() -> None:
    assert list(ScriptRun("pass", (), (), image_wh=(2, 2)).steps()) == []
