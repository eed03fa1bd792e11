"""Studio: the owner of everything that a running server remembers."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import TYPE_CHECKING, Self

from vitruvian.runs.stop import Stop
from vitruvian.studio.folders import Folders
from vitruvian.studio.job_queue import JobQueue
from vitruvian.studio.logins import LoginTokens
from vitruvian.studio.oak_cameras import OakCameras
from vitruvian.studio.sessions import Sessions
from vitruvian.studio.shelf import FileShelf
from vitruvian.studio.slow_work import SlowWork

if TYPE_CHECKING:
    from vitruvian.studio.options import StudioOptions

__all__ = ["Studio"]

CLOSE_LIMIT_S = 1.5  # for all sessions and jobs together


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
    oak_cameras : OakCameras
        OAK cameras of this machine.
    slow_work : SlowWork
        Exports and reports that are being made.
    stop : Stop
        Requested when the studio is about to be closed.
    """

    def __init__(self, options: StudioOptions, *, token: str | None = None) -> None:
        self.options = options
        self.token = token or secrets.token_urlsafe(32)
        self.logins = LoginTokens()
        self.stop = Stop()
        self._temporary = TemporaryDirectory(prefix="vitruvian-studio-", ignore_cleanup_errors=True)
        self.folder = Path(self._temporary.name)
        self.folders = Folders(options.folders)
        self.jobs, self.sessions, self.slow_work = JobQueue(), Sessions(), SlowWork()
        self.oak_cameras = OakCameras()
        self.shelf = FileShelf(self.folder, options, self.jobs)
        try:
            self.shelf.open_inputs()
        except BaseException:
            self.close()
            raise

    def end_work(self) -> None:
        """End all sessions and jobs, at the same time, and wait for them, but not for long."""
        if self.stop.is_requested:
            return
        self.stop.request()
        parts = (self.jobs, self.sessions, self.shelf)
        threads = [Thread(target=part.close, name="close", daemon=True) for part in parts]
        for thread in threads:
            thread.start()
        deadline_s = time.monotonic() + CLOSE_LIMIT_S
        for thread in threads:
            thread.join(max(0.0, deadline_s - time.monotonic()))

    def close(self) -> None:
        """End all sessions and jobs, and remove the temporary folder."""
        self.end_work()
        self._temporary.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
