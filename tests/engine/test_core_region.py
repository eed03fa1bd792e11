"""The compiled region of the next frame against its NumPy version."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from vitruvian import native
from vitruvian.engine import warp

pytestmark = pytest.mark.skipif(native.core is None, reason="there is no compiled core")


def test_the_compiled_region_is_that_of_numpy() -> None:
    assert native.core is not None
    rng = np.random.default_rng(0)
    for _ in range(2000):
        points = rng.normal(300, 10 ** rng.uniform(-1, 3), (2, 3)).astype(np.float32)[:, :2]
        wh = int(rng.integers(1, 8000)), int(rng.integers(1, 8000))
        assert native.core.alignment_side(points) == warp._side(points)
        center, size, rotation = native.core.region_from_alignment(points, wh)
        expected = warp._roi(points, wh)
        assert expected is not None
        assert (center, size) == (expected.center, expected.wh)
        assert rotation == pytest.approx(expected.rotation, abs=1e-6)


@pytest.mark.parametrize("axis", [(0, 0), (0, 1), (1, 0), (1, 1)])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e30])
def test_points_that_are_not_finite_define_no_region(axis: tuple[int, int], value: float) -> None:
    assert native.core is not None
    points = np.array([[100, 200], [100, 120]], np.float32)
    points[axis] = value
    assert native.core.region_from_alignment(points, (640, 480)) is None
    with np.errstate(all="ignore"):
        assert warp._roi(points, (640, 480)) is None
        assert_array_equal(native.core.alignment_side(points), warp._side(points))
    assert native.core.region_from_alignment(points[[0, 0]], (640, 480)) is None


def test_the_region_of_wrong_arguments_is_an_error() -> None:
    assert native.core is not None
    points = np.zeros((2, 2), np.float32)
    for wrong in (points[:1], points.astype(np.float64), np.zeros((2, 3), np.float32), None):
        with pytest.raises(ValueError, match="points must"):
            native.core.region_from_alignment(wrong, (640, 480))
        with pytest.raises(ValueError, match="points must"):
            native.core.alignment_side(wrong)
    with pytest.raises(ValueError, match="image_wh must be positive"):
        native.core.region_from_alignment(points, (0, 480))
