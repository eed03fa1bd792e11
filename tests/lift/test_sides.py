"""Exchanges of left and right in one of several cameras."""

from __future__ import annotations

import numpy as np
import pytest
from tests.lift.stage import cameras_around, true_points

from vitruvian.core.limbs import MIRRORED
from vitruvian.lift.sides import swapped_sides
from vitruvian.synthetic import Person, motions

TIMES_S = np.arange(50) / 25
WALKER = true_points([Person(motion=motions.walk(1.2), position=(0.0, -1.2))], TIMES_S)[:, 0]


def seen_by(cameras, swapped, noise_px=2.0):
    points = np.stack([camera.image_from_world(WALKER) for camera in cameras])
    points += np.random.default_rng(0).normal(size=points.shape) * noise_px
    points[swapped] = points[swapped][:, MIRRORED]
    return points, np.ones(points.shape[:-1])


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_an_exchange_in_one_camera_is_found(n: int) -> None:
    cameras = [*cameras_around(n).values()]
    swapped = np.zeros((n, 50), bool)
    swapped[1, 20:32] = True
    swapped[1, 40] = True
    found = swapped_sides(cameras, *seen_by(cameras, swapped))
    assert (found == swapped).mean() > 0.99


def test_an_exchange_in_the_first_frames_is_found_from_those_that_follow() -> None:
    cameras = [*cameras_around(2).values()]
    swapped = np.zeros((2, 50), bool)
    swapped[0, :7] = True
    assert (swapped_sides(cameras, *seen_by(cameras, swapped)) == swapped).all()


def test_exchanges_in_two_of_four_cameras_are_found() -> None:
    cameras = [*cameras_around(4).values()]
    swapped = np.zeros((4, 50), bool)
    swapped[[0, 2], 10:15] = True
    assert (swapped_sides(cameras, *seen_by(cameras, swapped)) == swapped).all()


@pytest.mark.parametrize("n", [2, 3, 4])
def test_without_exchanges_nothing_is_found(n: int) -> None:
    cameras = [*cameras_around(n).values()]
    none = np.zeros((n, 50), bool)
    assert not swapped_sides(cameras, *seen_by(cameras, none, noise_px=4.0)).any()


def test_two_cameras_that_disagree_in_every_frame_change_nothing() -> None:
    cameras = [*cameras_around(2).values()]
    swapped = np.zeros((2, 50), bool)
    swapped[0] = True
    assert not swapped_sides(cameras, *seen_by(cameras, swapped)).any()


def test_a_camera_that_sees_nothing_is_no_matter() -> None:
    cameras = [*cameras_around(3).values()]
    swapped = np.zeros((3, 50), bool)
    swapped[0, 20:25] = True
    points, weights = seen_by(cameras, swapped)
    points[2], weights[2] = np.nan, 0.0
    assert (swapped_sides(cameras, points, weights) == swapped).all()
    points[:], weights[:] = np.nan, 0.0
    assert not swapped_sides(cameras, points, weights).any()
