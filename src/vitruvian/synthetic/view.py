"""View: a rendered image with its ground truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core._arrays import frozen_floats
from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.synthetic.body import Body
    from vitruvian.synthetic.camera import Camera

__all__ = ["PersonTruth", "View", "truth_of_body"]

# Maximum depth of a visible landmark below the nearest surface, in body heights of a slim person;
# limbs of a larger girth are thicker by that factor.
_MAX_DEPTHS = {
    "shoulder": 0.06,
    "hip": 0.085,
    "knee": 0.05,
    "elbow": 0.04,
    "ankle": 0.075,
    "ear": 0.045,
}
_MAX_DEPTH = 0.032  # all other landmarks


@dataclass(frozen=True, slots=True, eq=False)
class PersonTruth:
    """Ground truth of one person in a view. Rows are the landmarks of `BLAZEPOSE`.

    Attributes
    ----------
    landmarks : (33, 3) float32 array, image px
        x, y, and z in the scale of x: 0 at mid-hips, smaller is closer to the camera. NaN behind
        the camera.
    visibility : (33,) float32 array
        1 if the landmark is in the image and not occluded, else 0.
    world : (33, 3) float32 array, m
        Origin at mid-hips, camera axes: x right, y down, z away.
    camera : (33, 3) float32 array, m
        Origin at the camera, same axes.
    scene : (33, 3) float32 array, m
        Scene axes.
    mask : (H, W) bool array
        Pixels that show the person.
    outline : (H, W) bool array
        Pixels that would show the person without occlusion.
    """

    landmarks: NDArray[np.float32]
    visibility: NDArray[np.float32]
    world: NDArray[np.float32]
    camera: NDArray[np.float32]
    scene: NDArray[np.float32]
    mask: NDArray[np.bool_]
    outline: NDArray[np.bool_]

    @property
    def box_xyxy(self) -> NDArray[np.float32]:
        """(4,) array, image px: the box of the landmarks, not clipped to the image.

        NaN if a landmark is behind the camera.
        """
        points = self.landmarks[:, :2]
        return np.concatenate([points.min(axis=0), points.max(axis=0)])

    @property
    def visible_fraction(self) -> float:
        """Share of the person that is visible, 0 to 1; 0 if a landmark is behind the camera.

        It is the share of the outline that is not occluded, times the share of the box that is
        inside the image.
        """
        box = self.box_xyxy.astype(np.float64)
        if not self.outline.any() or np.isnan(box).any():
            return 0.0
        h, w = self.mask.shape
        low, high = box[:2], box[2:]
        inside = np.clip(high, -0.5, (w - 0.5, h - 0.5)) - np.clip(low, -0.5, (w - 0.5, h - 0.5))
        in_image = float(np.prod(inside) / np.prod(high - low))
        return in_image * float(self.mask.sum() / self.outline.sum())


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A rendered image with its ground truth.

    Attributes
    ----------
    image : (H, W, 3) uint8 array
        RGB pixels.
    depth_m : (H, W) float32 array
        Depth of each pixel along the axis of the camera; NaN if there is no surface.
    ids : (H, W) int32 array
        Index in `people` of the person at each pixel; -1 for none.
    people : tuple of PersonTruth
        In the order of the scene, including people out of view.
    camera : Camera
        The camera.
    time_s : float
        Time in the scene.
    """

    image: NDArray[np.uint8]
    depth_m: NDArray[np.float32]
    ids: NDArray[np.int32]
    people: tuple[PersonTruth, ...]
    camera: Camera
    time_s: float

    def __post_init__(self) -> None:
        for array in (self.image, self.depth_m, self.ids):
            array.flags.writeable = False


def truth_of_body(
    camera: Camera,
    body: Body,
    depth_m: NDArray[np.floating],
    mask: NDArray[np.bool_],
    outline: NDArray[np.bool_],
) -> PersonTruth:
    """Return the ground truth of `body` in a view with this depth.

    The body covers `mask`; without occlusion it would cover `outline`.
    """
    h, w = depth_m.shape
    hips = np.mean(body.pair("hip"), axis=0)
    points = camera.camera_from_scene(body.landmarks)
    middle = camera.camera_from_scene(hips)
    landmarks = camera.image_from_scene(body.landmarks, (w, h))
    thickness_m = body.figure.height_m * max(1.0, body.figure.girth)
    visibility = _visibility(landmarks, depth_m, thickness_m)
    scale = camera.focal_px((w, h)) / middle[2] if middle[2] > 1e-6 else np.nan
    landmarks[:, 2] = (points[:, 2] - middle[2]) * scale
    mask.flags.writeable = outline.flags.writeable = False
    return PersonTruth(
        landmarks=frozen_floats(landmarks, (-1, 3), "landmarks"),
        visibility=frozen_floats(visibility, (-1,), "visibility"),
        world=frozen_floats(points - middle, (-1, 3), "world"),
        camera=frozen_floats(points, (-1, 3), "camera"),
        scene=frozen_floats(body.landmarks, (-1, 3), "scene"),
        mask=mask,
        outline=outline,
    )


def _visibility(
    landmarks: NDArray[np.float64], depth: NDArray[np.floating], thickness_m: float
) -> NDArray[np.floating]:
    """Return 1 for each landmark that is not occluded, else 0; `_MAX_DEPTHS` × `thickness_m`."""
    h, w = depth.shape
    with np.errstate(invalid="ignore"):
        column, row = np.rint(landmarks[:, 0]), np.rint(landmarks[:, 1])
        inside = (column >= 0) & (column < w) & (row >= 0) & (row < h)
    visible = np.zeros(len(landmarks), np.float32)
    below = np.array([
        next((d for part, d in _MAX_DEPTHS.items() if part in name), _MAX_DEPTH)
        for name in BLAZEPOSE.names
    ])  # fmt: skip
    where = np.flatnonzero(inside)
    surface = depth[row[where].astype(int), column[where].astype(int)]
    hidden = surface < landmarks[where, 2] - below[where] * thickness_m
    visible[where] = ~hidden
    return visible
