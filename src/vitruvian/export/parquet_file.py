"""Parquet: the table of poses in typed columns; needs PyArrow."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from vitruvian.export.spool import SpooledWriter
from vitruvian.export.table import (
    COLUMNS,
    INTEGER_COLUMNS,
    LANDMARK_COLUMNS,
    SCALAR_COLUMNS,
    results_from_rows,
    rows_from_result,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from vitruvian.core.pose import PoseResult
    from vitruvian.export import SinkOptions
    from vitruvian.export.table import Row

__all__ = ["parquet_writer", "read_parquet"]

ROWS_PER_GROUP = 4096  # 4 MB of landmarks


def _type(column: str) -> pa.DataType:
    if column in INTEGER_COLUMNS:
        return pa.int64()
    return pa.float32() if column in LANDMARK_COLUMNS else pa.float64()


SCHEMA = pa.schema([(column, _type(column)) for column in COLUMNS])


def parquet_writer(path: Path, options: SinkOptions) -> SpooledWriter:
    """Return a writer of the table of all results."""
    return SpooledWriter(path, ".parquet", _write_parquet)


def read_parquet(path: Path) -> Iterator[PoseResult]:
    """Yield the frames of a table that `parquet_writer` wrote; ValueError if it is another."""
    with pq.ParquetFile(path) as file:
        if file.schema_arrow.names != list(COLUMNS):
            raise ValueError("its columns are not those of a table of poses")
        batches = file.iter_batches(batch_size=ROWS_PER_GROUP)
        yield from results_from_rows(chain.from_iterable(map(_rows_from_batch, batches)))


def _write_parquet(results: Iterable[PoseResult], path: Path) -> None:
    rows = chain.from_iterable(map(rows_from_result, results))
    with pq.ParquetWriter(path, SCHEMA) as writer:
        while group := list(islice(rows, ROWS_PER_GROUP)):
            scalars, values = zip(*group, strict=True)
            columns = [*zip(*scalars, strict=True), *np.stack(values, axis=1)]
            arrays = [
                pa.array(column, field.type, from_pandas=True)  # NaN is an empty cell
                for column, field in zip(columns, SCHEMA, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=SCHEMA))


def _rows_from_batch(batch: pa.RecordBatch) -> Iterator[Row]:
    n = len(SCALAR_COLUMNS)
    scalars = zip(*(column.to_pylist() for column in batch.columns[:n]), strict=True)
    values = [column.to_numpy(zero_copy_only=False) for column in batch.columns[n:]]
    return zip(map(list, scalars), np.stack(values, axis=1), strict=True)
