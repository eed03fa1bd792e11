"""JSON Lines, one object for each frame, and JSON, one document of the same objects."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from vitruvian.core.pose import PoseResult
from vitruvian.export.heading import (
    checked_heading,
    compact_json,
    completed,
    file_heading,
    provenance_in,
)
from vitruvian.export.record_file import RecordFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vitruvian.core.frame import Frame
    from vitruvian.core.provenance import Provenance
    from vitruvian.export import SinkOptions

__all__ = ["JsonLinesWriter", "JsonWriter", "read_json", "read_json_provenance", "read_jsonl"]


class JsonLinesWriter:
    """One line for each frame: `PoseResult.to_dict`, by default without extras."""

    def __init__(
        self, path: Path, options: SinkOptions | None = None, *, extras: bool = False
    ) -> None:
        self._file = RecordFile(path)
        self._extras = extras

    def append(self, result: PoseResult, frame: Frame | None = None) -> None:
        """Add the line of one frame."""
        self._file.append(compact_json(result.to_dict(extras=self._extras)) + b"\n")

    def finish(self) -> None:
        """Close the file."""
        self._file.close()

    def salvage(self) -> str:
        """Close the file; every whole line is kept."""
        self._file.close()
        return ".jsonl"


class JsonWriter:
    """One document: the heading, and the objects of the JSON Lines as `frames`."""

    def __init__(self, path: Path, options: SinkOptions) -> None:
        self._provenance = options.provenance
        self._file = RecordFile(path, header=_head(options.provenance), footer=b"\n]}\n")
        self._separator = b"\n"

    def append(self, result: PoseResult, frame: Frame | None) -> None:
        """Add the object of one frame."""
        if self._separator == b"\n":  # the first one says how it was made
            self._file.replace_all(_head(completed(self._provenance, result.provenance)))
        self._file.append(self._separator + compact_json(result.to_dict(extras=False)))
        self._separator = b",\n"

    def finish(self) -> None:
        """Close the document."""
        self._file.close()

    def salvage(self) -> str:
        """Close the document after the last whole frame."""
        self._file.close()
        return ".json"


def _head(provenance: Provenance | None) -> bytes:
    return compact_json(file_heading(provenance) | {"frames": []}).removesuffix(b"]}")


def read_jsonl(path: Path) -> Iterator[PoseResult]:
    """Yield the result of each line; ValueError names a line that is not one."""
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, start=1):
            if line.isspace():
                continue
            try:
                yield PoseResult.from_dict(json.loads(line))
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                cause = f"{error} is missing" if isinstance(error, KeyError) else error
                raise ValueError(f"line {number} is not the result of a frame: {cause}") from error


def read_json(path: Path) -> Iterator[PoseResult]:
    """Yield the result of each frame of a document that `JsonWriter` wrote."""
    document = checked_heading(json.loads(path.read_bytes()))
    yield from map(PoseResult.from_dict, document["frames"])


def read_json_provenance(path: Path) -> Provenance | None:
    """Return the provenance in a document that `JsonWriter` wrote.

    Its first line is the heading, so that the frames are not read; another program may have changed
    the line breaks.
    """
    with path.open("rb") as file:
        heading = file.readline().rstrip() + b"]}"
    try:
        return provenance_in(json.loads(heading))
    except ValueError:
        return provenance_in(json.loads(path.read_bytes()))
