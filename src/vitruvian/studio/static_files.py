"""The files of the page."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["PAGE", "routes"]

PAGE = Path(__file__).with_name("page")

# Not from `mimetypes`: the registry of Windows may have another type for scripts, which browsers
# refuse to run then.
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


def routes() -> list[Route]:
    """Return the routes of ``/`` and ``/page/...``."""
    files = {
        path.relative_to(PAGE).as_posix(): path
        for path in PAGE.rglob("*")
        if path.suffix in _TYPES and path.is_file()
    }

    async def index(request: Request) -> Response:
        return _file(PAGE / "index.html", request)

    async def page_file(request: Request) -> Response:
        path = files.get(request.path_params["name"])  # looked up, never joined to a path
        if path is None:
            raise HTTPException(404)
        return _file(path, request)

    return [Route("/", index), Route("/page/{name:path}", page_file)]


def _file(path: Path, request: Request) -> Response:
    """Return a file, or 304 if the browser has it."""
    content = path.read_bytes()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Content-Type": _TYPES[path.suffix]}
    given = request.headers.get("if-none-match", "").split(",")
    if not {tag, "*"}.isdisjoint(each.strip().removeprefix("W/") for each in given):
        del headers["Content-Type"]
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers)
