"""Studio: the owner of everything that a running server remembers."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

from vitruvian.studio.logins import LoginTokens
from vitruvian.studio.sessions import Sessions

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitruvian.studio.options import StudioOptions

__all__ = ["Studio", "new_id"]


def new_id() -> str:
    """Return a random identifier that can't be guessed."""
    return secrets.token_urlsafe(16)


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
    sessions : Sessions
        The live sessions.
    """

    def __init__(self, options: StudioOptions, *, token: str | None = None) -> None:
        self.options = options
        self.token = token or secrets.token_urlsafe(32)
        self.logins = LoginTokens()
        self.sessions = Sessions()
        self._opened = ExitStack()
        folder = TemporaryDirectory(prefix="vitruvian-studio-", ignore_cleanup_errors=True)
        self.folder = Path(self._opened.enter_context(folder))
        self.on_close(self.sessions.close)

    def on_close(self, close: Callable[[], object]) -> None:
        """Call `close` when the studio is closed, before the temporary folder is removed.

        The last one registered is called first.
        """
        self._opened.callback(close)

    def close(self) -> None:
        """End all sessions and jobs, and remove the temporary folder."""
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
