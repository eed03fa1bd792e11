"""The JSON body of a request, of limited size."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from vitruvian.studio.problems import ApiError

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["json_body", "limited_body"]

MAX_BYTES = 64 * 1024


async def json_body(request: Request) -> dict[str, Any]:
    """Return the JSON object in the body of a request.

    Raises
    ------
    ApiError
        If the body is not ``application/json``, is larger than 64 kB, or is no JSON object. A form
        of another site can send other types of text, but not this one.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise ApiError(415, "wrong_type", f"the body must be application/json, got {kind!r}")
    try:
        value = json.loads(await limited_body(request))
    except (ValueError, RecursionError) as err:
        raise ApiError(400, "wrong_json", f"the body is not valid JSON: {err}") from err
    if not isinstance(value, dict):
        raise ApiError(400, "wrong_json", "the body must be a JSON object")
    return value


async def limited_body(request: Request) -> bytes:
    """Return a body of at most 64 kB, and raise ApiError for a larger one without reading it."""
    body = bytearray()
    length = request.headers.get("content-length", "0")
    if int(length) <= MAX_BYTES:  # the server has checked that it is a number
        async for part in request.stream():
            body += part
            if len(body) > MAX_BYTES:
                break
        else:
            return bytes(body)
    raise ApiError(413, "too_large", "the body must not exceed 64 kB")
