"""LoginTokens: tokens that open the page once."""

from __future__ import annotations

import secrets
from threading import Lock

__all__ = ["LoginTokens", "is_equal"]


def is_equal(given: str, secret: str) -> bool:
    """Return whether two strings are equal, in a time that does not tell where they differ."""
    return secrets.compare_digest(given.encode(errors="replace"), secret.encode())


class LoginTokens:
    """Random tokens of login URLs; each is accepted once. Thread-safe."""

    def __init__(self) -> None:
        self._unused: set[str] = set()
        self._lock = Lock()

    def new(self) -> str:
        """Return a new token of 32 random bytes."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._unused.add(token)
        return token

    def use(self, given: str) -> bool:
        """Return whether a token is valid; it is not valid again."""
        with self._lock:
            used = {token for token in self._unused if is_equal(given, token)}
            self._unused -= used
        return bool(used)

    def is_unused(self, token: str) -> bool:
        """Return whether a token can still be used."""
        return token in self._unused
