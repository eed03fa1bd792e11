"""JSON lines, one object a frame, and JSON, one document of the same objects."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from vitruvian.core.pose import PoseResult
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.export.record_file import RecordFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vitruvian.core.frame import Frame
    from vitruvian.export import SinkOptions

__all__ = ["JsonLinesWriter", "JsonWriter", "read_json", "read_jsonl"]


class JsonLinesWriter:
    """One line a frame: `PoseResult.to_dict` without extras."""

    def __init__(self, path: Path, options: SinkOptions | None = None) -> None:
        self._file = RecordFile(path)

    def append(self, result: PoseResult, frame: Frame | None = None) -> None:
        """Add the line of one frame."""
        self._file.append(_compact(result.to_dict(extras=False)) + b"\n")

    def finish(self) -> None:
        """Close the file."""
        self._file.close()

    def salvage(self) -> str:
        """Close the file; every whole line is kept."""
        self._file.close()
        return ".jsonl"


class JsonWriter:
    """One document: format, version, the skeleton, and the objects of the JSON lines as frames."""

    def __init__(self, path: Path, options: SinkOptions) -> None:
        head = {
            "format": "vitruvian",
            "version": 1,
            "skeleton": {"names": BLAZEPOSE.names, "connections": BLAZEPOSE.connections},
            "frames": [],
        }
        self._file = RecordFile(path, header=_compact(head).removesuffix(b"]}"), footer=b"\n]}\n")
        self._separator = b"\n"

    def append(self, result: PoseResult, frame: Frame | None) -> None:
        """Add the object of one frame."""
        self._file.append(self._separator + _compact(result.to_dict(extras=False)))
        self._separator = b",\n"

    def finish(self) -> None:
        """Close the document."""
        self._file.close()

    def salvage(self) -> str:
        """Close the document after the last whole frame."""
        self._file.close()
        return ".json"


def read_jsonl(path: Path) -> Iterator[PoseResult]:
    """Yield the result of each line; ValueError names the line that is not one."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield PoseResult.from_dict(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"line {number} is not the result of a frame") from error


def read_json(path: Path) -> Iterator[PoseResult]:
    """Yield the result of each frame of a document that `JsonWriter` wrote."""
    document = json.loads(path.read_bytes())
    if not isinstance(document, dict) or document.get("format") != "vitruvian":
        raise ValueError("it is not a document of poses")
    if document.get("version") != 1:
        raise ValueError(f"its version must be 1, got {document.get('version')!r}")
    yield from map(PoseResult.from_dict, document["frames"])


def _compact(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
