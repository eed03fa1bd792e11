"""Arrays of every type and layout become uint8 RGB by one rule."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from vitruvian.core.pixels import rgb_pixels

LEVELS = np.arange(256, dtype=np.uint8)


def picture() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)


class Tensor:
    """Converts to an array, as tensors do."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self.array if dtype is None else self.array.astype(dtype)


class GpuTensor:
    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        raise TypeError("can't convert cuda:0 device type tensor to numpy.\nUse Tensor.cpu() first")


def test_rgb_is_returned_without_a_copy() -> None:
    whole = picture()
    assert np.shares_memory(rgb_pixels(whole), whole)
    assert type(rgb_pixels(whole.view(np.ma.MaskedArray))) is np.ndarray


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, ">f4", np.longdouble])
def test_floats_from_0_to_1_give_every_level_back(dtype: Any) -> None:
    grey = (LEVELS / 255).astype(dtype)[None]
    np.testing.assert_array_equal(rgb_pixels(grey)[0, :, 0], LEVELS)


@pytest.mark.parametrize("value", [-0.001, 1.001, 1 + 1e-6])
def test_a_rounding_error_outside_0_to_1_is_clipped(value: float) -> None:
    assert rgb_pixels(np.full((2, 2), value))[0, 0, 0] == (0 if value < 0 else 255)


@pytest.mark.parametrize("value", [-0.1, 1.1, 255.0, np.nan, np.inf])
def test_a_float_outside_0_to_1_is_a_value_error_with_the_range(value: float) -> None:
    image = np.full((4, 4, 3), 0.5)
    image[1, 1, 1] = value
    with pytest.raises(
        ValueError, match=r"image must hold floats from 0 to 1, got (NaN|.* to)"
    ) as info:
        rgb_pixels(image)
    assert "\n" not in str(info.value)


@pytest.mark.parametrize("dtype", ["<u2", ">u2"])
def test_uint16_keeps_the_upper_8_bits(dtype: str) -> None:
    deep = (picture().astype(np.uint16) * 256 + 77).astype(dtype)
    np.testing.assert_array_equal(rgb_pixels(deep), picture())


def test_bool_is_black_and_white() -> None:
    assert rgb_pixels(np.array([[False, True]])).tolist() == [[[0] * 3, [255] * 3]]


@pytest.mark.parametrize("dtype", [np.int64, np.int8, np.uint32, complex, object, "U1", "M8[s]"])
def test_values_of_other_types_are_a_type_error(dtype: Any) -> None:
    with pytest.raises(TypeError, match=r"must hold uint8, uint16, bool, or float values .* got"):
        rgb_pixels(np.zeros((4, 4, 3), dtype))


def test_grey_and_alpha_are_converted() -> None:
    rgb = picture()
    grey = np.repeat(rgb[..., :1], 3, axis=2)
    alpha = np.full((5, 7, 1), 9, np.uint8)
    expected = [
        (rgb[..., 0], grey),
        (rgb[..., :1], grey),
        (np.concatenate([rgb[..., :1], alpha], axis=2), grey),
        (np.concatenate([rgb, alpha], axis=2), rgb),
    ]
    for given, pixels in expected:
        np.testing.assert_array_equal(rgb_pixels(given), pixels)
        if given.ndim == 3:
            np.testing.assert_array_equal(rgb_pixels(np.moveaxis(given, 2, 0)), pixels)


def test_channels_are_last_where_both_axes_could_be() -> None:
    image = np.random.default_rng(0).integers(0, 256, (3, 9, 3), np.uint8)
    assert np.shares_memory(rgb_pixels(image), image)
    np.testing.assert_array_equal(rgb_pixels(image), image)


def test_views_and_tensors_give_the_same_pixels() -> None:
    rgb = picture()
    for view in (rgb[::-1], rgb[:, ::-2], rgb[..., ::-1], np.asfortranarray(rgb), np.rot90(rgb)):
        np.testing.assert_array_equal(rgb_pixels(view), view)
        np.testing.assert_array_equal(rgb_pixels(Tensor(view)), view)
    channels_first = Tensor((rgb / 255).astype(np.float32).transpose(2, 0, 1))
    np.testing.assert_array_equal(rgb_pixels(channels_first), rgb)


def test_a_tensor_that_does_not_convert_tells_why_in_one_line() -> None:
    with pytest.raises(TypeError) as info:
        rgb_pixels(GpuTensor())
    expected = "can't convert GpuTensor to an array: can't convert cuda:0 device type tensor to"
    assert str(info.value).startswith(expected)
    assert "\n" not in str(info.value)


@pytest.mark.parametrize(
    "shape", [(), (12,), (5, 7, 5), (0, 4, 3), (4, 0, 3), (3, 0, 4), (0, 0), (1, 4, 4, 3)]
)
def test_another_shape_is_a_value_error(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"shape \(H, W, 3\) in RGB order, got \(") as info:
        rgb_pixels(np.zeros(shape, np.uint8))
    assert str(shape) in str(info.value)
    assert ("give one image of the batch" in str(info.value)) == (len(shape) == 4)
    assert ("give an encoded image as bytes" in str(info.value)) == (len(shape) == 1)
