"""From the image to the input of a network and back, with MediaPipe's rounding to the last bit.

Everything here is float32 where MediaPipe is, and the sampling is OpenCV 4's fixed-point
``warpPerspective``: what a crop holds decides all that follows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from vitruvian.core.roi import Roi

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Letterbox", "center_square", "crop_image", "letterbox_image", "roi_from_alignment"]

ROI_EXPANSION = np.float32(1.25)  # MediaPipe, pose_detection_to_roi.pbtxt, scale_x and scale_y
HALF_TURN = np.float32(math.pi / 2)  # target angle of 90 degrees, same file


@dataclass(frozen=True, slots=True)
class Letterbox:
    """Where a region of the image lies in a square network input with bars at two sides.

    Attributes
    ----------
    origin, wh : tuple of float, image px
        Left top corner and size of the region.
    padding : tuple of float
        Bar at the left (and right) and at the top (and bottom), in parts of the input's side.
    """

    origin: tuple[float, float]
    wh: tuple[float, float]
    padding: tuple[float, float]

    def image_from_norm(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (..., 2) points in parts of the input as image px.

        Source: MediaPipe, ``detection_letterbox_removal_calculator.cc``.
        """
        pad = np.array(self.padding, np.float32)
        inner = (points - pad) / (np.float32(1) - (pad + pad))
        image: NDArray[np.float32] = inner * np.float32(self.wh) + np.float32(self.origin)
        return image


def roi_from_alignment(
    center: NDArray[np.float32], rim: NDArray[np.float32], image_wh: tuple[int, int]
) -> tuple[Roi, float]:
    """Return the square that holds a whole person, and its side before it was expanded.

    Parameters
    ----------
    center : (2,) float32 array, image px
        Middle of the hips, the centre of the circle around the body.
    rim : (2,) float32 array, image px
        Point on that circle; straight above `center` when the person is upright.
    image_wh : tuple of int
        Size of the image: MediaPipe keeps regions in parts of it, rounded to float32.

    Raises
    ------
    ValueError
        If the two points coincide or are not finite, so that no region is defined.

    Notes
    -----
    Source: MediaPipe, ``alignment_points_to_rects_calculator.cc``,
    ``rect_transformation_calculator.cc``, ``pose_landmarks_to_roi.pbtxt``.
    """
    wh = np.float32(image_wh)
    dx, dy = rim - center
    side = np.float32(2) * np.sqrt(dx * dx + dy * dy)
    angle = float(HALF_TURN - np.arctan2(-dy, dx))
    rotation = np.float32(angle - 2 * math.pi * math.floor((angle + math.pi) / (2 * math.pi)))
    norm_center, norm_wh = center / wh, side / wh
    longest = (norm_wh * wh).max()
    norm_wh = longest / wh * ROI_EXPANSION
    (cx, cy), (w, h) = norm_center.tolist(), norm_wh.tolist()
    width, height = image_wh
    return Roi((cx * width, cy * height), (w * width, h * height), float(rotation)), float(side)


def crop_image(image: NDArray[np.uint8], roi: Roi, side: int) -> NDArray[np.uint8]:
    """Return the (side, side, 3) picture of `roi`; beyond the image its edge is repeated.

    Source: MediaPipe, ``image_to_tensor_converter_opencv.cc``, border mode replicate.
    """
    height, width = image.shape[:2]
    center = [np.float32(c / n) * np.float32(n) for c, n in zip(roi.center, (width, height))]
    wh = [np.float32(s / n) * np.float32(n) for s, n in zip(roi.wh, (width, height))]
    padded, _ = _pad_to_square(*wh)
    degrees = np.float32(float(np.float32(roi.rotation) * np.float32(180)) / math.pi)
    return _sample(image, (center, padded, degrees), side, cv2.BORDER_REPLICATE)


def letterbox_image(
    image: NDArray[np.uint8], side: int, *, center_only: bool = False
) -> tuple[NDArray[np.uint8], Letterbox]:
    """Return the (side, side, 3) picture of the whole image between black bars, and where it lies.

    Parameters
    ----------
    center_only : bool
        Of the largest square in the middle instead, without bars.
    """
    height, width = image.shape[:2]
    x, y, w, h = center_square(width, height) if center_only else (0, 0, width, height)
    center = [np.float32(x + w / 2), np.float32(y + h / 2)]
    padded, padding = _pad_to_square(np.float32(w), np.float32(h))
    crop = _sample(image, (center, padded, np.float32(0)), side, cv2.BORDER_CONSTANT)
    return crop, Letterbox((x, y), (w, h), padding)


def center_square(width: int, height: int) -> tuple[int, int, int, int]:
    """Return left, top, width and height of the largest square in the middle of an image."""
    side = min(width, height)
    return (width - side) // 2, (height - side) // 2, side, side


def _pad_to_square(
    w: np.float32, h: np.float32
) -> tuple[tuple[np.float32, np.float32], tuple[float, float]]:
    """Return the enclosing square and the bars in parts of it.

    Source: MediaPipe, ``image_to_tensor_utils.cc``, PadRoi.
    """
    aspect = h / w
    if aspect < 1:
        return (w, w), (0.0, float((np.float32(1) - aspect) / np.float32(2)))
    bar = (np.float32(1) - np.float32(1) / aspect) / np.float32(2)
    return (h, h), (float(bar), 0.0)


def _sample(image: NDArray[np.uint8], box: tuple, side: int, border: int) -> NDArray[np.uint8]:
    corners = cv2.boxPoints(box)  # bottom left, top left, top right, bottom right
    target = np.float32([[0, side], [0, 0], [side, 0], [side, side]])
    crop_from_image = cv2.getPerspectiveTransform(corners, target)
    return cv2.warpPerspective(
        image, crop_from_image, (side, side), flags=cv2.INTER_LINEAR, borderMode=border
    )
