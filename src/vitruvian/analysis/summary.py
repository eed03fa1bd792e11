"""Summary of a clip for one person: angles, repetitions, gait, classes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from vitruvian.analysis.angles import joint_angles
from vitruvian.analysis.classes import count_class
from vitruvian.analysis.exercises import exercise_named
from vitruvian.analysis.gait import gait
from vitruvian.analysis.repetitions import count_repetitions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from vitruvian.analysis.classes import PoseClassifier
    from vitruvian.analysis.exercises import Exercise
    from vitruvian.analysis.gait import Gait
    from vitruvian.analysis.repetitions import Repetition
    from vitruvian.core.sequence import PersonSequence

    Floats = NDArray[np.float64]

__all__ = ["SUMMARY_JOINTS", "AngleRange", "PersonSummary", "person_summary"]

SUMMARY_JOINTS = ("knee", "hip", "ankle", "shoulder", "elbow")
"""Joints whose range is reported, without the side."""

_JOINT_OF = {
    ("hip", "knee", "ankle"): "knee",
    ("shoulder", "hip", "knee"): "hip",
    ("shoulder", "elbow", "wrist"): "elbow",
    ("hip", "shoulder", "elbow"): "shoulder",
}
_COMBINED: dict[str, Callable[..., Floats]] = {
    "mean": np.nanmean,
    "min": np.nanmin,
    "max": np.nanmax,
}
RANGE_PERCENTILES = (1.0, 99.0)  # the extremes of a clip are often errors of single frames
MIN_KNOWN = 0.25  # of the frames with the person: with fewer, the range is that of a part only


class AngleRange(NamedTuple):
    """Smallest and largest angle in a clip, degrees, without its most extreme 2 % of frames."""

    low_deg: float
    high_deg: float

    @property
    def range_deg(self) -> float:
        """Range of motion."""
        return self.high_deg - self.low_deg

    def text(self, unit: str = "") -> str:
        """Return the range as ``"12 to 106"``; "–" if it is not known."""
        if np.isnan(self.low_deg):
            return "–"
        return f"{self.low_deg:z.0f}{unit} to {self.high_deg:z.0f}{unit}"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PersonSummary:
    """What a clip tells of one person.

    Attributes
    ----------
    person : PersonSequence
    angles : mapping of str to (T,) array, degrees
        As from `joint_angles`.
    repetitions : mapping of Exercise to list of Repetition
        With the angles of `angles`, as angles between two bones.
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

    def angle_range(self, name: str) -> AngleRange:
        """Return the range of an angle; NaN if it is known in less than a quarter of the frames."""
        degrees = self.angles[name][self.person.is_present]
        known = degrees[np.isfinite(degrees)]
        if not known.size or known.size < MIN_KNOWN * degrees.size:
            return AngleRange(np.nan, np.nan)
        return AngleRange(*np.percentile(known, RANGE_PERCENTILES).tolist())


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
    angles = joint_angles(person)
    repetitions = {
        exercise: [
            _remeasured(repetition, exercise, person, angles)
            for repetition in count_repetitions(person, exercise)
        ]
        for exercise in map(exercise_named, exercises)
    }
    return PersonSummary(
        person=person,
        angles=angles,
        repetitions=repetitions,
        gait=gait(person) if with_gait else None,
        class_times_us={
            name: count_class(person, classifier, name) for name in classes if classifier
        },
    )


def _remeasured(
    repetition: Repetition, exercise: Exercise, person: PersonSequence, angles: Mapping[str, Floats]
) -> Repetition:
    """Return a repetition with the angles of `joint_angles`, which are more exact than its own.

    Exercises are counted by the angle in world landmarks.
    """
    joint = _JOINT_OF.get(exercise.joint)
    if joint is None:
        return repetition
    times_us = person.timestamps_us
    rows = slice(*np.searchsorted(times_us, [repetition.start_us, repetition.end_us + 1]))
    turn = int(np.searchsorted(times_us, repetition.turn_us))
    sides = np.abs(np.stack([angles[f"{s}_{joint}"] for s in ("left", "right")], axis=1))
    inner = sides if joint == "shoulder" else 180 - sides
    is_known = np.isfinite(inner[rows]).any(axis=1)
    if not is_known.any():
        return repetition
    combined = _COMBINED[exercise.sides](inner[rows][is_known], axis=1)
    return replace(
        repetition,
        min_deg=float(combined.min()),
        max_deg=float(combined.max()),
        left_deg=float(inner[turn, 0]),
        right_deg=float(inner[turn, 1]),
    )
