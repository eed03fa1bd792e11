"""The sensors of a virtual camera: which frames they take, when, and with what errors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.errors import DeviceError
from vitruvian.oak.messages import DepthPicture, Picture
from vitruvian.oak.options import RESOLUTIONS
from vitruvian.oak.virtual.views import nearest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.core.camera import Camera
    from vitruvian.oak.graph import Node
    from vitruvian.oak.virtual.views import Sight, Views

__all__ = ["ColorExposure", "DepthExposure", "Sensors", "checked_sizes"]

START_US = 12_345_678  # time of the device, which has run for a while, at the first frame
FIRST_STEREO_NUMBER = 3  # the stereo cameras start before the colour camera
STEREO_DELAY_US = 180  # of the stereo cameras: they are not in step with the colour camera
MAX_FPS = {"full": 60.0, "ultra": 42.0}  # an assumption: those of the sensor IMX378
N_RECENT = 32  # frames that the nodes may still ask for


@dataclass(eq=False)
class ColorExposure:
    """A frame of the colour camera. It is rendered when a node or the host looks at it."""

    number: int
    time_us: int
    sight: Sight
    wh: tuple[int, int]

    @cached_property
    def image(self) -> NDArray[np.uint8]:
        """The middle of the whole image, RGB."""
        whole = self.sight.image
        left, top = (whole.shape[1] - self.wh[0]) // 2, (whole.shape[0] - self.wh[1]) // 2
        return np.ascontiguousarray(whole[top : top + self.wh[1], left : left + self.wh[0]])

    def message(self) -> Picture:
        """Return what the host receives."""
        return Picture(self.image, self.number, self.time_us)


@dataclass(eq=False)
class DepthExposure:
    """A frame of the stereo cameras; `wh` is the size of its depth image."""

    number: int
    time_us: int
    sight: Sight
    wh: tuple[int, int]

    def message(self) -> DepthPicture:
        """Return what the host receives."""
        return DepthPicture(nearest(self.sight.depth_mm, self.wh), self.number, self.time_us)


class Sensors:
    """The cameras of the device.

    Attributes
    ----------
    wh : (int, int), px
        Size of the frames.
    camera : Camera
        The colour camera, for its whole scaled image.
    """

    def __init__(
        self, node: Node, views: Views, camera: Camera, vanishes_after: int | None
    ) -> None:
        self.wh, scaled_wh = checked_sizes(node)
        self.camera = camera.scaled(scaled_wh)
        self._period_us: float = 1e6 / node.properties["fps"]
        self._views = views
        self._vanishes_after = vanishes_after
        self._sights: dict[int, Sight | None] = {}

    def time_us(self, index: int) -> int:
        """Return the time of the device at which a frame is taken."""
        return START_US + round(index * self._period_us)

    def index_at(self, now_us: int) -> int:
        """Return the newest frame that is due at a time."""
        return math.floor((now_us - START_US + 0.5) / self._period_us)

    def color(self, index: int) -> ColorExposure | None:
        """Return a frame of the colour camera; None after the end."""
        sight = self._sight(index)
        if sight is None:
            return None
        return ColorExposure(index, self.time_us(index), sight, self.wh)

    def depth(self, index: int) -> DepthExposure | None:
        """Return a frame of the stereo cameras; None after the end."""
        sight = self._sight(index)
        if sight is None:
            return None
        time_us = self.time_us(index) + STEREO_DELAY_US
        return DepthExposure(index + FIRST_STEREO_NUMBER, time_us, sight, self.camera.wh)

    def _sight(self, index: int) -> Sight | None:
        """Return what both kinds of camera see; it is rendered once."""
        if self._vanishes_after is not None and index >= self._vanishes_after:
            raise DeviceError("the camera 'virtual' was lost: check its cable and its power supply")
        if index not in self._sights:
            time_s = (self.time_us(index) - START_US) / 1e6
            self._sights[index] = self._views.sight(index, time_s, self.camera)
            self._sights.pop(index - N_RECENT, None)
        return self._sights[index]


def checked_sizes(node: Node) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the sizes of the frames and of the whole scaled image of a colour camera.

    Raises
    ------
    DeviceError
        If the sensor has no such size or frame rate.
    """
    properties = node.properties
    numerator, denominator = properties["scale"]
    full, sensor = RESOLUTIONS["full"], RESOLUTIONS[properties["resolution"]]
    times = sensor[0] // full[0]
    scaled = tuple(round(side * numerator / denominator) * times for side in full)
    wh = tuple(properties["wh"])
    if wh[0] > scaled[0] or wh[1] != scaled[1]:
        raise DeviceError(
            f"the camera 'virtual' scales its image to {scaled[0]}x{scaled[1]} px, "
            f"which has no part of {wh[0]}x{wh[1]} px: choose another frame height"
        )
    limit = MAX_FPS[properties["resolution"]]
    if not 0 < properties["fps"] <= limit:
        raise DeviceError(
            f"the camera 'virtual' takes at most {limit:g} frames per second with resolution "
            f"{properties['resolution']!r}, got {properties['fps']:g}: choose a lower frame rate"
        )
    return (wh[0], wh[1]), (scaled[0], scaled[1])
