"""``ImageFrame`` and ``ImageFormat``, where MediaPipe 0.10 keeps them."""

from __future__ import annotations

from vitruvian.compat.mediapipe.python._framework_bindings.image import Image
from vitruvian.compat.mediapipe.tasks.python.vision.core.image import ImageFormat

__all__ = ["ImageFormat", "ImageFrame"]


class ImageFrame(Image):
    """A picture in the processor's memory: an `Image` that tells the size of its numbers."""

    @property
    def byte_depth(self) -> int:
        """Bytes per number."""
        return self._pixels.itemsize
