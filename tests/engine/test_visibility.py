"""Calibrated visibility; `benchmarks/visibility.py` measures it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from vitruvian import BLAZEPOSE, PoseEstimator, Roi
from vitruvian.engine.landmarker import RawPose, decode_pose
from vitruvian.engine.profile import PROFILES
from vitruvian.engine.visibility import VisibilitySmoother, calibrated_visibility
from vitruvian.synthetic import Person, Scene, motions

WH = (640, 480)
ROI = Roi((320.0, 240.0), (300.0, 300.0))
MIRRORED = list(BLAZEPOSE.mirrored)
FACE = [i for i, name in enumerate(BLAZEPOSE.names) if i <= 10 and "ear" not in name]

Floats = NDArray[np.float32]


def random_pose(seed: int) -> RawPose:
    """Return a pose inside the image."""
    g = np.random.default_rng(seed)
    landmarks = g.uniform((0, 0, -60), (*WH, 60), (33, 3)).astype(np.float32)
    visibility = g.random(33).astype(np.float32)
    return RawPose(landmarks, landmarks[:2], visibility, visibility, landmarks, 0.9, None)


def calibrated(raw: RawPose) -> Floats:
    return calibrated_visibility(raw, ROI, WH)


@pytest.mark.parametrize("seed", range(5))
def test_it_rises_with_the_visibility_of_the_network(seed: int) -> None:
    raw = random_pose(seed)
    higher = replace(raw, visibility=raw.visibility + np.float32(0.05) * (1 - raw.visibility))
    low, high = calibrated(raw), calibrated(higher)
    assert (high >= low).all()
    assert (high > low).mean() > 0.5


@pytest.mark.parametrize("seed", range(5))
def test_a_mirrored_pose_has_mirrored_visibility(seed: int) -> None:
    raw = random_pose(seed)
    landmarks = raw.landmarks * np.float32([-1, 1, 1]) + np.float32([WH[0] - 1e-3, 0, 0])
    mirrored = replace(raw, landmarks=landmarks[MIRRORED], visibility=raw.visibility[MIRRORED])
    assert_allclose(calibrated(mirrored)[MIRRORED], calibrated(raw), atol=1e-6)


def test_it_does_not_depend_on_the_scale_of_the_image() -> None:
    raw = random_pose(0)
    wide = Roi((960.0, 720.0), (900.0, 900.0))
    large = replace(raw, landmarks=3 * raw.landmarks)
    three = calibrated_visibility(large, wide, (3 * WH[0], 3 * WH[1]))
    assert_allclose(three, calibrated(raw), atol=1e-5)


@pytest.mark.parametrize("place", [(-1, 200), (640, 200), (300, -0.5), (300, 480)])
def test_a_landmark_outside_the_image_is_hidden(place: tuple[float, float]) -> None:
    raw = random_pose(1)
    raw.visibility[:] = 1
    raw.landmarks[:, 2] = 0
    smoother = VisibilitySmoother(0.5)
    assert smoother(raw, ROI, WH, 0).all()
    raw.landmarks[15, :2] = place
    assert_array_equal(np.flatnonzero(calibrated(raw) == 0), [15])
    assert smoother(raw, ROI, WH, 1000)[15] == 0  # at once


def test_a_landmark_that_is_not_finite_changes_its_own_pair_only() -> None:
    raw = random_pose(2)
    expected = calibrated(raw)
    raw.landmarks[23] = np.nan
    got = calibrated(raw)
    assert np.isnan(got[[23, 24]]).all()
    rest = np.delete(np.arange(33), [23, 24])
    assert_array_equal(got[rest], expected[rest])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 0, 1])
def test_it_is_a_probability_or_nan_for_every_input(value: float) -> None:
    raw = random_pose(3)
    for array in (raw.visibility, raw.landmarks):
        array[5] = value
    values = calibrated(raw)
    known = values[np.isfinite(values)]
    assert ((known >= 0) & (known <= 1)).all()


# --- smoothing ---


def test_without_smoothing_poses_are_independent() -> None:
    smoother = VisibilitySmoother(0.0)
    for i in range(3):
        raw = random_pose(i)
        assert_array_equal(smoother(raw, ROI, WH, 40_000 * i), calibrated(raw))


def test_smoothing_follows_a_change_within_its_time_constant() -> None:
    before, after = random_pose(0), random_pose(1)
    smoother = VisibilitySmoother(0.5)
    start = smoother(before, ROI, WH, 0)
    first = smoother(after, ROI, WH, 200_000)  # the time constant at 0.5
    goal = calibrated(after)
    assert_allclose(first, start + (goal - start) * (1 - np.exp(-1)), atol=1e-5)
    assert_allclose(smoother(after, ROI, WH, 3_000_000), goal, atol=1e-5)


def test_smoothing_does_not_depend_on_the_frame_rate() -> None:
    before, after = random_pose(0), random_pose(1)
    slow, fast = VisibilitySmoother(0.5), VisibilitySmoother(0.5)
    for smoother in (slow, fast):
        smoother(before, ROI, WH, 0)
    for i in range(1, 11):
        value = fast(after, ROI, WH, 20_000 * i)
    assert_allclose(slow(after, ROI, WH, 200_000), value, atol=1e-5)


def test_a_value_that_was_not_finite_is_forgotten() -> None:
    smoother, good, bad = VisibilitySmoother(0.5), random_pose(0), random_pose(0)
    bad.landmarks[:] = np.nan
    assert np.isnan(smoother(bad, ROI, WH, 0)[0])
    assert_array_equal(smoother(good, ROI, WH, 40_000), calibrated(good))


def test_a_reset_smoother_is_as_a_new_one() -> None:
    smoother = VisibilitySmoother(0.5)
    smoother(random_pose(0), ROI, WH, 0)
    smoother.reset()
    raw = random_pose(1)
    assert_array_equal(smoother(raw, ROI, WH, 40_000), calibrated(raw))


# --- rendered people ---


def rendered(heading_deg: float) -> tuple[Floats, Floats]:
    """Return calibrated visibility of a person with this heading, and that of the network."""
    image = Scene([Person(motion=motions.stand(), heading_deg=heading_deg)]).render().image
    with PoseEstimator("lite") as default, PoseEstimator("lite", profile="graph") as graph:
        ours, of_network = (e.detect(image).pose for e in (default, graph))
    return ours.visibility, of_network.visibility


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
