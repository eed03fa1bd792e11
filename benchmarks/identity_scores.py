"""How well the ids that a tracker gives agree with who is really who.

A pose is of a person when their object keypoint similarity (OKS) over the 17 landmarks of COCO is
at least 0.5. Boxes would not do: those of two people who pass each other overlap by more than half.
IDF1, MOTA and identity switches are computed by motmetrics.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import motmetrics
import numpy as np
from scipy.optimize import linear_sum_assignment

from vitruvian.core.similarity import oks
from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from vitruvian.synthetic import View

    Ids = Mapping[int, NDArray[np.floating]]
    """The poses of one frame: id -> (33, 2) landmarks, image px."""

__all__ = ["IdentityScores", "Moment", "Truth", "identity_scores", "moments", "overall_scores"]

MATCH_OKS = 0.5
SEEN = 0.5
"""Of whom less is seen is ignored: not missed when absent, and not false when found."""

AREA_OF_BOX = 0.53  # mean area of a COCO person relative to the box: xtcocotools, cocoeval.py
IS_COCO = np.array([
    name in ("nose", "left_eye", "right_eye")
    or name.endswith(("ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle"))
    for name in BLAZEPOSE.names
], np.float64)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Where everyone is in each of T frames. An identity is a position, from 0 to P - 1.

    Attributes
    ----------
    landmarks : (T, P, 33, 2) float array, image px
        NaN for someone behind the camera.
    seen : (T, P) float array, 0 to 1
        How much of each person is seen.
    """

    landmarks: NDArray[np.floating]
    seen: NDArray[np.floating]

    @classmethod
    def of_views(cls, views: Iterable[View]) -> Truth:
        """Return the truth of rendered frames."""
        people = [view.people for view in views]
        return cls(
            np.array([[person.landmarks[:, :2] for person in frame] for frame in people]),
            np.array([[person.seen for person in frame] for frame in people]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """One frame: who is there, what ids the tracker gives, and how alike they are.

    Attributes
    ----------
    truth : (n,) int array
        Identities of the people of whom enough is seen.
    predicted : (m,) int array
        Ids of the poses, without those of people who are ignored.
    oks : (n, m) float array, 0 to 1
        How alike each person and each pose are.
    """

    truth: NDArray[np.intp]
    predicted: NDArray[np.intp]
    oks: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class IdentityScores:
    """How well ids agree with identities, over all frames.

    Attributes
    ----------
    idf1 : float
        Share of the poses that bear the id of their person, under the best one-to-one naming:
        Ristani et al. (2016). 1 is perfect.
    mota : float
        1 less the missed, the false and the switches, relative to the people: Bernardin and
        Stiefelhagen (2008).
    id_switches : int
        How often a person's id changed.
    """

    idf1: float
    mota: float
    id_switches: int


def identity_scores(truth: Truth, predicted: Sequence[Ids]) -> IdentityScores:
    """Return the scores of one clip; `predicted` has the poses of each frame by id."""
    return overall_scores([moments(truth, predicted)])


def overall_scores(clips: Sequence[Sequence[Moment]]) -> IdentityScores:
    """Return the scores over several clips, whose identities and ids are apart."""
    events = motmetrics.MOTAccumulator(auto_id=True)
    numbers: dict[tuple[int, int], int] = {}  # (clip, identity or id) -> number over all clips

    def numbered(clip: int, ids: NDArray[np.intp]) -> list[int]:
        return [numbers.setdefault((clip, id_), len(numbers)) for id_ in ids.tolist()]

    for clip, frames in enumerate(clips):
        for moment in frames:
            distances = np.where(moment.oks >= MATCH_OKS, 1 - moment.oks, np.nan)
            people, poses = numbered(clip, moment.truth), numbered(clip, moment.predicted)
            events.update(people, poses, distances)
    names = ["idf1", "mota", "num_switches"]
    row = motmetrics.metrics.create().compute(events, metrics=names).iloc[0]
    return IdentityScores(float(row.idf1), float(row.mota), int(row.num_switches))


def moments(truth: Truth, predicted: Sequence[Ids]) -> list[Moment]:
    """Return what there is to score in each frame."""
    if len(truth.landmarks) != len(predicted):
        raise ValueError(f"predicted must have {len(truth.landmarks)} frames, got {len(predicted)}")
    return [
        _moment(landmarks, seen, poses)
        for landmarks, seen, poses in zip(truth.landmarks, truth.seen, predicted, strict=True)
    ]


def _moment(landmarks: NDArray[np.floating], seen: NDArray[np.floating], poses: Ids) -> Moment:
    similarity = np.array([
        [_oks(points, true) for points in poses.values()] for true in landmarks
    ]).reshape(len(landmarks), len(poses))  # fmt: skip
    counted = seen >= SEEN
    ignored = [
        pose
        for person, pose in zip(*linear_sum_assignment(-similarity), strict=True)
        if similarity[person, pose] >= MATCH_OKS and not counted[person]
    ]
    kept = np.delete(np.arange(len(poses)), ignored)
    ids = np.fromiter(poses, np.intp, len(poses))
    return Moment(np.flatnonzero(counted), ids[kept], similarity[np.ix_(counted, kept)])


def _oks(points: NDArray[np.floating], true: NDArray[np.floating]) -> float:
    """Return how alike a pose and a true person are; 0 for someone behind the camera."""
    if not np.isfinite(true).all():
        return 0.0
    area = AREA_OF_BOX * float(np.prod(np.ptp(true, axis=0)))
    return oks(points, true, area**0.5, IS_COCO)
