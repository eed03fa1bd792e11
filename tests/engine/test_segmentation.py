from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from vitruvian import Roi
from vitruvian.engine.segmentation import MaskSmoother, image_mask, sigmoid

SIDE = 256
ROIS = {
    "upright": Roi((60.0, 40.0), (70.0, 70.0)),
    "turned": Roi((60.3, 41.7), (77.7, 77.7), -0.4),
    "upside down": Roi((55.5, 33.3), (50.0, 50.0), math.pi),
    "across the edge": Roi((118.0, 3.0), (90.0, 90.0), 1.2),
    "larger than the image": Roi((60.0, 40.0), (400.0, 400.0), 2.0),
}
WH = (120, 80)


def smooth_logits(seed: int = 0, scale: float = 6.0) -> np.ndarray:
    rough = np.random.default_rng(seed).normal(0, scale, (9, 9)).astype(np.float32)
    return cv2.resize(rough, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)


def sample_mask(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((20, 30), dtype=np.float32)


# --- sigmoid ---


def test_sigmoid_is_the_logistic_function() -> None:
    logits = np.linspace(-15, 15, 301).astype(np.float32)
    expected = [1 / (1 + math.exp(-float(x))) for x in logits]
    assert_allclose(sigmoid(logits), expected, rtol=5e-7)
    assert sigmoid(logits).dtype == np.float32


@pytest.mark.filterwarnings("error")
def test_sigmoid_of_any_size_is_from_0_to_1_without_overflow() -> None:
    big = np.finfo(np.float32).max
    logits = np.float32([-np.inf, -big, -1000, -100, -88.8, 0, 88.8, 100, 1000, big, np.inf])
    values = sigmoid(logits)
    assert_allclose(values, [0, 0, 0, 0, 0, 0.5, 1, 1, 1, 1, 1], atol=1e-30)
    assert (np.diff(values) >= 0).all()
    assert ((values >= 0) & (values <= 1)).all()


def test_sigmoid_does_not_change_its_input() -> None:
    logits = np.float32([-3, 0, 3])
    sigmoid(logits)
    assert logits.tolist() == [-3, 0, 3]


# --- from the crop to the image ---


def reference_mask(logits: np.ndarray, roi: Roi, image_wh: tuple[int, int]) -> np.ndarray:
    """Bilinear sample of the crop at the position of each pixel index; zero outside the crop."""
    (cx, cy), (w, h) = roi.center, roi.wh
    y, x = np.mgrid[: image_wh[1], : image_wh[0]].astype(float)
    cos, sin = math.cos(roi.rotation), math.sin(roi.rotation)
    u = ((cos * (x - cx) + sin * (y - cy)) / w + 0.5) * SIDE
    v = ((cos * (y - cy) - sin * (x - cx)) / h + 0.5) * SIDE
    padded = np.pad(1 / (1 + np.exp(-logits.astype(float))), 1)
    u, v = (np.clip(place + 1, 0, SIDE + 0.999) for place in (u, v))
    i, j = u.astype(int), v.astype(int)
    a, b = u - i, v - j
    return (
        padded[j, i] * (1 - a) * (1 - b)
        + padded[j, np.minimum(i + 1, SIDE + 1)] * a * (1 - b)
        + padded[np.minimum(j + 1, SIDE + 1), i] * (1 - a) * b
        + padded[np.minimum(j + 1, SIDE + 1), np.minimum(i + 1, SIDE + 1)] * a * b
    )


@pytest.mark.parametrize("roi", ROIS.values(), ids=ROIS)
def test_mask_is_sampled_at_pixel_indices(roi: Roi) -> None:
    logits = smooth_logits()
    mask = image_mask(logits, roi, WH)
    expected = reference_mask(logits, roi, WH)
    assert mask.shape == (WH[1], WH[0])
    assert mask.dtype == np.float32
    # OpenCV rounds positions to 1/32 px of the crop.
    assert np.abs(mask - expected).max() <= 1 / 32
    assert np.abs(mask - expected).mean() <= 2e-3


def test_mask_is_zero_beyond_the_region() -> None:
    mask = image_mask(np.full((SIDE, SIDE), 50, np.float32), ROIS["upright"], WH)
    inside = np.zeros(mask.shape, bool)
    inside[5:75, 25:95] = True
    assert (mask[~inside] == 0).all()
    assert_allclose(mask[6:74, 26:94], 1, atol=1e-6)


def test_mask_of_a_region_off_the_image_is_empty() -> None:
    mask = image_mask(np.full((SIDE, SIDE), 50, np.float32), Roi((-500, 40), (70, 70)), WH)
    assert_array_equal(mask, np.zeros((80, 120)))


def test_a_last_axis_of_one_makes_no_difference() -> None:
    logits = smooth_logits()
    assert_array_equal(
        image_mask(logits[..., None], ROIS["turned"], WH), image_mask(logits, ROIS["turned"], WH)
    )


# --- over time ---


def reference_smoothing(new: np.ndarray, previous: np.ndarray, ratio: float) -> np.ndarray:
    f = np.float32
    t = new - f(0.5)
    x = t * t
    g = (
        f(5.68842) * x
        - f(0.748699) * x**2
        - f(57.8051) * x**3
        + f(291.309) * x**4
        - f(624.717) * x**5
    )
    uncertainty = f(1) - np.minimum(f(1), g)
    return new + (previous - new) * (uncertainty * f(ratio))


@pytest.mark.parametrize("ratio", [0.7, 0.25, 1.0])
def test_smoothing_is_mediapipes_formula_on_its_own_last_output(ratio: float) -> None:
    smooth = MaskSmoother(ratio)
    previous = smooth(sample_mask(0))
    for seed in (1, 2, 3):
        new = sample_mask(seed)
        expected = reference_smoothing(new, previous, ratio)
        previous = smooth(new)
        assert previous.dtype == np.float32
        assert_allclose(previous, expected, atol=3e-7)


def test_masks_of_a_moving_person_are_smoothed_where_either_is_not_zero() -> None:
    """Masks of large regions extend one crop pixel, several image pixels, beyond their corners."""
    wh = (500, 400)
    rois = [
        Roi((150.3, 200.2), (1500.0, 1500.0), 0.4),
        Roi((250.0, 200.0), (300.0, 300.0), 0.1),
        Roi((420.0, 90.0), (120.0, 120.0), -0.7),
        Roi((60.0, 390.0), (120.0, 120.0), 2.0),
        Roi((900.0, 900.0), (1000.0, 1000.0), 0.0),
    ]
    smooth, previous = MaskSmoother(0.7), np.zeros((400, 500), np.float32)
    for i, roi in enumerate(rois):
        new = image_mask(np.full((SIDE, SIDE), 0.3 * i, np.float32), roi, wh)
        expected = reference_smoothing(new, previous, 0.7) if i else new
        previous = smooth(new)
        assert_allclose(previous, expected, atol=3e-7)


def test_uncertain_pixels_are_smoothed_by_the_ratio_and_certain_ones_not_at_all() -> None:
    smooth = MaskSmoother(0.7)
    smooth(np.float32([[1.0, 1.0, 0.0]]))
    assert_allclose(smooth(np.float32([[0.5, 0.0, 1.0]])), [[0.85, 0.0, 1.0]], atol=2e-4)


def test_the_first_mask_passes_unchanged_and_so_does_every_one_at_ratio_0() -> None:
    assert_array_equal(MaskSmoother(0.7)(sample_mask()), sample_mask())
    off = MaskSmoother(0.0)
    for seed in range(3):
        assert_array_equal(off(sample_mask(seed)), sample_mask(seed))


def test_a_mask_of_another_size_restarts_smoothing() -> None:
    smooth = MaskSmoother(0.7)
    smooth(sample_mask())
    assert_array_equal(smooth(sample_mask()[:5]), sample_mask()[:5])
    mixed = smooth(sample_mask(1)[:5])
    assert (mixed != sample_mask(1)[:5]).any()


def test_pixels_empty_in_both_masks_stay_empty() -> None:
    smooth, empty = MaskSmoother(0.7), np.zeros((40, 30), np.float32)
    assert_array_equal(smooth(empty), empty)
    assert_array_equal(smooth(empty), empty)


def test_after_reset_a_smoother_is_as_new() -> None:
    smooth = MaskSmoother(0.7)
    smooth(sample_mask())
    smooth.reset()
    assert_array_equal(smooth(sample_mask(1)), sample_mask(1))


def test_smoothing_does_not_change_its_input() -> None:
    masks = [sample_mask(seed) for seed in range(3)]
    smooth = MaskSmoother(0.7)
    for mask in masks:
        mask.flags.writeable = False
        smooth(mask)
    assert_array_equal(masks, [sample_mask(seed) for seed in range(3)])
