"""``BaseVisionTaskApi``: the input checks and the life cycle of every vision task."""

from __future__ import annotations

import weakref
from operator import index
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.compat.mediapipe.tasks.python.vision.core.image import Image, ImageFormat
from vitruvian.fork import ForkLock

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

LONGEST_MS = (2**63 - 1) // 1000  # times in µs are an int64
FORMATS = (ImageFormat.GRAY8, ImageFormat.SRGB, ImageFormat.SRGBA)  # accepted by the tasks


class BaseVisionTaskApi:
    """Base class of a vision task: running mode, timestamp check and `close`.

    Parameters
    ----------
    running_mode : VisionTaskRunningMode
    end : callable
        Releases the resources of the task. Called once: by `close`, when the task is garbage
        collected, or at interpreter exit. It must not hold a reference to the task.
    """

    def __init__(self, running_mode: VisionTaskRunningMode, end: Callable[[], object]) -> None:
        self._running_mode = running_mode
        self._last_ms: int | None = None
        self._first_ms = 0
        self._in_turn = ForkLock()  # the frames of several threads are in the order of their times
        self._end = weakref.finalize(self, end)

    def close(self) -> None:
        """Release the resources of the task; may be called twice.

        An image in progress is finished first.
        """
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check(
        self, mode: VisionTaskRunningMode, image: Image, options: ImageProcessingOptions | None
    ) -> int:
        """Return the rotation of an image; raise if mode, image or options are not valid."""
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
                "use mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=array)"
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
        """Return the time since the first timestamp in µs; programs also give ``time_ns()``."""
        timestamp_ms = index(timestamp_ms)
        if self._last_ms is None:
            self._first_ms = timestamp_ms
        elif timestamp_ms <= self._last_ms:
            raise ValueError("Input timestamp must be monotonically increasing.")
        if timestamp_ms - self._first_ms > LONGEST_MS:
            raise ValueError(
                f"timestamp_ms must be at most {self._first_ms + LONGEST_MS}, got {timestamp_ms}"
            )
        self._last_ms = timestamp_ms
        return 1000 * (timestamp_ms - self._first_ms)


def rgb_of(image: Image) -> NDArray[np.uint8]:
    """Return the (H, W, 3) RGB pixels of an image in one of `FORMATS`."""
    if image.image_format == ImageFormat.GRAY8:
        return np.repeat(image._pixels, 3, axis=2)
    return image._pixels[:, :, :3]


def _words(mode: VisionTaskRunningMode) -> str:
    return f"{mode.name.lower().replace('_', ' ')} mode"
