"""Types of the compiled kernels in ``csrc``; each has a NumPy twin in the module that uses it."""

from numpy.typing import NDArray
import numpy as np

simd: str
"""Vector instructions of the crop on this processor: "avx2", "neon" or "none"."""

_Pair = tuple[float, float]
_Row = tuple[float, float, float]
_Five = tuple[float, float, float, float, float]
_Rgba = tuple[int, int, int, int]

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
def paint_lines(canvas: NDArray[np.uint8], lines: NDArray[np.float64], rgba: _Rgba) -> None: ...
def paint_box(canvas: NDArray[np.uint8], box: _Five, rgba: _Rgba) -> None: ...
def paint_stamp(
    canvas: NDArray[np.uint8], stamp: NDArray[np.uint8], xy: tuple[int, int], rgba: _Rgba
) -> None: ...
def paint_mask(canvas: NDArray[np.uint8], mask: NDArray[np.float32], rgba: _Rgba) -> None: ...
