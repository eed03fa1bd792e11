"""Rotations: laws, also near the singular points, and SciPy as the reference."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from vitruvian.core.rotations import (
    angle_between,
    least_rotation,
    matrix_from_quaternion,
    matrix_from_vector,
    quaternion_from_matrix,
    unit,
    vector_from_matrix,
)

AXES = np.concatenate([np.eye(3), np.random.default_rng(0).normal(size=(40, 3))])
ANGLES = (0, 1e-13, 1e-9, 1e-6, 1e-3, 0.5, 1.5, 2.5, np.pi - 1e-3, np.pi - 1e-7, np.pi)


def directions():
    return AXES / np.linalg.norm(AXES, axis=1, keepdims=True)


@pytest.mark.parametrize("angle", ANGLES)
def test_vectors_matrices_and_quaternions_are_those_of_scipy(angle):
    rotation = pytest.importorskip("scipy.spatial.transform").Rotation
    vectors = directions() * angle
    expected = rotation.from_rotvec(vectors)
    matrices = matrix_from_vector(vectors)
    assert_allclose(matrices, expected.as_matrix(), atol=1e-12)
    quaternions = quaternion_from_matrix(matrices)
    same = np.abs((quaternions * expected.as_quat()).sum(axis=1))
    assert_allclose(same, 1, atol=1e-12)
    assert (quaternions[:, 3] >= 0).all()
    assert_allclose(matrix_from_quaternion(quaternions), matrices, atol=1e-9)


@pytest.mark.parametrize("angle", ANGLES)
def test_a_vector_comes_back_from_its_matrix(angle):
    vectors = directions() * angle
    back = vector_from_matrix(matrix_from_vector(vectors))
    if angle > np.pi - 1e-6:  # an axis and its opposite turn alike
        back *= np.sign((back * vectors).sum(axis=1, keepdims=True))
    assert_allclose(back, vectors, atol=2e-7 if angle > 3 else 1e-12)


@pytest.mark.parametrize("angle", ANGLES)
def test_matrices_are_proper_rotations(angle):
    matrices = matrix_from_vector(directions() * angle)
    assert_allclose(matrices @ np.swapaxes(matrices, -1, -2), np.tile(np.eye(3), (43, 1, 1)),
                    atol=1e-12)  # fmt: skip
    assert_allclose(np.linalg.det(matrices), 1, atol=1e-12)
    opposite = matrix_from_vector(-directions() * angle)
    assert_allclose(matrices @ opposite, np.tile(np.eye(3), (43, 1, 1)), atol=1e-12)


def test_turns_about_one_axis_add():
    one, other = (matrix_from_vector([0, 0, angle]) for angle in (0.4, 1.1))
    assert_allclose(one @ other, matrix_from_vector([0, 0, 1.5]), atol=1e-12)


@pytest.mark.parametrize("angle", ANGLES)
def test_the_least_rotation_turns_one_direction_to_the_other(angle):
    origins = directions()
    across = unit(np.cross(origins, origins[:, [1, 2, 0]] + [0.1, 0.7, -0.3]))
    targets = np.cos(angle) * origins + np.sin(angle) * across
    matrices = least_rotation(origins * 3, targets * 0.2)
    assert_allclose(np.einsum("nij,nj->ni", matrices, origins), targets, atol=1e-6)
    turned = np.linalg.norm(vector_from_matrix(matrices), axis=1)
    assert_allclose(turned, angle, atol=2e-6)
    assert_allclose(np.linalg.det(matrices), 1, atol=1e-9)


def test_opposite_directions_give_a_half_turn():
    for axis in np.eye(3):
        matrix = least_rotation(axis, -axis)
        assert_allclose(matrix @ axis, -axis, atol=1e-12)
        assert_allclose(matrix @ matrix, np.eye(3), atol=1e-12)


def test_missing_directions_give_nan():
    for origin, target in (([np.nan, 0, 0], [1, 0, 0]), ([0, 0, 0], [1, 0, 0]),
                           ([1, 0, 0], [0, np.nan, 0])):  # fmt: skip
        assert np.isnan(least_rotation(origin, target)).all()
    assert np.isnan(matrix_from_vector([np.nan, 0, 0])).all()
    assert np.isnan(quaternion_from_matrix(np.full((3, 3), np.nan))).all()
    assert np.isnan(vector_from_matrix(np.full((2, 3, 3), np.nan))).all()
    assert np.isnan(unit([0, 0, 0])).all()


def test_missing_frames_do_not_touch_the_others():
    vectors = directions() * 2
    vectors[5] = np.nan
    quaternions = quaternion_from_matrix(matrix_from_vector(vectors))
    assert_array_equal(np.isnan(quaternions).any(axis=1), np.arange(43) == 5)


@pytest.mark.parametrize("angle", [0, 1e-9, 1e-4, 1, 3, np.pi - 1e-9, np.pi])
def test_angles_are_exact_near_0_and_a_half_turn(angle):
    for one, other in (
        ([2, 0, 0], [3 * np.cos(angle), 3 * np.sin(angle), 0]),
        ([2, 0], [3 * np.cos(angle), 3 * np.sin(angle)]),
    ):
        assert angle_between(one, other) == pytest.approx(angle, abs=1e-12)
        assert angle_between(other, one) == pytest.approx(angle, abs=1e-12)
    assert np.isnan(angle_between([np.nan, 0, 0], [1, 0, 0]))


def test_any_number_of_leading_axes_is_allowed():
    vectors = np.random.default_rng(2).normal(size=(4, 5, 3))
    assert matrix_from_vector(vectors).shape == (4, 5, 3, 3)
    assert quaternion_from_matrix(matrix_from_vector(vectors)).shape == (4, 5, 4)
    assert vector_from_matrix(matrix_from_vector(vectors)).shape == (4, 5, 3)
    assert least_rotation(vectors, [0, 1, 0]).shape == (4, 5, 3, 3)
    assert matrix_from_vector(np.zeros((0, 3))).shape == (0, 3, 3)
    assert quaternion_from_matrix(np.zeros((0, 3, 3))).shape == (0, 4)
