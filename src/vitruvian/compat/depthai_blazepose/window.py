"""Windows that show images and read keys, by OpenCV or Tk; without a display, neither."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any, Protocol

from vitruvian.compat.opencv import require_cv2
from vitruvian.draw.window import (
    DOWN,
    ESCAPE,
    LEFT,
    NO_KEY,
    RIGHT,
    UP,
    TkWindows,
    has_display,
    ppm,
)
from vitruvian.errors import BackendUnavailableError
from vitruvian.media.orientation import reversed_channels

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["DOWN", "ESCAPE", "LEFT", "NO_KEY", "RIGHT", "UP", "Screen", "open_screen"]

# OpenCV's codes of the arrow keys, by system: GTK and Qt (as X11), Windows, macOS.
_ARROWS = {
    **{key: key for key in (LEFT, UP, RIGHT, DOWN)},
    **dict(zip((0x250000, 0x260000, 0x270000, 0x280000), (LEFT, UP, RIGHT, DOWN), strict=True)),
    **dict(zip((0xF702, 0xF700, 0xF703, 0xF701), (LEFT, UP, RIGHT, DOWN), strict=True)),
}
_SHIFTS = (0xFFE1, 0xFFE2)  # X11, keysymdef.h

logger = logging.getLogger(__name__)


class Screen(Protocol):
    """Shows images and reads keys."""

    def show_bgr(self, title: str, image: NDArray[np.uint8]) -> None:
        """Show an (H, W, 3) BGR image in the window of this title, opened on first use."""

    def key(self, delay_ms: int = 1) -> int:
        """Return the next key that is pressed in a window, as `TkWindows.key`."""

    def close(self) -> None:
        """Close all windows."""


def open_screen() -> Screen:
    """Return OpenCV windows, else Tk windows; without a display, a screen that shows nothing.

    The latter logs a warning, returns no keys and does not wait.
    """
    reason = "there is no display"
    if has_display():
        cv2 = _cv2_with_windows()
        if cv2 is not None:
            return _OpenCvScreen(cv2)
        try:
            return _TkScreen()
        except RuntimeError as err:
            reason = str(err)
    logger.warning("images are not shown: %s", reason)
    return _NoScreen()


def _cv2_with_windows() -> Any:
    """Return the module ``cv2``; None if it is not installed, or headless."""
    try:
        cv2 = require_cv2("the window")
    except BackendUnavailableError:
        return None
    # Not by cv2.currentUIFramework, which OpenCV 4.6 to 4.8 do not have.
    is_headless = re.search(r"GUI:\s+NONE", cv2.getBuildInformation())
    return None if is_headless else cv2


class _OpenCvScreen:
    """OpenCV windows, which all OpenCV packages but the headless ones have."""

    def __init__(self, cv2: Any) -> None:
        self._cv2 = cv2
        self._titles: set[str] = set()
        self._is_shifted = False

    def show_bgr(self, title: str, image: NDArray[np.uint8]) -> None:
        self._titles.add(title)
        self._cv2.imshow(title, image)

    def key(self, delay_ms: int = 1) -> int:
        while (code := self._cv2.waitKeyEx(max(delay_ms, 0))) in _SHIFTS:
            self._is_shifted = True  # Qt reports Shift, then a lower-case letter
        if code == NO_KEY or code in _ARROWS:
            return _ARROWS.get(code, NO_KEY)
        letter = chr(code & 0xFF)
        self._is_shifted, is_capital = False, self._is_shifted
        return ord(letter.upper() if is_capital and letter.isascii() else letter)

    def close(self) -> None:
        for title in self._titles:
            self._cv2.destroyWindow(title)
        self._titles.clear()


class _TkScreen:
    """Tk windows. Closing a window counts as `ESCAPE`."""

    def __init__(self) -> None:
        self._windows = TkWindows()

    def show_bgr(self, title: str, image: NDArray[np.uint8]) -> None:
        self._windows.show(title, ppm(reversed_channels(image)))

    def key(self, delay_ms: int = 1) -> int:
        return self._windows.key(delay_ms)

    def close(self) -> None:
        self._windows.close()


class _NoScreen:
    """Shows nothing."""

    def show_bgr(self, title: str, image: NDArray[np.uint8]) -> None:
        pass

    def key(self, delay_ms: int = 1) -> int:
        return NO_KEY

    def close(self) -> None:
        pass
