"""``mp.solutions.drawing_utils`` of MediaPipe 0.10.21, which draws protobuf messages."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping  # noqa: TC003 - for get_type_hints
from typing import TYPE_CHECKING, Any

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
    image_wh,
    landmark_pixels,
    normalize_color,
    normalized_to_pixel_coordinates,
    plot_skeleton,
)
from vitruvian.compat.mediapipe.framework.formats import (
    detection_pb2,
    landmark_pb2,
    location_data_pb2,
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
_PRESENCE_THRESHOLD = 0.5
_VISIBILITY_THRESHOLD = 0.5
_normalize_color = normalize_color
_normalized_to_pixel_coordinates = normalized_to_pixel_coordinates


def draw_landmarks(
    image: NDArray[np.uint8],
    landmark_list: landmark_pb2.NormalizedLandmarkList | None,
    connections: Collection[tuple[int, int]] | None = None,
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
    landmark_list : NormalizedLandmarkList or None
        Nothing is drawn for None.
    connections : collection of (int, int), optional
        Pairs of landmark indices, drawn as lines.
    landmark_drawing_spec : DrawingSpec, or mapping of landmark to DrawingSpec, or None
        No landmarks are drawn for None.
    connection_drawing_spec : DrawingSpec, or mapping of connection to DrawingSpec, or None
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
    pixels = landmark_pixels(image, landmark_list.landmark, _is_visible)
    draw_lines(image, pixels, _edges(connections), connection_drawing_spec)
    if is_drawing_landmarks:
        draw_dots(image, pixels, landmark_drawing_spec)


def draw_detection(
    image: NDArray[np.uint8],
    detection: detection_pb2.Detection,
    keypoint_drawing_spec: DrawingSpec = LANDMARKS,
    bbox_drawing_spec: DrawingSpec = LINES,
) -> None:
    """Draw the keypoints and the bounding box, if there is one, of a detection into `image`.

    Points outside the image are drawn at pixel (0, 0), as in MediaPipe.

    Raises
    ------
    ValueError
        If the image does not have three channels, or the detection is not in relative coordinates.
    """
    wh = image_wh(image)
    location = detection.location_data
    if location.format != location_data_pb2.LocationData.RELATIVE_BOUNDING_BOX:
        raise ValueError(  # MediaPipe's message, with its spelling
            "LocationData must be relative for this drawing funtion to work."
        )
    draw_keypoints(image, location.relative_keypoints, keypoint_drawing_spec)
    if location.HasField("relative_bounding_box"):
        box = location.relative_bounding_box
        start: Any = normalized_to_pixel_coordinates(box.xmin, box.ymin, *wh)
        end: Any = normalized_to_pixel_coordinates(box.xmin + box.width, box.ymin + box.height, *wh)
        draw_box(image, start, end, bbox_drawing_spec)


def plot_landmarks(
    landmark_list: landmark_pb2.LandmarkList | landmark_pb2.NormalizedLandmarkList | None,
    connections: Collection[tuple[int, int]] | None = None,
    landmark_drawing_spec: DrawingSpec = PLOTTED_LANDMARKS,
    connection_drawing_spec: DrawingSpec = PLOTTED_LINES,
    elevation: int = 10,
    azimuth: int = 10,
) -> None:
    """Show a 3D plot of a pose with matplotlib, viewed from `elevation` and `azimuth` in degrees.

    Nothing is shown for None. Landmarks with visibility or presence below 0.5 are not shown.

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
        landmark_list.landmark,
        _is_visible,
        connections or (),
        landmark_drawing_spec,
        connection_drawing_spec,
        (elevation, azimuth),
    )


def _is_visible(landmark: landmark_pb2.NormalizedLandmark) -> bool:
    """Return whether visibility and presence, if set, reach their thresholds."""
    if landmark.HasField("visibility") and landmark.visibility < _VISIBILITY_THRESHOLD:
        return False
    return not (landmark.HasField("presence") and landmark.presence < _PRESENCE_THRESHOLD)


def _edges(connections: Collection[tuple[int, int]] | None) -> Iterator[Edge]:
    return ((edge[0], edge[1], edge) for edge in connections or ())
