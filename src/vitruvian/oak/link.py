"""Connection: the device that frames and networks share, opened again when it is lost."""

from __future__ import annotations

import logging
import math
import time
import weakref
from threading import Event, RLock
from typing import TYPE_CHECKING

from vitruvian.errors import DeviceError
from vitruvian.media.reconnecting import FIRST_DELAY_S, LONGEST_DELAY_S
from vitruvian.oak import connecting
from vitruvian.oak.runtime import ScriptError

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitruvian.oak.graph import Graph
    from vitruvian.oak.messages import Message
    from vitruvian.oak.options import OakOptions
    from vitruvian.oak.runtime import Runtime

__all__ = ["ANSWER_S", "Connection"]

ANSWER_S = 10.0  # a device that sends nothing for this time is lost
_POLL_S, _SHORT_POLL_S = 0.25, 0.01

logger = logging.getLogger(__name__)


class Connection:
    """The owner of a connected device. Thread-safe.

    A camera and any number of trackers use it; the device is released when the last of them is
    closed. They use `runtime` until it raises a DeviceError, and then ask for it `renewed`: the
    first thread opens the device again, the others wait for it.

    Parameters
    ----------
    graph : Graph
    options : OakOptions
    patience_s : float
        How long a lost device is waited for; 0 if it is not opened again.

    Raises
    ------
    VitruvianError
        If the device can't be opened; see `vitruvian.oak.connecting.connect`.
    """

    def __init__(self, graph: Graph, options: OakOptions, *, patience_s: float = 0.0) -> None:
        self.graph, self.options = graph, options
        self.patience_s = patience_s
        self._is_given_up = Event()
        self._n_users = 0
        # Reentrant: a user may be deleted, and so counted off, in a thread that holds one of them.
        self._counting = RLock()
        self._renewing = RLock()  # held while the device is opened or released
        self._runtime = connecting.connect(graph, options)
        self.info = self._runtime.info

    @property
    def name(self) -> str:
        """Name of the device for messages, such as ``OAK 192.168.1.44``."""
        return f"OAK {self.info.name}".rstrip()

    @property
    def runtime(self) -> Runtime:
        """The device."""
        return self._runtime

    def lend_to(self, user: object) -> Callable[[], object]:
        """Count a user of the device; return what it calls when it needs it no more.

        A user that is deleted, or still there at the end of the program, needs it no more.
        """
        with self._counting:
            self._n_users += 1
        return weakref.finalize(user, self._take_back)

    def _take_back(self) -> None:
        with self._counting:
            self._n_users -= 1
            is_unused = not self._n_users
        if is_unused:
            self.give_up()
            with self._renewing:
                self._runtime.close()

    def received(
        self,
        device: Runtime,
        stream: str,
        *,
        is_over: Callable[[], bool] = lambda: False,
        meanwhile: Callable[[], object] | None = None,
    ) -> Message | None:
        """Wait for a message of a device; None if `is_over` before it comes.

        Parameters
        ----------
        device : Runtime
        stream : str
        is_over : callable
            Asked a few times a second.
        meanwhile : callable, optional
            Called every 10 ms while nothing arrives.

        Raises
        ------
        DeviceError
            If the device is lost, or sends nothing for `ANSWER_S`.
        """
        deadline_s = time.monotonic() + ANSWER_S
        while not is_over():
            message = device.receive(stream, _POLL_S if meanwhile is None else _SHORT_POLL_S)
            if message is not None:
                return message
            if meanwhile is not None:
                meanwhile()
            if device is not self._runtime:
                raise DeviceError(f"{self.name} was lost")
            if time.monotonic() > deadline_s:
                raise DeviceError(
                    f"{self.name} has sent no {stream} for {ANSWER_S:g} s: check its cable"
                )
        return None

    def renewed(self, lost: Runtime, error: DeviceError) -> Runtime:
        """Return the device, opened again after it was lost.

        Parameters
        ----------
        lost : Runtime
            The device that raised `error`.
        error : DeviceError

        Raises
        ------
        DeviceError
            `error`, if the device is not opened again, not in time, or not before it is given up.
        """
        if isinstance(error, ScriptError):
            raise error
        with self._renewing:
            if self._runtime is lost:
                if not self.patience_s or self._is_given_up.is_set():
                    raise error
                logger.warning("%s: reconnecting", error)
                lost.close()
                self._runtime = self._reopened(error)
            return self._runtime

    def _reopened(self, error: DeviceError) -> Runtime:
        deadline_s = time.monotonic() + self.patience_s
        delay_s = FIRST_DELAY_S
        while not self._is_given_up.wait(delay_s):
            try:
                found = connecting.connect(self.graph, self.options)
            except DeviceError as err:
                if time.monotonic() > deadline_s:
                    raise error from err
                delay_s = min(2 * delay_s, LONGEST_DELAY_S)
                logger.info("%s; next retry in %g s", err, delay_s)
            else:
                if self._is_given_up.is_set():
                    found.close()
                    break
                logger.info("%s is reconnected", self.name)
                return found
        raise error

    def keep(self) -> None:
        """Wait for a lost device until it is given up."""
        self.patience_s = math.inf

    def give_up(self) -> None:
        """Wait for a lost device no more. Returns at once."""
        self._is_given_up.set()
