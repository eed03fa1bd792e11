"""The application: the routes of all parts, behind the guard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette

from vitruvian.studio import (
    export_query,
    files,
    frames,
    info,
    jobs,
    live,
    login,
    measures,
    static_files,
)
from vitruvian.studio.access import AccessGuard
from vitruvian.studio.problems import HANDLERS

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from vitruvian.studio.address import StudioAddress
    from vitruvian.studio.state import Studio

__all__ = ["studio_app"]


def studio_app(studio: Studio, address: StudioAddress) -> ASGIApp:
    """Return the application of a studio."""
    app = Starlette(
        routes=[
            *login.routes(studio, address),
            *info.routes(studio),
            *live.routes(studio),
            *files.routes(studio),
            *frames.routes(studio),
            *jobs.routes(studio),
            *export_query.routes(studio),
            *measures.routes(studio),
            *static_files.routes(),
        ],
        exception_handlers=HANDLERS,
    )
    return AccessGuard(app, studio=studio, address=address)
