"""Results of the rotated image, turned back, are at the same pixels of the original."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.fakes import picture

from vitruvian import Detection, Frame, Pose, PoseResult, Roi
from vitruvian.engine.rotation import turned_back, turned_upright

if TYPE_CHECKING:
    from numpy.typing import NDArray

W, H = 60, 40  # of the upright image
QUARTERS = pytest.mark.parametrize("quarters", [0, 1, 2, 3, 4, 5, -1, -2])


def rotated_frame(upright: NDArray[np.uint8], quarters: int) -> Frame:
    """The image that is upright after `quarters` clockwise quarter turns."""
    return Frame(np.rot90(upright, quarters), timestamp_us=7, index=3)


def sample_pixels(count: int) -> NDArray[np.int_]:
    """(count, 2) different pixels x, y of the upright image."""
    places = np.random.default_rng(0).permutation(W * H)[:count]
    return np.column_stack([places % W, places // W])


def rotated_pixels(points: NDArray[np.int_], quarters: int) -> NDArray[np.int_]:
    """The same pixels in the original image, found by marking and rotating them."""
    number = np.zeros((H, W), int)
    number[points[:, 1], points[:, 0]] = np.arange(1, len(points) + 1)
    lying = np.rot90(number, quarters)
    rows, columns = np.nonzero(lying)
    order = np.argsort(lying[rows, columns])
    return np.column_stack([columns, rows])[order]


def upright_result(points: NDArray[np.int_], **changes: object) -> PoseResult:
    rng = np.random.default_rng(0)
    values = {
        "landmarks": np.column_stack([points[:33], rng.normal(size=33)]),
        "visibility": rng.random(33),
        "presence": rng.random(33),
        "world": rng.normal(0, 0.4, (33, 3)),
        "roi": Roi((float(points[0, 0]), float(points[0, 1])), (30.0, 20.0), 0.3),
        "score": 0.9,
        "id": 5,
    }
    return PoseResult(3, 7, W, H, (Pose(**(values | changes)),))


@QUARTERS
def test_pixels_are_turned_upright(quarters: int) -> None:
    upright = picture(W, H)
    frame = rotated_frame(upright, quarters)
    turned = turned_upright(frame, 90 * quarters)
    assert_array_equal(turned.image, upright)
    assert (turned.timestamp_us, turned.index) == (7, 3)


def test_an_upright_image_is_not_copied() -> None:
    frame = rotated_frame(picture(W, H), 0)
    assert turned_upright(frame, 0) is frame
    assert turned_upright(frame, 360) is frame


@pytest.mark.parametrize("angle", [45, 1, -30, 90.5])
def test_an_angle_between_the_quarters_is_an_error(angle: float) -> None:
    with pytest.raises(ValueError, match=f"rotation_deg must be a multiple of 90, got {angle}"):
        turned_upright(rotated_frame(picture(W, H), 0), angle)


@QUARTERS
def test_landmarks_are_turned_back_to_their_pixels(quarters: int) -> None:
    points = sample_pixels(33)
    result = turned_back(upright_result(points), 90 * quarters)
    assert (result.width, result.height) == ((W, H) if quarters % 2 == 0 else (H, W))
    assert (result.frame_index, result.timestamp_us) == (3, 7)
    (pose,) = result
    assert_array_equal(pose.landmarks[:, :2], rotated_pixels(points, quarters))
    assert_array_equal(pose.landmarks[:, 2], upright_result(points).poses[0].landmarks[:, 2])
    assert (pose.id, pose.score) == (5, 0.9)


@QUARTERS
def test_the_detection_is_turned_back_to_its_pixels(quarters: int) -> None:
    points = sample_pixels(33)
    low, high = np.sort(points[:2], axis=0)
    detection = Detection(np.concatenate([low, high]), points[2:6], 0.7)
    (pose,) = turned_back(upright_result(points, detection=detection), 90 * quarters)
    back = pose.detection
    assert back is not None
    assert_array_equal(back.keypoints, rotated_pixels(points[2:6], quarters))
    corners = rotated_pixels(np.array([low, high]), quarters)
    assert_array_equal(back.box_xyxy, np.concatenate([corners.min(axis=0), corners.max(axis=0)]))
    assert back.score == 0.7


@QUARTERS
def test_the_mask_is_turned_back_to_its_pixels(quarters: int) -> None:
    points = sample_pixels(33)
    mask = np.zeros((H, W), np.float32)
    mask[points[:, 1], points[:, 0]] = np.arange(1, 34)
    result = turned_back(upright_result(points, mask=mask), 90 * quarters)
    (pose,) = result
    assert pose.mask is not None
    assert pose.mask.shape == (result.height, result.width)
    columns, rows = rotated_pixels(points, quarters).T
    assert_array_equal(pose.mask[rows, columns], np.arange(1, 34))


@QUARTERS
@pytest.mark.parametrize("rotation", [0.3, -3.0, 3.0, 0.0])
def test_the_region_turns_with_the_person(quarters: int, rotation: float) -> None:
    """A point of the crop is the same pixel, however the image is rotated."""
    points = sample_pixels(33)
    roi = Roi((float(points[0, 0]), float(points[0, 1])), (30.0, 20.0), rotation)
    (pose,) = turned_back(upright_result(points, roi=roi), 90 * quarters)
    in_crop = roi.crop_from_image((256, 256)) @ np.column_stack([points, np.ones(33)]).T
    back = (pose.roi.image_from_crop((256, 256)) @ in_crop)[:2].T
    assert_allclose(back, rotated_pixels(points, quarters), atol=1e-9)
    assert -np.pi <= pose.roi.rotation < np.pi


@QUARTERS
def test_world_landmarks_turn_as_those_of_the_image_do(quarters: int) -> None:
    points = sample_pixels(33)
    middle = np.array([(W - 1) / 2, (H - 1) / 2])
    world = np.column_stack([(points - middle) / 100, np.linspace(-1, 1, 33)])
    result = turned_back(upright_result(points, world=world), 90 * quarters)
    (pose,) = result
    middle_back = np.array([(result.width - 1) / 2, (result.height - 1) / 2])
    expected = (rotated_pixels(points, quarters) - middle_back) / 100
    assert_allclose(pose.world[:, :2], expected, atol=1e-6)
    assert_array_equal(pose.world[:, 2], np.float32(world[:, 2]))


@QUARTERS
def test_camera_space_turns_as_world_space_does_and_uncertainty_stays(quarters: int) -> None:
    camera = np.random.default_rng(1).normal(0, 3, (33, 3)).astype(np.float32)
    spread = np.arange(33, dtype=np.float32)
    result = upright_result(sample_pixels(33), camera=camera, world=camera, spread_px=spread)
    (pose,) = turned_back(result, 90 * quarters)
    assert_array_equal(pose.camera, pose.world)
    assert_array_equal(pose.spread_px, spread)
    (plain,) = turned_back(upright_result(sample_pixels(33)), 90 * quarters)
    assert (plain.camera, plain.spread_px) == (None, None)


@QUARTERS
def test_a_result_without_poses_can_be_turned_back(quarters: int) -> None:
    result = turned_back(PoseResult(3, 7, W, H), 90 * quarters)
    assert not result
    assert (result.width, result.height) == ((W, H) if quarters % 2 == 0 else (H, W))


def test_turning_back_does_not_change_the_given_result() -> None:
    mask = np.random.default_rng(0).random((H, W), dtype=np.float32)
    result = upright_result(sample_pixels(33), mask=mask)
    before = result.to_dict()
    turned_back(result, 90)
    assert result.to_dict() == before
