"""The WebSocket of live sessions: frames come in, results go out."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect

from vitruvian.export.heading import compact_json
from vitruvian.studio.ledger import server_ms
from vitruvian.studio.mask_png import mask_png
from vitruvian.studio.outbox import Outbox
from vitruvian.studio.picture import jpeg_picture
from vitruvian.studio.session import LiveSession
from vitruvian.studio.wire import MASK, PICTURE, SUBPROTOCOL, picture_message

if TYPE_CHECKING:
    from starlette.websockets import WebSocket

    from vitruvian.studio.outbox import Delivery
    from vitruvian.studio.state import Studio

__all__ = ["routes"]

OPEN_LIMIT_S = 10.0  # until `open` must have come
STATE_S = 1.0
FAILED, BUSY = 1011, 1013

logger = logging.getLogger(__name__)


def routes(studio: Studio) -> list[WebSocketRoute]:
    """Return the route of ``/api/live``."""

    async def live(websocket: WebSocket) -> None:
        if SUBPROTOCOL not in websocket.scope["subprotocols"]:
            await websocket.close(1002)
            return
        await websocket.accept(SUBPROTOCOL)
        if len(studio.sessions) >= studio.options.max_sessions:
            await websocket.send_text(_busy(studio.options.max_sessions))
            await websocket.close(BUSY, "busy")
            return
        outbox = Outbox(asyncio.get_running_loop())
        session = LiveSession(studio, outbox)
        studio.sessions.add(session)
        try:
            await _run(websocket, session, outbox)
        finally:
            studio.sessions.remove(session)

    return [WebSocketRoute("/api/live", live)]


async def _run(websocket: WebSocket, session: LiveSession, outbox: Outbox) -> None:
    """Receive and send until one of them ends; close the connection if one of them fails."""
    jobs = (_receive(websocket, session, outbox), _send(websocket, outbox), _tick(session, outbox))
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        errors = [error for task in done if (error := task.exception()) is not None]
        for error in errors:
            logger.error("a live session has failed", exc_info=error)
        if errors:
            with suppress(RuntimeError, WebSocketDisconnect):
                await websocket.close(FAILED)
    finally:
        for task in tasks:
            task.cancel()


async def _receive(websocket: WebSocket, session: LiveSession, outbox: Outbox) -> None:
    """Pass messages on until the connection is closed."""
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        if not outbox.has_ended:
            data = message.get("bytes")
            session.receive(message["text"] if data is None else data)


async def _send(websocket: WebSocket, outbox: Outbox) -> None:
    """Send what is in the outbox until the connection is closed."""
    with suppress(WebSocketDisconnect):
        while True:
            batch = await outbox.take()
            for message in batch.messages:
                await websocket.send_text(compact_json(message).decode())
            if batch.delivery is not None:
                await _send_result(websocket, batch.delivery, batch.dropped_seqs)
            elif batch.dropped_seqs:
                dropped = {"type": "dropped", "seqs": batch.dropped_seqs}
                await websocket.send_text(compact_json(dropped).decode())
            if batch.end is not None:
                await websocket.close(*batch.end)
                return


async def _send_result(websocket: WebSocket, delivery: Delivery, dropped_seqs: list[int]) -> None:
    """Send a result, after its picture and its mask."""
    arrival = delivery.arrival
    if delivery.picture is not None or delivery.has_mask:
        for picture in await asyncio.to_thread(_pictures, delivery):
            await websocket.send_bytes(picture)
    message = {
        "type": "result",
        "seq": arrival.seq,
        "dropped_seqs": dropped_seqs,
        "t": {
            "recv": arrival.recv_ms,
            "decode0": arrival.decode0_ms,
            "decode1": arrival.decode1_ms,
            "track1": arrival.track1_ms,
            "send": server_ms(),
        },
        "repetitions": delivery.repetitions,
        "result": delivery.result.to_dict(extras=False),
    }
    await websocket.send_text(compact_json(message).decode())


def _pictures(delivery: Delivery) -> list[bytes]:
    """Return the messages of the picture and the mask of a result."""
    arrival, pictures = delivery.arrival, []
    if delivery.picture is not None:
        pictures.append((PICTURE, *jpeg_picture(delivery.picture.image, delivery.picture_height)))
    if delivery.has_mask:
        pictures.append((MASK, *mask_png(delivery.result)))
    return [
        picture_message(kind, data, seq=arrival.seq, capture_ms=arrival.capture_ms, wh=wh)
        for kind, data, wh in pictures
    ]


async def _tick(session: LiveSession, outbox: Outbox) -> None:
    """Tell the state once a second, and end a session that is not opened in time."""
    passed_s = 0.0
    while True:
        await asyncio.sleep(STATE_S)
        passed_s += STATE_S
        if session.is_opened:
            session.post_state()
        elif passed_s >= OPEN_LIMIT_S:
            outbox.end(1008, "no 'open' came")


def _busy(limit: int) -> str:
    error: dict[str, Any] = {
        "type": "error",
        "code": "busy",
        "message": f"{limit} live sessions are running, which is the limit",
        "hint": "close one of them, then try again",
    }
    return compact_json(error).decode()
