"""Body: one pose in the names, units and types of depthai_blazepose."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.core.pose import Pose
    from vitruvian.core.roi import Roi

__all__ = ["KEYPOINT_DICT", "RECT_SCALE", "Body", "Square", "body_of", "rotated_rect_to_points"]

KEYPOINT_DICT = {name: i for i, name in enumerate(BLAZEPOSE.names)}
RECT_SCALE = 1.25  # MediaPipe, pose_detection_to_roi.pbtxt: the region beyond the body's circle
DEPTH_SCALE = 4  # that project's z of a landmark is a quarter of MediaPipe's


@dataclass(frozen=True, slots=True)
class Square:
    """The square that depthai_blazepose searches, and the picture it gives back; all in px.

    Attributes
    ----------
    img_w, img_h : int
        Size of the picture that is given back.
    frame_size : int
        Side of the square.
    crop_w, crop_h : int
        What is cut off the input at the left and right, and at the top and bottom.
    pad_w, pad_h : int
        Bar between the square's left and the picture's, and at the top.

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
        """Return the square around an input, or with `crop` the one in its middle."""
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
        """Return the (img_h, img_w, 3) view of an input that is given back."""
        return image[self.crop_h :, self.crop_w :][: self.img_h, : self.img_w]

    def norm(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return (..., 2) picture px in parts of the square."""
        return (points + np.array([self.pad_w, self.pad_h], np.float64)) / self.frame_size


class Body:
    """One person in one frame.

    What `BlazeposeDepthai` returns has all attributes. One that a program makes has the three
    parameters, and what that sets.

    Attributes
    ----------
    pd_score : float or None
        Score of the detection, where the detector ran on this frame.
    pd_box : (4,) array or None
        x, y, width, height of the face in parts of the square.
    pd_kps : (4, 2) or (2, 2) array
        Keypoints of the detection in parts of the square; without one, the two that the last
        frame's landmarks gave: the middle of the hips and a point on the circle around the body.
    rect_x_center, rect_y_center, rect_w, rect_h : float
        Square around the circle, in parts of the frame's square.
    rotation : float
        Of that square and the region, rad, clockwise on screen; 0 where the person is upright.
    rect_x_center_a, rect_y_center_a, rect_w_a, rect_h_a : float
        Region that the landmark network looked at, px of the square: 1.25 times as large.
    rect_points : list of [int, int]
        Its corners in px of the picture: bottom left, top left, top right, bottom right.
    lm_score : float
        How sure the landmark network is, 0 to 1.
    norm_landmarks : (33, 3) array
        Landmarks in parts of the region.
    landmarks : (33, 3) int32 array
        Landmarks in px of the picture; z is a quarter of the scale of x.
    landmarks_world : (33, 3) array
        Landmarks in m from the middle of the hips; x right, y down, z away from the camera.
    visibility, presence : (33,) array
        0 to 1.
    xyz, xyz_ref, xyz_zone, xyz_ref_coords_pixel : None
        What a depth camera would have measured.
    pose : Pose
        The same person in this package's own form, unrounded.
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
        """The name that the documentation there has for `landmarks_world`."""
        return self.landmarks_world

    @world_landmarks.setter
    def world_landmarks(self, value: NDArray[np.floating]) -> None:
        self.landmarks_world = value

    def print(self) -> None:
        """Print every attribute and its value; not `pose`, which says the same again."""
        for name, value in vars(self).items():
            if name != "pose":
                print(f"{name}: {value}")  # noqa: T201 - what the method is for


def body_of(pose: Pose, square: Square) -> Body:
    """Return a pose, whose px are those of the square's picture, as a body."""
    body = _detected(pose, square)
    _set_rectangle(body, pose, square)
    xyz = pose.landmarks.astype(np.float64)
    body.lm_score = float(pose.score)
    body.norm_landmarks = _in_region(xyz, pose.roi)
    xyz[:, 2] /= DEPTH_SCALE
    body.landmarks = np.rint(xyz).astype(np.int32)
    body.landmarks_world = pose.world.astype(np.float64)
    body.visibility = pose.visibility.astype(np.float64)
    body.presence = pose.presence.astype(np.float64)
    body.pose = pose
    return body


def _detected(pose: Pose, square: Square) -> Body:
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


def _in_region(xyz: NDArray[np.float64], roi: Roi) -> NDArray[np.float64]:
    """Return (33, 3) landmarks in px as parts of the region."""
    (cx, cy), (w, h) = roi.center, roi.wh
    cos, sin = math.cos(roi.rotation), math.sin(roi.rotation)
    to_region = np.array([[cos / w, -sin / h, 0], [sin / w, cos / h, 0], [0, 0, 1 / w]])
    norm: NDArray[np.float64] = (xyz - (cx, cy, 0)) @ to_region + (0.5, 0.5, 0)
    return norm


def rotated_rect_to_points(
    cx: float, cy: float, w: float, h: float, rotation: float
) -> list[list[int]]:
    """Return the corners of a turned rectangle, px: bottom left, top left, top right, bottom right.

    Examples
    --------
    >>> rotated_rect_to_points(100, 50, 20, 20, 0.0)
    [[90, 60], [90, 40], [110, 40], [110, 60]]
    """
    cos, sin = math.cos(rotation) / 2, math.sin(rotation) / 2
    ux, uy, vx, vy = w * cos, w * sin, -h * sin, h * cos  # half of its lower and its right side
    return [
        [round(cx + right * ux + down * vx), round(cy + right * uy + down * vy)]
        for right, down in ((-1, 1), (-1, -1), (1, -1), (1, 1))
    ]
