"""StudioFile: a file that the page may use by its ID."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from vitruvian.studio.ids import new_id

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.studio.probe import MediaFacts

__all__ = ["StudioFile"]


@dataclass(slots=True, eq=False)
class StudioFile:
    """A file that the page may use by its ID.

    Attributes
    ----------
    name : str
        For people; never a part of a path.
    path : Path or None
        The media; None for results without a picture.
    folder : Path
        Of everything that is made for the file, removed with it.
    facts : MediaFacts
    job : str or None
        ID of the job whose results were opened with the file.
    proxy : str
        State of the H.264 copy: "none", "running", "ready" or "failed".
    is_closed : bool
        Whether it was removed.
    """

    name: str
    path: Path | None
    folder: Path
    facts: MediaFacts
    job: str | None = None
    proxy: str = "none"
    is_closed: bool = False
    id: str = field(default_factory=new_id)

    @property
    def proxy_path(self) -> Path:
        """Where the H.264 copy is."""
        return self.folder / "proxy.mp4"

    def to_dict(self) -> dict[str, Any]:
        """Return the answer of ``GET /api/files/{id}``."""
        head = {"id": self.id, "name": self.name, "job": self.job, "proxy": self.proxy}
        return head | asdict(self.facts)
