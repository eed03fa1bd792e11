"""PoseLandmarker: the 33 landmarks of the person in a region of the image."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.engine.segmentation import image_mask, sigmoid
from vitruvian.engine.warp import crop_image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.core.roi import Roi
    from vitruvian.engine.backends import Session
    from vitruvian.engine.timing import StageTimer

__all__ = [
    "LANDMARKER_OUTPUTS",
    "LANDMARKER_RANGE",
    "LANDMARKER_SIDE",
    "MASK_OUTPUT",
    "PoseLandmarker",
    "RawPose",
    "refine_points",
]

# MediaPipe, modules/pose_landmark/tensors_to_pose_landmarks_and_segmentation.pbtxt
LANDMARKER_SIDE = 256
LANDMARKER_RANGE = (0.0, 1.0)
LANDMARKER_OUTPUTS = ((195,), (1,), (64, 64, 39), (117,))
MASK_OUTPUT = (256, 256, 1)
BODY = 33  # landmarks of the body; two auxiliary ones follow, and four that nobody uses
USED = 35
MIN_HEAT = np.float32(0.5)  # min_confidence_to_refine
NORM_FROM_CROP = np.float32(1 / LANDMARKER_SIDE)


@dataclass(frozen=True, slots=True, eq=False)
class RawPose:
    """What one look of the landmark network says, before any smoothing.

    Attributes
    ----------
    landmarks : (33, 3) float32 array, image px
    auxiliary : (2, 3) float32 array, image px
        Middle of the hips, and the point on the circle around the body: they give the next region.
    visibility, presence : (33,) float32 arrays
    world : (33, 3) float32 array, m
    score : float
    mask : (H, W) float32 array or None
    """

    landmarks: NDArray[np.float32]
    auxiliary: NDArray[np.float32]
    visibility: NDArray[np.float32]
    presence: NDArray[np.float32]
    world: NDArray[np.float32]
    score: float
    mask: NDArray[np.float32] | None


def refine_points(
    points: NDArray[np.float32], heatmap: NDArray[np.float32], kernel: int
) -> NDArray[np.float32]:
    """Return `points` moved to the centre of the heat around them, where it is hot enough.

    Parameters
    ----------
    points : (N, 2) float32 array
        x, y in parts of the crop.
    heatmap : (rows, columns, N) float32 array
        Logits, a layer for each point.
    kernel : int
        Side of the window, cells.

    Notes
    -----
    Source: MediaPipe, ``refine_landmarks_from_heatmap_calculator.cc``. A cell stands for its index,
    not for its middle.
    """
    rows, columns, count = heatmap.shape
    size = np.float32([columns, rows])
    cell = (points * size).astype(np.int32)  # towards zero
    inside = ((cell >= 0) & (cell < (columns, rows))).all(axis=1)
    window = np.arange(kernel, dtype=np.int32) - (kernel - 1) // 2
    xs = cell[:, :1] + window
    ys = cell[:, 1:] + window
    valid = ((ys >= 0) & (ys < rows))[:, :, None] & ((xs >= 0) & (xs < columns))[:, None, :]
    cells = np.clip(ys, 0, rows - 1)[:, :, None] * columns + np.clip(xs, 0, columns - 1)[:, None]
    logits = heatmap.reshape(-1, count)[cells, np.arange(count)[:, None, None]]
    heat = np.where(valid, sigmoid(logits), np.float32(0))
    hot = inside & (heat.max(axis=(1, 2)) >= MIN_HEAT)
    total = np.where(hot, heat.sum(axis=(1, 2)), np.float32(1))
    x = (heat.sum(axis=1) * xs).sum(axis=1, dtype=np.float32)
    y = (heat.sum(axis=2) * ys).sum(axis=1, dtype=np.float32)
    refined = np.stack([x, y], axis=1) / size / total[:, None]
    return np.where(hot[:, None], refined, points).astype(np.float32)


def project_points(
    norm: NDArray[np.float32], roi: Roi, image_wh: tuple[int, int]
) -> NDArray[np.float32]:
    """Return (N, 3) points in parts of the crop as image px; z in the scale of x.

    Source: MediaPipe, ``landmark_projection_calculator.cc``.
    """
    wh = np.float32(image_wh)
    center, size = (
        np.float32(np.divide(roi.center, image_wh)),
        np.float32(np.divide(roi.wh, image_wh)),
    )
    turned = (norm[:, :2] - np.float32(0.5)) @ _turn(roi.rotation).T
    xy = (turned * size + center) * wh
    z = norm[:, 2:] * size[0] * wh[0]
    return np.concatenate([xy, z], axis=1)


def project_world(world: NDArray[np.float32], roi: Roi) -> NDArray[np.float32]:
    """Return (N, 3) points in metres, turned with the region so that y is down in the image.

    Source: MediaPipe, ``world_landmark_projection_calculator.cc``.
    """
    return np.concatenate([world[:, :2] @ _turn(roi.rotation).T, world[:, 2:]], axis=1)


def _turn(rotation: float) -> NDArray[np.float32]:
    cos, sin = np.cos(np.float32(rotation)), np.sin(np.float32(rotation))
    return np.array([[cos, -sin], [sin, cos]], np.float32)


class PoseLandmarker:
    """Finds the landmarks of the person in a region of the image.

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

    def locate(
        self, image: NDArray[np.uint8], roi: Roi, min_score: float, *, with_mask: bool = True
    ) -> RawPose | None:
        """Return the person in `roi`, or None where the network's score is not above `min_score`."""
        start = self._timer.start()
        crop = crop_image(image, roi, LANDMARKER_SIDE)
        start = self._timer.lap("crop", start)
        outputs = self._session.run(crop)
        start = self._timer.lap("network", start)
        score = float(outputs[1][0])
        if not score > min_score:
            return None
        image_wh = image.shape[1], image.shape[0]
        raw = self._decode(outputs, roi, image_wh, score)
        start = self._timer.lap("decode", start)
        if not (self._with_mask and with_mask):
            return raw
        mask = image_mask(outputs[4], roi, image_wh)
        self._timer.lap("mask", start)
        return replace(raw, mask=mask)

    def _decode(
        self,
        outputs: tuple[NDArray[np.float32], ...],
        roi: Roi,
        image_wh: tuple[int, int],
        score: float,
    ) -> RawPose:
        raw = outputs[0].reshape(39, 5)[:USED]
        norm = raw[:, :3] * NORM_FROM_CROP
        norm[:, :2] = refine_points(norm[:, :2], outputs[2][:, :, :USED], self._kernel)
        points = project_points(norm, roi, image_wh)
        likely = sigmoid(raw[:BODY, 3:])
        return RawPose(
            landmarks=points[:BODY],
            auxiliary=points[BODY:],
            visibility=likely[:, 0],
            presence=likely[:, 1],
            world=project_world(outputs[3].reshape(39, 3)[:BODY], roi),
            score=score,
            mask=None,
        )

    def close(self) -> None:
        """Free the network."""
        self._session.close()
