"""Errors of a device as one line that says what to do."""

from __future__ import annotations

from vitruvian.errors import DeviceError

__all__ = ["NO_DEVICE", "UDEV_COMMAND", "device_error", "one_line"]

UDEV_RULE = 'SUBSYSTEM=="usb", ATTRS{idVendor}=="03e7", MODE="0666"'  # docs.luxonis.com
UDEV_COMMAND = (
    f"echo '{UDEV_RULE}' | sudo tee /etc/udev/rules.d/80-movidius.rules && "
    "sudo udevadm control --reload-rules && sudo udevadm trigger"
)
NO_DEVICE = (
    "no OAK camera found: check the cable and the power; give the address of a PoE camera in "
    f"another subnet with --oak-device IP; on Linux allow access to USB once: {UDEV_COMMAND}"
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
