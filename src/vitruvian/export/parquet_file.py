"""Parquet: the table of poses in typed columns; needs PyArrow."""

from __future__ import annotations

import json
from itertools import chain, islice
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.types as types

from vitruvian.core.schema import REQUIRED, columns_of, list_columns_of
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.core.table import WHOLE_COLUMNS
from vitruvian.export.heading import compact_json, file_heading, provenance_in
from vitruvian.export.rows import (
    SCALAR_COLUMNS,
    Columns,
    frames_of_rows,
    number_in,
    results_in_order,
    results_of_any_order,
    rows_from_result,
)
from vitruvian.export.spool import SpooledWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian.core.pose import PoseResult
    from vitruvian.core.provenance import Provenance
    from vitruvian.core.schema import Quantity
    from vitruvian.export import SinkOptions
    from vitruvian.export.rows import FrameRows, Row

__all__ = ["iter_parquet", "load_parquet", "parquet_writer", "read_parquet_provenance"]

ROWS_PER_GROUP = 4096  # 4 MB of landmarks
_LISTS = types.is_list, types.is_large_list, types.is_fixed_size_list
MIN_LIMIT, MAX_BYTES = 2**20, 64  # of a column; of one of its numbers, also as text
HEADING = b"vitruvian"  # key of the metadata
WIDE = ".wide.parquet"  # end of the name of a file with a column for each number of a landmark


def parquet_writer(path: Path, options: SinkOptions) -> SpooledWriter:
    """Return a writer of the table of all results.

    A landmark quantity is a column of lists; in a file called ``*.wide.parquet`` there is a column
    for each number of each landmark.
    """
    is_wide = options.path.name.lower().endswith(WIDE)
    write = _write_wide if is_wide else _write_lists
    return SpooledWriter(path, options.path, write, options.provenance)


def iter_parquet(path: Path) -> Iterator[PoseResult]:
    """Yield the frames of a table whose rows are in the order of frames."""
    return results_in_order(_frames(path))


def load_parquet(path: Path) -> list[PoseResult]:
    """Return the frames of a table whose rows may be in any order."""
    return results_of_any_order(_frames(path))


def read_parquet_provenance(path: Path) -> Provenance | None:
    """Return the provenance in the metadata; None if they have been lost."""
    metadata = pq.read_schema(path).metadata or {}
    return provenance_in(json.loads(metadata[HEADING])) if HEADING in metadata else None


def _frames(path: Path) -> Iterator[FrameRows]:
    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            has_lists = _has_lists(schema)
            ranges = _range_columns(schema, file.metadata.num_rows)
            columns = Columns(
                [*schema.names, *ranges], list_columns_of if has_lists else columns_of
            )
            if not file.num_row_groups:  # PyArrow 18 can't iterate over nothing
                return
            _check_sizes(file.metadata, columns)
            read = _list_floats if has_lists else _floats
            stored = [name for name in columns.names if name not in ranges]
            batches = _with_ranges(file.iter_batches(ROWS_PER_GROUP, columns=stored), ranges)
            rows = chain.from_iterable(_rows_from_batch(batch, columns, read) for batch in batches)
            yield from frames_of_rows(rows, columns)
    except (pa.ArrowNotImplementedError, pa.ArrowKeyError) as error:
        raise ValueError(str(error)) from error


def _has_lists(schema: pa.Schema) -> bool:
    """Whether the landmarks of a table are lists; those of a table without poses may be empty."""
    names = set(list_columns_of(REQUIRED))
    if any(field.name in names and _is_list(field.type) for field in schema):
        return True
    return names.issubset(schema.names) and columns_of(REQUIRED)[0] not in schema.names


def _range_columns(schema: pa.Schema, n_rows: int) -> dict[str, range]:
    """Return the columns that pandas has not stored, as an index of equal steps: ``0, 2, 4``.

    It keeps start and step in the metadata. Another program may have removed rows since.
    """
    missing = set(SCALAR_COLUMNS).difference(schema.names)
    if not missing or b"pandas" not in (schema.metadata or {}):
        return {}
    ranges = {
        index["name"]: range(index["start"], index["stop"], index["step"])
        for index in schema.pandas_metadata["index_columns"]
        if isinstance(index, dict) and index["name"] in missing
    }
    return {name: values for name, values in ranges.items() if len(values) == n_rows}


def _with_ranges(
    batches: Iterable[pa.RecordBatch], ranges: dict[str, range]
) -> Iterator[pa.RecordBatch]:
    """Yield batches with the columns that are ranges over the rows of all of them."""
    start = 0
    for batch in batches:
        end = start + len(batch)
        for name, values in ranges.items():
            batch = batch.append_column(name, pa.array(values[start:end], pa.int64()))
        start = end
        yield batch


def _check_sizes(metadata: pq.FileMetaData, columns: Columns) -> None:
    """Raise ValueError if a column states more data than numbers, or lists of them, can have."""
    wanted = set(columns.names)
    for i in range(metadata.num_row_groups):
        group = metadata.row_group(i)
        for k in range(group.num_columns):
            column = group.column(k)
            name = column.path_in_schema.partition(".")[0]
            if name in wanted and (
                column.num_values > len(BLAZEPOSE) * group.num_rows
                or column.total_uncompressed_size > MAX_BYTES * column.num_values + MIN_LIMIT
            ):
                raise ValueError(
                    f"column {name!r} states {column.num_values} numbers in {group.num_rows} rows, "
                    f"in {column.total_uncompressed_size} bytes"
                )


def _rows_from_batch(
    batch: pa.RecordBatch, columns: Columns, read: Callable[[pa.Array, str], NDArray[np.float32]]
) -> Iterator[Row]:
    scalars = [_numbers(batch.column(name), name).to_pylist() for name in SCALAR_COLUMNS]
    values = [read(batch.column(name), name) for name in columns.of_landmarks]
    table = np.stack(values, axis=-1).reshape(len(batch), -1)
    rows = zip(*scalars, strict=True)
    return zip((columns.checked_scalars(s) for s in rows), table, strict=True)


def _numbers(array: pa.Array, name: str) -> pa.Array:
    """Return a column as integers or floats, whatever another program has made of it."""
    if types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if types.is_integer(array.type):
        return array
    if types.is_string(array.type) or types.is_large_string(array.type):
        cells = [None if cell is None else number_in(cell, name) for cell in array.to_pylist()]
        return pa.array(cells, pa.float64(), from_pandas=True)
    try:
        return array.cast(pa.float64())
    except pa.ArrowException as error:
        raise ValueError(f"column {name!r} must hold numbers, got {array.type}") from error


def _list_floats(array: pa.Array, name: str) -> NDArray[np.float32]:
    """Return a column of lists as an (n, 33) array."""
    values = np.full((len(array), len(BLAZEPOSE)), np.nan, np.float32)
    is_there = array.is_valid().to_numpy(zero_copy_only=False)
    if not is_there.any():
        return values
    array = array.drop_null()
    n = len(BLAZEPOSE)
    lengths = set(pc.list_value_length(array).to_pylist()) if _is_list(array.type) else None
    if lengths != {n}:
        got = array.type if lengths is None else f"lists of {sorted(lengths)}"
        raise ValueError(f"column {name!r} must hold lists of {n} numbers, got {got}")
    values[is_there] = _floats(array.flatten(), name).reshape(-1, n)
    return values


def _floats(array: pa.Array, name: str) -> NDArray[np.float32]:
    values = _numbers(array, name).to_numpy(zero_copy_only=False)
    return np.asarray(values, np.float32)


def _is_list(kind: pa.DataType) -> bool:
    return any(is_kind(kind) for is_kind in _LISTS)


def _write_lists(
    results: Iterable[PoseResult],
    quantities: Sequence[Quantity],
    path: Path,
    provenance: Provenance | None,
) -> None:
    """Write a table with a column of lists for each component of the landmarks."""
    columns = Columns.for_quantities(quantities, list_columns_of)
    # Lists of fixed size would fit, but PyArrow 18 can't read them where some are missing.
    _write(results, columns, pa.list_(pa.float32()), path, provenance)


def _write_wide(
    results: Iterable[PoseResult],
    quantities: Sequence[Quantity],
    path: Path,
    provenance: Provenance | None,
) -> None:
    """Write a table with a column for each number of each landmark."""
    columns = Columns.for_quantities(quantities)
    _write(results, columns, pa.float32(), path, provenance)


def _write(
    results: Iterable[PoseResult],
    columns: Columns,
    kind: pa.DataType,
    path: Path,
    provenance: Provenance | None,
) -> None:
    """Write a table whose landmark columns have the type `kind`."""
    schema = pa.schema([(name, _type(name, kind)) for name in columns.names])
    schema = schema.with_metadata({HEADING: compact_json(file_heading(provenance))})
    rows = chain.from_iterable(rows_from_result(result, columns) for result in results)
    # Numbers rarely repeat, so dictionaries would only make the file larger.
    with pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=False) as writer:
        while group := list(islice(rows, ROWS_PER_GROUP)):
            scalars, values = zip(*group, strict=True)
            arrays = [
                pa.array(cells, _type(name, kind), from_pandas=True)  # NaN is an empty cell
                for name, cells in zip(SCALAR_COLUMNS, zip(*scalars, strict=True), strict=True)
            ]
            table = np.stack(values)
            if _is_list(kind):
                of_landmarks = table.reshape(len(table), len(BLAZEPOSE), -1)
                arrays += [_lists(of_landmarks[..., i]) for i in range(of_landmarks.shape[2])]
            else:
                arrays += [pa.array(column, kind, from_pandas=True) for column in table.T]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _lists(values: NDArray[np.float32]) -> pa.Array:
    """Return (n, 33) values as n lists; NaN is an empty cell, and so is a list of nothing else."""
    is_missing = np.isnan(values)
    is_there = ~is_missing.all(axis=1)
    numbers = pa.array(values[is_there].ravel(), mask=is_missing[is_there].ravel())
    ends = np.concatenate([[0], np.cumsum(is_there * values.shape[1])]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), numbers, mask=pa.array(~is_there))


def _type(name: str, of_landmarks: pa.DataType) -> pa.DataType:
    if name in SCALAR_COLUMNS:
        return pa.int64() if name in WHOLE_COLUMNS else pa.float64()
    return of_landmarks
