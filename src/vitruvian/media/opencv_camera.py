"""Cameras by OpenCV, where it is installed: for devices that FFmpeg does not read."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.frame import Frame
from vitruvian.errors import SourceError
from vitruvian.media.orientation import reversed_channels
from vitruvian.media.source import Source

if TYPE_CHECKING:
    from collections.abc import Generator

    import cv2

    from vitruvian.media.address import CameraAddress

__all__ = ["OpenCvCamera", "open_opencv_camera"]


def open_opencv_camera(address: CameraAddress) -> OpenCvCamera:
    """Open a camera by its number.

    Raises
    ------
    SourceError
        If OpenCV is not installed, there is no such camera, or it returns no frame.
    """
    try:
        import cv2
    except ImportError as err:
        raise SourceError(
            f"can't open {address}: it needs OpenCV: pip install opencv-python"
        ) from err
    if not isinstance(address.which, int):
        raise SourceError(f"OpenCV opens cameras by number, got {address.name!r}")
    capture = cv2.VideoCapture(address.which)
    if address.wh is not None:
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, address.wh[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, address.wh[1])
    if address.fps is not None:
        capture.set(cv2.CAP_PROP_FPS, address.fps)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # only the newest frame, if the driver supports it
    return OpenCvCamera(capture, address.name, fps=capture.get(cv2.CAP_PROP_FPS))


class OpenCvCamera(Source):
    """Frames of an open OpenCV capture, with arrival times that start at 0.

    Parameters
    ----------
    capture : cv2.VideoCapture
        Open capture; `close` releases it.
    name : str
        Name for messages.
    fps : float
        Nominal frames per second; 0 if unknown.

    Raises
    ------
    SourceError
        If the capture is not open or returns no frame.
    """

    def __init__(self, capture: cv2.VideoCapture, name: str, *, fps: float) -> None:
        super().__init__(name)
        self._capture = capture
        self._first = capture.read()[1] if capture.isOpened() else None
        if self._first is None:
            capture.release()
            raise SourceError(f"{name} can't be opened by OpenCV or returns no frame")
        self.fps = fps if fps > 0 else None
        self.wh = (self._first.shape[1], self._first.shape[0])
        self.is_live = True

    def _read(self) -> Generator[Frame, None, None]:
        start_us = time.monotonic_ns() // 1000
        bgr, self._first = self._first, None
        index, timestamp_us = 0, 0
        while bgr is not None:
            image = reversed_channels(np.asarray(bgr, np.uint8))
            yield Frame(image, timestamp_us=timestamp_us, index=index)
            bgr = self._capture.read()[1]
            index += 1
            timestamp_us = max(time.monotonic_ns() // 1000 - start_us, timestamp_us + 1)
        self._log_warning(f"{self.name} stopped after {index} frames")

    def _release(self) -> None:
        self._capture.release()
