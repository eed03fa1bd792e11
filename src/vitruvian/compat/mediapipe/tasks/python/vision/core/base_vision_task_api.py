"""``BaseVisionTaskApi``: what every vision task checks before it looks at a picture."""

from __future__ import annotations

import weakref
from operator import index
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.compat.mediapipe.tasks.python.vision.core.image import Image, ImageFormat

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from numpy.typing import NDArray

    from vitruvian.compat.mediapipe.tasks.python.vision.core.image_processing_options import (
        ImageProcessingOptions,
    )
    from vitruvian.compat.mediapipe.tasks.python.vision.core.vision_task_running_mode import (
        VisionTaskRunningMode,
    )

__all__ = ["BaseVisionTaskApi", "rgb_of"]

FORMATS = (ImageFormat.GRAY8, ImageFormat.SRGB, ImageFormat.SRGBA)  # those that a task looks at


class BaseVisionTaskApi:
    """A vision task: its running mode, its clock and its end.

    Parameters
    ----------
    running_mode : VisionTaskRunningMode
    end : callable
        Frees what the task holds. Called once: by `close`, or when the task is forgotten, or when
        the program ends. It must not hold the task.
    """

    def __init__(self, running_mode: VisionTaskRunningMode, end: Callable[[], object]) -> None:
        self._running_mode = running_mode
        self._last_ms: int | None = None
        self._first_ms = 0
        self._in_turn = Lock()  # of threads that bring frames: times and frames keep their order
        self._end = weakref.finalize(self, end)

    def close(self) -> None:
        """Free what the task holds, once the picture in work is done. A second time is nothing."""
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check(
        self, mode: VisionTaskRunningMode, image: Image, options: ImageProcessingOptions | None
    ) -> int:
        """Return how far to turn an image; raise unless the task may look at it in this mode."""
        if self._running_mode is not mode:
            raise ValueError(
                f"Task is not initialized with the {_words(mode)}. "
                f"Current running mode:{_words(self._running_mode)}"
            )
        if not self._end.alive:
            raise ValueError("Task runner is currently not running.")
        if not isinstance(image, Image):
            raise TypeError(
                f"image must be a mediapipe.Image, got {type(image).__name__}: "
                "mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=array) makes one"
            )
        if image.image_format not in FORMATS:
            raise ValueError(
                f"Unsupported image format: {image.image_format.name} "
                "(expected GRAY8, SRGB, or SRGBA)"
            )
        if options is None:
            return 0
        rotation_deg = index(options.rotation_degrees)
        if rotation_deg % 90:
            raise ValueError("Expected rotation to be a multiple of 90°.")
        if options.region_of_interest is not None:
            raise ValueError("This task doesn't support region-of-interest.")
        return rotation_deg

    def _time_us(self, timestamp_ms: int) -> int:
        """Return the next time, of a clock that does not start before 0."""
        timestamp_ms = index(timestamp_ms)
        if self._last_ms is None:
            self._first_ms = min(timestamp_ms, 0)
        elif timestamp_ms <= self._last_ms:
            raise ValueError("Input timestamp must be monotonically increasing.")
        self._last_ms = timestamp_ms
        return 1000 * (timestamp_ms - self._first_ms)


def rgb_of(image: Image) -> NDArray[np.uint8]:
    """Return the (H, W, 3) colours of an image of one of `FORMATS`."""
    if image.image_format == ImageFormat.GRAY8:
        return np.repeat(image._pixels, 3, axis=2)
    return image._pixels[:, :, :3]


def _words(mode: VisionTaskRunningMode) -> str:
    return f"{mode.name.lower().replace('_', ' ')} mode"
