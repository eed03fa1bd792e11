"""ApiError: a request that can't be answered, and what to do about it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from vitruvian.runs.messages import EXPECTED_ERRORS, error_line

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from starlette.requests import Request

__all__ = ["HANDLERS", "ApiError", "named_line"]


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

    def answer(self, headers: Mapping[str, str] | None = None) -> Response:
        """Return the answer to the request."""
        body = {"error": {"code": self.code, "message": self.message, "hint": self.hint}}
        return JSONResponse(body, status_code=self.status, headers=headers)


def named_line(error: BaseException, path: Path, name: str) -> str:
    """Return the message of an error with the name of a file in place of its path."""
    return error_line(error).replace(str(path), name)


def _on_api_error(_: Request, error: Exception) -> Response:
    if not isinstance(error, ApiError):
        raise error
    return error.answer()


def _on_http_error(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
    return ApiError(error.status_code, code, error.detail).answer(error.headers)


def _on_expected_error(_: Request, error: Exception) -> Response:
    """Pass on the message of a wrong option, a file that can't be read, a missing model."""
    message = error_line(error)
    if isinstance(error, OSError) and error.strerror:
        message = error.strerror  # without the path
    return ApiError(422, "not_possible", message).answer()


def _on_disconnect(_: Request, __: Exception) -> Response:
    """Answer a client that has left while it sent a body; nobody reads it."""
    return Response(status_code=400)


def _on_bug(_: Request, error: Exception) -> Response:
    hint = "see the terminal of the server, and report this"
    return ApiError(500, "bug", error_line(error), hint).answer()


HANDLERS: dict[Any, Any] = {
    ApiError: _on_api_error,
    HTTPException: _on_http_error,
    ClientDisconnect: _on_disconnect,
    **dict.fromkeys(EXPECTED_ERRORS, _on_expected_error),
    Exception: _on_bug,
}
"""Exception handlers of the application."""
