"""ProxyMaker: H.264 copies of what browsers can't play, with the times of the frames unchanged."""

from __future__ import annotations

import logging
import os
import sys
import threading
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from vitruvian.media import open_input
from vitruvian.media.recorder import VideoWriter
from vitruvian.runs.messages import error_line
from vitruvian.studio.disk import check_disk

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian.studio.studio_file import StudioFile

__all__ = ["ProxyMaker"]

MAX_SIDE = 1920  # larger frames are made smaller
NICENESS = 10
CLOSE_S = 2.0
FRAMES_A_LOOK = 100  # at the space on the disk

logger = logging.getLogger(__name__)


class ProxyMaker:
    """Makes one copy after the other, on a thread of low priority."""

    def __init__(self) -> None:
        self._waiting: SimpleQueue[StudioFile | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._is_closed = threading.Event()

    def start(self, file: StudioFile) -> None:
        """Start to make the copy of a file, unless it is there or being made."""
        with self._lock:
            if file.proxy in ("running", "ready") or self._is_closed.is_set():
                return
            file.proxy = "running"
            self._waiting.put(file)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name="studio proxies", daemon=True
                )
                self._thread.start()

    def close(self) -> None:
        """Stop making copies."""
        self._is_closed.set()
        self._waiting.put(None)
        if self._thread is not None:
            self._thread.join(CLOSE_S)

    def _work(self) -> None:
        if sys.platform == "linux":  # there, each thread has its own niceness
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        while (file := self._waiting.get()) is not None and not self._is_closed.is_set():
            try:
                self._make(file)
            except Exception as error:  # noqa: BLE001 - told by its state; other files go on
                logger.info("no H.264 copy of %r: %s", file.name, error_line(error))
                _draft(file).unlink(missing_ok=True)
                file.proxy = "failed"

    def _make(self, file: StudioFile) -> None:
        if file.path is None or file.is_closed:
            return
        draft = _draft(file)
        with open_input(file.path) as source:
            writer: VideoWriter | None = None
            try:
                for number, frame in enumerate(source):
                    if number % FRAMES_A_LOOK == 0:
                        check_disk(file.folder)
                    if self._is_closed.is_set() or file.is_closed:
                        return
                    image = _reduced(frame.image)
                    if writer is None:
                        wh = image.shape[1], image.shape[0]
                        writer = VideoWriter(draft, wh, fps=source.fps or 30.0)
                    writer.write(image, frame.timestamp_us)
            finally:
                if writer is not None:
                    writer.close()
        draft.replace(file.proxy_path)
        file.proxy = "ready"


def _draft(file: StudioFile) -> Path:
    return file.proxy_path.with_suffix(".part")


def _reduced(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = image.shape[:2]
    scale = MAX_SIDE / max(height, width)
    if scale >= 1:
        return image
    wh = max(1, round(width * scale)), max(1, round(height * scale))
    smaller = Image.fromarray(image).resize(wh, Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(smaller)
