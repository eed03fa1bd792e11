"""The 3D view: camera, grids, and limbs that occlude each other."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vitruvian.compat.depthai_blazepose.view3d import Grid, Limb, Viewpoint, draw_view

FRONT = Viewpoint((0.0, 0.0, 0.0), 4.0)
RED, GREEN = (255, 0, 0), (0, 255, 0)
WH = (320, 240)


def limb(start: tuple, end: tuple, color: tuple = RED, radius: float = 0.2) -> Limb:
    return Limb(np.array(start, float), np.array(end, float), (radius, radius), color)


def is_shade_of(pixel: np.ndarray, color: tuple) -> bool:
    return int(np.argmax(pixel)) == int(np.argmax(color))


# --- the camera ---


def test_the_target_is_in_the_image_centre_from_every_viewpoint() -> None:
    for azimuth in np.linspace(-3, 3, 7):
        view = Viewpoint((1.0, 2.0, 3.0), 5.0, azimuth, 0.4)
        np.testing.assert_allclose(view.project(np.array([1.0, 2.0, 3.0]), WH), [160, 120, 5])


def test_at_azimuth_0_x_is_right_and_y_is_down() -> None:
    x, y, depth = FRONT.project(np.array([0.5, 0.25, 1.0]), WH)
    assert (x > 160, y > 120) == (True, True)
    assert depth == pytest.approx(5.0)


def test_azimuth_pi_2_is_the_view_from_the_right() -> None:
    view = Viewpoint((0.0, 0.0, 0.0), 4.0, azimuth=math.pi / 2)
    assert view.project(np.array([1.0, 0.0, 0.0]), WH)[2] == pytest.approx(3.0)  # closer
    assert view.project(np.array([0.0, 0.0, 1.0]), WH)[0] > 160  # behind becomes right


def test_with_elevation_the_far_floor_is_higher_in_the_image() -> None:
    view = Viewpoint((0.0, 0.0, 0.0), 4.0, elevation=0.3)
    near, far = view.project(np.array([[0.0, 1.0, -1.0], [0.0, 1.0, 1.0]]), WH)
    assert far[1] < near[1]


def test_the_field_of_view_covers_the_image_height() -> None:
    top = np.array([0.0, -4 * math.tan(FRONT.field_of_view / 2), 0.0])
    assert FRONT.project(top, WH)[1] == pytest.approx(0.0)


def test_camera_rotation_preserves_distances() -> None:
    rng = np.random.default_rng(0)
    points = rng.normal(size=(20, 3))
    view = Viewpoint((0.3, -0.2, 0.1), 3.0, 1.2, -0.7)
    seen = view.camera_from_world(points)
    before = np.linalg.norm(points[1:] - points[:-1], axis=1)
    np.testing.assert_allclose(np.linalg.norm(seen[1:] - seen[:-1], axis=1), before)


def test_points_behind_the_camera_are_nan() -> None:
    assert np.isnan(FRONT.project(np.array([0.0, 0.0, -9.0]), WH)[:2]).all()


@pytest.mark.parametrize("wrong", [{"distance": 0.0}, {"field_of_view": math.pi}])
def test_an_invalid_viewpoint_raises_an_error(wrong: dict) -> None:
    with pytest.raises(ValueError, match="must be"):
        Viewpoint(**{"target": (0.0, 0.0, 0.0), "distance": 1.0} | wrong)


# --- the image ---


def test_without_limbs_the_image_is_the_background() -> None:
    picture = draw_view(FRONT, [], background=(1, 2, 3), wh=WH)
    assert picture.shape == (240, 320, 3)
    assert picture.dtype == np.uint8
    assert (picture == (1, 2, 3)).all()


def test_a_limb_is_drawn_at_its_projection() -> None:
    picture = draw_view(FRONT, [limb((-1, 0, 0), (1, 0, 0))], wh=WH)
    assert is_shade_of(picture[120, 160], RED)
    columns = np.flatnonzero((picture != picture[0, 0]).any(axis=(0, 2)))
    ends = FRONT.project(np.array([[-1.2, 0, 0], [1.2, 0, 0]]), WH)[:, 0]
    np.testing.assert_allclose([columns[0], columns[-1]], ends, atol=2)


@pytest.mark.parametrize("azimuth", [0.0, math.pi])
def test_the_closer_limb_occludes_the_farther_in_any_order(azimuth: float) -> None:
    near, far = limb((-1, 0, -0.5), (1, 0, -0.5)), limb((0, -1, 0.5), (0, 1, 0.5), GREEN)
    view = Viewpoint((0.0, 0.0, 0.0), 4.0, azimuth)
    first, second = (draw_view(view, order, wh=WH) for order in ([near, far], [far, near]))
    np.testing.assert_array_equal(first, second)
    assert is_shade_of(first[120, 160], RED if azimuth == 0 else GREEN)


def test_a_closer_limb_is_larger_and_brighter() -> None:
    near = draw_view(FRONT, [limb((0, 0, -1.5), (0, 0.1, -1.5))], wh=WH)
    far = draw_view(FRONT, [limb((0, 0, 3), (0, 0.1, 3))], wh=WH)
    assert (near != near[0, 0]).sum() > 3 * (far != far[0, 0]).sum()
    assert near.max() > far.max()


def test_a_limb_through_the_camera_is_clipped() -> None:
    picture = draw_view(FRONT, [limb((0, 0.5, -20), (0, 0.5, 2))], wh=WH)
    assert (picture != picture[0, 0]).any()
    behind = draw_view(FRONT, [limb((0, 0, -20), (0, 1, -20))], wh=WH)
    assert (behind == behind[0, 0]).all()


def test_a_limb_with_nan_is_skipped() -> None:
    broken = limb((0, math.nan, 0), (1, 0, 0))
    np.testing.assert_array_equal(draw_view(FRONT, [broken]), draw_view(FRONT, []))


def test_a_limb_of_length_0_is_a_ball() -> None:
    assert is_shade_of(draw_view(FRONT, [limb((0, 0, 0), (0, 0, 0))], wh=WH)[120, 160], RED)


def test_a_grid_has_one_more_line_than_cells_in_each_direction() -> None:
    grid = Grid((0.0, 1.0, 0.0), (3.0, 0.0, 0.0), (0.0, 0.0, 2.0), 3, 2)
    assert grid.lines.shape == (4 + 3, 2, 3)
    np.testing.assert_allclose(grid.lines[1], [[1, 1, 0], [1, 1, 2]])
    np.testing.assert_allclose(grid.lines[-1], [[0, 1, 2], [3, 1, 2]])


def test_a_grid_is_drawn_and_its_far_lines_are_fainter() -> None:
    floor = Grid((-1.0, 0.5, -2.0), (2.0, 0.0, 0.0), (0.0, 0.0, 6.0), 2, 6)
    picture = draw_view(FRONT, [], grids=[floor], wh=WH).astype(int)
    far, near = (
        picture[int(FRONT.project(np.array([0.0, 0.5, z]), WH)[1]), 160].sum() for z in (3.5, -1.5)
    )
    assert picture[0, 0].sum() < far < near


def test_a_grid_around_the_camera_raises_no_error() -> None:
    floor = Grid((-50.0, 0.5, -50.0), (100.0, 0.0, 0.0), (0.0, 0.0, 100.0), 10, 10)
    picture = draw_view(FRONT, [], grids=[floor], wh=WH)
    assert (picture != picture[0, 0]).any()


def test_a_limb_darkens_the_ground_below_it() -> None:
    floor = Grid((-2.0, 1.0, -2.0), (4.0, 0.0, 0.0), (0.0, 0.0, 4.0), 1, 1)
    view = Viewpoint((0.0, 0.0, 0.0), 6.0, elevation=0.4)
    bar = limb((-0.5, 0, 0), (0.5, 0, 0), radius=0.15)
    lit = draw_view(view, [bar], grids=[floor], wh=WH)
    shaded = draw_view(view, [bar], grids=[floor], ground=1.0, wh=WH)
    x, y, _ = view.project(np.array([0.0, 1.0, 0.0]), WH).astype(int)
    assert shaded[y, x].sum() < 0.8 * lit[y, x].sum()
    np.testing.assert_array_equal(shaded[:40], lit[:40])
