"""Refinement by bones that keep their lengths."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.lift.stage import cameras_around, true_points

from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.lift.bones import BONES, with_constant_bones
from vitruvian.lift.triangulation import triangulated
from vitruvian.synthetic import Person, motions

TIMES_S = np.arange(40) / 20
MOTIONS = {
    "walk": motions.walk(1.2),
    "squat": motions.squat(1.5),
    "jumping_jack": motions.jumping_jack(1.2),
}


def truth_of(motion):
    return true_points([Person(motion=motion, position=(0.0, -0.8))], TIMES_S)[:, 0]


def refined(cameras, seen, weights=None):
    values = np.ones(seen.shape[:-1]) if weights is None else weights
    first = triangulated(cameras, seen, values).points
    start = triangulated(cameras, seen, values, max_error_px=np.inf).points
    return first, with_constant_bones(cameras, seen, values, first, start)


def seen_by(cameras, truth, noise_px, seed=0):
    points = np.stack([camera.image_from_world(truth) for camera in cameras])
    return points + np.random.default_rng(seed).normal(size=points.shape) * noise_px


def mean_mm(points, truth):
    return 1000 * np.nanmean(np.linalg.norm(points - truth, axis=-1))


def test_bones_are_the_same_left_and_right_and_each_is_there_once() -> None:
    pairs = {frozenset(pair) for pair in BONES.tolist()}
    assert len(pairs) == len(BONES)
    assert {frozenset(BLAZEPOSE.mirrored[i] for i in pair) for pair in pairs} == pairs
    assert set(BONES.ravel().tolist()) == set(range(33))


@pytest.mark.parametrize("name", MOTIONS)
@pytest.mark.parametrize("n", [2, 3])
def test_noise_gets_less(n: int, name: str) -> None:
    cameras = [*cameras_around(n).values()]
    truth = truth_of(MOTIONS[name])
    first, better = refined(cameras, seen_by(cameras, truth, 4.0))
    assert mean_mm(better, truth) < 0.9 * mean_mm(first, truth)


def test_without_noise_the_points_hardly_move() -> None:
    cameras = [*cameras_around(3).values()]
    truth = truth_of(MOTIONS["jumping_jack"])
    _, better = refined(cameras, seen_by(cameras, truth, 0.0))
    assert mean_mm(better, truth) < 3


def test_a_camera_that_is_wrong_has_little_effect() -> None:
    cameras = [*cameras_around(4).values()]
    truth = truth_of(MOTIONS["walk"])
    seen = seen_by(cameras, truth, 1.0)
    seen[1, :, 15] += 150
    _, better = refined(cameras, seen)
    assert mean_mm(better[:, 15], truth[:, 15]) < 30


def with_longer_left_shank(truth):
    shank = truth[:, 27] - truth[:, 25]
    longer = truth.copy()
    longer[:, [27, 29, 31]] += (0.05 * shank / np.linalg.norm(shank, axis=1, keepdims=True))[
        :, None
    ]
    return longer


def with_bending_trunk(truth):
    bent = truth.copy()
    bent[:, :23, 2] -= 0.06 * (1 - np.cos(np.pi * TIMES_S))[:, None]
    return bent


@pytest.mark.parametrize("change", [with_longer_left_shank, with_bending_trunk])
@pytest.mark.parametrize("n", [2, 3])
def test_noise_gets_less_if_lengths_differ_by_side_or_time(n: int, change) -> None:
    cameras = [*cameras_around(n).values()]
    truth = change(truth_of(MOTIONS["walk"]))
    first, better = refined(cameras, seen_by(cameras, truth, 3.0))
    assert mean_mm(better, truth) < 0.95 * mean_mm(first, truth)


def test_a_camera_that_sees_the_upper_body_only_does_no_harm() -> None:
    cameras = [*cameras_around(3).values()]
    truth = truth_of(MOTIONS["walk"])
    seen, weights = seen_by(cameras, truth, 3.0), np.ones((3, len(truth), 33))
    seen[2, :, 25:] += np.random.default_rng(1).normal(size=(len(truth), 8, 2)) * 60
    weights[2, :, 25:] = 0.1  # networks guess what is outside
    first, better = refined(cameras, seen, weights)
    assert mean_mm(better, truth) < 0.9 * mean_mm(first, truth)
    assert mean_mm(better[:, 25:], truth[:, 25:]) < 25


def test_what_is_missing_stays_missing_and_does_not_spread() -> None:
    cameras = [*cameras_around(3).values()]
    truth = truth_of(MOTIONS["walk"])
    seen = seen_by(cameras, truth, 1.0)
    seen[1:, :, 13] = np.nan
    seen[:, 10:20] = np.nan
    first, better = refined(cameras, seen)
    assert np.array_equal(np.isnan(better), np.isnan(first))
    assert mean_mm(better, truth) < 6
    nothing = np.full_like(seen, np.nan)
    assert np.isnan(refined(cameras, nothing)[1]).all()


def test_long_clips_are_the_same_as_their_parts_with_the_same_lengths() -> None:
    cameras = [*cameras_around(2).values()]
    truth = np.tile(truth_of(MOTIONS["walk"]), (9, 1, 1))
    seen = np.tile(seen_by(cameras, truth[:40], 2.0), (1, 9, 1, 1))
    _, better = refined(cameras, seen)
    assert_allclose(better[320:], better[:40], atol=1e-6)
