"""CSV: the table of poses as text."""

from __future__ import annotations

import codecs
import csv
import io
from itertools import chain, islice
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core._arrays import json_floats
from vitruvian.core.schema import OPTIONAL
from vitruvian.draft import Draft
from vitruvian.export.record_file import RecordFile
from vitruvian.export.rows import (
    SCALAR_COLUMNS,
    Columns,
    frames_of_rows,
    number_in,
    results_in_order,
    results_of_any_order,
    rows_from_result,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult
    from vitruvian.core.schema import Quantity
    from vitruvian.export import SinkOptions
    from vitruvian.export.rows import FrameRows, Row

__all__ = ["CsvWriter", "iter_csv", "load_csv"]

ROWS_AT_ONCE = 1000  # of a file that is rewritten
SEPARATORS = ",;\t|"  # of the cells, as other programs write them


class CsvWriter:
    """A header and the rows of each frame, in UTF-8 with commas.

    When a pose brings an optional quantity for which there are no columns yet, the file is
    rewritten with these columns.
    """

    def __init__(self, path: Path, options: SinkOptions) -> None:
        self._path = path
        self._columns = Columns.for_quantities(())
        self._file = RecordFile(path, header=_csv_lines([self._columns.names]))

    def append(self, result: PoseResult, frame: Frame | None) -> None:
        """Add the rows of one frame."""
        present = [q for q in OPTIONAL if any(getattr(pose, q.name) is not None for pose in result)]
        if not set(present).issubset(self._columns.quantities):
            self._add_columns(present)
        self._file.append(_lines_of(result, self._columns))

    def _add_columns(self, quantities: Iterable[Quantity]) -> None:
        """Rewrite the file with columns for more quantities, empty in the rows so far."""
        columns = Columns.for_quantities([*self._columns.quantities, *quantities])
        self._file.close()
        wider = Draft(self._path)
        try:
            file = RecordFile(wider.path, header=_csv_lines([columns.names]))
            try:
                for lines in _rearranged(self._path, columns):
                    file.append(lines)
                wider.move_to(self._path)
            except BaseException:
                file.close()
                raise
        except BaseException:
            wider.discard()
            raise
        self._columns, self._file = columns, file
        self._lock = wider  # of the file, which has another path now

    def finish(self) -> None:
        """Close the file."""
        self._file.close()

    def salvage(self) -> str:
        """Close the file; every whole frame is kept."""
        self._file.close()
        return ".csv"


def iter_csv(path: Path) -> Iterator[PoseResult]:
    """Yield the frames of a table whose rows are in the order of frames."""
    return results_in_order(_frames(path))


def load_csv(path: Path) -> list[PoseResult]:
    """Return the frames of a table whose rows may be in any order."""
    return results_of_any_order(_frames(path))


def _frames(path: Path) -> Iterator[FrameRows]:
    """Yield the frames of a table that another program may have written.

    It may have another separator of cells, decimal commas, a byte order mark, UTF-16.
    """
    with path.open(encoding=_encoding(path), errors="replace", newline="") as lines:
        first = next(lines, "")
        if first.strip().lower().strip('"').startswith("sep="):  # Excel's own
            first = next(lines, "")
        table = csv.reader(chain([first], lines), delimiter=_separator(first))
        try:
            header = [name.strip() for name in next(table, [])]
            columns = Columns(header)
            yield from frames_of_rows(_rows(table, header, columns), columns)
        except (csv.Error, ValueError) as error:
            raise ValueError(f"line {table.line_num}: {error}") from error


def _rows(table: Iterable[list[str]], header: Sequence[str], columns: Columns) -> Iterator[Row]:
    take_scalars, take_values = (
        itemgetter(*map(header.index, names)) for names in (SCALAR_COLUMNS, columns.of_landmarks)
    )
    for cells in table:
        if any(cells):
            if len(cells) != len(header):
                raise ValueError(f"it must have {len(header)} cells, got {len(cells)}")
            scalars = map(number_in, take_scalars(cells), SCALAR_COLUMNS)
            values = _floats(take_values(cells), columns.of_landmarks)
            yield columns.checked_scalars(scalars), values


def _floats(cells: Sequence[str], names: Sequence[str]) -> NDArray[np.float32]:
    try:
        return np.array([cell or "nan" for cell in cells], np.float32)
    except ValueError:
        return np.array([number_in(*c) for c in zip(cells, names, strict=True)], np.float32)


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        mark = file.read(2)
    return "utf-16" if mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"


def _separator(header: str) -> str:
    """Return the separator with which the header has a column that every table has."""
    for separator in SEPARATORS:
        cells = next(csv.reader([header], delimiter=separator), [])
        if SCALAR_COLUMNS[0] in [cell.strip() for cell in cells]:
            return separator
    return ","


def _rearranged(path: Path, columns: Columns) -> Iterator[bytes]:
    """Yield the lines of a file of `CsvWriter`, with the cells of `columns`."""
    with path.open(encoding="utf-8", newline="") as lines:
        table = csv.reader(lines)
        header = next(table)
        take = itemgetter(*(header.index(n) if n in header else -1 for n in columns.names))
        while rows := list(islice(table, ROWS_AT_ONCE)):
            yield _csv_lines(take([*row, ""]) for row in rows)


def _lines_of(result: PoseResult, columns: Columns) -> bytes:
    rows = rows_from_result(result, columns)
    return _csv_lines([*scalars, *json_floats(values)] for scalars, values in rows)


def _csv_lines(rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
