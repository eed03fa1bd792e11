"""The list of connected cameras and the choice of one; opened cameras stand for real ones."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

import vitruvian.oak
from tests.oak.fake_depthai import FakeDepthAI, device_info
from vitruvian.cli.main import app
from vitruvian.errors import DeviceError
from vitruvian.oak.connecting import connect
from vitruvian.oak.depthai import device_list, errors
from vitruvian.oak.depthai.device_list import devices, find_device
from vitruvian.oak.depthai.errors import UDEV_COMMAND
from vitruvian.oak.options import OakOptions
from vitruvian.oak.pipelines import camera_graph

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typer.testing import Result

pytestmark = pytest.mark.oak

CLOSED_ADDRESS = "127.0.0.1"  # no camera answers there


@pytest.fixture
def usb(dai: Any) -> Any:
    return device_info(dai, "1.3.2", "14442C1031")


@pytest.fixture
def poe(dai: Any) -> Any:
    return device_info(
        dai, "10.0.0.9", "184430105A", state="X_LINK_BOOTLOADER", protocol="X_LINK_TCP_IP"
    )


@pytest.fixture
def with_cameras(dai: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakeDepthAI]:
    def make(*args: Any, **kwargs: Any) -> FakeDepthAI:
        fake = FakeDepthAI(dai, *args, **kwargs)
        monkeypatch.setattr(device_list, "load_depthai", lambda: fake.library)
        return fake

    return make


@pytest.fixture
def program(kept_logging: None) -> Callable[..., Result]:
    return lambda *words: CliRunner().invoke(app, list(words))


# --- on this machine, which has no camera ---


def test_no_camera_is_known_at_once(dai: Any) -> None:
    if dai.Device.getAllConnectedDevices():
        pytest.skip("a camera is connected")
    start = time.monotonic()
    assert devices() == []
    assert time.monotonic() - start < 2.0


def test_connecting_without_a_camera_fails_at_once_and_says_what_to_check(
    dai: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(errors, "USB_DEVICES", tmp_path)
    if dai.Device.getAllConnectedDevices():
        pytest.skip("a camera is connected")
    options = OakOptions()
    start = time.monotonic()
    with pytest.raises(DeviceError, match="no OAK camera found: check the cable") as caught:
        connect(camera_graph(options, "full"), options)
    assert time.monotonic() - start < 3.0
    assert 'SUBSYSTEM=="usb", ATTRS{idVendor}=="03e7", MODE="0666"' in str(caught.value)
    assert "vitruvian track oak:IP" in str(caught.value)
    assert "container" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_system_without_usb_names_the_options_of_a_container(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(errors, "USB_DEVICES", tmp_path / "absent")
    monkeypatch.setattr(sys, "platform", "linux")
    text = str(errors.no_device())
    assert "-v /dev/bus/usb:/dev/bus/usb --device-cgroup-rule='c 189:* rmw'" in text
    assert "udev" not in text
    monkeypatch.setattr(sys, "platform", "win32")
    assert "container" not in str(errors.no_device())


def test_public_function_is_not_hidden_by_a_module() -> None:
    assert vitruvian.oak.devices is devices


# --- with cameras that stand for real ones ---


def test_free_cameras_are_opened_and_closed_again(
    with_cameras: Callable[..., FakeDepthAI], usb: Any
) -> None:
    fake = with_cameras([usb])
    (info,) = devices()
    assert (info.name, info.id, info.state, info.protocol) == (
        *("1.3.2", "14442C1031"),
        *("unbooted", "usb"),
    )
    assert (info.product, info.has_depth) == ("OAK-D", True)
    assert info.cameras == ("CAM_A IMX378", "CAM_B OV7251", "CAM_C OV7251")
    assert fake.device.called("close") == [[]]


def test_quick_list_opens_no_camera(
    with_cameras: Callable[..., FakeDepthAI], usb: Any, poe: Any
) -> None:
    fake = with_cameras([usb, poe])
    found = devices(quick=True)
    assert [(info.name, info.state, info.protocol) for info in found] == [
        ("1.3.2", "unbooted", "usb"),
        ("10.0.0.9", "bootloader", "ethernet"),
    ]
    assert {info.has_depth for info in found} == {None}
    assert fake.device is None


def test_camera_of_another_program_is_listed_as_in_use(
    with_cameras: Callable[..., FakeDepthAI], dai: Any, usb: Any
) -> None:
    with_cameras(
        [device_info(dai, "1.3", "")], [device_info(dai, "1.4", "", state="X_LINK_BOOTED")]
    )
    _, info = devices(quick=True)
    assert (info.name, info.state, info.has_depth) == ("1.4", "in use", None)


def test_camera_that_can_not_be_opened_is_still_listed(
    with_cameras: Callable[..., FakeDepthAI], usb: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with_cameras([usb], error=RuntimeError("X_LINK_INSUFFICIENT_PERMISSIONS"))
    (info,) = devices()
    assert (info.name, info.cameras) == ("1.3.2", ())
    assert UDEV_COMMAND in caplog.text


def test_camera_that_does_not_start_holds_up_the_list_for_a_limited_time(
    with_cameras: Callable[..., FakeDepthAI],
    usb: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    fake = with_cameras([usb])
    monkeypatch.setattr(device_list, "OPEN_TIMEOUT_S", 0.2)
    monkeypatch.setattr(fake, "Device", _SlowDevice(fake.Device))
    start = time.monotonic()
    (info,) = devices()
    assert time.monotonic() - start < 1.0
    assert info.cameras == ()
    assert "did not start in 0.2 s" in caplog.text


class _SlowDevice:
    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def __call__(self, info: Any) -> Any:
        time.sleep(1.5)
        return self._real(info)


@pytest.mark.parametrize("wanted", ["10.0.0.9", "184430105A", "184430105a"])
def test_camera_is_chosen_by_name_address_or_id(
    with_cameras: Callable[..., FakeDepthAI], usb: Any, poe: Any, wanted: str
) -> None:
    assert find_device(with_cameras([usb, poe]).library, wanted) is poe


def test_first_camera_is_chosen_by_default(
    with_cameras: Callable[..., FakeDepthAI], usb: Any, poe: Any
) -> None:
    assert find_device(with_cameras([usb, poe]).library, None) is usb


def test_unknown_name_lists_the_cameras(
    with_cameras: Callable[..., FakeDepthAI], usb: Any, poe: Any
) -> None:
    with pytest.raises(DeviceError, match=r"no OAK camera '1.9', found '1.3.2', '10.0.0.9'"):
        find_device(with_cameras([usb, poe]).library, "1.9")


def test_address_where_no_camera_answers_is_refused_at_once(
    with_cameras: Callable[..., FakeDepthAI],
) -> None:
    start = time.monotonic()
    with pytest.raises(DeviceError, match="found none"):
        find_device(with_cameras([]).library, CLOSED_ADDRESS)
    assert time.monotonic() - start < 2.0


def test_camera_in_another_subnet_is_reached_by_its_address(
    with_cameras: Callable[..., FakeDepthAI], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_list, "_answers", lambda address: address == "10.9.9.9")
    assert find_device(with_cameras([]).library, "10.9.9.9").name == "10.9.9.9"


@pytest.mark.parametrize("wanted", [None, "1.4"])
def test_camera_of_another_program_can_not_be_chosen(
    with_cameras: Callable[..., FakeDepthAI], dai: Any, wanted: str | None
) -> None:
    fake = with_cameras([], [device_info(dai, "1.4", state="X_LINK_BOOTED")])
    with pytest.raises(DeviceError, match=r"'1.4' is in use by another program: end it"):
        find_device(fake.library, wanted)


# --- the command ---


def test_command_prints_one_line_for_each_camera(
    with_cameras: Callable[..., FakeDepthAI], usb: Any, poe: Any, program: Callable[..., Result]
) -> None:
    with_cameras([usb, poe])
    result = program("oak", "devices")
    assert result.exit_code == 0, result.output
    first, second = result.stdout.splitlines()
    assert first.split("  ") == [
        *("1.3.2", "usb", "unbooted", "OAK-D", "14442C1031"),
        *("CAM_A IMX378, CAM_B OV7251, CAM_C OV7251", "depth"),
    ]
    assert second.startswith("10.0.0.9  ethernet  bootloader")
    quick = program("oak", "devices", "--quick").stdout
    assert "sensors not known  depth not known" in quick


def test_command_without_a_camera_fails_with_one_line(
    with_cameras: Callable[..., FakeDepthAI], program: Callable[..., Result]
) -> None:
    with_cameras([])
    result = program("oak", "devices")
    assert result.exit_code == 1
    assert result.stderr == f"error: {errors.no_device()}\n"
    assert "--oak-device" not in result.stderr


PROGRAM = """
from vitruvian.cli.main import run
from vitruvian.oak.depthai import device_list
device_list._answers = lambda address: True  # another device than a camera
run()
"""


@pytest.mark.parametrize(
    "words",
    [["devices"], ["check", "--oak-device", CLOSED_ADDRESS, "--only", "device"]],
)
def test_depthai_prints_no_log_of_its_own(words: list[str]) -> None:
    if find_spec("depthai") is None:
        pytest.skip("needs the extra vitruvian[oak]")
    kept = {name: value for name, value in os.environ.items() if name != "DEPTHAI_LEVEL"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "oak", *words],
        env={**kept, "DEPTHAI_TELEMETRY": "0"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode in (0, 1), done.stderr
    assert "[host]" not in done.stdout + done.stderr
    assert len(words) == 1 or "it does not answer: check its address" in done.stdout
