"""Sensor: what a connected camera can do, as far as a graph depends on it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitruvian.errors import DeviceError
from vitruvian.oak.options import RESOLUTIONS
from vitruvian.oak.runtime import NoDepthError

if TYPE_CHECKING:
    from vitruvian.oak.graph import Graph

__all__ = ["DEPTH_SOCKETS", "Sensor", "has_depth", "sensor_for", "sockets_of"]

logger = logging.getLogger(__name__)

COLOR_SOCKET = "CAM_A"
DEPTH_SOCKETS = {"left": "CAM_B", "right": "CAM_C"}  # CameraBoardSocket of depthai


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """The colour sensor of a connected camera.

    Attributes
    ----------
    wh : (int, int) or None
        The resolution that is used; None if the sensor has another one, which depthai chooses.
    max_fps : float or None
        Its highest frame rate at that resolution; None if it is not known.
    lens_position : int or None
        Focus at which it was calibrated; None if its focus is fixed or not known.
    """

    wh: tuple[int, int] | None = None
    max_fps: float | None = None
    lens_position: int | None = None

    def fps_for(self, fps: float) -> float:
        """Return a frame rate that the sensor reaches: `fps`, or less."""
        return fps if self.max_fps is None else min(fps, self.max_fps)


def sockets_of(features: list[Any]) -> dict[str, str]:
    """Return the sockets of a camera and the names of their sensors."""
    return {feature.socket.name: feature.sensorName for feature in features}


def has_depth(sockets: dict[str, str]) -> bool:
    """Whether a camera with these sockets has the pair of cameras for depth."""
    return set(DEPTH_SOCKETS.values()) <= set(sockets)


def sensor_for(graph: Graph, features: list[Any], calibration: Any) -> Sensor:
    """Return what the graph may use of a connected camera.

    Parameters
    ----------
    graph : Graph
    features : list of depthai.CameraFeatures
    calibration : depthai.CalibrationHandler

    Raises
    ------
    NoDepthError
        If the graph measures depth and the camera has no pair of cameras for it.
    DeviceError
        If the camera has no colour sensor.
    """
    if "camera" not in graph:
        return Sensor()
    sockets = sockets_of(features)
    listed = ", ".join(f"{socket} {name}" for socket, name in sockets.items())
    if "stereo" in graph and not has_depth(sockets):
        raise NoDepthError(
            f"this camera measures no depth: it needs sensors at CAM_B and CAM_C, got {listed}"
        )
    color = next((f for f in features if f.socket.name == COLOR_SOCKET), None)
    if color is None:
        raise DeviceError(f"this camera has no colour sensor at CAM_A, got {listed or 'none'}")
    properties = graph["camera"].properties
    wh = RESOLUTIONS[properties["resolution"]]
    modes = [mode for mode in color.configs if (mode.width, mode.height) == wh]
    if color.configs and not modes:
        logger.warning(
            "sensor %s has no mode of %dx%d px: the nearest one is used", color.sensorName, *wh
        )
    sensor = Sensor(
        wh=wh if modes or not color.configs else None,
        max_fps=modes[0].maxFps if modes else None,  # depthai takes the first one, too
        lens_position=_lens_position(color, calibration) if properties["is_focus_fixed"] else None,
    )
    if sensor.fps_for(properties["fps"]) < properties["fps"]:
        logger.warning(
            "sensor %s reaches %g frames/s at %dx%d px, not %g: %g are used",
            color.sensorName, sensor.max_fps, *wh, properties["fps"], sensor.max_fps,
        )  # fmt: skip
    return sensor


def _lens_position(feature: Any, calibration: Any) -> int | None:
    """Return the focus of the calibration; None if the lens is fixed or it is not known."""
    if not feature.hasAutofocus:
        return None
    try:
        position = int(calibration.getLensPosition(feature.socket))
    except RuntimeError:
        position = 0
    if position == 0:
        logger.warning("the calibration has no focus: depth may be shifted against the image")
        return None
    return position
