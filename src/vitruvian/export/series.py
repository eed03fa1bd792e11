"""Names of a series of files: images of each frame with its number, files of people by ID."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FRAME_FIELD", "ID_FIELD", "series_names"]

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
