"""Scores of one detector over the images of a data set, and the table that compares several."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.evaluation.average_precision import OksAp, oks_ap
from vitruvian.evaluation.people import PeopleScores, compare_people, people_scores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from vitruvian.core.pose import Pose
    from vitruvian.evaluation.average_precision import ScoredPose
    from vitruvian.evaluation.data_set import AnnotatedImage
    from vitruvian.evaluation.people import FoundCount, PeopleComparison

    Detect = Callable[[NDArray[np.uint8]], Iterable[Pose | ScoredPose]]

__all__ = ["DataSetScores", "ImageScore", "data_set_scores", "score_image", "score_table"]


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
        Time of the detection.
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
    """

    people: PeopleScores
    oks_ap: OksAp
    median_ms: float


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
    ms = 1e3 * (perf_counter() - begin)
    return ImageScore(image, poses, compare_people(image.people, poses), ms)


def data_set_scores(images: Sequence[ImageScore]) -> DataSetScores:
    """Return the scores over some images."""
    return DataSetScores(
        people_scores([image.comparison for image in images]),
        oks_ap([image.image.people for image in images], [image.poses for image in images]),
        float(np.median([image.ms for image in images])) if images else float("nan"),
    )


def score_table(scores: Mapping[str, DataSetScores]) -> list[tuple[str, ...]]:
    """Return a table as text: the header, then a row for each score; a column for each detector."""
    rows = [
        ("people found", *(_of(s.people.found) for s in scores.values())),
        ("  above 200 px", *(_of(s.people.found_above_200_px) for s in scores.values())),
        ("  96 to 200 px", *(_of(s.people.found_96_to_200_px) for s in scores.values())),
        ("  below 96 px", *(_of(s.people.found_below_96_px) for s in scores.values())),
        ("images where nobody was found", *map(_nobody, scores.values())),
        ("poses that fit nobody", *map(_false, scores.values())),
        ("  in images without people", *(f"{s.people.n_false_empty}" for s in scores.values())),
    ]
    for title, name in (("of people found", "_found"), ("missed = wrong", ""),
                        ("first pose only", "_first")):  # fmt: skip
        for threshold in (10, 20):
            values = [getattr(s.people, f"pck{threshold}{name}") for s in scores.values()]
            rows.append((f"PCK@0.{threshold // 10}, {title}", *map(_share, values)))
    for label in ("AP", "AP50", "AP75", "AR"):
        values = [getattr(s.oks_ap, label.lower()) for s in scores.values()]
        rows.append((f"OKS {label}", *map(_share, values)))
    times = (f"{s.median_ms:.1f}" for s in scores.values())
    return [("", *scores), *rows, ("ms per image", *times)]


def _of(count: FoundCount) -> str:
    return f"{count.found} of {count.people}"


def _nobody(scores: DataSetScores) -> str:
    return f"{scores.people.n_nobody_found} of {scores.people.n_with_people}"


def _false(scores: DataSetScores) -> str:
    n_false, n_poses = scores.people.n_false, scores.people.n_poses
    return f"{n_false} of {n_poses}, {100 * n_false / max(n_poses, 1):.0f} %"


def _share(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.3f}"
