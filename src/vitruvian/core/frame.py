"""Frame: one image with its time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core._arrays import ArrayValue, read_only
from vitruvian.core.pixels import rgb_pixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.core.depth import DepthImage, LandmarkDepths

__all__ = ["Frame"]


@dataclass(frozen=True, slots=True, eq=False)
class Frame(ArrayValue):
    """One image with its time.

    Frames with equal values are equal.

    Attributes
    ----------
    image : (H, W, 3) uint8 array
        RGB pixels, packed; rows may be padded. Row 0 is the top, column 0 the left. Given such an
        array, it is a read-only view of it, for speed: do not write to that array while the frame
        is used. Arrays and tensors of other types and shapes are converted as by
        `vitruvian.load_image`, which also reads files and images of Pillow and PyAV.
    timestamp_us : int
        Presentation time in µs, not negative.
    index : int
        Position in its source, from 0.
    focal_35mm : float or None
        Focal length of the camera, mm, converted to 35 mm film, if the photo or video stores it.
    depth : DepthImage, LandmarkDepths or None
        What a depth camera measured at the same time. Trackers use it to fill `Pose.camera`.

    Raises
    ------
    TypeError
        If `image` is not an array or has values of another type, or a time or index is not an
        integer.
    ValueError
        If the image has another shape or no pixels, or a float outside 0 to 1, or if the time or
        index is negative, or the focal length is not positive.

    Examples
    --------
    >>> frame = Frame(np.zeros((480, 640, 3), np.uint8), timestamp_us=33_333)
    >>> frame
    Frame(640x480, index=0, timestamp_us=33333)
    """

    image: NDArray[np.uint8]
    timestamp_us: int = 0
    index: int = 0
    focal_35mm: float | None = None
    depth: DepthImage | LandmarkDepths | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "image", _checked_image(self.image))
        if self.focal_35mm is not None and not self.focal_35mm > 0:
            raise ValueError(f"focal_35mm must be positive or None, got {self.focal_35mm!r}")
        for name in ("timestamp_us", "index"):
            object.__setattr__(self, name, _checked_count(getattr(self, name), name))

    @property
    def width(self) -> int:
        """Width in px."""
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        """Height in px."""
        return int(self.image.shape[0])

    def __repr__(self) -> str:
        return (
            f"Frame({self.width}x{self.height}, index={self.index}, "
            f"timestamp_us={self.timestamp_us})"
        )


def _checked_image(image: object) -> NDArray[np.uint8]:
    pixels = rgb_pixels(image)
    packed = pixels if pixels.strides[1:] == (3, 1) else np.ascontiguousarray(pixels)
    return read_only(packed.view())


def _checked_count(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} must be an integer, got {value!r}")
    if value < 0:
        raise ValueError(f"{name} must not be negative, got {value!r}")
    return int(value)
