"""The login: exchanges the token of a URL for the cookie, and the pages for who has no cookie."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from vitruvian.studio.headers import content_policy
from vitruvian.studio.logins import is_equal

if TYPE_CHECKING:
    from starlette.requests import Request

    from vitruvian.studio.address import StudioAddress
    from vitruvian.studio.problems import ApiError
    from vitruvian.studio.state import Studio

__all__ = ["LOGIN", "login_page", "refusal_page", "routes"]

LOGIN = "/login"

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 34rem; margin: 15vh auto 0; padding: 0 1.25rem; }
h1 { font-size: 1.5rem; margin: 0 0 1rem; }
code { font: 0.95em ui-monospace, monospace; }
form { display: flex; gap: 0.5rem; margin-top: 0.5rem; }
input { flex: 1; min-width: 0; }
input, button { font: inherit; padding: 0.45rem 0.7rem; border: 1px solid; border-radius: 6px; }
input::placeholder { color: inherit; opacity: 0.75; }
[role=alert] { border-left: 4px solid #d97706; padding-left: 0.75rem; }
"""
_STYLE_HASH = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    "<title>Vitruvian studio: {title}</title><style>"
    + _STYLE.replace("{", "{{").replace("}", "}}")
    + "</style></head><body><main><h1>Vitruvian studio</h1>{body}</main></body></html>"
)
_LOGIN_BODY = """{alert}
<p>Open the URL that <code>vitruvian studio</code> shows in its terminal. Each URL opens the page
once; the terminal then shows a new one.</p>
<form method="post" action="{action}">
<input name="token" aria-label="URL or token" placeholder="URL or token" type="password"
autocomplete="off" autofocus required><button>Log in</button></form>
"""


def routes(studio: Studio, address: StudioAddress) -> list[Route]:
    """Return the login."""

    async def login(request: Request) -> Response:
        if is_equal(request.cookies.get(address.cookie, ""), studio.token):
            return RedirectResponse("/", status_code=303)
        if request.method == "HEAD":  # a messenger looks at links before its user does
            return login_page()
        token = request.query_params.get("token", "")
        may_be_secret = request.method == "POST"
        if may_be_secret:  # in the body, which no log and no history keeps
            fields = parse_qs((await request.body()).decode(errors="replace"))
            token = fields.get("token", [""])[0].rpartition("token=")[2].strip()
        if not (studio.logins.use(token) or (may_be_secret and is_equal(token, studio.token))):
            return login_page(alert="This URL or token is not valid. A URL is valid once.")
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(
            address.cookie,
            studio.token,
            path="/",
            secure=address.has_secure_page,
            httponly=True,
            samesite="strict",
        )
        return answer

    return [Route(LOGIN, login, methods=["GET", "POST"])]


def login_page(*, alert: str = "") -> Response:
    """Return the page that tells where the login URL is, and takes it."""
    told = f'<p role="alert">{escape(alert)}</p>' if alert else ""
    return _page("log in", _LOGIN_BODY.format(alert=told, action=LOGIN), status=401)


def refusal_page(refusal: ApiError) -> Response:
    """Return a page that tells why a request was refused."""
    hint = refusal.hint[:1].upper() + refusal.hint[1:]
    message = refusal.message[:1].upper() + refusal.message[1:]
    body = f'<p role="alert">{escape(message)}.</p><p>{escape(hint)}.</p>'
    return _page("refused", body, status=refusal.status)


def _page(title: str, body: str, *, status: int) -> Response:
    headers = {
        "content-security-policy": content_policy(style_src=f"'sha256-{_STYLE_HASH}'"),
        "referrer-policy": "same-origin",  # without it the form would have the origin "null"
    }
    text = _PAGE.format(title=title, body=body)
    return HTMLResponse(text, status_code=status, headers=headers)
