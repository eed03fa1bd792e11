"""Position errors of world landmarks: laws, and values computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from vitruvian.evaluation.world import mpjpe, pa_mpjpe

HIPS = [23, 24]
RNG = np.random.default_rng(0)
TRUTH = RNG.normal(0, 0.4, (5, 33, 3))
NOISY = TRUTH + RNG.normal(0, 0.03, TRUTH.shape)


def rotations(count: int = 8) -> list[np.ndarray]:
    matrices = np.linalg.qr(np.random.default_rng(1).normal(size=(count, 3, 3)))[0]
    return list(matrices * np.sign(np.linalg.det(matrices))[:, None, None])


@pytest.mark.parametrize("metric", [mpjpe, pa_mpjpe])
def test_a_perfect_prediction_has_no_error(metric) -> None:
    assert metric(TRUTH, TRUTH) == pytest.approx(0, abs=1e-12)


def test_mpjpe_does_not_depend_on_where_either_pose_is() -> None:
    moved = NOISY + RNG.normal(size=(5, 1, 3))
    assert mpjpe(moved, TRUTH) == pytest.approx(mpjpe(NOISY, TRUTH), rel=1e-12)
    assert mpjpe(NOISY, TRUTH + np.array([3, 2, 1])) == pytest.approx(
        mpjpe(NOISY, TRUTH), rel=1e-12
    )


def test_mpjpe_by_hand() -> None:
    truth = np.zeros((17, 3))
    predicted = truth.copy()
    predicted[9] = (0.3, 0.4, 0.0)  # a wrist, off by 0.5 m
    assert mpjpe(predicted, truth) == pytest.approx(0.5 / 17)
    predicted[11] = (0.2, 0.0, 0.0)  # a hip: the root, and with it all others, is off by 0.1 m
    wrist, hips = np.hypot(0.2, 0.4), 0.1 + 0.1
    assert mpjpe(predicted, truth) == pytest.approx((14 * 0.1 + hips + wrist) / 17)


def test_the_root_may_be_any_landmark() -> None:
    truth, predicted = np.zeros((2, 4, 3)), np.zeros((2, 4, 3))
    predicted[:, 0, 2] = 1.0
    assert mpjpe(predicted, truth, root=(0,)) == pytest.approx(3 / 4)
    assert mpjpe(predicted, truth, root=(1,)) == pytest.approx(1 / 4)


def test_mpjpe_leaves_out_unknown_landmarks() -> None:
    predicted, truth = NOISY.copy(), TRUTH.copy()
    predicted[0, 7], truth[0, 8] = np.nan, np.nan
    known = np.ones((5, 33), bool)
    known[0, [7, 8]] = False
    centred = [p - p[:, HIPS].mean(axis=1, keepdims=True) for p in (NOISY, TRUTH)]
    errors = np.linalg.norm(centred[0] - centred[1], axis=-1)
    assert mpjpe(predicted, truth) == pytest.approx(errors[known].mean(), rel=1e-12)
    predicted[0, 23] = np.nan
    assert mpjpe(predicted, truth) == pytest.approx(errors[1:].mean(), rel=1e-12)
    assert np.isnan(mpjpe(np.full_like(truth, np.nan), truth))


@pytest.mark.parametrize("rotation", rotations())
def test_pa_mpjpe_does_not_depend_on_position_rotation_and_scale(rotation: np.ndarray) -> None:
    moved = 0.3 * NOISY @ rotation.T + [1, 2, 3]
    assert pa_mpjpe(moved, TRUTH) == pytest.approx(pa_mpjpe(NOISY, TRUTH), rel=1e-9)
    assert pa_mpjpe(0.3 * TRUTH @ rotation.T + [1, 2, 3], TRUTH) < 1e-12


def test_pa_mpjpe_of_a_mirrored_pose_is_an_error() -> None:
    assert pa_mpjpe(TRUTH * [-1, 1, 1], TRUTH) > 0.1


def test_no_small_change_of_the_alignment_fits_better() -> None:
    """The alignment minimises squared distances, so any change of it increases their sum."""
    from vitruvian.evaluation.world import _aligned

    target = TRUTH[0]
    aligned = _aligned(NOISY[0], target)
    least = np.square(aligned - target).sum()
    rng = np.random.default_rng(2)
    for _ in range(200):
        change = 1e-3 * rng.normal(size=7)
        x, y, z = change[:3]
        turn = np.array([[1, -z, y], [z, 1, -x], [-y, x, 1]])
        changed = (1 + change[3]) * aligned @ turn.T + change[4:]
        assert np.square(changed - target).sum() > least


def test_pa_mpjpe_is_the_mean_over_landmarks_of_all_poses() -> None:
    each = [pa_mpjpe(predicted, truth) for predicted, truth in zip(NOISY, TRUTH, strict=True)]
    assert pa_mpjpe(NOISY, TRUTH) == pytest.approx(np.mean(each), rel=1e-12)


def test_pa_mpjpe_leaves_out_unknown_landmarks_and_poses_with_too_few() -> None:
    predicted = NOISY.copy()
    predicted[0, 5:] = np.nan  # five are left
    assert pa_mpjpe(predicted, TRUTH) == pytest.approx(pa_mpjpe(NOISY[1:], TRUTH[1:]), rel=1e-12)
    predicted[1, 20:] = np.nan
    expected = np.average(
        [pa_mpjpe(NOISY[1, :20], TRUTH[1, :20]), pa_mpjpe(NOISY[2:], TRUTH[2:])],
        weights=[20, 3 * 33],
    )
    assert pa_mpjpe(predicted, TRUTH) == pytest.approx(expected, rel=1e-12)
    assert np.isnan(pa_mpjpe(predicted[0], TRUTH[0]))


def test_a_prediction_of_one_point_is_aligned_to_the_centre() -> None:
    centred = TRUTH[0] - TRUTH[0].mean(axis=0)
    expected = np.linalg.norm(centred, axis=1).mean()
    assert pa_mpjpe(np.ones((33, 3)), TRUTH[0]) == pytest.approx(expected)


@pytest.mark.parametrize("metric", [mpjpe, pa_mpjpe])
def test_other_shapes_are_refused(metric) -> None:
    with pytest.raises(ValueError, match=r"got \(33, 2\) and \(33, 3\)"):
        metric(np.zeros((33, 2)), np.zeros((33, 3)))
    with pytest.raises(ValueError, match=r"shape \(\.\.\., N, 3\)"):
        metric(np.zeros((33, 2)), np.zeros((33, 2)))
