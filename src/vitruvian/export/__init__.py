"""Results to files and back: `open_output` and `load_results` choose the format by the suffix."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from vitruvian.errors import BackendUnavailableError, SourceError
from vitruvian.export.sink import FileSink, Sink, SinkGroup

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    from vitruvian.core.pose import PoseResult
    from vitruvian.draw.style import Style
    from vitruvian.media.source import Source

__all__ = ["SUFFIXES", "Sink", "SinkOptions", "check_suffix", "load_results", "open_output"]


class _Format(NamedTuple):
    """A module of this package, imported on first use, and the names in it."""

    module: str
    writer: str
    reader: str | None = None
    extra: str | None = None
    series: str | None = None


_IMAGE = _Format("image_file", "AnnotatedImage", series="ImageSeriesSink")
_FORMATS = {
    ".csv": _Format("table", "CsvWriter", "read_csv"),
    ".jpeg": _IMAGE,
    ".jpg": _IMAGE,
    ".json": _Format("json_file", "JsonWriter", "read_json"),
    ".jsonl": _Format("json_file", "JsonLinesWriter", "read_jsonl"),
    ".mkv": _Format("video_file", "AnnotatedVideo"),
    ".mov": _Format("video_file", "AnnotatedVideo"),
    ".mp4": _Format("video_file", "AnnotatedVideo"),
    ".npz": _Format("npz_file", "npz_writer", "read_npz"),
    ".parquet": _Format("parquet_file", "parquet_writer", "read_parquet", extra="parquet"),
    ".png": _IMAGE,
}

SUFFIXES = tuple(_FORMATS)
_READABLE_SUFFIXES = tuple(suffix for suffix, format_ in _FORMATS.items() if format_.reader)


@dataclass(frozen=True, slots=True)
class SinkOptions:
    """What a writer may want to know.

    Attributes
    ----------
    path : Path
        Final name of the file.
    source : Source or None
        Where the frames come from: its rate and its sound go into a video.
    style : Style or None
        How poses are drawn on pictures; None for the default.
    threads : int or None
        Processor threads that encode a video; None for as many as suit the machine.
    """

    path: Path
    source: Source | None = None
    style: Style | None = None
    threads: int | None = None

    @property
    def suffix(self) -> str:
        """Suffix of the path in lower case: what chooses the format."""
        return self.path.suffix.lower()


def open_output(
    *paths: str | PathLike[str],
    source: Source | None = None,
    style: Style | None = None,
    threads: int | None = None,
) -> Sink:
    """Return a sink that writes every result to all of `paths`, each in the format of its suffix.

    ======================  ======================================================================
    ``.jsonl``              one object a frame, `PoseResult.to_dict` without extras
    ``.json``               one document of these objects, with the skeleton
    ``.csv``, ``.parquet``  a table of one row for each person of each frame; a frame in which
                            nobody is seen has one row, with empty cells
    ``.npz``                the arrays of `PoseSequence`
    ``.mp4 .mov .mkv``      the frames with the poses on them, in H.264, with the source's sound
    ``.png .jpg .jpeg``     one frame with its poses; with a name such as ``{frame:06d}.png`` each
                            frame, under its number
    ======================  ======================================================================

    The first five keep every number exactly, and `load_results` reads them.

    Parameters
    ----------
    *paths : str or path
        Files in folders that exist. An existing file is replaced, once the new one is complete.
    source : Source, optional
        Where the frames come from: a video gets its rate, and its sound if it is a video too.
    style : Style, optional
        What pictures and videos show.
    threads : int, optional
        Processor threads that encode a video; as many as suit the machine if it is not given.

    Returns
    -------
    Sink
        A context manager; see `Sink` for what is kept after an error.

    Raises
    ------
    ValueError
        If there is no path, one is given twice, or its suffix is none of these; or if `threads`
        is not positive.
    SinkError
        If a file can't be created.
    BackendUnavailableError
        If the format needs an extra that is not installed.
    """
    if threads is not None and threads < 1:
        raise ValueError(f"threads must be a positive integer or None, got {threads!r}")
    options = [SinkOptions(Path(path), source, style, threads) for path in paths]
    for option in options:
        check_suffix(option.path)
    if not options or len({option.path.resolve() for option in options}) < len(options):
        raise ValueError(f"the paths must be different, at least one, got {list(map(str, paths))}")
    with ExitStack() as opened:
        sinks = [opened.enter_context(_open_one(option)) for option in options]
        opened.pop_all()
    return sinks[0] if len(sinks) == 1 else SinkGroup(sinks)


def load_results(path: str | PathLike[str]) -> list[PoseResult]:
    """Return the results that a sink has written to `path`, exactly, without mask and detection.

    Raises
    ------
    ValueError
        If the suffix is not that of a format that can be read back.
    SourceError
        If there is no such file, or it does not hold poses.
    BackendUnavailableError
        If the format needs an extra that is not installed.
    """
    path = Path(path)
    check_suffix(path, _READABLE_SUFFIXES)
    format_ = _FORMATS[path.suffix.lower()]
    read = _load(format_, str(format_.reader))
    try:
        results: Iterable[PoseResult] = read(path)
        return list(results)
    except OSError as error:
        raise SourceError(f"can't read {str(path)!r}: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise SourceError(f"can't read poses from {str(path)!r}: {error}") from error


def _open_one(options: SinkOptions) -> Sink:
    format_ = _FORMATS[options.suffix]
    if format_.series and "{" in options.path.name:
        sink: Sink = _load(format_, format_.series)(options)
        return sink
    return FileSink(options.path, partial(_load(format_, format_.writer), options=options))


def check_suffix(path: Path, known: tuple[str, ...] = SUFFIXES) -> None:
    """Raise ValueError if the suffix of a path is none of those that are known."""
    if path.suffix.lower() not in known:
        raise ValueError(f"the suffix must be one of {', '.join(known)}, got {str(path)!r}")


def _load(format_: _Format, name: str) -> Any:
    try:
        return getattr(import_module(f"vitruvian.export.{format_.module}"), name)
    except ModuleNotFoundError as error:
        if format_.extra is None:
            raise
        raise BackendUnavailableError(
            f"{error.name!r} is not installed: pip install 'vitruvian[{format_.extra}]'"
        ) from error
