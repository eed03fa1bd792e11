"""Triangulation of points from their images."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.lift.stage import cameras_around

from vitruvian.lift.triangulation import triangulated

POINTS = np.random.default_rng(0).uniform([-1, -1, 0], [1, 1, 2], (50, 33, 3))


def images(cameras, points=POINTS):
    return np.stack([camera.image_from_world(points) for camera in cameras])


@pytest.mark.parametrize("n", [2, 3, 5])
def test_points_come_back_from_their_images(n: int) -> None:
    cameras = [*cameras_around(n).values()]
    found = triangulated(cameras, images(cameras))
    assert_allclose(found.points, POINTS, atol=1e-7)
    assert found.errors_px.shape == (n, 50, 33)
    assert found.errors_px.max() < 1e-4
    assert found.is_used.all()


def test_points_come_back_through_distorting_lenses() -> None:
    one, two, three = cameras_around(3).values()
    cameras = [
        replace(one, distortions=[-0.2, 0.05, 0.001, -0.002, 0.01]),
        replace(two, distortions=[0.05, -0.01, 0.002, 0.0], is_fisheye=True),
        three,
    ]
    assert_allclose(triangulated(cameras, images(cameras)).points, POINTS, atol=1e-5)


def test_the_smallest_singular_vector_is_the_answer() -> None:
    cameras = [*cameras_around(3).values()]
    seen = images(cameras) + np.random.default_rng(1).normal(size=(3, 50, 33, 2))
    weights = np.random.default_rng(2).uniform(0.1, 1, (3, 50, 33))
    found = triangulated(cameras, seen, weights).points[7, 3]
    rows = []
    for camera, point, weight in zip(cameras, seen[:, 7, 3], weights[:, 7, 3], strict=True):
        u, v = camera.rays_from_image(point)
        p = np.column_stack([camera.rotation, camera.translation])
        rows += [weight * (p[0] - u * p[2]), weight * (p[1] - v * p[2])]
    x, y, z, w = np.linalg.svd(np.array(rows))[2][-1]
    assert_allclose(found, [x / w, y / w, z / w], atol=1e-9)


def test_a_point_that_fewer_than_two_cameras_see_is_nan() -> None:
    cameras = [*cameras_around(3).values()]
    seen = images(cameras)
    seen[1:, 0] = np.nan
    weights = np.ones(seen.shape[:-1])
    weights[:2, 1] = 0
    found = triangulated(cameras, seen, weights)
    assert np.isnan(found.points[:2]).all()
    assert not found.is_used[:, :2].any()
    assert_allclose(found.points[2:], POINTS[2:], atol=1e-7)


def test_a_camera_that_is_wrong_is_left_out() -> None:
    cameras = [*cameras_around(4).values()]
    seen = images(cameras)
    seen[2, 3] += 200
    found = triangulated(cameras, seen)
    assert_allclose(found.points, POINTS, atol=1e-7)
    assert not found.is_used[2, 3].any()
    assert found.is_used.sum() == found.is_used.size - 33
    assert_allclose(found.errors_px[2, 3], 200 * np.sqrt(2), rtol=1e-4)


def test_two_cameras_that_do_not_agree_give_no_point() -> None:
    cameras = [*cameras_around(2).values()]
    seen = images(cameras)
    seen[0, 3, :, 1] += 80
    found = triangulated(cameras, seen)
    assert np.isnan(found.points[3]).all()
    assert np.isfinite(found.points[4:]).all()
    everything = triangulated(cameras, seen, max_error_px=np.inf)
    assert np.isfinite(everything.points).all()


def test_the_largest_error_grows_with_the_image() -> None:
    cameras = [*cameras_around(2).values()]
    large = [camera.scaled((3840, 2160)) for camera in cameras]
    seen = images(cameras)
    seen[0, ..., 1] += 16  # 8 px of each camera in 1280, that is 12 in 1920
    assert np.isfinite(triangulated(cameras, seen).points).mean() > 0.9
    in_large = triangulated(large, 3 * seen)
    assert_allclose(in_large.points, triangulated(cameras, seen).points, atol=1e-6)
    assert np.isnan(triangulated(cameras, seen, max_error_px=6).points).all()


def test_a_point_behind_a_camera_is_no_point() -> None:
    cameras = [*cameras_around(2).values()]
    behind = cameras[0].world_from_camera([0.3, 0.2, -2.0])
    rays = [
        np.array([0.3, 0.2]) / -2.0,
        (lambda p: p[:2] / p[2])(cameras[1].camera_from_world(behind)),
    ]
    seen = [camera.image_from_rays(ray) for camera, ray in zip(cameras, rays, strict=True)]
    assert np.isnan(triangulated(cameras, seen).points).all()


def test_nothing_gives_nothing() -> None:
    cameras = [*cameras_around(2).values()]
    found = triangulated(cameras, np.empty((2, 0, 33, 2)))
    assert found.points.shape == (0, 33, 3)


def test_one_camera_is_an_error() -> None:
    camera = cameras_around(1)["cam1"]
    with pytest.raises(ValueError, match="at least two cameras, got 1"):
        triangulated([camera], np.zeros((1, 5, 2)))
    with pytest.raises(ValueError, match=r"shape \(2, ..., 2\), got \(1, 5, 2\)"):
        triangulated([camera] * 2, np.zeros((1, 5, 2)))
    with pytest.raises(ValueError, match="stand at the same place"):
        triangulated([camera] * 2, np.zeros((2, 5, 2)))
