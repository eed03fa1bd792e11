"""Depths of zones, equal to those of depthai's `SpatialLocationCalculator`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.oak.virtual.requests import Location, Locations

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.core.camera import Camera
    from vitruvian.oak.messages import DepthPicture
    from vitruvian.oak.virtual.requests import Zone, Zones

__all__ = ["locations_of_zones"]

STEP = 2  # depthai, SpatialLocationCalculatorConfigData.stepSize: AUTO is 2 for the median


def locations_of_zones(depth: DepthPicture, camera: Camera, request: Zones) -> Locations:
    """Return the median depth of each zone and the position of its middle.

    Every second pixel of every second row is read, and the larger of two middle values is taken.
    Depths at the limits do not count. A zone that reaches over the right or the lower edge of the
    image is refused by depthai, so it has no depth here.
    """
    found = tuple(_location(depth.values, camera, zone) for zone in request.zones)
    return Locations(found, depth.number)


def _location(values: NDArray[np.uint16], camera: Camera, zone: Zone) -> Location:
    left, top, right, bottom = zone.xyxy
    height, width = values.shape
    if right > width or bottom > height:
        return Location(zone, (0.0, 0.0, 0.0), 0)
    columns = slice(max(int(left), 0), max(int(right), 0), STEP)
    rows = slice(max(int(top), 0), max(int(bottom), 0), STEP)
    pixels = values[rows, columns]
    low, high = zone.limits_mm
    known = np.sort(pixels[(pixels > low) & (pixels < high)])
    if not known.size:
        return Location(zone, (0.0, 0.0, 0.0), 0)
    z = float(known[known.size // 2])
    focal_x, focal_y = camera.focal_xy
    x = ((left + right) / 2 - camera.matrix[0, 2]) * z / focal_x
    y = ((top + bottom) / 2 - camera.matrix[1, 2]) * z / focal_y
    return Location(zone, (float(x), float(y), z), int(known.size))
