"""What ``input_src`` can be here: files, cameras, streams, and pictures in memory."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.core.frame import Frame
from vitruvian.errors import DeviceError
from vitruvian.media import open_input
from vitruvian.media.address import camera_number, names_images
from vitruvian.media.source import Source

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

__all__ = ["Arrays", "input_type", "open_pictures"]

DEVICE_INPUTS = ("rgb", "rgb_laconic")


def open_pictures(input_src: object, *, fps: float) -> Source:
    """Return the source of an image, a video, a stream, a camera, or arrays in BGR order.

    Parameters
    ----------
    input_src : str, path, int, (H, W, 3) uint8 array, or iterable of such arrays
    fps : float
        Rate of arrays and of the images of a folder, which have no times.

    Raises
    ------
    DeviceError
        If the camera of an OAK is asked for.
    SourceError, TypeError, ValueError
        As `vitruvian.open_input` does.
    """
    if isinstance(input_src, np.ndarray) and input_src.ndim == 3:
        return Arrays([input_src], fps=fps)
    if input_src is None or (isinstance(input_src, str) and input_src in DEVICE_INPUTS):
        raise DeviceError(
            f"input_src={input_src!r} is the camera of an OAK, which this class does not drive "
            "yet: give a webcam number (0), a path, a URL, or arrays"
        )
    if isinstance(input_src, np.integer):
        input_src = int(input_src)
    if isinstance(input_src, (str, int, Path)):
        return open_input(input_src, fps=fps)
    if not isinstance(input_src, Iterable):
        raise TypeError(
            "input_src must be a path, a URL, a camera number, an array or an iterable of arrays, "
            f"got {type(input_src).__name__}"
        )
    return Arrays(input_src, fps=fps)


def input_type(input_src: object) -> str:
    """Return "webcam", "image" or "video", as that project calls what it reads."""
    if isinstance(input_src, (str, Integral)) and camera_number(str(input_src)) is not None:
        return "webcam"
    if isinstance(input_src, (str, Path)):
        is_image = Path(input_src).is_file() and names_images(str(input_src))
    else:
        is_image = isinstance(input_src, np.ndarray) and input_src.ndim == 3
    return "image" if is_image else "video"


class Arrays(Source):
    """Pictures in memory, evenly spaced in time.

    Parameters
    ----------
    pictures : iterable of (H, W, 3) uint8 arrays
        In BGR order, as OpenCV has them.
    fps : float
        How many a second.
    """

    def __init__(self, pictures: Iterable[NDArray[np.uint8]], *, fps: float) -> None:
        if not fps > 0:
            raise ValueError(f"arrays need a positive rate, internal_fps, got {fps!r}")
        super().__init__("arrays")
        self.fps = fps
        self._pictures = pictures
        self._us_per_picture = 1e6 / fps

    def _read(self) -> Generator[Frame, None, None]:
        import cv2

        for index, bgr in enumerate(self._pictures):
            _check_picture(bgr, index)
            rgb = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
            yield Frame(rgb, round(index * self._us_per_picture), index)


def _check_picture(picture: Any, index: int) -> None:
    if not isinstance(picture, np.ndarray):
        raise TypeError(f"picture {index} must be a NumPy array, got {type(picture).__name__}")
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or not picture.size:
        raise ValueError(
            f"picture {index} must be an (H, W, 3) uint8 array in BGR order, "
            f"got {picture.shape} {picture.dtype}"
        )
