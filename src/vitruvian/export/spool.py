"""Frames stored on disk, for what can only be done when every frame is known."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from vitruvian.core.schema import QUANTITIES
from vitruvian.draft import Draft
from vitruvian.export.heading import completed
from vitruvian.export.json_file import JsonLinesWriter, read_jsonl
from vitruvian.export.sink import FileSink
from vitruvian.export.suffix import stem_of, suffix_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult
    from vitruvian.core.provenance import Provenance
    from vitruvian.core.schema import Quantity

    Convert = Callable[[Iterable[PoseResult], Sequence[Quantity], Path, Provenance | None], None]

__all__ = ["ResultSpool", "SpooledWriter"]


class ResultSpool(FileSink):
    """A sink whose results can be read back, any number of times, and that leaves no file.

    After an error they are kept beside `path`, as those of any other sink.

    Parameters
    ----------
    path : Path
        Name of the file that is kept after an error, without ``.partial``.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, partial(JsonLinesWriter, extras=True))

    def close(self) -> None:
        """Complete the results, so that they can be read."""
        try:
            self._writer.finish()
        except OSError as error:
            raise self._failure(error) from error

    def results(self) -> Iterator[PoseResult]:
        """Yield the results, with masks and detections."""
        for result in read_jsonl(self._draft.path):
            yield replace(result, provenance=self._provenance)

    def keep(self) -> str:
        """Give the results a name of their own; return a message that says which."""
        return f"{str(self._path)!r}: {self._salvage()}"

    def discard(self) -> None:
        """Remove the results."""
        self._is_open = False
        self._draft.discard()


class SpooledWriter:
    """Stores frames on disk as JSON Lines and converts them at the end.

    So memory is bounded, and after a failure every frame is still there, as JSON Lines.

    Parameters
    ----------
    path : Path
        An existing file; its content is replaced.
    final : Path
        Name that the file shall get.
    convert : callable
        Writes all results, of which some have these quantities, to a path, with a provenance.
    provenance : Provenance, optional
        That of the file; completed by that of the first result.
    """

    def __init__(
        self,
        path: Path,
        final: Path,
        convert: Convert,
        provenance: Provenance | None = None,
    ) -> None:
        self._path = path
        self._suffix = suffix_of(final)
        self._convert = convert
        self._provenance = provenance
        self._is_empty = True
        self._spool = Draft(path.with_name(f"{stem_of(final)}.jsonl"))
        try:
            self._lines = JsonLinesWriter(self._spool.path)
        except BaseException:
            self._spool.discard()
            raise
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
        """Convert the lines and remove them."""
        self._lines.finish()
        quantities = [q for q in QUANTITIES if q.name not in self._missing]
        self._convert(read_jsonl(self._spool.path), quantities, self._path, self._provenance)
        self._is_converted = True
        self._spool.discard()

    def salvage(self) -> str:
        """Close the file; every whole frame is kept, as a JSON line unless converted."""
        if self._is_converted:
            return self._suffix
        try:
            spooled_suffix = self._lines.salvage()
            self._spool.move_to(self._path)
        except BaseException:
            self._spool.discard()
            raise
        return spooled_suffix
