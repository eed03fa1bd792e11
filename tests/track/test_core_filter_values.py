"""The compiled filters with values that are not finite, and with random bytes as their state."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.track.filter_values import fuzz, strange_poses

from vitruvian import native
from vitruvian.track import smoothing

pytestmark = pytest.mark.skipif(native.core is None, reason="there is no compiled core")


@pytest.mark.parametrize("name", ["one-euro", "catch-up"])
@pytest.mark.parametrize(("seed", "slowness"), [(0, 1.0), (1, 0.1), (2, 16.0)])
def test_compiled_filters_give_nan_where_numpy_does(name: str, seed: int, slowness: float) -> None:
    assert native.core is not None
    rng = np.random.default_rng(seed)
    ours = smoothing.CORE_FILTERS[name](native.core, slowness)
    theirs = smoothing.FILTERS[name](slowness)
    for raw, now_us, size_px in strange_poses(1500, seed):
        one = ours(raw, now_us, size_px)
        with np.errstate(all="ignore"):
            other = theirs(raw, now_us, size_px)
        for values in ("landmarks", "visibility", "world"):
            actual, expected = getattr(one, values), getattr(other, values)
            if name == "one-euro":  # no sums
                assert_array_equal(actual, expected, err_msg=values)
            else:
                assert_allclose(actual, expected, rtol=1e-6, atol=1e-5, err_msg=values)
        if rng.random() < (0.2 if np.isnan(other.world).any() else 0.005):
            reset_all = bool(rng.integers(2))
            ours.mark_lost(reset_all=reset_all)
            theirs.mark_lost(reset_all=reset_all)


@pytest.mark.parametrize("name", ["one-euro", "catch-up"])
def test_a_copy_of_compiled_filters_goes_on_alone(name: str) -> None:
    assert native.core is not None
    filters = smoothing.CORE_FILTERS[name](native.core, 1.0)
    poses = strange_poses(20, 5)
    for pose in poses[:10]:
        filters(*pose)
    copies = copy.deepcopy(filters), pickle.loads(pickle.dumps(filters))
    expected = [filters(*pose) for pose in poses[10:]]
    for duplicate in copies:
        for pose, before in zip(poses[10:], expected, strict=True):
            assert_array_equal(duplicate(*pose).world, before.world)


def test_random_bytes_are_valid_states_constants_and_values() -> None:
    assert native.core is not None
    fuzz(native.core, 300)
