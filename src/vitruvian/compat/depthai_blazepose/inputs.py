"""Sources for ``input_src``: files, webcams, streams, and images in memory; not the OAK."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.core.frame import Frame
from vitruvian.media import open_input
from vitruvian.media.address import camera_address
from vitruvian.media.image_kind import names_images
from vitruvian.media.orientation import reversed_channels
from vitruvian.media.source import Source

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

__all__ = ["ArraySource", "input_type", "is_camera", "open_input_src"]

DEVICE_INPUTS = ("rgb", "rgb_laconic")


def is_camera(input_src: object) -> bool:
    """Whether an input is the camera of an OAK."""
    return input_src is None or (isinstance(input_src, str) and input_src in DEVICE_INPUTS)


def open_input_src(input_src: object, *, fps: float) -> Source:
    """Return the source for an image, a video, a stream, a webcam, or arrays in BGR order.

    Parameters
    ----------
    input_src : str, path, int, (H, W, 3) uint8 array, or iterable of (H, W, 3) uint8 arrays
    fps : float
        Frame rate of arrays and of image folders, which have no timestamps.

    Raises
    ------
    SourceError, TypeError, ValueError
        The errors of `vitruvian.open_input`.
    """
    if isinstance(input_src, np.ndarray) and input_src.ndim == 3:
        return ArraySource([input_src], fps=fps)
    if isinstance(input_src, np.integer):
        input_src = int(input_src)
    if isinstance(input_src, (str, int, Path)):
        return open_input(input_src, fps=fps)
    if not isinstance(input_src, Iterable):
        raise TypeError(
            "input_src must be a path, a URL, a camera number, an array or an iterable of arrays, "
            f"got {type(input_src).__name__}"
        )
    return ArraySource(input_src, fps=fps)


def input_type(input_src: object) -> str:
    """Return "webcam", "image" or "video", depthai_blazepose's names of its input types."""
    if isinstance(input_src, (str, Integral)) and camera_address(str(input_src)) is not None:
        return "webcam"
    if isinstance(input_src, (str, Path)):
        is_image = Path(input_src).is_file() and names_images(str(input_src))
    else:
        is_image = isinstance(input_src, np.ndarray) and input_src.ndim == 3
    return "image" if is_image else "video"


class ArraySource(Source):
    """Images in memory, evenly spaced in time.

    Parameters
    ----------
    images : iterable of (H, W, 3) uint8 arrays
        In BGR order, as in OpenCV.
    fps : float
        Frames per second.
    """

    def __init__(self, images: Iterable[NDArray[np.uint8]], *, fps: float) -> None:
        if not fps > 0:
            raise ValueError(f"internal_fps must be positive for arrays, got {fps!r}")
        super().__init__("arrays")
        self.fps = fps
        self._images = images
        self._us_per_frame = 1e6 / fps

    def _read(self) -> Generator[Frame, None, None]:
        for index, bgr in enumerate(self._images):
            _check_image(bgr, index)
            yield Frame(reversed_channels(bgr), round(index * self._us_per_frame), index)


def _check_image(image: Any, index: int) -> None:
    if not isinstance(image, np.ndarray):
        raise TypeError(f"image {index} must be a NumPy array, got {type(image).__name__}")
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise ValueError(
            f"image {index} must be an (H, W, 3) uint8 array in BGR order, "
            f"got {image.shape} {image.dtype}"
        )
