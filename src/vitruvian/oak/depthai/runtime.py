"""DeviceRuntime: a real device on which a graph runs, whichever version of depthai drives it."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, Protocol

from vitruvian.errors import DeviceError
from vitruvian.oak.depthai.calibration import camera_from_calibration
from vitruvian.oak.depthai.errors import LOST, device_error
from vitruvian.oak.depthai.messages import converters, image_message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.core.camera import Camera
    from vitruvian.oak.depthai.library import DepthAI
    from vitruvian.oak.depthai.log import DeviceLog
    from vitruvian.oak.depthai.sensor import Sensor
    from vitruvian.oak.graph import Graph
    from vitruvian.oak.messages import Message
    from vitruvian.oak.runtime import OakInfo

__all__ = ["DeviceRuntime", "Session", "StartSession"]

logger = logging.getLogger(__name__)

WAIT_S = 0.2  # the longest wait without a look at the state of the device


class Session(Protocol):
    """A pipeline that runs on a device: the little that differs between depthai 2 and 3."""

    def wait(self, stream: str, timeout_s: float) -> Any:
        """Return the next message of a stream, or None if none arrives in time."""
        ...

    def put(self, stream: str, message: Any) -> None:
        """Send a message."""
        ...

    def is_running(self) -> bool:
        """Whether the device is connected and runs the pipeline."""
        ...

    def close(self) -> None:
        """Stop the pipeline and release the device."""
        ...


class StartSession(Protocol):
    """Starts a graph on an opened device; the device is closed if it fails."""

    def __call__(
        self, dai: Any, device: Any, graph: Graph, blobs: Mapping[str, Path], sensor: Sensor
    ) -> Session:
        """Return the running pipeline."""
        ...


class DeviceRuntime:
    """A device on which a graph runs; see `vitruvian.oak.runtime.Runtime`.

    Parameters
    ----------
    library : DepthAI
    session : Session
    graph : Graph
    info : OakInfo
    calibration : depthai.CalibrationHandler
    log : DeviceLog
    """

    def __init__(
        self,
        library: DepthAI,
        session: Session,
        graph: Graph,
        info: OakInfo,
        calibration: Any,
        log: DeviceLog,
    ) -> None:
        self.info = info
        self._library = library
        self._session = session
        self._converters: Mapping[str, Callable[[Any], Message]] = converters(graph)
        self._calibration = calibration
        self._log = log
        self._is_closed = False

    def receive(self, stream: str, timeout_s: float) -> Message | None:
        """Return the next message of a node `to_host`; None if none arrives in time."""
        convert = self._converters[stream]
        deadline = time.monotonic() + timeout_s
        while True:
            self._check()
            left = deadline - time.monotonic()
            try:
                message = self._session.wait(stream, min(max(left, 0.0), WAIT_S))
            except _errors(self._library) as err:
                raise self._lost(err) from err
            if message is not None:
                return convert(message)
            if left <= 0:
                return None

    def send(self, stream: str, image: NDArray[np.uint8], number: int) -> None:
        """Send a (H, W, 3) RGB image to a node `from_host`."""
        self._check()
        try:
            self._session.put(stream, image_message(self._library.module, image, number))
        except _errors(self._library) as err:
            raise self._lost(err) from err

    def camera_for(self, wh: tuple[int, int]) -> Camera:
        """Return the calibrated colour camera for its whole image scaled to `wh`, px."""
        return camera_from_calibration(self._library, self._calibration, wh)

    def close(self) -> None:
        """Stop the graph and release the device."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            self._session.close()
        except _errors(self._library) as err:
            logger.debug("closing %s: %s", self.info.name, err)  # a lost device can't be stopped

    def _check(self) -> None:
        self._check_open()
        if not self._session.is_running():
            raise DeviceError(f"OAK camera {self.info.name!r}: {LOST}")

    def _check_open(self) -> None:
        """Raise the error of the script, or that another thread closed the device."""
        self._log.check()
        if self._is_closed:
            raise DeviceError(f"OAK camera {self.info.name!r} is closed")

    def _lost(self, err: Exception) -> DeviceError:
        """Return the error of a lost device, if nothing else was the cause."""
        self._check_open()
        return device_error(err, self.info.name)


def _errors(library: DepthAI) -> tuple[type[Exception], ...]:
    """Return what depthai raises: RuntimeError, and in version 3 that of a closed queue."""
    if library.major == 2:
        return (RuntimeError,)
    return (RuntimeError, library.module.MessageQueue.QueueException)
