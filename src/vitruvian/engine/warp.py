"""Crops: from the image to the input of a network and back, equal to MediaPipe to the last bit.

Values are float32 wherever they are in MediaPipe. Each difference in a crop would change all later
results.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vitruvian import native
from vitruvian.core.roi import Roi
from vitruvian.engine.sampling import sample_crop

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Letterbox",
    "Part",
    "alignment_side",
    "center_square",
    "crop_image",
    "letterbox_image",
    "resized_roi",
    "roi_from_alignment",
    "scaled_roi",
]

Part = tuple[int, int, int, int]
"""Left, top, width and height of a rectangle in the image, px."""

EXPANSION = np.float32(1.25)  # MediaPipe, pose_detection_to_roi.pbtxt, scale_x and scale_y
UPRIGHT = np.float32(math.pi / 2)  # same file, rotation_vector_target_angle_degrees: 90


@dataclass(frozen=True, slots=True)
class Letterbox:
    """Position of an image region in a square network input with bars at two sides.

    Attributes
    ----------
    origin, wh : tuple of float, image px
        Top left corner and size of the region.
    padding : tuple of float
        Width of the left and right bars, and height of the top and bottom bars, as fractions of the
        input's side.
    """

    origin: tuple[float, float]
    wh: tuple[float, float]
    padding: tuple[float, float]

    def image_from_norm(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (..., 2) points, given as fractions of the input, in image px.

        Source: MediaPipe, ``detection_letterbox_removal_calculator.cc``.
        """
        pad = np.array(self.padding, np.float32)
        inner = (points - pad) / (np.float32(1) - (pad + pad))
        wh, origin = np.array(self.wh, np.float32), np.array(self.origin, np.float32)
        image: NDArray[np.float32] = inner * wh + origin
        return image


def alignment_side(points: NDArray[np.float32]) -> float:
    """Return the side in px of the square around the person.

    `points` are those of `roi_from_alignment`, whose square is 1.25 times as large.
    """
    if native.core is not None:
        side: float = native.core.alignment_side(points)
        return side
    return _side(points)


def _side(points: NDArray[np.float32]) -> float:
    dx, dy = points[1] - points[0]
    return float(np.float32(2) * np.sqrt(dx * dx + dy * dy))


def roi_from_alignment(points: NDArray[np.float32], image_wh: tuple[int, int]) -> Roi | None:
    """Return the square around a whole person; None if the points do not define one.

    Parameters
    ----------
    points : (2, 2) float32 array, image px
        The middle of the hips, which is the centre of the circle around the body; and a point on
        that circle, straight above the first if the person is upright.
    image_wh : tuple of int
        Size of the image. MediaPipe stores regions as fractions of it, rounded to float32.

    Notes
    -----
    Source: MediaPipe, ``alignment_points_to_rects_calculator.cc``,
    ``rect_transformation_calculator.cc``, ``pose_landmarks_to_roi.pbtxt``.
    """
    if native.core is not None:
        region = native.core.region_from_alignment(points, image_wh)
        return None if region is None else Roi(*region)
    return _roi(points, image_wh)


def _roi(points: NDArray[np.float32], image_wh: tuple[int, int]) -> Roi | None:
    side = np.float32(_side(points))
    if not (0 < side < math.inf):
        return None
    dx, dy = points[1] - points[0]
    angle = float(UPRIGHT - np.arctan2(-dy, dx))
    rotation = np.float32(angle - 2 * math.pi * math.floor((angle + math.pi) / (2 * math.pi)))
    wh = np.array(image_wh, np.float32)
    longest = (side / wh * wh).max()
    cx, cy = (points[0] / wh).tolist()
    w, h = (longest / wh * EXPANSION).tolist()
    width, height = image_wh
    return Roi((cx * width, cy * height), (w * width, h * height), float(rotation))


def resized_roi(roi: Roi, ratio: tuple[float, float]) -> Roi:
    """Return the square around the same part of an image that is `ratio` times as wide and high.

    MediaPipe stores regions as fractions of the image, and takes the square of the longer side.
    """
    (x, y), (width, height) = roi.center, roi.wh
    side = max(width * ratio[0], height * ratio[1])
    return Roi((x * ratio[0], y * ratio[1]), (side, side), roi.rotation)


def scaled_roi(roi: Roi, factor: float) -> Roi:
    """Return the square with the same center and rotation that is `factor` times as large."""
    width, height = roi.wh
    return Roi(roi.center, (width * factor, height * factor), roi.rotation)


def crop_image(image: NDArray[np.uint8], roi: Roi, crop: NDArray[np.uint8]) -> None:
    """Fill the square `crop` with the pixels of `roi`. Outside the image, its edge is repeated.

    Source: MediaPipe, ``image_to_tensor_converter_opencv.cc``, border mode replicate.
    """
    image_wh = np.array(image.shape[1::-1])
    center = (np.array(roi.center) / image_wh).astype(np.float32) * image_wh.astype(np.float32)
    wh = (np.array(roi.wh) / image_wh).astype(np.float32) * image_wh.astype(np.float32)
    padded, _ = _pad_to_square(wh)
    degrees = float(np.float32(roi.rotation) * np.float32(180)) / math.pi
    x, y = center.tolist()
    sample_crop(image, ((x, y), padded, degrees), crop, repeat_edge=True)


def letterbox_image(
    image: NDArray[np.uint8], side: int, part: Part | None = None
) -> tuple[NDArray[np.uint8], Letterbox]:
    """Return a part of the image, letterboxed to (side, side, 3), and its position in the image.

    Parameters
    ----------
    part : tuple of int or None
        Left, top, width and height of the part, inside the image; None for the whole image.
    """
    height, width = image.shape[:2]
    x, y, w, h = part or (0, 0, width, height)
    padded, padding = _pad_to_square(np.array([w, h], np.float32))
    crop = np.empty((side, side, 3), np.uint8)
    sample_crop(image, ((x + w / 2, y + h / 2), padded, 0.0), crop, repeat_edge=False)
    return crop, Letterbox((x, y), (w, h), padding)


def center_square(width: int, height: int) -> Part:
    """Return the largest square in the middle of an image."""
    side = min(width, height)
    return (width - side) // 2, (height - side) // 2, side, side


def _pad_to_square(
    wh: NDArray[np.float32],
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the enclosing square, and the bars as fractions of it.

    Source: MediaPipe, ``image_to_tensor_utils.cc``, PadRoi.
    """
    w, h = wh
    one, two, aspect = np.float32(1), np.float32(2), h / w
    if aspect < 1:
        return (float(w), float(w)), (0.0, float((one - aspect) / two))
    return (float(h), float(h)), (float((one - one / aspect) / two), 0.0)
