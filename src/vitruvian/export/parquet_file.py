"""Parquet: the table of poses in typed columns; needs PyArrow."""

from __future__ import annotations

import json
from itertools import chain, islice
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from vitruvian.core.table import WHOLE_COLUMNS
from vitruvian.export.heading import compact_json, file_heading, provenance_in
from vitruvian.export.rows import (
    SCALAR_COLUMNS,
    Columns,
    frames_of_rows,
    results_in_order,
    results_of_any_order,
    rows_from_result,
)
from vitruvian.export.spool import SpooledWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from vitruvian.core.pose import PoseResult
    from vitruvian.core.provenance import Provenance
    from vitruvian.core.schema import Quantity
    from vitruvian.export import SinkOptions
    from vitruvian.export.rows import FrameRows, Row

__all__ = ["iter_parquet", "load_parquet", "parquet_writer", "read_parquet_provenance"]

ROWS_PER_GROUP = 4096  # 4 MB of landmarks
HEADING = b"vitruvian"  # key of the metadata


def parquet_writer(path: Path, options: SinkOptions) -> SpooledWriter:
    """Return a writer of the table of all results."""
    return SpooledWriter(path, ".parquet", _write, options.provenance)


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
    with pq.ParquetFile(path) as file:
        columns = Columns(file.schema_arrow.names)
        batches = file.iter_batches(batch_size=ROWS_PER_GROUP, columns=columns.names)
        rows = chain.from_iterable(_rows_from_batch(batch, columns) for batch in batches)
        yield from frames_of_rows(rows, columns)


def _rows_from_batch(batch: pa.RecordBatch, columns: Columns) -> Iterator[Row]:
    scalars = zip(*(batch.column(name).to_pylist() for name in SCALAR_COLUMNS), strict=True)
    values = [batch.column(name).to_numpy(zero_copy_only=False) for name in columns.of_landmarks]
    table = np.stack(values, axis=1).astype(np.float32)
    return zip((columns.checked_scalars(s) for s in scalars), table, strict=True)


def _write(
    results: Iterable[PoseResult],
    quantities: Sequence[Quantity],
    path: Path,
    provenance: Provenance | None,
) -> None:
    columns = Columns.of_quantities(quantities)
    schema = pa.schema([(name, _type(name, columns)) for name in columns.names])
    schema = schema.with_metadata({HEADING: compact_json(file_heading(provenance))})
    rows = chain.from_iterable(rows_from_result(result, columns) for result in results)
    with pq.ParquetWriter(path, schema) as writer:
        while group := list(islice(rows, ROWS_PER_GROUP)):
            scalars, values = zip(*group, strict=True)
            cells = [*zip(*scalars, strict=True), *np.stack(values, axis=1)]
            arrays = [
                pa.array(column, field.type, from_pandas=True)  # NaN is an empty cell
                for column, field in zip(cells, schema, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _type(name: str, columns: Columns) -> pa.DataType:
    if name in WHOLE_COLUMNS:
        return pa.int64()
    return pa.float32() if name in columns.of_landmarks else pa.float64()
