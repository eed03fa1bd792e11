"""NumPy's ``.npz``: the arrays of `PoseSequence` under their names, landmark names and heading."""

from __future__ import annotations

import json
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.core.schema import OPTIONAL
from vitruvian.core.sequence import PoseSequence
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.export.heading import checked_heading, file_heading, provenance_in
from vitruvian.export.spool import SpooledWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from vitruvian.core.pose import PoseResult
    from vitruvian.core.provenance import Provenance
    from vitruvian.export import SinkOptions

__all__ = ["npz_writer", "read_npz", "read_npz_provenance"]

ARRAYS = tuple(field.name for field in fields(PoseSequence))
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
def _opened(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        with path.open("rb") as file:
            if not zipfile.is_zipfile(file):
                raise ValueError("it is not an .npz file, or a damaged one")
            file.seek(0)
            with np.load(file, allow_pickle=False) as arrays:
                yield arrays
    except (EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"it is damaged: {error}") from error


def _heading_in(arrays: Mapping[str, Any]) -> object:
    return json.loads(str(arrays["heading"])) if "heading" in arrays else None


def _write_npz(
    results: Iterable[PoseResult], quantities: object, path: Path, provenance: Provenance | None
) -> None:
    sequence = PoseSequence.from_results(results)
    head = np.array(json.dumps(file_heading(provenance)))
    arrays = {"names": np.array(BLAZEPOSE.names), "heading": head}
    arrays |= {name: getattr(sequence, name) for name in ARRAYS}
    with zipfile.ZipFile(path, "w") as archive:  # np.savez of NumPy 1 leaves it open on an error
        for name, array in arrays.items():
            if array is not None:
                with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, array, allow_pickle=False)
