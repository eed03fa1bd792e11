"""Types of the compiled kernels in ``csrc``; each has a NumPy twin in the module that uses it."""

import numpy as np
from numpy.typing import NDArray

simd: str
"""Vector instructions of the crop on this processor: "avx2", "neon" or "none"."""

_Pair = tuple[float, float]
_Row = tuple[float, float, float]

def image_from_crop(
    center: _Pair, wh: _Pair, degrees: float, side: int
) -> tuple[_Row, _Row, _Row]: ...
def crop(
    image: NDArray[np.uint8],
    center: _Pair,
    wh: _Pair,
    degrees: float,
    crop: NDArray[np.uint8],
    repeat_edge: bool,
    use_simd: bool = True,
) -> None: ...
def sample_mask(
    mask: NDArray[np.float32], matrix: tuple[_Row, _Row], out: NDArray[np.float32]
) -> None: ...
def blend_masks(
    mask: NDArray[np.float32],
    previous: NDArray[np.float32],
    ratio: float,
    out: NDArray[np.float32],
) -> None: ...
def copy_image(image: NDArray[np.uint8], out: NDArray[np.uint8]) -> None: ...
