"""Studio: the owner of everything that a running server remembers."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

from vitruvian.runs.stop import Stop
from vitruvian.studio.folders import Folders
from vitruvian.studio.ids import new_id
from vitruvian.studio.job_queue import JobQueue
from vitruvian.studio.logins import LoginTokens
from vitruvian.studio.sessions import Sessions
from vitruvian.studio.shelf import FileShelf

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitruvian.studio.options import StudioOptions

__all__ = ["Studio", "new_id"]


class Studio:
    """State of a server: tokens, uploaded files, jobs, live sessions.

    Parameters
    ----------
    options : StudioOptions
    token : str, optional
        Secret of all requests; by default a random one.

    Attributes
    ----------
    options : StudioOptions
    token : str
        What a browser sends as a cookie and a program as ``Authorization: Bearer``.
    logins : LoginTokens
        Tokens that open the page once.
    folder : Path
        Temporary folder of uploads and results, removed by `close`.
    folders : Folders
        Folders that may be listed.
    shelf : FileShelf
        Files that are open.
    jobs : JobQueue
        Files that are tracked.
    sessions : Sessions
        The live sessions.
    stop : Stop
        Requested when the studio is about to be closed.
    """

    def __init__(self, options: StudioOptions, *, token: str | None = None) -> None:
        self.options = options
        self.token = token or secrets.token_urlsafe(32)
        self.logins = LoginTokens()
        self.stop = Stop()
        self._opened = ExitStack()
        folder = TemporaryDirectory(prefix="vitruvian-studio-", ignore_cleanup_errors=True)
        self.folder = Path(self._opened.enter_context(folder))
        self.folders = Folders(options.folders)
        self.jobs = JobQueue()
        self.on_close(self.jobs.close)
        self.sessions = Sessions()
        self.on_close(self.sessions.close)
        self.shelf = FileShelf(self.folder, options, self.jobs)
        self.on_close(self.shelf.close)
        try:
            self.shelf.open_inputs()
        except BaseException:
            self.close()
            raise

    def on_close(self, close: Callable[[], object]) -> None:
        """Call `close` when the studio is closed, before the temporary folder is removed.

        The last one registered is called first.
        """
        self._opened.callback(close)

    def close(self) -> None:
        """End all sessions and jobs, and remove the temporary folder."""
        self.stop.request()
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
