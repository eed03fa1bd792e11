"""FakeDevice: a `Runtime` whose messages the test gives, and `Shelf`, where `connect` finds it."""

from __future__ import annotations

import math
import time
from collections import deque
from itertools import chain, count
from threading import Condition
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.core.camera import Camera
from vitruvian.errors import DeviceError
from vitruvian.oak import connecting
from vitruvian.oak.messages import Packet, Picture, Tensors
from vitruvian.oak.pipelines import FRAMES
from vitruvian.oak.record import HEADER, MARK, VERSION
from vitruvian.oak.runtime import OakInfo

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest
    from numpy.typing import NDArray

    from vitruvian.oak.graph import Graph
    from vitruvian.oak.messages import Message
    from vitruvian.oak.options import OakOptions

    Answer = Callable[[str, NDArray[np.uint8]], dict[str, NDArray[np.float32]]]

__all__ = ["PERIOD_US", "EndlessDevice", "FakeDevice", "Shelf", "picture", "record"]

PERIOD_US = 50_000
WH = (1152, 648)  # of the default frame height
LOST = "OAK camera '1.2': the connection is lost"


class FakeDevice:
    """A device with the messages of each stream; it is lost after the last one of any.

    Parameters
    ----------
    messages : list of Message or DeviceError
        By stream. An error is raised in their place.
    answer : callable, optional
        Gives the outputs for an image that is sent.
    n_answers : int or None
        Images after which the device is lost.
    """

    def __init__(
        self,
        answer: Answer | None = None,
        n_answers: int | None = None,
        **messages: list[Message | DeviceError],
    ) -> None:
        self.info = OakInfo(name="1.2", id="18443010", state="booted", protocol="usb")
        self.messages = {stream: deque(waiting) for stream, waiting in messages.items()}
        self.n_sent = 0
        self.most_waiting = 0
        self.is_closed = False
        self._answer, self._n_answers = answer, n_answers
        self._changed = Condition()

    def receive(self, stream: str, timeout_s: float) -> Message | None:
        with self._changed:
            waiting = self.messages.setdefault(stream, deque())
            if not waiting and timeout_s and self._answer is None:
                raise DeviceError(LOST)
            self._changed.wait_for(lambda: waiting or self.is_closed, timeout_s)
            if self.is_closed:
                raise DeviceError(LOST)
            if not waiting:
                return None
            message = waiting.popleft()
        if isinstance(message, DeviceError):
            raise message
        return message

    def send(self, stream: str, image: NDArray[np.uint8], number: int) -> None:
        with self._changed:
            if self.is_closed or self.n_sent == self._n_answers:
                raise DeviceError(LOST)
            self.n_sent += 1
            answers = self.messages.setdefault(stream.replace("_in", "_out"), deque())
            assert self._answer is not None
            # As with two threads, the later of two images may be done first.
            answers.appendleft(Tensors(self._answer(stream, image.copy()), number))
            self.most_waiting = max(self.most_waiting, len(answers))
            self._changed.notify_all()

    def camera_for(self, wh: tuple[int, int]) -> Camera:
        return Camera.from_focal((1920, 1080), 1500.0).scaled(wh)

    def close(self) -> None:
        with self._changed:
            self.is_closed = True
            self._changed.notify_all()


class EndlessDevice(FakeDevice):
    """A device whose camera gives a small picture every 5 ms, with numbers 0, 5, 6, 7 and so on."""

    def __init__(self, answer: Answer, n_answers: int | None = None) -> None:
        super().__init__(answer, n_answers)
        self._numbers = chain([0], count(5))

    def receive(self, stream: str, timeout_s: float) -> Message | None:
        if stream != FRAMES or self.is_closed:
            return super().receive(stream, timeout_s)
        time.sleep(0.005)
        return picture(next(self._numbers), (64, 36))


class Shelf:
    """Gives one device, or raises one error, after the other; `connect` finds them here."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *things: FakeDevice | Exception) -> None:
        self.things = deque(things)
        self.graphs: list[Graph] = []
        monkeypatch.setattr(connecting, "connect", self.connect)

    def connect(self, graph: Graph, options: OakOptions) -> FakeDevice:
        self.graphs.append(graph)
        thing = self.things.popleft()
        if isinstance(thing, Exception):
            raise thing
        return thing


def picture(number: int, wh: tuple[int, int] = WH) -> Picture:
    """Return a picture whose pixels say its number; the clock of the device began long ago."""
    image = np.full((wh[1], wh[0], 3), number % 256, np.uint8)
    return Picture(image, number, 7_000_000_000 + number * PERIOD_US)


def record(number: int, score: float = math.nan) -> Packet:
    """Return what the script sends for a frame without a person."""
    nothing = [math.nan] * 4
    return Packet(HEADER.pack(MARK, VERSION, 1, 0, number, 0.1, score, *nothing))
