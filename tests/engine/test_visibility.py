"""Calibrated visibility; `benchmarks/visibility.py` measures it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from vitruvian import BLAZEPOSE, PoseEstimator, Roi
from vitruvian.engine.landmarker import decode_pose
from vitruvian.engine.profile import PROFILES
from vitruvian.engine.visibility import calibrated_visibility
from vitruvian.synthetic import Person, Scene, motions

WH = (640, 480)
ROI = Roi((320.0, 240.0), (300.0, 300.0))
MIRRORED = list(BLAZEPOSE.mirrored)
FACE = [i for i, name in enumerate(BLAZEPOSE.names) if i <= 10 and "ear" not in name]

Floats = NDArray[np.float32]


def random_pose(seed: int) -> tuple[Floats, Floats]:
    """Return visibility and landmarks inside the image."""
    g = np.random.default_rng(seed)
    landmarks = g.uniform((0, 0, -60), (*WH, 60), (33, 3))
    return g.random(33).astype(np.float32), landmarks.astype(np.float32)


@pytest.mark.parametrize("seed", range(5))
def test_it_rises_with_the_visibility_of_the_network(seed: int) -> None:
    visibility, landmarks = random_pose(seed)
    higher = visibility + np.float32(0.05) * (1 - visibility)
    low, high = (calibrated_visibility(v, landmarks, ROI, WH) for v in (visibility, higher))
    assert (high >= low).all()
    assert (high > low).mean() > 0.5


@pytest.mark.parametrize("seed", range(5))
def test_a_mirrored_pose_has_mirrored_visibility(seed: int) -> None:
    visibility, landmarks = random_pose(seed)
    mirrored = (landmarks * np.float32([-1, 1, 1]) + np.float32([WH[0] - 1e-3, 0, 0]))[MIRRORED]
    one = calibrated_visibility(visibility, landmarks, ROI, WH)
    other = calibrated_visibility(visibility[MIRRORED], mirrored, ROI, WH)
    assert_allclose(other[MIRRORED], one, atol=1e-6)


def test_it_does_not_depend_on_the_scale_of_the_image() -> None:
    visibility, landmarks = random_pose(0)
    one = calibrated_visibility(visibility, landmarks, ROI, WH)
    wide = Roi((960.0, 720.0), (900.0, 900.0))
    three = calibrated_visibility(visibility, 3 * landmarks, wide, (3 * WH[0], 3 * WH[1]))
    assert_allclose(three, one, atol=1e-5)


@pytest.mark.parametrize("place", [(-1, 200), (640, 200), (300, -0.5), (300, 480)])
def test_a_landmark_outside_the_image_is_hidden(place: tuple[float, float]) -> None:
    visibility, landmarks = random_pose(1)
    landmarks[15, :2] = place
    calibrated = calibrated_visibility(np.ones_like(visibility), landmarks, ROI, WH)
    assert_array_equal(np.flatnonzero(calibrated == 0), [15])


def test_a_landmark_that_is_not_finite_changes_its_own_group_only() -> None:
    visibility, landmarks = random_pose(2)
    expected = calibrated_visibility(visibility, landmarks, ROI, WH)
    landmarks[23] = np.nan
    got = calibrated_visibility(visibility, landmarks, ROI, WH)
    assert np.isnan(got[[23, 24]]).all()
    rest = np.delete(np.arange(33), [23, 24])
    assert_array_equal(got[rest], expected[rest])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 0, 1])
def test_it_is_a_probability_or_nan_for_every_input(value: float) -> None:
    visibility, landmarks = random_pose(3)
    for array in (visibility, landmarks):
        array[5] = value
    calibrated = calibrated_visibility(visibility, landmarks, ROI, WH)
    known = calibrated[np.isfinite(calibrated)]
    assert ((known >= 0) & (known <= 1)).all()


def rendered(heading_deg: float) -> tuple[Floats, Floats]:
    """Return calibrated visibility of a person with this heading, and that of the network."""
    image = Scene([Person(motion=motions.stand(), heading_deg=heading_deg)]).render().image
    with PoseEstimator("lite") as default, PoseEstimator("lite", profile="graph") as graph:
        calibrated, of_network = (e.detect(image).pose for e in (default, graph))
    return calibrated.visibility, of_network.visibility


@pytest.mark.weights
def test_the_face_is_hidden_from_behind() -> None:
    behind, of_network = rendered(180)
    front, _ = rendered(0)
    assert (of_network[FACE] > 0.9).all()
    assert (behind[FACE] < 0.5).all()
    assert (front[FACE] > 0.5).all()


@pytest.mark.weights
@pytest.mark.parametrize(("heading_deg", "far"), [(90, "left"), (-90, "right")])
def test_the_far_ear_shoulder_and_hip_are_hidden_from_the_side(heading_deg: int, far: str) -> None:
    near = {"left": "right", "right": "left"}[far]
    visibility, of_network = rendered(heading_deg)
    for part in ("eye", "ear", "shoulder", "hip"):
        one, other = (BLAZEPOSE.index(f"{side}_{part}") for side in (far, near))
        assert of_network[[one, other]].min() > 0.9
        assert visibility[one] < 0.5
        assert visibility[one] < visibility[other]


@pytest.mark.weights
@pytest.mark.parametrize("profile", ["solutions", "graph", "tasks"])
def test_mediapipe_profiles_give_the_visibility_of_the_network(
    profile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = []

    def spy(*args: object) -> object:
        decoded.append(decode_pose(*args))  # type: ignore[arg-type]
        return decoded[-1]

    monkeypatch.setattr("vitruvian.engine.landmarker.decode_pose", spy)
    image = Scene([Person(heading_deg=180)]).render().image
    with PoseEstimator("lite", profile=profile) as estimator:
        pose = estimator.detect(image).pose
    assert pose is not None
    assert_array_equal(pose.visibility, decoded[-1].visibility)


@pytest.mark.weights
def test_only_visibility_differs_from_that_of_the_network() -> None:
    image = Scene([Person(heading_deg=135)]).render().image
    with PoseEstimator("lite") as estimator:
        pose = estimator.detect(image).pose
        rules = replace(PROFILES["default"], calibrated_visibility=False)
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(PROFILES, "default", rules)
            other = estimator.detect(image).pose
    assert (pose.visibility != other.visibility).any()
    for name in ("landmarks", "world", "presence", "spread_px"):
        assert_array_equal(getattr(pose, name), getattr(other, name))
