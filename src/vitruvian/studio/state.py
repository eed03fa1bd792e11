"""Studio: the owner of everything that a running server remembers."""

from __future__ import annotations

import secrets
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

from vitruvian.studio.folders import Folders
from vitruvian.studio.ids import new_id
from vitruvian.studio.job_queue import JobQueue
from vitruvian.studio.shelf import FileShelf

if TYPE_CHECKING:
    from vitruvian.studio.options import StudioOptions

__all__ = ["Studio", "new_id"]


class Studio:
    """State of a server: token, uploaded files, jobs, live sessions.

    Parameters
    ----------
    options : StudioOptions
    token : str, optional
        Secret of the login; by default a random one.

    Attributes
    ----------
    options : StudioOptions
    token : str
    folder : Path
        Temporary folder of uploads and results, removed by `close`.
    folders : Folders
        Folders that may be listed.
    shelf : FileShelf
        Files that are open.
    jobs : JobQueue
        Files that are tracked.
    """

    def __init__(self, options: StudioOptions, *, token: str | None = None) -> None:
        self.options = options
        self.token = token or secrets.token_urlsafe(32)
        self._temporary = TemporaryDirectory(prefix="vitruvian-studio-")
        self.folder = Path(self._temporary.name)
        self.folders = Folders(options.folders)
        self.jobs = JobQueue()
        self.shelf = FileShelf(self.folder, options, self.jobs)
        try:
            self.shelf.open_inputs()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End all sessions and jobs, and remove the temporary folder."""
        self.jobs.close()
        self.shelf.close()
        self._temporary.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
