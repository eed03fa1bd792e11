"""Crowd: several people at once, as MediaPipe Tasks sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.boxes import iou_xyxy
from vitruvian.engine.pipeline import Look
from vitruvian.engine.warp import resized_roi, roi_from_alignment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from vitruvian.core.frame import Frame
    from vitruvian.core.roi import Roi
    from vitruvian.engine.options import Options
    from vitruvian.engine.pipeline import Person, Pipeline

__all__ = ["Crowd"]


class Crowd:
    """Follows several people without telling them apart.

    With room for another person the detector runs on every frame, and a detection replaces the
    region of whoever it overlaps. Nothing is smoothed, and the order of the people says nothing.

    Source: MediaPipe, ``pose_landmarker_graph.cc``, ``association_norm_rect_calculator.cc``.
    """

    def __init__(self, pipeline: Pipeline, options: Options) -> None:
        self._pipeline = pipeline
        self._options = options
        self._looks: list[Look] = []

    def follow(self, frame: Frame) -> list[tuple[Person, int | None]]:
        """Return the people in the next frame; they have no ids."""
        room = self._options.num_poses
        looks = self._looks
        if len(looks) < room or self._options.force_detection:
            detected = self._pipeline.detect(frame.image)
            looks = without_overlaps([*looks, *detected], self._options.tracking_confidence)
        people = [p for p in self._pipeline.locate(frame.image, looks[:room]) if p is not None]
        image_wh = frame.width, frame.height
        rois = (roi_from_alignment(p.raw.auxiliary[:, :2], image_wh) for p in people)
        self._looks = [Look(roi) for roi in rois if roi is not None]
        return [(person, None) for person in people]

    def lose(self) -> None:
        """Note that nobody is followed into the next frame."""
        self._looks = []

    def resize(self, ratio: tuple[float, float]) -> None:
        """Note that the next frame is so many times as wide and as high as the one before."""
        self._looks = [Look(resized_roi(look.roi, ratio)) for look in self._looks]


def without_overlaps(looks: Iterable[Look], max_iou: float) -> list[Look]:
    """Return the looks of which no later one overlaps the upright box by more than `max_iou`.

    Source: MediaPipe, ``association_calculator.h``.
    """
    kept: list[Look] = []
    for look in looks:
        box = _upright_box(look.roi)
        kept = [other for other in kept if _iou(_upright_box(other.roi), box) <= max_iou]
        kept.append(look)
    return kept


def _upright_box(roi: Roi) -> Sequence[float]:
    """Return left, top, right, bottom of the region as if it were not turned."""
    (x, y), (w, h) = roi.center, roi.wh
    return x - w / 2, y - h / 2, x + w / 2, y + h / 2


def _iou(box: Sequence[float], other: Sequence[float]) -> float:
    boxes: NDArray[np.float32] = np.array([box, other], np.float32)
    return float(iou_xyxy(boxes[0], boxes[1:])[0])
