"""OakCameras: the OAK cameras at the USB ports of the server, looked for in the background."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["OakCameras", "usb_cameras"]

AGE_S = 10.0  # of a list, after which the cameras are looked for again
TIMEOUT_S = 30.0

USB_DEVICES = Path("/sys/bus/usb/devices")  # on Linux
VENDOR = "03e7"  # Movidius: all OAK cameras
# depthai takes seconds to load, writes to standard output, and by default asks the whole network.
USB_ONLY = {"DEPTHAI_PROTOCOL": "usb"}
PROGRAM = """
import json
from vitruvian.oak.depthai.device_list import devices
found = [(one.id or one.name, one.product or one.name) for one in devices(quick=True)]
print("\\n" + json.dumps(found))
"""

logger = logging.getLogger(__name__)


def usb_cameras() -> dict[str, str]:
    """Return the names of the OAK cameras at USB ports, by IDs such as ``oak:18443010``.

    They are listed by another process. Without depthai there are none.
    """
    if not _may_have_cameras() or find_spec("depthai") is None:
        return {}
    command = [sys.executable, "-P", "-c", PROGRAM]
    try:
        done = subprocess.run(
            command, env=os.environ | USB_ONLY, capture_output=True, check=True, timeout=TIMEOUT_S
        )
        listed = json.loads(done.stdout.splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError) as error:
        logger.info("OAK cameras can't be listed: %s", error)
        return {}
    return {f"oak:{id_}": f"OAK {name}" for id_, name in listed}


def _may_have_cameras() -> bool:
    """Return whether an OAK may be at a USB port: on Linux, what the kernel says."""
    if getattr(sys, "frozen", False):  # the program is not a Python
        return False
    if not sys.platform.startswith("linux"):
        return True
    vendors = (path.read_text().strip() for path in USB_DEVICES.glob("*/idVendor"))
    try:
        return VENDOR in vendors
    except OSError:  # one is being unplugged
        return True


class OakCameras:
    """The OAK cameras of the server, looked for on a thread of its own.

    Parameters
    ----------
    find : callable
        Returns the names of the cameras by the inputs of `open_input`.
    """

    def __init__(self, find: Callable[[], dict[str, str]] = usb_cameras) -> None:
        self._find = find
        self._lock = Lock()
        self._found: dict[str, str] = {}
        self._next_s = 0.0

    def names(self) -> dict[str, str]:
        """Return the names of the cameras by their IDs, as of the last search; returns at once."""
        with self._lock:
            now_s = time.monotonic()
            if now_s >= self._next_s:
                self._next_s = now_s + AGE_S
                Thread(target=self._search, name="find OAK cameras", daemon=True).start()
            return dict(self._found)

    def _search(self) -> None:
        found = self._find()
        with self._lock:
            self._found = found
