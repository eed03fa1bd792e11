from __future__ import annotations

import json

import numpy as np
import pytest

from vitruvian.core._arrays import frozen_floats, json_floats, read_only


def test_an_array_that_can_be_written_to_is_copied() -> None:
    given = np.zeros((2, 3), np.float32)
    locked = given.view()
    locked.flags.writeable = False
    for values in (given, locked, given[:, ::-1]):
        frozen = frozen_floats(values, (2, 3), "points")
        assert not np.shares_memory(frozen, given)
        assert not frozen.flags.writeable
    given[0, 0] = 1


def test_an_array_without_a_writable_base_is_not_copied() -> None:
    given = read_only(np.zeros((2, 3), np.float32))
    assert frozen_floats(given, (2, 3), "points") is given
    assert np.shares_memory(frozen_floats(given[0], (3,), "point"), given)


def test_lists_and_other_numbers_become_float32() -> None:
    for given in ([[1, 2]], ((1.0, 2.0),), np.array([[1, 2]], np.int64)):
        frozen = frozen_floats(given, (1, 2), "points")
        assert frozen.dtype == np.float32
        assert frozen.tolist() == [[1.0, 2.0]]


@pytest.mark.parametrize(("shape", "pattern"), [((4, 3), (-1, 3)), ((0, 3), (-1, 3)), ((), ())])
def test_minus_one_matches_any_length(shape: tuple[int, ...], pattern: tuple[int, ...]) -> None:
    assert frozen_floats(np.zeros(shape), pattern, "points").shape == shape


@pytest.mark.parametrize("shape", [(3, 4), (4,), (4, 3, 1), (4, 2), ()])
def test_another_shape_is_an_error_that_names_both_shapes(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"points must have shape \(-1, 3\), got") as info:
        frozen_floats(np.zeros(shape), (-1, 3), "points")
    assert str(info.value).endswith(str(shape))


def test_the_json_round_trip_of_numbers_of_every_size_is_exact() -> None:
    info = np.finfo(np.float32)
    given = np.array([info.tiny, info.smallest_subnormal, info.max, -0.0, 1 / 3, 16_777_216], "f4")
    loaded = np.array(json.loads(json.dumps(json_floats(given))), np.float32)
    assert loaded.tobytes() == given.tobytes()


def test_nan_is_none_and_the_numbers_beside_it_stay_numbers() -> None:
    values = json_floats(np.array([[0.1, np.nan], [2.0, 3.0]], np.float32))
    assert values == [[0.1, None], [2.0, 3.0]]
    assert all(isinstance(value, float) for value in (values[0][0], values[1][0]))
