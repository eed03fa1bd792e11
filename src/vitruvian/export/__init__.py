"""Results to files and back: `open_sink` and `load_results` choose the format by the suffix."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from vitruvian.errors import BackendUnavailableError, SourceError
from vitruvian.export.sink import FileSink, Sink, SinkGroup

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

    from vitruvian.core.pose import PoseResult
    from vitruvian.draw.style import Style

__all__ = ["SUFFIXES", "Sink", "SinkOptions", "load_results", "open_sink"]


class _Format(NamedTuple):
    """Where a format lives: a module of this package, imported on first use, and names in it."""

    module: str
    writer: str
    reader: str | None = None
    extra: str | None = None


_FORMATS = {
    ".csv": _Format("table", "CsvWriter", "read_csv"),
    ".json": _Format("json_file", "JsonWriter", "read_json"),
    ".jsonl": _Format("json_file", "JsonLinesWriter", "read_jsonl"),
}

SUFFIXES = tuple(_FORMATS)


@dataclass(frozen=True, slots=True)
class SinkOptions:
    """What a writer may want to know besides its path.

    Attributes
    ----------
    suffix : str
        Suffix of the file, in lower case.
    style : Style or None
        How poses are drawn; None for the default.
    """

    suffix: str
    style: Style | None = None


def open_sink(*paths: str | PathLike[str], style: Style | None = None) -> Sink:
    """Return the sink that writes results to all `paths`."""
    options = [SinkOptions(_suffix(path, SUFFIXES), style) for path in paths]
    sinks: list[Sink] = []
    for path, option in zip(paths, options, strict=True):
        format_ = _FORMATS[option.suffix]
        writer = _load(format_, format_.writer)
        sinks.append(FileSink(Path(path), partial(writer, options=option)))
    return sinks[0] if len(sinks) == 1 else SinkGroup(sinks)


def load_results(path: str | PathLike[str]) -> list[PoseResult]:
    """Return the results that a sink wrote to `path`."""
    readable = tuple(suffix for suffix, format_ in _FORMATS.items() if format_.reader)
    format_ = _FORMATS[_suffix(path, readable)]
    read = _load(format_, str(format_.reader))
    try:
        results: Iterator[PoseResult] = read(Path(path))
        return list(results)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SourceError(f"can't read poses from {str(path)!r}: {error}") from error


def _suffix(path: str | PathLike[str], known: tuple[str, ...]) -> str:
    suffix = Path(path).suffix.lower()
    if suffix not in known:
        raise ValueError(f"the suffix must be one of {', '.join(known)}, got {str(path)!r}")
    return suffix


def _load(format_: _Format, name: str) -> Any:
    try:
        return getattr(import_module(f"vitruvian.export.{format_.module}"), name)
    except ModuleNotFoundError as error:
        raise BackendUnavailableError(
            f"{error.name!r} is not installed: pip install 'vitruvian[{format_.extra}]'"
        ) from error
