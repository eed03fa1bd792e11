"""A graph on a camera that stands for a real one: messages, errors, warnings."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.oak.build_variants import blobs_for, graph_of
from tests.oak.fake_depthai import FakeDepthAI, calibration, device_info
from vitruvian.errors import DeviceError, ModelIntegrityError, ModelNotFoundError
from vitruvian.oak.connecting import connect
from vitruvian.oak.depthai import connecting
from vitruvian.oak.depthai.calibration import camera_from_calibration
from vitruvian.oak.depthai.connecting import start_runtime
from vitruvian.oak.depthai.messages import image_message
from vitruvian.oak.graph import Graph, Node
from vitruvian.oak.limits import warn_of_limits
from vitruvian.oak.messages import Picture
from vitruvian.oak.opening import open_oak
from vitruvian.oak.options import OakOptions
from vitruvian.oak.pipelines import camera_graph, edge_graph
from vitruvian.oak.runtime import NoDepthError, ScriptError
from vitruvian.oak.virtual import VirtualOak

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.oak.depthai.runtime import DeviceRuntime

pytestmark = pytest.mark.oak

IMAGE = np.arange(8 * 6 * 3, dtype=np.uint8).reshape(8, 6, 3)
EDGE = ("edge", False, False, False)
CAMERA, CAMERA_XYZ = ("camera", False, False, False), ("camera", True, False, False)
HOST = ("host", False, False, False)


@pytest.fixture
def fake(dai: Any) -> FakeDepthAI:
    return FakeDepthAI(dai, [device_info(dai, "1.3.2")])


def started(
    fake: FakeDepthAI, folder: Path, variant: tuple[str, bool, bool, bool]
) -> DeviceRuntime:
    graph = graph_of(variant)
    return start_runtime(fake.library, fake.free[0], graph, blobs_for(graph, folder))


def test_runtime_tells_what_the_camera_is(fake: FakeDepthAI, tmp_path: Path) -> None:
    info = started(fake, tmp_path, EDGE).info
    assert (info.name, info.id, info.protocol, info.product) == (
        "1.3.2",
        "14442C10",
        "usb",
        "OAK-D",
    )
    assert info.cameras == ("CAM_A IMX378", "CAM_B OV7251", "CAM_C OV7251")
    assert info.has_depth


def test_frame_keeps_its_number_and_the_time_of_the_device(
    fake: FakeDepthAI, dai: Any, tmp_path: Path
) -> None:
    runtime = started(fake, tmp_path, CAMERA)
    message = image_message(dai, IMAGE, 41)
    message.setTimestampDevice(timedelta(seconds=3, microseconds=7))
    fake.queues[0].send(message)
    picture = runtime.receive("frames", 1.0)
    assert isinstance(picture, Picture)
    assert_array_equal(picture.image, IMAGE)
    assert (picture.number, picture.time_us) == (41, 3_000_007)


def test_wait_ends_at_its_limit(fake: FakeDepthAI, tmp_path: Path) -> None:
    runtime = started(fake, tmp_path, CAMERA)
    start = time.monotonic()
    assert runtime.receive("frames", 0.3) is None
    assert 0.29 < time.monotonic() - start < 2.0


def test_messages_are_dropped_oldest_first_if_the_host_is_slow(
    fake: FakeDepthAI, dai: Any, tmp_path: Path
) -> None:
    runtime = started(fake, tmp_path, CAMERA)
    for number in range(12):
        fake.queues[0].send(image_message(dai, IMAGE, number))
    received = [runtime.receive("frames", 0.0) for _ in range(9)]
    assert [m.number for m in received if isinstance(m, Picture)] == list(range(4, 12))


def test_image_is_sent_with_its_number(fake: FakeDepthAI, tmp_path: Path) -> None:
    runtime = started(fake, tmp_path, HOST)
    runtime.send("detector_in", IMAGE, 5)
    (message,) = fake.sent
    assert message.getSequenceNum() == 5
    assert message.getType().name == "BGR888p"
    assert_array_equal(message.getData().reshape(3, 8, 6), IMAGE[..., ::-1].transpose(2, 0, 1))


def test_error_of_the_script_is_raised_with_its_text(fake: FakeDepthAI, tmp_path: Path) -> None:
    runtime = started(fake, tmp_path, EDGE)
    fake.log("Script(6)", "ERR", "Traceback:\n  line 3\nNameError: name 'roi' is not defined\n")
    fake.log("Script(6)", "ERR", "the node is not responding")  # the first one is the cause
    with pytest.raises(
        ScriptError, match=r"line 3; NameError: name 'roi' is not defined$"
    ) as caught:
        runtime.receive("results", 1.0)
    assert "\n" not in str(caught.value)
    fake.is_running = False
    with pytest.raises(ScriptError, match="NameError"):  # the loss of the device is no news
        runtime.receive("results", 1.0)


def test_other_messages_of_the_device_are_logged(
    fake: FakeDepthAI, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    runtime = started(fake, tmp_path, EDGE)
    fake.log("ImageManip(1)", "ERR", "Processing failed")
    fake.log("Script(6)", "WARN", "frame 7")
    assert runtime.receive("results", 0.0) is None
    assert "1.3.2 ImageManip(1): Processing failed" in caplog.text
    assert "1.3.2 Script(6): frame 7" in caplog.text


def test_steps_of_the_script_are_no_warnings(
    fake: FakeDepthAI, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    started(fake, tmp_path, EDGE)
    with caplog.at_level(logging.INFO, "vitruvian.oak.trace"):
        fake.log("Script(6)", "WARN", "trace: frame 7: landmark score 0.9")
    assert caplog.record_tuples == [
        ("vitruvian.oak.trace", logging.INFO, "1.3.2: frame 7: landmark score 0.9")
    ]


def test_lost_device_is_an_error_that_says_what_to_check(fake: FakeDepthAI, tmp_path: Path) -> None:
    runtime = started(fake, tmp_path, CAMERA)
    fake.is_running = False
    with pytest.raises(DeviceError, match=r"'1.3.2': the connection is lost: check the cable"):
        runtime.receive("frames", 1.0)
    with pytest.raises(DeviceError, match="the connection is lost"):
        runtime.send("frames", IMAGE, 1)


def test_closed_queue_is_a_lost_device(fake: FakeDepthAI, tmp_path: Path) -> None:
    runtime = started(fake, tmp_path, CAMERA)
    fake.queues[0].close()
    with pytest.raises(DeviceError, match="the connection is lost"):
        runtime.receive("frames", 1.0)


def test_closing_twice_stops_the_device_once(fake: FakeDepthAI, tmp_path: Path) -> None:
    runtime = started(fake, tmp_path, CAMERA)
    runtime.close()
    runtime.close()
    assert len(fake.device.called("close")) == len(fake.pipeline.called("stop")) == 1
    with pytest.raises(DeviceError, match="is closed"):
        runtime.receive("frames", 1.0)


def test_closing_ends_the_wait_of_another_thread(fake: FakeDepthAI, tmp_path: Path) -> None:
    runtime = started(fake, tmp_path, CAMERA)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(runtime.receive, "frames", 30.0)
        time.sleep(0.1)
        runtime.close()
        with pytest.raises(DeviceError, match="is closed"):
            waiting.result(timeout=2.0)


def test_connect_opens_the_named_camera(
    dai: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake = FakeDepthAI(dai, [device_info(dai, "1.3.2", "A1"), device_info(dai, "1.4", "B2")])
    monkeypatch.setattr(connecting, "load_depthai", lambda: fake.library)
    options = OakOptions(device="b2")
    runtime = connect(camera_graph(options, "full"), options)
    assert (runtime.info.name, runtime.info.id) == ("1.4", "B2")
    runtime.close()


def test_depthai_does_not_reconnect_by_itself(fake: FakeDepthAI, tmp_path: Path) -> None:
    started(fake, tmp_path, CAMERA)
    assert fake.device.called("setMaxReconnectionAttempts") == [[0]]


def test_log_of_the_device_is_not_printed(fake: FakeDepthAI, dai: Any, tmp_path: Path) -> None:
    started(fake, tmp_path, CAMERA)
    assert fake.device.called("setLogLevel") == [[dai.LogLevel.WARN]]
    assert fake.device.called("setLogOutputLevel") == [[dai.LogLevel.OFF]]


def test_device_that_does_not_start_its_pipeline_is_released(
    fake: FakeDepthAI, tmp_path: Path
) -> None:
    def start() -> None:
        raise RuntimeError("Out of memory while creating pool")

    fake.pipeline.answers["start"] = start
    with pytest.raises(DeviceError, match="its memory is too small: choose a smaller model"):
        started(fake, tmp_path, CAMERA)
    assert fake.device.called("close") == [[]]


def test_camera_without_stereo_refuses_depth_and_is_released(dai: Any, tmp_path: Path) -> None:
    fake = FakeDepthAI(dai, [device_info(dai, "1.3.2")], sensors={"CAM_A": "IMX378"})
    with pytest.raises(NoDepthError, match="needs sensors at CAM_B and CAM_C, got CAM_A IMX378"):
        started(fake, tmp_path, CAMERA_XYZ)
    assert fake.device.called("close") == [[]]
    assert started(fake, tmp_path, CAMERA).info.has_depth is False


def test_camera_without_a_colour_sensor_is_refused(dai: Any, tmp_path: Path) -> None:
    fake = FakeDepthAI(dai, [device_info(dai, "1.3.2")], sensors={"CAM_B": "OV9782"})
    with pytest.raises(DeviceError, match="no colour sensor at CAM_A, got CAM_B OV9782"):
        started(fake, tmp_path, CAMERA)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("Failed to connect, error message: X_LINK_DEVICE_ALREADY_IN_USE", "another program"),
        ("No available devices (1 connected, but in use)", "another program"),
        ("X_LINK_INSUFFICIENT_PERMISSIONS", "udevadm"),
        ("Failed to find device after booting, X_LINK_DEVICE_NOT_FOUND", "did not come back"),
        ("Couldn't open stream (X_LINK_ERROR)", "check the cable"),
        ("Something\nelse", "Something; else"),
    ],
)
def test_error_of_opening_says_what_to_do(dai: Any, tmp_path: Path, text: str, advice: str) -> None:
    fake = FakeDepthAI(dai, [device_info(dai, "1.3.2")], error=RuntimeError(text))
    with pytest.raises(DeviceError, match=r"^OAK camera '1.3.2': ") as caught:
        started(fake, tmp_path, CAMERA)
    assert advice in str(caught.value)
    assert "\n" not in str(caught.value)


def test_oak_4_runs_no_blobs_and_measures_no_depth(dai: Any, tmp_path: Path) -> None:
    fake = FakeDepthAI(dai, [device_info(dai, "10.0.0.9", platform="X_LINK_RVC4")])
    with pytest.raises(DeviceError, match="use mode 'camera'"):
        started(fake, tmp_path, EDGE)
    with pytest.raises(NoDepthError, match="an OAK 4, is not supported"):
        started(fake, tmp_path, CAMERA_XYZ)
    assert started(fake, tmp_path, CAMERA).info.name == "10.0.0.9"


def test_rate_above_that_of_the_sensor_is_lowered_aloud(
    dai: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    modes = ((1920, 1080, 20.0),)
    fake = FakeDepthAI(dai, [device_info(dai, "1.3.2")], modes=modes)
    assert started(fake, tmp_path, CAMERA).info.max_fps == 20.0
    assert "reaches 20 frames/s at 1920x1080 px, not 30: 20 are used" in caplog.text
    ((_, _, fps),) = fake.pipeline.nodes[0].called("build")
    assert fps == 20.0


def test_sensor_without_the_resolution_uses_its_own(
    dai: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    modes = ((1280, 800, 120.0),)
    fake = FakeDepthAI(dai, [device_info(dai, "1.3.2")], modes=modes)
    started(fake, tmp_path, CAMERA)
    assert "sensor IMX378 has no mode of 1920x1080 px" in caplog.text
    ((_, wh, _),) = fake.pipeline.nodes[0].called("build")
    assert wh is None


@pytest.mark.parametrize(("variant", "focus"), [(CAMERA_XYZ, 130), (CAMERA, None)])
def test_focus_is_that_of_the_calibration_if_depth_is_aligned(
    fake: FakeDepthAI, tmp_path: Path, variant: tuple[str, bool, bool, bool], focus: int | None
) -> None:
    started(fake, tmp_path, variant)
    control = fake.pipeline.nodes[0].children.get("initialControl")
    assert (None if control is None else control.getLensPosition()) == focus


def test_calibration_is_scaled_to_the_frames(fake: FakeDepthAI, tmp_path: Path) -> None:
    camera = started(fake, tmp_path, CAMERA).camera_for((1152, 648))
    scale = 1152 / 3840
    assert_allclose(camera.focal_xy, [3000 * scale, 3010 * scale], rtol=1e-5)
    assert_allclose(camera.matrix[:2, 2], [1930 * scale, 1070 * scale], rtol=1e-5)
    assert_allclose(camera.distortions, 0.01 * np.arange(1, 9), rtol=1e-5)
    assert not camera.is_assumed


def test_fisheye_lens_has_four_coefficients(fake: FakeDepthAI, dai: Any) -> None:
    handler = calibration(dai)
    handler.setCameraType(dai.CameraBoardSocket.CAM_A, dai.CameraModel.Fisheye)
    camera = camera_from_calibration(fake.library, handler, (1920, 1080))
    assert camera.is_fisheye
    assert_allclose(camera.distortions, [0.01, 0.02, 0.03, 0.04], rtol=1e-5)


def test_camera_without_calibration_has_an_assumed_focal_length(
    fake: FakeDepthAI, dai: Any, caplog: pytest.LogCaptureFixture
) -> None:
    camera = camera_from_calibration(fake.library, dai.CalibrationHandler(), (1920, 1080))
    assert camera.is_assumed
    assert "the focal length of the camera is assumed: 69 degrees" in caplog.text


# --- checks before a device is opened, on the virtual camera ---


def connect_virtual(options: OakOptions, script: str = "pass") -> None:
    graph = camera_graph(options, "full")
    if options.mode == "edge":
        graph = edge_graph(options, "full", script)
    connect(graph, options).close()


def options_of(**changes: Any) -> OakOptions:
    return OakOptions(device=VirtualOak([IMAGE]), **changes)


def test_height_that_does_not_exist_names_the_nearest_size(
    caplog: pytest.LogCaptureFixture,
) -> None:
    open_oak(options_of(frame_height=700)).close()
    assert "frames of 700 px height are not possible: the nearest size, 1248x702 px" in caplog.text
    caplog.clear()
    open_oak(options_of()).close()  # the default of 640 px is not possible either
    assert caplog.text == ""


def test_rate_above_that_of_the_networks_names_the_highest(
    caplog: pytest.LogCaptureFixture,
) -> None:
    options = options_of(mode="edge", fps=60.0)
    warn_of_limits(edge_graph(options, "full", "pass"), options)
    assert "mode 'edge' reaches about 20 frames/s with model 'full', not 60" in caplog.text


def test_script_that_is_too_large_is_refused() -> None:
    with pytest.raises(DeviceError, match="at most 65536 bytes, got 70000: use mode 'host'"):
        connect_virtual(options_of(mode="edge"), "#" * 70000)


def test_given_blob_that_is_absent_is_an_error(tmp_path: Path) -> None:
    for name in ("absent.blob", "absent.tar.xz", "absent"):
        with pytest.raises(ModelNotFoundError, match="no compiled network at"):
            connect_virtual(options_of(mode="edge", landmark_blob=tmp_path / name))


def test_given_blob_of_another_network_is_an_error(tmp_path: Path) -> None:
    (path,) = set(blobs_for(graph_of(HOST), tmp_path).values())
    with pytest.raises(ModelIntegrityError, match="vitruvian oak compile --model full --shaves 4"):
        connect_virtual(options_of(mode="edge", landmark_blob=path))


def test_network_that_is_not_compiled_names_the_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    properties = {"network": "best_candidate", "blob": None, "threads": 1, "models_dir": None}
    graph = Graph((Node("best_candidate", "network", properties),), ())
    with pytest.raises(ModelNotFoundError, match="vitruvian oak compile"):
        connecting.blob_paths(graph, 7)


@pytest.mark.weights
def test_the_command_for_networks_that_are_not_compiled_compiles_all_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("vitruvian.oak.blobs.cache.cached_blob", lambda _: None)
    with pytest.raises(ModelNotFoundError, match="vitruvian oak compile --model full --shaves 4"):
        connecting.blob_paths(graph_of(HOST), 4)


@pytest.mark.weights
def test_an_absent_camera_and_networks_that_are_not_compiled_are_told_together(
    dai: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fake = FakeDepthAI(dai, [])
    monkeypatch.setattr(connecting, "load_depthai", lambda: fake.library)
    monkeypatch.setattr("vitruvian.oak.blobs.cache.cached_blob", lambda _: None)
    with pytest.raises(DeviceError, match="no OAK camera found"):
        connect(graph_of(EDGE), OakOptions(mode="edge"))
    assert "vitruvian oak compile --model full --shaves 4" in caplog.text
    caplog.clear()
    fake.free = [device_info(dai, "1.3.2")]
    with pytest.raises(ModelNotFoundError, match="vitruvian oak compile --model full --shaves 4"):
        connect(graph_of(EDGE), OakOptions(mode="edge"))
    assert "not compiled" not in caplog.text
