"""Values in the query of a URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitruvian.studio.problems import ApiError

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["number_in"]

MAX_DIGITS = 12


def number_in(request: Request, name: str) -> int | None:
    """Return a whole number in the query, None without it; `ApiError` if it is none."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS):
        raise ApiError(422, "not_possible", f"{name} must be a whole number, got {text!r}")
    return int(text)
