"""Laws of the region: its two matrices are inverse, and its rotation is that of the person."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from vitruvian import Roi

CROP_WH = (256, 256)
ROIS = {
    "upright": Roi((320.0, 240.0), (400.0, 400.0)),
    "turned by pi": Roi((320.0, 240.0), (400.0, 400.0), math.pi),
    "turned by -pi": Roi((320.0, 240.0), (400.0, 400.0), -math.pi),
    "lying": Roi((320.0, 240.0), (400.0, 400.0), math.pi / 2),
    "slightly turned": Roi((320.5, 240.25), (401.7, 401.7), -0.0288),
    "one pixel wide": Roi((3.0, 4.0), (1.0, 1.0), 0.7),
    "off the image": Roi((-900.0, 5000.0), (333.0, 333.0), 2.5),
    "oblong": Roi((100.0, 50.0), (30.0, 90.0), 0.4),
}


@pytest.fixture(params=ROIS.values(), ids=ROIS)
def roi(request: pytest.FixtureRequest) -> Roi:
    return request.param


def homogeneous(points: np.ndarray) -> np.ndarray:
    return np.column_stack([points, np.ones(len(points))]).T


def mapped(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    return (matrix @ homogeneous(points))[:2].T


def sample_points() -> np.ndarray:
    """Points inside a crop and around it."""
    return np.random.default_rng(0).uniform(-100, 356, (50, 2))


def test_crop_then_image_is_identity(roi: Roi) -> None:
    product = roi.image_from_crop(CROP_WH) @ roi.crop_from_image(CROP_WH)
    assert_allclose(product, np.eye(3), atol=1e-10)
    there = mapped(roi.image_from_crop(CROP_WH), sample_points())
    assert_allclose(mapped(roi.crop_from_image(CROP_WH), there), sample_points(), atol=1e-8)


def test_middle_of_the_crop_is_the_center(roi: Roi) -> None:
    middle = np.array([[CROP_WH[0] / 2, CROP_WH[1] / 2]])
    assert_allclose(mapped(roi.image_from_crop(CROP_WH), middle), [roi.center], atol=1e-9)


def test_corners_of_the_crop_are_the_corners(roi: Roi) -> None:
    w, h = CROP_WH
    corners = np.array([[0, 0], [w, 0], [w, h], [0, h]])
    assert_allclose(mapped(roi.image_from_crop(CROP_WH), corners), roi.corners, atol=1e-9)


def test_sides_have_the_length_of_the_region(roi: Roi) -> None:
    sides = np.linalg.norm(np.diff(roi.corners, axis=0, append=roi.corners[:1]), axis=1)
    assert_allclose(sides, [*roi.wh, *roi.wh], atol=1e-9)


def test_size_of_the_crop_is_only_a_scale(roi: Roi) -> None:
    points = sample_points()
    assert_allclose(
        mapped(roi.image_from_crop((64, 128)), points * (0.25, 0.5)),
        mapped(roi.image_from_crop((256, 256)), points),
        atol=1e-8,
    )


def test_upright_region_is_shift_and_scale() -> None:
    matrix = Roi((100, 50), (64, 128)).image_from_crop((32, 32))
    assert_allclose(matrix, [[2, 0, 68], [0, 4, -14], [0, 0, 1]])


@pytest.mark.parametrize(
    ("rotation", "head"),
    [(0, (0, -1)), (math.pi / 2, (1, 0)), (math.pi, (0, 1)), (-math.pi / 2, (-1, 0))],
)
def test_rotation_is_a_clockwise_turn_of_the_body(
    rotation: float, head: tuple[float, float]
) -> None:
    roi = Roi((10.0, 20.0), (8.0, 8.0), rotation)
    top = roi.corners[:2].mean(axis=0)
    assert_allclose((top - roi.center) / 4, head, atol=1e-12)


def test_a_full_turn_changes_nothing(roi: Roi) -> None:
    turned = Roi(roi.center, roi.wh, roi.rotation + 2 * math.pi)
    assert_allclose(turned.corners, roi.corners, atol=1e-9)


def test_the_json_round_trip_of_a_region_is_exact(roi: Roi) -> None:
    assert Roi.from_dict(json.loads(json.dumps(roi.to_dict()))) == roi
    assert list(roi.to_dict()) == ["center", "wh", "rotation"]


@pytest.mark.parametrize("wh", [(0.0, 1.0), (1.0, 0.0), (-1.0, 2.0)])
def test_a_region_without_area_is_an_error(wh: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="roi width and height must be positive, got"):
        Roi((0.0, 0.0), wh)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_every_number_must_be_finite(bad: float) -> None:
    for numbers in np.where(np.eye(5, dtype=bool), bad, 1.0).tolist():
        with pytest.raises(ValueError, match="roi must hold five finite numbers, got"):
            Roi((numbers[0], numbers[1]), (numbers[2], numbers[3]), numbers[4])


def test_a_center_of_three_numbers_is_an_error() -> None:
    with pytest.raises(ValueError, match="five finite numbers"):
        Roi((1.0, 2.0, 3.0), (4.0, 5.0))
