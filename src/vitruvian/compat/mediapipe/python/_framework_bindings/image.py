"""``Image`` as MediaPipe 0.10 has it."""

from __future__ import annotations

from operator import index
from typing import TYPE_CHECKING, Any

from vitruvian.compat.mediapipe.tasks.python.vision.core import image

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Image"]


class Image(image.Image):
    """A picture that does not change; with one channel, an (H, W) array."""

    def numpy_view(self) -> NDArray[Any]:
        """Return the pixels, read-only: (H, W, C), or (H, W) where there is one channel."""
        return self._pixels[:, :, 0] if self.channels == 1 else self._pixels

    def __getitem__(self, key: tuple[int, ...]) -> int | float:
        """Return one number: ``image[row, column, channel]``; no channel where there is one."""
        view = self.numpy_view()
        if len(key) not in (view.ndim, 3):
            raise IndexError(f"Invalid index dimension: {len(key)}")
        if len(key) != view.ndim:
            raise IndexError(f"index dimension mismatch: {len(key)} (ndim = {view.ndim})")
        value: int | float = view[tuple(map(index, key))].item()
        return value
