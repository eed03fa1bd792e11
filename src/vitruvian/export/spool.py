"""SpooledWriter: formats that can only be written when every frame is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitruvian.core.schema import QUANTITIES
from vitruvian.export.heading import completed
from vitruvian.export.json_file import JsonLinesWriter, read_jsonl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult
    from vitruvian.core.provenance import Provenance
    from vitruvian.core.schema import Quantity

    Convert = Callable[[Iterable[PoseResult], Sequence[Quantity], Path, Provenance | None], None]

__all__ = ["SpooledWriter"]


class SpooledWriter:
    """Stores frames on disk as JSON Lines and converts them at the end.

    So memory is bounded, and after a failure every frame is still there, as JSON Lines.

    Parameters
    ----------
    path : Path
        An existing file; its content is replaced.
    suffix : str
        Suffix of the format that `convert` writes.
    convert : callable
        Writes all results, of which some have these quantities, to a path, with a provenance.
    provenance : Provenance, optional
        That of the file; completed by that of the first result.
    """

    def __init__(
        self,
        path: Path,
        suffix: str,
        convert: Convert,
        provenance: Provenance | None = None,
    ) -> None:
        self._path = path
        self._suffix = suffix
        self._convert = convert
        self._provenance = provenance
        self._is_empty = True
        self._lines = JsonLinesWriter(path)
        self._missing = {q.name for q in QUANTITIES if q.is_optional}
        self._is_converted = False

    def append(self, result: PoseResult, frame: Frame | None) -> None:
        """Add one frame."""
        self._lines.append(result, frame)
        if self._is_empty:
            self._provenance = completed(self._provenance, result.provenance)
            self._is_empty = False
        for pose in result:
            self._missing = {name for name in self._missing if getattr(pose, name) is None}

    def finish(self) -> None:
        """Convert the lines and replace them by the converted file."""
        self._lines.finish()
        converted = self._path.with_name(f"{self._path.name}.converted")
        quantities = [q for q in QUANTITIES if q.name not in self._missing]
        try:
            self._convert(read_jsonl(self._path), quantities, converted, self._provenance)
            converted.replace(self._path)
        finally:
            converted.unlink(missing_ok=True)
        self._is_converted = True

    def salvage(self) -> str:
        """Close the file; every whole frame is kept, as a JSON line unless converted."""
        spooled_suffix = self._lines.salvage()
        return self._suffix if self._is_converted else spooled_suffix
