"""TasksFollower: tracks several people as MediaPipe Tasks does, without IDs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.boxes import iou_xyxy
from vitruvian.engine.pipeline import Candidate
from vitruvian.engine.warp import resized_roi, roi_from_alignment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from vitruvian.core.frame import Frame
    from vitruvian.core.roi import Roi
    from vitruvian.engine.options import TrackerOptions
    from vitruvian.engine.pipeline import Pipeline, PoseEstimate

__all__ = ["TasksFollower"]


class TasksFollower:
    """Tracks regions of several people without IDs.

    While fewer than `num_poses` people are tracked, the detector runs on every frame, and a
    detection replaces a tracked region if their IoU is above `association_iou`. Nothing is
    smoothed. The order of the people has no meaning.

    Source: MediaPipe, ``pose_landmarker_graph.cc``, ``association_norm_rect_calculator.cc``.
    """

    def __init__(self, pipeline: Pipeline, options: TrackerOptions) -> None:
        self._pipeline = pipeline
        self._options = options
        self._tracked: list[Candidate] = []

    def follow(self, frame: Frame) -> list[tuple[PoseEstimate, int | None]]:
        """Return the people in the next frame; their IDs are None."""
        num_poses = self._options.num_poses
        candidates = self._tracked
        if len(candidates) < num_poses or self._options.force_detection:
            detected = self._pipeline.detect(frame.image)
            candidates = without_overlaps([*candidates, *detected], self._options.association_iou)
        estimates = self._pipeline.estimate(frame.image, candidates[:num_poses])
        found = [estimate for estimate in estimates if estimate is not None]
        image_wh = frame.width, frame.height
        min_score = self._options.tracking_confidence
        tracked = (e.raw for e in found if e.raw.score > min_score)
        rois = (roi_from_alignment(raw.auxiliary[:, :2], image_wh) for raw in tracked)
        self._tracked = [Candidate(roi) for roi in rois if roi is not None]
        return [(estimate, None) for estimate in found]

    def mark_lost(self) -> None:
        """Drop all tracked regions."""
        self._tracked = []

    def resize(self, ratio: tuple[float, float]) -> None:
        """Prepare for a next frame that is `ratio` times as wide and as high as the last one."""
        self._tracked = [Candidate(resized_roi(tracked.roi, ratio)) for tracked in self._tracked]


def without_overlaps(candidates: Iterable[Candidate], max_iou: float) -> list[Candidate]:
    """Return the candidates that no later one overlaps with an IoU above `max_iou`.

    The IoU is that of the upright boxes. Source: MediaPipe, ``association_calculator.h``.
    """
    kept: list[Candidate] = []
    for candidate in candidates:
        box = _upright_box(candidate.roi)
        kept = [other for other in kept if _iou(_upright_box(other.roi), box) <= max_iou]
        kept.append(candidate)
    return kept


def _upright_box(roi: Roi) -> Sequence[float]:
    """Return left, top, right, bottom of the region without its rotation."""
    (x, y), (w, h) = roi.center, roi.wh
    return x - w / 2, y - h / 2, x + w / 2, y + h / 2


def _iou(box: Sequence[float], other: Sequence[float]) -> float:
    boxes: NDArray[np.float32] = np.array([box, other], np.float32)
    return float(iou_xyxy(boxes[0], boxes[1:])[0])
