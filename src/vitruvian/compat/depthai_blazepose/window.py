"""Windows that show images and read keys, by OpenCV or Tk; without a display, neither."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections import deque
from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np

if TYPE_CHECKING:
    import tkinter

    from numpy.typing import NDArray

__all__ = ["DOWN", "ESCAPE", "LEFT", "NO_KEY", "RIGHT", "UP", "Screen", "open_screen"]

NO_KEY = -1
ESCAPE = 27
LEFT, UP, RIGHT, DOWN = 0xFF51, 0xFF52, 0xFF53, 0xFF54  # X11, keysymdef.h

# OpenCV's codes of the arrow keys, by system: GTK and Qt (as X11), Windows, macOS.
_ARROWS = {
    **{key: key for key in (LEFT, UP, RIGHT, DOWN)},
    **dict(zip((0x250000, 0x260000, 0x270000, 0x280000), (LEFT, UP, RIGHT, DOWN), strict=True)),
    **dict(zip((0xF702, 0xF700, 0xF703, 0xF701), (LEFT, UP, RIGHT, DOWN), strict=True)),
}
_SHIFTS = (0xFFE1, 0xFFE2)  # X11, keysymdef.h
_POLL_S = 0.002

logger = logging.getLogger(__name__)


class Screen(Protocol):
    """Shows images and reads keys."""

    def show_bgr(self, title: str, image: NDArray[np.uint8]) -> None:
        """Show an (H, W, 3) BGR image in the window of this title, opened on first use."""

    def key(self, delay_ms: int = 1) -> int:
        """Return the next key that is pressed in a window, or `NO_KEY`.

        Parameters
        ----------
        delay_ms : int
            How long to wait for a key; 0 or less waits without limit.

        Returns
        -------
        int
            The character code of a letter or another key, or `ESCAPE`, `LEFT`, `UP`, `RIGHT`,
            `DOWN`.
        """

    def close(self) -> None:
        """Close all windows."""


def open_screen() -> Screen:
    """Return OpenCV windows, else Tk windows; without a display, a screen that shows nothing.

    The latter logs a warning, returns no keys and does not wait.
    """
    has_display = not sys.platform.startswith("linux") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    if has_display and cv2.currentUIFramework():
        return _OpenCvScreen()
    reason = "there is no display"
    if has_display:
        try:
            return _TkScreen()
        except Exception as err:  # noqa: BLE001 - TclError exists only where Tk does
            reason = str(err)
    logger.warning("images are not shown: %s", reason)
    return _NoScreen()


class _OpenCvScreen:
    """OpenCV windows, which all OpenCV packages but the headless ones have."""

    def __init__(self) -> None:
        self._titles: set[str] = set()
        self._is_shifted = False

    def show_bgr(self, title: str, image: NDArray[np.uint8]) -> None:
        self._titles.add(title)
        cv2.imshow(title, image)

    def key(self, delay_ms: int = 1) -> int:
        while (code := cv2.waitKeyEx(max(delay_ms, 0))) in _SHIFTS:
            self._is_shifted = True  # Qt reports Shift, then a lower-case letter
        if code == NO_KEY or code in _ARROWS:
            return _ARROWS.get(code, NO_KEY)
        letter = chr(code & 0xFF)
        self._is_shifted, is_capital = False, self._is_shifted
        return ord(letter.upper() if is_capital and letter.isascii() else letter)

    def close(self) -> None:
        for title in self._titles:
            cv2.destroyWindow(title)
        self._titles.clear()


class _TkScreen:
    """Tkinter windows. Closing a window counts as `ESCAPE`."""

    def __init__(self) -> None:
        import tkinter

        self._tk = tkinter
        self._root = tkinter.Tk()
        self._root.withdraw()
        self._labels: dict[str, tkinter.Label] = {}
        self._keys: deque[int] = deque()

    def show_bgr(self, title: str, image: NDArray[np.uint8]) -> None:
        height, width = image.shape[:2]
        rgb = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)
        header = f"P6 {width} {height} 255 ".encode()
        photo = self._tk.PhotoImage(master=self._root, data=header + rgb.tobytes(), format="PPM")
        label = self._labels.get(title) or self._open(title)
        label.configure(image=photo)
        label.photo = photo  # type: ignore[attr-defined]  # Tk needs a reference to the photo
        self._root.update()

    def _open(self, title: str) -> tkinter.Label:
        window = self._tk.Toplevel(self._root)
        window.title(title)
        window.bind("<Key>", self._on_key)
        window.protocol("WM_DELETE_WINDOW", lambda: self._on_close(title))
        label = self._tk.Label(window, borderwidth=0)
        label.pack()
        self._labels[title] = label
        return label

    def _on_key(self, event: tkinter.Event[tkinter.Misc]) -> None:
        arrows = {"Left": LEFT, "Up": UP, "Right": RIGHT, "Down": DOWN}
        if event.keysym in arrows:
            self._keys.append(arrows[event.keysym])
        elif len(event.char) == 1:
            self._keys.append(ord(event.char))

    def _on_close(self, title: str) -> None:
        self._labels.pop(title).master.destroy()
        self._keys.append(ESCAPE)

    def key(self, delay_ms: int = 1) -> int:
        until = time.monotonic() + delay_ms / 1000
        while True:
            self._root.update()
            if self._keys:
                return self._keys.popleft()
            if delay_ms > 0 and time.monotonic() >= until:
                return NO_KEY
            time.sleep(min(_POLL_S, max(delay_ms, 1) / 1000))

    def close(self) -> None:
        self._root.destroy()


class _NoScreen:
    """Shows nothing."""

    def show_bgr(self, title: str, image: NDArray[np.uint8]) -> None:
        pass

    def key(self, delay_ms: int = 1) -> int:
        return NO_KEY

    def close(self) -> None:
        pass
