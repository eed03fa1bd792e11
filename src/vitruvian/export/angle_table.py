"""Tables of angles and of steps, as CSV."""

from __future__ import annotations

import csv
import io
import math
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.analysis.gait import STEP_VALUES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from vitruvian.analysis.gait import Gait
    from vitruvian.core.sequence import PersonSequence

    Angles = Mapping[str, NDArray[np.float64]]

__all__ = ["angle_csv", "step_csv"]


def angle_csv(
    people: Iterable[tuple[PersonSequence, Angles]], names: Sequence[str], *, with_ids: bool = True
) -> str:
    """Return a table of one row for each frame and person.

    Columns: frame, timestamp_us, id, and one for each of `names`, in degrees. What is not known is
    an empty cell.

    Parameters
    ----------
    people : iterable of (PersonSequence, mapping of str to (T,) array)
    names : sequence of str
        Angles that are written.
    with_ids : bool
        Whether the IDs are those of people; if not, the column is empty.
    """
    rows = []
    for person, angles in people:
        columns = np.stack([angles[name] for name in names], axis=1)
        for t in np.flatnonzero(person.is_present).tolist():
            frame, time_us = int(person.frame_indices[t]), int(person.timestamps_us[t])
            rows.append((frame, time_us, person.id, *columns[t].tolist()))
    rows.sort(key=lambda row: row[:3])
    head = ["frame", "timestamp_us", "id", *names]
    return _csv(
        head,
        ((f, t, i if with_ids else "", *map(_degrees, values)) for f, t, i, *values in rows),
    )


def step_csv(gaits: Iterable[tuple[PersonSequence, Gait]]) -> str:
    """Return a table of one row for each step: id, side, strike_us, and `STEP_VALUES`."""
    rows = [
        (person.id, step.side, step.strike_us, *(_number(getattr(step, n)) for n in STEP_VALUES))
        for person, gait in gaits
        for step in gait.steps
    ]
    return _csv(["id", "side", "strike_us", *STEP_VALUES], rows)


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()


def _degrees(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.3f}"


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.4f}"
