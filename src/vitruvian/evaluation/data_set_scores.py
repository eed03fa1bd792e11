"""Scores of one detector over the images of a data set, and the table that compares several."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import nan
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.evaluation.average_precision import OksAp, oks_ap
from vitruvian.evaluation.identity import IdentityScores, frame_comparison, identity_scores
from vitruvian.evaluation.people import (
    FoundCount,
    PeopleScores,
    compare_people,
    people_scores,
)
from vitruvian.evaluation.space import SpaceScores, in_camera_space, space_scores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from vitruvian.core.pose import Pose
    from vitruvian.evaluation.average_precision import AnnotatedPose, ScoredPose
    from vitruvian.evaluation.data_set import AnnotatedImage
    from vitruvian.evaluation.identity import FrameComparison
    from vitruvian.evaluation.people import PeopleComparison

    Detect = Callable[[NDArray[np.uint8]], Iterable[Pose | ScoredPose]]

__all__ = [
    "DataSetScores",
    "ImageScore",
    "data_set_scores",
    "score_image",
    "score_poses",
    "score_table",
]

TITLE_IN_SPACE = {
    "mpjpe_mm": "MPJPE",
    "pa_mpjpe_mm": "PA-MPJPE",
    "n_mpjpe_mm": "N-MPJPE",
    "hips_mm": "error of the hips",
}
N_WORST_LABELS = 5  # classes in the table


@dataclass(frozen=True, slots=True, eq=False)
class ImageScore:
    """One image of a data set with the poses found in it.

    Attributes
    ----------
    image : AnnotatedImage
        The truth.
    poses : tuple of Pose or ScoredPose
        What was found.
    comparison : PeopleComparison
        Who was found, and which poses are false.
    ms : float
        Time of the detection; NaN if it is not known.
    """

    image: AnnotatedImage
    poses: tuple[Pose | ScoredPose, ...]
    comparison: PeopleComparison
    ms: float


@dataclass(frozen=True, slots=True)
class DataSetScores:
    """Scores over the images of a data set.

    Attributes
    ----------
    people : PeopleScores
        People found, false positives, PCK.
    oks_ap : OksAp
        COCO's average precision and recall.
    median_ms : float
        Median time of an image; reading the file is not part of it.
    space : SpaceScores
        Errors in space.
    identity : IdentityScores or None
        Scores of persistent IDs, if both the truth and the poses have them.
    labels : mapping of str to FoundCount
        Images with a class in which an annotated person was found, of all, by the class; without
        annotated people, those with any pose.
    """

    people: PeopleScores
    oks_ap: OksAp
    median_ms: float
    space: SpaceScores = field(default_factory=SpaceScores)
    identity: IdentityScores | None = None
    labels: Mapping[str, FoundCount] = field(default_factory=dict)


def score_image(image: AnnotatedImage, pixels: NDArray[np.uint8], detect: Detect) -> ImageScore:
    """Return the poses that `detect` finds in an image, compared with the truth.

    Parameters
    ----------
    image : AnnotatedImage
        The truth.
    pixels : (H, W, 3) uint8 array
        RGB.
    detect : callable
        Takes the pixels and returns poses, the best one first, such as `PoseEstimator.detect`.
    """
    begin = perf_counter()
    poses = tuple(detect(pixels))
    return score_poses(image, poses, 1e3 * (perf_counter() - begin))


def score_poses(
    image: AnnotatedImage, poses: Iterable[Pose | ScoredPose], ms: float = nan
) -> ImageScore:
    """Return poses, the best one first, compared with the truth of their image.

    If its camera is known, the poses are placed in camera space.
    """
    found = tuple(poses if image.camera is None else in_camera_space(poses, image.camera))
    compared = found if image.has_people else ()  # else they are neither right nor false
    return ImageScore(image, found, compare_people(image.people, compared), ms)


def data_set_scores(images: Sequence[ImageScore]) -> DataSetScores:
    """Return the scores over some images.

    Raises
    ------
    BackendUnavailableError
        If both the truth and the poses have IDs, and motmetrics is not installed.
    """
    annotated = [image for image in images if image.image.has_people]
    times = [image.ms for image in images if not np.isnan(image.ms)]
    return DataSetScores(
        people_scores([image.comparison for image in annotated]),
        oks_ap([image.image.people for image in annotated], [image.poses for image in annotated]),
        float(np.median(times)) if times else nan,
        space_scores(match for image in annotated for match in _matches(image)),
        _identity(annotated),
        _labels(images),
    )


def _matches(score: ImageScore) -> Iterator[tuple[AnnotatedPose, Pose | ScoredPose]]:
    seen = score.comparison
    for person, pose in zip(seen.counted.tolist(), seen.pose_of.tolist(), strict=True):
        if pose >= 0:
            yield score.image.people[person], score.poses[pose]


def _identity(images: Sequence[ImageScore]) -> IdentityScores | None:
    has_truth = any(person.id is not None for image in images for person in image.image.people)
    has_ids = any(pose.id is not None for image in images for pose in image.poses)
    if not (has_truth and has_ids):
        return None
    clips: dict[str, list[FrameComparison]] = {}
    for image in images:
        clip = clips.setdefault(image.image.sequence, [])
        clip.append(frame_comparison(image.image.people, image.poses))
    return identity_scores(list(clips.values()))


def _labels(images: Sequence[ImageScore]) -> dict[str, FoundCount]:
    found: dict[str, list[bool]] = {}
    for image in images:
        if image.image.label is not None:
            seen = image.comparison.pose_of >= 0 if image.image.has_people else image.poses
            found.setdefault(image.image.label, []).append(any(seen))
    return {label: FoundCount(sum(one), len(one)) for label, one in sorted(found.items())}


def score_table(scores: Mapping[str, DataSetScores]) -> list[tuple[str, ...]]:
    """Return a table as text: the header, then a row for each score; a column for each detector."""
    all_scores = list(scores.values())
    rows: list[tuple[str, ...]] = []

    def add(title: str, texts: Iterable[str]) -> None:
        rows.append((title, *texts))

    if any(s.people.n_images for s in all_scores) or not any(s.labels for s in all_scores):
        _add_people(add, all_scores)
    if any(s.space.n_poses for s in all_scores):
        for name, title in TITLE_IN_SPACE.items():
            values = [getattr(s.space, name) for s in all_scores]
            if not np.isnan(values).all():
                add(f"{title}, mm", (_number(value, 0) for value in values))
        add("poses compared in space", (f"{s.space.n_poses}" for s in all_scores))
    if any(s.identity for s in all_scores):
        for name in ("idf1", "mota"):
            add(name.upper(), (_share(getattr(s.identity, name, nan)) for s in all_scores))
        add("ID switches", (f"{getattr(s.identity, 'id_switches', '-')}" for s in all_scores))
    _add_labels(add, all_scores)
    if not all(np.isnan(s.median_ms) for s in all_scores):
        add("ms per image", (_number(s.median_ms, 1) for s in all_scores))
    return [("", *scores), *rows]


def _add_people(add: Callable[[str, Iterable[str]], None], scores: Sequence[DataSetScores]) -> None:
    people = [s.people for s in scores]
    add("people found", (_of(p.found) for p in people))
    add("  above 200 px tall", (_of(p.found_above_200_px) for p in people))
    add("  96 to 200 px tall", (_of(p.found_96_to_200_px) for p in people))
    add("  below 96 px tall", (_of(p.found_below_96_px) for p in people))
    add("images where nobody was found", map(_nobody, people))
    add("poses that fit nobody", map(_false, people))
    add("  in images without people", (f"{p.n_false_empty}" for p in people))
    for title, name in (("of people found", "_found"), ("missed = wrong", ""),
                        ("first pose only", "_first")):  # fmt: skip
        for threshold in (10, 20):
            values = [getattr(p, f"pck{threshold}{name}") for p in people]
            add(f"PCK@0.{threshold // 10}, {title}", map(_share, values))
    add("landmarks of people found", (f"{p.n_landmarks_found} of {p.n_landmarks}" for p in people))
    if not all(np.isnan(p.pckh50) for p in people):
        add("PCKh@0.5, of people found", (_share(p.pckh50_found) for p in people))
        add("PCKh@0.5, missed = wrong", (_share(p.pckh50) for p in people))
    for label in ("AP", "AP50", "AP75", "AR"):
        add(f"OKS {label}", (_share(getattr(s.oks_ap, label.lower())) for s in scores))


def _add_labels(add: Callable[[str, Iterable[str]], None], scores: Sequence[DataSetScores]) -> None:
    """Add the images with a class in which anyone was found, and the worst classes."""
    labels = {label for s in scores for label in s.labels}
    if not labels:
        return
    totals = ([sum(getattr(c, name) for c in s.labels.values()) for name in ("found", "people")]
              for s in scores)  # fmt: skip
    has_people = any(s.people.n_images for s in scores)
    title = "images whose people were found" if has_people else "images with a pose"
    add(title, (f"{found} of {n}" for found, n in totals))
    none = FoundCount(0, 0)

    def share(label: str) -> tuple[float, str]:
        counts = [s.labels.get(label, none) for s in scores]
        return sum(c.found for c in counts) / max(sum(c.people for c in counts), 1), label

    for label in sorted(labels, key=share)[:N_WORST_LABELS]:
        add(f"  {label}", (_of(s.labels.get(label, none)) for s in scores))


def _of(count: FoundCount) -> str:
    return f"{count.found} of {count.people}"


def _nobody(people: PeopleScores) -> str:
    return f"{people.n_nobody_found} of {people.n_with_people}"


def _false(people: PeopleScores) -> str:
    n_false, n_poses = people.n_false, people.n_poses
    return f"{n_false} of {n_poses}, {100 * n_false / max(n_poses, 1):.0f} %"


def _share(value: float) -> str:
    return _number(value, 3)


def _number(value: float, digits: int) -> str:
    return "-" if np.isnan(value) else f"{value:.{digits}f}"
