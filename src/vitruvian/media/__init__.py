"""Sources of frames: images, videos, streams and cameras; and the video writer."""

from __future__ import annotations

import io
import math
import os.path
from functools import partial
from importlib import import_module
from numbers import Integral
from pathlib import Path
from typing import IO, TYPE_CHECKING

from vitruvian.errors import SourceError
from vitruvian.media.address import camera_address, is_url, without_password
from vitruvian.media.image_kind import is_image_input
from vitruvian.media.one_pass import is_one_pass

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitruvian.media.address import CameraAddress
    from vitruvian.media.source import Source

__all__ = ["open_input"]

DRIVERS = {  # CameraAddress.driver: the module whose `open_camera` opens such a camera
    "camera": "vitruvian.media.camera",
    "opencv": "vitruvian.media.camera",
    "oak": "vitruvian.oak.opening",
    "oak-virtual": "vitruvian.oak.opening",
}


def open_input(
    what: str | int | Path | IO[bytes],
    *,
    live: bool = False,
    fps: float = 30.0,
    threads: int | None = None,
) -> Source:
    """Return a source that reads images, a folder, a pattern, a video, a stream or a camera.

    Parameters
    ----------
    what : str, int, path or binary file object
        A camera (``0``, ``"0"`` or ``"/dev/video0"``; ``"camera:C920:1280x720@30"`` for a part of
        its name, a size and a rate, each optional; ``"oak"``, ``"oak:IP"`` and ``"oak-virtual"``
        for an OAK camera), a stream (``"rtsp://..."``), an image file, a
        folder of images, a pattern of images (``"img_*.png"``, ``"img_%04d.png"``,
        ``"img_####.png"``, ``"**/*.png"``), otherwise a video file. All pictures of an image file
        are read: an animated PNG, WebP, AVIF or GIF has times of its own; the pages of a TIFF
        are frames like the images of a folder. To open a file whose name is a number, write
        ``"./0"``.

        ``"-"`` is standard input. It, a named pipe, a socket, ``/dev/fd/N`` and a file object such
        as ``Popen.stdout`` or ``io.BytesIO`` hold a video; they are read once, to their end. A file
        object is not closed.
    live : bool
        Whether frames arrive in real time, for `LiveStream`. A camera or a stream then reconnects
        whenever it is lost, until it is closed. A video file plays once, at its own frame rate.
    fps : float
        Images per second of a folder, a pattern, or a file with pages. Ignored for other inputs,
        which have timestamps of their own.
    threads : int or None
        CPU threads for video decoding; None for all cores.

    Returns
    -------
    Source
        A context manager that can be iterated once.

    Raises
    ------
    SourceError
        If `what` does not exist or can't be read.
    TypeError
        If `what` is of another type.
    ValueError
        If `what` is empty or negative, or `fps` or `threads` is not positive.
    """
    reopen = partial(_open_once, what, fps=fps, threads=threads)
    source = reopen()
    source.reopen = source.reopen or reopen
    if not live:
        return source
    if source.is_live:
        return source.reconnecting()
    from vitruvian.media.realtime import RealTime

    return RealTime(source)


def _open_once(what: str | int | Path | IO[bytes], *, fps: float, threads: int | None) -> Source:
    if not (math.isfinite(fps) and fps > 0):
        raise ValueError(f"fps must be a positive number, got {fps!r}")
    if threads is not None and threads < 1:
        raise ValueError(f"threads must be a positive integer or None, got {threads!r}")
    if not isinstance(what, str | int | Path) and hasattr(what, "read"):
        from vitruvian.media.video import open_file_object

        name = _file_object_name(what)
        return _read_on_thread(partial(open_file_object, what, name, threads=threads))
    text = _checked_name(what)
    # Each module imports its own decoder library, so it is imported only if needed.
    camera = None if isinstance(what, Path) else camera_address(text)
    if camera is not None:
        return _open_camera(camera)
    if isinstance(what, str) and is_url(what):
        from vitruvian.media.video import open_stream

        return _read_on_thread(partial(open_stream, text, threads=threads))
    pipe = text if isinstance(what, str) else str(Path(text).absolute())  # Path("-") is a file
    if is_one_pass(pipe):
        from vitruvian.media.video import open_pipe

        return _read_on_thread(partial(open_pipe, pipe, threads=threads))
    shown = without_password(text)
    if shown != text and not os.path.lexists(text):
        raise SourceError(f"can't read {shown!r}: not a file, and a URL begins with its scheme")
    if is_image_input(text):
        from vitruvian.media.pictures import open_images

        return open_images(text, fps=fps)
    from vitruvian.media.video import open_video

    return open_video(text, threads=threads)


def _open_camera(address: CameraAddress) -> Source:
    source: Source = import_module(DRIVERS[address.driver]).open_camera(address)
    return source


def _read_on_thread(open_source: Callable[[], Source]) -> Source:
    """Return a source that is opened and read on a thread of its own, because it may block."""
    from vitruvian.media.read_ahead import ReadAhead
    from vitruvian.media.waiting import opened_on_thread

    return ReadAhead(opened_on_thread(open_source), depth=1)


def _file_object_name(file: IO[bytes]) -> str:
    if isinstance(file, io.TextIOBase):
        raise TypeError(f"a file object must be open in binary mode, got {file!r}")
    name = getattr(file, "name", None)
    return name if isinstance(name, str) and name else type(file).__name__


def _checked_name(what: object) -> str:
    if isinstance(what, bool) or not isinstance(what, (str, Integral, Path)):
        raise TypeError(
            f"what must be a str, a path, a camera number or a file object, got {what!r}"
        )
    if isinstance(what, Integral) and what < 0:
        raise ValueError(f"a camera number must be 0 or higher, got {what!r}")
    if what == "":
        raise ValueError("what must not be empty, got ''")
    if isinstance(what, Path) and is_url(str(what).replace(":/", "://", 1)) and not what.exists():
        raise TypeError(f"a URL must be a str, got a path, {without_password(str(what))!r}")
    return str(what)
