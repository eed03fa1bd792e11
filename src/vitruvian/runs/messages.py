"""Messages of one line: of errors, and of an assumed focal length."""

from __future__ import annotations

from vitruvian.errors import SinkError, SourceError, VitruvianError

__all__ = ["EXPECTED_ERRORS", "assumed_focal_line", "error_line", "failure_kind"]

EXPECTED_ERRORS = (VitruvianError, ValueError, TypeError, OSError)
"""Errors whose message is enough; any other one is a bug, and its type is part of the line."""


def error_line(error: BaseException) -> str:
    """Return the message of an error and its notes on one line."""
    message = str(error) or type(error).__name__
    if not isinstance(error, EXPECTED_ERRORS):
        message = f"{type(error).__name__}: {message}"
    return "; ".join([message, *getattr(error, "__notes__", ())]).replace("\n", " ")


def failure_kind(error: BaseException) -> str:
    """Return the `Failed.kind` of an error."""
    if isinstance(error, SourceError):
        return "unreadable"
    return "unwritable" if isinstance(error, SinkError) else "failed"


def assumed_focal_line(focal_px: float) -> str:
    """Return the warning that positions in camera space are a guess by the same factor."""
    return (
        f"the focal length is not known, {focal_px:.0f} px (60° along the longer side) is assumed: "
        "distances are wrong by the same factor; give --focal, --fov or --calibration"
    )
