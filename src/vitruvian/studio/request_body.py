"""Bodies of requests: JSON objects."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from vitruvian.studio.problems import ApiError

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["json_object"]


async def json_object(request: Request) -> dict[str, Any]:
    """Return the JSON object of a body, whose type and length the guard has checked."""
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "not_json", "the body is not JSON") from error
    if not isinstance(body, dict):
        raise ApiError(400, "not_json", "the body must be a JSON object")
    return body
