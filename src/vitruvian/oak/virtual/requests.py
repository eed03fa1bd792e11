"""What the nodes of the virtual camera receive from its script, and what they answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CropRequest", "Location", "Locations", "PlanarImage", "RotatedBox", "Zone", "Zones"]


@dataclass(frozen=True, slots=True)
class RotatedBox:
    """A rotated rectangle of the image.

    Attributes
    ----------
    center, wh : (float, float), image px
    angle_deg : float
        Clockwise.
    """

    center: tuple[float, float]
    wh: tuple[float, float]
    angle_deg: float


@dataclass(frozen=True, slots=True)
class CropRequest:
    """The configuration of a node `crop`: depthai's `ImageManipConfig`.

    Attributes
    ----------
    wh : (int, int), px
        Size of the output.
    box : RotatedBox or None
        The part of the image that fills the output; black outside the image. None: the whole image,
        with black bars if its shape differs.
    """

    wh: tuple[int, int]
    box: RotatedBox | None = None


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone of the depth image: depthai's `SpatialLocationCalculatorConfigData`.

    Attributes
    ----------
    xyxy : (float, float, float, float)
        Left, top, right and bottom, px of the depth image.
    limits_mm : (int, int)
        Depths outside are ignored.
    """

    xyxy: tuple[float, float, float, float]
    limits_mm: tuple[int, int] = (0, 65535)


@dataclass(frozen=True, slots=True)
class Zones:
    """The configuration of a node `locations`."""

    zones: tuple[Zone, ...]


@dataclass(frozen=True, slots=True)
class Location:
    """What a node `locations` measured in one zone.

    Attributes
    ----------
    zone : Zone
        As it was requested.
    xyz_mm : (float, float, float)
        Position of the middle of the zone in camera space: x right, y down, z away; all 0 if no
        depth was measured.
    n_pixels : int
        Pixels of the zone with a depth within its limits.
    """

    zone: Zone
    xyz_mm: tuple[float, float, float]
    n_pixels: int


@dataclass(frozen=True, slots=True)
class Locations:
    """The answer of a node `locations`: one location for each requested zone, in order."""

    locations: tuple[Location, ...]
    number: int


@dataclass(frozen=True, slots=True, eq=False)
class PlanarImage:
    """An image on its way to a network.

    Attributes
    ----------
    planes : (3, H, W) uint8 array, BGR
    number : int
        Sequence number of the camera's image, or that given by the host.
    """

    planes: NDArray[np.uint8]
    number: int

    @classmethod
    def of(cls, image: NDArray[np.uint8], number: int) -> Self:
        """Return the planes of an RGB image."""
        return cls(np.ascontiguousarray(image[..., ::-1].transpose(2, 0, 1)), number)
