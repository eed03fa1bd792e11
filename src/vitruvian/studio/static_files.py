"""The files of the page."""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import cache
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

    modules = _imported(PAGE / "ui" / "main.js")
    links = ", ".join(f"</page/ui/{name}>; rel=modulepreload" for name in modules)

    async def index(request: Request) -> Response:
        answer = _file(PAGE / "index.html", request)
        answer.headers["Link"] = links  # so that modules are not asked for one after the other
        return answer

    async def page_file(request: Request) -> Response:
        path = files.get(request.path_params["name"])  # looked up, never joined to a path
        if path is None:
            raise HTTPException(404)
        return _file(path, request)

    return [Route("/", index), Route("/page/{name:path}", page_file)]


def _imported(path: Path) -> list[str]:
    """Return the names of all modules that a module of the page loads, itself first."""
    names = [path.name]
    for name in names:  # which grows meanwhile
        found = re.findall(
            r'^(?:import|export) .*?from "\./(.+?)";',
            (PAGE / "ui" / name).read_text("utf-8"),
            re.M | re.S,
        )
        names += [each for each in dict.fromkeys(found) if each not in names]
    return names


@cache
def _packed(path: Path, _modified_ns: int) -> tuple[str, bytes, bytes]:
    """Return the strong ETag of a file, its content, and the same with gzip."""
    content = path.read_bytes()
    tag = hashlib.sha256(content).hexdigest()[:32]
    return tag, content, gzip.compress(content, mtime=0)


def _file(path: Path, request: Request) -> Response:
    """Return a file, with gzip if the browser takes it, or 304 if the browser has it."""
    tag, content, packed = _packed(path, path.stat().st_mtime_ns)
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        tag, content = f"{tag}-gzip", packed
        headers["Content-Encoding"] = "gzip"
    headers["ETag"] = f'"{tag}"'
    given = request.headers.get("if-none-match", "").split(",")
    if not {headers["ETag"], "*"}.isdisjoint(each.strip().removeprefix("W/") for each in given):
        return Response(status_code=304, headers=headers)
    return Response(content, headers={**headers, "Content-Type": _TYPES[path.suffix]})
