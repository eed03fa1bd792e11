"""ApiError: a request that can't be answered, and what to do about it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from vitruvian.runs.messages import EXPECTED_ERRORS, error_line

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["HANDLERS", "ApiError", "problem"]


class ApiError(Exception):
    """A request that can't be answered.

    Parameters
    ----------
    status : int
        HTTP status; below 500 for every wrong input.
    code : str
        Short name of the problem for programs, such as ``"too_large"``.
    message : str
        One sentence for people.
    hint : str
        What to do; may be empty.
    """

    def __init__(self, status: int, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.hint = status, code, message, hint


def problem(code: str, message: str, hint: str = "") -> dict[str, object]:
    """Return the JSON of an error, in an answer or in a message of a live session."""
    return {"error": {"code": code, "message": message, "hint": hint}}


def _on_api_error(_: Request, error: Exception) -> Response:
    if not isinstance(error, ApiError):
        raise error
    body = problem(error.code, error.message, error.hint)
    return JSONResponse(body, status_code=error.status)


def _on_http_error(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
    body = problem(code, error.detail)
    return JSONResponse(body, status_code=error.status_code, headers=error.headers)


def _on_expected_error(_: Request, error: Exception) -> Response:
    """Pass on the message of a wrong option, a file that can't be read, a missing model."""
    return JSONResponse(problem("not_possible", error_line(error)), status_code=422)


def _on_disconnect(_: Request, __: Exception) -> Response:
    """Answer a client that has left while it sent a body; nobody reads it."""
    return Response(status_code=400)


def _on_bug(_: Request, error: Exception) -> Response:
    body = problem("bug", error_line(error), "see the terminal of the server, and report this")
    return JSONResponse(body, status_code=500)


HANDLERS: dict[Any, Any] = {
    ApiError: _on_api_error,
    HTTPException: _on_http_error,
    ClientDisconnect: _on_disconnect,
    **dict.fromkeys(EXPECTED_ERRORS, _on_expected_error),
    Exception: _on_bug,
}
"""Exception handlers of the application."""
