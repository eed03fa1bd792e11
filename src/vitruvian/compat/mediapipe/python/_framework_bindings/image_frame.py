"""``ImageFrame`` and ``ImageFormat``, at their module path in MediaPipe 0.10."""

from __future__ import annotations

from typing import ClassVar

from vitruvian.compat.mediapipe.python._framework_bindings.image import Image
from vitruvian.compat.mediapipe.tasks.python.vision.core.image import ImageFormat
from vitruvian.compat.pickling import Recipe, at

__all__ = ["ImageFormat", "ImageFrame"]


class ImageFrame(Image):
    """An image in CPU memory: `Image` plus `byte_depth`."""

    _stored: ClassVar[Recipe | None] = at("mediapipe:ImageFrame")

    @property
    def byte_depth(self) -> int:
        """Bytes per channel value."""
        return self._pixels.itemsize
