"""NumPy's ``.npz``: the arrays of `PoseSequence` under their names, landmark names and heading."""

from __future__ import annotations

import json
import math
import os
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.core.schema import OPTIONAL
from vitruvian.core.sequence import PoseSequence
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.export.heading import checked_heading, compact_json, file_heading, provenance_in
from vitruvian.export.spool import SpooledWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian.core.pose import PoseResult
    from vitruvian.core.provenance import Provenance
    from vitruvian.export import SinkOptions

__all__ = ["npz_writer", "read_npz", "read_npz_provenance"]

ARRAYS = tuple(field.name for field in fields(PoseSequence))
MIN_LIMIT, MAX_RATIO = 2**30, 100  # bytes, and bytes per byte, to which a file may expand
ENCRYPTED = 1  # flag of a member of a zip file
_HEADER_READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
REQUIRED_ARRAYS = tuple(name for name in ARRAYS if name not in {q.name for q in OPTIONAL})


def npz_writer(path: Path, options: SinkOptions) -> SpooledWriter:
    """Return a writer of the sequence of all results."""
    return SpooledWriter(path, options.path, _write_npz, options.provenance)


def read_npz(path: Path) -> list[PoseResult]:
    """Return the results that `npz_writer` wrote; ValueError if the file is damaged.

    Arrays that it does not know are ignored.
    """
    with _opened(path) as arrays:
        checked_heading(_heading_in(arrays))
        missing = [name for name in REQUIRED_ARRAYS if name not in arrays]
        if missing:
            raise ValueError(f"it has no array {missing[0]!r}")
        return PoseSequence(**{n: arrays[n] for n in ARRAYS if n in arrays}).to_results()


def read_npz_provenance(path: Path) -> Provenance | None:
    """Return the provenance in a file that `npz_writer` wrote."""
    with _opened(path) as arrays:
        return provenance_in(_heading_in(arrays))


@contextmanager
def _opened(path: Path) -> Iterator[_Arrays]:
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            yield _Arrays(archive, os.fstat(file.fileno()).st_size)
    except (EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"it is not an .npz file, or a damaged one: {error}") from error


class _Arrays:
    """The arrays of an open file; one with less data than it states is never allocated."""

    def __init__(self, archive: zipfile.ZipFile, n_bytes: int) -> None:
        self._archive = archive
        self._members = {i.filename.removesuffix(".npy"): i for i in archive.infolist()}
        self._left = max(MIN_LIMIT, MAX_RATIO * n_bytes)

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def __getitem__(self, name: str) -> NDArray[Any]:
        member = self._members[name]
        self._left -= member.file_size
        if self._left < 0:
            raise ValueError(f"it states more than {MAX_RATIO} times its size: array {name!r}")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(f"array {name!r} is compressed in an unknown way")
        if member.flag_bits & ENCRYPTED:
            raise ValueError(f"array {name!r} is encrypted")
        with self._archive.open(member) as data:
            version = np.lib.format.read_magic(data)
            if version not in _HEADER_READERS:
                raise ValueError(f"array {name!r} has a format of version {version}")
            shape, is_fortran, dtype = _HEADER_READERS[version](data)
            n_values = math.prod(shape)
            if dtype.hasobject or n_values * dtype.itemsize != member.file_size - data.tell():
                raise ValueError(f"array {name!r} does not hold the {shape} {dtype} that it states")
            values = np.frombuffer(data.read(), dtype, n_values)
        return values.reshape(shape, order="F" if is_fortran else "C")


def _heading_in(arrays: _Arrays) -> object:
    return json.loads(str(arrays["heading"].item())) if "heading" in arrays else None


def _write_npz(
    results: Iterable[PoseResult], quantities: object, path: Path, provenance: Provenance | None
) -> None:
    sequence = PoseSequence.from_results(results)
    head = np.array(compact_json(file_heading(provenance)).decode())
    arrays = {"names": np.array(BLAZEPOSE.names), "heading": head}
    arrays |= {name: getattr(sequence, name) for name in ARRAYS}
    with zipfile.ZipFile(path, "w") as archive:  # np.savez of NumPy 1 leaves it open on an error
        for name, array in arrays.items():
            if array is not None:
                with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, array, allow_pickle=False)
