"""Draws poses on their frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from vitruvian.core.frame import Frame
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.draw.style import Style

if TYPE_CHECKING:
    from vitruvian.core.pose import Pose, PoseResult

__all__ = ["draw_poses"]

Image = NDArray[np.uint8]
Rgb = tuple[int, int, int]

COLOR_OF_SIDE: dict[str, Rgb] = {
    "left": (255, 138, 0),  # MediaPipe, python/solutions/drawing_styles.py, _LEFT, as RGB
    "right": (0, 217, 231),  # same file, _RIGHT
    "center": (224, 224, 224),  # same file, _WHITE
}
WHITE: Rgb = (255, 255, 255)
BLACK: Rgb = (0, 0, 0)
BOX_COLOR: Rgb = (0, 230, 90)
ROI_COLOR: Rgb = (255, 214, 0)
MASK_COLOR: Rgb = (60, 120, 255)
MASK_THRESHOLD = 0.5  # a hard edge; blending by the mask values takes 5 times as long

IMAGE_PX_PER_LINE_PX = 270  # shorter image side / line width: 4 px at 1080p
SUBPIXEL_BITS = 4  # OpenCV takes integer coordinates, here in 1/16 px
FARTHEST_PX = 1e6  # limit of 32-bit subpixel coordinates
FONT = cv2.FONT_HERSHEY_SIMPLEX

DEFAULT_STYLE = Style()


def draw_poses(
    image: Image, result: PoseResult, style: Style = DEFAULT_STYLE, *, fps: float | None = None
) -> Image:
    """Return a copy of `image` with the poses of `result` drawn on it.

    Parameters
    ----------
    image : (H, W, 3) uint8 array
        The RGB frame of `result`.
    result : PoseResult
        The poses to draw.
    style : Style
        What to draw. Line width and text size scale with the image.
    fps : float, optional
        Frames per second to write in the corner, if `style.fps` is set.

    Returns
    -------
    (H, W, 3) uint8 array
        RGB.

    Raises
    ------
    TypeError, ValueError
        If `image` is not such an array, or its size differs from that of `result`.
    """
    frame = Frame(image)
    if (frame.width, frame.height) != (result.width, result.height):
        raise ValueError(
            f"image must have the size of the result, {result.width}x{result.height} px, "
            f"got {frame.width}x{frame.height}"
        )
    canvas = frame.image.copy()
    line_px = max(1, round(min(frame.width, frame.height) / IMAGE_PX_PER_LINE_PX))
    if style.mask:
        for pose in result:
            _draw_mask(canvas, pose)
    for pose in result:
        _draw_pose(canvas, pose, style, line_px)
    if style.fps and fps is not None:
        _write(canvas, f"{fps:.1f} fps", (4.0 * line_px, 10.0 * line_px), line_px)
    return canvas


def _draw_pose(canvas: Image, pose: Pose, style: Style, line_px: int) -> None:
    if style.roi:
        corners = pose.roi.corners
        _draw_outline(canvas, corners, ROI_COLOR, line_px)
        _draw_lines(canvas, corners[None, :2], ROI_COLOR, 3 * line_px)
    box = pose.box_xyxy
    if style.box and np.isfinite(box).all():
        _draw_outline(canvas, box[[[0, 1], [2, 1], [2, 3], [0, 3]]], BOX_COLOR, line_px)
    _draw_body(canvas, pose, style, line_px)
    if style.score and np.isfinite(box).all():
        label = "" if pose.id is None else f"#{pose.id} "
        left, top = box[:2].tolist()
        _write(canvas, f"{label}{pose.score:.2f}", (left, top - 4 * line_px), line_px)


def _draw_body(canvas: Image, pose: Pose, style: Style, line_px: int) -> None:
    points = pose.landmarks[:, :2]
    shown = (pose.visibility >= style.min_visibility) & np.isfinite(points).all(axis=1)
    if style.skeleton:
        for side, connections in _CONNECTIONS_OF_SIDE.items():
            lines = points[connections[shown[connections].all(axis=1)]]
            _draw_lines(canvas, lines, COLOR_OF_SIDE[side], line_px)
    if style.landmarks:
        for i in np.flatnonzero(shown):
            _draw_dot(canvas, points[i], COLOR_OF_SIDE[BLAZEPOSE.sides[i]], line_px)


def _draw_mask(canvas: Image, pose: Pose) -> None:
    """Blend the person's pixels with a colour, 50 % each."""
    if pose.mask is None:
        return
    mask = (pose.mask > MASK_THRESHOLD).view(np.uint8)
    x, y, width, height = cv2.boundingRect(mask)
    if width:
        inside = slice(y, y + height), slice(x, x + width)
        cv2.copyTo(cv2.LUT(canvas[inside], _TINT_LUT), mask[inside], canvas[inside])


def _draw_outline(canvas: Image, corners: NDArray[np.floating], color: Rgb, width: int) -> None:
    """Draw the polygon with the (n, 2) `corners`, image px."""
    _draw_lines(canvas, np.stack([corners, np.roll(corners, -1, axis=0)], axis=1), color, width)


def _draw_lines(canvas: Image, lines: NDArray[np.floating], color: Rgb, width: int) -> None:
    """Draw the (n, 2, 2) line segments `lines`, image px."""
    cv2.polylines(canvas, list(_subpixels(lines)), False, color, width, cv2.LINE_AA, SUBPIXEL_BITS)


def _draw_dot(canvas: Image, point: NDArray[np.floating], color: Rgb, line_px: int) -> None:
    center = _subpixels(point).tolist()
    for radius, fill in ((1.5 * line_px, WHITE), (1.1 * line_px, color)):
        radius_sub = round(radius * 2**SUBPIXEL_BITS)
        cv2.circle(canvas, center, radius_sub, fill, cv2.FILLED, cv2.LINE_AA, SUBPIXEL_BITS)


def _write(canvas: Image, text: str, left_bottom: tuple[float, float], line_px: int) -> None:
    """Write white text with a dark outline, shifted to lie inside the image."""
    scale = 0.3 * line_px
    thickness = 1 + line_px // 2
    (width, height), below = cv2.getTextSize(text, FONT, scale, thickness)
    x = np.clip(left_bottom[0], 0, max(0, canvas.shape[1] - width))
    y = np.clip(left_bottom[1], height + line_px, max(height + line_px, canvas.shape[0] - below))
    origin = (round(float(x)), round(float(y)))
    for color, width in ((BLACK, 3 * thickness), (WHITE, thickness)):
        cv2.putText(canvas, text, origin, FONT, scale, color, width, cv2.LINE_AA)


def _subpixels(points: NDArray[np.floating]) -> NDArray[np.int32]:
    near = np.clip(points, -FARTHEST_PX, FARTHEST_PX)
    subpixels: NDArray[np.int32] = np.rint(near * 2**SUBPIXEL_BITS).astype(np.int32)
    return subpixels


def _side_of_connection(connection: tuple[int, int]) -> str:
    """Return the side of a connection: "center" if it joins left and right."""
    sides = {BLAZEPOSE.sides[i] for i in connection} - {"center"}
    return sides.pop() if len(sides) == 1 else "center"


_CONNECTIONS_OF_SIDE = {
    side: np.array([c for c in BLAZEPOSE.connections if _side_of_connection(c) == side])
    for side in COLOR_OF_SIDE
}
_TINT_LUT = ((np.arange(256)[None, :, None] + MASK_COLOR) // 2).astype(np.uint8)
