"""Draws poses on their frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vitruvian.core.frame import Frame
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.draw.labels import Label, paint_labels, paint_note
from vitruvian.draw.palette import COLOR_OF_SIDE, INK, person_color
from vitruvian.draw.raster import paint_lines, paint_mask
from vitruvian.draw.style import Style
from vitruvian.media.image import load_image

if TYPE_CHECKING:
    from vitruvian.core.pose import Pose, PoseResult
    from vitruvian.draw.palette import Rgb
    from vitruvian.media.image import ImageLike

__all__ = ["draw_poses"]

Image = NDArray[np.uint8]

IMAGE_PX_PER_LINE_PX = 240  # shorter image side / line width: 4.5 px at 1080p
ROI_PX_PER_LINE_PX = 250  # the same for the region of interest of a person who is farther away
MIN_LINE_PX = 1.5
MIN_RATIO = 0.45  # of the line width of a person who is far away
MASK_OPACITY = 76  # of 255, as the next ones
EDGE_OPACITY = 165
ROI_OPACITY = 200
HIDDEN_OPACITY = 200  # of a hidden limb or landmark, as the next one
HIDDEN_EDGE_OPACITY = 110
HIDDEN_RATIO = 0.55  # of the width of a visible one
DASH = 3.5  # length of a dash of a hidden limb, in line widths; gaps are as long
MAX_DASHES = 40

DEFAULT_STYLE = Style()


def draw_poses(
    image: ImageLike, result: PoseResult, style: Style = DEFAULT_STYLE, *, fps: float | None = None
) -> Image:
    """Return a copy of `image` with the poses of `result` drawn on it.

    Parameters
    ----------
    image : array, Frame, path, or another image
        The frame of `result`, converted as by `vitruvian.load_image`.
    result : PoseResult
        The poses to draw, and their notes: text beside the head.
    style : Style
        What to draw. Line widths and text sizes scale with the image and with the person.
    fps : float, optional
        Frames per second to write in the corner, if `style.fps` is set.

    Returns
    -------
    (H, W, 3) uint8 array
        RGB.

    Raises
    ------
    SourceError
        If a file is not an image.
    TypeError, ValueError
        If it is something else, or its size differs from that of `result`.
    """
    frame = Frame(load_image(image))
    if (frame.width, frame.height) != (result.width, result.height):
        raise ValueError(
            f"image must have the size of the result, {result.width}x{result.height} px, "
            f"got {frame.width}x{frame.height}"
        )
    canvas = np.array(frame.image, order="C")
    people = [_Person.of(pose, place, canvas) for place, pose in enumerate(result)]
    if style.mask:
        for person in people:
            if person.pose.mask is not None:
                paint_mask(canvas, person.pose.mask, (*person.color, MASK_OPACITY))
    for person in people:
        _draw_regions(canvas, person, style)
        _draw_body(canvas, person, style)
    _draw_labels(canvas, people, result.notes, style)
    if style.fps and fps is not None:
        paint_note(canvas, f"{fps:.1f} fps", _image_line_px(canvas))
    return canvas


@dataclass(frozen=True, slots=True)
class _Person:
    """A pose with its colour and line width."""

    pose: Pose
    color: Rgb
    line_px: float

    @classmethod
    def of(cls, pose: Pose, place: int, canvas: Image) -> _Person:
        limit = _image_line_px(canvas)
        line_px = min(limit, max(MIN_RATIO * limit, max(pose.roi.wh) / ROI_PX_PER_LINE_PX))
        color = person_color(place if pose.id is None else pose.id)
        return cls(pose, color, max(MIN_LINE_PX, line_px))

    @property
    def edge_px(self) -> float:
        """Width of the dark edge, which keeps the colour legible on any image."""
        return max(0.7, 0.3 * self.line_px)


def _draw_labels(
    canvas: Image, people: list[_Person], notes: tuple[str, ...], style: Style
) -> None:
    """Paint a label for each person who has an ID and score to show, a note, or both."""
    labels = []
    for place, person in enumerate(people):
        note = notes[place] if place < len(notes) else ""
        pose = person.pose
        name = "" if pose.id is None else f"#{pose.id} "
        score = f"{name}{pose.score:.2f}" if style.score else ""
        text = "  ".join(filter(None, (score, note)))
        if text:
            label = Label.of(pose, text, person.color, person.line_px, canvas)
            labels += [] if label is None else [label]
    paint_labels(canvas, labels)


def _image_line_px(canvas: Image) -> float:
    shorter: int = min(canvas.shape[:2])
    return max(MIN_LINE_PX, shorter / IMAGE_PX_PER_LINE_PX)


def _draw_regions(canvas: Image, person: _Person, style: Style) -> None:
    radius = person.line_px / 3
    box = person.pose.box_xyxy
    if style.roi:
        lines = _outline(person.pose.roi.corners, radius)
        lines[0, 4] = 3 * radius
        _paint(canvas, lines, person, ROI_OPACITY)
    if style.box and np.isfinite(box).all():
        lines = _outline(box[[[0, 1], [2, 1], [2, 3], [0, 3]]], 1.5 * radius)
        _paint(canvas, lines, person)


def _draw_body(canvas: Image, person: _Person, style: Style) -> None:
    visible = np.isfinite(person.pose.landmarks[:, :2]).all(axis=1)
    visible &= person.pose.visibility >= style.min_visibility
    if style.hidden:
        _draw_hidden(canvas, person, style, visible)
    lines, dots = _lines(person)[visible[_CONNECTIONS].all(axis=1)], _dots(person)
    lines = lines if style.skeleton else lines[:0]
    visible &= style.landmarks
    _paint(canvas, lines, person, under=dots[visible])
    dots[:, 4] += 0.8 * person.edge_px
    paint_lines(canvas, dots[visible], (*INK, 255))
    dots[:, 4] -= 0.8 * person.edge_px
    for side, color in COLOR_OF_SIDE.items():
        paint_lines(canvas, dots[visible & _IS_ON_SIDE[side]], (*color, 255))


def _draw_hidden(canvas: Image, person: _Person, style: Style, visible: NDArray[np.bool_]) -> None:
    """Paint hidden landmarks and their connections small, thin, dashed and translucent."""
    x, y = np.isfinite(person.pose.landmarks[:, :2]).T
    is_finite = x & y
    hidden = is_finite & ~visible
    edge = np.array([0, 0, 0, 0, 0.6 * person.edge_px])
    thin = np.array([1, 1, 1, 1, HIDDEN_RATIO])
    of_hidden = hidden[_CONNECTIONS].any(axis=1) & is_finite[_CONNECTIONS].all(axis=1)
    if style.skeleton and of_hidden.any():
        dashes = _dashes(_lines(person)[of_hidden] * thin, DASH * person.line_px)
        paint_lines(canvas, dashes + edge, (*INK, HIDDEN_EDGE_OPACITY))
        paint_lines(canvas, dashes, (*person.color, HIDDEN_OPACITY))
    if style.landmarks and hidden.any():
        dots = _dots(person) * thin
        paint_lines(canvas, dots[hidden] + edge, (*INK, HIDDEN_EDGE_OPACITY))
        for side, color in COLOR_OF_SIDE.items():
            paint_lines(canvas, dots[hidden & _IS_ON_SIDE[side]], (*color, HIDDEN_OPACITY))


def _lines(person: _Person) -> NDArray[np.float64]:
    """Return a line for each connection."""
    lines = np.empty((len(_CONNECTIONS), 5))
    lines[:, :4] = person.pose.landmarks[_CONNECTIONS, :2].reshape(-1, 4)
    lines[:, 4] = _LINE_RADII * person.line_px
    return lines


def _dots(person: _Person) -> NDArray[np.float64]:
    """Return a disc for each landmark."""
    points = person.pose.landmarks[:, :2]
    return np.column_stack([points, points, _DOT_RADII * person.line_px])


def _dashes(lines: NDArray[np.float64], dash_px: float) -> NDArray[np.float64]:
    """Return the dashes of `lines`: about `dash_px` long, with gaps as long between them."""
    ways = lines[:, 2:4] - lines[:, :2]
    counts = np.clip(np.hypot(*ways.T) / (2 * dash_px), 1, MAX_DASHES).astype(int)
    row = np.repeat(np.arange(len(lines)), counts)
    number = np.arange(len(row)) - (np.cumsum(counts) - counts)[row]
    steps = ways[row] / (2 * counts[row] - 1)[:, None]
    dashes = lines[row]
    dashes[:, :2] += steps * (2 * number)[:, None]
    dashes[:, 2:4] = dashes[:, :2] + steps
    return dashes


def _paint(
    canvas: Image,
    lines: NDArray[np.float64],
    person: _Person,
    opacity: int = 255,
    under: NDArray[np.float64] | None = None,
) -> None:
    """Paint lines in the person's colour with a dark edge, which also goes around `under`."""
    edge = lines if under is None else np.concatenate([lines, under])
    edge = edge + np.array([0, 0, 0, 0, person.edge_px])
    paint_lines(canvas, edge, (*INK, EDGE_OPACITY))
    paint_lines(canvas, lines, (*person.color, opacity))


def _outline(corners: NDArray[np.floating], radius: float) -> NDArray[np.float64]:
    """Return the lines around the polygon with the (n, 2) `corners`, image px."""
    lines = np.full((len(corners), 5), radius)
    lines[:, :2], lines[:, 2:4] = corners, np.roll(corners, -1, axis=0)
    return lines


# Widths of lines and dots, relative to the line width of the person. Hands and faces have many
# landmarks close to each other.
_IS_SMALL = np.array([not 11 <= i <= 16 and not 23 <= i <= 28 for i in range(len(BLAZEPOSE))])
_CONNECTIONS = np.array(BLAZEPOSE.connections)
_LINE_RADII = np.where(_IS_SMALL[_CONNECTIONS].any(axis=1), 0.35, 0.5)
_DOT_RADII = np.where(_IS_SMALL, 0.6, 0.95)
_IS_ON_SIDE = {side: np.array([s == side for s in BLAZEPOSE.sides]) for side in COLOR_OF_SIDE}
