"""Pictures that go to the page: frames of server cameras as JPEG, masks as PNG."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["jpeg_picture", "png_wh"]

QUALITY = 80


def jpeg_picture(image: NDArray[np.uint8], max_height: int) -> tuple[bytes, tuple[int, int]]:
    """Return an RGB image as JPEG of at most `max_height`, and its width and height."""
    picture = Image.fromarray(image)
    if picture.height > max_height:
        wh = max(1, round(picture.width * max_height / picture.height)), max_height
        picture = picture.resize(wh, Image.Resampling.BILINEAR, reducing_gap=1.0)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=QUALITY)
    return file.getvalue(), picture.size


def png_wh(data: bytes) -> tuple[int, int]:
    """Return width and height in the header of a PNG image, px."""
    width, height = struct.unpack_from(">II", data, 16)  # ISO/IEC 15948, 11.2.2
    return width, height
