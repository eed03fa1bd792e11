"""``mp.tasks.vision.drawing_utils`` of MediaPipe 1.2.2, which draws the Tasks' containers."""

from __future__ import annotations

from collections.abc import (  # needed by get_type_hints
    Collection,  # noqa: TC003
    Iterator,  # noqa: TC003
    Mapping,  # noqa: TC003
    Sequence,  # noqa: TC003
)
from typing import TYPE_CHECKING

import numpy as np  # noqa: TC002
from numpy.typing import NDArray  # noqa: TC002

from vitruvian.compat.mediapipe._drawing import (
    BLACK_COLOR,
    BLUE_COLOR,
    CHANNELS,
    GREEN_COLOR,
    LANDMARKS,
    LINES,
    PLOTTED_LANDMARKS,
    PLOTTED_LINES,
    RED_COLOR,
    WHITE_COLOR,
    DrawingSpec,
    draw_axis,
    draw_box,
    draw_dots,
    draw_keypoints,
    draw_lines,
    landmark_pixels,
    normalize_color,
    normalized_to_pixel_coordinates,
    plot_skeleton,
)
from vitruvian.compat.mediapipe.tasks.python.components.containers.detections import (
    Detection,  # noqa: TC001
)
from vitruvian.compat.mediapipe.tasks.python.components.containers.landmark import (
    Landmark,  # noqa: TC001
    NormalizedLandmark,  # noqa: TC001
)
from vitruvian.compat.mediapipe.tasks.python.vision.pose_landmarker import (
    PoseLandmarksConnections,
)

if TYPE_CHECKING:
    from vitruvian.compat.mediapipe._drawing import Edge

__all__ = [
    "BLACK_COLOR",
    "BLUE_COLOR",
    "GREEN_COLOR",
    "RED_COLOR",
    "WHITE_COLOR",
    "DrawingSpec",
    "draw_axis",
    "draw_detection",
    "draw_landmarks",
    "plot_landmarks",
]

# Private names of MediaPipe that programs read or set.
_BGR_CHANNELS = CHANNELS
_CONNECTION = PoseLandmarksConnections.Connection
_PRESENCE_THRESHOLD = 0.5
_VISIBILITY_THRESHOLD = 0.5
_normalize_color = normalize_color
_normalized_to_pixel_coordinates = normalized_to_pixel_coordinates


def draw_landmarks(
    image: NDArray[np.uint8],
    landmark_list: Sequence[NormalizedLandmark] | None,
    connections: Collection[_CONNECTION] | None = None,
    landmark_drawing_spec: DrawingSpec | Mapping[int, DrawingSpec] | None = LANDMARKS,
    connection_drawing_spec: DrawingSpec | Mapping[tuple[int, int], DrawingSpec] | None = LINES,
    is_drawing_landmarks: bool = True,
) -> None:
    """Draw a pose into `image`: lines first, then the landmarks with a white rim.

    A landmark outside the image, or with visibility or presence below 0.5, is not drawn.

    Parameters
    ----------
    image : (H, W, 3) array
        Changed in place; colours are in the order of its channels.
    landmark_list : sequence of NormalizedLandmark, or None
        Nothing is drawn for an empty sequence or None.
    connections : collection of Connection, optional
        Landmark indices ``start`` and ``end``, drawn as lines.
    landmark_drawing_spec : DrawingSpec, or mapping of landmark to DrawingSpec, or None
        No landmarks are drawn for None.
    connection_drawing_spec : DrawingSpec, or mapping of (start, end) to DrawingSpec, or None
        No lines are drawn for None.
    is_drawing_landmarks : bool
        False draws only the lines.

    Raises
    ------
    ValueError
        If the image does not have three channels, or a landmark index of a connection is out of
        range.
    KeyError
        If a mapping has no key for a drawn landmark or connection.
    """
    if not landmark_list:
        return
    pixels = landmark_pixels(image, landmark_list, _is_visible)
    draw_lines(image, pixels, _edges(connections), connection_drawing_spec)
    if is_drawing_landmarks:
        draw_dots(image, pixels, landmark_drawing_spec)


def draw_detection(
    image: NDArray[np.uint8],
    detection: Detection,
    keypoint_drawing_spec: DrawingSpec = LANDMARKS,
    bbox_drawing_spec: DrawingSpec = LINES,
) -> None:
    """Draw the keypoints, if there are any, and the bounding box of a detection into `image`.

    A keypoint outside the image is drawn at pixel (0, 0), as in MediaPipe.

    Raises
    ------
    ValueError
        If the image does not have three channels.
    """
    draw_keypoints(image, detection.keypoints or (), keypoint_drawing_spec)
    box = detection.bounding_box
    start = box.origin_x, box.origin_y
    end = box.origin_x + box.width, box.origin_y + box.height
    draw_box(image, start, end, bbox_drawing_spec)


def plot_landmarks(
    landmark_list: Sequence[Landmark] | Sequence[NormalizedLandmark] | None,
    connections: Collection[tuple[int, int]] | None = None,
    landmark_drawing_spec: DrawingSpec = PLOTTED_LANDMARKS,
    connection_drawing_spec: DrawingSpec = PLOTTED_LINES,
    elevation: int = 10,
    azimuth: int = 10,
) -> None:
    """Show a 3D plot of a pose with matplotlib, viewed from `elevation` and `azimuth` in degrees.

    Nothing is shown for an empty list or None. Landmarks with visibility or presence below 0.5
    are not shown. Unlike in `draw_landmarks`, connections are pairs of landmark indices.

    Raises
    ------
    ValueError
        If a landmark index of a connection is out of range.
    BackendUnavailableError
        If matplotlib is not installed; also an ImportError.
    """
    if not landmark_list:
        return
    plot_skeleton(
        landmark_list,
        _is_visible,
        connections or (),
        landmark_drawing_spec,
        connection_drawing_spec,
        (elevation, azimuth),
    )


def _is_visible(landmark: NormalizedLandmark) -> bool:
    """Return whether visibility and presence, if not None, reach their thresholds."""
    if landmark.visibility is not None and landmark.visibility < _VISIBILITY_THRESHOLD:
        return False
    return not (landmark.presence is not None and landmark.presence < _PRESENCE_THRESHOLD)


def _edges(connections: Collection[_CONNECTION] | None) -> Iterator[Edge]:
    ends = ((edge.start, edge.end) for edge in connections or ())
    return ((start, end, (start, end)) for start, end in ends)
