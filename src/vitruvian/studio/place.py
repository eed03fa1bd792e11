"""Place: where a server listens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitruvian.studio.certificate import Certificate

__all__ = ["Place"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a server listens, and how.

    Attributes
    ----------
    host : str
        Name or address of this machine.
    port : int
        The next free one is used if it is taken; 0 for any free one.
    certificate : Certificate or None
        For HTTPS.
    lan_names : tuple of str
        Addresses and names of this machine in the local network. If there are any, the server
        listens on all interfaces.
    public_url : str or None
        Origin of a reverse proxy in front of the server, such as ``https://pose.example.org``.
    """

    host: str = "127.0.0.1"
    port: int = 0
    certificate: Certificate | None = None
    lan_names: tuple[str, ...] = ()
    public_url: str | None = None

    @property
    def shown_host(self) -> str:
        """Name of the server in URLs for browsers of this machine."""
        if self.lan_names:
            return "localhost"
        return f"[{self.host}]" if ":" in self.host else self.host
