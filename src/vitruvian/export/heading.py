"""The heading of a file: format, version, provenance and skeleton; in it or in a sidecar."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from vitruvian.core._arrays import json_float
from vitruvian.core.provenance import Provenance
from vitruvian.core.schema import FORMAT_VERSION
from vitruvian.core.skeleton import BLAZEPOSE

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "checked_heading",
    "comment_of",
    "compact_json",
    "completed",
    "file_heading",
    "provenance_in",
    "provenance_in_comment",
    "read_sidecar",
    "sidecar_of",
]

FORMAT = "vitruvian"
LINE_SUFFIXES = (".csv", ".jsonl")
SIDECAR_SUFFIXES = (
    *LINE_SUFFIXES,
    ".bvh",
    ".c3d",
    ".mot",
    ".trc",
)  # no place for a heading in them


def file_heading(provenance: Provenance | None) -> dict[str, Any]:
    """Return the heading of a file, as plain JSON values."""
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "provenance": (provenance or Provenance()).to_dict(),
        "skeleton": {"names": BLAZEPOSE.names, "connections": BLAZEPOSE.connections},
    }


def checked_heading(document: object) -> dict[str, Any]:
    """Return a heading that was read; ValueError if it is not one or of another version."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError("it is not a file of poses")
    version = document.get("version")
    if version != FORMAT_VERSION:
        raise ValueError(f"its format version must be {FORMAT_VERSION}, got {version!r}")
    return document


def provenance_in(document: object) -> Provenance | None:
    """Return the provenance in a heading that was read; None if it has none."""
    data = checked_heading(document).get("provenance")
    if not (data is None or isinstance(data, dict)):
        raise ValueError(f"its provenance must be an object, got {data!r:.40}")
    return None if data is None else Provenance.from_dict(data)


def comment_of(provenance: Provenance | None, **values: Any) -> str:
    """Return the comment of a video or an image: the heading without the skeleton, and values."""
    heading = file_heading(provenance) | values
    del heading["skeleton"]
    return compact_json(heading).decode()


def provenance_in_comment(comment: str | bytes | None) -> Provenance | None:
    """Return the provenance in a comment; None if it is of another program."""
    try:
        return provenance_in(json.loads(comment or ""))
    except ValueError:
        return None


def completed(given: Provenance | None, of_results: Provenance | None) -> Provenance | None:
    """Return the provenance of a file: the one given for it, completed by that of its results."""
    return of_results if given is None else given.completed_by(of_results)


def sidecar_of(path: Path) -> Path | None:
    """Return the sidecar with the heading of `path`: ``walk.csv.meta.json`` for ``walk.csv``.

    None if the format of `path` has a place for the heading.
    """
    has_sidecar = path.suffix.lower() in SIDECAR_SUFFIXES
    return path.with_name(f"{path.name}.meta.json") if has_sidecar else None


def read_sidecar(path: Path) -> Provenance | None:
    """Return the provenance in the sidecar of `path`; None if there is no sidecar."""
    path.stat()  # raises an OSError if there is no file that it could belong to
    sidecar = sidecar_of(path.resolve() if path.is_symlink() else path)
    if sidecar is None or not sidecar.is_file():
        return None
    return provenance_in(json.loads(sidecar.read_bytes()))


def compact_json(value: dict[str, Any]) -> bytes:
    """Return `value` as JSON without blanks, in UTF-8; null for NaN and infinity."""
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()
    except ValueError:
        return json.dumps(_finite(value), separators=(",", ":"), allow_nan=False).encode()


def _finite(value: Any) -> Any:
    """Return plain values with None for NaN and infinity."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return json_float(value) if isinstance(value, float) else value
