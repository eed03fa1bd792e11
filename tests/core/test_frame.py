from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from vitruvian import Frame


def test_a_frame_has_size_time_and_index() -> None:
    frame = Frame(np.zeros((3, 5, 3), np.uint8), np.int64(40_000), np.uint8(7))
    assert (frame.width, frame.height, frame.timestamp_us, frame.index) == (5, 3, 40_000, 7)
    assert type(frame.timestamp_us) is type(frame.index) is int


def test_pixels_are_packed_and_read_only() -> None:
    whole = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)
    for given in (whole, whole[:, ::-1], whole[::2, ::2], np.rot90(whole), whole[..., ::-1]):
        frame = Frame(given)
        np.testing.assert_array_equal(frame.image, given)
        assert frame.image.strides[1:] == (3, 1)
        with pytest.raises(ValueError, match="read-only"):
            frame.image[0, 0] = 0


def test_pixels_whose_rows_are_packed_are_not_copied() -> None:
    whole = np.zeros((6, 8, 3), np.uint8)
    assert np.shares_memory(Frame(whole[1:5, 2:6]).image, whole)
    assert not np.shares_memory(Frame(whole[..., ::-1]).image, whole)


def test_a_copy_of_a_frame_is_equal_and_read_only() -> None:
    frame = Frame(np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3), 7, 3)
    for twin in (copy.deepcopy(frame), pickle.loads(pickle.dumps(frame))):
        assert twin == frame
        assert not twin.image.flags.writeable
    assert Frame(frame.image, 7, 4) != frame


def test_the_callers_array_stays_writable() -> None:
    image = np.zeros((2, 2, 3), np.uint8)
    Frame(image)
    image[0, 0] = 1


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (None, "image must be a NumPy array, got NoneType"),
        ([[[0, 0, 0]]], "image must be a NumPy array, got list"),
        (np.zeros((4, 4, 3)), "uint8 values from 0 to 255, got float64"),
        (np.full((4, 4, 3), np.nan, np.float32), "uint8 values from 0 to 255, got float32"),
        (np.zeros((4, 4, 3), np.uint16), "uint8 values from 0 to 255, got uint16"),
        (np.zeros((4, 4, 3), np.int8), "uint8 values from 0 to 255, got int8"),
        (np.zeros((4, 4, 3), bool), "uint8 values from 0 to 255, got bool"),
        (np.zeros((4, 4, 3), object), "uint8 values from 0 to 255, got object"),
    ],
)
def test_anything_but_a_uint8_array_is_a_type_error(image: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Frame(image)


@pytest.mark.parametrize(
    "shape", [(4, 4), (4, 4, 1), (4, 4, 4), (4, 4, 3, 1), (3, 4, 4), (0, 4, 3), (4, 0, 3), (12,)]
)
def test_another_shape_is_a_value_error(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"shape \(H, W, 3\) in RGB order, got \(") as info:
        Frame(np.zeros(shape, np.uint8))
    assert str(info.value).endswith(str(shape))


@pytest.mark.parametrize("name", ["timestamp_us", "index"])
@pytest.mark.parametrize("value", [1.0, True, None, "1", np.float32(1), np.bool_(True)])
def test_a_time_or_index_that_is_no_integer_is_a_type_error(name: str, value: Any) -> None:
    with pytest.raises(TypeError, match=f"{name} must be an integer, got"):
        Frame(np.zeros((1, 1, 3), np.uint8), **{name: value})


@pytest.mark.parametrize("name", ["timestamp_us", "index"])
def test_a_negative_time_or_index_is_a_value_error(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must not be negative, got -1"):
        Frame(np.zeros((1, 1, 3), np.uint8), **{name: -1})
