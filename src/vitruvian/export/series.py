"""Series: one file for each frame, named by its number; files of people, named by their ID."""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol, Self

from vitruvian.export.heading import provenance_in_comment
from vitruvian.export.sink import FileSink, new_draft
from vitruvian.media.image_kind import is_image_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult
    from vitruvian.core.provenance import Provenance
    from vitruvian.export import SinkOptions
    from vitruvian.export.sink import Writer

__all__ = [
    "FRAME_FIELD",
    "ID_FIELD",
    "SeriesSink",
    "can_be_series",
    "newest_of_people",
    "read_series_provenance",
    "series_names",
]

FRAME_FIELD = re.compile(r"\{frame(?::0?[0-9]{0,2}d?)?\}")
OPENPOSE = "_keypoints.json"


class _OpenWriter(Protocol):
    """Opens the writer of one file; `series` is the extent of the complete series or None."""

    def __call__(
        self, path: Path, options: SinkOptions, *, series: dict[str, int] | None
    ) -> Writer: ...


def can_be_series(path: Path) -> bool:
    """Return whether a name may have the number of a frame: that of an image, or OpenPose's.

    Examples
    --------
    >>> from pathlib import Path
    >>> can_be_series(Path("{frame}.png")), can_be_series(Path("{frame}.csv"))
    (True, False)
    """
    return is_image_name(path) or path.name.lower().endswith(OPENPOSE)


ID_FIELD = "{id}"


def series_names(pattern: Path) -> re.Pattern[str] | None:
    """Return what the file names of a series match, with the number as group 1; None for one file.

    Examples
    --------
    >>> from pathlib import Path
    >>> series_names(Path("out/{frame:06d}.png")).fullmatch("000012.png")[1]
    '000012'
    """
    first, *others = FRAME_FIELD.split(pattern.name)
    if not others:
        return None
    return re.compile(re.escape(first) + " *([0-9]+)" + " *[0-9]+".join(map(re.escape, others)))


def read_series_provenance(
    pattern: Path, comment_in: Callable[[Path], str | bytes | None]
) -> Provenance | None:
    """Return the provenance in the comment of the first file; None if the series is incomplete."""
    named = series_names(pattern)
    if named is None:
        return None
    with os.scandir(pattern.parent) as entries:
        matches = [named.fullmatch(entry.name) for entry in entries]
    names = {int(match[1]): match[0] for match in matches if match}
    if not names:
        return None
    comment = comment_in(pattern.with_name(names[min(names)]))
    provenance = provenance_in_comment(comment)
    extent = json.loads(comment or "{}").get("series") if provenance else None
    if extent is None or sum(n <= extent["last"] for n in names) < extent["n_frames"]:
        return None
    return provenance


class SeriesSink:
    """One file for each frame, named by the position of the frame in its source.

    Each file is complete, and has its name, as soon as it is written. When the series is complete,
    the first file is written again, with the extent of the series in its comment.

    Parameters
    ----------
    options : SinkOptions
        With a path like ``out/{frame:06d}.png``, whose folder must exist.
    open_writer : callable
        Makes the `Writer` of one frame.

    Raises
    ------
    ValueError
        If the name is not a pattern of `frame` alone.
    SinkError
        If files can't be created there.
    """

    def __init__(self, options: SinkOptions, open_writer: _OpenWriter) -> None:
        self._options = options
        self._open_writer = open_writer
        self._is_open = True
        self._first: tuple[PoseResult, Frame | None] | None = None
        self._n_frames = self._last = 0
        new_draft(self._path_of(0)).discard()

    def write(self, result: PoseResult, frame: Frame | None = None) -> None:
        """Write the file of one frame, as in `Sink.write`."""
        if not self._is_open:
            raise ValueError(f"the sink of {str(self._options.path)!r} is closed")
        self._write(result, frame)
        self._first = self._first or (result, frame)
        self._n_frames += 1
        self._last = result.frame_index

    def _write(
        self, result: PoseResult, frame: Frame | None, series: dict[str, int] | None = None
    ) -> None:
        path = self._path_of(result.frame_index)
        options = replace(self._options, path=path)
        with FileSink(path, partial(self._open_writer, options=options, series=series)) as sink:
            sink.write(result, frame)

    def close(self) -> None:
        """Mark the series as complete, and accept no more frames."""
        if self._is_open and self._first is not None:
            self._write(*self._first, {"n_frames": self._n_frames, "last": self._last})
        self._is_open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        self._is_open = False

    def _path_of(self, frame: int) -> Path:
        pattern = self._options.path
        try:
            return pattern.with_name(pattern.name.format(frame=frame))
        except (LookupError, ValueError) as error:
            raise ValueError(
                f"the name must be a pattern such as 'out_{{frame:06d}}.png', got {pattern.name!r}"
            ) from error


def newest_of_people(pattern: Path) -> Path | None:
    """Return the newest file of a name with ``{id}``; None if there is none, or it has no field.

    The files of people get their names in order, when all are complete, and then their sidecars. So
    the newest one with provenance is the last of a complete output.
    """
    first, field, last = pattern.name.partition(ID_FIELD)
    if not field:
        return None
    names = re.compile(re.escape(first) + "[0-9]+" + re.escape(last))
    with suppress(OSError), os.scandir(pattern.parent) as entries:
        files = [entry for entry in entries if names.fullmatch(entry.name)]
        newest = max(files, key=lambda entry: (entry.stat().st_mtime_ns, entry.name), default=None)
        return None if newest is None else pattern.with_name(newest.name)
    return None
