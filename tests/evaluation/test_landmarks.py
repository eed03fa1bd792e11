"""PCK and OKS: laws, and values computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from vitruvian.core.skeleton import BLAZEPOSE, COCO17
from vitruvian.evaluation.landmarks import coco_landmarks, oks, pck, torso_length_px

TRUTH = np.random.default_rng(0).uniform(0, 200, (4, 33, 2))


def standing() -> np.ndarray:
    """(17, 2): all landmarks at the hip centre except the shoulders, 100 px above."""
    points = np.zeros((17, 2))
    points[[5, 6]] = (0, -100)
    return points


def test_landmarks_of_coco_keep_their_names() -> None:
    numbers = np.arange(33.0)[:, None]
    names = [BLAZEPOSE.names[int(i)] for i in coco_landmarks(numbers)[:, 0]]
    assert tuple(names) == COCO17.names
    assert coco_landmarks(TRUTH).shape == (4, 17, 2)
    assert np.array_equal(coco_landmarks(coco_landmarks(TRUTH)), coco_landmarks(TRUTH))


def test_other_numbers_of_landmarks_are_refused() -> None:
    with pytest.raises(ValueError, match=r"got \(25, 2\)"):
        coco_landmarks(np.zeros((25, 2)))


def test_torso_is_from_the_middle_of_the_shoulders_to_that_of_the_hips() -> None:
    assert torso_length_px(standing()) == 100.0
    assert torso_length_px(TRUTH) == pytest.approx(torso_length_px(coco_landmarks(TRUTH)))


# --- PCK ---


def test_pck_of_a_perfect_prediction_is_1() -> None:
    assert pck(TRUTH, TRUTH) == 1.0


def test_pck_does_not_depend_on_position_and_scale() -> None:
    predicted = TRUTH + np.random.default_rng(1).normal(0, 15, TRUTH.shape)
    assert 0 < pck(predicted, TRUTH) < 1
    assert pck(3 * predicted + 50, 3 * TRUTH + 50) == pck(predicted, TRUTH)


def test_pck_by_hand() -> None:
    predicted = standing()
    predicted[0] += (19.9, 0)
    predicted[1] += (20, 0)  # an error of exactly the tolerance is wrong
    predicted[2] += (12, 16.1)
    predicted[3] = np.nan
    assert pck(predicted, standing()) == pytest.approx(14 / 17)
    assert pck(predicted, standing(), threshold=0.19) == pytest.approx(13 / 17)
    assert pck(predicted, standing(), threshold=0.5, length_px=60.0) == pytest.approx(16 / 17)


def test_pck_counts_labelled_landmarks_only() -> None:
    truth = standing()
    truth[7:11] = np.nan
    predicted = standing()
    predicted[7] += 1000
    predicted[0] += 1000
    assert pck(predicted, truth) == pytest.approx(12 / 13)


def test_pck_leaves_out_poses_without_a_torso() -> None:
    hidden, tiny, good = standing(), standing() / 200, standing()
    hidden[5] = np.nan
    wrong = np.stack([standing() + 500] * 2 + [good])
    assert pck(wrong, np.stack([hidden, tiny, good])) == 1.0
    assert np.isnan(pck(hidden, hidden))


def test_each_pose_may_have_its_own_length() -> None:
    predicted = TRUTH + np.array([10, 0])
    lengths = np.array([40.0, 60.0, 60.0, np.nan])
    assert pck(predicted, TRUTH, length_px=lengths) == pytest.approx(2 / 3)


# --- OKS ---


def test_oks_of_a_perfect_prediction_is_1() -> None:
    assert oks(TRUTH[0], TRUTH[0]) == 1.0
    assert oks(coco_landmarks(TRUTH[0]), coco_landmarks(TRUTH[0])) == 1.0


def test_oks_does_not_depend_on_position_and_scale() -> None:
    predicted = TRUTH[0] + 7
    assert oks(3 * predicted + 50, 3 * TRUTH[0] + 50) == pytest.approx(oks(predicted, TRUTH[0]))


def test_oks_by_hand() -> None:
    truth = np.full((17, 2), np.nan)
    truth[[0, 13]] = 0.0  # nose and left knee: sigma 0.026 and 0.087
    predicted = truth.copy()
    predicted[0] = (3.0, 4.0)
    expected = (np.exp(-(5**2) / (2 * 2500 * (2 * 0.026) ** 2)) + 1) / 2
    assert oks(predicted, truth, 2500.0) == pytest.approx(expected, rel=1e-12)
    predicted[0] = np.nan
    assert oks(predicted, truth, 2500.0) == 0.5


def test_oks_without_labels_is_nan() -> None:
    assert np.isnan(oks(TRUTH[0], np.full((33, 2), np.nan)))


def test_the_area_is_estimated_from_the_box() -> None:
    box = np.ptp(TRUTH[0], axis=0)
    predicted = TRUTH[0] + 5
    assert oks(predicted, TRUTH[0]) == oks(predicted, TRUTH[0], 0.53 * box[0] * box[1])


def test_other_shapes_are_refused() -> None:
    for metric in (pck, oks):
        with pytest.raises(ValueError, match=r"got \(33, 3\) and \(33, 3\)"):
            metric(np.zeros((33, 3)), np.zeros((33, 3)))
