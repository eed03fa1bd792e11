"""What is measured in the results of a job: repetitions, angles, a report.

The numbers are those of `vitruvian analyse` with the same results.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitruvian.analysis.angles import angle_names, joint_definitions
from vitruvian.analysis.clip import SMOOTH_HZ, is_clip, prepared, seen_long
from vitruvian.analysis.exercises import EXERCISES
from vitruvian.analysis.points import MIN_VISIBILITY
from vitruvian.analysis.summary import PersonSummary, person_summary
from vitruvian.core._arrays import json_float
from vitruvian.core.sequence import PoseSequence
from vitruvian.export.angle_table import angle_csv
from vitruvian.lift.camera_options import CameraOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitruvian.analysis.repetitions import Repetition
    from vitruvian.core.pose import PoseResult

__all__ = ["angle_info", "angle_table", "exercise_info", "people_of", "repetitions_of"]


def angle_info() -> list[dict[str, Any]]:
    """Return how the page measures joints: see `joint_definitions`."""
    return [
        {**d._asdict(), "title": _title(d.name), "min_visibility": MIN_VISIBILITY}
        for d in joint_definitions()
    ]


def exercise_info() -> list[dict[str, Any]]:
    """Return the exercises, and how the page measures the joint of each: see `Exercise`."""
    return [
        {
            "name": e.name,
            "title": _title(e.name),
            "joint": e.joint[1],
            "points": e.indices.tolist(),
            "may_be_hidden": e.may_be_hidden.tolist(),
            "min_visibility": MIN_VISIBILITY,
            "low_deg": e.low_deg,
            "high_deg": e.high_deg,
            "rest": e.rest,
            "sides": e.sides,
        }
        for e in EXERCISES.values()
    ]


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def people_of(results: Sequence[PoseResult], exercise: str = "") -> list[PersonSummary]:
    """Return what is measured of each person of a clip.

    Raises
    ------
    ValueError
        If the exercise is not known, or the results are those of images.
    """
    exercises = [exercise] if exercise else []
    if not results:
        return []
    sequence = PoseSequence.from_results(results)
    if not is_clip(sequence):
        raise ValueError("repetitions and angles over time need a video, got images")
    sequence, _ = prepared(sequence, CameraOptions(), smooth_hz=SMOOTH_HZ)
    return [person_summary(sequence.person(i), exercises=exercises) for i in sequence.ids.tolist()]


def repetitions_of(results: Sequence[PoseResult], exercise: str) -> dict[str, Any]:
    """Return the answer of ``/api/jobs/{id}/repetitions``."""
    people = []
    for summary in seen_long(people_of(results, exercise)):
        (found,) = summary.repetitions.values()
        n_whole = sum(not r.is_partial for r in found)
        person = {"id": summary.person.id, "count": n_whole}
        people.append({**person, "repetitions": [_fields(r) for r in found]})
    return {"people": people}


def _fields(repetition: Repetition) -> dict[str, Any]:
    r = repetition
    times = {"start_us": r.start_us, "turn_us": r.turn_us, "end_us": r.end_us}
    names = ("min_deg", "max_deg", "range_deg", "left_deg", "right_deg", "down_s", "up_s")
    values = {name: json_float(getattr(r, name)) for name in names}
    return {"number": r.number, **times, **values, "is_partial": r.is_partial}


def angle_table(results: Sequence[PoseResult]) -> str:
    """Return the joint angles of every frame and person as CSV."""
    rows = [(s.person, s.angles) for s in people_of(results)]
    return angle_csv(rows, angle_names())
