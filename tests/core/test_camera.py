"""Cameras: round trips, and OpenCV as the reference of its models of lenses."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from vitruvian.core.camera import Camera
from vitruvian.core.rotations import matrix_from_vector

WH = (1920, 1080)
LENSES = {
    "none": (),
    "four": (-0.12, 0.05, 0.001, -0.0007),
    "five": (-0.28, 0.09, 0.0004, -0.0002, -0.01),
    "eight": (0.3, -0.1, 0.001, 0.0005, 0.02, 0.4, -0.05, 0.01),
    "pincushion": (0.12, 0.03, 0.0, 0.0),
}


def camera(lens=(), *, is_fisheye=False, skew=0.0):
    matrix = np.array([[1450.0, skew, 967.5], [0, 1440.0, 541.25], [0, 0, 1]])
    return Camera(
        wh=WH,
        matrix=matrix,
        distortions=np.array(lens or (0.0,) * 4),
        is_fisheye=is_fisheye,
        rotation=matrix_from_vector([0.2, -0.4, 0.1]),
        translation=np.array([0.3, -0.1, 4.0]),
        name="front",
    )


FISHEYE = camera((0.05, -0.01, 0.004, -0.001), is_fisheye=True)


def points_in_front(n=200, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform((-1.2, -0.7, -1), (1.2, 0.7, 1), (n, 3))


def pixels(n=200, seed=1):
    return np.random.default_rng(seed).uniform((0, 0), WH, (n, 2))


@pytest.mark.parametrize("lens", LENSES.values(), ids=LENSES)
def test_points_are_projected_as_by_opencv(lens):
    one = camera(lens)
    points = points_in_front()
    vector, _ = cv2.Rodrigues(one.rotation)
    expected, _ = cv2.projectPoints(
        points, vector, one.translation, one.matrix, np.array(lens or (0.0,) * 4)
    )
    assert_allclose(one.image_from_world(points), expected[:, 0], atol=1e-6)


@pytest.mark.parametrize("lens", LENSES.values(), ids=LENSES)
def test_distortion_is_removed_as_by_opencv(lens):
    one = camera(lens)
    points = pixels()
    criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 100, 1e-12)
    expected = cv2.undistortPointsIter(
        points[:, None], one.matrix, np.array(lens or (0.0,) * 4), None, None, criteria
    )
    assert_allclose(one.rays_from_image(points), expected[:, 0], atol=1e-5)


def test_fisheye_lenses_are_those_of_opencv():
    points = points_in_front()
    vector, _ = cv2.Rodrigues(FISHEYE.rotation)
    expected, _ = cv2.fisheye.projectPoints(
        points[:, None], vector, FISHEYE.translation, FISHEYE.matrix, FISHEYE.distortions
    )
    assert_allclose(FISHEYE.image_from_world(points), expected[:, 0], atol=1e-6)
    back = cv2.fisheye.undistortPoints(expected, FISHEYE.matrix, FISHEYE.distortions)
    assert_allclose(FISHEYE.rays_from_image(expected[:, 0]), back[:, 0], atol=1e-6)


@pytest.mark.parametrize("lens", LENSES.values(), ids=LENSES)
def test_rays_and_pixels_are_inverse(lens):
    one = camera(lens, skew=3.0)
    points = pixels()
    assert_allclose(one.image_from_rays(one.rays_from_image(points)), points, atol=0.02)


def test_fisheye_rays_and_pixels_are_inverse_over_the_whole_image():
    points = pixels()
    assert_allclose(FISHEYE.image_from_rays(FISHEYE.rays_from_image(points)), points, atol=1e-6)
    middle = FISHEYE.matrix[:2, 2]
    assert_allclose(FISHEYE.rays_from_image(middle), [0, 0], atol=1e-12)
    assert_allclose(FISHEYE.image_from_rays([0, 0]), middle, atol=1e-9)


def test_world_and_camera_axes_are_inverse_and_the_position_is_the_origin():
    one = camera()
    points = points_in_front()
    assert_allclose(one.world_from_camera(one.camera_from_world(points)), points, atol=1e-12)
    assert_allclose(one.camera_from_world(one.position), [0, 0, 0], atol=1e-12)


def test_points_behind_the_camera_have_no_image():
    one = Camera.from_focal((640, 480), 500)
    found = one.image_from_world([[0, 0, 2], [0, 0, -2], [0, 0, 0], [np.nan, 0, 1]])
    assert found[0].tolist() == [320, 240]
    assert np.isnan(found[1:3]).all()
    assert np.isnan(found[3, 0])


def test_points_may_have_any_number_of_axes():
    one = camera(LENSES["five"])
    points = points_in_front(12).reshape(3, 4, 3)
    assert one.image_from_world(points).shape == (3, 4, 2)
    assert_array_equal(one.image_from_world(points)[1, 2], one.image_from_world(points[1, 2]))
    assert one.rays_from_image(np.zeros((0, 2))).shape == (0, 2)


def test_the_field_of_view_is_along_the_longer_side():
    for wh in ((1000, 600), (600, 1000)):
        one = Camera.from_fov(wh, 90)
        assert one.focal_px == pytest.approx(500)
        assert not one.is_assumed
        assert Camera.from_fov(wh).is_assumed
        assert Camera.from_fov(wh).focal_px == pytest.approx(500 / math.tan(math.radians(30)))
    for wrong in (0, 180, float("nan")):
        with pytest.raises(ValueError, match="fov_deg must be"):
            Camera.from_fov((640, 480), wrong)


@pytest.mark.parametrize("lens", LENSES.values(), ids=LENSES)
def test_a_crop_moves_the_image_and_a_resize_scales_it(lens):
    one, points = camera(lens), points_in_front()
    image = one.image_from_world(points)
    cropped = one.cropped(100, 50, (640, 480))
    assert cropped.wh == (640, 480)
    assert_allclose(cropped.image_from_world(points), image - [100, 50], atol=1e-9)
    half = one.scaled((960, 540))
    assert_allclose(half.image_from_world(points), image / 2, atol=1e-9)
    assert_allclose(half.focal_px, one.focal_px / 2)
    wide = camera(skew=8.0).scaled((960, 1080))
    expected = camera(skew=8.0).image_from_world(points) * [0.5, 1]
    assert_allclose(wide.image_from_world(points), expected, atol=1e-9)


def test_a_camera_is_only_for_images_of_its_size():
    one = camera()
    assert one.checked_for(WH) is one
    with pytest.raises(ValueError, match=r"'front' is calibrated for .* 1920x1080 px, got 1080x19"):
        one.checked_for((1080, 1920))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"wh": (0, 5)}, "wh must be positive"),
        ({"matrix": np.eye(2)}, "matrix must have shape"),
        ({"matrix": np.diag([-1.0, 1, 1])}, "focal lengths must be positive"),
        ({"matrix": np.full((3, 3), np.nan)}, "matrix must be finite"),
        ({"distortions": np.zeros(3)}, "distortions must have 4, 5 or 8"),
        ({"distortions": np.zeros(5), "is_fisheye": True}, "distortions must have 4, 5 or 8"),
        ({"translation": np.zeros(2)}, "translation must have shape"),
    ],
)
def test_wrong_values_are_errors(changes, message):
    values = {"wh": WH, "matrix": np.diag([500.0, 500, 1])}
    with pytest.raises(ValueError, match=message):
        Camera(**(values | changes))
    with pytest.raises(ValueError, match="focal_px must be positive"):
        Camera.from_focal(WH, 0)


def test_cameras_are_values():
    one = camera(LENSES["four"])
    assert one == camera(LENSES["four"])
    assert one != camera()
    assert not one.matrix.flags.writeable
