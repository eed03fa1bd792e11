"""The error for a file that is not there, of both generations."""

from __future__ import annotations

__all__ = ["MissingFileError"]


class MissingFileError(FileNotFoundError, RuntimeError):
    """A file is not there: a FileNotFoundError to 1.2.2, a RuntimeError to 0.10."""
