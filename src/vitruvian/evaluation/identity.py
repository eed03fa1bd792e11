"""Scores of persistent IDs: IDF1, MOTA, identity switches and HOTA.

A pose matches a person by object keypoint similarity (OKS) over COCO's 17 landmarks. Boxes are
not used: those of two people who pass each other overlap by more than half.
"""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.core.assignment import linear_assignment
from vitruvian.errors import BackendUnavailableError
from vitruvian.evaluation._arrays import skeleton_of
from vitruvian.evaluation.landmarks import coco_landmarks, estimated_area_px2, oks
from vitruvian.evaluation.people import fits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from vitruvian.core.pose import Pose
    from vitruvian.evaluation.average_precision import AnnotatedPose, ScoredPose

__all__ = [
    "FrameComparison",
    "HotaScores",
    "IdentityScores",
    "TrackTruth",
    "compare_frames",
    "frame_comparison",
    "hota_scores",
    "identity_scores",
    "require_motmetrics",
    "trackeval_sequence",
]

MATCH_OKS = 0.5  # minimum similarity of a match, for IDF1, MOTA and switches
LEAST_VISIBLE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class TrackTruth:
    """Ground truth of P people in T frames. The true identities are 0 to P - 1.

    Attributes
    ----------
    landmarks : (T, P, 33, 2) or (T, P, 17, 2) array, image px
        A person with a NaN landmark matches no pose.
    visible : (T, P) array, 0 to 1
        Share of each person that is visible. A person below 0.5 is ignored in that frame: neither
        missed when not found, nor a false positive when found. 0 where the person is absent.
    """

    landmarks: NDArray[np.floating]
    visible: NDArray[np.floating]

    def __post_init__(self) -> None:
        landmarks, visible = np.asarray(self.landmarks), np.asarray(self.visible)
        if landmarks.ndim != 4 or landmarks.shape[:2] != visible.shape or landmarks.shape[3] != 2:
            raise ValueError(
                "landmarks must have shape (T, P, N, 2) and visible (T, P), "
                f"got {landmarks.shape} and {visible.shape}"
            )
        skeleton_of(landmarks)  # raises for other numbers of landmarks
        object.__setattr__(self, "landmarks", landmarks)
        object.__setattr__(self, "visible", visible)


@dataclass(frozen=True, slots=True, eq=False)
class FrameComparison:
    """One frame: the people in it, the predicted IDs, and how similar their poses are.

    Attributes
    ----------
    truth_ids : (n,) int array
        Identities of the people who count.
    predicted_ids : (m,) int array
        IDs of the poses, without those of ignored people.
    oks : (n, m) float array, 0 to 1
        Similarity of each person and each pose.
    """

    truth_ids: NDArray[np.intp]
    predicted_ids: NDArray[np.intp]
    oks: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class IdentityScores:
    """How well predicted IDs agree with true identities, over all frames.

    Attributes
    ----------
    idf1 : float
        Share of the poses that have the ID of their person, under the best one-to-one mapping of
        IDs to people. 1 is perfect.
    mota : float
        1 - (missed people + false positives + switches) / people. 1 is perfect; may be negative.
    id_switches : int
        How often the ID of a person changed.
    """

    idf1: float
    mota: float
    id_switches: int


@dataclass(frozen=True, slots=True)
class HotaScores:
    """Higher order tracking accuracy, 0 to 1, mean over the OKS thresholds 0.05, 0.10, ..., 0.95.

    Attributes
    ----------
    hota : float
        Geometric mean of the two below at each threshold, averaged.
    detection_accuracy : float
        DetA: how well the people are found, whatever their IDs.
    association_accuracy : float
        AssA: how well the IDs are kept.
    """

    hota: float
    detection_accuracy: float
    association_accuracy: float


def compare_frames(
    truth: TrackTruth, predicted: Sequence[Mapping[int, NDArray[np.floating]]]
) -> list[FrameComparison]:
    """Return the comparison of each frame, the input of `identity_scores` and `hota_scores`.

    Parameters
    ----------
    truth : TrackTruth
        T frames.
    predicted : sequence of mappings
        For each of the T frames, ID -> (33, D) or (17, D) landmarks, image px, x and y first.

    Raises
    ------
    ValueError
        If the numbers of frames differ.

    Notes
    -----
    The area of a person in OKS is 0.53 of the box around all true landmarks. Poses of ignored
    people are those that the best one-to-one assignment matches to them.
    """
    if len(truth.landmarks) != len(predicted):
        raise ValueError(f"predicted must have {len(truth.landmarks)} frames, got {len(predicted)}")
    return [
        _comparison(landmarks, visible, poses)
        for landmarks, visible, poses in zip(truth.landmarks, truth.visible, predicted, strict=True)
    ]


def frame_comparison(
    people: Sequence[AnnotatedPose], poses: Iterable[Pose | ScoredPose]
) -> FrameComparison:
    """Return the comparison of one frame whose landmarks may be labelled in part.

    People count who have an ID and a labelled landmark; a pose without an ID does not count. Poses
    that fit other people, or lie in the box of a group, are left out: see `compare_people`.
    """
    counted = [
        person
        for person in people
        if person.id is not None and np.isfinite(person.landmarks).all(axis=1).any()
    ]
    others = [person for person in people if not any(person is one for one in counted)]
    found = [pose for pose in poses if pose.id is not None]
    points = [coco_landmarks(pose.landmarks)[:, :2] for pose in found]
    similarity = np.array([
        [oks(point, person.landmarks, person.area_px2) for point in points] for person in counted
    ]).reshape(len(counted), len(found))  # fmt: skip
    matched = {
        pose
        for person, pose in linear_assignment(-similarity)
        if similarity[person, pose] >= MATCH_OKS
    }
    kept = [
        i
        for i in range(len(found))
        if i in matched or not any(fits(points[i], other) for other in others)
    ]
    return FrameComparison(
        np.array([person.id for person in counted], np.intp),
        np.array([found[i].id for i in kept], np.intp),
        similarity[:, kept],
    )


def identity_scores(clips: Sequence[Sequence[FrameComparison]]) -> IdentityScores:
    """Return IDF1, MOTA and identity switches over one or more clips.

    Parameters
    ----------
    clips : sequence of sequences of FrameComparison
        The frames of each clip, from `compare_frames`. Identities and IDs of different clips are
        different people, whatever their numbers.

    Raises
    ------
    BackendUnavailableError
        If motmetrics is not installed.

    Notes
    -----
    Source: IDF1, E. Ristani et al., "Performance measures and a data set for multi-target,
    multi-camera tracking" (2016); MOTA, K. Bernardin and R. Stiefelhagen, "Evaluating multiple
    object tracking performance: the CLEAR MOT metrics" (2008). Computed by motmetrics; a match
    needs an OKS of at least 0.5.
    """
    motmetrics = require_motmetrics()
    events = motmetrics.MOTAccumulator(auto_id=True)
    numbers: dict[tuple[int, int], int] = {}  # (clip, identity or ID) -> number over all clips

    def numbered(clip: int, ids: NDArray[np.intp]) -> list[int]:
        return [numbers.setdefault((clip, id_), len(numbers)) for id_ in ids.tolist()]

    for clip, frames in enumerate(clips):
        for frame in frames:
            distances = np.where(frame.oks >= MATCH_OKS, 1 - frame.oks, np.nan)
            people, poses = numbered(clip, frame.truth_ids), numbered(clip, frame.predicted_ids)
            events.update(people, poses, distances)
    names = ["idf1", "mota", "num_switches"]
    row = motmetrics.metrics.create().compute(events, metrics=names).iloc[0]
    return IdentityScores(float(row.idf1), float(row.mota), int(row.num_switches))


def require_motmetrics() -> Any:
    """Return motmetrics, or raise a `BackendUnavailableError` that names the extra."""
    try:
        import motmetrics
    except ImportError as err:
        raise BackendUnavailableError(
            "motmetrics is not installed: pip install 'vitruvian[evaluation]'"
        ) from err
    return motmetrics


def hota_scores(clips: Sequence[Sequence[FrameComparison]]) -> HotaScores:
    """Return HOTA and its two parts over one or more clips.

    Parameters
    ----------
    clips : sequence of sequences of FrameComparison
        As for `identity_scores`.

    Raises
    ------
    BackendUnavailableError
        If TrackEval is not installed.

    Notes
    -----
    Source: J. Luiten et al., "HOTA: a higher order metric for evaluating multi-object tracking",
    IJCV 129 (2021). Computed by TrackEval.
    """
    metric = _trackeval_metrics().HOTA()
    results = {
        str(index): metric.eval_sequence(trackeval_sequence(frames))
        for index, frames in enumerate(clips)
    }
    total = metric.combine_sequences(results)
    return HotaScores(*(float(np.mean(total[name])) for name in ("HOTA", "DetA", "AssA")))


def trackeval_sequence(frames: Sequence[FrameComparison]) -> dict[str, Any]:
    """Return a clip as the argument of TrackEval's ``eval_sequence``: IDs count from 0."""
    truth, predicted = [f.truth_ids for f in frames], [f.predicted_ids for f in frames]
    none = np.empty(0, np.intp)
    people, ids = (np.unique(np.concatenate([none, *all_ids])) for all_ids in (truth, predicted))
    return {
        "num_timesteps": len(frames),
        "gt_ids": [np.searchsorted(people, now) for now in truth],
        "tracker_ids": [np.searchsorted(ids, now) for now in predicted],
        "num_gt_ids": len(people),
        "num_tracker_ids": len(ids),
        "num_gt_dets": sum(map(len, truth)),
        "num_tracker_dets": sum(map(len, predicted)),
        "similarity_scores": [frame.oks for frame in frames],
    }


def _trackeval_metrics() -> Any:
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # it prints which data sets it can't read
            import trackeval.metrics
    except ImportError as err:
        raise BackendUnavailableError(
            "TrackEval is not installed: pip install 'vitruvian[evaluation]', then "
            "pip install --no-deps trackeval tabulate (with its dependencies it would replace "
            "opencv-python-headless by opencv-python)"
        ) from err
    return trackeval.metrics


def _comparison(
    landmarks: NDArray[np.floating],
    visible: NDArray[np.floating],
    poses: Mapping[int, NDArray[np.floating]],
) -> FrameComparison:
    found = [coco_landmarks(points)[:, :2] for points in poses.values()]
    similarity = np.array([
        [_similarity(points, true) for points in found] for true in landmarks
    ]).reshape(len(landmarks), len(found))  # fmt: skip
    does_count = visible >= LEAST_VISIBLE
    ignored = [
        pose
        for person, pose in linear_assignment(-similarity)
        if similarity[person, pose] >= MATCH_OKS and not does_count[person]
    ]
    kept = np.delete(np.arange(len(found)), ignored)
    ids = np.fromiter(poses, np.intp, len(poses))
    return FrameComparison(
        np.flatnonzero(does_count), ids[kept], similarity[np.ix_(does_count, kept)]
    )


def _similarity(points: NDArray[np.floating], true: NDArray[np.floating]) -> float:
    if not np.isfinite(true).all():
        return 0.0
    return oks(points, coco_landmarks(true), estimated_area_px2(true))
