"""Identifiers of files, folders and jobs."""

from __future__ import annotations

import secrets

__all__ = ["new_id"]


def new_id() -> str:
    """Return a random identifier that can't be guessed."""
    return secrets.token_urlsafe(16)
