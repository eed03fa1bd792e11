"""PoseLandmarker: the 33 landmarks of the people in regions of the image."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from vitruvian import native
from vitruvian.core._arrays import read_only
from vitruvian.engine.segmentation import image_mask, sigmoid
from vitruvian.engine.warp import crop_image

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from numpy.typing import NDArray

    from vitruvian.backends import Session
    from vitruvian.core.roi import Roi
    from vitruvian.engine.timing import StageTimer

__all__ = [
    "LANDMARKER_OUTPUTS",
    "LANDMARKER_RANGE",
    "LANDMARKER_SIDE",
    "MASK_OUTPUT",
    "PoseLandmarker",
    "RawPose",
    "decode_landmarks",
    "decode_pose",
    "refine_points",
]

# MediaPipe, modules/pose_landmark/tensors_to_pose_landmarks_and_segmentation.pbtxt
LANDMARKER_SIDE = 256
LANDMARKER_RANGE = (0.0, 1.0)
LANDMARKER_OUTPUTS = ((195,), (1,), (64, 64, 39), (117,))
MASK_OUTPUT = (256, 256, 1)
BODY = 33  # landmarks of the body; two auxiliary ones follow, and four unused ones
USED = 35
# min_confidence_to_refine is 0.5. The float32 sigmoid reaches it for any logit above this one; the
# rounding of `exp`, which differs between computers, does not decide.
MIN_LOGIT = np.float32(-1.5 * 2**-23)
NORM_FROM_CROP = np.float32(1 / LANDMARKER_SIDE)


@dataclass(frozen=True, slots=True, eq=False)
class RawPose:
    """The output of the landmark network for one region, before any smoothing.

    Attributes
    ----------
    landmarks : (33, 3) float32 array, image px
    auxiliary : (2, 3) float32 array, image px
        Middle of the hips, and the point on the circle around the body: they give the next region.
    visibility, presence : (33,) float32 arrays
    world : (33, 3) float32 array, m
    score : float
    mask : (H, W) float32 array or None
    spread_px : (33,) float32 array, image px, or None
        Uncertainty of each landmark; see `project_spread`.
    """

    landmarks: NDArray[np.float32]
    auxiliary: NDArray[np.float32]
    visibility: NDArray[np.float32]
    presence: NDArray[np.float32]
    world: NDArray[np.float32]
    score: float
    mask: NDArray[np.float32] | None
    spread_px: NDArray[np.float32] | None = None


def refine_points(
    points: NDArray[np.float32], heatmap: NDArray[np.float32], kernel: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return `points` moved to the centre of the heat around them, and how the heat spreads.

    A point moves where the heat in the window around it reaches 0.5.

    Parameters
    ----------
    points : (N, 2) float32 array
        x, y in parts of the crop.
    heatmap : (rows, columns, N or more) float32 array, contiguous
        Logits, one layer for each point; further layers are ignored.
    kernel : int
        Side of the window, cells.

    Returns
    -------
    refined : (N, 2) float32 array
        x, y in parts of the crop.
    moments : (N, 2) float32 array
        Along x and along y, in parts of the crop squared: the mean square distance of the heat in
        the window from the returned point, for points that did not move, too. Their heat is low
        and even, so it is large: a window of 7 cells of even heat has ``(2 / 64) ** 2``. NaN for a
        point outside the crop.

    Notes
    -----
    Source: MediaPipe, ``refine_landmarks_from_heatmap_calculator.cc``. A cell stands for its index,
    not for its middle. The moments are ours.
    """
    rows, columns, layers = heatmap.shape
    size = np.array([columns, rows], np.float32)
    cells = (points * size).astype(np.int32)  # towards zero
    windows = cells[:, :, None] + np.arange(-(kernel // 2), kernel // 2 + 1, dtype=np.int32)
    limits = np.array([[columns - 1], [rows - 1]], np.int32)
    within = np.minimum(np.maximum(windows, 0), limits)
    valid = windows == within
    flat = within * np.array([[layers], [columns * layers]], np.int32)
    flat[:, 0] += np.arange(len(points), dtype=np.int32)[:, None]
    logits = heatmap.reshape(-1).take(flat[:, 1, :, None] + flat[:, 0, None, :])
    heat = sigmoid(logits) * (valid[:, 1, :, None] & valid[:, 0, None, :])
    middle = kernel // 2
    hot = valid[:, :, middle].all(axis=1) & (logits.max(axis=(1, 2)) > MIN_LOGIT)
    profiles = np.stack([heat.sum(axis=1), heat.sum(axis=2)], axis=1)
    total = profiles[:, 0].sum(axis=1, keepdims=True)
    moments = (profiles * windows.astype(np.float32)).sum(axis=2)
    refined = moments / size / np.where(hot[:, None], total, np.float32(1))
    result: NDArray[np.float32] = np.where(hot[:, None], refined, points)
    about = result * size - cells.astype(np.float32)
    return result, _moments(profiles, total, about) / (size * size)


def _moments(
    profiles: NDArray[np.float32], total: NDArray[np.float32], about: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the mean square distance of heat along x and y (N, 2) from a point, squared cells.

    Parameters
    ----------
    profiles : (N, 2, kernel) float32 array
        Heat of the columns and of the rows of the window.
    total : (N, 1) float32 array
        Heat of the window.
    about : (N, 2) float32 array
        The point, in cells from the middle of the window.
    """
    reach = profiles.shape[2] // 2
    steps = np.arange(-reach, reach + 1, dtype=np.float32)
    offsets = steps - about[:, :, None]
    heat = np.where(total > 0, total, np.float32(np.nan))
    moments: NDArray[np.float32] = (profiles * (offsets * offsets)).sum(axis=2) / heat
    return moments


def project_points(
    norm: NDArray[np.float32], roi: Roi, image_wh: tuple[int, int]
) -> NDArray[np.float32]:
    """Return (N, 3) points in parts of the crop as image px; z in the scale of x.

    Source: MediaPipe, ``landmark_projection_calculator.cc``.
    """
    wh = np.array(image_wh, np.float32)
    center = np.divide(roi.center, image_wh).astype(np.float32)
    size = np.divide(roi.wh, image_wh).astype(np.float32)
    points = np.empty_like(norm)
    turned = (norm[:, :2] - np.float32(0.5)) @ _turn(roi.rotation)
    points[:, :2] = (turned * size + center) * wh
    points[:, 2] = norm[:, 2] * size[0] * wh[0]
    return points


def project_spread(moments: NDArray[np.float32], roi: Roi) -> NDArray[np.float32]:
    """Return (N,) image px: the root mean square distance of the heat from each point.

    It is the distance in the plane, ``sqrt(x² + y²)``, so it does not depend on the rotation of the
    region. `moments` (N, 2) are those of `refine_points`.

    Notes
    -----
    It includes the width of the heat of a certain landmark, so the true error is smaller: with
    model full, on rendered people, its median is 0.34 of the spread for visible landmarks and 0.55
    for hidden ones (``benchmarks/spread.py``).
    """
    return np.sqrt(moments @ np.square(roi.wh, dtype=np.float32))


def project_world(world: NDArray[np.float32], roi: Roi) -> NDArray[np.float32]:
    """Return (N, 3) points in metres, turned with the region so that y is down in the image.

    Source: MediaPipe, ``world_landmark_projection_calculator.cc``.
    """
    turned = world.copy()
    turned[:, :2] = world[:, :2] @ _turn(roi.rotation)
    return turned


def _turn(rotation: float) -> NDArray[np.float32]:
    """Return the matrix that turns rows x, y clockwise on screen."""
    cos, sin = np.cos(np.float32(rotation)), np.sin(np.float32(rotation))
    return np.array([[cos, sin], [-sin, cos]], np.float32)


def decode_pose(
    outputs: tuple[NDArray[np.float32], ...], roi: Roi, image_wh: tuple[int, int], kernel: int
) -> RawPose:
    """Return the pose in one region, without its mask.

    Parameters
    ----------
    outputs : tuple of float32 arrays, contiguous
        Those of the landmark network, of the shapes `LANDMARKER_OUTPUTS`. The heat map may be empty
        if a device does not send it: then landmarks are not refined, and have no spread.
    roi : Roi
        The region that the network saw.
    image_wh : tuple of int
        Size of the image.
    kernel : int
        Side of the heat-map window, cells.
    """
    if not outputs[2].size:
        return decode_landmarks(outputs[0], outputs[3], float(outputs[1][0]), roi, image_wh)
    if native.core is None:
        return _decoded(outputs, roi, image_wh, kernel)
    return _decoded_by_core(native.core, outputs, roi, image_wh, kernel)


def decode_landmarks(
    points: NDArray[np.float32],
    world: NDArray[np.float32],
    score: float,
    roi: Roi,
    image_wh: tuple[int, int],
) -> RawPose:
    """Return the pose in one region from outputs without a heat map, as a device sends them.

    Parameters
    ----------
    points : (195,) float32 array
        Landmarks in px of the crop, and logits.
    world : (99,) or longer float32 array, m
    score : float
    roi : Roi
        The region that the network saw.
    image_wh : tuple of int
        Size of the image.
    """
    raw = points.reshape(39, 5)[:USED]
    outputs = raw, world, np.array([score], np.float32)
    with np.errstate(all="ignore"):  # values may be NaN or infinite
        return _pose_at(raw[:, :3] * NORM_FROM_CROP, outputs, roi, image_wh)


def _decoded(
    outputs: tuple[NDArray[np.float32], ...], roi: Roi, image_wh: tuple[int, int], kernel: int
) -> RawPose:
    raw = outputs[0].reshape(39, 5)[:USED]
    norm = raw[:, :3] * NORM_FROM_CROP
    norm[:, :2], moments = refine_points(norm[:, :2], outputs[2], kernel)
    pose = _pose_at(norm, (raw, outputs[3], outputs[1]), roi, image_wh)
    return replace(pose, spread_px=project_spread(moments[:BODY], roi))


def _pose_at(
    norm: NDArray[np.float32],
    outputs: tuple[NDArray[np.float32], ...],
    roi: Roi,
    image_wh: tuple[int, int],
) -> RawPose:
    """Return the pose whose landmarks are at `norm` (35, 3), in parts of the crop.

    `outputs` are the (35, 5) landmarks with their logits, the world landmarks and the score.
    """
    raw, world, score = outputs
    points = project_points(norm, roi, image_wh)
    likely = sigmoid(raw[:BODY, 3:])
    return RawPose(
        landmarks=points[:BODY],
        auxiliary=points[BODY:],
        visibility=likely[:, 0],
        presence=likely[:, 1],
        world=project_world(world.reshape(-1)[: 3 * BODY].reshape(BODY, 3), roi),
        score=float(score[0]),
        mask=None,
    )


def _decoded_by_core(
    core: ModuleType,
    outputs: tuple[NDArray[np.float32], ...],
    roi: Roi,
    image_wh: tuple[int, int],
    kernel: int,
) -> RawPose:
    raw, score, heatmap, world = outputs[:4]
    shapes = (USED, 3), (BODY,), (BODY,), (BODY, 3), (BODY,)
    arrays = tuple(np.empty(shape, np.float32) for shape in shapes)
    core.decode_landmarks(
        (raw, heatmap, world), kernel, roi.center, roi.wh, roi.rotation, image_wh, arrays
    )
    points, visibility, presence, world, spread_px = map(read_only, arrays)
    return RawPose(
        landmarks=points[:BODY],
        auxiliary=points[BODY:],
        visibility=visibility,
        presence=presence,
        world=world,
        score=float(score[0]),
        mask=None,
        spread_px=spread_px,
    )


class PoseLandmarker:
    """Finds the landmarks of the people in regions of the image.

    Parameters
    ----------
    session : Session
        The landmark network, with its mask output as the last one where masks are wanted.
    kernel : int
        Side of the heat-map window.
    with_mask : bool
        Whether to give masks.
    """

    def __init__(
        self, session: Session, timer: StageTimer, *, kernel: int, with_mask: bool
    ) -> None:
        self._session = session
        self._timer = timer
        self._kernel = kernel
        self._with_mask = with_mask
        self._crops: list[NDArray[np.uint8]] = []

    def estimate_all(
        self,
        image: NDArray[np.uint8],
        rois: Sequence[Roi],
        min_score: float,
        *,
        with_mask: bool = True,
    ) -> list[RawPose | None]:
        """Return the person in each region; None where the score is not above `min_score`."""
        start = self._timer.start()
        side = LANDMARKER_SIDE
        while len(self._crops) < len(rois):
            self._crops.append(np.empty((side, side, 3), np.uint8))
        crops = self._crops[: len(rois)]
        for roi, crop in zip(rois, crops, strict=True):
            crop_image(image, roi, crop)
        start = self._timer.lap("crop", start)
        answers = self._session.run_all(crops)
        self._timer.lap("network", start)
        wh, with_mask = (image.shape[1], image.shape[0]), with_mask and self._with_mask
        return [
            self._decoded(outputs, roi, wh, with_mask) if float(outputs[1][0]) > min_score else None
            for outputs, roi in zip(answers, rois, strict=True)
        ]

    def _decoded(
        self,
        outputs: tuple[NDArray[np.float32], ...],
        roi: Roi,
        image_wh: tuple[int, int],
        with_mask: bool,
    ) -> RawPose:
        start = self._timer.start()
        raw = decode_pose(outputs, roi, image_wh, self._kernel)
        start = self._timer.lap("decode", start)
        if not with_mask:
            return raw
        mask = image_mask(outputs[4], roi, image_wh)
        self._timer.lap("mask", start)
        return replace(raw, mask=mask)

    def close(self) -> None:
        """Free the network."""
        self._session.close()
