"""Cameras, streams and recordings that the server itself reads for a live session."""

from __future__ import annotations

import logging
import re
import time
from threading import Thread
from typing import TYPE_CHECKING, Any, Protocol

from vitruvian.media import open_input
from vitruvian.media.address import camera_address, is_url, without_credentials
from vitruvian.runs.messages import EXPECTED_ERRORS, error_line
from vitruvian.studio.page_address import open_page_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitruvian.core.frame import Frame
    from vitruvian.media.source import Source
    from vitruvian.studio.options import StudioOptions
    from vitruvian.studio.state import Studio

__all__ = ["FeedReceiver", "SourceFeed", "live_inputs", "open_live_source"]

_CAMERA = re.compile(r"camera([0-9]{1,3})")
_INPUT = re.compile(r"input([0-9]{1,3})")
LOST_S = 2.0  # without a frame

logger = logging.getLogger(__name__)


def live_inputs(options: StudioOptions) -> list[dict[str, str]]:
    """Return the cameras and streams of the command line, for ``/api/info``."""
    return [
        {"kind": "server", "id": f"input{number}", "name": _shown_name(what)}
        for number, what in enumerate(options.inputs)
        if _is_live(what)
    ]


def _shown_name(what: str) -> str:
    """Return ``camera 0`` for "0", and a URL without its user and password."""
    camera = camera_address(what)
    return without_credentials(what) if camera is None else camera.name


def _is_live(what: str) -> bool:
    return camera_address(what) is not None or is_url(what)


def open_live_source(studio: Studio, wanted: Mapping[str, Any]) -> Source:
    """Return the live source that a client asks for.

    Parameters
    ----------
    studio : Studio
    wanted : mapping
        ``{"kind": "server", "id": "camera0"}`` or ``{"kind": "url", "url": "rtsp://..."}``. The ID
        may be that of a file, which plays in real time.

    Raises
    ------
    ValueError
        If there is no such source, or the page may not open it.
    ApiError
        If there is no such file.
    SourceError
        If it can't be read.
    """
    options, kind = studio.options, wanted.get("kind")
    if kind == "url":
        if not options.allow_urls:
            raise ValueError("the page may not open streams: start with --allow-urls")
        return open_page_url(str(wanted.get("url", "")))
    if kind != "server":
        raise ValueError(f"the kind of a source must be push, server or url, got {kind!r:.40}")
    id_ = str(wanted.get("id", ""))
    if match := _CAMERA.fullmatch(id_):
        return open_input(int(match[1]), live=True)
    if id_ in studio.oak_cameras.names():
        return _open_live(id_)
    if (match := _INPUT.fullmatch(id_)) and int(match[1]) < len(options.inputs):
        what = options.inputs[int(match[1])]
        if _is_live(what):
            return _open_live(what)
    path = studio.shelf.file(id_).path
    if path is None:
        raise ValueError("results without a picture can't be played")
    return open_input(path, live=True)


def _open_live(what: str) -> Source:
    """Open a camera or stream; an OAK camera with its depth, if it has stereo cameras."""
    address = camera_address(what)
    if address is None or not address.is_oak:
        return open_input(what, live=True)
    from vitruvian.oak import OakOptions, open_oak
    from vitruvian.oak.opening import device_of

    return open_oak(OakOptions(device=device_of(address), xyz=True), live=True)


class FeedReceiver(Protocol):
    """What becomes of the frames of a source: a live session."""

    def take_frame(self, frame: Frame, n_gaps: int) -> None:
        """Track a frame; before it, the source was lost `n_gaps` times."""

    def end_feed(self, reason: str) -> None:
        """Note that there are no more frames, and why."""


class SourceFeed:
    """Reads a live source on a thread of its own, to its end.

    Parameters
    ----------
    source : Source
        Closed by this.
    receiver : FeedReceiver
        Called on that thread.
    """

    def __init__(self, source: Source, receiver: FeedReceiver) -> None:
        self._source, self._receiver = source, receiver
        self._is_closed = False
        self._frame_s = time.monotonic()  # of the last frame
        self._thread = Thread(target=self._run, name=f"read {source.name}", daemon=True)
        self._thread.start()

    @property
    def is_lost(self) -> bool:
        """Whether no frame has come for more than 2 s: the source may be reconnecting."""
        return time.monotonic() - self._frame_s > LOST_S

    def close(self) -> None:
        """Read no more frames. A source that waits for one is released when its wait is over."""
        self._is_closed = True
        self._source.close()

    def _run(self) -> None:
        reason = f"{self._source.name} has ended"
        try:
            with self._source as source:
                for frame in source:
                    if self._is_closed:
                        return
                    self._frame_s = time.monotonic()
                    self._receiver.take_frame(frame, source.n_gaps)
        except Exception as error:
            reason = error_line(error)
            if not isinstance(error, EXPECTED_ERRORS):
                logger.error("%s could not be read", self._source.name, exc_info=error)
        if not self._is_closed:
            self._receiver.end_feed(reason)
