"""FPS: frame rate counter, under depthai_blazepose's module name."""  # noqa: N999 - its name

from __future__ import annotations

from collections import deque
from time import perf_counter
from typing import TYPE_CHECKING, Any

from vitruvian.compat.opencv import require_cv2

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FPS", "now"]


def now() -> float:
    """Return the time of a monotonic clock, s."""
    return perf_counter()


class FPS:
    """Frame rate counter: moving average and overall average.

    Parameters
    ----------
    mean_nb_frames : int
        Number of frames in the moving average of `get`.

    Attributes
    ----------
    nbf : int
        Number of frames counted.
    """

    def __init__(self, mean_nb_frames: int = 10) -> None:
        self.nbf = 0
        self._first = 0.0
        self._recent: deque[float] = deque(maxlen=mean_nb_frames + 1)

    def update(self) -> None:
        """Count a frame at the current time."""
        self._recent.append(now())
        if self.nbf == 0:
            self._first = self._recent[0]
        self.nbf += 1

    def get(self) -> float:
        """Return the moving average in frames per second; 0 before the second frame."""
        return _rate(len(self._recent), self._recent[-1] - self._recent[0]) if self._recent else 0.0

    def get_global(self) -> float:
        """Return the overall average in frames per second; 0 before the second frame."""
        return _rate(self.nbf, self._recent[-1] - self._first) if self._recent else 0.0

    def draw(
        self,
        win: NDArray[Any],
        orig: tuple[int, int] = (10, 30),
        font: int = 0,  # cv2.FONT_HERSHEY_SIMPLEX
        size: float = 2,
        color: tuple[int, int, int] = (0, 255, 0),
        thickness: int = 2,
    ) -> None:
        """Write the moving average onto an image, in place."""
        cv2 = require_cv2("FPS.draw")
        cv2.putText(win, f"FPS={self.get():.2f}", orig, font, size, color, thickness)


def _rate(n_frames: int, seconds: float) -> float:
    return (n_frames - 1) / seconds if seconds > 0 else 0.0
