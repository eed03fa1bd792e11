"""PersonDetector: detection of people in a whole image."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.boxes import iou_xyxy
from vitruvian.core.detection import Detection
from vitruvian.engine.segmentation import sigmoid
from vitruvian.engine.warp import center_square, letterbox_image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.backends import Session
    from vitruvian.engine.timing import StageTimer
    from vitruvian.engine.warp import Part

__all__ = ["DETECTOR_OUTPUTS", "DETECTOR_RANGE", "DETECTOR_SIDE", "PersonDetector", "anchors"]

# MediaPipe, modules/pose_detection/pose_detection_cpu.pbtxt
DETECTOR_SIDE = 224
DETECTOR_RANGE = (-1.0, 1.0)
DETECTOR_OUTPUTS = ((2254, 12), (2254, 1))
STRIDES = (8, 16, 32, 32, 32)
ANCHORS_A_LAYER = 2  # aspect ratio 1 and interpolated scale; the same for anchors of fixed size
SCORE_CLIP = np.float32(100)


@cache
def anchors() -> NDArray[np.float32]:
    """Return the (2254, 2) anchor centres x, y, as fractions of the input.

    Source: MediaPipe, ``ssd_anchors_calculator.cc``. Layers of equal stride share one grid.
    """
    grids = []
    for stride in dict.fromkeys(STRIDES):
        n = DETECTOR_SIDE // stride
        rows, columns = np.mgrid[:n, :n].astype(np.float32)
        centers = np.stack([columns, rows], axis=-1).reshape(-1, 2) + np.float32(0.5)
        repeats = ANCHORS_A_LAYER * STRIDES.count(stride)
        grids.append(np.repeat(centers / np.float32(n), repeats, axis=0))
    table = np.concatenate(grids)
    table.flags.writeable = False
    return table


@dataclass(frozen=True, slots=True, eq=False)
class _DecodedBoxes:
    """Boxes (N, 4) xyxy and keypoints (N, 4, 2), as fractions of the input; scores (N,)."""

    boxes: NDArray[np.float32]
    keypoints: NDArray[np.float32]
    scores: NDArray[np.float32]

    def __getitem__(self, chosen: NDArray[np.bool_] | slice) -> _DecodedBoxes:
        return _DecodedBoxes(self.boxes[chosen], self.keypoints[chosen], self.scores[chosen])

    def __add__(self, others: _DecodedBoxes) -> _DecodedBoxes:
        return _DecodedBoxes(
            np.concatenate([self.boxes, others.boxes]),
            np.concatenate([self.keypoints, others.keypoints]),
            np.concatenate([self.scores, others.scores]),
        )

    def overlaps(self, box: NDArray[np.float32], max_iou: float) -> NDArray[np.bool_]:
        """Return which boxes overlap `box` (4,) with an IoU above `max_iou`."""
        overlap: NDArray[np.bool_] = iou_xyxy(box, self.boxes) > np.float32(max_iou)
        return overlap


def decode_boxes(
    raw_boxes: NDArray[np.float32], raw_scores: NDArray[np.float32], min_score: float
) -> _DecodedBoxes:
    """Return the boxes that score at least `min_score`, highest score first.

    Parameters
    ----------
    raw_boxes : (2254, 12) float32 array
        dx, dy, w, h and four keypoints, in px of the input, relative to the anchors.
    raw_scores : (2254, 1) float32 array
        Logits.

    Notes
    -----
    Source: MediaPipe, ``tensors_to_detections_calculator.cc``.
    """
    scores = sigmoid(np.clip(raw_scores[:, 0], -SCORE_CLIP, SCORE_CLIP))
    keep = np.flatnonzero(scores >= np.float32(min_score))
    keep = keep[np.argsort(-scores[keep], kind="stable")]
    points = raw_boxes[keep].reshape(-1, 6, 2) / np.float32(DETECTOR_SIDE)
    about = anchors()[keep]
    center, wh = points[:, 0] + about, points[:, 1]
    low, high = center - wh / np.float32(2), center + wh / np.float32(2)
    candidates = _DecodedBoxes(
        np.concatenate([low, low + (high - low)], axis=1),
        points[:, 2:] + about[:, None],
        scores[keep],
    )
    return candidates[np.logical_and(wh[:, 0] >= 0, wh[:, 1] >= 0)]


def weighted_nms(candidates: _DecodedBoxes, iou_threshold: float) -> _DecodedBoxes:
    """Return one box for each person: the score-weighted mean of boxes that overlap.

    Each result has the highest score of its boxes.

    Notes
    -----
    Source: MediaPipe, ``non_max_suppression_calculator.cc``, algorithm WEIGHTED.
    """
    results: list[_DecodedBoxes] = []
    rest = candidates
    while len(rest.scores):
        overlap = rest.overlaps(rest.boxes[0], iou_threshold)
        if not overlap.any():  # a box without area does not overlap itself
            results.append(rest[:1])
            break
        results.append(_weighted_mean(rest[overlap]))
        rest = rest[~overlap]
    if not results:
        return candidates
    return _DecodedBoxes(
        np.concatenate([r.boxes for r in results]),
        np.concatenate([r.keypoints for r in results]),
        np.concatenate([r.scores for r in results]),
    )


def merged(candidates: _DecodedBoxes, iou_threshold: float, certain_score: float) -> _DecodedBoxes:
    """Return one box for each person, those that score at least `certain_score` first.

    Faint boxes move no certain one: boxes of each kind are merged among themselves, and a faint
    one that overlaps a certain person is dropped.
    """
    is_certain = candidates.scores >= np.float32(certain_score)
    certain = weighted_nms(candidates[is_certain], iou_threshold)
    faint = candidates[~is_certain]
    for box in certain.boxes:
        faint = faint[~faint.overlaps(box, iou_threshold)]
    return certain + weighted_nms(faint, iou_threshold)


def _weighted_mean(group: _DecodedBoxes) -> _DecodedBoxes:
    weights = group.scores
    total = _running_sum(weights)
    boxes = _running_sum(group.boxes * weights[:, None]) / total
    keypoints = _running_sum(group.keypoints * weights[:, None, None]) / total
    return _DecodedBoxes(boxes[None], keypoints[None], weights[:1])


def _running_sum(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the sum over the first axis, added in order as in MediaPipe."""
    total: NDArray[np.float32] = np.cumsum(values, axis=0)[-1]
    return total


class PersonDetector:
    """Detects people in a whole image.

    Parameters
    ----------
    session : Session
        The detection network.
    iou_threshold : float
        IoU of face boxes above which two detections are the same person.
    min_score : float
        Score of a detection, 0 to 1, from which it is certain.
    center_only : bool
        Whether only the square in the middle of the image is searched, at a higher resolution.
    """

    def __init__(
        self,
        session: Session,
        timer: StageTimer,
        *,
        iou_threshold: float,
        min_score: float,
        center_only: bool,
    ) -> None:
        self._session = session
        self._timer = timer
        self._iou_threshold = iou_threshold
        self._min_score = min_score
        self._center_only = center_only

    def detect(
        self,
        image: NDArray[np.uint8],
        *,
        faint_score: float | None = None,
        part: Part | None = None,
    ) -> tuple[Detection, ...]:
        """Return the people in an (H, W, 3) RGB image, highest score first.

        Parameters
        ----------
        faint_score : float or None
            Score from which faint detections are returned, too, after the certain ones.
        part : tuple of int or None
            The part of the image to search; None for the whole image, or its central square.
        """
        start = self._timer.start()
        if part is None and self._center_only:
            part = center_square(image.shape[1], image.shape[0])
        crop, letterbox = letterbox_image(image, DETECTOR_SIDE, part)
        raw_boxes, raw_scores = self._session.run(crop)
        lowest = self._min_score if faint_score is None else min(faint_score, self._min_score)
        candidates = decode_boxes(raw_boxes, raw_scores, lowest)
        people = merged(candidates, self._iou_threshold, self._min_score)
        detections = tuple(
            Detection(
                letterbox.image_from_norm(box.reshape(2, 2)).reshape(4),
                letterbox.image_from_norm(keypoints),
                float(score),
            )
            for box, keypoints, score in zip(
                people.boxes, people.keypoints, people.scores, strict=True
            )
        )
        self._timer.lap("detector", start)
        return detections

    def close(self) -> None:
        """Close the session."""
        self._session.close()
