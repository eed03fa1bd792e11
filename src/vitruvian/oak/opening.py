"""Opens OAK cameras, by options or by the address of an input."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from vitruvian.engine.options import TrackerOptions
from vitruvian.oak.camera import OakCamera
from vitruvian.oak.edge import EdgeModel, check_edge_options
from vitruvian.oak.host import OakModel, checked_model
from vitruvian.oak.limits import warn_of_limits
from vitruvian.oak.link import Connection
from vitruvian.oak.options import OakOptions
from vitruvian.oak.pipelines import camera_graph, edge_graph, host_graph
from vitruvian.oak.runtime import VIRTUAL, NoDepthError
from vitruvian.oak.script import edge_script
from vitruvian.oak.sizes import size_for

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.engine.model_like import ModelLike
    from vitruvian.media.address import CameraAddress
    from vitruvian.oak.graph import Graph

__all__ = ["device_of", "open_camera", "open_oak", "open_oak_model"]

logger = logging.getLogger(__name__)


def open_oak(
    options: OakOptions | None = None,
    tracker: TrackerOptions | None = None,
    *,
    live: bool = False,
) -> OakCamera:
    """Open an OAK camera.

    Parameters
    ----------
    options : OakOptions, optional
        What runs on the device, and the settings of its sensor.
    tracker : TrackerOptions, optional
        Its model runs on the device with modes "host" and "edge". With mode "edge" its other
        options are part of the device's script.
    live : bool
        Whether the device is opened again whenever it is lost, until the camera is closed.

    Returns
    -------
    OakCamera
        A `Source`; ``PoseTracker(camera.model)`` tracks its frames.

    Raises
    ------
    ValueError
        If the model does not run on a device.
    BackendUnavailableError
        If depthai is not installed.
    DeviceError
        If there is no such device, it is in use, sends no frame, or its script fails.
    ModelNotFoundError
        If a network is not compiled yet.

    Examples
    --------
    >>> with open_oak(OakOptions(mode="edge", xyz=True)) as camera:  # doctest: +SKIP
    ...     tracker = vitruvian.PoseTracker(camera.model)
    ...     for frame in camera:
    ...         result = tracker.update(frame)
    """
    options, tracker = options or OakOptions(), tracker or TrackerOptions()
    if options.mode != "camera":
        checked_model(tracker.model)
    if options.mode == "edge":
        check_edge_options(tracker)
    connection = _connected(options, tracker)
    options = connection.options
    warn_of_limits(connection.graph, options)
    name = _name_of(tracker)
    camera = OakCamera(
        connection,
        model=_model(connection, tracker),
        fps=options.fps_for(name),
        size=size_for(options),
    )
    return camera.reconnecting() if live else camera


def open_oak_model(options: OakOptions, tracker: TrackerOptions) -> OakModel:
    """Open the networks of a device, for images and videos that do not come from its camera."""
    return OakModel(
        checked_model(tracker.model),
        options,
        masks=tracker.segmentation,
        models_dir=tracker.models_dir,
    )


def _connected(options: OakOptions, tracker: TrackerOptions) -> Connection:
    """Return a connection; without depth, and with a warning, if the device measures none."""
    try:
        return Connection(_graph(options, tracker), options)
    except NoDepthError as error:
        logger.warning("%s: frames have no depth, without xyz", error)
        options = replace(options, xyz=False)
        return Connection(_graph(options, tracker), options)


def _graph(options: OakOptions, tracker: TrackerOptions) -> Graph:
    name = _name_of(tracker)
    if options.mode == "edge":
        return edge_graph(
            options, name, edge_script(options, tracker), models_dir=tracker.models_dir
        )
    if options.mode == "host":
        return host_graph(
            options,
            name,
            masks=tracker.segmentation,
            with_camera=True,
            models_dir=tracker.models_dir,
        )
    return camera_graph(options, name)


def _model(connection: Connection, tracker: TrackerOptions) -> str | Path | ModelLike:
    name = _name_of(tracker)
    if connection.options.mode == "edge":
        return EdgeModel(connection.options, tracker)
    if connection.options.mode == "host":
        return OakModel._of_camera(connection, name, masks=tracker.segmentation)
    return tracker.model


def _name_of(tracker: TrackerOptions) -> str:
    """Return the name of the model, on which the frame rate depends."""
    return tracker.model if isinstance(tracker.model, str) else ""


def device_of(address: CameraAddress) -> str | None:
    """Return the device that the address of an input names, as in `OakOptions.device`."""
    which = str(address.which)
    if address.driver == "oak-virtual":
        return f"{VIRTUAL}:{which}" if which else VIRTUAL
    return which or None


def open_camera(address: CameraAddress) -> OakCamera:
    """Open the camera of an address, with mode "camera"."""
    return open_oak(OakOptions(device=device_of(address)))
