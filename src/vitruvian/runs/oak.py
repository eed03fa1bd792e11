"""OAK cameras in runs: which jobs use a device, and what their trackers are made from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vitruvian.media.address import camera_address

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.engine.model_like import ModelLike
    from vitruvian.engine.options import TrackerOptions
    from vitruvian.media.address import CameraAddress
    from vitruvian.oak.camera import OakCamera
    from vitruvian.oak.host import OakModel
    from vitruvian.runs.settings import Settings

__all__ = [
    "has_remote_model",
    "needs_device",
    "oak_address",
    "open_oak_camera",
    "open_oak_model",
    "with_model",
]


def oak_address(input_: str) -> CameraAddress | None:
    """Return the OAK camera that an input names, or None."""
    address = camera_address(input_)
    return address if address is not None and address.is_oak else None


def has_remote_model(settings: Settings) -> bool:
    """Return whether networks run on a device, and not here."""
    return settings.oak is not None and settings.oak.mode != "camera"


def needs_device(input_: str, settings: Settings) -> bool:
    """Return whether a job uses an OAK camera, so that no other one can run at the same time."""
    return oak_address(input_) is not None or has_remote_model(settings)


def open_oak_camera(address: CameraAddress, settings: Settings) -> OakCamera:
    """Return the camera of an input, which opens its device again whenever it is lost."""
    from vitruvian.oak.opening import device_of, open_oak
    from vitruvian.oak.options import OakOptions

    options = settings.oak or OakOptions()
    if options.mode == "edge" and settings.rotation_deg:
        raise ValueError(
            f"rotation must be 0 with an OAK camera in mode 'edge', got {settings.rotation_deg}: "
            "use mode 'host' or 'camera'"
        )
    options = replace(options, device=device_of(address) or options.device)
    return open_oak(options, settings.options, live=True)


def open_oak_model(settings: Settings) -> OakModel:
    """Return the model on the device, for inputs that do not come from its camera."""
    from vitruvian.oak import opening
    from vitruvian.oak.options import OakOptions

    return opening.open_oak_model(settings.oak or OakOptions(mode="host"), settings.options)


def with_model(options: TrackerOptions, model: str | Path | ModelLike) -> TrackerOptions:
    """Return the options of a tracker that is made from a model on a device."""
    return replace(options, model=model, threads=None, models_dir=None)
