"""Sampling against OpenCV 4, which it equals to the bit, and the compiled kernels against NumPy."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.fakes import picture

from vitruvian import native
from vitruvian.engine import sampling
from vitruvian.engine.sampling import sample_crop, sample_mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from vitruvian.engine.sampling import Box

SIDES = (256, 224, 300, 64, 17, 3, 1)
SHAPES = ((480, 640), (300, 41), (1, 1), (2, 2), (3, 5), (1, 700), (700, 1))
EXTREME_SIZES = (0.0, 1e-40, -50.0, 1e9, 1e30, 1e38)

compiled = pytest.mark.skipif(native.core is None, reason="there is no compiled core")


def cases(n: int, seed: int = 0) -> Iterator[tuple[NDArray[np.uint8], Box, int]]:
    """Yield images with a box in them, off them, tiny, huge and rotated, and the side of a crop."""
    rng = np.random.default_rng(seed)
    images = [rng.integers(0, 256, (*hw, 3), np.uint8) for hw in SHAPES]
    for i, image in zip(range(n), itertools.cycle(images), strict=False):
        height, width = image.shape[:2]
        size = float(10 ** rng.uniform(-1, 4) if i % 3 else rng.uniform(0.5, 2) * width)
        other = size if i % 4 else float(size * rng.uniform(0.3, 3))
        degrees = float(rng.uniform(-180, 180) if i % 5 else rng.choice([0, 90, 180, -90, 45]))
        center = float(rng.uniform(-0.3, 1.3) * width), float(rng.uniform(-0.3, 1.3) * height)
        yield image, (center, (size, other), degrees), SIDES[i % len(SIDES)]


def numpy_crop(
    image: NDArray[np.uint8], box: Box, side: int, *, repeat_edge: bool
) -> NDArray[np.uint8]:
    crop = np.empty((side, side, 3), np.uint8)
    sampling._sample_crop(image, sampling.image_from_crop(box, side), crop, repeat_edge)
    return crop


def compiled_crop(
    image: NDArray[np.uint8], box: Box, side: int, *, repeat_edge: bool, use_simd: bool = True
) -> NDArray[np.uint8]:
    assert native.core is not None
    crop = np.empty((side, side, 3), np.uint8)
    native.core.crop(image, *box, crop, repeat_edge, use_simd)
    return crop


def opencv_crop(
    image: NDArray[np.uint8], box: Box, side: int, *, repeat_edge: bool
) -> NDArray[np.uint8]:
    corners = sampling._box_corners(box)
    target = np.array([[0, side], [0, 0], [side, 0], [side, side]], np.float32)
    _, matrix = cv2.invert(cv2.getPerspectiveTransform(corners, target))
    return np.asarray(
        cv2.warpPerspective(
            image,
            matrix,
            (side, side),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE if repeat_edge else cv2.BORDER_CONSTANT,
        )
    )


@pytest.mark.parametrize("repeat_edge", [True, False])
def test_crops_are_those_of_opencv_bit_for_bit(repeat_edge: bool) -> None:
    n_different = n = 0
    for image, box, side in cases(200):
        crop = np.empty((side, side, 3), np.uint8)
        sample_crop(image, box, crop, repeat_edge=repeat_edge)
        expected = opencv_crop(image, box, side, repeat_edge=repeat_edge)
        difference = np.abs(crop.astype(int) - expected)
        assert difference.max() <= 1
        n_different += np.count_nonzero(difference)
        n += difference.size
    # OpenCV 4.11 to 4.13: none; 4.14 computes a few positions differently in the last bit.
    assert n_different <= n / 100_000


def test_matrices_are_those_of_opencv_bit_for_bit() -> None:
    for _, box, side in cases(300):
        corners = sampling._box_corners(box)
        target = np.array([[0, side], [0, 0], [side, 0], [side, side]], np.float32)
        _, expected = cv2.invert(cv2.getPerspectiveTransform(corners, target))
        assert_array_equal(sampling.image_from_crop(box, side), expected)
        if native.core is not None:
            assert_array_equal(native.core.image_from_crop(*box, side), expected)


@compiled
@pytest.mark.parametrize("repeat_edge", [True, False])
@pytest.mark.parametrize("use_simd", [True, False])
def test_compiled_crops_are_those_of_numpy_bit_for_bit(repeat_edge: bool, use_simd: bool) -> None:
    for image, box, side in cases(150, seed=1):
        assert_array_equal(
            compiled_crop(image, box, side, repeat_edge=repeat_edge, use_simd=use_simd),
            numpy_crop(image, box, side, repeat_edge=repeat_edge),
        )


@compiled
@pytest.mark.parametrize("size", EXTREME_SIZES)
@pytest.mark.parametrize("degrees", [0.0, 30.0, 1e9])
def test_compiled_crops_of_extreme_boxes_are_those_of_numpy(size: float, degrees: float) -> None:
    image, box = picture(40, 30), ((20.5, 15.25), (size, size), degrees)
    assert_array_equal(
        compiled_crop(image, box, 65, repeat_edge=True),
        numpy_crop(image, box, 65, repeat_edge=True),
    )


VIEWS: dict[str, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
    "upside down": lambda image: image[::-1],
    "mirrored": lambda image: image[:, ::-1],
    "channels reversed": lambda image: image[..., ::-1],
    "turned": np.rot90,
    "every other row and third column": lambda image: image[::2, ::3],
    "part": lambda image: image[5:50, 7:60],
    "one row repeated": lambda image: np.broadcast_to(image[:1], image.shape),
}


@pytest.mark.parametrize("name", VIEWS)
def test_strided_and_read_only_images_give_the_same_crop_as_their_copy(name: str) -> None:
    view = VIEWS[name](picture(130, 96))
    view.flags.writeable = False
    box: Box = ((30.0, 25.5), (50.0, 60.0), 12.0)
    crops = [np.empty((64, 64, 3), np.uint8) for _ in range(2)]
    for image, crop in zip((view, np.ascontiguousarray(view)), crops, strict=True):
        sample_crop(image, box, crop, repeat_edge=True)
    assert_array_equal(*crops)


@compiled
@pytest.mark.parametrize("name", VIEWS)
def test_copies_of_views_are_those_of_numpy(name: str) -> None:
    assert native.core is not None
    view = VIEWS[name](picture(130, 96))
    out = np.empty(view.shape, np.uint8)
    native.core.copy_image(view, out)
    assert_array_equal(out, view)


def mask_cases(
    n: int,
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32], tuple[int, int]]]:
    rng = np.random.default_rng(2)
    for i in range(n):
        side = (256, 128, 7, 1)[i % 4]
        wh = ((640, 480), (33, 57), (3, 900), (1, 1), (700, 20))[i % 5]
        scale, angle = side / 10 ** rng.uniform(0, 3.4), rng.uniform(-4, 4) if i % 3 else 0.0
        cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
        matrix = np.array([[cos, sin, 0], [-sin, cos, 0]], np.float32)
        matrix[:, 2] = side / 2 - matrix[:, :2] @ (np.array(wh) / 2 * rng.uniform(0.3, 2))
        yield rng.random((side, side), np.float32), matrix, wh


# From OpenCV 4.14 on, sums of floats are rounded otherwise; integers, as in crops, are the same.
CV2_VERSION = tuple(map(int, cv2.__version__.split(".")[:2]))
LAST_BIT = 0 if CV2_VERSION < (4, 14) else 2**-23


def test_masks_are_those_of_opencv_bit_for_bit_up_to_4_13() -> None:
    for mask, matrix, wh in mask_cases(100):
        expected = cv2.warpAffine(mask, matrix, wh, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        twin = sampling._sample_mask(mask, matrix.astype(np.float64), wh)
        assert_array_equal(sample_mask(mask, matrix, wh), twin)
        assert_allclose(twin, np.asarray(expected), rtol=0, atol=LAST_BIT)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("part", range(5))
def test_a_box_that_is_not_finite_is_refused(bad: float, part: int) -> None:
    values = [10.0, 10.0, 5.0, 5.0, 0.0]
    values[part] = float(bad)
    x, y, width, height, degrees = values
    with pytest.raises(ValueError, match="finite"):
        sample_crop(
            picture(20, 20),
            ((x, y), (width, height), degrees),
            np.empty((8, 8, 3), np.uint8),
            repeat_edge=True,
        )


def test_an_image_that_is_too_large_is_refused() -> None:
    image = np.broadcast_to(np.uint8(0), (1, 32_767, 3))
    with pytest.raises(ValueError, match="at most 32766 px, got 32767x1"):
        sample_crop(
            image, ((5.0, 0.0), (3.0, 3.0), 0.0), np.empty((8, 8, 3), np.uint8), repeat_edge=True
        )


@compiled
def test_the_compiled_core_refuses_wrong_arrays() -> None:
    assert native.core is not None
    image, crop = picture(20, 20), np.empty((8, 8, 3), np.uint8)
    box = (5.0, 5.0), (3.0, 3.0), 0.0
    wrong_images = (
        image[..., :2],
        image[..., 0],
        image.astype(np.float32),
        image[:0],
        image.astype(np.int8),
        image.tobytes(),
        None,
    )
    for wrong in wrong_images:
        with pytest.raises((ValueError, TypeError)):
            native.core.crop(wrong, *box, crop, True)
    wrong_crops = (
        crop[:, ::-1],
        crop[:4],
        crop.astype(np.float64),
        np.broadcast_to(crop[:1], crop.shape),
        crop.tobytes(),
        np.empty((0, 0, 3), np.uint8),
    )
    for wrong in wrong_crops:
        with pytest.raises((ValueError, TypeError)):
            native.core.crop(image, *box, wrong, True)
    mask, out = np.zeros((4, 4), np.float32), np.zeros((5, 5), np.float32)
    rows = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)
    for arrays in ((mask[:3], out), (mask.astype(np.float64), out), (mask, out[::2]), (mask, None)):
        with pytest.raises((ValueError, TypeError)):
            native.core.sample_mask(arrays[0], rows, arrays[1])
    with pytest.raises(ValueError, match="same shape"):
        native.core.blend_masks(mask, mask[:2], 0.5, mask.copy())
    with pytest.raises(ValueError, match="shape of image"):
        native.core.copy_image(image, crop)


@compiled
def test_masks_with_values_that_are_not_numbers_are_sampled() -> None:
    mask = np.full((4, 4), np.nan, np.float32)
    matrix = np.array([[np.nan, 0, 0], [0, np.inf, 1e38]], np.float32)
    assert sample_mask(mask, matrix, (9, 7)).shape == (7, 9)
