"""OakCameras: the OAK cameras of the server, looked for in the background."""

from __future__ import annotations

import logging
import time
from importlib.util import find_spec
from threading import Lock, Thread
from typing import TYPE_CHECKING

from vitruvian.errors import VitruvianError

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitruvian.oak.runtime import OakInfo

__all__ = ["OakCameras"]

AGE_S = 10.0  # of a list, after which the cameras are looked for again

logger = logging.getLogger(__name__)


def _connected() -> list[OakInfo]:
    if find_spec("depthai") is None:
        return []
    from vitruvian.oak.devices import devices

    return devices(quick=True)


class OakCameras:
    """The OAK cameras of the server.

    They are looked for on a thread of its own, because the library that does so takes seconds to
    load; without that library there are none.

    Parameters
    ----------
    find : callable
        Returns the cameras.
    """

    def __init__(self, find: Callable[[], list[OakInfo]] = _connected) -> None:
        self._find = find
        self._lock = Lock()
        self._found: dict[str, str] = {}
        self._next_s = 0.0

    def names(self) -> dict[str, str]:
        """Return the names of the cameras by their IDs, as of the last search; returns at once.

        An ID is an input of `open_input`: ``oak:18443010``.
        """
        with self._lock:
            now_s = time.monotonic()
            if now_s >= self._next_s:
                self._next_s = now_s + AGE_S
                Thread(target=self._search, name="find OAK cameras", daemon=True).start()
            return dict(self._found)

    def _search(self) -> None:
        try:
            cameras = self._find()
        except VitruvianError as error:
            logger.info("OAK cameras can't be listed: %s", error)
            cameras = []
        found = {f"oak:{one.id or one.name}": f"OAK {one.product or one.name}" for one in cameras}
        with self._lock:
            self._found = found
