"""FileAnswer: a file as the answer to a request, also if it is closed meanwhile."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from starlette.responses import FileResponse

from vitruvian.studio.problems import ApiError

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

__all__ = ["FileAnswer"]


class FileAnswer(FileResponse):
    """A file, with ranges. If it is removed, the request fails, which is no error of the server."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file."""
        has_begun = False

        async def note(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await super().__call__(scope, receive, note)
        except (OSError, RuntimeError) as error:  # Starlette raises the second for the first
            if os.path.exists(self.path):
                raise
            if not has_begun:
                raise ApiError(404, "no_file", "the file was closed") from error
