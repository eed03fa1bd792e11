"""Who may use the server: the login, and the guard in front of every request."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from vitruvian.studio.problems import problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from vitruvian.studio.state import Studio

__all__ = ["AccessGuard", "routes"]

COOKIE = "vitruvian"


class AccessGuard:
    """Lets requests pass that carry the token, as a cookie or a header, and the login."""

    def __init__(self, app: ASGIApp, *, studio: Studio) -> None:
        self._app, self._studio = app, studio

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or refuse one request."""
        if scope["type"] not in ("http", "websocket") or self._may_pass(HTTPConnection(scope)):
            await self._app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "no token"})
            return
        body = problem("no_token", "this page needs a token", "open the URL that was printed")
        await JSONResponse(body, status_code=401)(scope, receive, send)

    def _may_pass(self, request: HTTPConnection) -> bool:
        if request.url.path == "/login":
            return True
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        given = bearer or request.cookies.get(COOKIE, "")
        return secrets.compare_digest(given.encode(), self._studio.token.encode())


def routes(studio: Studio) -> list[Route]:
    """Return the login, which puts the token of its URL into a cookie."""

    async def login(request: Request) -> Response:
        answer = RedirectResponse("/", status_code=303)
        token = request.query_params.get("token", "")
        answer.set_cookie(COOKIE, token, httponly=True, samesite="strict")
        return answer

    return [Route("/login", login)]
