"""`Body` has the names, units, types and signs of depthai_blazepose."""

from __future__ import annotations

import dataclasses
import math
import pickle

import numpy as np
import pytest

from vitruvian.compat.depthai_blazepose import mediapipe_utils as mpu
from vitruvian.compat.depthai_blazepose.body import Body, Square, body_of
from vitruvian.core.depth import MeasuredPosition
from vitruvian.core.detection import Detection
from vitruvian.core.pose import Pose
from vitruvian.core.roi import Roi

ATTRIBUTES = {
    *("pd_score", "pd_box", "pd_kps", "lm_score", "rotation", "rect_points"),
    *("rect_x_center", "rect_y_center", "rect_w", "rect_h"),
    *("rect_x_center_a", "rect_y_center_a", "rect_w_a", "rect_h_a"),
    *("norm_landmarks", "landmarks", "landmarks_world", "world_landmarks"),
    *("visibility", "presence", "xyz", "xyz_ref", "xyz_zone", "xyz_ref_coords_pixel"),
}
LANDSCAPE = Square.around(1280, 720)


def pose(*, detection: Detection | None = None, rotation: float = 0.0) -> Pose:
    rng = np.random.default_rng(7)
    return Pose(
        landmarks=rng.uniform(100, 600, (33, 3)).astype(np.float32),
        visibility=rng.uniform(0, 1, 33).astype(np.float32),
        presence=rng.uniform(0, 1, 33).astype(np.float32),
        world=rng.uniform(-1, 1, (33, 3)).astype(np.float32),
        roi=Roi((640.0, 360.0), (500.0, 500.0), rotation),
        score=0.9,
        detection=detection,
    )


def test_body_has_every_attribute_of_depthai_blazepose() -> None:
    body = body_of(pose(), LANDSCAPE)
    assert [name for name in ATTRIBUTES if not hasattr(body, name)] == []


def test_the_square_of_a_landscape_frame_is_padded_above_and_below() -> None:
    assert (LANDSCAPE.frame_size, LANDSCAPE.pad_w, LANDSCAPE.pad_h) == (1280, 0, 280)
    portrait = Square.around(720, 1280)
    assert (portrait.frame_size, portrait.pad_w, portrait.pad_h) == (1280, 280, 0)


def test_the_cropped_square_is_the_centre_of_the_input() -> None:
    image = np.arange(7 * 12 * 3, dtype=np.uint8).reshape(7, 12, 3)
    square = Square.around(12, 7, crop=True)
    assert (square.img_w, square.img_h, square.frame_size, square.crop_w) == (7, 7, 7, 2)
    np.testing.assert_array_equal(square.cut(image), image[:, 2:9])
    np.testing.assert_array_equal(Square.around(12, 7).cut(image), image)


def test_landmarks_are_integer_px_with_z_divided_by_4() -> None:
    source = pose()
    body = body_of(source, LANDSCAPE)
    assert body.landmarks.dtype == np.int32
    np.testing.assert_allclose(body.landmarks[:, :2], source.landmarks[:, :2], atol=0.5)
    np.testing.assert_allclose(body.landmarks[:, 2], source.landmarks[:, 2] / 4, atol=0.5)


def test_the_roi_is_in_px_of_the_square_and_the_rectangle_is_normalized() -> None:
    body = body_of(pose(), LANDSCAPE)
    assert (body.rect_x_center_a, body.rect_y_center_a) == (640.0, 360.0 + 280)
    assert (body.rect_w_a, body.rect_h_a) == (500.0, 500.0)
    assert body.rect_x_center == pytest.approx(0.5)
    assert body.rect_y_center == pytest.approx(0.5)
    assert body.rect_w * 1.25 * 1280 == pytest.approx(body.rect_w_a)


def test_rect_points_start_at_the_lower_left_in_px_of_the_frame() -> None:
    body = body_of(pose(), LANDSCAPE)
    assert body.rect_points == [[390, 610], [390, 110], [890, 110], [890, 610]]
    assert all(type(value) is int for point in body.rect_points for value in point)
    turned = body_of(pose(rotation=0.3), LANDSCAPE)
    corners = Roi((640.0, 360.0), (500.0, 500.0), 0.3).corners[[3, 0, 1, 2]]
    np.testing.assert_allclose(turned.rect_points, corners, atol=0.5)


def test_rotation_is_positive_for_a_lean_to_the_right() -> None:
    # As in depthai_blazepose: the angle between the body axis and the vertical.
    body = body_of(pose(rotation=0.3), LANDSCAPE)
    (hips_x, hips_y), (rim_x, rim_y) = body.pd_kps
    angle = math.pi / 2 - math.atan2(-(rim_y - hips_y), rim_x - hips_x)
    assert body.rotation == pytest.approx(0.3)
    assert mpu.normalize_radians(angle) == pytest.approx(0.3)
    assert 2 * math.hypot(rim_x - hips_x, rim_y - hips_y) == pytest.approx(body.rect_w)


@pytest.mark.parametrize("rotation", [0.0, 0.3, -2.5, math.pi])
def test_normalized_landmarks_are_relative_to_the_roi(rotation: float) -> None:
    source = pose(rotation=rotation)
    body = body_of(source, LANDSCAPE)
    matrix = source.roi.image_from_crop((1, 1))
    back = body.norm_landmarks[:, :2] @ matrix[:2, :2].T + matrix[:2, 2]
    np.testing.assert_allclose(back, source.landmarks[:, :2], atol=1e-3)
    np.testing.assert_allclose(body.norm_landmarks[:, 2] * 500, source.landmarks[:, 2], rtol=1e-5)


def test_a_detection_is_normalized_by_the_square() -> None:
    keypoints = np.array([[640, 360], [640, 100], [640, 250], [640, 80]], np.float32)
    found = Detection(np.array([600, 100, 680, 180], np.float32), keypoints, 0.75)
    body = body_of(pose(detection=found), LANDSCAPE)
    assert body.pd_score == 0.75
    assert body.pd_box is not None
    np.testing.assert_allclose(body.pd_box * 1280, [600, 380, 80, 80])
    np.testing.assert_allclose(np.array(body.pd_kps) * 1280, np.add(keypoints, (0, 280)), rtol=1e-6)


def test_a_tracked_body_has_no_detection_score() -> None:
    body = body_of(pose(), LANDSCAPE)
    assert body.pd_score is None
    assert body.pd_box is None
    assert np.shape(body.pd_kps) == (2, 2)


def test_a_body_without_a_measurement_has_no_position() -> None:
    body = body_of(pose(), LANDSCAPE)
    position = (body.xyz, body.xyz_ref, body.xyz_zone, body.xyz_ref_coords_pixel)
    assert position == (None, None, None, None)


@pytest.mark.parametrize("reference", ["mid_hips", "mid_shoulders"])
def test_the_measured_position_is_in_mm_with_y_up(reference: str) -> None:
    measured = MeasuredPosition((0.5, 0.25, 3.0), reference, (600, 340, 640, 370))
    body = body_of(dataclasses.replace(pose(), measured=measured), LANDSCAPE)
    assert body.xyz is not None
    np.testing.assert_allclose(body.xyz, [500, -250, 3000])
    assert (body.xyz_ref, body.xyz_zone) == (reference, [600, 340, 640, 370])
    np.testing.assert_array_equal(body.xyz_ref_coords_pixel, [620, 355])


def test_world_landmarks_have_both_names_and_are_mutable() -> None:
    body = body_of(pose(), LANDSCAPE)
    body.landmarks_world *= 100
    assert body.world_landmarks is body.landmarks_world
    body.world_landmarks = body.landmarks_world[:25]
    assert len(body.landmarks_world) == 25
    body.landmarks[0] = 0
    assert body.pose.landmarks[0, 0] != 0


def test_a_body_can_be_pickled() -> None:
    body = pickle.loads(pickle.dumps(body_of(pose(), LANDSCAPE)))
    np.testing.assert_array_equal(body.landmarks, body_of(pose(), LANDSCAPE).landmarks)


def test_print_shows_every_attribute(capsys: pytest.CaptureFixture[str]) -> None:
    body_of(pose(), LANDSCAPE).print()
    told = capsys.readouterr().out
    assert [n for n in ATTRIBUTES - {"world_landmarks"} if f"{n}: " not in told] == []


def test_a_body_can_be_created_from_a_detection() -> None:
    body = Body(pd_score=0.5)
    assert (body.pd_score, body.pd_box, body.pd_kps, body.xyz_ref) == (0.5, None, None, None)


# --- mediapipe_utils ---


def test_keypoint_indices_equal_those_of_depthai_blazepose() -> None:
    assert len(mpu.KEYPOINT_DICT) == 33
    assert [mpu.KEYPOINT_DICT[n] for n in ("nose", "right_elbow", "right_foot_index")] == [
        0,
        14,
        32,
    ]


def test_distance_and_angle_equal_known_values() -> None:
    a, b, c = np.array([0, 0, 1]), np.array([0, 0, 0]), np.array([0, 3, 4])
    assert mpu.distance(a, c) == pytest.approx(math.sqrt(18))
    assert mpu.angle(a, b, c) == pytest.approx(math.degrees(math.acos(0.8)))
    assert mpu.angle(a, b, 2 * a) == 0.0
    assert math.isnan(mpu.angle(a, a, c))


def test_radians_are_normalized_to_minus_pi_to_pi() -> None:
    assert mpu.normalize_radians(3 * math.pi / 2) == pytest.approx(-math.pi / 2)
    assert mpu.normalize_radians(math.pi) == pytest.approx(-math.pi)


def test_warp_rect_img_gives_the_upright_rectangle() -> None:
    image = np.zeros((100, 100, 3), np.uint8)
    image[:, 50:] = 255
    points = mpu.rotated_rect_to_points(50, 50, 40, 40, math.pi / 2)
    turned = mpu.warp_rect_img(points, image, 40, 40)
    assert turned[5].mean() == 255  # right in the image is up in the crop, like the person's head
    assert turned[35].mean() == 0
    assert mpu.rot_vec([0, -1], math.pi / 2) == pytest.approx([1, 0])
