"""The guard in front of every request: which names, pages and tokens may use the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection

from vitruvian.studio.headers import with_headers
from vitruvian.studio.login import LOGIN, login_page, refusal_page
from vitruvian.studio.logins import is_equal
from vitruvian.studio.problems import ApiError

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from vitruvian.studio.address import StudioAddress
    from vitruvian.studio.state import Studio

__all__ = ["AccessGuard"]

SAFE_METHODS = ("GET", "HEAD")
OWN_SITES = ("same-origin", "none")  # none: the user typed or opened the address
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
MAX_BODY = 64 * 1024


class AccessGuard:
    """Refuses every request and WebSocket that is not from the page or a program of the user.

    - The Host header must name this server, so that a foreign name that resolves to it (DNS
      rebinding) is refused.
    - Browsers tell where a request comes from: ``Sec-Fetch-Site`` must not be another site, and the
      Origin of a WebSocket and of anything but GET and HEAD must be that of the page. Programs
      that send the token in a header have no origin.
    - The token must be given, in the cookie or as ``Authorization: Bearer``, except for the login.
    - Bodies are JSON of at most 64 kB, and say so, which a form of another site can't. Only those
      of PUT, the uploads, have a limit of their own.

    All answers get the headers of `vitruvian.studio.headers`.
    """

    def __init__(self, app: ASGIApp, *, studio: Studio, address: StudioAddress) -> None:
        self._app, self._studio, self._address = app, studio, address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or refuse one request."""
        request = HTTPConnection(scope)
        try:
            self._check(request)
            if scope["type"] == "http" and scope["method"] != "PUT":
                _check_body(request)
                receive = _limited(receive)
        except ApiError as refusal:
            answer = _answer_to(scope, refusal)
            await answer(scope, receive, with_headers(send))
        else:
            await self._app(scope, receive, with_headers(send))

    def _check(self, request: HTTPConnection) -> None:
        """Raise ApiError if a request must not pass."""
        headers = request.headers
        host = headers.get("host", "")
        if not self._address.is_known(host):
            raise ApiError(
                403,
                "wrong_host",
                f"{host!r} is not a name of this server",
                f"open {self._address.url}",
            )
        if headers.get("sec-fetch-site", "none") not in OWN_SITES:
            raise ApiError(
                403,
                "foreign_site",
                "this request comes from another site",
                "click into the address bar and press Enter",
            )
        bearer = headers.get("authorization", "").removeprefix("Bearer ")
        if not self._is_own_origin(request, host, has_bearer=bool(bearer)):
            raise ApiError(403, "foreign_origin", "this request comes from a page of another site")
        if request.scope["path"] == LOGIN:
            return
        given = bearer or request.cookies.get(self._address.cookie, "")
        if not is_equal(given, self._studio.token):
            raise ApiError(
                401, "no_token", "this server needs a token", "open the URL that its terminal shows"
            )

    def _is_own_origin(self, request: HTTPConnection, host: str, *, has_bearer: bool) -> bool:
        """Return whether a request has the origin of the page, or needs none."""
        origin = request.headers.get("origin")
        if origin is not None:
            return self._address.is_own_origin(origin, host)
        is_safe = request.scope["type"] == "http" and request.scope["method"] in SAFE_METHODS
        return is_safe or has_bearer  # no page can send that header to another origin


def _check_body(request: HTTPConnection) -> None:
    """Raise ApiError if a request has a body of another type than JSON."""
    headers = request.headers
    if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    wanted = FORM if request.scope["path"] == LOGIN else JSON
    if kind != wanted:
        raise ApiError(415, "wrong_type", f"the body must be {wanted}, got {kind!r}")


def _limited(receive: Receive) -> Receive:
    """Return `receive` for a body of at most 64 kB."""
    n_bytes = 0

    async def receive_limited() -> Message:
        nonlocal n_bytes
        message = await receive()
        n_bytes += len(message.get("body", b""))
        if n_bytes > MAX_BODY:
            raise ApiError(413, "too_large", f"the body must not exceed {MAX_BODY // 1024} kB")
        return message

    return receive_limited


def _answer_to(scope: Scope, refusal: ApiError) -> Response:
    """Return a page for people, and JSON for programs."""
    is_page = scope["type"] == "http" and not scope["path"].startswith(("/api/", "/page/"))
    if is_page and scope["method"] in SAFE_METHODS:
        return login_page() if refusal.status == 401 else refusal_page(refusal)
    return refusal.answer()
