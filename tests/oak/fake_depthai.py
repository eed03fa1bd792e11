"""depthai with cameras that stand for real ones: its messages, queues and data are real.

It works with depthai 2 and 3, and without pytest.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.oak.depthai_signatures import StandIn, StandInPipeline, checked_call
from vitruvian.oak.depthai.library import DepthAI

SENSORS = {"CAM_A": "IMX378", "CAM_B": "OV7251", "CAM_C": "OV7251"}


def device_info(dai: Any, name: str, device_id: str = "14442C10", **states: str) -> Any:
    """Return a real `DeviceInfo`."""
    info = dai.DeviceInfo()
    info.name = name
    setattr(info, "deviceId" if hasattr(info, "deviceId") else "mxid", device_id)
    info.state = getattr(dai.XLinkDeviceState, states.get("state", "X_LINK_UNBOOTED"))
    info.protocol = getattr(dai.XLinkProtocol, states.get("protocol", "X_LINK_USB_VSC"))
    info.platform = getattr(dai.XLinkPlatform, states.get("platform", "X_LINK_MYRIAD_X"))
    return info


def camera_features(
    dai: Any, sensors: dict[str, str], modes: tuple[tuple[int, int, float], ...]
) -> list[Any]:
    """Return real `CameraFeatures`."""
    found = []
    for socket, name in sensors.items():
        features = dai.CameraFeatures()
        features.socket = getattr(dai.CameraBoardSocket, socket)
        features.sensorName, features.hasAutofocus = name, socket == "CAM_A"
        configs = []
        for width, height, fps in modes:
            config = dai.CameraSensorConfig()
            config.width, config.height, config.maxFps = width, height, fps
            configs.append(config)
        features.configs = configs
        found.append(features)
    return found


def calibration(dai: Any, *, lens_position: int = 130) -> Any:
    """Return a real `CalibrationHandler` of a camera with 3000 px focal length at 3840x2160."""
    handler, socket = dai.CalibrationHandler(), dai.CameraBoardSocket.CAM_A
    matrix = [[3000.0, 0.0, 1930.0], [0.0, 3010.0, 1070.0], [0.0, 0.0, 1.0]]
    handler.setCameraIntrinsics(socket, matrix, dai.Size2f(3840, 2160))
    handler.setDistortionCoefficients(socket, [0.01 * (i + 1) for i in range(8)] + [0.0] * 6)
    handler.setLensPosition(socket, lens_position)
    return handler


class FakeDepthAI:
    """depthai with cameras that stand for real ones.

    Parameters
    ----------
    dai : module
    free, busy : list of DeviceInfo
        Cameras that can be opened, and those that other programs use.
    sensors : dict, optional
        Sockets of the cameras and their sensors.
    modes : tuple of (width, height, highest rate), optional
    error : Exception, optional
        What opening a camera raises.
    """

    def __init__(
        self,
        dai: Any,
        free: list[Any] | None = None,
        busy: list[Any] | None = None,
        *,
        sensors: dict[str, str] = SENSORS,
        modes: tuple[tuple[int, int, float], ...] = ((1920, 1080, 60.0), (3840, 2160, 30.0)),
        error: Exception | None = None,
    ) -> None:
        self._dai = dai
        self.Device = _DeviceClass(self)
        self.free, self.busy, self.error = free or [], busy or [], error
        self.features = camera_features(dai, sensors, modes)
        self.is_running = True
        self.queues: list[Any] = []
        self.sent: list[Any] = []
        self.pipeline = StandInPipeline(  # of depthai 3; those of depthai 2 need no device
            dai,
            {
                "isRunning": lambda: self.is_running,
                "createOutputQueue": self._queue,
                "createInputQueue": lambda *_: SimpleNamespace(send=self.sent.append),
            },
        )
        self.calibration = calibration(dai)
        self.device: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._dai, name)

    @property
    def library(self) -> DepthAI:
        """As `load_depthai` returns it."""
        version = self._dai.__version__
        return DepthAI(self, version, int(version.partition(".")[0]))

    def Pipeline(self, *device: Any) -> Any:  # noqa: N802
        """Return the pipeline of a device; in depthai 2 a real one."""
        if self.library.major == 2:
            return self._dai.Pipeline(*device)
        if device != (self.device,):
            raise TypeError("the pipeline must have the opened device")
        return self.pipeline

    def log(self, node: str, level: str, payload: str) -> None:
        """Log a message on the device."""
        ((callback,),) = self.device.called("addLogCallback")
        callback(
            SimpleNamespace(
                nodeIdName=node, level=getattr(self._dai.LogLevel, level), payload=payload
            )
        )

    def _queue(self, size: int, is_blocking: bool) -> Any:
        queue = self._dai.MessageQueue("", size, is_blocking)
        self.queues.append(queue)
        return queue


class _DeviceClass:
    """Stands for the class `depthai.Device`."""

    def __init__(self, fake: FakeDepthAI) -> None:
        self._fake = fake

    def getAllAvailableDevices(self) -> list[Any]:  # noqa: N802
        """Return the cameras that can be opened."""
        return list(self._fake.free)

    def getAllConnectedDevices(self) -> list[Any]:  # noqa: N802
        """Return all cameras."""
        return [*self._fake.free, *self._fake.busy]

    def __call__(self, *args: Any) -> StandIn:
        """Open a camera."""
        dai = self._fake._dai
        checked_call(dai, dai.Device.__init__.__doc__, args, {})
        if self._fake.error is not None:
            raise self._fake.error
        self._fake.device = StandIn(
            self._fake._dai,
            self._fake._dai.Device,
            {
                "getConnectedCameraFeatures": self._fake.features,
                "readCalibrationOrDefault": self._fake.calibration,
                "getProductName": "OAK-D",
                "getDeviceName": "OAK-D",
                "getMxId": "14442C10",
                "isClosed": lambda: bool(self._fake.device.called("close")),
                "addLogCallback": 1,
                "startPipeline": True,
                "tryGet": None,
            },
        )
        return self._fake.device
