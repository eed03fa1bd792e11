"""Decoding of the landmark network's outputs: the compiled kernel against its NumPy twin."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from vitruvian import Roi, native
from vitruvian.engine import landmarker

Outputs = tuple[NDArray[np.float32], ...]
STRANGE = (np.nan, np.inf, -np.inf, 1e30, -1e30, 2.0**33, -(2.0**33), 1e9)
QUANTITIES = ("landmarks", "auxiliary", "visibility", "presence", "world", "spread_px")

pytestmark = pytest.mark.skipif(native.core is None, reason="there is no compiled core")


def random_outputs(rng: np.random.Generator) -> Outputs:
    """Return outputs with points in and outside the crop, and heat from none to much."""
    raw = rng.normal(128, 90, (39, 5)).astype(np.float32)
    raw[:, 3:] = rng.normal(0, 30, (39, 2))
    heat = rng.normal(rng.choice([-8, -1, 0, 3]), 2, (64, 64, 39)).astype(np.float32)
    world = rng.normal(0, 0.5, 117).astype(np.float32)
    return raw.ravel(), np.array([0.9], np.float32), heat, world


def random_roi(rng: np.random.Generator) -> Roi:
    x, y, rotation = rng.uniform((-100, -100, -3.1), (2000, 1200, 3.1)).tolist()
    side = float(10 ** rng.uniform(0, 3.5))
    return Roi((x, y), (side, side), rotation)


def decoded_both_ways(outputs: Outputs, roi: Roi, kernel: int) -> tuple[landmarker.RawPose, ...]:
    assert native.core is not None
    wh = (1920, 1080)
    compiled = landmarker._decoded_by_core(native.core, outputs, roi, wh, kernel)
    with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
        return compiled, landmarker._decoded(outputs, roi, wh, kernel)


@pytest.mark.parametrize("kernel", [7, 9, 3])
def test_compiled_decoding_is_that_of_numpy(kernel: int) -> None:
    rng = np.random.default_rng(kernel)
    for _ in range(60):
        roi = random_roi(rng)
        compiled, twin = decoded_both_ways(random_outputs(rng), roi, kernel)
        # A sum of numbers of the image's size: its rounding does not shrink with the result.
        scale = {"landmarks": 1920 + roi.wh[0], "auxiliary": 1920 + roi.wh[0]}
        for name in QUANTITIES:
            assert_allclose(
                getattr(compiled, name),
                getattr(twin, name),
                rtol=2e-6,
                atol=1e-6 * scale.get(name, 0.1),
                err_msg=name,
            )
        assert compiled.score == twin.score


def test_heat_at_the_threshold_is_decided_alike() -> None:
    rng = np.random.default_rng(3)
    roi = Roi((500.0, 500.0), (400.0, 400.0))
    for logit in (0.0, -0.0, 1e-8, -1e-8, -1e-7, -1.7e-7, -1.8e-7, -1.9e-7, -2e-7, -1e-6, 1e-6):
        outputs = random_outputs(rng)
        outputs[2][:] = np.float32(logit)
        compiled, twin = decoded_both_ways(outputs, roi, 7)
        assert_allclose(compiled.landmarks, twin.landmarks, atol=1e-3)


@pytest.mark.parametrize("kernel", [1, 7, 9, 31])
def test_the_compiled_decoder_gives_nan_where_numpy_does(kernel: int) -> None:
    assert native.core is not None
    rng = np.random.default_rng(kernel)
    roi = Roi((300.0, 200.0), (250.0, 250.0), 0.3)
    for _ in range(30):
        raw = rng.normal(0, 3, (39, 5)).astype(np.float32)
        raw[:, :2] = rng.uniform(-40, 300, (39, 2))
        heat = rng.normal(-4, 3, (64, 64, 39)).astype(np.float32)
        world = rng.normal(0, 0.5, 117).astype(np.float32)
        for values, n in ((raw, 8), (heat, 500), (world, 3)):
            values.reshape(-1)[rng.integers(0, values.size, n)] = rng.choice(STRANGE, n)
        outputs = raw.reshape(-1), np.float32([0.9]), heat, world
        ours = landmarker._decoded_by_core(native.core, outputs, roi, (640, 480), kernel)
        with np.errstate(all="ignore"):
            theirs = landmarker._decoded(outputs, roi, (640, 480), kernel)
        for name in QUANTITIES:
            # A spread near 0 is the root of a rounding error.
            assert_allclose(
                getattr(ours, name), getattr(theirs, name), rtol=2e-6, atol=1e-2, err_msg=name
            )


def test_wrong_arrays_are_refused() -> None:
    assert native.core is not None
    raw, _, heat, world = random_outputs(np.random.default_rng(0))
    shapes = (35, 3), (33,), (33,), (33, 3), (33,)
    out = tuple(np.empty(shape, np.float32) for shape in shapes)
    roi = (5.0, 5.0), (3.0, 3.0), 0.0, (10.0, 10.0)
    native.core.decode_landmarks((raw, heat, world), 7, *roi, out)
    wrong = [
        ((raw[:-1], heat, world), 7, out),
        ((raw, heat[:-1], world), 7, out),
        ((raw, heat, world.astype(np.float64)), 7, out),
        ((raw, heat, world), 8, out),
        ((raw, heat, world), 33, out),
        ((raw, heat, world), 7, (out[0][:-1], *out[1:])),
    ]
    for inputs, kernel, arrays in wrong:
        with pytest.raises(ValueError, match="must"):
            native.core.decode_landmarks(inputs, kernel, *roi, arrays)


def test_decoding_without_a_heat_map_is_that_of_a_cold_one() -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        (points, score, heat, world), roi = random_outputs(rng), random_roi(rng)
        cold = (points, score, np.full_like(heat, -20), world)
        expected = landmarker.decode_pose(cold, roi, (1920, 1080), 7)
        pose = landmarker.decode_landmarks(points, world[:99], float(score[0]), roi, (1920, 1080))
        scale = 1920 + roi.wh[0]
        for name in QUANTITIES[:-1]:
            one, other = getattr(pose, name), getattr(expected, name)
            assert_allclose(one, other, rtol=2e-6, atol=1e-6 * scale, err_msg=name)
        assert pose.spread_px is None
        assert pose.score == expected.score
