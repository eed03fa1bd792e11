"""Runtime: a device on which a graph runs, and what is known of it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from vitruvian.errors import DeviceError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.core.camera import Camera
    from vitruvian.oak.messages import Message

__all__ = ["TRACE", "VIRTUAL", "NoDepthError", "OakInfo", "Runtime", "ScriptError", "log_step"]

VIRTUAL = "virtual"  # name and state of a camera without hardware
TRACE = "vitruvian.oak.trace"  # the log of the steps of the script, all of level INFO
STEP = "trace: "  # begins the message of a step


def log_step(name: str, text: str) -> bool:
    """Log a message of the script of a device, if it tells one of its steps; return whether."""
    if text.startswith(STEP):
        logging.getLogger(TRACE).info("%s: %s", name, text.removeprefix(STEP))
        return True
    return False


class NoDepthError(DeviceError):
    """A graph with stereo cameras was sent to a camera that has none."""


class ScriptError(DeviceError):
    """The script of the device ended with an error, whose text the message contains.

    The device is not opened again: the script would fail once more.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class OakInfo:
    """A camera, as far as it is known.

    Attributes
    ----------
    name : str
        USB path, IP address, or "virtual".
    id : str
        Serial number of the device: MXID.
    state : str
        "unbooted", "bootloader", "booted", "in use" or "virtual".
    protocol : str
        "usb", "ethernet" or "none".
    product : str or None
        Name of the product; None if it is not known before the device is opened.
    cameras : tuple of str
        Its sockets and sensors, such as "CAM_A IMX378"; empty if they are not known.
    has_depth : bool or None
        Whether it measures depth; None if that is not known.
    max_fps : float or None
        Highest frame rate of its colour sensor at the resolution of the graph; None if that is not
        known.
    """

    name: str
    id: str
    state: str
    protocol: str
    product: str | None = None
    cameras: tuple[str, ...] = ()
    has_depth: bool | None = None
    max_fps: float | None = None


class Runtime(Protocol):
    """A device on which a graph runs.

    Several threads may use it: one for each stream.

    Attributes
    ----------
    info : OakInfo
    """

    info: OakInfo

    def receive(self, stream: str, timeout_s: float) -> Message | None:
        """Return the next message of a node `to_host`, in order; None if none arrives in time.

        Raises
        ------
        ScriptError
            If the script of the device ended with an error, which the message contains.
        DeviceError
            If the device is lost.
        """
        ...

    def send(self, stream: str, image: NDArray[np.uint8], number: int) -> None:
        """Send a (H, W, 3) RGB image to a node `from_host`; the answer has the same `number`.

        Raises
        ------
        DeviceError
            If the device is lost.
        """
        ...

    def camera_for(self, wh: tuple[int, int]) -> Camera:
        """Return the calibrated colour camera for its whole image scaled to `wh`, px."""
        ...

    def close(self) -> None:
        """Stop the graph and release the device. Closing twice is allowed."""
        ...
