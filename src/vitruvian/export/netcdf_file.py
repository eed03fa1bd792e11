"""NetCDF for xarray and movement: position and confidence of each landmark of each individual."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.io import netcdf_file

from vitruvian.core.resampling import nominal_fps
from vitruvian.core.sequence import PoseSequence
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.errors import SinkError
from vitruvian.export.heading import comment_of, provenance_in_comment
from vitruvian.export.individuals import individuals_of
from vitruvian.export.spool import SpooledWriter
from vitruvian.export.suffix import suffix_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian.core.pose import PoseResult
    from vitruvian.core.provenance import Provenance
    from vitruvian.export import SinkOptions

__all__ = ["netcdf_writer", "read_netcdf_provenance"]

OFFSETS_64_BIT = 2  # version of NetCDF-3: larger than 2 GiB
DIMENSIONS = ("time", "space", "keypoints", "individuals")


def netcdf_writer(path: Path, options: SinkOptions) -> SpooledWriter:
    """Return a writer of x, y in image px, or for ``.world.nc`` of x, y, z in m."""
    is_world = suffix_of(options.path) == ".world.nc"
    write = _write_world if is_world else _write_image
    return SpooledWriter(path, options.path, write, options.provenance)


def read_netcdf_provenance(path: Path) -> Provenance | None:
    """Return the provenance in a file that `netcdf_writer` wrote."""
    try:
        with netcdf_file(path, "r", mmap=False) as file:
            return provenance_in_comment(getattr(file, "vitruvian", b""))
    except (IndexError, KeyError, TypeError) as error:
        raise ValueError(f"it is not a NetCDF file, or a damaged one: {error}") from error


def _write_image(
    results: Iterable[PoseResult], quantities: object, path: Path, provenance: Provenance | None
) -> None:
    sequence = PoseSequence.from_results(results)
    _write(path, sequence, sequence.landmarks[..., :2], "xy", provenance)


def _write_world(
    results: Iterable[PoseResult], quantities: object, path: Path, provenance: Provenance | None
) -> None:
    sequence = PoseSequence.from_results(results)
    _write(path, sequence, sequence.world, "xyz", provenance)


def _write(
    path: Path,
    sequence: PoseSequence,
    points: NDArray[np.float32],
    space: str,
    provenance: Provenance | None,
) -> None:
    """Write points (T, N, 33, D) of a sequence."""
    if not len(sequence):
        raise SinkError("a NetCDF file needs a frame, got none")
    people = individuals_of(sequence)
    position = people.of(points).transpose(0, 3, 2, 1)
    confidence = people.of(sequence.visibility).transpose(0, 2, 1)
    memory = io.BytesIO()  # an error of the disk must not leave SciPy's file half open
    file = netcdf_file(memory, "w", version=OFFSETS_64_BIT)
    for name, size in zip(DIMENSIONS, position.shape, strict=True):
        file.createDimension(name, size)
    _add(file, "time", sequence.timestamps_us / 1e6, ("time",))
    for name, texts in (
        ("space", tuple(space)),
        ("keypoints", BLAZEPOSE.names),
        ("individuals", people.names),
    ):
        _add_texts(file, name, texts)
    _add(file, "position", position, DIMENSIONS, _FillValue=np.float32(np.nan))
    dimensions = (DIMENSIONS[0], *DIMENSIONS[2:])
    _add(file, "confidence", confidence, dimensions, _FillValue=np.float32(np.nan))
    attributes = {
        "ds_type": "poses",
        "fps": nominal_fps(sequence.timestamps_us),
        "time_unit": "seconds",
        "source_software": "vitruvian",
        "source_file": (provenance and provenance.source) or "",
        "vitruvian": comment_of(provenance),
    }
    for name, value in attributes.items():
        setattr(file, name, value.encode() if isinstance(value, str) else value)
    file.flush()
    path.write_bytes(memory.getvalue())
    file.close()


def _add(
    file: netcdf_file,
    name: str,
    values: NDArray[Any],
    dimensions: Sequence[str],
    **attributes: object,
) -> None:
    variable = file.createVariable(name, values.dtype, dimensions)
    variable[:] = values
    for key, value in attributes.items():
        setattr(variable, key, value)


def _add_texts(file: netcdf_file, name: str, texts: Sequence[str]) -> None:
    """Add a coordinate of texts, which NetCDF-3 stores as characters."""
    encoded = [text.encode() for text in texts]
    length = max(map(len, encoded))
    file.createDimension(f"{name}_length", length)
    characters = np.array(encoded, f"S{length}").view("S1").reshape(len(texts), length)
    _add(file, name, characters, (name, f"{name}_length"), _Encoding=b"utf-8")
