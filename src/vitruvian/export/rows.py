"""Rows of the table of poses: from results, and back, also after a user has edited the table."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vitruvian.core.pose import Pose, PoseResult
from vitruvian.core.roi import Roi
from vitruvian.core.schema import OPTIONAL, QUANTITIES, REQUIRED, columns_of
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.core.table import FRAME_COLUMNS, POSE_COLUMNS, WHOLE_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vitruvian.core.schema import Quantity

__all__ = [
    "SCALAR_COLUMNS",
    "Columns",
    "FrameRows",
    "Row",
    "frames_of_rows",
    "results_in_order",
    "results_of_any_order",
    "rows_from_result",
]

# Cells of the scalar columns, int, float or None; and those of the landmark columns, float32 with
# NaN for an empty cell.
Row = tuple[list[Any], NDArray[np.float32]]

SCALAR_COLUMNS = (*FRAME_COLUMNS, *POSE_COLUMNS)
PERSON = SCALAR_COLUMNS.index("person")


class Columns:
    """The columns of one table.

    Parameters
    ----------
    names : sequence of str
        Columns of a file, in any order; unknown ones are ignored.

    Attributes
    ----------
    quantities : tuple of Quantity
        The quantities for which it has columns.
    of_landmarks : tuple of str
        The columns of these quantities.
    names : tuple of str
        All known columns, in the order in which they are written.

    Raises
    ------
    ValueError
        If a column is missing that every table of poses has.
    """

    def __init__(self, names: Sequence[str]) -> None:
        present = set(names)
        missing = [n for n in (*SCALAR_COLUMNS, *columns_of(REQUIRED)) if n not in present]
        if missing:
            raise ValueError(f"it is not a table of poses: it has no column {missing[0]!r}")
        optional = [q for q in OPTIONAL if present.issuperset(columns_of([q]))]
        self.quantities = tuple(q for q in QUANTITIES if not q.is_optional or q in optional)
        self.of_landmarks = columns_of(self.quantities)
        self.names = (*SCALAR_COLUMNS, *self.of_landmarks)

    @classmethod
    def of_quantities(cls, quantities: Iterable[Quantity]) -> Columns:
        """Return the columns of a new table with `quantities`; the required ones are implied."""
        wanted = [*REQUIRED, *(q for q in quantities if q.is_optional)]
        return cls((*SCALAR_COLUMNS, *columns_of(wanted)))

    def checked_scalars(self, values: Iterable[Any]) -> list[Any]:
        """Return the scalar cells of a row with int for whole numbers and None for missing."""
        return [
            _whole(value, name) if name in WHOLE_COLUMNS else value
            for name, value in zip(SCALAR_COLUMNS, values, strict=True)
        ]


def _whole(value: float | None, name: str) -> int | None:
    """Return a whole number, which pandas writes as 3.0 if others of its column are missing."""
    if value is None or math.isnan(value):
        return None
    if int(value) != value:
        raise ValueError(f"{name} must be a whole number, got {value!r}")
    return int(value)


def rows_from_result(result: PoseResult, columns: Columns) -> list[Row]:
    """Return the rows of one frame: one for each pose, or one for none, empty from `person` on."""
    head = [result.frame_index, result.timestamp_us, result.width, result.height]
    if not result:
        missing = [None] * len(POSE_COLUMNS)
        return [([*head, *missing], np.full(len(columns.of_landmarks), np.nan, np.float32))]
    rows = []
    for person, pose in enumerate(result):
        roi = (*pose.roi.center, *pose.roi.wh, pose.roi.rotation)
        scalars = [*head, person, pose.id, pose.score, *roi]
        parts = [_cells(pose, quantity) for quantity in columns.quantities]
        rows.append((scalars, np.concatenate(parts, axis=1).ravel()))
    return rows


def _cells(pose: Pose, quantity: Quantity) -> NDArray[np.float32]:
    values = getattr(pose, quantity.name)
    shape = quantity.shape[0], len(quantity.suffixes)
    if values is None:
        return np.full(shape, np.nan, np.float32)
    cells: NDArray[np.float32] = values.reshape(shape)
    return cells


@dataclass(slots=True)
class FrameRows:
    """Rows of one frame: its scalars, and its poses by their position."""

    head: list[int]
    poses: dict[int, Pose] = field(default_factory=dict)

    @property
    def result(self) -> PoseResult:
        """The result, with the poses in the order of their positions."""
        index, timestamp_us, width, height = self.head
        poses = tuple(self.poses[position] for position in sorted(self.poses))
        return PoseResult(index, timestamp_us, width, height, poses)


def frames_of_rows(rows: Iterable[Row], columns: Columns) -> Iterator[FrameRows]:
    """Yield the frames of neighbouring rows.

    A frame ends where `frame_index` changes, at a row without a pose, and where the position of a
    pose is repeated: then another frame with the same number begins.
    """
    frame: FrameRows | None = None
    for scalars, values in rows:
        head, person = scalars[:PERSON], scalars[PERSON]
        if None in head:
            raise ValueError(f"a row has no {FRAME_COLUMNS[head.index(None)]}")
        is_same = frame is not None and frame.head[0] == head[0] and bool(frame.poses)
        if frame is None or not is_same or person is None or person in frame.poses:
            if frame is not None:
                yield frame
            frame = FrameRows(head)
        if person is not None:
            frame.poses[person] = _pose(scalars[PERSON + 1 :], values, columns)
    if frame is not None:
        yield frame


def results_in_order(frames: Iterable[FrameRows]) -> Iterator[PoseResult]:
    """Yield the results of frames; ValueError where `frame_index` decreases."""
    last = -1
    for frame in frames:
        if frame.head[0] < last:
            raise ValueError(
                f"its rows must be in the order of frame_index to be read one by one, got "
                f"{frame.head[0]} after {last}: use load_results"
            )
        last = frame.head[0]
        yield frame.result


def results_of_any_order(frames: Iterable[FrameRows]) -> list[PoseResult]:
    """Return the results of frames whose rows a user may have sorted by something else.

    Rows with the same `frame_index` are one frame, unless the position of a pose is repeated. The
    results are in the order of `frame_index`; where frames have equal numbers, in that of the file.
    """
    known: dict[int, FrameRows] = {}
    kept: list[FrameRows] = []
    for frame in frames:
        other = known.get(frame.head[0])
        if other and other.poses and frame.poses and not other.poses.keys() & frame.poses.keys():
            other.poses.update(frame.poses)
        else:
            known[frame.head[0]] = frame
            kept.append(frame)
    if len(known) == len(kept):
        kept.sort(key=lambda frame: frame.head[0])
    return [frame.result for frame in kept]


def _pose(scalars: list[Any], values: NDArray[np.float32], columns: Columns) -> Pose:
    number, score, x, y, width, height, rotation = scalars
    of_landmarks = values.reshape(len(BLAZEPOSE), -1)
    arrays: dict[str, Any] = {}
    start = 0
    for q in columns.quantities:
        part = of_landmarks[:, start : start + len(q.suffixes)]
        start += len(q.suffixes)
        if not (q.is_optional and np.isnan(part).all()):
            arrays[q.name] = part.reshape(q.shape)
    roi = Roi((x, y), (width, height), rotation)
    return Pose(**arrays, roi=roi, score=math.nan if score is None else float(score), id=number)
