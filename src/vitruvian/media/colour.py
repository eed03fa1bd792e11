"""Colour conversion of video: decoded frames to RGB, and RGB to the pixels of an encoder."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
from av.sidedata.sidedata import Type
from av.video.reformatter import Interpolation, VideoReformatter

from vitruvian import native
from vitruvian.media.orientation import mirrored, reversed_channels, rotated, turn_from_matrix

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

__all__ = ["RgbConverter", "i420_from_rgb"]

_CONVERSION_THREADS = 2  # 1080p on two cores: 0.7 ms with two, 1.2 ms with one

# BT.601, limited range, as in OpenCV: imgproc/src/color_yuv.simd.hpp, ITUR_BT_601_*. Weights of R,
# G and B in units of 2**-20, and the value of black.
_SHIFT = 20
_Y = (269484, 528482, 102760), 16
_U = (-155188, -305135, 460324), 128
_V = (460324, -385875, -74448), 128
_BAND_ROWS = 32  # even; the intermediate values of so many rows stay in the cache


class RgbConverter:
    """Converts the decoded frames of one video to upright RGB, equal to OpenCV's ``VideoCapture``.

    Mirrored videos, which OpenCV only turns, are equal to the frames of the program ffmpeg.

    Parameters
    ----------
    threads : int or None
        Maximum number of CPU threads.
    """

    def __init__(self, threads: int | None = None) -> None:
        self._reformatter = VideoReformatter()
        self._threads = min(threads or _CONVERSION_THREADS, _CONVERSION_THREADS)
        self._turns: dict[int, tuple[bool, int]] = {}  # by the angle of the display matrix

    def rgb(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """Return the (H, W, 3) pixels of a frame, turned and mirrored as its file says."""
        # OpenCV's settings for the same library: bicubic, colour matrix and range of the file, and
        # BGR above 8 bits, because it rounds differently from RGB.
        is_deep = frame.format.components[0].bits > 8
        pixels: NDArray[Any] = self._reformatter.reformat(
            frame,
            format="bgr24" if is_deep else "rgb24",
            interpolation=Interpolation.BICUBIC,
            threads=self._threads,
        ).to_ndarray()
        if is_deep:
            pixels = reversed_channels(pixels)
        angle_deg = frame.rotation
        if angle_deg not in self._turns:
            self._turns[angle_deg] = _turn(frame)
        is_mirrored, quarter_turns = self._turns[angle_deg]
        if is_mirrored:
            pixels = mirrored(pixels)
        return rotated(pixels, quarter_turns) if quarter_turns else pixels


def _turn(frame: VideoFrame) -> tuple[bool, int]:
    """Return whether to mirror a frame, then its quarter turns counter-clockwise.

    Where its file and its bit stream both have a display matrix, that of the file is the first.
    Asking for the side data keeps the frame alive until the next garbage collection.
    """
    indices = count()
    try:
        side_data: Any = frame.side_data
        while True:
            data = side_data[next(indices)]
            if data.type == Type.DISPLAYMATRIX:
                return turn_from_matrix(np.frombuffer(data, np.int32).tolist())
    except IndexError:
        return False, 0
    except ValueError:  # PyAV 18 does not know the type of all side data, such as EXIF
        return False, round(frame.rotation / 90)


def i420_from_rgb(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the pixels of an RGB image in BT.601 with limited range, format ``yuv420p``.

    Parameters
    ----------
    image : (H, W, 3) uint8 array
        An odd side is treated as one pixel longer, with its last row or column repeated.

    Returns
    -------
    (3 * H / 2, W) uint8 array
        H rows of Y, then the planes U and V of (H / 2, W / 2), one after the other; H and W are
        even. The colour of 2 x 2 pixels is that of the upper left one.

    Notes
    -----
    Each value is ``(r * R + g * G + b * B + (black << 20) + (1 << 19)) >> 20`` in integers of 32
    bits, where r, g and b are the weights of its plane. It equals OpenCV's
    ``cvtColor(image, COLOR_RGB2YUV_I420)``.

    Examples
    --------
    >>> i420_from_rgb(np.full((2, 2, 3), (255, 0, 0), np.uint8)).tolist()
    [[82, 82], [82, 82], [90, 240]]
    """
    bottom, right = image.shape[0] % 2, image.shape[1] % 2
    if bottom or right:
        image = np.pad(image, ((0, bottom), (0, right), (0, 0)), "edge")
    height, width = image.shape[:2]
    i420 = np.empty((height + height // 2, width), np.uint8)
    if native.core is not None:
        native.core.i420_from_rgb(np.ascontiguousarray(image), i420)
    else:
        _fill_i420(image, i420)
    return i420


def _fill_i420(image: NDArray[np.uint8], i420: NDArray[np.uint8]) -> None:
    height, width = image.shape[:2]
    y = i420[:height]
    u, v = i420[height:].reshape(2, height // 2, width // 2)
    for top in range(0, height, _BAND_ROWS):
        band = image[top : top + _BAND_ROWS]
        rows = slice(top // 2, (top + _BAND_ROWS) // 2)
        y[top : top + _BAND_ROWS] = _plane(band, *_Y)
        u[rows] = _plane(band[::2, ::2], *_U)
        v[rows] = _plane(band[::2, ::2], *_V)


def _plane(rgb: NDArray[np.uint8], weights: tuple[int, int, int], black: int) -> NDArray[np.int32]:
    """Return Y, U or V of RGB pixels."""
    value = np.full(rgb.shape[:2], (black << _SHIFT) + (1 << (_SHIFT - 1)), np.int32)
    for channel, weight in enumerate(weights):
        value += np.multiply(rgb[..., channel], np.int32(weight), dtype=np.int32)
    return value >> _SHIFT
