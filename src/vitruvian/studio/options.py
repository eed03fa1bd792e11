"""StudioOptions: what the server offers, and to whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vitruvian.engine.options import TrackerOptions

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["StudioOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioOptions:
    """Options of a studio.

    Attributes
    ----------
    tracker : TrackerOptions
        What the page starts with; it can change most of them.
    inputs : tuple of str
        Opened at once: files, camera numbers, stream URLs.
    video : Path or None
        The video of results that are opened (``walk.jsonl``).
    folders : tuple of Path
        Folders whose files the page may list and open.
    allow_urls : bool
        Whether the page may open stream URLs of its own.
    max_upload : int
        Greatest size of an uploaded file, bytes.
    max_sessions : int
        Live sessions at the same time.
    """

    tracker: TrackerOptions = field(default_factory=TrackerOptions)
    inputs: tuple[str, ...] = ()
    video: Path | None = None
    folders: tuple[Path, ...] = ()
    allow_urls: bool = False
    max_upload: int = 2 * 1024**3
    max_sessions: int = 4
