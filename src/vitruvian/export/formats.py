"""The formats of outputs: one line for each suffix."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from vitruvian.errors import BackendUnavailableError
from vitruvian.export.suffix import suffix_of

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "DATA_SUFFIXES",
    "FORMATS",
    "MOTION_SUFFIXES",
    "READABLE_SUFFIXES",
    "SUFFIXES",
    "Format",
    "check_suffix",
    "load_name",
    "needs_frames",
]


class Format(NamedTuple):
    """A module of this package, imported on first use, and the names in it.

    `reader` gives the results one by one; `loader`, if it differs, all of them at once. Without
    `provenance` the provenance is in the file beside it. `series` writes one file for each frame;
    `draws` says that the frames are needed. A format of one person (`is_motion`) has a function as
    `writer`: see `vitruvian.export.motion_file.WriteMotion`.
    """

    module: str
    writer: str
    reader: str | None = None
    loader: str | None = None
    provenance: str | None = None
    extra: str | None = None
    series: str | None = None
    draws: bool = False
    is_motion: bool = False


_IMAGE = Format(
    "image_file",
    "AnnotatedImage",
    provenance="read_image_provenance",
    series="image_series",
    draws=True,
)
_NETCDF = Format(
    "netcdf_file", "netcdf_writer", provenance="read_netcdf_provenance", extra="analysis"
)
_OPENPOSE = Format(
    "openpose_file", "", provenance="read_openpose_provenance", series="openpose_series"
)
_VIDEO = Format("video_file", "AnnotatedVideo", provenance="read_video_provenance", draws=True)
FORMATS = {
    ".annotations.coco.json": Format(
        "coco_file", "annotations_writer", provenance="read_annotations_provenance"
    ),
    ".blazepose_keypoints.json": _OPENPOSE,
    ".bvh": Format("bvh_file", "write_bvh", is_motion=True),
    ".c3d": Format("c3d_file", "write_c3d", extra="c3d", is_motion=True),
    ".coco.json": Format("coco_file", "CocoResultsWriter"),
    ".coco_keypoints.json": _OPENPOSE,
    ".csv": Format("csv_file", "CsvWriter", "iter_csv", "load_csv"),
    ".dlc.csv": Format("dlc_file", "dlc_writer"),
    ".glb": Format("glb_file", "write_glb", provenance="read_glb_provenance", is_motion=True),
    ".jpeg": _IMAGE,
    ".jpg": _IMAGE,
    ".json": Format("json_file", "JsonWriter", "read_json", provenance="read_json_provenance"),
    ".jsonl": Format("json_file", "JsonLinesWriter", "read_jsonl"),
    ".mkv": _VIDEO,
    ".mot": Format("mot_file", "write_mot", is_motion=True),
    ".mov": _VIDEO,
    ".mp4": _VIDEO,
    ".nc": _NETCDF,
    ".npz": Format("npz_file", "npz_writer", "read_npz", provenance="read_npz_provenance"),
    ".parquet": Format(
        "parquet_file",
        "parquet_writer",
        "iter_parquet",
        "load_parquet",
        "read_parquet_provenance",
        extra="parquet",
    ),
    ".png": _IMAGE,
    ".trc": Format("trc_file", "write_trc", is_motion=True),
    ".vrma": Format("glb_file", "write_vrma", provenance="read_glb_provenance", is_motion=True),
    ".world.nc": _NETCDF,
    "_keypoints.json": _OPENPOSE,
}

SUFFIXES = tuple(FORMATS)
MOTION_SUFFIXES = tuple(suffix for suffix, format_ in FORMATS.items() if format_.is_motion)
"""Formats of one person, which take `MotionOptions`."""
DATA_SUFFIXES = tuple(name for name, format_ in FORMATS.items() if not format_.draws)
READABLE_SUFFIXES = tuple(suffix for suffix, format_ in FORMATS.items() if format_.reader)


def check_suffix(path: Path, known: tuple[str, ...] = SUFFIXES) -> None:
    """Raise ValueError if the suffix of a path is not known."""
    if suffix_of(path) not in known:
        raise ValueError(f"the suffix must be one of {', '.join(known)}, got {str(path)!r}")


def needs_frames(path: Path) -> bool:
    """Return whether the format of an output draws on the frames themselves."""
    return FORMATS[suffix_of(path)].draws


def load_name(format_: Format, name: str) -> Any:
    """Return a name in the module of a format, which is imported on first use."""
    try:
        return getattr(import_module(f"vitruvian.export.{format_.module}"), name)
    except ImportError as error:
        if format_.extra is None:
            raise
        if isinstance(error, ModuleNotFoundError):
            problem = f"{error.name!r} is not installed: pip install 'vitruvian[{format_.extra}]'"
        else:  # installed, but not for the other packages here: a pyarrow newer than the NumPy
            problem = f"{format_.extra} can't be used: {error}"
        raise BackendUnavailableError(problem) from error
