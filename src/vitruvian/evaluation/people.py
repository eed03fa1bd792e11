"""People found and missed in images with truth, false positives, and PCK that counts the missed."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.assignment import linear_assignment
from vitruvian.core.boxes import iou_xyxy
from vitruvian.evaluation.landmarks import (
    SHORTEST_TORSO_PX,
    coco_landmarks,
    oks,
    torso_length_px,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from vitruvian.core.pose import Pose
    from vitruvian.evaluation.average_precision import AnnotatedPose, ScoredPose

__all__ = [
    "FoundCount",
    "PeopleComparison",
    "PeopleScores",
    "compare_people",
    "fits",
    "people_scores",
]

FOUND_OKS = 0.3  # lower than COCO's 0.5: how exact a pose is, PCK and OKS-AP say
MIN_LABELS = 8  # a person with fewer labelled landmarks is ignored
MIN_IOU = 0.3  # of a pose's box with that of an ignored person
IN_CROWD = 0.5  # share of a pose's landmarks in the box of a crowd
SMALL_PX, TALL_PX = 96.0, 200.0  # heights of people that are counted apart


@dataclass(frozen=True, slots=True, eq=False)
class PeopleComparison:
    """The people of one image compared with the poses found in it.

    Attributes
    ----------
    counted : (n,) int array
        Index of each person who counts.
    heights_px : (n,) array, image px
        Height of the box of each of them.
    pose_of : (n,) int array
        The pose matched to each of them; -1 is a missed person.
    errors : (n, 17) array
        Error of each landmark in torso lengths; infinite for a missed person, NaN where a landmark
        is not labelled or the torso is not known.
    head_errors : (n, 17) array
        The same in lengths of the head, for PCKh; NaN where the head is not annotated.
    false_poses : (k,) int array
        The poses that fit nobody, second poses of a person included.
    n_poses : int
        Number of poses. Those neither matched nor false fit an ignored person.
    first_errors : (17,) array
        As `errors`, of the first pose and the person matched to it. Infinite, for the tallest
        person, if there is no pose or the first one fits nobody. NaN if nobody counts or the first
        pose fits an ignored person.
    is_empty : bool
        Whether nobody is annotated, not even an ignored person.
    """

    counted: NDArray[np.intp]
    heights_px: NDArray[np.float64]
    pose_of: NDArray[np.intp]
    errors: NDArray[np.float64]
    head_errors: NDArray[np.float64]
    false_poses: NDArray[np.intp]
    n_poses: int
    first_errors: NDArray[np.float64]
    is_empty: bool


@dataclass(frozen=True, slots=True)
class FoundCount:
    """How many people were found, of how many."""

    found: int
    people: int


@dataclass(frozen=True, slots=True)
class PeopleScores:
    """People found, false positives and PCK over a set of images; shares are NaN if nothing counts.

    Attributes
    ----------
    found : FoundCount
        People found.
    found_above_200_px, found_96_to_200_px, found_below_96_px : FoundCount
        Those whose box is so high.
    n_images, n_with_people : int
        Number of images, and of those in which a person counts.
    n_nobody_found : int
        Images in which people count but none was found.
    n_poses, n_false : int
        Number of poses, and of those that fit nobody.
    n_false_empty : int
        The latter in images without any annotation.
    pck10_found, pck20_found : float
        PCK at 0.1 and 0.2 of the torso, of the people who were found.
    pck10, pck20 : float
        The same of all people; each landmark of a missed person is wrong.
    n_landmarks_found, n_landmarks : int
        Number of landmarks of which those are the shares.
    pckh50_found, pckh50 : float
        PCKh: the same two at 0.5 of the head, of the people whose head is annotated.
    pck10_first, pck20_first : float
        The same with one pose an image, the first one. If there is none, or it fits nobody, each
        landmark of the tallest person is wrong.
    """

    found: FoundCount
    found_above_200_px: FoundCount
    found_96_to_200_px: FoundCount
    found_below_96_px: FoundCount
    n_images: int
    n_with_people: int
    n_nobody_found: int
    n_poses: int
    n_false: int
    n_false_empty: int
    pck10_found: float
    pck20_found: float
    pck10: float
    pck20: float
    n_landmarks_found: int
    n_landmarks: int
    pckh50_found: float
    pckh50: float
    pck10_first: float
    pck20_first: float


def compare_people(
    people: Sequence[AnnotatedPose], poses: Iterable[Pose | ScoredPose]
) -> PeopleComparison:
    """Return which people of an image were found, and which poses fit nobody.

    Parameters
    ----------
    people : sequence of AnnotatedPose
        The truth. Groups and people with fewer than 8 labelled landmarks are ignored: finding them
        is neither right nor wrong.
    poses : iterable of Pose or ScoredPose
        The poses of the image; a `PoseResult` is one. The order matters for `first_errors` only.

    Returns
    -------
    PeopleComparison

    Notes
    -----
    A person is found if a pose with an OKS of at least 0.3 is matched to them, by the one-to-one
    assignment with the highest sum. Of the other poses, those of ignored people do not count: an
    OKS of at least 0.3, or an IoU of the boxes of at least 0.3; for a group, at least half of the
    landmarks in its box.

    Examples
    --------
    >>> from vitruvian.evaluation import AnnotatedPose, ScoredPose
    >>> person = np.random.default_rng(0).uniform(0, 200, (17, 2))
    >>> poses = [ScoredPose(person + 500, 0.9), ScoredPose(person, 0.8)]
    >>> seen = compare_people([AnnotatedPose(person)], poses)
    >>> seen.pose_of.tolist(), seen.false_poses.tolist()
    ([1], [0])
    """
    found = [coco_landmarks(pose.landmarks)[:, :2] for pose in poses]
    counted = [person for person in people if _does_count(person)]
    ignored = [person for person in people if not _does_count(person)]
    pose_of = _matched_poses(counted, found)
    rest = [pose for pose in range(len(found)) if pose not in pose_of]
    of_ignored = [pose for pose in rest if any(fits(found[pose], one) for one in ignored)]
    heights_px = np.array([_height_px(person) for person in counted], np.float64)
    errors, head_errors = np.full((2, len(counted), 17), nan)
    for row, (person, pose) in enumerate(zip(counted, pose_of.tolist(), strict=True)):
        points = found[pose] if pose >= 0 else None
        errors[row] = _errors(points, person)
        head_errors[row] = _errors(points, person, person.head_px or nan)
    if 0 in of_ignored or not counted:
        first_errors = np.full(17, nan)
    elif 0 in pose_of:
        first_errors = errors[pose_of.tolist().index(0)]
    else:
        first_errors = _errors(None, counted[int(heights_px.argmax())])
    return PeopleComparison(
        counted=np.array([i for i, person in enumerate(people) if _does_count(person)], np.intp),
        heights_px=heights_px,
        pose_of=pose_of,
        errors=errors,
        head_errors=head_errors,
        false_poses=np.array([pose for pose in rest if pose not in of_ignored], np.intp),
        n_poses=len(found),
        first_errors=first_errors,
        is_empty=not people,
    )


def people_scores(images: Sequence[PeopleComparison]) -> PeopleScores:
    """Return how many people were found over a set of images, how well, and the false poses.

    Examples
    --------
    >>> from vitruvian.evaluation import AnnotatedPose, ScoredPose
    >>> person = np.random.default_rng(0).uniform(0, 200, (17, 2))
    >>> seen = compare_people([AnnotatedPose(person)], [ScoredPose(person, 0.9)])
    >>> missed = compare_people([AnnotatedPose(person)], [])
    >>> scores = people_scores([seen, missed])
    >>> scores.found, scores.n_nobody_found, scores.pck10_found, scores.pck10
    (FoundCount(found=1, people=2), 1, 1.0, 0.5)
    """
    heights_px = np.concatenate([np.empty(0), *(image.heights_px for image in images)])
    is_found = np.concatenate([np.empty(0, bool), *(image.pose_of >= 0 for image in images)])
    errors, head_errors = (
        np.concatenate([np.empty((0, 17)), *(getattr(image, name) for image in images)])
        for name in ("errors", "head_errors")
    )
    first = np.array([image.first_errors for image in images]).reshape(-1, 17)

    def count(is_in: NDArray[np.bool_]) -> FoundCount:
        return FoundCount(int(is_found[is_in].sum()), int(is_in.sum()))

    with_people = [image for image in images if len(image.heights_px)]
    return PeopleScores(
        found=count(heights_px >= 0),
        found_above_200_px=count(heights_px > TALL_PX),
        found_96_to_200_px=count((heights_px >= SMALL_PX) & (heights_px <= TALL_PX)),
        found_below_96_px=count(heights_px < SMALL_PX),
        n_images=len(images),
        n_with_people=len(with_people),
        n_nobody_found=sum(not (image.pose_of >= 0).any() for image in with_people),
        n_poses=sum(image.n_poses for image in images),
        n_false=sum(len(image.false_poses) for image in images),
        n_false_empty=sum(len(image.false_poses) for image in images if image.is_empty),
        pck10_found=_share_below(errors[is_found], 0.1),
        pck20_found=_share_below(errors[is_found], 0.2),
        pck10=_share_below(errors, 0.1),
        pck20=_share_below(errors, 0.2),
        n_landmarks_found=int((~np.isnan(errors[is_found])).sum()),
        n_landmarks=int((~np.isnan(errors)).sum()),
        pckh50_found=_share_below(head_errors[is_found], 0.5),
        pckh50=_share_below(head_errors, 0.5),
        pck10_first=_share_below(first, 0.1),
        pck20_first=_share_below(first, 0.2),
    )


def _does_count(person: AnnotatedPose) -> bool:
    n_labels = int(np.isfinite(person.landmarks).all(axis=1).sum())
    return n_labels >= MIN_LABELS and not person.is_crowd


def _matched_poses(
    people: Sequence[AnnotatedPose], poses: Sequence[NDArray[np.float64]]
) -> NDArray[np.intp]:
    """Return the pose of each person, -1 for none."""
    similarity = np.array([
        [oks(points, person.landmarks, person.area_px2) for points in poses] for person in people
    ]).reshape(len(people), len(poses))  # fmt: skip
    similarity[similarity < FOUND_OKS] = 0.0
    pose_of = np.full(len(people), -1)
    for person, pose in linear_assignment(-similarity):
        if similarity[person, pose]:
            pose_of[person] = pose
    return pose_of


def fits(points: NDArray[np.float64], ignored: AnnotatedPose) -> bool:
    """Return whether a pose may be of an ignored person, or of one in an ignored group."""
    similarity = oks(points, ignored.landmarks, ignored.area_px2)  # NaN without labels
    if similarity >= FOUND_OKS and not ignored.is_crowd:
        return True
    if ignored.box_xyxy is None:
        return False
    box = np.asarray(ignored.box_xyxy, np.float32)
    if ignored.is_crowd:
        is_inside = ((points >= box[:2]) & (points <= box[2:])).all(axis=1)
        return bool(is_inside.mean() >= IN_CROWD)
    low, high = np.nanmin(points, axis=0), np.nanmax(points, axis=0)
    around = np.array([[*low, *high]], np.float32)
    return bool(iou_xyxy(box, around)[0] >= MIN_IOU)


def _errors(
    points: NDArray[np.float64] | None, person: AnnotatedPose, length_px: float | None = None
) -> NDArray[np.float64]:
    """Return the error of each landmark in parts of a length, by default that of the torso."""
    length = float(torso_length_px(person.landmarks)) if length_px is None else length_px
    is_labelled = np.isfinite(person.landmarks).all(axis=1)
    if not length >= SHORTEST_TORSO_PX:
        return np.full(17, nan)
    if points is None:
        return np.where(is_labelled, inf, nan)
    distances_px = np.linalg.norm(points - person.landmarks, axis=1)
    distances_px[np.isnan(distances_px)] = inf
    return np.where(is_labelled, distances_px / length, nan)


def _height_px(person: AnnotatedPose) -> float:
    return float(person.bounds_xyxy[3] - person.bounds_xyxy[1])


def _share_below(errors: NDArray[np.float64], threshold: float) -> float:
    counted = errors[~np.isnan(errors)]
    return float((counted < threshold).mean()) if counted.size else nan
