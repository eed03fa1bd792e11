"""Windows that show images and read keys, by Tk; without OpenCV or NumPy.

Run as a program, it shows the images of its standard input: see `main`.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import deque
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tkinter
    from typing import BinaryIO

    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "DOWN",
    "ESCAPE",
    "LEFT",
    "NO_KEY",
    "RIGHT",
    "SHOWN",
    "UP",
    "TkWindows",
    "has_display",
    "main",
    "ppm",
]

NO_KEY = -1
ESCAPE = 27
LEFT, UP, RIGHT, DOWN = 0xFF51, 0xFF52, 0xFF53, 0xFF54  # X11, keysymdef.h
SHOWN = b"."
"""What the program writes after each image that it has shown."""

_ARROWS = {"Left": LEFT, "Up": UP, "Right": RIGHT, "Down": DOWN}
_CLOSE_KEYS = (ESCAPE, ord("q"), ord("Q"))
_POLL_S = 0.004
_KEY_WAIT_MS = 5


def has_display() -> bool:
    """Whether the system can show windows; on Linux, whether the environment names a display."""
    names = ("DISPLAY", "WAYLAND_DISPLAY")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in names)


def ppm(image: NDArray[np.uint8]) -> bytes:
    """Return an (H, W, 3) RGB image as a file of the format PPM, which Tk reads fastest."""
    height, width = image.shape[:2]
    return b"P6 %d %d 255\n" % (width, height) + image.tobytes()


class TkWindows:
    """Windows with an image each. All calls come from one thread, on macOS the main thread.

    Raises
    ------
    RuntimeError
        If there is no display, or Python has no tkinter.
    """

    def __init__(self) -> None:
        try:
            import tkinter
        except ImportError as err:
            raise RuntimeError(f"Python has no tkinter ({err}): install python3-tk") from err
        self._tk = tkinter
        try:
            self._root = tkinter.Tk()
        except tkinter.TclError as err:
            raise RuntimeError(str(err)) from err
        self._root.withdraw()
        self._labels: dict[str, tkinter.Label] = {}
        self._keys: deque[int] = deque()

    @property
    def screen_wh(self) -> tuple[int, int]:
        """Width and height of the screen, px."""
        return self._root.winfo_screenwidth(), self._root.winfo_screenheight()

    def show(self, title: str, image: bytes) -> None:
        """Show a PPM image in the window of this title, which is opened if it is not open."""
        label = self._labels.get(title) or self._open(title)
        photo = self._tk.PhotoImage(master=self._root, data=image, format="PPM")
        label.configure(image=photo)
        label.photo = photo  # type: ignore[attr-defined]  # Tk needs a reference to the photo
        self._root.update()

    def key(self, delay_ms: int = 1) -> int:
        """Return the next key that is pressed in a window; closing a window counts as `ESCAPE`.

        Parameters
        ----------
        delay_ms : int
            How long to wait for a key; 0 or less waits without limit.

        Returns
        -------
        int
            The character code of a letter or another key; `ESCAPE`, `LEFT`, `UP`, `RIGHT`, `DOWN`;
            or `NO_KEY`.
        """
        until = time.monotonic() + delay_ms / 1000
        while True:
            self._root.update()
            if self._keys:
                return self._keys.popleft()
            if delay_ms > 0 and time.monotonic() >= until:
                return NO_KEY
            time.sleep(min(_POLL_S, max(delay_ms, 1) / 1000))

    def close(self) -> None:
        """Close all windows."""
        self._root.destroy()

    def _open(self, title: str) -> tkinter.Label:
        window = self._tk.Toplevel(self._root)
        window.title(title)
        window.bind("<Key>", self._on_key)
        label = self._tk.Label(window, borderwidth=0)
        label.pack()
        label.bind("<Destroy>", lambda _: self._on_close(title))
        self._labels[title] = label
        return label

    def _on_key(self, event: tkinter.Event[tkinter.Misc]) -> None:
        if event.keysym in _ARROWS:
            self._keys.append(_ARROWS[event.keysym])
        elif len(event.char) == 1:
            self._keys.append(ord(event.char))

    def _on_close(self, title: str) -> None:
        del self._labels[title]
        self._keys.append(ESCAPE)


def main(title: str) -> None:
    """Show the PPM images of the standard input in a window, until its end or q, Esc or a click.

    Writes the size of the screen in a line to the standard output, then `SHOWN` after each image;
    or, if it can't open windows, the reason.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is meant for the program that shows
    try:
        windows = TkWindows()
    except RuntimeError as err:
        print(err)  # noqa: T201 - the answer to the other process
        sys.exit(1)
    print(*windows.screen_wh, flush=True)  # noqa: T201 - the answer to the other process
    images: deque[bytes] = deque()
    reader = Thread(target=_read, args=(sys.stdin.buffer, images), daemon=True)
    reader.start()
    while windows.key(_KEY_WAIT_MS) not in _CLOSE_KEYS:
        if images:
            windows.show(title, images.popleft())
            sys.stdout.buffer.write(SHOWN)
            sys.stdout.buffer.flush()
        elif not reader.is_alive():
            break
    os._exit(0)  # the reader may wait for the other process


def _read(stream: BinaryIO, images: deque[bytes]) -> None:
    """Append the images of a stream to `images`, until it ends."""
    while header := stream.readline():
        _, width, height, _ = header.split()
        n_bytes = 3 * int(width) * int(height)
        pixels = stream.read(n_bytes)
        if len(pixels) < n_bytes:
            return
        images.append(header + pixels)


if __name__ == "__main__":
    main(*sys.argv[1:])
