"""Images, videos, streams and cameras as sources of frames; the writer of videos."""

from __future__ import annotations

import math
from functools import partial
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.media.address import camera_number, is_url, names_images

if TYPE_CHECKING:
    from vitruvian.media.source import Source

__all__ = ["open_input"]


def open_input(
    what: str | int | Path, *, live: bool = False, fps: float = 30.0, threads: int | None = None
) -> Source:
    """Return the frames of an image, a folder, a pattern, a video, a stream or a camera.

    Parameters
    ----------
    what : str, int or path
        A camera number (``0``, ``"0"`` or ``"/dev/video0"``), a stream (``"rtsp://..."``), an
        image, a folder of images, a glob pattern of images, else a video file. A file whose name
        is a number is reached as ``"./0"``.
    live : bool
        Whether frames come as they happen, for `LiveStream`. A camera or a stream is then
        reconnected whenever it is lost, until it is closed. A recording plays once, at its own
        rate.
    fps : float
        Images a second where `what` is a folder or a pattern; ignored elsewhere, since videos and
        cameras have their own times.
    threads : int or None
        Processor threads that decode a video; None for all cores.

    Returns
    -------
    Source
        A context manager, to be iterated once.

    Raises
    ------
    SourceError
        If it does not exist, or nothing of it can be read.
    TypeError
        If `what` is not a str, int or path.
    ValueError
        If `what` is empty or negative, or `fps` or `threads` is not positive.
    """
    open_again = partial(_open_once, what, fps=fps, threads=threads)
    source = open_again()
    if not live:
        return source
    if source.is_live:
        from vitruvian.media.reconnecting import ReconnectingSource

        return ReconnectingSource(source, open_again)
    from vitruvian.media.realtime import RealTime

    return RealTime(source)


def _open_once(what: str | int | Path, *, fps: float, threads: int | None) -> Source:
    text = _checked_name(what)
    if not (math.isfinite(fps) and fps > 0):
        raise ValueError(f"fps must be a positive number, got {fps!r}")
    if threads is not None and threads < 1:
        raise ValueError(f"threads must be a positive integer or None, got {threads!r}")
    # Each module brings its own decoder library, loaded only where it is needed.
    number = None if isinstance(what, Path) else camera_number(text)
    if number is not None:
        from vitruvian.media.camera import open_camera

        return open_camera(number)
    if isinstance(what, str) and is_url(what):
        from vitruvian.media.video import open_stream

        return open_stream(text, threads=threads)
    if names_images(text):
        from vitruvian.media.image import open_images

        return open_images(text, fps=fps)
    from vitruvian.media.video import open_video

    return open_video(text, threads=threads)


def _checked_name(what: str | int | Path) -> str:
    if isinstance(what, bool) or not isinstance(what, (str, Integral, Path)):
        raise TypeError(f"a source is a str, a path or a camera number, got {what!r}")
    if isinstance(what, Integral) and what < 0:
        raise ValueError(f"a camera number must not be negative, got {what!r}")
    if what == "":
        raise ValueError("a source must have a name, got ''")
    return str(what)
