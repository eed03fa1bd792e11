"""Studio: the owner of everything that a running server remembers."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

from vitruvian.studio.logins import LoginTokens

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
    """

    def __init__(self, options: StudioOptions, *, token: str | None = None) -> None:
        self.options = options
        self.token = token or secrets.token_urlsafe(32)
        self.logins = LoginTokens()
        self._work = ExitStack()
        self._temporary = TemporaryDirectory(prefix="vitruvian-studio-", ignore_cleanup_errors=True)
        self.folder = Path(self._temporary.name)

    def on_stop(self, stop: Callable[[], object]) -> None:
        """Call `stop` when the work of the studio ends, the last one registered first."""
        self._work.callback(stop)

    def stop(self) -> None:
        """End all sessions and jobs."""
        self._work.close()

    def close(self) -> None:
        """End all sessions and jobs, and remove the temporary folder."""
        self.stop()
        self._temporary.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
