"""Results to files and back; the suffix chooses the format."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from vitruvian.core.provenance import Provenance
from vitruvian.core.sequence import PersonSequence, PoseSequence
from vitruvian.errors import BackendUnavailableError, SourceError
from vitruvian.export.heading import read_sidecar, sidecar_of
from vitruvian.export.recovery import recover_drafts
from vitruvian.export.series import newest_of_people
from vitruvian.export.sink import FileSink, Sink, SinkGroup
from vitruvian.media.provenance import with_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from os import PathLike

    from vitruvian.core.pose import PoseResult
    from vitruvian.draw.style import Style
    from vitruvian.export.motion import MotionOptions
    from vitruvian.media.source import Source

__all__ = [
    "MOTION_SUFFIXES",
    "SUFFIXES",
    "Sink",
    "SinkOptions",
    "check_suffix",
    "iter_results",
    "load_provenance",
    "load_results",
    "needs_frames",
    "open_output",
    "save_results",
]


class _Format(NamedTuple):
    """A module of this package, imported on first use, and the names in it.

    `reader` gives the results one by one; `loader`, if it differs, all of them at once. Without
    `provenance` the provenance is in the file beside it. `series` writes one file for each frame;
    `draws` says that the frames are needed. A format of one person has a function
    as `writer`: see `vitruvian.export.motion_file.WriteMotion`.
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


_IMAGE = _Format(
    "image_file",
    "AnnotatedImage",
    provenance="read_image_provenance",
    series="ImageSeriesSink",
    draws=True,
)
_VIDEO = _Format("video_file", "AnnotatedVideo", provenance="read_video_provenance", draws=True)
_FORMATS = {
    ".c3d": _Format("c3d_file", "write_c3d", extra="c3d", is_motion=True),
    ".csv": _Format("csv_file", "CsvWriter", "iter_csv", "load_csv"),
    ".jpeg": _IMAGE,
    ".jpg": _IMAGE,
    ".json": _Format("json_file", "JsonWriter", "read_json", provenance="read_json_provenance"),
    ".jsonl": _Format("json_file", "JsonLinesWriter", "read_jsonl"),
    ".mkv": _VIDEO,
    ".mot": _Format("mot_file", "write_mot", is_motion=True),
    ".mov": _VIDEO,
    ".mp4": _VIDEO,
    ".npz": _Format("npz_file", "npz_writer", "read_npz", provenance="read_npz_provenance"),
    ".parquet": _Format(
        "parquet_file",
        "parquet_writer",
        "iter_parquet",
        "load_parquet",
        "read_parquet_provenance",
        extra="parquet",
    ),
    ".png": _IMAGE,
    ".trc": _Format("trc_file", "write_trc", is_motion=True),
}

SUFFIXES = tuple(_FORMATS)
MOTION_SUFFIXES = tuple(suffix for suffix, format_ in _FORMATS.items() if format_.is_motion)
"""Formats of one person, which take `MotionOptions`."""
_DATA_SUFFIXES = tuple(name for name, format_ in _FORMATS.items() if not format_.draws)
_READABLE_SUFFIXES = tuple(suffix for suffix, format_ in _FORMATS.items() if format_.reader)


@dataclass(frozen=True, slots=True)
class SinkOptions:
    """Options of a writer.

    Attributes
    ----------
    path : Path
        Final name of the file.
    source : Source or None
        Source of the frames: a video takes its frame rate and its sound.
    style : Style or None
        How poses are drawn on images; None for the default.
    threads : int or None
        Processor threads that encode a video; None for as many as suit the machine.
    provenance : Provenance or None
        How the results are made.
    motion : MotionOptions or None
        How one person's motion is exported; None for the default.
    """

    path: Path
    source: Source | None = None
    style: Style | None = None
    threads: int | None = None
    provenance: Provenance | None = None
    motion: MotionOptions | None = None

    @property
    def suffix(self) -> str:
        """Suffix of the path in lower case; it chooses the format."""
        return self.path.suffix.lower()


def open_output(
    *paths: str | PathLike[str],
    source: Source | None = None,
    style: Style | None = None,
    threads: int | None = None,
    provenance: Provenance | None = None,
    motion: MotionOptions | None = None,
) -> Sink:
    """Return a sink that writes every result to all of `paths`, each in the format of its suffix.

    | Suffix | Content |
    |---|---|
    | ``.jsonl`` | one object for each frame, `PoseResult.to_dict` without extras |
    | ``.json`` | one document of these objects, with the skeleton |
    | ``.csv`` | a table, one row for each person of each frame |
    | ``.parquet`` | such a table with lists of landmarks; as ``.wide.parquet`` that of the CSV |
    | ``.npz`` | the arrays of `PoseSequence` |
    | ``.mp4``, ``.mov``, ``.mkv`` | the frames with the poses drawn, H.264, with sound |
    | ``.png``, ``.jpg``, ``.jpeg`` | one frame with its poses; as ``{frame:06d}.png`` each frame |
    | ``.trc`` | one person's markers in m, as text for OpenSim |
    | ``.c3d`` | the same markers in mm, in the format of motion capture (extra ``c3d``) |
    | ``.mot`` | one person's joint angles in degrees, as text for OpenSim |

    The first five keep every number exactly; `load_results` reads them. All keep the provenance:
    ``.csv`` and ``.jsonl`` in a file beside them, ``walk.csv.meta.json``; videos and images in
    their comment. The last three hold one person, smoothed and at a constant frame rate: see
    `MotionOptions`. With ``{id}`` in the name, one file is written for each person.

    What a killed process has left in the folders of the files is kept as for `Sink`, or removed.

    Parameters
    ----------
    *paths : str or path
        Files in folders that exist. An existing file is replaced when the new one is complete.
    source : Source, optional
        Source of the frames: a video takes its frame rate, and its sound if it is a video too.
        Its name, rate and size go into the provenance.
    style : Style, optional
        What images and videos show.
    threads : int, optional
        Processor threads that encode a video; by default as many as suit the machine.
    provenance : Provenance, optional
        How the results are made; by default that of the first result (`PoseResult.provenance`).
    motion : MotionOptions, optional
        How one person's motion is written to ``.trc .c3d .mot``.

    Returns
    -------
    Sink
        A context manager; see `Sink` for what is kept after an error.

    Raises
    ------
    ValueError
        If there is no path, one is given twice or is that of the provenance of another, or its
        suffix is none of these; or if `threads` is not positive.
    SinkError
        If a file can't be created.
    BackendUnavailableError
        If the format needs an extra that is not installed.
    """
    if threads is not None and threads < 1:
        raise ValueError(f"threads must be a positive integer or None, got {threads!r}")
    if source is not None:
        provenance = with_source(provenance or Provenance(), source)
    options = [
        SinkOptions(Path(path), source, style, threads, provenance, motion) for path in paths
    ]
    for option in options:
        check_suffix(option.path)
    files = {option.path.resolve() for option in options}
    if not options or len(files) < len(options):
        raise ValueError(f"the paths must be different, at least one, got {list(map(str, paths))}")
    for path in files:
        if sidecar_of(path) in files:
            raise ValueError(f"{sidecar_of(path)} is written beside {path}: give it another name")
    for folder in {path.parent for path in files}:
        recover_drafts(folder)
    with ExitStack() as opened:
        sinks = [opened.enter_context(_open_one(option)) for option in options]
        opened.pop_all()
    return sinks[0] if len(sinks) == 1 else SinkGroup(sinks)


def save_results(
    results: Iterable[PoseResult] | PoseSequence | PersonSequence,
    path: str | PathLike[str],
    *,
    provenance: Provenance | None = None,
    motion: MotionOptions | None = None,
) -> None:
    """Write results to a file.

    Parameters
    ----------
    results : iterable of PoseResult, PoseSequence or PersonSequence
    path : str or path
        Its suffix chooses the format: that of any output of `open_output` that needs no frames.
        `load_results` reads ``.jsonl .json .csv .parquet .npz``.
    provenance : Provenance, optional
        How the results were made; by default that of the first result. A sequence has none.
    motion : MotionOptions, optional
        How one person's motion is written to ``.trc .c3d .mot``.

    Raises
    ------
    ValueError
        If the suffix is none of these.
    SinkError
        If the file can't be written.
    BackendUnavailableError
        If the format needs an extra that is not installed.
    """
    check_suffix(Path(path), _DATA_SUFFIXES)
    if isinstance(results, PoseSequence | PersonSequence):
        results = results.to_results()
    with open_output(path, provenance=provenance, motion=motion) as sink:
        for result in results:
            sink.write(result)


def load_results(path: str | PathLike[str]) -> list[PoseResult]:
    """Return the results in a file, exactly as they were written, without masks and detections.

    Rows of a table and lines of JSON may have been filtered or sorted. The results are in the order
    of `frame_index`, unless numbers are repeated; a frame of which all rows were removed is absent.

    Parameters
    ----------
    path : str or path
        A ``.jsonl``, ``.json``, ``.csv``, ``.parquet`` or ``.npz`` file.

    Raises
    ------
    ValueError
        If the suffix is not that of a format that can be read.
    SourceError
        If there is no such file, or it does not hold poses.
    BackendUnavailableError
        If the format needs an extra that is not installed.
    """
    path, format_ = _readable(path)
    load = _load(format_, str(format_.loader or format_.reader))
    provenance = load_provenance(path)
    with _reading(path):
        results = [replace(result, provenance=provenance) for result in load(path)]
    if len({result.frame_index for result in results}) == len(results):
        results.sort(key=lambda result: result.frame_index)
    return results


def iter_results(path: str | PathLike[str]) -> Iterator[PoseResult]:
    """Yield the results in a file one by one, as `load_results` returns them.

    ``.jsonl``, ``.csv`` and ``.parquet`` are read while you iterate, in little memory; ``.json``
    and ``.npz`` are read whole first. The rows of a table must be in the order of `frame_index`;
    otherwise a SourceError is raised at the first row that is not.

    Parameters
    ----------
    path : str or path
        As for `load_results`.

    Raises
    ------
    ValueError, SourceError, BackendUnavailableError
        As `load_results`; a SourceError comes while you iterate.
    """
    path, format_ = _readable(path)
    read = _load(format_, str(format_.reader))

    def results() -> Iterator[PoseResult]:
        provenance = load_provenance(path)
        with _reading(path):
            for result in read(path):
                yield replace(result, provenance=provenance)

    return results()


def load_provenance(path: str | PathLike[str]) -> Provenance | None:
    """Return how the results in a file were made; None if the file has no provenance.

    Parameters
    ----------
    path : str or path
        Any file that `open_output` writes. For a series of images, the pattern that names them;
        None if the series was not completed, or an image is missing. With ``{id}`` in the name, the
        newest file of a person.

    Raises
    ------
    ValueError, SourceError, BackendUnavailableError
        As `load_results`.
    """
    path = Path(path)
    check_suffix(path)
    path = newest_of_people(path) or path
    format_ = _FORMATS[path.suffix.lower()]
    read = _load(format_, format_.provenance) if format_.provenance else read_sidecar
    with _reading(path):
        provenance: Provenance | None = read(path)
        return provenance


def _readable(path: str | PathLike[str]) -> tuple[Path, _Format]:
    path = Path(path)
    check_suffix(path, _READABLE_SUFFIXES)
    return path, _FORMATS[path.suffix.lower()]


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SourceError(f"can't read {str(path)!r}: {error.strerror or error}") from error
    except KeyError as error:
        raise SourceError(f"can't read poses from {str(path)!r}: {error} is missing") from error
    except MemoryError as error:
        raise SourceError(f"can't read {str(path)!r}: it needs too much memory") from error
    except (ValueError, TypeError, RecursionError) as error:
        reason = getattr(error, "strerror", error)  # of FFmpeg, whose text repeats the path
        raise SourceError(f"can't read poses from {str(path)!r}: {reason}") from error


def _open_one(options: SinkOptions) -> Sink:
    format_ = _FORMATS[options.suffix]
    if format_.series and "{" in options.path.name:
        sink: Sink = _load(format_, format_.series)(options)
        return sink
    writer = _load(format_, format_.writer)
    if format_.is_motion:
        from vitruvian.export.motion_file import open_motion_sink

        return open_motion_sink(options, writer)
    writer = partial(writer, options=options)
    return FileSink(options.path, writer, provenance=options.provenance)


def check_suffix(path: Path, known: tuple[str, ...] = SUFFIXES) -> None:
    """Raise ValueError if the suffix of a path is not known."""
    if path.suffix.lower() not in known:
        raise ValueError(f"the suffix must be one of {', '.join(known)}, got {str(path)!r}")


def needs_frames(path: Path) -> bool:
    """Return whether the format of an output draws on the frames themselves."""
    return _FORMATS[path.suffix.lower()].draws


def _load(format_: _Format, name: str) -> Any:
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
