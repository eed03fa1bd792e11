"""Labels: text in a box, at the head of each person or in the corner of the image."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.draw.palette import INK, WHITE
from vitruvian.draw.raster import paint_box, paint_stamp
from vitruvian.draw.text import text_stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vitruvian.core.pose import Pose
    from vitruvian.draw.palette import Rgb

__all__ = ["Label", "paint_labels", "paint_note"]

TEXT_PX_PER_LINE_PX = 5.8
MIN_TEXT_PX = 12
TEXT_SHARE = 1 / 4  # of the shorter image side, at most
NOTE_OPACITY = 170  # of 255
CROWN = 0.72  # of the distance from the shoulders to the ears, from the ears upwards
CROWN_EARS = 0.9  # the same, of the distance between the ears
UPRIGHT = 0.5  # how much a label prefers the place above; 0: always in line with the neck
PLACES = (0, -1, 1, -2, 2, -3, 3)  # tried in turn, in heights of a label: negative is higher

EARS = [BLAZEPOSE.index("left_ear"), BLAZEPOSE.index("right_ear")]
SHOULDERS = [BLAZEPOSE.index("left_shoulder"), BLAZEPOSE.index("right_shoulder")]


@dataclass(frozen=True, slots=True, eq=False)
class Label:
    """Text in a rounded box.

    Attributes
    ----------
    stamp : (h, w) uint8 array
        The text as coverage.
    color : tuple of int
        RGB of the box.
    left, top, width, height : int, px
        The box.
    """

    stamp: NDArray[np.uint8]
    color: Rgb
    left: int
    top: int
    width: int
    height: int

    @classmethod
    def of(
        cls, pose: Pose, text: str, color: Rgb, line_px: float, canvas: NDArray[np.uint8]
    ) -> Label | None:
        """Return a label beside the head of a person; None if its place is not known."""
        anchor = _anchor(pose)
        if anchor is None:
            return None
        label = cls.sized(text, color, line_px, canvas)
        (x, y), (up_x, up_y) = anchor
        gap = label.height / 5 + line_px
        # The box touches the point from outside, in whichever direction the head points.
        away = abs(up_x) * label.width / 2 + abs(up_y) * label.height / 2 + gap
        limit = 4.0 * max(canvas.shape)
        x, y = (min(max(v, -limit), limit) for v in (x + up_x * away, y + up_y * away))
        return label.moved(x - label.width / 2, y - label.height / 2, canvas)

    @classmethod
    def sized(cls, text: str, color: Rgb, line_px: float, canvas: NDArray[np.uint8]) -> Label:
        """Return a label for `text` at (0, 0)."""
        size = max(MIN_TEXT_PX, round(TEXT_PX_PER_LINE_PX * line_px))
        size = max(1, min(size, int(TEXT_SHARE * min(canvas.shape[:2]))))
        stamp = text_stamp(text, size)
        height, width = stamp.shape[0], stamp.shape[1] + 2 * (size // 3)
        return cls(stamp, color, 0, 0, width, height)

    def moved(self, left: float, top: float, canvas: NDArray[np.uint8]) -> Label:
        """Return the label at a position, moved to lie inside the image."""
        x = min(max(round(left), 1), canvas.shape[1] - self.width - 1)
        y = min(max(round(top), 1), canvas.shape[0] - self.height - 1)
        return replace(self, left=max(x, 0), top=max(y, 0))

    def overlaps(self, other: Label) -> bool:
        """Return whether the two boxes have pixels in common."""
        return (
            self.left < other.left + other.width
            and other.left < self.left + self.width
            and self.top < other.top + other.height
            and other.top < self.top + self.height
        )


def paint_labels(canvas: NDArray[np.uint8], labels: Sequence[Label]) -> None:
    """Paint the labels of people; one that would hide another is moved up or down if it can."""
    placed: list[Label] = []
    for label in labels:
        places = (
            label.moved(label.left, label.top + i * (label.height + 2), canvas) for i in PLACES
        )
        free = (p for p in places if not any(p.overlaps(other) for other in placed))
        placed.append(next(free, label))
    for label in placed:
        _paint_box(canvas, label, 1.0, (*INK, 150))
        _paint_box(canvas, label, 0.0, (*label.color, 255))
        _paint_text(canvas, label, INK)


def paint_note(canvas: NDArray[np.uint8], text: str, line_px: float) -> None:
    """Paint light text on a dark box in the upper left corner."""
    label = Label.sized(text, INK, line_px, canvas)
    label = label.moved(2 * line_px, 2 * line_px, canvas)
    _paint_box(canvas, label, 0.0, (*INK, NOTE_OPACITY))
    _paint_text(canvas, label, WHITE)


def _paint_box(
    canvas: NDArray[np.uint8], label: Label, margin: float, rgba: tuple[int, int, int, int]
) -> None:
    left, top = label.left - 0.5 - margin, label.top - 0.5 - margin
    right, bottom = left + label.width + 2 * margin, top + label.height + 2 * margin
    paint_box(canvas, (left, top, right, bottom, label.height / 4 + margin), rgba)


def _paint_text(canvas: NDArray[np.uint8], label: Label, color: Rgb) -> None:
    left = label.left + (label.width - label.stamp.shape[1]) // 2
    paint_stamp(canvas, label.stamp, (left, label.top), (*color, 255))


def _anchor(pose: Pose) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Return the point where the head ends and the direction in which it points, or None.

    Without a head, this is the middle of the upper side of the box around the body.
    """
    points = pose.landmarks[:, :2]
    ears, shoulders = points[EARS].astype(np.float64), points[SHOULDERS].astype(np.float64)
    head = ears.mean(axis=0)
    is_known = np.isfinite(ears).all() and np.isfinite(shoulders).all()
    neck = head - shoulders.mean(axis=0) if is_known else np.zeros(2)
    length = float(np.hypot(*neck))
    if length > 0:
        up = neck / length - np.array([0.0, UPRIGHT])
        up /= np.hypot(*up)
        crown = head + up * max(CROWN * length, CROWN_EARS * float(np.hypot(*(ears[0] - ears[1]))))
        return (float(crown[0]), float(crown[1])), (float(up[0]), float(up[1]))
    x0, y0, x1, _ = map(float, pose.box_xyxy)
    if not np.isfinite([x0, y0, x1]).all():
        return None
    return ((x0 + x1) / 2, y0), (0.0, -1.0)
