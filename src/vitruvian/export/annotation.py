"""The annotated image of one frame, which images and videos store."""

from __future__ import annotations

from collections import deque
from time import perf_counter
from typing import TYPE_CHECKING

from vitruvian.draw.overlay import draw_poses
from vitruvian.draw.style import Style

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vitruvian.core.frame import Frame
    from vitruvian.core.pose import PoseResult
    from vitruvian.export import SinkOptions

__all__ = ["RateMeter", "annotated_image"]


class RateMeter:
    """Measures the frames per second of this run, over the last 30 frames."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=31)

    def tick(self) -> float | None:
        """Count one frame; return the rate, or None at the first."""
        self._times.append(perf_counter())
        seconds = self._times[-1] - self._times[0]
        return (len(self._times) - 1) / seconds if seconds else None


def annotated_image(
    result: PoseResult, frame: Frame | None, options: SinkOptions, *, fps: float | None = None
) -> NDArray[np.uint8]:
    """Return the (H, W, 3) RGB pixels of `frame` with its poses; ValueError without a frame.

    `fps` is drawn in the corner if the style has it.
    """
    if frame is None:
        raise ValueError(f"{str(options.path)!r} needs the frames: call write(result, frame)")
    return draw_poses(frame.image, result, options.style or Style(), fps=fps)
