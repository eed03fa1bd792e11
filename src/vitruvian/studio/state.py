"""Studio: the owner of everything that a running server remembers."""

from __future__ import annotations

import secrets
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

from vitruvian.studio.sessions import Sessions

if TYPE_CHECKING:
    from vitruvian.studio.options import StudioOptions

__all__ = ["Studio", "new_id"]


def new_id() -> str:
    """Return a random identifier that can't be guessed."""
    return secrets.token_urlsafe(16)


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
    sessions : Sessions
        The live sessions.
    """

    def __init__(self, options: StudioOptions, *, token: str | None = None) -> None:
        self.options = options
        self.token = token or secrets.token_urlsafe(32)
        self._temporary = TemporaryDirectory(prefix="vitruvian-studio-")
        self.folder = Path(self._temporary.name)
        self.sessions = Sessions()

    def new_folder(self) -> Path:
        """Return a new empty folder in the temporary one."""
        folder = self.folder / new_id()
        folder.mkdir()
        return folder

    def close(self) -> None:
        """End all sessions and jobs, and remove the temporary folder."""
        self.sessions.close()
        self._temporary.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
