"""Preview: a window that shows the poses while a run finds them."""

from __future__ import annotations

import logging
import subprocess
import sys
from contextlib import suppress
from threading import Condition, Thread
from time import monotonic
from typing import TYPE_CHECKING, Self

import numpy as np
from PIL import Image

from vitruvian.draw import window
from vitruvian.draw.overlay import draw_poses
from vitruvian.draw.style import Style
from vitruvian.errors import BackendUnavailableError
from vitruvian.export.annotation import RateMeter

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult

__all__ = ["Preview"]

LEAST_INTERVAL_S = 1 / 30  # more pictures would only take time from the tracking
_LONGEST_WAIT_S = 2.0  # for a window that does not answer

logger = logging.getLogger(__name__)


class Preview:
    """A window with the newest result, drawn on its frame. A context manager.

    The window is a process of its own and does not slow the caller down: results that come faster
    than the window shows them are skipped. It opens with the first result. The q and Esc keys and
    its close button close it.

    Parameters
    ----------
    title : str
        Title of the window.
    on_close : callable
        Called on another thread when the user closes the window.
    style : Style, optional
        What is drawn.

    Raises
    ------
    BackendUnavailableError
        If there is no display, or Python has no tkinter.
    """

    def __init__(
        self, title: str, on_close: Callable[[], object], *, style: Style | None = None
    ) -> None:
        self._on_close = on_close
        self._style = style or Style()
        self._rate = RateMeter()
        self._process, self._screen_wh = _start(title)
        self._change = Condition()  # guards the next four
        self._newest: tuple[Frame, PoseResult, float | None] | None = None
        self._is_free = True  # the window waits for a picture
        self._is_over = False  # the window is closed
        self._is_closing = False  # by the caller
        self._drawer = Thread(target=self._draw, name="preview", daemon=True)
        self._reader = Thread(target=self._read, name="preview window", daemon=True)
        self._drawer.start()
        self._reader.start()

    def show(self, frame: Frame, result: PoseResult) -> None:
        """Show a result, unless a newer one comes first. Returns at once."""
        with self._change:
            self._newest = frame, result, self._rate.tick()
            self._change.notify_all()

    def wait(self) -> None:
        """Wait until the user closes the window."""
        self._reader.join()

    def close(self) -> None:
        """Close the window."""
        with self._change:
            self._is_closing = self._is_over = True
            self._change.notify_all()
        self._drawer.join(_LONGEST_WAIT_S)
        if self._drawer.is_alive():
            self._process.kill()
            self._drawer.join()
        if self._process.stdin is not None:
            with suppress(OSError):  # the window is closed already
                self._process.stdin.close()
        self._reader.join(_LONGEST_WAIT_S)
        self._process.kill()
        self._reader.join()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _draw(self) -> None:
        """Draw the newest result and send it to the window, on a thread of its own."""
        stdin = self._process.stdin
        shown_s = -LEAST_INTERVAL_S
        while stdin is not None and self._wait_for_turn(shown_s + LEAST_INTERVAL_S):
            with self._change:
                newest, self._newest = self._newest, None
                self._is_free = False
            if newest is None:
                continue
            frame, result, fps = newest
            shown_s = monotonic()
            image = draw_poses(frame.image, result, self._style, fps=fps)
            try:
                stdin.write(window.ppm(self._fitted(image)))
                stdin.flush()
            except OSError:  # the window is closed, which the other thread reports
                return

    def _wait_for_turn(self, earliest_s: float) -> bool:
        """Wait for a picture, a free window and the time; return False if the window is closed."""
        with self._change:
            self._change.wait_for(lambda: self._is_over or (self._newest and self._is_free))
            self._change.wait_for(lambda: self._is_over, max(0.0, earliest_s - monotonic()))
            return not self._is_over

    def _fitted(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return an image divided by a whole number, so that it is not larger than the screen."""
        width, height = self._screen_wh
        factor = max(-(-image.shape[1] // width), -(-image.shape[0] // height))
        return image if factor == 1 else np.asarray(Image.fromarray(image).reduce(factor))

    def _read(self) -> None:
        """Follow what the window does, on a thread of its own, until it is closed."""
        stdout = self._process.stdout
        while stdout is not None and stdout.read(1) == window.SHOWN:
            with self._change:
                self._is_free = True
                self._change.notify_all()
        code = self._process.wait()
        with self._change:
            self._is_over = True
            self._change.notify_all()
            is_own_end = self._is_closing
        if is_own_end:
            return
        if code == 0:
            self._on_close()
        else:
            logger.warning("the window has ended with exit code %d", code)


def _start(title: str) -> tuple[subprocess.Popen[bytes], tuple[int, int]]:
    """Return the process of a window, and the size of its screen in px."""
    if not window.has_display():
        raise BackendUnavailableError("can't open a window: there is no display")
    command = [sys.executable, "-P", str(window.__file__), title]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, start_new_session=True)
    try:
        answer = process.stdout.readline().decode().strip() if process.stdout else ""
    except BaseException:  # Ctrl-C while the window opens
        process.kill()
        raise
    try:
        width, height = map(int, answer.split())
    except ValueError as err:
        process.communicate()
        raise BackendUnavailableError(f"can't open a window: {answer or 'it has ended'}") from err
    return process, (width, height)
