"""What the program says of an error."""

from __future__ import annotations

from vitruvian.errors import VitruvianError

__all__ = ["EXPECTED_ERRORS", "one_line"]

EXPECTED_ERRORS = (VitruvianError, ValueError, TypeError, OSError)  # others are our own mistakes


def one_line(error: BaseException) -> str:
    """Return the message of an error with its notes, and its type where that is needed."""
    message = str(error) or type(error).__name__
    if not isinstance(error, EXPECTED_ERRORS):
        message = f"{type(error).__name__}: {message}"
    return "; ".join([message, *getattr(error, "__notes__", ())]).replace("\n", " ")
