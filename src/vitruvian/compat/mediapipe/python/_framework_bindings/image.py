"""``Image`` of MediaPipe 0.10."""

from __future__ import annotations

from operator import index
from typing import Any, ClassVar

from numpy.typing import NDArray  # noqa: TC002 - needed by get_type_hints

from vitruvian.compat.generation import is_first
from vitruvian.compat.mediapipe.tasks.python.vision.core.image import Image as ImageOf12
from vitruvian.compat.pickling import Recipe, at

__all__ = ["Image"]


class Image(ImageOf12):
    """An immutable image; one channel is an (H, W) array, for programs of 1.2 (H, W, 1).

    See `vitruvian.compat.generation`.
    """

    _stored: ClassVar[Recipe | None] = at("mediapipe:Image")

    def numpy_view(self) -> NDArray[Any]:
        """Return the pixels, read-only: (H, W, C), or (H, W) for a single-channel image."""
        return self._pixels[:, :, 0] if self.channels == 1 and is_first() else self._pixels

    def __getitem__(self, key: tuple[int, ...]) -> int | float:
        """Return ``image[row, column, channel]``, or ``image[row, column]`` with one channel."""
        if not is_first():
            return super().__getitem__(key)
        view = self.numpy_view()
        if len(key) not in (view.ndim, 3):
            raise IndexError(f"Invalid index dimension: {len(key)}")
        if len(key) != view.ndim:
            raise IndexError(f"index dimension mismatch: {len(key)} (ndim = {view.ndim})")
        value: int | float = view[tuple(map(index, key))].item()
        return value
