"""The application: the routes of all parts, behind the guard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware

from vitruvian.studio import access, files, folders, frames, info, jobs, static_files
from vitruvian.studio.access import AccessGuard
from vitruvian.studio.problems import HANDLERS

if TYPE_CHECKING:
    from vitruvian.studio.state import Studio

__all__ = ["studio_app"]


def studio_app(studio: Studio) -> Starlette:
    """Return the application of a studio."""
    return Starlette(
        routes=[
            *access.routes(studio),
            *info.routes(studio),
            *files.routes(studio),
            *folders.routes(studio),
            *frames.routes(studio),
            *jobs.routes(studio),
            *static_files.routes(),
        ],
        middleware=[Middleware(AccessGuard, studio=studio)],
        exception_handlers=HANDLERS,
    )
