"""StudioServer: the application on a socket, in a thread of its own."""

from __future__ import annotations

import socket
from threading import Thread
from typing import TYPE_CHECKING, Self

import uvicorn

from vitruvian.errors import VitruvianError
from vitruvian.studio.app import studio_app

if TYPE_CHECKING:
    from vitruvian.studio.state import Studio

__all__ = ["StudioServer"]

MAX_MESSAGE_BYTES = 4 * 1024**2
PING_S = 20.0


class StudioServer:
    """Serves a studio until it is closed.

    Parameters
    ----------
    studio : Studio
        Closed with the server.
    host : str
        Address to listen on.
    port : int
        0 for any free one.

    Attributes
    ----------
    url : str
        Where the page is, without the token.
    login_url : str
        The same with the token, which opens the page.
    """

    def __init__(self, studio: Studio, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.studio = studio
        self._socket = socket.create_server((host, port))
        # Accepted sockets inherit it; asyncio sets it only where the protocol is given.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.url = f"http://{host}:{self._socket.getsockname()[1]}"
        self.login_url = f"{self.url}/login?token={studio.token}"
        config = uvicorn.Config(
            studio_app(studio),
            log_level="warning",
            access_log=False,
            ws="websockets-sansio",
            ws_max_size=MAX_MESSAGE_BYTES,
            ws_ping_interval=PING_S,
            ws_per_message_deflate=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        sockets = [self._socket]
        self._thread = Thread(target=self._server.run, args=(sockets,), name="studio", daemon=True)

    def start(self) -> None:
        """Start to answer requests."""
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.01)
            if not self._thread.is_alive():
                raise VitruvianError(f"the server at {self.url} could not start")

    def close(self) -> None:
        """End all sessions, stop answering, and close the studio."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()
        self.studio.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
