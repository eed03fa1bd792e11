"""Headers of every answer: what the page may load, and who may embed or read an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Message, Send

__all__ = ["HEADERS", "content_policy", "with_headers"]

_SOURCES = {
    "default-src": "'self'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "worker-src": "'self'",
    "img-src": "'self' blob:",
    "media-src": "'self' blob:",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


def content_policy(**changes: str) -> str:
    """Return the Content-Security-Policy, with other sources: ``style_src="'none'"``."""
    changed = {name.replace("_", "-"): sources for name, sources in changes.items()}
    return "; ".join(f"{name} {sources}" for name, sources in (_SOURCES | changed).items())


HEADERS = {
    "content-security-policy": content_policy(),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
"""By name; an answer may have its own value."""


def with_headers(send: Send) -> Send:
    """Return `send` with the headers added to the answer, unless it has its own."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            given = list(message.get("headers", []))
            names = {name.lower() for name, _ in given}
            added = [
                (n.encode(), v.encode()) for n, v in HEADERS.items() if n.encode() not in names
            ]
            message = {**message, "headers": [*given, *added]}
        await send(message)

    return send_with_headers
