"""Starts a graph on a real device."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitruvian.errors import DeviceError, ModelNotFoundError
from vitruvian.oak.blobs.cache import blob_file
from vitruvian.oak.depthai.adapters import adapter_for
from vitruvian.oak.depthai.device_list import find_device, info_of, opened_info
from vitruvian.oak.depthai.errors import device_error
from vitruvian.oak.depthai.library import load_depthai
from vitruvian.oak.depthai.log import DeviceLog
from vitruvian.oak.depthai.runtime import DeviceRuntime
from vitruvian.oak.depthai.sensor import sensor_for
from vitruvian.oak.runtime import NoDepthError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitruvian.oak.depthai.library import DepthAI
    from vitruvian.oak.graph import Graph
    from vitruvian.oak.options import OakOptions

__all__ = ["blob_paths", "connected_runtime", "start_runtime"]

logger = logging.getLogger(__name__)

OAK_4 = "X_LINK_RVC4"  # another processor, whose networks are DLC files


def connected_runtime(graph: Graph, options: OakOptions) -> DeviceRuntime:
    """Return the device that the options name, with the graph running on it.

    Without such a device, a network that is not compiled either is logged as a warning.
    """
    library = load_depthai()
    try:
        found = find_device(library, options.device)
    except DeviceError:
        try:
            blob_paths(graph, options.shaves)
        except ModelNotFoundError as missing:
            logger.warning("%s", missing)
        raise
    return start_runtime(library, found, graph, blob_paths(graph, options.shaves))


def start_runtime(
    library: DepthAI, found: Any, graph: Graph, blobs: Mapping[str, Path]
) -> DeviceRuntime:
    """Return a found device, opened, with the graph running on it.

    Parameters
    ----------
    library : DepthAI
    found : depthai.DeviceInfo
    graph : Graph
    blobs : mapping of str to Path
        Compiled networks by the names of their nodes.
    """
    dai, adapter = library.module, adapter_for(library)
    if found.platform.name == OAK_4:
        if blobs:
            raise DeviceError(f"OAK camera {found.name!r} runs no .blob files: use mode 'camera'")
        if "stereo" in graph:  # it is aligned by another node
            raise NoDepthError(f"depth of OAK camera {found.name!r}, an OAK 4, is not supported")
    try:
        device = adapter.open_device(dai, found)
    except RuntimeError as err:
        raise device_error(err, found.name) from err
    try:
        log = DeviceLog(found.name)
        device.setLogLevel(dai.LogLevel.WARN)
        device.setLogOutputLevel(dai.LogLevel.OFF)  # depthai would also print it
        device.addLogCallback(log)
        info = opened_info(device, info_of(found))
        calibration = device.readCalibrationOrDefault()
        sensor = sensor_for(graph, device.getConnectedCameraFeatures(), calibration)
        session = adapter.start_session(dai, device, graph, blobs, sensor)
    except DeviceError:
        device.close()
        raise
    except RuntimeError as err:
        device.close()
        raise device_error(err, found.name) from err
    info = replace(info, max_fps=sensor.max_fps)
    return DeviceRuntime(library, session, graph, info, calibration, log)


def blob_paths(graph: Graph, shaves: int) -> dict[str, Path]:
    """Return the compiled networks of a graph by the names of their nodes.

    Raises
    ------
    ModelNotFoundError
        If one is not compiled yet.
    """
    networks = {node.name: node.properties for node in graph.nodes if node.kind == "network"}
    # The landmark network is the last one; the command that compiles it compiles the others, too.
    return {name: _blob_path(networks[name], shaves) for name in reversed(networks)}


def _blob_path(properties: Mapping[str, Any], shaves: int) -> Path:
    if properties["blob"] is not None:
        return Path(properties["blob"])
    return blob_file(properties["network"], shaves=shaves, models_dir=properties["models_dir"])
