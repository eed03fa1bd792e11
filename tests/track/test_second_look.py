"""Second looks of tracked people: when they are due, and the regions after them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.fakes import MEDIAPIPE_PROFILES, WARM, Actor, TrackedClip, fake_scene

from vitruvian import open_input
from vitruvian.core.roi import Roi
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.engine.landmarker import RawPose
from vitruvian.engine.options import TrackerOptions
from vitruvian.engine.pipeline import Candidate, PoseEstimate
from vitruvian.engine.profile import PROFILES
from vitruvian.engine.second_look import LEGS
from vitruvian.track.person_track import LOOK_PERIOD_US, RESCALING, Track
from vitruvian.track.tracker import PoseTracker

if TYPE_CHECKING:
    from pathlib import Path

WH = (640, 480)
S_US = 1_000_000
ANN, BOB = Actor(hips=(200, 240), seed=1), Actor(hips=(450, 240), seed=2)
RAW = RawPose(
    landmarks=ANN.points[:33],
    auxiliary=ANN.points[33:35],
    visibility=np.ones(33, np.float32),
    presence=np.ones(33, np.float32),
    world=np.zeros((33, 3), np.float32),
    score=0.99,
    mask=None,
)


def estimate_of(look_scale: float | None) -> PoseEstimate:
    return PoseEstimate(RAW, Candidate(Roi((200, 240), (100, 100))), look_scale)


def side_after(track: Track, look_scale: float | None, now_us: int) -> float:
    """Side of the next region."""
    track.smoothed(estimate_of(look_scale), now_us, WH)
    assert track.roi is not None
    return track.roi.wh[0]


def test_a_second_look_in_vain_is_not_repeated_for_half_a_second() -> None:
    track = Track(0, TrackerOptions())
    assert track.may_look_again(S_US)
    side = side_after(track, None, S_US)
    assert track.may_look_again(S_US)
    assert side_after(track, 1.0, S_US + 1) == side
    assert not track.may_look_again(S_US + LOOK_PERIOD_US)
    assert track.may_look_again(S_US + 1 + LOOK_PERIOD_US)


@pytest.mark.parametrize("scale", [0.8, 1.25])
def test_after_a_second_look_that_helped_the_region_is_scaled_for_a_while(scale: float) -> None:
    track = Track(0, TrackerOptions())
    side = side_after(track, None, S_US)
    ratios = [side_after(track, scale, 2 * S_US) / side]
    ratios += [side_after(track, None, seconds * S_US) / side for seconds in (3, 4, 6, 30)]
    assert_allclose(ratios[0], scale**RESCALING, rtol=1e-4)
    assert (np.diff(np.abs(np.log(ratios))) < 0).all()
    assert_allclose(ratios[-1], 1, rtol=1e-3)
    assert track.may_look_again(30 * S_US + 1)


def test_a_lost_track_forgets_its_second_look() -> None:
    track = Track(0, TrackerOptions())
    side_after(track, 1.25, S_US)
    track.mark_lost()
    side = side_after(track, None, 2 * S_US)
    assert side == side_after(Track(1, TrackerOptions()), None, 2 * S_US)
    side_after(track, 1.0, 3 * S_US)
    track.mark_lost()
    assert track.may_look_again(3 * S_US + 1)


@pytest.mark.parametrize("profile", MEDIAPIPE_PROFILES)
def test_mediapipe_never_looks_again(profile: str) -> None:
    assert not Track(0, TrackerOptions(profile=profile)).may_look_again(0)


@pytest.mark.parametrize("num_poses", [1, 2, 4])
def test_each_tracked_person_with_doubtful_legs_is_looked_at_twice_a_second(
    monkeypatch: pytest.MonkeyPatch, num_poses: int
) -> None:
    monkeypatch.setattr("vitruvian.engine.second_look.MIN_PRESENCE", 0.7)  # fakes have 0.8
    scene = fake_scene(monkeypatch, ANN, BOB)
    usual_answer = scene.networks.landmarker.answer

    def with_uncertain_legs(crop: np.ndarray) -> tuple[np.ndarray, ...]:
        points, score, heat, *rest = usual_answer(crop)
        heat[..., LEGS] = WARM  # in all cells
        return points, score, heat, *rest

    scene.networks.landmarker.answer = with_uncertain_legs
    clip = TrackedClip(scene, num_poses=num_poses)
    n_people = min(num_poses, 2)
    for _ in range(40):
        assert len(clip.track_frame(after_us=100_000)) == n_people
    sides = np.array([roi.wh[0] for roi in scene.rois]) / ANN.roi().wh[0]
    looks = 8 * n_people
    assert (sides < 0.9).sum() == (sides > 1.1).sum() == looks
    usual = n_people * (40 + PROFILES["default"].roi_refinements)
    assert len(sides) == usual + 2 * looks


# --- a real clip ---

YELLOW_X = (700, 1050)  # px, where the man in yellow is


def shank_ratio(points: np.ndarray) -> float:
    """Shank length over trunk length in the image."""

    def middle(name: str) -> np.ndarray:
        both = [BLAZEPOSE.index(f"{side}_{name}") for side in ("left", "right")]
        return np.asarray(points[both].mean(axis=0))

    shank = np.linalg.norm(middle("knee") - middle("ankle"))
    return float(shank / np.linalg.norm(middle("shoulder") - middle("hip")))


def n_short_shanks(clip: Path, **options: object) -> int:
    """Number of the first 230 frames in which the feet of a standing man are at his knees."""
    count = 0
    with PoseTracker("lite", num_poses=2, **options) as tracker, open_input(clip) as frames:
        for frame in frames:
            if frame.index >= 230:
                return count
            for pose in tracker.update(frame):
                points = pose.landmarks[:, :2]
                x = points[[BLAZEPOSE.index("left_hip"), BLAZEPOSE.index("right_hip")], 0].mean()
                count += YELLOW_X[0] < x < YELLOW_X[1] and shank_ratio(points) < 0.45
    return count


@pytest.mark.weights
@pytest.mark.slow
def test_the_feet_of_a_man_who_spreads_his_arms_are_not_at_his_knees(
    testdata: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = testdata / "clips" / "seniors.mp4"
    assert n_short_shanks(clip) == 0
    once = replace(PROFILES["default"], second_look=False)
    monkeypatch.setitem(PROFILES, "default", once)
    assert n_short_shanks(clip) > 20
