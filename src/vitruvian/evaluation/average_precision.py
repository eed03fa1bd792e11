"""Average precision of poses by OKS (OKS-AP), as COCO's keypoint evaluation defines it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core import similarity
from vitruvian.core.pose import Pose
from vitruvian.evaluation._arrays import points_of
from vitruvian.evaluation.landmarks import SPREAD, TINY, coco_landmarks, estimated_area_px2, oks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray


__all__ = ["AnnotatedPose", "OksAp", "ScoredPose", "confidence_of", "oks_ap"]

# pycocotools, cocoeval.py, Params.setKpParams
THRESHOLDS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0.0, 1.0, 101)
MAX_POSES = 20
ALL_AREAS_PX2 = (0.0, 1e10)
PERFECT = 1 - 1e-10  # a threshold above it is lowered to it: cocoeval.py, evaluateImg


@dataclass(frozen=True, slots=True, eq=False)
class AnnotatedPose:
    """The truth of one person in one image.

    Attributes
    ----------
    landmarks : (17, 2) or (33, 2) array, image px
        NaN where a landmark is not labelled. A person without any label is ignored: finding them
        is neither right nor wrong.
    area_px2 : float or None
        Area of the person, COCO's ``area``. None estimates it as 0.53 of the box around the
        landmarks.
    box_xyxy : (4,) array, image px, or None
        Box around the person. Needed, with `area_px2`, only where no landmark is labelled.
    is_crowd : bool
        Whether the annotation is of a group, COCO's ``iscrowd``. It is ignored as well.
    camera : (33, 3) array, m, or None
        Position of BlazePose's landmarks in camera space: origin at the camera, x right, y down,
        z ahead. NaN where a landmark is not known.
    id : int or None
        Identity of the person in its sequence.
    head_px : float or None
        Length of the head for PCKh: 0.6 of the diagonal of the head box.
    """

    landmarks: NDArray[np.floating]
    area_px2: float | None = None
    box_xyxy: NDArray[np.floating] | None = None
    is_crowd: bool = False
    camera: NDArray[np.floating] | None = None
    id: int | None = None
    head_px: float | None = None

    def __post_init__(self) -> None:
        points = coco_landmarks(self.landmarks)
        if points.shape != (17, 2):
            raise ValueError(f"landmarks must have shape (17, 2) or (33, 2), got {points.shape}")
        is_labelled = bool(np.isfinite(points).all(axis=1).any())
        if not is_labelled and (self.box_xyxy is None or self.area_px2 is None):
            raise ValueError("a person without labelled landmarks needs box_xyxy and area_px2")
        if self.camera is not None and np.shape(self.camera) != (33, 3):
            raise ValueError(f"camera must have shape (33, 3), got {np.shape(self.camera)}")
        if self.area_px2 is None:
            area_px2 = estimated_area_px2(points_of(self.landmarks))
            object.__setattr__(self, "area_px2", area_px2)
        object.__setattr__(self, "landmarks", points)

    @property
    def bounds_xyxy(self) -> NDArray[np.float64]:
        """(4,) array, image px: the annotated box, or without it that around the landmarks."""
        if self.box_xyxy is not None:
            return np.asarray(self.box_xyxy, np.float64)
        points = self.landmarks[:, :2].astype(np.float64)
        return np.concatenate([np.nanmin(points, axis=0), np.nanmax(points, axis=0)])


@dataclass(frozen=True, slots=True, eq=False)
class ScoredPose:
    """A predicted pose that is not a `vitruvian.Pose`.

    Attributes
    ----------
    landmarks : (17, D) or (33, D) array, image px
        x and y first.
    score : float
        Confidence; only the order matters.
    world : (33, 3) array, m, or None
        Origin at the middle of the hips; x right, y down, z away from the camera.
    camera : (33, 3) array, m, or None
        The same in camera space.
    id : int or None
        Persistent ID.
    """

    landmarks: NDArray[np.floating]
    score: float
    world: NDArray[np.floating] | None = None
    camera: NDArray[np.floating] | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class OksAp:
    """Average precision and recall, 0 to 1; NaN if no truth counts.

    Attributes
    ----------
    ap : float
        Mean of the average precision at OKS 0.50, 0.55, ..., 0.95.
    ap50, ap75 : float
        Average precision at OKS 0.50 and 0.75.
    ar : float
        Mean of the highest recall at OKS 0.50, 0.55, ..., 0.95.
    ar50, ar75 : float
        Highest recall at OKS 0.50 and 0.75.
    """

    ap: float
    ap50: float
    ap75: float
    ar: float
    ar50: float
    ar75: float


@dataclass(frozen=True, slots=True, eq=False)
class _Matches:
    """The D poses of one image: scores (D,), whether each is true or does not count (T, D)."""

    scores: NDArray[np.float64]
    is_true: NDArray[np.bool_]
    is_ignored: NDArray[np.bool_]
    n_truths: int


def oks_ap(
    truths: Sequence[Sequence[AnnotatedPose]],
    predictions: Sequence[Iterable[Pose | ScoredPose]],
    *,
    area_range_px2: tuple[float, float] = ALL_AREAS_PX2,
) -> OksAp:
    """Return COCO's average precision and recall over a set of images.

    Parameters
    ----------
    truths : sequence of sequences of AnnotatedPose
        The people of each image.
    predictions : sequence of iterables of Pose or ScoredPose
        The poses of each image; a `PoseResult` is one. The 20 with the highest scores count.
    area_range_px2 : (float, float), px²
        Only people of such an area count. COCO's "medium" is ``(32**2, 96**2)``, "large"
        ``(96**2, 1e10)``.

    Returns
    -------
    OksAp

    Notes
    -----
    Source: pycocotools, ``cocoeval.py``; the tests compare with it. OKS is taken over COCO's 17
    landmarks also where 33 are given.

    Examples
    --------
    >>> person = np.random.default_rng(0).uniform(0, 200, (17, 2))
    >>> found = ScoredPose(person, 0.9), ScoredPose(person + 500, 0.8)
    >>> scores = oks_ap([[AnnotatedPose(person)]], [found])
    >>> scores.ap, scores.ar
    (1.0, 1.0)
    """
    if len(truths) != len(predictions):
        raise ValueError(
            f"predictions must have {len(truths)} images like truths, got {len(predictions)}"
        )
    images = [
        _matches(people, list(poses), area_range_px2)
        for people, poses in zip(truths, predictions, strict=True)
    ]
    n_truths = sum(image.n_truths for image in images)
    if not n_truths:
        return OksAp(*[float("nan")] * 6)
    order = np.argsort(-np.concatenate([image.scores for image in images]), kind="stable")
    is_true, is_ignored = (
        np.concatenate([getattr(image, name) for image in images], axis=1)[:, order]
        for name in ("is_true", "is_ignored")
    )
    n_true = np.cumsum(is_true & ~is_ignored, axis=1)
    n_false = np.cumsum(~is_true & ~is_ignored, axis=1)
    ap = np.array([_average_precision(*row, n_truths) for row in zip(n_true, n_false, strict=True)])
    ar = n_true[:, -1] / n_truths if n_true.size else np.zeros(len(THRESHOLDS))
    i50, i75 = 0, 5
    figures = (ap.mean(), ap[i50], ap[i75], ar.mean(), ar[i50], ar[i75])
    return OksAp(*[float(figure) for figure in figures])


def _average_precision(n_true: NDArray[np.intp], n_false: NDArray[np.intp], n_truths: int) -> float:
    """Return the mean, over 101 recalls, of the best precision at that recall or a higher one."""
    precision = n_true / np.maximum(n_true + n_false, 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    first = np.searchsorted(n_true / n_truths, RECALLS, side="left")
    return float(np.append(envelope, 0.0)[first].mean())


def _matches(
    people: Sequence[AnnotatedPose],
    poses: Sequence[Pose | ScoredPose],
    area_range_px2: tuple[float, float],
) -> _Matches:
    confidences = np.array([confidence_of(pose) for pose in poses], np.float64)
    order = np.argsort(-confidences, kind="stable")[:MAX_POSES]
    points = [coco_landmarks(poses[i].landmarks)[:, :2] for i in order]
    similarities = np.array([[_similarity(p, person) for person in people] for p in points])
    similarities = similarities.reshape(len(points), len(people))
    low, high = area_range_px2
    is_crowd = np.array([person.is_crowd for person in people], bool)
    does_count = np.array([_has_labels(person) for person in people], bool) & ~is_crowd
    does_count &= np.array([low <= _area_px2(person) <= high for person in people], bool)
    boxes_px2 = np.array([_box_px2(p) for p in points])
    is_outside = (boxes_px2 < low) | (boxes_px2 > high)
    is_true = np.zeros((len(THRESHOLDS), len(points)), bool)
    is_ignored = np.zeros_like(is_true)
    for row, threshold in enumerate(THRESHOLDS):
        partners = _partners(similarities, does_count, is_crowd, min(threshold, PERFECT))
        is_true[row] = partners >= 0
        is_ignored[row] = np.where(is_true[row], ~np.append(does_count, True)[partners], is_outside)
    return _Matches(confidences[order], is_true, is_ignored, int(does_count.sum()))


def confidence_of(pose: Pose | ScoredPose) -> float:
    """Return what ranks a pose among those of other images: see `expected_oks`."""
    return similarity.expected_oks(pose) if isinstance(pose, Pose) else float(pose.score)


def _partners(
    similarities: NDArray[np.float64],
    does_count: NDArray[np.bool_],
    is_crowd: NDArray[np.bool_],
    threshold: float,
) -> NDArray[np.intp]:
    """Return the person that each pose is matched to, best pose first; -1 for none.

    A pose takes the most similar person who counts and is still free, else one who is ignored.
    """
    is_free = np.ones(len(does_count), bool)
    partners = np.full(len(similarities), -1)
    for pose, row in enumerate(similarities):
        is_candidate = (is_free | is_crowd) & (row >= threshold)
        for group in (is_candidate & does_count, is_candidate & ~does_count):
            if group.any():
                best = row[group].max()
                partners[pose] = np.flatnonzero(group & (row == best))[-1]
                is_free[partners[pose]] = False
                break
    return partners


def _similarity(points: NDArray[np.float64], person: AnnotatedPose) -> float:
    if _has_labels(person):
        return oks(points, person.landmarks, person.area_px2)
    # without labels the distance is that to the box, doubled in width and height on every side
    box = np.asarray(person.box_xyxy, np.float64)
    wh = box[2:] - box[:2]
    nearest = np.clip(points, box[:2] - wh, box[2:] + wh)
    return similarity.oks(points, nearest, (_area_px2(person) + TINY) ** 0.5, spread=SPREAD[17])


def _box_px2(points: NDArray[np.float64]) -> float:
    known = points[np.isfinite(points).all(axis=1)]
    return float(np.prod(np.ptp(known, axis=0))) if len(known) else 0.0


def _has_labels(person: AnnotatedPose) -> bool:
    return bool(np.isfinite(person.landmarks).all(axis=1).any())


def _area_px2(person: AnnotatedPose) -> float:
    return float(person.area_px2 or 0.0)
