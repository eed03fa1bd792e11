"""Connections of clients: time-outs against slow senders, and a greatest number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from vitruvian.studio.headers import HEADERS

if TYPE_CHECKING:
    from asyncio import TimerHandle, Transport

    from uvicorn._types import ASGISendEvent

__all__ = ["HEADER_S", "IDLE_S", "LINGER_S", "MAX_CONNECTIONS", "Connection", "LiveConnection"]

HEADER_S = 10.0
"""Greatest time for a TLS handshake, for the header of a request, and for a small body."""
IDLE_S = 60
"""Greatest time between two parts of an upload, and between two requests."""
LINGER_S = 5.0
"""Time for the rest of a refused upload; a browser may send it before it reads the refusal."""
MAX_CONNECTIONS = 50


class Connection(H11Protocol):
    """A connection that is closed if the client keeps it waiting.

    If there are too many connections, the one that has waited longest for a request is closed.

    Attributes
    ----------
    idle_since : float
        When the last answer was complete, in s of the clock of the loop.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._timer: TimerHandle | None = None
        self._state = ""
        self.idle_since = self.loop.time()

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override] # as there
        """Begin to wait for a request; make room for it."""
        super().connection_made(transport)
        self._await("header", HEADER_S)
        if len(self.connections) > MAX_CONNECTIONS:
            self._make_room()

    def _make_room(self) -> None:
        """Close the connection that has waited longest for a request; this one if all are busy."""
        others = [c for c in self.connections if isinstance(c, Connection) and c is not self]
        idle = [c for c in others if c.is_idle]
        closed = min(idle, key=lambda connection: connection.idle_since, default=self)
        self.connections.discard(closed)
        closed.transport.abort()

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered, because none, or not all of a small one, came."""
        return self._is_answered or (self._has_more_body and not self._is_upload)

    @property
    def _is_answered(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    @property
    def _has_more_body(self) -> bool:
        return self.conn.their_state is h11.SEND_BODY

    @property
    def _is_upload(self) -> bool:
        return self.scope["method"] == "PUT"

    def data_received(self, data: bytes) -> None:
        """Read what came, and wait for what has to follow."""
        super().data_received(data)
        if self.transport.get_protocol() is self:
            self._await_rest()

    def _await_rest(self) -> None:
        if self.conn.their_state is h11.IDLE:
            self._await("header", HEADER_S)
        elif not self._has_more_body:
            self._stop_timer()
        elif self._is_answered:
            self._await("refused body", LINGER_S)
        elif self._is_upload:
            self._stop_timer()
            self._await("upload", IDLE_S)
        else:
            self._await("body", HEADER_S)

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self.idle_since = self.loop.time()
        self._stop_timer()
        super().on_response_complete()
        if self.conn.their_state is not h11.IDLE:  # there is more of this request, or another
            self._await_rest()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand over to a live session, which has time-outs of its own."""
        self._stop_timer()
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_timer()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP, with the headers of all answers."""
        headers = [*HEADERS.items(), ("content-type", "text/plain"), ("connection", "close")]
        for event in (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=msg.encode("ascii")),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _await(self, state: str, seconds: float) -> None:
        """Close the connection after some time, unless that clock runs already."""
        if self._timer is None or self._state != state:
            self._stop_timer()
            self._state = state
            self._timer = self.loop.call_later(seconds, self._on_timeout)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_timeout(self) -> None:
        self._timer = None
        if self._state == "upload" and self.flow.read_paused:  # the disk is slow, not the sender
            self._await("upload", IDLE_S)
        else:
            self.transport.abort()


class LiveConnection(WebSocketsSansIOProtocol):
    """A WebSocket, after the handshake.

    uvicorn 0.54 reports a handshake that was refused as an error of the application.
    """

    async def send(self, message: ASGISendEvent) -> None:
        """Send a message of the application."""
        await super().send(message)
        if self.close_sent and self.initial_response is not None:
            self.handshake_complete = True
