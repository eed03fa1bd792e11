"""Frame: one image with its time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core._arrays import ArrayValue, read_only

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Frame"]


@dataclass(frozen=True, slots=True, eq=False)
class Frame(ArrayValue):
    """One image with its time.

    Frames with equal values are equal.

    Attributes
    ----------
    image : (H, W, 3) uint8 array
        RGB pixels, packed; rows may be padded. Row 0 is the top, column 0 the left. A read-only
        view of the caller's array, for speed: do not write to that array while the frame is used.
    timestamp_us : int
        Presentation time in µs, not negative.
    index : int
        Position in its source, from 0.

    Raises
    ------
    TypeError
        If `image` is not a uint8 array, or a time or index is not an integer.
    ValueError
        If the shape is not (H, W, 3) with at least one pixel, or the time or index is negative.

    Examples
    --------
    >>> frame = Frame(np.zeros((480, 640, 3), np.uint8), timestamp_us=33_333)
    >>> frame
    Frame(640x480, index=0, timestamp_us=33333)
    """

    image: NDArray[np.uint8]
    timestamp_us: int = 0
    index: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "image", _checked_image(self.image))
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
    if not isinstance(image, np.ndarray):
        raise TypeError(f"image must be a NumPy array, got {type(image).__name__}")
    if image.dtype != np.uint8:
        raise TypeError(f"image must hold uint8 values from 0 to 255, got {image.dtype}")
    if image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise ValueError(f"image must have shape (H, W, 3) in RGB order, got {image.shape}")
    packed = image if image.strides[1:] == (3, 1) else np.ascontiguousarray(image)
    return read_only(packed.view())


def _checked_count(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} must be an integer, got {value!r}")
    if value < 0:
        raise ValueError(f"{name} must not be negative, got {value!r}")
    return int(value)
