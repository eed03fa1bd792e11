"""Local cameras, read with OpenCV."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from vitruvian.core.frame import Frame
from vitruvian.errors import SourceError
from vitruvian.media.source import Source

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["Camera", "open_camera"]


def open_camera(number: int) -> Camera:
    """Open a camera by its number.

    Raises
    ------
    SourceError
        If there is no such camera, or it returns no frame.
    """
    # Checked first on Linux, because OpenCV prints a message about a missing device.
    if sys.platform.startswith("linux") and not Path(f"/dev/video{number}").exists():
        raise SourceError(f"there is no camera {number}: {_devices()}")
    return Camera(cv2.VideoCapture(number), f"camera {number}")


class Camera(Source):
    """Frames of an open OpenCV capture, with arrival times that start at 0.

    Parameters
    ----------
    capture : cv2.VideoCapture
        Open capture; `close` releases it.
    name : str
        Name for messages.

    Raises
    ------
    SourceError
        If the capture is not open or returns no frame.
    """

    def __init__(self, capture: cv2.VideoCapture, name: str) -> None:
        super().__init__(name)
        self._capture = capture
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # only the newest frame, if the driver supports it
        self._first = capture.read()[1] if capture.isOpened() else None
        if self._first is None:
            capture.release()
            raise SourceError(f"{name} can't be opened or returns no frame: {_devices()}")
        fps = capture.get(cv2.CAP_PROP_FPS)
        self.fps = fps if fps > 0 else None
        self.wh = (self._first.shape[1], self._first.shape[0])
        self.is_live = True

    def _read(self) -> Generator[Frame, None, None]:
        start_us = time.monotonic_ns() // 1000
        bgr, self._first = self._first, None
        index, timestamp_us = 0, 0
        while bgr is not None:
            image = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
            yield Frame(image, timestamp_us=timestamp_us, index=index)
            bgr = self._capture.read()[1]
            index += 1
            timestamp_us = max(time.monotonic_ns() // 1000 - start_us, timestamp_us + 1)
        self._log_warning(f"{self.name} stopped after {index} frames")

    def _release(self) -> None:
        self._capture.release()


def _devices() -> str:
    """Return a text that lists the cameras of this machine."""
    devices = sorted(str(path) for path in Path("/dev").glob("video*"))
    return f"devices present: {', '.join(devices) or 'none'}"
