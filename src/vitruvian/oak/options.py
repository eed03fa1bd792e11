"""OakOptions: what runs on an OAK camera, and the settings of its sensor."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MODES", "OakOptions"]

MODES = ("camera", "host", "edge")
RESOLUTIONS = {"full": (1920, 1080), "ultra": (3840, 2160)}
MAX_SHAVES = 16

# Highest frame rates that the modes reach with each model: (without xyz, with xyz). Those of
# depthai_blazepose, README.md: edge was measured; host is corrected for its swapped values.
EDGE_FPS = {"lite": (26, 22), "full": (20, 18), "heavy": (8, 7)}
HOST_FPS = {"lite": (13, 13), "full": (10, 10), "heavy": (8, 8)}
CAMERA_FPS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OakOptions:
    """What runs on an OAK camera, and the settings of its sensor.

    Attributes
    ----------
    mode : str
        "camera": frames from the device, networks here. "host": networks on the device, the rest
        here. "edge": networks and tracking on the device.
    device : str or VirtualOak or None
        Name, IP address or ID of the camera; "virtual", or "virtual:FILE" with a video, for one
        without hardware; None for the first that is free.
    xyz : bool
        Whether depth is measured.
    fps : float or None
        Frame rate of the sensor; None for the highest that the mode and the model reach.
    frame_height : int
        Wanted height of the frames, px; the nearest possible one is used.
    resolution : str
        Of the sensor: "full" (1920x1080) or "ultra" (3840x2160).
    crop : bool
        Whether the frames are the square in the middle of the image.
    laconic : bool
        With mode "edge": whether pictures stay on the device; the frames are black then.
    trace : bool
        With mode "edge": whether the script of the device logs each of its steps, at level INFO of
        the log ``vitruvian.oak.trace``.
    shaves : int
        Processor cores of the device for each network, 1 to 16: that of the compiled networks.
    detector_blob, landmark_blob, candidate_blob : path or None
        Networks that are compiled already; None for those that `vitruvian oak compile` makes.
    """

    mode: str = "camera"
    device: Any = None
    xyz: bool = False
    fps: float | None = None
    frame_height: int = 640
    resolution: str = "full"
    crop: bool = False
    laconic: bool = False
    trace: bool = False
    shaves: int = 4
    detector_blob: str | Path | None = None
    landmark_blob: str | Path | None = None
    candidate_blob: str | Path | None = None

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(f"mode must be one of {list(MODES)}, got {self.mode!r}")
        if self.resolution not in RESOLUTIONS:
            raise ValueError(
                f"resolution must be one of {list(RESOLUTIONS)}, got {self.resolution!r}"
            )
        if not 1 <= self.shaves <= MAX_SHAVES:
            raise ValueError(f"shaves must be from 1 to {MAX_SHAVES}, got {self.shaves!r}")
        if self.fps is not None and not 0 < self.fps < math.inf:
            raise ValueError(f"fps must be positive, got {self.fps!r}")
        if self.frame_height < 1:
            raise ValueError(f"frame_height must be positive, got {self.frame_height!r}")
        is_device = isinstance(self.device, str) or hasattr(self.device, "info")
        if self.device is not None and not is_device:
            raise TypeError(f"device must be a name, an address or an ID, got {self.device!r}")
        if self.laconic and self.mode != "edge":
            raise ValueError(f"laconic needs mode 'edge', got mode {self.mode!r}")

    def fps_for(self, model: str) -> float:
        """Return the frame rate of the sensor with a model."""
        if self.fps is not None:
            return self.fps
        table = {"edge": EDGE_FPS, "host": HOST_FPS}.get(self.mode)
        if table is None:
            return CAMERA_FPS
        return float(table.get(model, table["full"])[self.xyz])
