"""StudioAddress: the names under which a server is reached, and the origins of its page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

__all__ = ["LOOPBACK", "StudioAddress", "public_origin"]

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
"""Names of this machine for itself, as they stand in a Host header."""

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\s:@/?#\[\]]+)(?::\d{1,5})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioAddress:
    """Where a server is reached.

    Attributes
    ----------
    host : str
        Name or address that the server listens on, in brackets if IPv6.
    port : int
    is_secure : bool
        Whether the server itself speaks HTTPS.
    names : tuple of str
        Further names and addresses that browsers may use: those of the local network.
    public_url : str or None
        Origin of a reverse proxy in front of the server, such as ``https://pose.example.org``.
    """

    host: str
    port: int
    is_secure: bool = False
    names: tuple[str, ...] = ()
    public_url: str | None = None

    @property
    def url(self) -> str:
        """Origin of the page for a browser of this machine."""
        return self.url_at(self.host)

    @property
    def cookie(self) -> str:
        """Name of the cookie; browsers share cookies between the ports of a host."""
        return f"vitruvian-{self.port}"

    @property
    def has_secure_page(self) -> bool:
        """Whether browsers reach the page by HTTPS only."""
        return self.is_secure or (self.public_url or "").startswith("https:")

    def url_at(self, name: str) -> str:
        """Return the origin of the page under another name of the server."""
        return f"{'https' if self.is_secure else 'http'}://{name}:{self.port}"

    def is_known(self, host: str) -> bool:
        """Return whether a Host header names this server.

        A page of another site whose name resolves to this machine (DNS rebinding) has a wrong name.
        The port may differ, as in an SSH tunnel.
        """
        match = _HOST.fullmatch(host)
        known = {name.lower() for name in (*LOOPBACK, self.host, *self.names)}
        if self.public_url is not None:
            known.add(_host_name(self.public_url))
        return match is not None and match[1].lower() in known

    def is_own_origin(self, origin: str, host: str) -> bool:
        """Return whether an Origin header is that of the page, given the known Host header."""
        own = f"{'https' if self.is_secure else 'http'}://{host}".lower()
        return origin.lower() in {own, self.public_url}


def public_origin(url: str) -> str:
    """Return the origin of a public URL.

    Raises
    ------
    ValueError
        If it is not an origin of http or https.

    Examples
    --------
    >>> public_origin("https://Pose.example.org/")
    'https://pose.example.org'
    """
    parts = urlsplit(url)
    is_origin = parts.scheme in ("http", "https") and _HOST.fullmatch(parts.netloc)
    if not is_origin or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError(
            f"the public URL must be like 'https://pose.example.org', without a path, got {url!r}"
        )
    return f"{parts.scheme}://{parts.netloc}".lower()


def _host_name(origin: str) -> str:
    match = _HOST.fullmatch(origin.partition("://")[2])
    return "" if match is None else match[1]
