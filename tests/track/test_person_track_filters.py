from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.fakes import MEDIAPIPE_PROFILES, STEP_US

from vitruvian.core.roi import Roi
from vitruvian.engine.landmarker import RawPose
from vitruvian.engine.options import TrackerOptions
from vitruvian.engine.pipeline import Candidate, PoseEstimate
from vitruvian.engine.profile import MEDIAPIPE_SMOOTHING, PROFILES
from vitruvian.engine.segmentation import MaskSmoother
from vitruvian.engine.visibility import VisibilitySmoother
from vitruvian.engine.warp import roi_from_alignment
from vitruvian.track.person_track import Track
from vitruvian.track.smoothing import PoseSmoother, RoiSmoother

WH = (64, 48)
CANDIDATE = Candidate(Roi((30, 20), (20, 20)))
RADIUS_PX = 20.0


def estimate_of(
    seed: int, *, rim: tuple[float, float] = (0, -RADIUS_PX), **changes: Any
) -> PoseEstimate:
    rng = np.random.default_rng(seed)
    hips = rng.uniform(20, 40, 2)
    raw = RawPose(
        landmarks=rng.uniform(0, 60, (33, 3)).astype(np.float32),
        auxiliary=np.column_stack([[hips, hips + rim], [0, 0]]).astype(np.float32),
        visibility=rng.random(33, dtype=np.float32),
        presence=rng.random(33, dtype=np.float32),
        world=rng.normal(0, 0.4, (33, 3)).astype(np.float32),
        score=0.9,
        mask=rng.random(WH[::-1], dtype=np.float32),
    )
    return PoseEstimate(replace(raw, **changes), CANDIDATE)


def new_track(**options: Any) -> Track:
    return Track(0, TrackerOptions(**options))


def smoothed_poses(track: Track, seeds: range, **changes: Any) -> list[PoseEstimate]:
    return [
        track.smoothed(estimate_of(seed, **changes), STEP_US * (seed + 1), WH) for seed in seeds
    ]


def assert_same(one: PoseEstimate, other: PoseEstimate) -> None:
    for name in ("landmarks", "visibility", "world", "mask"):
        assert_array_equal(getattr(one.raw, name), getattr(other.raw, name), err_msg=name)


def test_a_new_track_has_no_region() -> None:
    assert new_track().roi is None


@pytest.mark.parametrize("profile", PROFILES)
def test_smoothing_is_relative_to_the_size_of_the_person(profile: str) -> None:
    rules = PROFILES[profile]
    smooth, smooth_visibility = PoseSmoother(rules), VisibilitySmoother(MEDIAPIPE_SMOOTHING)
    for seed, person in enumerate(smoothed_poses(new_track(profile=profile), range(5))):
        raw, now_us = estimate_of(seed).raw, STEP_US * (seed + 1)
        raw = smooth(raw, now_us, 2 * RADIUS_PX * rules.object_scale)
        assert_allclose(person.raw.landmarks, raw.landmarks, rtol=1e-5)
        assert_array_equal(person.raw.world, raw.world)
        visibility = raw.visibility
        if rules.calibrated_visibility:
            visibility = smooth_visibility(raw, CANDIDATE.roi, WH, now_us)
        assert_allclose(person.raw.visibility, visibility, rtol=1e-4)


@pytest.mark.parametrize("profile", PROFILES)
def test_masks_are_smoothed_as_the_profile_says_unless_switched_off(profile: str) -> None:
    smooth = MaskSmoother(PROFILES[profile].mask_smoothing)
    plain = new_track(profile=profile, smooth_segmentation=False)
    for seed, person in enumerate(smoothed_poses(new_track(profile=profile), range(4))):
        assert_array_equal(person.raw.mask, smooth(estimate_of(seed).raw.mask))
    for seed, person in enumerate(smoothed_poses(plain, range(4))):
        assert_array_equal(person.raw.mask, estimate_of(seed).raw.mask)


def test_a_person_without_a_mask_stays_without() -> None:
    assert [p.raw.mask for p in smoothed_poses(new_track(), range(2), mask=None)] == [None, None]


@pytest.mark.parametrize("smoothing", [0.0, 0.5, 1.0])
def test_the_next_region_comes_from_filtered_points_at_any_smoothing(
    smoothing: float,
) -> None:
    steady = RoiSmoother(PROFILES["default"])
    track = new_track(smoothing=smoothing)
    for seed in range(5):
        person, now_us = estimate_of(seed), STEP_US * (seed + 1)
        track.smoothed(person, now_us, WH)
        points = steady(person.raw.auxiliary[:, :2], now_us, 2 * RADIUS_PX)
        assert_allclose(track.roi.center, roi_from_alignment(points, WH).center, atol=1e-4)


def test_in_tasks_the_next_region_comes_from_raw_points() -> None:
    track = new_track(profile="tasks")
    for seed in range(5):
        person = estimate_of(seed)
        track.smoothed(person, STEP_US * (seed + 1), WH)
        assert track.roi == roi_from_alignment(person.raw.auxiliary[:, :2], WH)


@pytest.mark.parametrize(("score", "is_tracked"), [(0.7, False), (0.71, True)])
def test_tracking_needs_a_score_above_the_tracking_confidence(
    score: float, is_tracked: bool
) -> None:
    track = new_track(tracking_confidence=0.7)
    smoothed_poses(track, range(2))
    smoothed_poses(track, range(2, 3), score=score)
    assert (track.roi is not None) == is_tracked


@pytest.mark.parametrize("profile", PROFILES)
def test_a_person_without_size_is_reported_but_not_tracked(profile: str) -> None:
    track = new_track(profile=profile)
    smoothed_poses(track, range(2))
    (point,) = smoothed_poses(track, range(2, 3), rim=(0, 0))
    assert_array_equal(point.raw.landmarks, estimate_of(2).raw.landmarks)
    assert track.roi is None


def test_after_an_absence_all_filters_restart() -> None:
    track, fresh = new_track(), new_track()
    smoothed_poses(track, range(4))
    track.mark_lost()
    assert track.roi is None
    for one, other in zip(
        smoothed_poses(track, range(7, 11)), smoothed_poses(fresh, range(7, 11)), strict=True
    ):
        assert_same(one, other)
        assert track.roi == fresh.roi


@pytest.mark.parametrize("profile", MEDIAPIPE_PROFILES)
def test_after_an_absence_mediapipe_restarts_image_filters_only(profile: str) -> None:
    track = new_track(profile=profile)
    smoothed_poses(track, range(4))
    track.mark_lost()
    assert track.roi is None
    (person,) = smoothed_poses(track, range(7, 8))
    assert_array_equal(person.raw.landmarks, estimate_of(7).raw.landmarks)
    assert (person.raw.world != estimate_of(7).raw.world).any()
    assert (person.raw.visibility != estimate_of(7).raw.visibility).any()
    assert track.roi == roi_from_alignment(estimate_of(7).raw.auxiliary[:, :2], WH)


def test_mark_lost_is_idempotent() -> None:
    track, other = new_track(), new_track()
    for one, times in ((track, 3), (other, 1)):
        smoothed_poses(one, range(3))
        for _ in range(times):
            one.mark_lost()
    for one, two in zip(
        smoothed_poses(track, range(5, 7)), smoothed_poses(other, range(5, 7)), strict=True
    ):
        assert_same(one, two)


def test_smoothing_keeps_the_candidate_and_the_raw_pose() -> None:
    track = new_track()
    smoothed_poses(track, range(2))
    person, kept = estimate_of(2), estimate_of(2)
    assert track.smoothed(person, 3 * STEP_US, WH).candidate is CANDIDATE
    assert_same(person, kept)
    assert_array_equal(person.raw.auxiliary, kept.raw.auxiliary)
