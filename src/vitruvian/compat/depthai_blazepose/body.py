"""Body: one pose with the names, units and types of depthai_blazepose."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.core.depth import MeasuredPosition
    from vitruvian.core.pose import Pose
    from vitruvian.core.roi import Roi

__all__ = ["KEYPOINT_DICT", "RECT_SCALE", "Body", "Square", "body_of", "rotated_rect_to_points"]

KEYPOINT_DICT = {name: i for i, name in enumerate(BLAZEPOSE.names)}
RECT_SCALE = 1.25  # MediaPipe, pose_detection_to_roi.pbtxt: enlarges the alignment square
DEPTH_SCALE = 4  # depthai_blazepose's landmark z is a quarter of MediaPipe's


@dataclass(frozen=True, slots=True)
class Square:
    """The square that depthai_blazepose processes, and the frame it returns; all in px.

    Attributes
    ----------
    img_w, img_h : int
        Size of the returned frame.
    frame_size : int
        Side of the square.
    crop_w, crop_h : int
        Pixels cropped from the left and right, and from the top and bottom of the input.
    pad_w, pad_h : int
        Padding at the left and right, and at the top and bottom of the square.

    Examples
    --------
    >>> Square.around(1280, 720)
    Square(img_w=1280, img_h=720, frame_size=1280, crop_w=0, crop_h=0, pad_w=0, pad_h=280)
    >>> Square.around(1280, 720, crop=True)
    Square(img_w=720, img_h=720, frame_size=720, crop_w=280, crop_h=0, pad_w=0, pad_h=0)
    """

    img_w: int
    img_h: int
    frame_size: int
    crop_w: int
    crop_h: int
    pad_w: int
    pad_h: int

    @classmethod
    def around(cls, width: int, height: int, *, crop: bool = False) -> Square:
        """Return the square padded around an input, or with `crop` the centre crop."""
        size = min(width, height) if crop else max(width, height)
        return cls(
            img_w=min(width, size),
            img_h=min(height, size),
            frame_size=size,
            crop_w=max((width - size) // 2, 0),
            crop_h=max((height - size) // 2, 0),
            pad_w=max((size - width) // 2, 0),
            pad_h=max((size - height) // 2, 0),
        )

    def cut(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the (img_h, img_w, 3) view of an input: the frame that is returned."""
        return image[self.crop_h :, self.crop_w :][: self.img_h, : self.img_w]

    def norm(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return (..., 2) px of the frame, normalized by the square."""
        return (points + np.array([self.pad_w, self.pad_h], np.float64)) / self.frame_size


class Body:
    """One pose in one frame.

    A body from `BlazeposeDepthai` has all attributes. A body created by a program has the three
    parameters and whatever the program sets.

    Attributes
    ----------
    pd_score : float or None
        Score of the detection; None if the detector did not run on this frame.
    pd_box : (4,) array or None
        x, y, width, height of the face box, normalized by the square.
    pd_kps : (4, 2) or (2, 2) array
        Keypoints of the detection, normalized by the square. Without a detection, the two alignment
        points from the landmarks of the last frame: mid-hips and a point on the circle around the
        body.
    rect_x_center, rect_y_center, rect_w, rect_h : float
        Bounding square of that circle, normalized by the square.
    rotation : float
        Rotation of that square and of the region of interest, rad, clockwise on screen; 0 for an
        upright person.
    rect_x_center_a, rect_y_center_a, rect_w_a, rect_h_a : float
        Region of interest of the landmark network, px of the square: 1.25 times as large.
    rect_points : list of [int, int]
        Its corners in px of the frame: bottom left, top left, top right, bottom right.
    lm_score : float
        Score of the landmark network, 0 to 1.
    norm_landmarks : (33, 3) array
        Landmarks, normalized by the region of interest.
    landmarks : (33, 3) int32 array
        Landmarks in px of the frame; z is a quarter of the scale of x.
    landmarks_world : (33, 3) array
        World landmarks in m, origin at the midpoint of the hips; x right, y down, z away from the
        camera.
    visibility, presence : (33,) array
        0 to 1.
    xyz : (3,) array or None
        Position of the reference point, measured by a depth camera, mm: x right, y up, z away from
        the camera. None if it was not measured.
    xyz_ref : str or None
        The reference point: "mid_hips" or "mid_shoulders"; None if it was not measured.
    xyz_zone : list of int or None
        Left, top, right and bottom, px of the frame, of the zone in which it was measured.
    xyz_ref_coords_pixel : (2,) array or None
        Middle of the zone, px of the frame.
    pose : Pose
        The same pose as Vitruvian's type, not rounded.
    """

    def __init__(
        self,
        pd_score: float | None = None,
        pd_box: NDArray[np.floating] | None = None,
        pd_kps: NDArray[np.floating] | None = None,
    ) -> None:
        self.pd_score = pd_score
        self.pd_box = pd_box
        self.pd_kps = pd_kps
        self.xyz: NDArray[np.floating] | None = None
        self.xyz_ref: str | None = None
        self.xyz_zone: list[int] | None = None
        self.xyz_ref_coords_pixel: NDArray[np.floating] | None = None

    rect_x_center: float
    rect_y_center: float
    rect_w: float
    rect_h: float
    rotation: float
    rect_x_center_a: float
    rect_y_center_a: float
    rect_w_a: float
    rect_h_a: float
    rect_points: list[list[int]]
    lm_score: float
    norm_landmarks: NDArray[np.floating]
    landmarks: NDArray[Any]
    landmarks_world: NDArray[np.floating]
    visibility: NDArray[np.floating]
    presence: NDArray[np.floating]
    pose: Pose

    @property
    def world_landmarks(self) -> NDArray[np.floating]:
        """The name of `landmarks_world` in depthai_blazepose's documentation."""
        return self.landmarks_world

    @world_landmarks.setter
    def world_landmarks(self, value: NDArray[np.floating]) -> None:
        self.landmarks_world = value

    def print(self) -> None:
        """Print every attribute and its value, except `pose`, which holds the same data."""
        for name, value in vars(self).items():
            if name != "pose":
                print(f"{name}: {value}")  # noqa: T201 - what the method is for


def body_of(pose: Pose, square: Square) -> Body:
    """Return a pose, in px of the returned frame, as a body."""
    body = _body_with_detection(pose, square)
    _set_rectangle(body, pose, square)
    xyz = pose.landmarks.astype(np.float64)
    body.lm_score = float(pose.score)
    body.norm_landmarks = _normalized_by_roi(xyz, pose.roi)
    xyz[:, 2] /= DEPTH_SCALE
    body.landmarks = np.rint(xyz).astype(np.int32)
    body.landmarks_world = pose.world.astype(np.float64)
    body.visibility = pose.visibility.astype(np.float64)
    body.presence = pose.presence.astype(np.float64)
    body.pose = pose
    _set_position(body, pose.measured)
    return body


def _set_position(body: Body, measured: MeasuredPosition | None) -> None:
    """Set what a depth camera measured."""
    if measured is None:
        return
    x, y, z = measured.surface_xyz_m or measured.xyz_m
    left, top, right, bottom = measured.zone_xyxy
    body.xyz = 1000 * np.array([x, -y, z])  # as depthai 2: y is up
    body.xyz_ref = measured.reference
    body.xyz_zone = [left, top, right, bottom]
    body.xyz_ref_coords_pixel = np.array([left + right, top + bottom]) / 2


def _body_with_detection(pose: Pose, square: Square) -> Body:
    """Return a body with detection score, box and keypoints."""
    detection = pose.detection
    if detection is None:
        (cx, cy), side, turn = pose.roi.center, pose.roi.wh[1], pose.roi.rotation
        reach = 0.5 * side / RECT_SCALE
        rim = (cx + reach * math.sin(turn), cy - reach * math.cos(turn))
        return Body(pd_kps=square.norm(np.array([(cx, cy), rim])))
    corners = square.norm(detection.box_xyxy.reshape(2, 2))
    box = np.concatenate([corners[0], corners[1] - corners[0]])
    return Body(float(detection.score), box, square.norm(detection.keypoints))


def _set_rectangle(body: Body, pose: Pose, square: Square) -> None:
    (cx, cy), (w, h), size = pose.roi.center, pose.roi.wh, square.frame_size
    body.rotation = pose.roi.rotation
    body.rect_x_center_a, body.rect_y_center_a = cx + square.pad_w, cy + square.pad_h
    body.rect_w_a, body.rect_h_a = w, h
    body.rect_x_center, body.rect_y_center = (
        body.rect_x_center_a / size,
        body.rect_y_center_a / size,
    )
    body.rect_w, body.rect_h = w / RECT_SCALE / size, h / RECT_SCALE / size
    body.rect_points = rotated_rect_to_points(cx, cy, w, h, pose.roi.rotation)


def _normalized_by_roi(xyz: NDArray[np.float64], roi: Roi) -> NDArray[np.float64]:
    """Return (33, 3) landmarks in px, normalized by the region of interest."""
    (cx, cy), (w, h) = roi.center, roi.wh
    cos, sin = math.cos(roi.rotation), math.sin(roi.rotation)
    to_region = np.array([[cos / w, -sin / h, 0], [sin / w, cos / h, 0], [0, 0, 1 / w]])
    norm: NDArray[np.float64] = (xyz - (cx, cy, 0)) @ to_region + (0.5, 0.5, 0)
    return norm


def rotated_rect_to_points(
    cx: float, cy: float, w: float, h: float, rotation: float
) -> list[list[int]]:
    """Return the corners of a rotated rectangle in px, clockwise from the bottom left.

    Examples
    --------
    >>> rotated_rect_to_points(100, 50, 20, 20, 0.0)
    [[90, 60], [90, 40], [110, 40], [110, 60]]
    """
    cos, sin = math.cos(rotation) / 2, math.sin(rotation) / 2
    ux, uy, vx, vy = w * cos, w * sin, -h * sin, h * cos  # half of the lower and the right side
    return [
        [round(cx + right * ux + down * vx), round(cy + right * uy + down * vy)]
        for right, down in ((-1, 1), (-1, -1), (1, -1), (1, 1))
    ]
