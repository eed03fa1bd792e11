"""Pictures for the page, as JPEG."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["jpeg_picture"]


def jpeg_picture(
    image: NDArray[np.uint8], max_height: int | None = None, *, quality: int = 80
) -> tuple[bytes, tuple[int, int]]:
    """Return an RGB image as JPEG of at most `max_height`, and its width and height."""
    picture = Image.fromarray(image)
    if max_height is not None and picture.height > max_height:
        wh = max(1, round(picture.width * max_height / picture.height)), max_height
        picture = picture.resize(wh, Image.Resampling.BILINEAR, reducing_gap=1.0)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue(), picture.size
