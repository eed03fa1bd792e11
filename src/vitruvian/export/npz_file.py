"""NumPy's ``.npz``: the arrays of `PoseSequence` under their names, and the landmark names."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.sequence import PoseSequence
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.export.spool import SpooledWriter

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from vitruvian.core.pose import PoseResult
    from vitruvian.export import SinkOptions

__all__ = ["npz_writer", "read_npz"]

ARRAYS = tuple(field.name for field in fields(PoseSequence))


def npz_writer(path: Path, options: SinkOptions) -> SpooledWriter:
    """Return a writer of the sequence of all results."""
    return SpooledWriter(path, ".npz", _write_npz)


def read_npz(path: Path) -> list[PoseResult]:
    """Return the results that `npz_writer` wrote; ValueError if the file is damaged."""
    try:
        with path.open("rb") as file:
            if not zipfile.is_zipfile(file):
                raise ValueError("it is not an .npz file, or a damaged one")
            file.seek(0)
            with np.load(file, allow_pickle=False) as arrays:
                return PoseSequence(**{name: arrays[name] for name in ARRAYS}).to_results()
    except (EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"it is damaged: {error}") from error


def _write_npz(results: Iterable[PoseResult], path: Path) -> None:
    sequence = PoseSequence.from_results(results)
    arrays = {name: getattr(sequence, name) for name in ARRAYS}
    with path.open("wb") as file:
        np.savez(file, names=np.array(BLAZEPOSE.names), **arrays)
