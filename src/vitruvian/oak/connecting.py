"""Connects a device, a real one or a virtual one. Each is imported only if it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitruvian.oak.limits import check_limits
from vitruvian.oak.runtime import VIRTUAL

if TYPE_CHECKING:
    from vitruvian.oak.graph import Graph
    from vitruvian.oak.options import OakOptions
    from vitruvian.oak.runtime import Runtime

__all__ = ["connect"]


def connect(graph: Graph, options: OakOptions) -> Runtime:
    """Return a device on which `graph` runs.

    Raises
    ------
    BackendUnavailableError
        If depthai is not installed.
    NoDepthError
        If the graph has stereo cameras, and the device has none.
    DeviceError
        If there is no such device, it is in use, or it refuses the graph. The message is one line
        and says what to do.
    ModelNotFoundError
        If a network is not compiled yet.
    ModelIntegrityError
        If a given blob is another network, or compiled for other shaves or another version.
    """
    check_limits(graph, options)
    if _is_virtual(options.device):
        from vitruvian.oak.virtual import virtual_runtime

        return virtual_runtime(graph, options)
    from vitruvian.oak.depthai.connecting import connected_runtime

    return connected_runtime(graph, options)


def _is_virtual(device: object) -> bool:
    """Whether a device is one without hardware: "virtual", "virtual:FILE", or a `VirtualOak`."""
    if device is None:
        return False
    return not isinstance(device, str) or device.partition(":")[0] == VIRTUAL
