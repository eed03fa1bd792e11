"""SpooledWriter: formats that can only be written in one go, when every frame is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitruvian.export.json_file import JsonLinesWriter, read_jsonl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult

__all__ = ["SpooledWriter"]


class SpooledWriter:
    """Frames wait on disk as JSON lines and are converted at the end.

    So memory stays bounded, and after a failure every frame is still there, as JSON lines.

    Parameters
    ----------
    path : Path
        An existing file; its content is replaced.
    suffix : str
        Of the format that `convert` writes.
    convert : callable
        Writes all results to a path.
    """

    def __init__(
        self, path: Path, suffix: str, convert: Callable[[Iterable[PoseResult], Path], None]
    ) -> None:
        self._path = path
        self._suffix = suffix
        self._convert = convert
        self._lines = JsonLinesWriter(path)
        self._is_converted = False

    def append(self, result: PoseResult, frame: Frame | None) -> None:
        """Add one frame."""
        self._lines.append(result, frame)

    def finish(self) -> None:
        """Convert the lines and put the outcome in their place."""
        self._lines.finish()
        converted = self._path.with_name(f"{self._path.name}.converted")
        try:
            self._convert(read_jsonl(self._path), converted)
            converted.replace(self._path)
        finally:
            converted.unlink(missing_ok=True)
        self._is_converted = True

    def salvage(self) -> str:
        """Close the file; every whole frame is kept, as a JSON line unless converted."""
        spooled_suffix = self._lines.salvage()
        return self._suffix if self._is_converted else spooled_suffix
