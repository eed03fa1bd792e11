"""The filters of a frame: the compiled ones against their NumPy twins over long runs."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from vitruvian import native
from vitruvian.engine.landmarker import RawPose
from vitruvian.track import smoothing

pytestmark = pytest.mark.skipif(native.core is None, reason="there is no compiled core")

# Left and right, from the shoulders down.
SWAPPED = np.array([*range(11), *(i + 1 if i % 2 else i - 1 for i in range(11, 33))])


def noisy_poses(n: int, seed: int) -> list[tuple[RawPose, int, float]]:
    """Return a moving body with jitter, swaps, gaps, and times that repeat and go back."""
    rng = np.random.default_rng(seed)
    body = rng.normal(0, 100, (33, 3))
    world = rng.normal(0, 0.4, (33, 3))
    poses, now_us, size_px = [], 0, 400.0
    for i in range(n):
        step = rng.choice([33_333, 33_334, 0, -20_000, 500_000], p=[0.6, 0.3, 0.04, 0.02, 0.04])
        now_us += int(step)
        size_px = float(np.clip(size_px * rng.uniform(0.97, 1.03), 1, 4000))
        path = np.array([300 * np.sin(i / 40), 40 * np.cos(i / 25), 0])
        moved = body + path + rng.normal(0, 2, (33, 3))
        moved_world = world + rng.normal(0, 0.01, (33, 3))
        if i % 50 in (10, 11, 12):
            moved, moved_world = moved[SWAPPED], moved_world[SWAPPED]
        if i % 400 == 399:
            size_px = 1e-7  # a person without size
        pose = RawPose(
            landmarks=moved.astype(np.float32),
            auxiliary=moved[:2].astype(np.float32),
            visibility=rng.random(33).astype(np.float32),
            presence=np.ones(33, np.float32),
            world=moved_world.astype(np.float32),
            score=1.0,
            mask=None,
        )
        poses.append((pose, now_us, size_px))
        size_px = max(size_px, 1.0)
    return poses


@pytest.mark.parametrize("name", ["one-euro", "catch-up"])
@pytest.mark.parametrize("slowness", [1.0, 16.0, 0.01])
def test_compiled_filters_stay_with_those_of_numpy(name: str, slowness: float) -> None:
    assert native.core is not None
    compiled = smoothing.CORE_FILTERS[name](native.core, slowness)
    twin = smoothing.FILTERS[name](slowness)
    for i, (pose, now_us, size_px) in enumerate(noisy_poses(1500, seed=1)):
        if i % 300 == 299:
            for filters in (compiled, twin):
                filters.mark_lost(reset_all=i % 600 == 599)
        ours, theirs = (f(pose, now_us, size_px) for f in (compiled, twin))
        assert_allclose(ours.visibility, theirs.visibility, rtol=1e-5, atol=1e-6)
        # 1e-6 of the coordinates' size, which the sums of the filters are rounded to.
        assert_allclose(ours.landmarks, theirs.landmarks, rtol=1e-6, atol=5e-4, err_msg=str(i))
        assert_allclose(ours.world, theirs.world, rtol=1e-6, atol=2e-6, err_msg=str(i))


@pytest.mark.parametrize("name", ["one-euro", "catch-up"])
def test_compiled_filters_of_the_region_stay_with_those_of_numpy(name: str) -> None:
    assert native.core is not None
    compiled, twin = smoothing.CORE_ROI_FILTERS[name](native.core), smoothing.ROI_FILTERS[name]()
    for i, (pose, now_us, size_px) in enumerate(noisy_poses(1500, seed=2)):
        if i % 300 == 299:
            compiled.reset()
            twin.reset()
        points = pose.auxiliary[:, :2]
        ours, theirs = (f(points, now_us, 1 / size_px) for f in (compiled, twin))
        assert_allclose(ours, theirs, rtol=1e-6, atol=1e-3)


def test_reset_compiled_filters_are_as_new() -> None:
    assert native.core is not None
    for name in ("one-euro", "catch-up"):
        used, new = (smoothing.CORE_FILTERS[name](native.core, 1.0) for _ in range(2))
        poses = noisy_poses(40, seed=3)
        for pose, now_us, size_px in poses:
            used(pose, now_us, size_px)
        used.mark_lost(reset_all=True)
        for pose, now_us, size_px in poses:
            ours, theirs = (f(pose, now_us, size_px) for f in (used, new))
            np.testing.assert_array_equal(ours.landmarks, theirs.landmarks)
            np.testing.assert_array_equal(ours.world, theirs.world)


def test_wrong_arrays_and_states_are_refused() -> None:
    assert native.core is not None
    core = native.core
    points, out = np.zeros((2, 2), np.float32), np.zeros((2, 2), np.float32)
    rule = (0.1, 0.002, 1.5)
    core.catch_up_pair(bytearray(core.CATCH_UP_BYTES), rule, points, 0, 1.0, out)
    for state, values, result in (
        (bytearray(5), points, out),
        (bytes(core.CATCH_UP_BYTES), points, out),
        (bytearray(core.CATCH_UP_BYTES), points[:1], out),
        (bytearray(core.CATCH_UP_BYTES), points.astype(np.float64), out),
        (bytearray(core.CATCH_UP_BYTES), points, out[:1]),
    ):
        with pytest.raises(ValueError, match="must"):
            core.catch_up_pair(state, rule, values, 0, 1.0, result)
