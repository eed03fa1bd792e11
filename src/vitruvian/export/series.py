"""Names of a series of files: images of each frame with its number, files of people by ID."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FRAME_FIELD", "ID_FIELD", "newest_of_people", "series_names"]

FRAME_FIELD = re.compile(r"\{frame(?::0?[0-9]{0,2}d?)?\}")
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
