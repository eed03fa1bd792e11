"""Rows of the table of poses: from results, and back, also after a user has edited the table."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vitruvian.core._arrays import float_of_json, whole_number
from vitruvian.core.pose import Pose, PoseResult
from vitruvian.core.roi import Roi
from vitruvian.core.schema import OPTIONAL, QUANTITIES, REQUIRED, columns_of
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.core.table import FRAME_COLUMNS, POSE_COLUMNS, WHOLE_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vitruvian.core.schema import Quantity

__all__ = [
    "SCALAR_COLUMNS",
    "Columns",
    "FrameRows",
    "Row",
    "frames_of_rows",
    "number_in",
    "results_in_order",
    "results_of_any_order",
    "rows_from_result",
]

# Cells of the scalar columns, int, float or None; and those of the landmark columns, float32 with
# NaN for an empty cell.
Row = tuple[list[Any], NDArray[np.float32]]

SCALAR_COLUMNS = (*FRAME_COLUMNS, *POSE_COLUMNS)
PERSON = SCALAR_COLUMNS.index("person")
_REGION_COLUMNS = SCALAR_COLUMNS[-5:]
ColumnsOf = Callable[[Iterable["Quantity"]], tuple[str, ...]]

_MISSING = ("", "na", "n/a", "#n/a", "<na>", "nan", "nat", "null", "none")  # pandas, polars, R
_WORDS = dict.fromkeys(_MISSING, math.nan) | {"true": 1.0, "false": 0.0}


class Columns:
    """The columns of one table.

    Parameters
    ----------
    names : sequence of str
        Columns of a file, in any order; unknown ones are ignored.
    of_quantities : callable
        Gives the columns of landmark quantities: `columns_of` or `list_columns_of`.

    Attributes
    ----------
    quantities : tuple of Quantity
        The quantities for which it has columns.
    of_landmarks : tuple of str
        The columns of these quantities.
    names : tuple of str
        All known columns, in the order in which they are written.
    n_values : int
        Number of values of the landmarks of one pose.

    Raises
    ------
    ValueError
        If a column is missing that every table of poses has, or a known one occurs twice.
    """

    def __init__(self, names: Sequence[str], of_quantities: ColumnsOf = columns_of) -> None:
        present = set(names)
        wanted = (*SCALAR_COLUMNS, *of_quantities(REQUIRED))
        missing = [name for name in wanted if name not in present]
        if missing:
            what = "" if len(missing) < len(wanted) / 2 else "it is not a table of poses: "
            raise ValueError(f"{what}it has no column {missing[0]!r}")
        optional = [q for q in OPTIONAL if present.issuperset(of_quantities([q]))]
        self.quantities = tuple(q for q in QUANTITIES if not q.is_optional or q in optional)
        self.of_landmarks = of_quantities(self.quantities)
        self.n_values = len(columns_of(self.quantities))
        self.names = (*SCALAR_COLUMNS, *self.of_landmarks)
        if len(present) < len(names):
            twice = [name for name in self.names if list(names).count(name) > 1]
            if twice:
                raise ValueError(f"it has several columns {twice[0]!r}")

    @classmethod
    def for_quantities(
        cls, quantities: Iterable[Quantity], of_quantities: ColumnsOf = columns_of
    ) -> Columns:
        """Return the columns of a new table with `quantities`; the required ones are implied."""
        names = {q.name for q in (*REQUIRED, *quantities)}
        wanted = [q for q in QUANTITIES if q.name in names]
        return cls((*SCALAR_COLUMNS, *of_quantities(wanted)), of_quantities)

    def checked_scalars(self, values: Iterable[Any]) -> list[Any]:
        """Return the scalar cells of a row with int for whole numbers and None for missing."""
        return [
            None
            if value is None or value != value  # NaN
            else whole_number(value, name)
            if name in WHOLE_COLUMNS
            else value
            for name, value in zip(SCALAR_COLUMNS, values, strict=True)
        ]


def number_in(cell: str, column: str) -> float:
    """Return the number in a cell of text, also as other programs write it; NaN for an empty cell.

    A comma is a decimal point: a spreadsheet of many countries writes ``0,5``.

    Raises
    ------
    ValueError
        If it is not a number.
    """
    word = cell.strip().lower()
    if word in _WORDS:
        return _WORDS[word]
    try:
        if column in WHOLE_COLUMNS and word.removeprefix("-").isdigit():
            return int(word)
        return float(word.replace(",", "."))
    except ValueError:
        raise ValueError(f"{column} must be a number, got {cell!r}") from None


def rows_from_result(result: PoseResult, columns: Columns) -> list[Row]:
    """Return the rows of one frame: one for each pose, or one for none, empty from `person` on."""
    head = [result.frame_index, result.timestamp_us, result.width, result.height]
    if not result:
        missing = [None] * len(POSE_COLUMNS)
        return [([*head, *missing], np.full(columns.n_values, np.nan, np.float32))]
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

    head: tuple[int, ...]
    poses: dict[int, Pose] = field(default_factory=dict)

    def fits(self, other: FrameRows) -> bool:
        """Whether both can be rows of one frame: same scalars, other positions, other IDs."""
        ids = {pose.id for pose in self.poses.values()} - {None}
        return (
            self.head == other.head
            and not self.poses.keys() & other.poses.keys()
            and ids.isdisjoint(pose.id for pose in other.poses.values())
        )

    @property
    def result(self) -> PoseResult:
        """The result, with the poses in the order of their positions."""
        index, timestamp_us, width, height = self.head
        poses = tuple(self.poses[position] for position in sorted(self.poses))
        return PoseResult(index, timestamp_us, width, height, poses)


def frames_of_rows(rows: Iterable[Row], columns: Columns) -> Iterator[FrameRows]:
    """Yield the frames of neighbouring rows.

    A frame ends where a scalar of the frame changes, at a row without a pose, and where the
    position or the ID of a pose is repeated: then another frame with the same number begins.
    """
    frame: FrameRows | None = None
    for scalars, values in rows:
        row = _frame_of_row(scalars, values, columns)
        if frame is not None and frame.poses and row.poses and frame.fits(row):
            frame.poses |= row.poses
        else:
            if frame is not None:
                yield frame
            frame = row
    if frame is not None:
        yield frame


def _frame_of_row(scalars: list[Any], values: NDArray[np.float32], columns: Columns) -> FrameRows:
    """Return the frame with the pose of one row, or without poses."""
    head, person = scalars[:PERSON], scalars[PERSON]
    if None in head:
        raise ValueError(f"a row has no {FRAME_COLUMNS[head.index(None)]}")
    poses = {} if person is None else {person: _pose(scalars, values, columns)}
    return FrameRows(tuple(head), poses)


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

    Rows with the same scalars are one frame, unless the position or the ID of a pose is repeated.
    The results are in the order of the file.

    Raises
    ------
    ValueError
        If numbers are repeated, and the rows of a frame are not together.
    """
    known: dict[tuple[int, ...], FrameRows] = {}
    kept: list[FrameRows] = []
    parted: FrameRows | None = None
    for frame in frames:
        other = known.get(frame.head)
        if other and other.poses and frame.poses and other.fits(frame):
            other.poses |= frame.poses
            parted = other
        else:
            known[frame.head] = frame
            kept.append(frame)
    is_repeated = len({frame.head[0] for frame in kept}) < len(kept)
    if is_repeated and parted is not None:
        raise ValueError(
            f"a frame_index is repeated: the rows of each frame must be together, got those of "
            f"frame_index {parted.head[0]} apart"
        )
    return [frame.result for frame in kept]


def _pose(scalars: list[Any], values: NDArray[np.float32], columns: Columns) -> Pose:
    number, score, *region = scalars[PERSON + 1 :]
    if None in region:
        raise ValueError(f"a row with a person has no {_REGION_COLUMNS[region.index(None)]}")
    of_landmarks = values.reshape(len(BLAZEPOSE), -1)
    arrays: dict[str, Any] = {}
    start = 0
    for q in columns.quantities:
        part = of_landmarks[:, start : start + len(q.suffixes)]
        start += len(q.suffixes)
        if not (q.is_optional and np.isnan(part).all()):
            arrays[q.name] = part.reshape(q.shape)
    x, y, width, height, rotation = map(float, region)
    roi = Roi((x, y), (width, height), rotation)
    return Pose(**arrays, roi=roi, score=float_of_json(score), id=number)
