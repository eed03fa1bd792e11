"""Names of files: what the page shows, and what a name tells."""

from __future__ import annotations

import os
import re
from pathlib import Path

from vitruvian.export.formats import READABLE_SUFFIXES
from vitruvian.export.suffix import suffix_of
from vitruvian.media.image_kind import is_image_name

__all__ = ["is_media_name", "is_results_name", "plain_name", "safe_suffix", "text_name"]

MAX_NAME = 255
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")

# fmt: off
_VIDEOS = frozenset({
    ".3g2", ".3gp", ".avi", ".flv", ".gif", ".h264", ".hevc", ".m2ts", ".m4v", ".mjpeg", ".mjpg",
    ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".ogv", ".ts", ".webm", ".wmv",
})
# fmt: on


def is_media_name(name: str) -> bool:
    """Whether a name is that of a video, an image or results."""
    path = Path(name)
    return path.suffix.lower() in _VIDEOS or is_image_name(path) or is_results_name(name)


def is_results_name(name: str) -> bool:
    """Whether a name is that of a file of results which can be read."""
    return suffix_of(Path(name)) in READABLE_SUFFIXES


def plain_name(name: str) -> str:
    """Return the last part of a name that a client gave, for people to read."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[:MAX_NAME].strip() or "upload"


def text_name(name: str) -> str:
    """Return the name of a file as text that JSON can hold, also if it is not UTF-8."""
    return os.fsencode(name).decode(errors="replace")


def safe_suffix(name: str) -> str:
    """Return the suffix of a name if it has letters and digits only, in lower case; else nothing.

    The formats of some images are known by it alone.
    """
    suffix = Path(plain_name(name)).suffix.lower()
    return suffix if _SUFFIX.fullmatch(suffix) else ""
