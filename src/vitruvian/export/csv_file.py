"""CSV: the table of poses as text."""

from __future__ import annotations

import csv
import io
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core._arrays import json_floats
from vitruvian.core.schema import OPTIONAL
from vitruvian.core.table import FRAME_COLUMNS, WHOLE_COLUMNS
from vitruvian.export.record_file import RecordFile
from vitruvian.export.rows import (
    SCALAR_COLUMNS,
    Columns,
    frames_of_rows,
    results_in_order,
    results_of_any_order,
    rows_from_result,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult
    from vitruvian.core.schema import Quantity
    from vitruvian.export import SinkOptions
    from vitruvian.export.rows import FrameRows, Row

__all__ = ["CsvWriter", "iter_csv", "load_csv"]


class CsvWriter:
    """A header and the rows of each frame, in UTF-8 with commas.

    The first pose decides for which optional quantities there are columns. Until then, frames
    without poses wait in memory, some 30 bytes each.
    """

    def __init__(self, path: Path, options: SinkOptions) -> None:
        self._name = options.path.name
        self._file = RecordFile(path, header=_csv_lines([Columns.of_quantities(()).names]))
        self._columns: Columns | None = None
        self._waiting = bytearray()

    def append(self, result: PoseResult, frame: Frame | None) -> None:
        """Add the rows of one frame; ValueError for a quantity that the table has no columns for.

        If a quantity may be missing in the first pose, let it be NaN there instead of None.
        """
        if self._columns is None and not result:
            head = (getattr(result, name) for name in FRAME_COLUMNS)
            self._waiting += _csv_lines([head])
            return
        present = [q for q in OPTIONAL if any(getattr(pose, q.name) is not None for pose in result)]
        columns = self._columns or self._begin(present)
        for quantity in present:
            if quantity not in columns.quantities:
                raise ValueError(
                    f"{self._name!r} has no columns for {quantity.name!r}, which was None in its "
                    "first pose: write .jsonl or .parquet"
                )
        rows = rows_from_result(result, columns)
        self._file.append(_csv_lines([*scalars, *json_floats(values)] for scalars, values in rows))

    def _begin(self, quantities: Iterable[Quantity] = ()) -> Columns:
        """Write the header and the rows that wait for it; return the columns."""
        columns = Columns.of_quantities(quantities)
        empty = b"," * (len(columns.names) - len(FRAME_COLUMNS))
        rows = self._waiting.replace(b"\n", empty + b"\n")
        self._file.replace_all(_csv_lines([columns.names]) + rows)
        self._columns = columns
        self._waiting.clear()
        return columns

    def finish(self) -> None:
        """Close the file."""
        if self._columns is None:
            self._begin()
        self._file.close()

    def salvage(self) -> str:
        """Close the file; every whole frame is kept."""
        try:
            if self._columns is None:
                self._begin()
        finally:
            self._file.close()
        return ".csv"


def iter_csv(path: Path) -> Iterator[PoseResult]:
    """Yield the frames of a table whose rows are in the order of frames."""
    return results_in_order(_frames(path))


def load_csv(path: Path) -> list[PoseResult]:
    """Return the frames of a table whose rows may be in any order."""
    return results_of_any_order(_frames(path))


def _frames(path: Path) -> Iterator[FrameRows]:
    with path.open(encoding="utf-8-sig", newline="") as lines:  # Excel adds a byte order mark
        table = csv.reader(lines)
        header = next(table, [])
        columns = Columns(header)
        take_scalars, take_values = (
            itemgetter(*map(header.index, names))
            for names in (SCALAR_COLUMNS, columns.of_landmarks)
        )

        def rows() -> Iterator[Row]:
            for cells in filter(None, table):
                if len(cells) != len(header):
                    n = len(cells)
                    raise ValueError(f"line {table.line_num} has {n} cells, not {len(header)}")
                values = np.array([cell or "nan" for cell in take_values(cells)], np.float32)
                scalars = map(_number, SCALAR_COLUMNS, take_scalars(cells))
                yield columns.checked_scalars(scalars), values

        yield from frames_of_rows(rows(), columns)


def _number(column: str, cell: str) -> float | None:
    if not cell:
        return None
    return int(cell) if column in WHOLE_COLUMNS and cell.lstrip("-").isdigit() else float(cell)


def _csv_lines(rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
