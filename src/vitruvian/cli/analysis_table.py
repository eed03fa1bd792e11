"""The table that `vitruvian analyse` prints."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.analysis.summary import SUMMARY_JOINTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vitruvian.analysis.gait import Gait
    from vitruvian.analysis.repetitions import Repetition
    from vitruvian.analysis.summary import PersonSummary
    from vitruvian.core.sequence import PoseSequence

__all__ = ["summary_lines"]


def summary_lines(
    name: str, sequence: PoseSequence, summaries: Sequence[PersonSummary]
) -> Iterator[str]:
    """Yield the lines of a clip's table."""
    times = sequence.timestamps_us
    seconds = (times[-1] - times[0]) / 1e6 if len(times) else 0.0
    n_people = len(sequence.ids)
    people = "no person" if not n_people else "1 person" if n_people == 1 else f"{n_people} people"
    yield f"{Path(name).name}: {len(sequence)} frames, {seconds:.1f} s, {people}"
    for summary in summaries:
        if len(summaries) > 1:
            yield f"person {summary.person.id}"
        for exercise, found in summary.repetitions.items():
            yield from _repetitions(exercise.name, found)
        for label, class_times in summary.class_times_us.items():
            yield f"  class {label}: {len(class_times)} times"
        if summary.gait is not None:
            yield from _gait(summary.gait)
        yield from _ranges(summary)


def _repetitions(name: str, found: Sequence[Repetition]) -> Iterator[str]:
    n_partial = sum(r.is_partial for r in found)
    partial = f" and {n_partial} partial" if n_partial else ""
    yield f"  {name}: {len(found) - n_partial} repetitions{partial}"
    if not found:
        return
    yield "    no.   start s   out s  back s   range °   left - right °"
    for r in found:
        mark = "*" if r.is_partial else " "
        yield (
            f"    {r.number:>2}{mark}  {r.start_us / 1e6:8.1f}  {r.down_s:6.1f}  {r.up_s:6.1f}  "
            f"{r.range_deg:8.0f}  {_text(r.asymmetry_deg, '+z.0f'):>15}"
        )
    if n_partial:
        yield "    * partial"


def _gait(gait: Gait) -> Iterator[str]:
    if not gait.steps:
        yield "  gait: no walking found"
        return
    yield f"  gait: {len(gait.steps)} steps, {_text(gait.cadence, '.0f')} steps per minute"
    yield "              left   right   difference %"
    for label, name, form in (
        ("step s", "step_s", ".2f"),
        ("stride s", "stride_s", ".2f"),
        ("stance %", "stance_percent", ".0f"),
        ("speed m/s", "speed_m_s", ".2f"),
    ):
        left, right = gait.median(name, "left"), gait.median(name, "right")
        if math.isfinite(left) or math.isfinite(right):
            values = f"{_text(left, form):>6}  {_text(right, form):>6}"
            yield f"    {label:9} {values}  {_text(gait.symmetry(name), '+z.0f'):>13}"


def _ranges(summary: PersonSummary) -> Iterator[str]:
    yield "  angles °        left           right"
    for joint in SUMMARY_JOINTS:
        left, right = (summary.angle_range(f"{side}_{joint}").text() for side in ("left", "right"))
        yield f"    {joint:9} {left:>12}  {right:>14}"


def _text(value: float, form: str) -> str:
    return "–" if math.isnan(value) else format(value, form)
