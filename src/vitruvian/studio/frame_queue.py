"""FrameQueue: decodes the frames that a client pushes, on a thread of its own."""

from __future__ import annotations

import logging
from collections import deque
from threading import Condition, Thread
from typing import TYPE_CHECKING, Protocol

from vitruvian.studio.ledger import server_ms
from vitruvian.studio.pushed import FrameDecoder
from vitruvian.studio.wire import JPEG, WrongMessageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.studio.ledger import Arrival
    from vitruvian.studio.wire import PushedFrame

__all__ = ["FrameQueue", "FrameReceiver"]

MAX_WAITING = 32  # H.264 frames; a client that keeps to its window has two

logger = logging.getLogger(__name__)


class FrameReceiver(Protocol):
    """What becomes of frames: a live session."""

    def take(self, arrival: Arrival, image: NDArray[np.uint8]) -> None:
        """Track a decoded frame."""

    def drop(self, arrival: Arrival) -> None:
        """Note that a frame gets no result."""

    def refuse(self, arrival: Arrival, reason: str) -> None:
        """Tell the client that its frame is wrong, and drop it."""


class FrameQueue:
    """Decodes pushed frames in order: of JPEG frames the newest, of H.264 every one.

    Of the H.264 frames that have queued up, only the newest is passed on.

    Parameters
    ----------
    receiver : FrameReceiver
        Called on the thread of the queue.
    """

    def __init__(self, receiver: FrameReceiver) -> None:
        self._receiver = receiver
        self._change = Condition()
        self._waiting: deque[tuple[Arrival, PushedFrame]] = deque()
        self._has_gap = self._is_closed = False
        self._thread = Thread(target=self._run, name="studio decode", daemon=True)
        self._thread.start()

    def put(self, arrival: Arrival, frame: PushedFrame) -> None:
        """Add a frame; a JPEG replaces JPEGs that wait."""
        dropped: list[Arrival] = []
        with self._change:
            if frame.codec == JPEG:
                while self._waiting and self._waiting[-1][1].codec == JPEG:
                    dropped.append(self._waiting.pop()[0])
            elif len(self._waiting) >= MAX_WAITING:
                dropped = [waiting for waiting, _ in self._waiting]
                self._waiting.clear()
                self._has_gap = True
            self._waiting.append((arrival, frame))
            self._change.notify()
        for each in dropped:
            self._receiver.drop(each)

    def skip(self) -> None:
        """Note that a frame is left out: H.264 goes on with the next key frame."""
        with self._change:
            self._has_gap = True

    def close(self) -> None:
        """Decode no more frames, and release the decoder; returns when that is done."""
        with self._change:
            self._is_closed = True
            self._waiting.clear()
            self._change.notify()
        self._thread.join()

    def _run(self) -> None:
        decoder = FrameDecoder()
        while (waiting := self._take()) is not None:
            frames, has_gap = waiting
            if has_gap:
                decoder.note_gap()
            for place, (arrival, frame) in enumerate(frames, start=1):
                self._decode(decoder, arrival, frame, is_newest=place == len(frames))

    def _take(self) -> tuple[list[tuple[Arrival, PushedFrame]], bool] | None:
        with self._change:
            self._change.wait_for(lambda: self._waiting or self._is_closed)
            if self._is_closed:
                return None
            taken = list(self._waiting), self._has_gap
            self._waiting.clear()
            self._has_gap = False
            return taken

    def _decode(
        self, decoder: FrameDecoder, arrival: Arrival, frame: PushedFrame, *, is_newest: bool
    ) -> None:
        arrival.decode0_ms = server_ms()
        try:
            image = decoder.decode(frame, is_wanted=is_newest)
            arrival.decode1_ms = server_ms()
            if image is None:
                self._receiver.drop(arrival)
            else:
                self._receiver.take(arrival, image)
        except WrongMessageError as error:
            self._receiver.refuse(arrival, str(error))
        except Exception:  # the next frame may be better
            logger.exception("frame %d could not be processed", arrival.seq)
            self._receiver.drop(arrival)
