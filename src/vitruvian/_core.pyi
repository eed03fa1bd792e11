"""Types of the compiled kernels in ``csrc``; each has a NumPy twin in the module that uses it."""

import numpy as np
from numpy.typing import NDArray

simd: str
"""Vector instructions of the crop on this processor: "avx2", "neon" or "none"."""

_Pair = tuple[float, float]
_Row = tuple[float, float, float]
_Array = NDArray[np.float32]
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
def i420_from_rgb(image: NDArray[np.uint8], out: NDArray[np.uint8]) -> None: ...
def decode_landmarks(
    outputs: tuple[_Array, _Array, _Array],
    kernel: int,
    center: _Pair,
    wh: _Pair,
    rotation: float,
    image_wh: tuple[int, int],
    out: tuple[_Array, _Array, _Array, _Array, _Array],
) -> None: ...
def alignment_side(points: _Array) -> float: ...
def region_from_alignment(
    points: _Array, image_wh: tuple[int, int]
) -> tuple[_Pair, _Pair, float] | None: ...

CATCH_UP_BYTES: int
CATCH_UP_POSE_BYTES: int
ONE_EURO_BYTES: int
ONE_EURO_POSE_BYTES: int
"""Sizes of the states of filters. A state is a bytearray; that of a new filter is all zero."""

def catch_up_pose(
    state: bytearray,
    rule: tuple[float, float, _Row, float, float, float, float, float],
    values: tuple[_Array, _Array, _Array],
    timestamp_us: int,
    size_px: float,
    out: tuple[_Array, _Array, _Array],
) -> None: ...
def one_euro_pose(
    image_state: bytearray,
    state: bytearray,
    rules: tuple[float, _Row, _Row],
    values: tuple[_Array, _Array, _Array],
    timestamp_us: int,
    size_px: float,
    out: tuple[_Array, _Array, _Array],
) -> None: ...
def catch_up_pair(
    state: bytearray, rule: _Row, points: _Array, timestamp_us: int, scale: float, out: _Array
) -> None: ...
def one_euro_pair(
    state: bytearray, rule: _Row, points: _Array, timestamp_us: int, scale: float, out: _Array
) -> None: ...
def paint_lines(canvas: NDArray[np.uint8], lines: NDArray[np.float64], rgba: _Rgba) -> None: ...
def paint_box(canvas: NDArray[np.uint8], box: _Five, rgba: _Rgba) -> None: ...
def paint_stamp(
    canvas: NDArray[np.uint8], stamp: NDArray[np.uint8], xy: tuple[int, int], rgba: _Rgba
) -> None: ...
def paint_mask(canvas: NDArray[np.uint8], mask: NDArray[np.float32], rgba: _Rgba) -> None: ...
