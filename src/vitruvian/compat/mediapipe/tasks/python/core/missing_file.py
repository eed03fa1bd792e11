"""The error for a missing file, for both versions of the API."""

from __future__ import annotations

__all__ = ["MissingFileError"]


class MissingFileError(FileNotFoundError, RuntimeError):
    """A file does not exist: FileNotFoundError in MediaPipe 1.2.2, RuntimeError in 0.10."""
