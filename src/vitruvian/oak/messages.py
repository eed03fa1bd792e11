"""What arrives from a device: pictures, depth, outputs of networks, packets of the script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["DepthPicture", "Message", "Packet", "Picture", "Synced", "Tensors"]


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A colour image.

    Attributes
    ----------
    image : (H, W, 3) uint8 RGB array
    number : int
        Sequence number of the camera.
    time_us : int
        Time of the device at which it was taken.
    """

    image: NDArray[np.uint8]
    number: int
    time_us: int


@dataclass(frozen=True, slots=True, eq=False)
class DepthPicture:
    """A depth image, aligned with the colour image.

    Attributes
    ----------
    values : (H, W) uint16 array, mm
        0 where the depth is not known.
    number : int
        Sequence number of the stereo cameras; not that of the colour camera.
    time_us : int
        Time of the device at which it was taken.
    """

    values: NDArray[np.uint16]
    number: int
    time_us: int


@dataclass(frozen=True, slots=True, eq=False)
class Tensors:
    """The outputs of a network.

    Attributes
    ----------
    arrays : mapping of str to float32 array
        By the names of the outputs, with the shapes of the network without its batch axis.
    number : int
        Sequence number of the image that the network saw.
    """

    arrays: Mapping[str, NDArray[np.float32]]
    number: int


@dataclass(frozen=True, slots=True, eq=False)
class Packet:
    """Bytes from the script of the device."""

    data: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Synced:
    """Messages of one moment, by the names of the inputs of the node `sync`."""

    messages: Mapping[str, Any]


Message = Picture | DepthPicture | Tensors | Packet | Synced
