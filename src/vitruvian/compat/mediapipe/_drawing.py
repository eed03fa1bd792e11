"""MediaPipe's drawing functions, shared by `python.solutions` and `tasks.python.vision`.

The two APIs differ in how a landmark stores visibility and how a connection stores its ends; each
has its own ``drawing_utils`` for that. Colours are BGR, 8 bits per channel.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray  # noqa: TC002 - needed by get_type_hints

from vitruvian.compat.opencv import require_cv2
from vitruvian.errors import BackendUnavailableError

__all__ = [
    "BLACK_COLOR",
    "BLUE_COLOR",
    "CHANNELS",
    "GREEN_COLOR",
    "LANDMARKS",
    "LINES",
    "PLOTTED_LANDMARKS",
    "PLOTTED_LINES",
    "RED_COLOR",
    "WHITE_COLOR",
    "Color",
    "DrawingSpec",
    "Edge",
    "Pixel",
    "draw_axis",
    "draw_box",
    "draw_dots",
    "draw_keypoints",
    "draw_lines",
    "image_wh",
    "landmark_pixels",
    "normalize_color",
    "normalized_to_pixel_coordinates",
    "plot_skeleton",
]

Color: TypeAlias = tuple[int, int, int]
Pixel: TypeAlias = tuple[int, int]
Edge: TypeAlias = tuple[int, int, Any]
"""Start index, end index, and the key of the connection in a mapping of `DrawingSpec`."""

# MediaPipe, python/solutions/drawing_utils.py
WHITE_COLOR = (224, 224, 224)
BLACK_COLOR = (0, 0, 0)
RED_COLOR = (0, 0, 255)
GREEN_COLOR = (0, 128, 0)
BLUE_COLOR = (255, 0, 0)
CHANNELS = 3
_PURPOSE = "drawing landmarks"


@dataclass
class DrawingSpec:
    """Drawing style of a landmark or a connection. Mutable, because programs change its fields.

    Attributes
    ----------
    color : (int, int, int)
        In the order of the image's channels.
    thickness : int, px
        Width of lines and of circle outlines; a negative value fills the circle.
    circle_radius : int, px
    """

    color: Color = WHITE_COLOR
    thickness: int = 2
    circle_radius: int = 2


# Default arguments of the public drawing functions.
LANDMARKS = DrawingSpec(color=RED_COLOR)
LINES = DrawingSpec()
PLOTTED_LANDMARKS = DrawingSpec(color=RED_COLOR, thickness=5)
PLOTTED_LINES = DrawingSpec(color=BLACK_COLOR, thickness=5)


def normalized_to_pixel_coordinates(
    normalized_x: float, normalized_y: float, image_width: int, image_height: int
) -> Pixel | None:
    """Return the pixel of a normalized point; None for a point outside [0, 1]².

    A coordinate of 1 maps to the last pixel.

    Examples
    --------
    >>> normalized_to_pixel_coordinates(0.5, 1.0, 640, 480)
    (320, 479)
    """
    if not (_is_in_image(normalized_x) and _is_in_image(normalized_y)):
        return None
    x = min(math.floor(normalized_x * image_width), image_width - 1)
    y = min(math.floor(normalized_y * image_height), image_height - 1)
    return x, y


def _is_in_image(value: float) -> bool:
    return value >= 0 and (value < 1 or math.isclose(value, 1))


def normalize_color(color: Iterable[float]) -> tuple[float, ...]:
    """Return `color`, 0 to 255, scaled to 0 to 1."""
    return tuple(channel / 255.0 for channel in color)


def image_wh(image: NDArray[np.uint8]) -> tuple[int, int]:
    """Return width and height; ValueError if the image does not have three channels."""
    height, width = image.shape[:2]
    if image.shape[2] != CHANNELS:
        raise ValueError("Input image must contain three channel bgr data.")  # MediaPipe's message
    return width, height


def landmark_pixels(
    image: NDArray[np.uint8], landmarks: Iterable[Any], is_visible: Callable[[Any], bool]
) -> list[Pixel | None]:
    """Return the pixel of each landmark; None for a landmark not visible or outside the image."""
    wh = image_wh(image)
    return [
        normalized_to_pixel_coordinates(landmark.x, landmark.y, *wh)
        if is_visible(landmark)
        else None
        for landmark in landmarks
    ]


def draw_lines(
    image: NDArray[np.uint8],
    pixels: Sequence[Pixel | None],
    edges: Iterable[Edge],
    style: DrawingSpec | Mapping[Any, DrawingSpec] | None,
) -> None:
    """Draw each edge whose ends both have a pixel into `image`; nothing if `style` is None.

    Raises
    ------
    ValueError
        If a landmark index of an edge is out of range; the edges before it are drawn.
    KeyError
        If `style` is a mapping without a key for an edge.
    """
    cv2 = require_cv2(_PURPOSE)
    for start, end, key in edges:
        _check_ends(start, end, len(pixels))
        tail, head = pixels[start], pixels[end]
        if tail is None or head is None or style is None:
            continue
        spec = style[key] if isinstance(style, Mapping) else style
        cv2.line(image, tail, head, spec.color, spec.thickness)


def draw_dots(
    image: NDArray[np.uint8],
    pixels: Iterable[Pixel | None],
    style: DrawingSpec | Mapping[Any, DrawingSpec] | None,
) -> None:
    """Draw each landmark that has a pixel into `image`, with a white rim; nothing without `style`.

    KeyError if `style` is a mapping without a key for a drawn landmark.
    """
    cv2 = require_cv2(_PURPOSE)
    if not style:
        return
    for index, pixel in enumerate(pixels):
        if pixel is None:
            continue
        spec = style[index] if isinstance(style, Mapping) else style
        rim = max(spec.circle_radius + 1, int(spec.circle_radius * 1.2))
        cv2.circle(image, pixel, rim, WHITE_COLOR, spec.thickness)
        cv2.circle(image, pixel, spec.circle_radius, spec.color, spec.thickness)


def draw_keypoints(image: NDArray[np.uint8], keypoints: Iterable[Any], spec: DrawingSpec) -> None:
    """Draw the keypoints of a detection into `image`; one outside the image at pixel (0, 0)."""
    cv2 = require_cv2(_PURPOSE)
    wh = image_wh(image)
    for keypoint in keypoints:
        pixel: Any = normalized_to_pixel_coordinates(keypoint.x, keypoint.y, *wh)
        cv2.circle(image, pixel, spec.circle_radius, spec.color, spec.thickness)


def draw_box(image: NDArray[np.uint8], start: Any, end: Any, spec: DrawingSpec) -> None:
    """Draw a rectangle between two opposite corners, px, into `image`."""
    cv2 = require_cv2(_PURPOSE)
    cv2.rectangle(image, start, end, spec.color, spec.thickness)


def draw_axis(
    image: NDArray[np.uint8],
    rotation: NDArray[np.floating],
    translation: NDArray[np.floating],
    focal_length: tuple[float, float] = (1.0, 1.0),
    principal_point: tuple[float, float] = (0.0, 0.0),
    axis_length: float = 0.1,
    axis_drawing_spec: DrawingSpec = LINES,
) -> None:
    """Draw the axes of an object into `image`: x red, y green, z blue in a BGR image.

    Parameters
    ----------
    image : (H, W, 3) array
    rotation : (3, 3) array
        From object space to camera space; the camera looks along -z.
    translation : (3,) array
        Origin of the object in camera space.
    focal_length, principal_point : (float, float)
        In normalized device coordinates: -1 to 1 over the image, y up.
    axis_length : float
        In the unit of `translation`.
    axis_drawing_spec : DrawingSpec
        Only its thickness is used.

    Raises
    ------
    ValueError
        If the image does not have three channels.
    """
    cv2 = require_cv2(_PURPOSE)
    wh = image_wh(image)
    ends = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=np.float32)
    x, y, z = (np.matmul(rotation, axis_length * ends.T).T + translation).T
    depth = z + 1e-5  # MediaPipe, drawing_utils.py: avoids a division by zero at depth 0
    right = np.clip(-focal_length[0] * x / depth + principal_point[0], -1.0, 1.0)
    up = np.clip(-focal_length[1] * y / depth + principal_point[1], -1.0, 1.0)
    columns = ((1 + right) * 0.5 * wh[0]).astype(np.int32)
    rows = ((1 - up) * 0.5 * wh[1]).astype(np.int32)
    origin, *tips = [(int(column), int(row)) for column, row in zip(columns, rows, strict=True)]
    for tip, color in zip(tips, (RED_COLOR, GREEN_COLOR, BLUE_COLOR), strict=True):
        cv2.arrowedLine(image, origin, tip, color, axis_drawing_spec.thickness)


def plot_skeleton(
    landmarks: Iterable[Any],
    is_visible: Callable[[Any], bool],
    connections: Iterable[tuple[int, int]],
    dots: DrawingSpec,
    lines: DrawingSpec,
    view_deg: tuple[float, float],
) -> None:
    """Show the visible landmarks and their connections in a new 3D matplotlib figure.

    Parameters
    ----------
    landmarks : iterable
        x right, y down, z away from the camera; in the plot, z is up.
    is_visible : callable
        Whether a landmark is shown.
    connections : iterable of (int, int)
        Pairs of landmark indices, drawn as lines.
    dots, lines : DrawingSpec
        Colour and thickness of the landmarks and of the lines.
    view_deg : (float, float)
        Elevation and azimuth of the viewpoint.

    Raises
    ------
    ValueError
        If a landmark index of a connection is out of range.
    BackendUnavailableError
        If matplotlib is not installed.
    """
    plt = _pyplot()
    plt.figure(figsize=(10, 10))
    axes = plt.axes(projection="3d")
    axes.view_init(elev=view_deg[0], azim=view_deg[1])
    points: list[tuple[float, float, float] | None] = []
    for landmark in landmarks:
        if not is_visible(landmark):
            points.append(None)
            continue
        x, y, z = point = -landmark.z, landmark.x, -landmark.y
        color = normalize_color(dots.color[::-1])
        axes.scatter3D(xs=[x], ys=[y], zs=[z], color=color, linewidth=dots.thickness)
        points.append(point)
    for start, end in connections:
        _check_ends(start, end, len(points))
        tail, head = points[start], points[end]
        if tail is not None and head is not None:
            xs, ys, zs = zip(tail, head, strict=True)
            color = normalize_color(lines.color[::-1])
            axes.plot3D(xs=xs, ys=ys, zs=zs, color=color, linewidth=lines.thickness)
    plt.show()


def _check_ends(start: int, end: int, count: int) -> None:
    if not (0 <= start < count and 0 <= end < count):
        raise ValueError(  # MediaPipe's message
            f"Landmark index is out of range. Invalid connection from landmark #{start} "
            f"to landmark #{end}."
        )


def _pyplot() -> Any:
    try:
        return import_module("matplotlib.pyplot")
    except ModuleNotFoundError as err:
        raise BackendUnavailableError(
            "plot_landmarks needs matplotlib, which is not installed: pip install matplotlib",
            name="matplotlib",
        ) from err
