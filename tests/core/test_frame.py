from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from PIL import Image

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


def test_other_arrays_become_uint8_rgb() -> None:
    frame = Frame(np.full((4, 6), 0.5, np.float32))
    assert (frame.image.dtype, frame.image.shape) == (np.uint8, (4, 6, 3))
    assert not frame.image.flags.writeable


@pytest.mark.parametrize("image", [None, [[[0, 0, 0]]], "a.png", b"", Image.new("RGB", (2, 2))])
def test_anything_but_an_array_is_a_type_error_that_names_load_image(image: Any) -> None:
    message = f"must be an array, got {type(image).__name__}: vitruvian.load_image reads"
    with pytest.raises(TypeError, match=message):
        Frame(image)


@pytest.mark.parametrize("name", ["timestamp_us", "index"])
@pytest.mark.parametrize("value", [1.0, True, None, "1", np.float32(1), np.bool_(True)])
def test_a_time_or_index_that_is_no_integer_is_a_type_error(name: str, value: Any) -> None:
    with pytest.raises(TypeError, match=f"{name} must be an integer, got"):
        Frame(np.zeros((1, 1, 3), np.uint8), **{name: value})


@pytest.mark.parametrize("name", ["timestamp_us", "index"])
def test_a_negative_time_or_index_is_a_value_error(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must not be negative, got -1"):
        Frame(np.zeros((1, 1, 3), np.uint8), **{name: -1})
