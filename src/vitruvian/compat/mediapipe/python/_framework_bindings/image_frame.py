"""``ImageFrame`` and ``ImageFormat``, at their module path in MediaPipe 0.10."""

from __future__ import annotations

from vitruvian.compat.mediapipe.python._framework_bindings.image import Image
from vitruvian.compat.mediapipe.tasks.python.vision.core.image import ImageFormat

__all__ = ["ImageFormat", "ImageFrame"]


class ImageFrame(Image):
    """An image in CPU memory: `Image` plus `byte_depth`."""

    @property
    def byte_depth(self) -> int:
        """Bytes per channel value."""
        return self._pixels.itemsize
