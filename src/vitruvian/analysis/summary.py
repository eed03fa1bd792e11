"""Summary of a clip for one person: angles, repetitions, gait, classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vitruvian.analysis.angles import joint_angles
from vitruvian.analysis.classes import count_class
from vitruvian.analysis.exercises import exercise_named
from vitruvian.analysis.gait import gait
from vitruvian.analysis.repetitions import count_repetitions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from vitruvian.analysis.classes import PoseClassifier
    from vitruvian.analysis.exercises import Exercise
    from vitruvian.analysis.gait import Gait
    from vitruvian.analysis.repetitions import Repetition
    from vitruvian.core.sequence import PersonSequence

    Floats = NDArray[np.float64]

__all__ = ["SUMMARY_JOINTS", "AngleRange", "PersonSummary", "angle_range", "person_summary"]

SUMMARY_JOINTS = ("knee", "hip", "ankle", "shoulder", "elbow")
"""Joints whose range is reported, without the side."""

RANGE_PERCENTILES = (1.0, 99.0)  # the extremes of a clip are often errors of single frames


class AngleRange(NamedTuple):
    """Smallest and largest angle in a clip, degrees, without its most extreme 2 % of frames."""

    low_deg: float
    high_deg: float

    @property
    def range_deg(self) -> float:
        """Range of motion."""
        return self.high_deg - self.low_deg


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PersonSummary:
    """What a clip tells of one person.

    Attributes
    ----------
    person : PersonSequence
    angles : mapping of str to (T,) array, degrees
        As from `joint_angles`.
    repetitions : mapping of Exercise to list of Repetition
    gait : Gait or None
        None if it was not asked for.
    class_times_us : mapping of str to list of int
        When each class was left: its count is the length.
    """

    person: PersonSequence
    angles: Mapping[str, Floats]
    repetitions: Mapping[Exercise, list[Repetition]]
    gait: Gait | None
    class_times_us: Mapping[str, list[int]]


def person_summary(
    person: PersonSequence,
    *,
    exercises: Sequence[str | Exercise] = (),
    with_gait: bool = False,
    classifier: PoseClassifier | None = None,
    classes: Sequence[str] = (),
) -> PersonSummary:
    """Return the summary of a clip for one person.

    Parameters
    ----------
    person : PersonSequence
        Smoothed, see `vitruvian.analysis.filtering.filtered`.
    exercises : sequence of str or Exercise
        Exercises whose repetitions are counted.
    with_gait : bool
        Whether to find the events of walking.
    classifier : PoseClassifier or None
    classes : sequence of str
        Classes of `classifier` that are counted.

    Raises
    ------
    ValueError
        If an exercise or a class is not known.
    """
    known = [exercise_named(exercise) for exercise in exercises]
    return PersonSummary(
        person=person,
        angles=joint_angles(person),
        repetitions={exercise: count_repetitions(person, exercise) for exercise in known},
        gait=gait(person) if with_gait else None,
        class_times_us={
            name: count_class(person, classifier, name) for name in classes if classifier
        },
    )


def angle_range(degrees: Floats) -> AngleRange:
    """Return the range of an angle in a clip; NaN if it is never known."""
    known = degrees[np.isfinite(degrees)]
    if not known.size:
        return AngleRange(np.nan, np.nan)
    return AngleRange(*np.percentile(known, RANGE_PERCENTILES).tolist())
