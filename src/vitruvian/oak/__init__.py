"""OAK cameras of Luxonis: frames, networks or the whole tracker on the device, measured 3D.

- `open_oak` opens a camera as a `Source`; `OakCamera.model` is what a `PoseTracker` is made from.
- `OakModel` runs the networks on a device for images and videos of any origin.
- `devices` lists the cameras that are connected.
- `vitruvian.oak.virtual` is a camera without hardware, for tests and trials.

Public names are imported on first use; depthai when a device is looked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitruvian.oak.camera import OakCamera, OakCounts
    from vitruvian.oak.depthai.device_list import devices
    from vitruvian.oak.frame import OakFrame
    from vitruvian.oak.host import OakModel
    from vitruvian.oak.opening import open_oak
    from vitruvian.oak.options import OakOptions
    from vitruvian.oak.record import EdgeRecord
    from vitruvian.oak.runtime import OakInfo

_HOMES = {  # public name: the module that defines it
    "EdgeRecord": "record",
    "OakCamera": "camera",
    "OakCounts": "camera",
    "OakFrame": "frame",
    "OakInfo": "runtime",
    "OakModel": "host",
    "OakOptions": "options",
    "devices": "depthai.device_list",
    "open_oak": "opening",
}

__all__ = [
    "EdgeRecord",
    "OakCamera",
    "OakCounts",
    "OakFrame",
    "OakInfo",
    "OakModel",
    "OakOptions",
    "devices",
    "open_oak",
]


def __getattr__(name: str) -> object:
    """Import a public name on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'vitruvian.oak' has no attribute {name!r}")
    value = getattr(import_module(f"vitruvian.oak.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
