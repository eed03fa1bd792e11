"""The login URLs that `vitruvian studio` shows, and the browser that it opens."""

from __future__ import annotations

import os
import sys
import webbrowser
from threading import Thread
from typing import TYPE_CHECKING

import typer

from vitruvian.studio.address import LOOPBACK

if TYPE_CHECKING:
    from vitruvian.studio.server import StudioServer

__all__ = ["ShownLogins", "open_browser"]


class ShownLogins:
    """The URLs on the terminal: one for browsers of this machine, one for the network.

    Each opens the page once. When it was used, a new one is printed, so that another browser, or
    the same one after a restart, can log in.

    Parameters
    ----------
    server : StudioServer
    address : str or None
        Address of this machine in the local network.
    """

    def __init__(self, server: StudioServer, *, address: str | None = None) -> None:
        self._server = server
        self._origins = {"Page": server.address.public_url or server.url}
        if address is not None:
            self._origins = {"On this machine": server.url}
            self._origins["On the network"] = server.address.url_at(address)
        self._shown = {label: server.login_url_at(url) for label, url in self._origins.items()}

    def print_all(self) -> None:
        """Print the URLs, and how to stop."""
        typer.echo("Vitruvian studio. Ctrl-C stops it.")
        for label in self._origins:
            self._print(label)
        certificate = self._server.certificate
        if certificate is not None:
            typer.echo(
                "\nIf the browser warns of the certificate, compare its SHA-256 fingerprint:\n"
                f"{certificate.sha256}"
            )
        elif self._server.address.host not in LOOPBACK and not self._server.address.public_url:
            typer.echo(
                "warning: without HTTPS others in the network can read the token, and browsers of "
                "other machines can't use their cameras: use --lan",
                err=True,
            )

    def renew_used(self) -> None:
        """Print a new URL for each one that was used."""
        for label, url in self._shown.items():
            if not self._server.studio.logins.is_unused(url.rpartition("=")[2]):
                self._shown[label] = self._server.login_url_at(self._origins[label])
                typer.echo("\nLogged in. For another browser:")
                self._print(label)

    def _print(self, label: str) -> None:
        typer.echo(f"\n{label}: {self._shown[label]}")
        if label == "On the network":
            _print_qr_code(self._shown[label])


def _print_qr_code(text: str) -> None:
    from vitruvian.studio.lan import qr_code

    code = qr_code(text, colored=sys.stdout.isatty())
    try:
        code.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return  # the terminal has no blocks; the URL is there
    typer.echo(f"\n{code}")


def open_browser(url: str) -> Thread | None:
    """Open a page, if there is a display; on a thread, because some browsers block the caller."""
    has_display = sys.platform in ("win32", "darwin") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )
    if not has_display:
        return None
    thread = Thread(target=webbrowser.open, args=[url], name="browser", daemon=True)
    thread.start()
    return thread
