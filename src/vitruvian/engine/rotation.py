"""Images on their side: rotated upright for the networks, and the results rotated back.

MediaPipe rotates only the region and never rotates the landmarks back, so its results for a rotated
image are wrong. Here the pixels are rotated.
"""

from __future__ import annotations

from dataclasses import replace
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.core.detection import Detection
from vitruvian.core.frame import Frame
from vitruvian.core.roi import Roi
from vitruvian.core.schema import QUANTITIES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.core.pose import Pose, PoseResult

__all__ = ["point_upright", "turned_back", "turned_upright"]


def turned_upright(frame: Frame, rotation_deg: int) -> Frame:
    """Return `frame` rotated clockwise by a multiple of 90 degrees."""
    if not isinstance(rotation_deg, Integral) or rotation_deg % 90:
        raise ValueError(f"rotation_deg must be a multiple of 90, got {rotation_deg!r}")
    quarters = rotation_deg // 90 % 4
    if not quarters:
        return frame
    return Frame(np.rot90(frame.image, -quarters), frame.timestamp_us, frame.index)


def point_upright(
    point: tuple[float, float], image_wh: tuple[int, int], rotation_deg: int
) -> tuple[float, float]:
    """Return a point of the original image, px, in that of `turned_upright`."""
    (x, y), (width, height) = point, image_wh
    for _ in range(rotation_deg // 90 % 4):
        x, y, width, height = height - 1 - y, x, height, width
    return x, y


def turned_back(result: PoseResult, rotation_deg: int) -> PoseResult:
    """Return a result for `turned_upright` pixels in the coordinates of the original image."""
    for _ in range(rotation_deg // 90 % 4):
        width, height = result.height, result.width
        poses = tuple(_quarter_back(pose, result.width) for pose in result.poses)
        result = replace(result, width=width, height=height, poses=poses)
    return result


def _quarter_back(pose: Pose, width: int) -> Pose:
    """Return a pose after a quarter turn anticlockwise of an image of `width` columns."""
    last = width - 1
    center = _points_back(np.array(pose.roi.center), last)
    rotation = (pose.roi.rotation - np.pi / 2 + np.pi) % (2 * np.pi) - np.pi
    roi = Roi((float(center[0]), float(center[1])), pose.roi.wh, float(rotation))
    detection = pose.detection
    if detection is not None:
        (x0, y0), (x1, y1) = _points_back(detection.box_xyxy.reshape(2, 2), last)
        keypoints = _points_back(detection.keypoints, last)
        detection = Detection(np.array([x0, y1, x1, y0]), keypoints, detection.score)
    turned: dict[str, Any] = {
        q.name: _points_back(values, last if q.rotation == "image points" else 0)
        for q in QUANTITIES
        if q.rotation is not None and (values := getattr(pose, q.name)) is not None
    }
    return replace(
        pose,
        **turned,
        roi=roi,
        detection=detection,
        mask=None if pose.mask is None else np.rot90(pose.mask),
    )


def _points_back(points: NDArray[np.floating], last: int) -> NDArray[np.floating]:
    """Return x, y (and z) after a quarter turn anticlockwise; `last` is the last column's index."""
    turned = points.copy()
    turned[..., 0], turned[..., 1] = points[..., 1], last - points[..., 0]
    return turned
