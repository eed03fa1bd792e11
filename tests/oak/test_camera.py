"""Frames of OAK cameras: times, depth, records, loss and return of the device."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from dataclasses import replace
from itertools import islice
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.oak.fake_device import LOST, PERIOD_US, FakeDevice, Shelf, picture, record
from vitruvian import DeviceError, Frame, TrackerOptions, open_input
from vitruvian.core.camera import Camera
from vitruvian.core.depth import DepthImage, LandmarkDepths
from vitruvian.errors import BackendUnavailableError
from vitruvian.lift.camera_options import camera_from_35mm
from vitruvian.media import reconnecting
from vitruvian.oak import OakOptions, link, open_oak
from vitruvian.oak.messages import Packet
from vitruvian.oak.pairing import MAX_WAITING
from vitruvian.oak.runtime import ScriptError
from vitruvian.oak.virtual import Faults, VirtualOak

if TYPE_CHECKING:
    from vitruvian.oak import OakCamera

EDGE = OakOptions(mode="edge")
LITE = TrackerOptions("lite")


@pytest.fixture(autouse=True)
def _no_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "FIRST_DELAY_S", 0.0)


def shots(*numbers: int) -> FakeDevice:
    return FakeDevice(frames=[picture(number) for number in numbers])


def values(camera: OakCamera, n: int | None = None) -> list[int]:
    """Return a pixel of each frame: the number of its picture."""
    return [int(frame.image[0, 0, 0]) for frame in islice(camera, n)]


# --- frames ---


def test_frames_have_true_times_from_the_first_one(monkeypatch: pytest.MonkeyPatch) -> None:
    Shelf(monkeypatch, shots(40, 41, 43))
    with open_oak() as camera:
        frames = list(islice(camera, 3))
        assert (camera.name, camera.wh, camera.fps) == ("OAK 1.2", (1152, 648), 30.0)
        assert camera.is_live
        assert camera.n_frames is None
    assert [frame.timestamp_us for frame in frames] == [0, PERIOD_US, 3 * PERIOD_US]
    assert [frame.index for frame in frames] == [0, 1, 2]
    assert camera_from_35mm((1152, 648), frames[0].focal_35mm or 0).focal_px == pytest.approx(900)
    assert [frame.image.shape for frame in frames] == 3 * [(648, 1152, 3)]


def test_frames_that_the_sensor_took_and_the_device_dropped_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Shelf(monkeypatch, shots(40, 41, 44, 45))
    with open_oak() as camera:
        values(camera, 4)
        counts = camera.counts
    assert (counts.arrived, counts.dropped, counts.fps) == (4, 2, pytest.approx(20.0))
    assert str(counts) == "sensor at 20.0 frames/s: 4 frames arrived, 2 dropped on the device"


def test_the_device_is_released_once_the_camera_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    device = shots(0, 1)
    Shelf(monkeypatch, device)
    with open_oak() as camera:
        assert not device.is_closed
    assert device.is_closed
    with pytest.raises(ValueError, match="is closed"):
        iter(camera)


def test_pictures_are_rgb() -> None:
    red = np.zeros((720, 1280, 3), np.uint8)
    red[..., 0] = 200
    with open_oak(OakOptions(device=VirtualOak([red]))) as camera:
        assert abs(next(iter(camera)).image[300, 500].astype(int) - (200, 0, 0)).max() <= 2


# --- depth ---


@pytest.mark.parametrize("crop", [False, True])
def test_depth_shows_what_the_frame_shows(crop: bool) -> None:
    """A bright block is 2 m away, everything else 5 m: both images show it in one place."""
    wh = (1920, 1080)
    image = np.zeros((1080, 1920, 3), np.uint8)
    depth = np.full((1080, 1920), 5000, np.uint16)
    image[400:700, 900:1300], depth[400:700, 900:1300] = 255, 2000
    given = Frame(image, depth=DepthImage(depth, Camera.from_fov(wh, 68.8)))
    device = VirtualOak([given])
    with open_oak(OakOptions(device=device, xyz=True, crop=crop)) as camera:
        assert camera.has_depth
        frame = next(iter(camera))
        intrinsics = camera.intrinsics
    assert isinstance(frame.depth, DepthImage)
    assert intrinsics.wh == (frame.width, frame.height) == ((640, 640) if crop else (1152, 648))
    rows, columns = frame.depth.values.shape
    ratio = columns / frame.width, rows / frame.height
    seen = np.argwhere(frame.image[..., 0] > 128)[:, ::-1].mean(axis=0)
    near = frame.depth.values
    measured = np.argwhere((near > 1500) & (near < 2500))[:, ::-1].mean(axis=0)
    assert np.abs(measured - seen * ratio).max() < 6  # the holes at edges are on one side
    ray = intrinsics.rays_from_image(seen)
    assert np.abs(frame.depth.camera.rays_from_image(seen * ratio) - ray).max() < 0.002
    assert np.abs(Camera.from_fov(wh, 68.8).rays_from_image((1100, 550)) - ray).max() < 0.005


def test_a_camera_without_stereo_gives_frames_without_depth_and_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    device = VirtualOak([np.zeros((720, 1280, 3), np.uint8)], stereo=None)
    with open_oak(OakOptions(device=device, xyz=True)) as camera:
        assert next(iter(camera)).depth is None
        assert not camera.has_depth
    assert "does not measure depth: frames have no depth" in caplog.text


def test_depth_of_edge_mode_is_that_of_its_record(monkeypatch: pytest.MonkeyPatch) -> None:
    device = FakeDevice(frames=[picture(3)], results=[record(3)])
    depths = LandmarkDepths(
        depths_m=np.full(33, 2.0, np.float32), camera=Camera.from_focal((1152, 648), 800.0)
    )
    monkeypatch.setattr("vitruvian.oak.record.EdgeRecord.landmark_depths", lambda *_: depths)
    Shelf(monkeypatch, device)
    with open_oak(OakOptions(mode="edge", xyz=True), LITE) as camera:
        assert next(iter(camera)).depth is depths


# --- pictures and records of edge mode ---


def edge(monkeypatch: pytest.MonkeyPatch, pictures: list[int], results: list[object]) -> OakCamera:
    packets = [record(r) if isinstance(r, int) else r for r in results]
    device = FakeDevice(frames=[*map(picture, pictures)], results=packets)  # type: ignore[list-item]
    Shelf(monkeypatch, device)
    return open_oak(EDGE, LITE)


def test_a_record_belongs_to_the_picture_of_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    with edge(monkeypatch, [10, 11, 12, 13], [10, 11, 12, 13]) as camera:
        frames = list(islice(camera, 4))
    assert [frame.record.number for frame in frames] == [10, 11, 12, 13]  # type: ignore[attr-defined]
    assert [int(frame.image[0, 0, 0]) for frame in frames] == [10, 11, 12, 13]


def test_a_picture_whose_record_never_comes_is_dropped_and_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with edge(monkeypatch, [10, 11, 12, 13, 14], [10, 13, 14]) as camera:
        assert values(camera, 3) == [10, 13, 14]
        assert (camera.counts.arrived, camera.counts.dropped) == (3, 2)


def test_a_record_whose_picture_is_lost_gives_no_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    with edge(monkeypatch, [10, 12, 13], [10, 11, 12, 13]) as camera:
        assert values(camera, 3) == [10, 12, 13]
        assert camera.counts.dropped == 1


def test_waiting_pictures_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The record of the first picture comes last: its picture is gone, and memory is not."""
    late = 3 * MAX_WAITING
    device = FakeDevice(frames=[*map(picture, range(late))], results=[])
    device.messages["results"].append(record(late - 1))
    original = device.receive
    waits = iter(range(1))

    def receive(stream: str, timeout_s: float) -> object:
        if stream == "results" and next(waits, None) is not None:
            return None  # it takes a while: pictures are taken meanwhile
        return original(stream, timeout_s)

    monkeypatch.setattr(device, "receive", receive)
    Shelf(monkeypatch, device)
    with open_oak(EDGE, LITE) as camera:
        assert values(camera, 1) == [late - 1]
    assert not device.messages["frames"]


def test_a_damaged_record_is_left_out_with_a_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with edge(monkeypatch, [1, 2, 3], [1, Packet(b"VE\x01\x00"), 3]) as camera:
        assert values(camera, 2) == [1, 3]
    assert "OAK 1.2: a record is damaged: packet" in caplog.text


@pytest.mark.parametrize(("fps", "max_fps"), [(20.0, None), (20.0, 60.0), (30.0, 20.0)])
def test_laconic_frames_share_a_black_image_and_have_the_times_of_the_sensor(
    monkeypatch: pytest.MonkeyPatch, fps: float, max_fps: float | None
) -> None:
    device = FakeDevice(results=[record(7), record(8), record(10)])
    device.info = replace(device.info, max_fps=max_fps)
    Shelf(monkeypatch, device)
    options = OakOptions(mode="edge", laconic=True, fps=fps)
    with open_oak(options, LITE) as camera:
        frames = list(islice(camera, 3))
        assert camera.fps == 20.0
    assert [frame.timestamp_us for frame in frames] == [0, PERIOD_US, 3 * PERIOD_US]
    assert all(np.shares_memory(frame.image, frames[0].image) for frame in frames)
    assert frames[0].image.shape == (648, 1152, 3)
    assert not frames[0].image.any()
    assert "frames" not in device.messages


def test_of_two_records_of_one_frame_the_first_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    Shelf(monkeypatch, FakeDevice(results=[record(7), record(8), record(7), record(8), record(9)]))
    with open_oak(OakOptions(mode="edge", laconic=True), LITE) as camera:
        frames = list(islice(camera, 3))
    assert [frame.record.number for frame in frames] == [7, 8, 9]  # type: ignore[attr-defined]


def test_edge_mode_refuses_what_the_device_cannot_do() -> None:
    with pytest.raises(ValueError, match=r"num_poses must be 1 .* mode 'edge', got 2"):
        open_oak(EDGE, TrackerOptions("lite", num_poses=2))
    with pytest.raises(ValueError, match=r"must be one of \['lite', 'full', 'heavy'\], got 'my"):
        open_oak(EDGE, TrackerOptions("my.tflite"))


# --- a device that is lost ---


def test_a_device_that_vanishes_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    Shelf(monkeypatch, shots(0, 1, 2))
    with open_oak() as camera, pytest.raises(DeviceError, match="connection is lost"):
        list(camera)


def test_a_live_camera_is_opened_again_when_it_vanishes(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = shots(5, 6)
    Shelf(monkeypatch, lost, DeviceError("no OAK"), DeviceError("no OAK"), shots(0, 1))
    with open_oak(live=True) as camera:
        frames = list(islice(camera, 4))
        assert camera.n_gaps == 1
        assert camera.is_endless
        assert camera.warnings == [LOST]
        assert camera.counts.dropped == 0
    assert lost.is_closed
    assert [int(frame.image[0, 0, 0]) for frame in frames] == [5, 6, 0, 1]
    assert [frame.index for frame in frames] == [0, 1, 2, 3]
    times_us = [frame.timestamp_us for frame in frames]
    assert times_us[:2] == [0, PERIOD_US]
    assert times_us[2] > times_us[1]
    assert times_us[3] - times_us[2] == PERIOD_US


def test_a_virtual_camera_that_vanishes_comes_back() -> None:
    images = [np.full((360, 640, 3), 10 * i, np.uint8) for i in range(8)]
    device = VirtualOak(images, faults=Faults(vanishes_after=3))
    with open_oak(OakOptions(device=device, frame_height=360), live=True) as camera:
        assert values(camera, 6) == [0, 10, 20, 0, 10, 20]
        assert camera.n_gaps == 1


def test_a_first_connection_that_fails_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    Shelf(monkeypatch, DeviceError("no OAK camera found"))
    with pytest.raises(DeviceError, match="no OAK camera found"):
        open_oak(live=True)


def test_a_first_frame_that_does_not_come_is_an_error_and_releases_the_device(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    device = shots()
    Shelf(monkeypatch, device)
    with pytest.raises(DeviceError, match="connection is lost"):
        open_oak(live=True)
    assert device.is_closed


def test_a_device_that_sends_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "ANSWER_S", 0.05)
    device = shots()
    monkeypatch.setattr(device, "receive", lambda *_: None)
    Shelf(monkeypatch, device)
    with pytest.raises(DeviceError, match=r"has sent no frames for 0.05 s: check its cable"):
        open_oak()


def test_closing_ends_the_wait_for_a_lost_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "FIRST_DELAY_S", 1000.0)
    Shelf(monkeypatch, shots(0))
    camera = open_oak(live=True)
    seen: list[Frame] = []
    reader = Thread(target=lambda: seen.extend(camera))
    reader.start()
    while not seen:
        time.sleep(0.01)
    camera.close()
    reader.join(10)
    assert not reader.is_alive()
    assert len(seen) == 1


def test_a_device_that_is_found_while_the_camera_is_closed_is_released(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = shots(0)
    Shelf(monkeypatch, shots(0))
    camera = open_oak(live=True)
    frames = iter(camera)
    next(frames)

    def connect(*_: object) -> FakeDevice:
        camera.close()  # on another thread; the reader releases the camera
        return found

    monkeypatch.setattr("vitruvian.oak.connecting.connect", connect)
    assert next(frames, None) is None
    assert found.is_closed


def test_delays_between_retries_double_up_to_the_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    assert link.LONGEST_DELAY_S == reconnecting.LONGEST_DELAY_S
    monkeypatch.setattr(link, "FIRST_DELAY_S", 0.5)
    missing = [DeviceError("no OAK")] * 6
    Shelf(monkeypatch, shots(0), *missing, shots(0))
    waits: list[float] = []
    with open_oak(live=True) as camera:
        given_up = camera._connection._is_given_up
        monkeypatch.setattr(given_up, "wait", lambda s: waits.append(s) or False)  # type: ignore[func-returns-value]
        values(camera, 2)
    assert waits == [0.5, 1, 2, 4, 8, 8, 8]


def test_an_error_of_the_script_has_its_text_and_the_device_is_not_opened_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    error = ScriptError("the script of OAK '1.2' failed: NameError: name 'numpy'")
    Shelf(monkeypatch, FakeDevice(frames=[picture(0)], results=[record(0), error]))  # type: ignore[list-item]
    with open_oak(EDGE, LITE, live=True) as camera, pytest.raises(ScriptError, match="NameError"):
        list(camera)


@pytest.mark.weights
def test_a_script_that_fails_on_the_virtual_camera_ends_the_stream_with_its_text() -> None:
    image = np.zeros((360, 640, 3), np.uint8)
    device = VirtualOak([image] * 20, faults=Faults(script_fails_after=3))
    options = OakOptions(mode="edge", device=device, frame_height=360)
    with (
        pytest.raises(ScriptError, match=r"script .* failed: .*unpack"),
        open_oak(options, LITE, live=True) as camera,
    ):
        list(camera)


# --- bad input ---


def black(**faults: object) -> VirtualOak:
    return VirtualOak([np.zeros((360, 640, 3), np.uint8)] * 4, faults=Faults(**faults))  # type: ignore[arg-type]


def test_two_programs_on_one_camera_are_an_error() -> None:
    device = black()
    with open_oak(OakOptions(device=device)), pytest.raises(DeviceError, match="in use") as caught:
        open_oak(OakOptions(device=device))
    assert "\n" not in str(caught.value)
    open_oak(OakOptions(device=device)).close()


def test_a_rate_that_the_mode_does_not_reach_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with open_oak(OakOptions(mode="host", device=black(), fps=40.0), LITE):
        pass
    assert "reaches about 13 frames/s with model 'lite', not 40" in caplog.text


def test_a_height_that_does_not_exist_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with open_oak(OakOptions(device=black(), frame_height=500)) as camera:
        assert camera.wh == (896, 504)
    assert "500 px height are not possible: the nearest size, 896x504 px, is used" in caplog.text


def test_the_default_height_is_said_at_level_info(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "vitruvian"), open_oak(OakOptions(device=black())):
        pass
    assert [r.levelname for r in caplog.records if "nearest size" in r.message] == ["INFO"]


def test_a_script_that_is_too_long_is_an_error() -> None:
    options = OakOptions(mode="edge", device=black(max_script_bytes=1000))
    with pytest.raises(DeviceError, match="script"):
        open_oak(options, LITE)


def test_a_camera_needs_depthai_and_a_virtual_one_does_not() -> None:
    program = """
import sys
sys.modules["depthai"] = None
import numpy as np
from vitruvian.errors import BackendUnavailableError
from vitruvian.oak import OakOptions, open_oak
from vitruvian.oak.virtual import VirtualOak
try:
    open_oak()
except BackendUnavailableError as error:
    print(error)
with open_oak(OakOptions(device=VirtualOak([np.zeros((360, 640, 3), np.uint8)]))) as camera:
    print(next(iter(camera)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    absent, frame = done.stdout.splitlines()
    assert "pip install 'vitruvian[oak]'" in absent
    assert frame.startswith("Frame(1152x648") or frame.startswith("OakFrame(1152x648")
    assert issubclass(BackendUnavailableError, ImportError)


def test_public_names_are_found_and_load_no_depthai() -> None:
    program = """
import sys
import vitruvian.oak as oak
from vitruvian.oak import *
assert oak.__all__ == sorted(oak.__all__) and set(oak.__all__) <= set(dir(oak))
assert all(callable(getattr(oak, name)) for name in oak.__all__)
assert "depthai" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


# --- open_input ---


def test_open_input_opens_a_virtual_camera(testdata: Path) -> None:
    clip = testdata / "clips" / "dribble.mp4"
    with open_input(f"oak-virtual:{clip}", live=True) as source:
        assert source.is_endless
        assert source.name == "OAK virtual"
        assert next(iter(source)).width == 1152


def test_open_input_passes_the_device_on(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    def connect(_: object, options: OakOptions) -> FakeDevice:
        seen.append(options.device)
        return shots(0)

    monkeypatch.setattr("vitruvian.oak.connecting.connect", connect)
    names = ["oak", "oak:192.168.1.44", "oak:184430", "oak-virtual", "oak-virtual:walk.mp4"]
    for name in names:
        open_input(name).close()
    assert seen == [None, "192.168.1.44", "184430", "virtual", "virtual:walk.mp4"]


def test_a_tracker_of_mode_camera_has_the_model_of_the_options(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Shelf(monkeypatch, shots(0))
    with open_oak(tracker=TrackerOptions("heavy", num_poses=3)) as camera:
        assert camera.model == "heavy"


def test_the_name_devices_is_the_function_whatever_is_imported_first() -> None:
    program = """
import vitruvian.oak.depthai.device_list, vitruvian.oak.depthai.connecting
from vitruvian.oak import devices
assert devices is vitruvian.oak.depthai.device_list.devices
"""
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"fps": float("inf")}, "fps must be positive, got inf"),
        ({"fps": float("nan")}, "fps must be positive, got nan"),
        ({"frame_height": 0}, "frame_height must be positive, got 0"),
    ],
)
def test_options_out_of_range_are_refused(wrong: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        OakOptions(**wrong)  # type: ignore[arg-type]


def test_a_device_is_a_name_or_a_virtual_one() -> None:
    for device in (0, Path("walk.mp4")):
        with pytest.raises(TypeError, match="device must be a name, an address or an ID, got"):
            OakOptions(device=device)
