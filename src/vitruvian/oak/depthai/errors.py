"""Errors of a device as one line that says what to do."""

from __future__ import annotations

import sys
from pathlib import Path

from vitruvian.errors import DeviceError

__all__ = ["UDEV_COMMAND", "device_error", "no_device", "one_line"]

UDEV_RULE = 'SUBSYSTEM=="usb", ATTRS{idVendor}=="03e7", MODE="0666"'  # docs.luxonis.com
UDEV_COMMAND = (
    f"echo '{UDEV_RULE}' | sudo tee /etc/udev/rules.d/80-movidius.rules && "
    "sudo udevadm control --reload-rules && sudo udevadm trigger"
)
USB_DEVICES = Path("/dev/bus/usb")  # on Linux: where libusb finds all devices
IN_CONTAINER = (
    f"-v {USB_DEVICES}:{USB_DEVICES} --device-cgroup-rule='c 189:* rmw'"  # docs.luxonis.com
)

IN_USE = "is in use by another program: end it, or choose another camera with --oak-device"
LOST = "the connection is lost: check the cable, the USB hub and the power"
ADVICE = (  # parts of messages of depthai and XLink; what to do
    ("any device with given", "it does not answer: check its address, the cable and the power"),
    ("ALREADY_IN_USE", IN_USE),
    ("but in use", IN_USE),
    ("INSUFFICIENT_PERMISSIONS", f"access to USB is refused: {UDEV_COMMAND}"),
    (
        "DEVICE_NOT_FOUND",
        "it did not come back after its start: check the cable and the power; "
        f"on Linux allow access to USB once: {UDEV_COMMAND}",
    ),
    ("memory", "its memory is too small: choose a smaller model, or a lower --oak-height"),
    ("MEMORY", "its memory is too small: choose a smaller model, or a lower --oak-height"),
    ("X_LINK", LOST),
    ("Couldn't read data", LOST),
    ("Couldn't write data", LOST),
    ("ommunication exception", LOST),
    ("closed", LOST),
    ("isconnected", LOST),
)


def no_device() -> DeviceError:
    """Return the error that no camera was found."""
    if sys.platform == "linux" and not USB_DEVICES.exists():
        usb = (
            f"this system has no {USB_DEVICES}: if it is a container, start it with {IN_CONTAINER}"
        )
    else:
        usb = f"on Linux allow access to USB once: {UDEV_COMMAND}"
    return DeviceError(
        "no OAK camera found: check the cable and the power; name a PoE camera in another subnet "
        f"by its address, as in vitruvian track oak:IP; {usb}"
    )


def device_error(err: Exception | str, name: str) -> DeviceError:
    """Return the error of a device: what it is, what to do, and what depthai says."""
    text = one_line(str(err))
    advice = next((advice for part, advice in ADVICE if part in text), None)
    if advice is None:
        return DeviceError(f"OAK camera {name!r}: {text}")
    return DeviceError(f"OAK camera {name!r}: {advice} ({text})")


def one_line(text: str) -> str:
    """Return a text as one line."""
    return "; ".join(line.strip() for line in text.splitlines() if line.strip())
