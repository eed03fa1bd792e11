"""StudioServer: the application on a socket, in a thread of its own."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Self

import uvicorn

from vitruvian.errors import VitruvianError
from vitruvian.studio.address import StudioAddress
from vitruvian.studio.app import studio_app
from vitruvian.studio.connections import HEADER_S, IDLE_S, Connection, LiveConnection
from vitruvian.studio.place import Place

if TYPE_CHECKING:
    from ssl import SSLContext

    from vitruvian.studio.state import Studio

__all__ = ["StudioServer"]

MAX_MESSAGE_BYTES = 4 * 1024**2
PING_S = 20.0
N_PORTS = 20  # that are tried if the wanted one is taken
EVERYWHERE = "0.0.0.0"
_UNSENT_BYTES = 128 * 1024  # in the kernel; more would make live pictures old on a slow network
_CLOSE_S = 1.5


class StudioServer:
    """Serves a studio until it is closed.

    Parameters
    ----------
    studio : Studio
        Closed with the server.
    place : Place, optional
        Where to listen; by default on a free port of the loopback address.

    Attributes
    ----------
    address : StudioAddress
    certificate : Certificate or None
        Of HTTPS.
    url : str
        Where the page is, without a token.

    Raises
    ------
    VitruvianError
        If the server can't listen there.
    """

    def __init__(self, studio: Studio, place: Place | None = None) -> None:
        place = place or Place()
        self.studio = studio
        self.certificate = place.certificate
        self._socket = _listening_socket(EVERYWHERE if place.lan_names else place.host, place.port)
        # Accepted sockets inherit it. asyncio sets it only where the socket names its protocol, and
        # without it results wait for the next frame of the client.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT_BYTES)
        self.address = StudioAddress(
            host=place.shown_host,
            port=self._socket.getsockname()[1],
            is_secure=place.certificate is not None,
            names=place.lan_names,
            public_url=place.public_url,
        )
        self.url = self.address.url
        config = uvicorn.Config(
            studio_app(studio, self.address),
            http=Connection,
            loop="asyncio",
            ws=LiveConnection,
            ws_max_size=MAX_MESSAGE_BYTES,
            ws_ping_interval=PING_S,
            ws_per_message_deflate=False,
            lifespan="off",
            interface="asgi3",
            proxy_headers=False,
            server_header=False,
            access_log=False,
            log_config=None,
            log_level="error",
            timeout_keep_alive=IDLE_S,
            timeout_graceful_shutdown=1,
        )
        tls = None if place.certificate is None else place.certificate.context()
        self._server = _Server(config, tls)
        sockets = [self._socket]
        self._thread = Thread(target=self._server.run, args=(sockets,), name="studio", daemon=True)

    @property
    def login_url(self) -> str:
        """A new URL that opens the page once."""
        return self.login_url_at(self.address.public_url or self.url)

    def login_url_at(self, origin: str) -> str:
        """Return a new URL that opens the page once, under another of the server's names."""
        return f"{origin}/login?token={self.studio.logins.new()}"

    @property
    def is_alive(self) -> bool:
        """Whether requests are answered."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Start to answer requests."""
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.01)
            if not self._thread.is_alive():
                raise VitruvianError(f"the server at {self.url} could not start")

    def close(self) -> None:
        """End all sessions, stop answering, and close the studio."""
        log = logging.getLogger("uvicorn.error")
        level = log.level
        log.setLevel(logging.CRITICAL)  # requests that are cancelled now are no errors
        self._server.should_exit = True
        self.studio.end_work()  # at the same time, so that answers that stream results end
        if self._thread.is_alive():
            self._thread.join(_CLOSE_S)
        log.setLevel(level)
        self._socket.close()
        self.studio.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Server(uvicorn.Server):
    """A server that does not wait long for a TLS handshake."""

    def __init__(self, config: uvicorn.Config, tls: SSLContext | None) -> None:
        super().__init__(config)
        self._tls = tls

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        connection = partial(
            Connection, config=self.config, server_state=self.server_state, app_state={}
        )
        limit = None if self._tls is None else HEADER_S
        loop = asyncio.get_running_loop()
        self.servers = [
            await loop.create_server(
                connection, sock=each, ssl=self._tls, ssl_handshake_timeout=limit
            )
            for each in sockets or []
        ]
        self.started = True


def _listening_socket(host: str, port: int) -> socket.socket:
    """Return a socket on the wanted port or the next free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    last = min(port + N_PORTS, 65_536) if port else 1
    error: OSError | None = None
    for tried in [*range(port, last), 0]:
        try:
            return socket.create_server((host, tried), family=family, backlog=128)
        except OSError as err:
            error = err
            if err.errno != errno.EADDRINUSE:
                break
    reason = getattr(error, "strerror", "").partition(" (while")[0]
    raise VitruvianError(f"can't listen on {host!r}, port {port}: {reason}") from error
