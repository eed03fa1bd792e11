"""OAK cameras of the server: listed without blocking, and playable."""

from __future__ import annotations

import sys
from threading import Event
from typing import TYPE_CHECKING

import pytest

from tests.studio.live_client import LiveClient
from tests.studio.live_parts import CodedCamera, stub_trackers, wait_until
from vitruvian import oak
from vitruvian.engine.options import TrackerOptions
from vitruvian.studio import feeds, oak_cameras
from vitruvian.studio.info import studio_info
from vitruvian.studio.oak_cameras import OakCameras, usb_cameras
from vitruvian.studio.options import StudioOptions
from vitruvian.studio.server import StudioServer
from vitruvian.studio.state import Studio

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.oak import OakOptions

NAMES = {"oak:18443010": "OAK OAK-D"}
LISTED = """
import sys, types
module = types.ModuleType("vitruvian.oak.depthai.device_list")
from vitruvian.oak.runtime import OakInfo
print("[depthai] [warning] something", end="")
usb = OakInfo(name="1.2", id="18443010", state="unbooted", protocol="usb", product="OAK-D")
nameless = OakInfo(name="1.3", id="", state="in use", protocol="usb")
module.devices = lambda *, quick: [usb, nameless]
sys.modules["vitruvian.oak.depthai.device_list"] = module
"""


def test_cameras_are_listed_by_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oak_cameras, "_may_have_cameras", lambda: True)
    monkeypatch.setattr(oak_cameras, "find_spec", lambda _: True)
    monkeypatch.setattr(oak_cameras, "PROGRAM", LISTED + oak_cameras.PROGRAM)
    assert usb_cameras() == {"oak:18443010": "OAK OAK-D", "oak:1.3": "OAK 1.3"}


@pytest.mark.parametrize("program", ["raise SystemExit(3)", "print('no JSON')", ""])
def test_a_search_that_fails_finds_none(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, program: str
) -> None:
    caplog.set_level("INFO", "vitruvian")
    monkeypatch.setattr(oak_cameras, "_may_have_cameras", lambda: True)
    monkeypatch.setattr(oak_cameras, "find_spec", lambda _: True)
    monkeypatch.setattr(oak_cameras, "PROGRAM", program)
    assert usb_cameras() == {}
    assert "OAK cameras can't be listed" in caplog.text


def test_without_depthai_or_a_usb_device_nothing_is_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(oak_cameras.subprocess, "run", None)
    monkeypatch.setattr(oak_cameras, "USB_DEVICES", tmp_path)
    monkeypatch.setattr(sys, "platform", "linux")
    assert usb_cameras() == {}
    (tmp_path / "1-2").mkdir()
    (tmp_path / "1-2" / "idVendor").write_text("03e7\n")
    assert oak_cameras._may_have_cameras()
    monkeypatch.setattr(oak_cameras, "find_spec", lambda _: None)
    assert usb_cameras() == {}


def test_a_search_that_takes_long_does_not_block() -> None:
    may_end = Event()

    def find() -> dict[str, str]:
        may_end.wait(20)
        return NAMES

    cameras = OakCameras(find)
    assert cameras.names() == cameras.names() == {}
    may_end.set()
    wait_until(lambda: cameras.names() == NAMES)


def test_cameras_are_looked_for_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[dict[str, str]] = [{}, NAMES]
    monkeypatch.setattr(oak_cameras, "AGE_S", 0.0)
    cameras = OakCameras(lambda: answers.pop(0) if len(answers) > 1 else answers[0])
    wait_until(lambda: cameras.names() == NAMES)


def test_the_page_lists_them_and_may_play_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []

    def open_oak(options: OakOptions, *, live: bool) -> CodedCamera:
        assert live
        assert options.xyz
        opened.append(options.device)
        return CodedCamera()

    monkeypatch.setattr(oak, "open_oak", open_oak, raising=False)
    studio = Studio(StudioOptions())
    with stub_trackers(monkeypatch), StudioServer(studio) as server:
        studio.oak_cameras = OakCameras(lambda: NAMES)
        wait_until(lambda: bool(studio.oak_cameras.names()))
        listed = studio_info(studio)["cameras"]
        assert {"id": "oak:18443010", "name": "OAK OAK-D"} in listed
        with LiveClient(server) as client:
            client.open({"kind": "server", "id": "oak:18443010"})
            client.wait_for("result")
        with LiveClient(server) as client, pytest.raises(AssertionError, match="no such file"):
            client.open({"kind": "server", "id": "oak:10.0.0.1"})
    assert opened == ["18443010"]


@pytest.mark.weights
def test_positions_of_an_oak_with_stereo_cameras_are_measured() -> None:
    tracker = TrackerOptions("lite")
    options = StudioOptions(inputs=("oak-virtual",), tracker=tracker)
    with StudioServer(Studio(options)) as server, LiveClient(server) as client:
        client.open({"kind": "server", "id": "input0"})
        while not (poses := client.wait_for("result")["result"]["poses"]):
            pass
    assert poses[0]["camera_xyz"][2] == pytest.approx(3.8, abs=0.3)
    assert len(poses[0]["camera"]) == 33


def test_one_of_the_command_line_has_its_name() -> None:
    options = StudioOptions(inputs=("oak:192.168.1.44", "oak-virtual"))
    assert feeds.live_inputs(options) == [
        {"kind": "server", "id": "input0", "name": "OAK 192.168.1.44"},
        {"kind": "server", "id": "input1", "name": "OAK virtual"},
    ]
