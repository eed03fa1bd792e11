"""The files of the page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["PAGE", "routes"]

PAGE = Path(__file__).with_name("page")


def routes() -> list[Route | Mount]:
    """Return the routes of ``/`` and ``/page/...``."""

    async def index(_: Request) -> Response:
        return FileResponse(PAGE / "index.html", headers={"Cache-Control": "no-cache"})

    return [Route("/", index), Mount("/page", StaticFiles(directory=PAGE))]
