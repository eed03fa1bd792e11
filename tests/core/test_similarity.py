from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from vitruvian.core.pose import Pose
from vitruvian.core.roi import Roi
from vitruvian.core.similarity import SPREAD, expected_oks, oks, pose_similarity
from vitruvian.core.skeleton import BLAZEPOSE, COCO17

# pycocotools/cocoeval.py, Params.setKpParams: standard deviations, in the order of COCO's names
COCO_SIGMAS = {
    "nose": 0.026,
    "left_eye": 0.025,
    "right_eye": 0.025,
    "left_ear": 0.035,
    "right_ear": 0.035,
    "left_shoulder": 0.079,
    "right_shoulder": 0.079,
    "left_elbow": 0.072,
    "right_elbow": 0.072,
    "left_wrist": 0.062,
    "right_wrist": 0.062,
    "left_hip": 0.107,
    "right_hip": 0.107,
    "left_knee": 0.087,
    "right_knee": 0.087,
    "left_ankle": 0.089,
    "right_ankle": 0.089,
}
FACE = [i for i, name in enumerate(BLAZEPOSE.names) if "eye" in name or "mouth" in name]


def sample_points(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(300, 80, (33, 2))


@pytest.mark.parametrize("seed", range(3))
def test_similarity_of_a_pose_to_itself_is_1(seed: int) -> None:
    points = sample_points(seed)
    assert oks(points, points, 100.0) == pose_similarity(points, points, 100.0) == 1.0


@pytest.mark.parametrize("seed", range(3))
def test_similarity_is_symmetric(seed: int) -> None:
    one, other = sample_points(seed), sample_points(seed) + sample_points(seed + 9) / 20
    assert oks(one, other, 100.0) == oks(other, one, 100.0)
    assert 0 < pose_similarity(one, other, 100.0) == pose_similarity(other, one, 100.0) < 1


def test_similarity_falls_with_the_distance() -> None:
    points = sample_points(0)
    values = [
        pose_similarity(points, points + shift, 250.0) for shift in (0, 1, 4, 9, 20, 60, 1000)
    ]
    assert (np.diff(values) < 0).all()
    assert values[-1] < 1e-6


def test_similarity_grows_with_the_size() -> None:
    points = sample_points(0)
    values = [
        pose_similarity(points, points + 10, size_px) for size_px in (20, 100, 250, 1000, 1e6)
    ]
    assert (np.diff(values) > 0).all()
    assert values[-1] > 0.999999


@pytest.mark.parametrize("scale", [0.01, 3.0, 1e4])
@pytest.mark.parametrize("function", [oks, pose_similarity])
def test_similarity_ignores_depth(function: object, scale: float) -> None:
    one, other = sample_points(0), sample_points(0) + sample_points(1) / 20
    assert_allclose(
        function(one * scale, other * scale, 200.0 * scale), function(one, other, 200.0)
    )


def test_similarity_does_not_depend_on_position() -> None:
    one, other = sample_points(0), sample_points(0) + sample_points(1) / 20
    assert_allclose(
        pose_similarity(one - 5000, other - 5000, 200.0), pose_similarity(one, other, 200.0)
    )


@pytest.mark.parametrize("name", COCO_SIGMAS)
def test_sigmas_are_those_of_coco(name: str) -> None:
    """COCO's evaluation takes twice the standard deviation of its annotators."""
    assert SPREAD[BLAZEPOSE.index(name)] == pytest.approx(2 * COCO_SIGMAS[name])


def test_landmarks_missing_in_coco_have_the_sigma_of_their_neighbours() -> None:
    for name, neighbour in (
        ("left_eye_inner", "left_eye"),
        ("right_eye_outer", "right_eye"),
        ("mouth_left", "nose"),
        ("left_pinky", "left_wrist"),
        ("right_index", "right_wrist"),
        ("left_thumb", "left_wrist"),
        ("right_heel", "right_ankle"),
        ("left_foot_index", "left_ankle"),
    ):
        assert SPREAD[BLAZEPOSE.index(name)] == SPREAD[BLAZEPOSE.index(neighbour)]


def test_oks_is_the_formula_of_coco() -> None:
    """pycocotools/cocoeval.py, computeOks: e = d² / (2 σ)² / area / 2, and the mean of exp(-e)."""
    one, other = sample_points(0), sample_points(0) + sample_points(1) / 20
    weights = np.array([name in COCO_SIGMAS for name in BLAZEPOSE.names], float)
    area, similarities = 9000.0, []
    for name, sigma in COCO_SIGMAS.items():
        dx, dy = (one - other)[BLAZEPOSE.index(name)]
        similarities.append(np.exp(-(dx**2 + dy**2) / (2 * sigma) ** 2 / area / 2))
    assert_allclose(oks(one, other, area**0.5, weights), np.mean(similarities))


def test_the_face_has_no_more_weight_than_the_body() -> None:
    points, grimace = sample_points(0), sample_points(0)
    grimace[FACE] += 500
    assert pose_similarity(points, grimace, 250.0) == 1.0
    assert oks(points, grimace, 125.0) < 0.8


def pose_of(points: np.ndarray, spread_px: np.ndarray | None) -> Pose:
    landmarks = np.column_stack([points, np.zeros(33)])
    ones, world = np.ones(33), np.zeros((33, 3))
    roi = Roi((300.0, 300.0), (500.0, 500.0), 0.0)
    return Pose(
        landmarks=landmarks, visibility=ones, presence=ones, world=world, roi=roi, score=0.9,
        spread_px=spread_px,
    )  # fmt: skip


def test_the_expected_oks_is_the_mean_over_errors_of_the_size_of_the_spread() -> None:
    generator = np.random.default_rng(1)
    points, spread_px = sample_points(4), generator.uniform(2, 40, 33)
    of_coco = [BLAZEPOSE.index(name) for name in COCO17.names]
    scale_px = float(np.sqrt(0.53 * np.prod(np.ptp(points, axis=0))))
    errors = generator.normal(size=(4000, 33, 2)) * spread_px[:, None]
    sampled = [
        oks((points + e)[of_coco], points[of_coco], scale_px, spread=SPREAD[of_coco])
        for e in errors
    ]
    assert_allclose(expected_oks(pose_of(points, spread_px)), np.mean(sampled), atol=5e-3)


def test_the_expected_oks_of_a_pose_without_spread_is_its_score() -> None:
    assert expected_oks(pose_of(sample_points(4), None)) == 0.9


@pytest.mark.parametrize("bad", [np.full((33, 2), np.nan), np.full((33, 2), 7.0)])
def test_the_expected_oks_of_a_pose_without_extent_is_0(bad: np.ndarray) -> None:
    assert expected_oks(pose_of(bad, np.ones(33))) == 0
