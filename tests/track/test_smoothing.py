from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from vitruvian import native
from vitruvian.core.filters import CatchUpFilter, LowPassFilter, OneEuroFilter
from vitruvian.core.limbs import LeftRightFilter, LimbLengthFilter, Swaps
from vitruvian.core.schema import QUANTITIES
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.engine.landmarker import RawPose
from vitruvian.engine.options import TrackerOptions
from vitruvian.engine.profile import MEDIAPIPE_SMOOTHING, PROFILES
from vitruvian.track.smoothing import CORE_FILTERS, FILTERS, PoseSmoother, RoiSmoother

SIZE_PX = 250.0
STEP_US = 33_333
DEFAULT, SOLUTIONS = PROFILES["default"], PROFILES["solutions"]


def sample_pose(seed: int) -> RawPose:
    rng = np.random.default_rng(seed)
    return RawPose(
        landmarks=rng.normal(300, 40, (33, 3)).astype(np.float32),
        auxiliary=rng.normal(300, 40, (2, 3)).astype(np.float32),
        visibility=rng.random(33, dtype=np.float32),
        presence=rng.random(33, dtype=np.float32),
        world=rng.normal(0, 0.4, (33, 3)).astype(np.float32),
        score=0.9,
        mask=None,
        spread_px=rng.random(33, dtype=np.float32),
    )


def assert_poses_equal(one: RawPose, other: RawPose) -> None:
    for name in ("landmarks", "visibility", "world"):
        assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


def run(smooth: PoseSmoother, seeds: range, *, size_px: float = SIZE_PX) -> list[RawPose]:
    return [smooth(sample_pose(seed), STEP_US * (seed + 1), size_px) for seed in seeds]


@pytest.mark.parametrize("profile", ["solutions", "graph", "tasks"])
def test_each_kind_of_value_has_the_filter_of_mediapipe(profile: str) -> None:
    """pose_landmark_filtering.pbtxt."""
    visibility = LowPassFilter(alpha=0.1)
    image = OneEuroFilter(min_cutoff_hz=0.05, beta=80, derivate_cutoff_hz=1)
    world = OneEuroFilter(min_cutoff_hz=0.1, beta=40, derivate_cutoff_hz=1)
    for seed, smooth in enumerate(run(PoseSmoother(PROFILES[profile]), range(8))):
        raw, timestamp_us = sample_pose(seed), STEP_US * (seed + 1)
        assert_array_equal(smooth.visibility, visibility(raw.visibility))
        assert_array_equal(smooth.landmarks, image(raw.landmarks, timestamp_us, 1 / SIZE_PX))
        assert_array_equal(smooth.world, world(raw.world, timestamp_us))


def test_the_default_profile_has_side_guard_catch_up_filter_and_limb_lengths() -> None:
    sides, lengths = LeftRightFilter(), LimbLengthFilter(memory_s=5.0)
    image, world, visibility = (
        CatchUpFilter(min_cutoff_hz=0.1, tolerance=tolerance, trail_cutoff_hz=1.2)
        for tolerance in (0.0013, 0.0027, 0.2)
    )
    for seed, smooth in enumerate(run(PoseSmoother(DEFAULT), range(8))):
        raw, timestamp_us = sample_pose(seed), STEP_US * (seed + 1)
        swaps = sides(raw.landmarks, raw.world, timestamp_us, SIZE_PX)
        seen = raw.visibility[list(BLAZEPOSE.mirrored)] if swaps.body else raw.visibility
        likely = visibility(seen, timestamp_us)
        # occluded landmarks may lag four times as far, and z by one more tolerance
        trust = 1 / (np.float32([4, 4, 5]) - 3 * likely[:, None])
        in_image = image(swaps.undone(raw.landmarks), timestamp_us, trust / SIZE_PX)
        in_world = lengths(world(swaps.undone(raw.world), timestamp_us, trust), timestamp_us)
        assert_array_equal(smooth.visibility, likely)
        np.testing.assert_allclose(smooth.landmarks, in_image, rtol=1e-5)
        np.testing.assert_allclose(smooth.world, in_world, rtol=1e-4, atol=1e-6)
        assert {smooth.landmarks.dtype, smooth.world.dtype} == {np.dtype(np.float32)}


def test_legs_swapped_for_one_frame_are_swapped_back() -> None:
    left, right = range(25, 33, 2), range(26, 33, 2)
    still = sample_pose(0)
    crossed = replace(still, landmarks=still.landmarks.copy(), world=still.world.copy())
    for name in ("landmarks", "world"):
        getattr(crossed, name)[[*left, *right], :2] = getattr(still, name)[[*right, *left], :2]
    smooth = PoseSmoother(DEFAULT)
    before, during, after = (
        smooth(raw, STEP_US * (i + 1), SIZE_PX) for i, raw in enumerate((still, crossed, still))
    )
    assert_poses_equal(during, before)
    assert_poses_equal(after, before)


@pytest.mark.parametrize("core", ["compiled", "numpy"])
def test_a_body_swapped_for_one_frame_is_swapped_back_in_every_value(core: str) -> None:
    if core == "compiled" and native.core is None:
        pytest.skip("there is no compiled core")
    make = (
        FILTERS["catch-up"] if core == "numpy" else partial(CORE_FILTERS["catch-up"], native.core)
    )
    still, mirrored = sample_pose(0), list(BLAZEPOSE.mirrored)
    undone = Swaps(body=True, arms=False, legs=False).undone
    wrong = replace(
        still,
        landmarks=undone(still.landmarks),
        world=undone(still.world),
        **{n: getattr(still, n)[mirrored] for n in ("visibility", "presence", "spread_px")},
    )
    filters = make(1.0)
    *_, before, during = (
        filters(raw, STEP_US * (i + 1), SIZE_PX) for i, raw in enumerate([still] * 30 + [wrong])
    )
    for name in ("landmarks", "world", "visibility", "presence", "spread_px"):
        np.testing.assert_allclose(getattr(during, name), getattr(before, name), rtol=1e-5)


@pytest.mark.parametrize("profile", PROFILES)
def test_smoothing_of_one_half_is_the_profile_default(profile: str) -> None:
    assert MEDIAPIPE_SMOOTHING == TrackerOptions().smoothing == 0.5
    plain, half = PoseSmoother(PROFILES[profile]), PoseSmoother(PROFILES[profile], 0.5)
    for one, other in zip(run(plain, range(5)), run(half, range(5)), strict=True):
        assert_poses_equal(one, other)


@pytest.mark.parametrize("profile", PROFILES)
def test_no_smoothing_is_the_raw_pose(profile: str) -> None:
    smooth = PoseSmoother(PROFILES[profile], 0)
    smooth.mark_lost()
    for seed in range(4):
        raw = sample_pose(seed)
        assert smooth(raw, STEP_US * (seed + 1), SIZE_PX) is raw


@pytest.mark.parametrize("profile", ["solutions", "default"])
def test_the_more_smoothing_the_less_it_moves(profile: str) -> None:
    still, moved = sample_pose(0), []
    for amount in (0, 0.02, 0.3, 0.5, 0.8, 1):
        smooth = PoseSmoother(PROFILES[profile], amount)
        poses = []
        for seed in range(12):
            noise = np.random.default_rng(seed).normal(0, 0.02, (33, 3)).astype(np.float32)
            landmarks = still.landmarks + noise * np.float32(SIZE_PX)
            visibility = still.visibility + noise[:, 0]
            raw = replace(still, landmarks=landmarks, visibility=visibility, world=noise)
            poses.append(smooth(raw, STEP_US * (seed + 1), SIZE_PX))
        moved.append([
            np.abs(np.diff([getattr(pose, name)[:11] for pose in poses], axis=0)).sum()
            for name in ("landmarks", "visibility", "world")
        ])  # fmt: skip
    np.testing.assert_allclose(moved[0], moved[1], rtol=1e-3)
    assert (np.diff(moved, axis=0) < 0).all()


@pytest.mark.parametrize("amount", [-0.1, 1.1, float("nan")])
def test_an_amount_outside_0_to_1_is_refused(amount: float) -> None:
    with pytest.raises(ValueError, match=r"amount of smoothing must be from 0 to 1, got"):
        PoseSmoother(DEFAULT, amount)


def swing(times_us: list[int]) -> tuple[RawPose, RawPose]:
    """Return the last pose, raw and smoothed, of a body that swings 1.2 times a second."""
    smooth, still = PoseSmoother(DEFAULT), sample_pose(0)
    for timestamp_us in times_us:
        push = np.float32(math.sin(2 * math.pi * 1.2 * timestamp_us / 1e6) / 4)
        landmarks = still.landmarks + push * np.float32(SIZE_PX)
        raw = replace(still, landmarks=landmarks, world=still.world + push)
        pose = smooth(raw, timestamp_us, SIZE_PX)
    return raw, pose


@pytest.mark.parametrize("seconds", [1.1, 1.3, 1.7, 2.0])
def test_our_filters_do_not_depend_on_the_frame_rate(seconds: float) -> None:
    """At 15, 30 and 60 fps and at irregular times, in a swing of half a body."""
    end_us = round(seconds * 1e6)
    steps = (round(seconds * fps) for fps in (15, 30, 60))
    times = [[end_us * i // n for i in range(1, n + 1)] for n in steps]
    uneven = np.random.default_rng(0).choice(end_us // 8000, round(seconds * 25), replace=False)
    times.append([*(8000 * np.sort(uneven) + 1).tolist(), end_us])
    raw = swing(times[0])[0]
    poses = [swing(one)[1] for one in times]
    image = np.array([pose.landmarks - raw.landmarks for pose in poses]) / SIZE_PX
    steady = LimbLengthFilter(memory_s=5.0)(raw.world, 0)
    world = np.array([pose.world - steady for pose in poses])
    for trail in (image, world):
        assert np.abs(trail).max() < 0.06
        assert np.ptp(trail, axis=0).max() < 0.05


@pytest.mark.parametrize("profile", ["solutions", "default"])
def test_the_quantities_that_the_schema_names_are_smoothed_and_no_others(profile: str) -> None:
    *_, last = run(PoseSmoother(PROFILES[profile]), range(4))
    raw = sample_pose(3)
    for q in QUANTITIES:
        if hasattr(raw, q.name):
            is_changed = not np.array_equal(getattr(last, q.name), getattr(raw, q.name))
            assert is_changed == (q.smoothing is not None), q.name


def test_presence_and_score_are_not_smoothed() -> None:
    *_, last = run(PoseSmoother(DEFAULT), range(4))
    assert_array_equal(last.presence, sample_pose(3).presence)
    assert_array_equal(last.auxiliary, sample_pose(3).auxiliary)
    assert last.score == 0.9


@pytest.mark.parametrize("size_px", [0.0, 9e-7])
def test_a_person_without_size_passes_unfiltered_and_does_not_change_the_state(
    size_px: float,
) -> None:
    smooth, other = PoseSmoother(SOLUTIONS), PoseSmoother(SOLUTIONS)
    run(smooth, range(3))
    run(other, range(3))
    point = smooth(sample_pose(3), 4 * STEP_US, size_px)
    assert_array_equal(point.landmarks, sample_pose(3).landmarks)
    assert_array_equal(
        smooth(sample_pose(4), 5 * STEP_US, SIZE_PX).landmarks,
        other(sample_pose(4), 5 * STEP_US, SIZE_PX).landmarks,
    )
    assert_array_equal(
        PoseSmoother(DEFAULT)(sample_pose(3), STEP_US, size_px).landmarks, sample_pose(3).landmarks
    )
    still = RoiSmoother(DEFAULT)
    points = sample_pose(0).auxiliary[:, :2]
    still(points, STEP_US, SIZE_PX)
    assert_array_equal(still(points + 9, 2 * STEP_US, size_px), points + 9)


def test_losing_the_person_resets_all_filters_in_our_profile() -> None:
    smooth = PoseSmoother(DEFAULT)
    run(smooth, range(3))
    smooth.mark_lost()
    fresh = PoseSmoother(DEFAULT)
    for one, other in zip(run(smooth, range(5, 8)), run(fresh, range(5, 8)), strict=True):
        assert_poses_equal(one, other)


def test_losing_the_person_resets_only_image_coordinates_in_mediapipe() -> None:
    """Filters that take landmarks only are not updated on an empty frame."""
    smooth, kept = PoseSmoother(SOLUTIONS), PoseSmoother(SOLUTIONS)
    run(smooth, range(3))
    run(kept, range(3))
    smooth.mark_lost()
    after = run(smooth, range(5, 8))
    without_loss = run(kept, range(5, 8))
    assert_array_equal(after[0].landmarks, sample_pose(5).landmarks)
    for one, other in zip(after, without_loss, strict=True):
        assert_array_equal(one.visibility, other.visibility)
        assert_array_equal(one.world, other.world)
        assert (one.landmarks != other.landmarks).any()


@pytest.mark.parametrize(
    ("profile", "reference"),
    [
        # pose_landmark_filtering.pbtxt, auxiliary landmarks
        ("graph", OneEuroFilter(min_cutoff_hz=0.01, beta=10.0, derivate_cutoff_hz=1.0)),
        (
            "default",
            CatchUpFilter(min_cutoff_hz=0.1, tolerance=0.002, trail_cutoff_hz=1.5),
        ),
    ],
)
def test_the_region_has_a_filter_of_its_own(
    profile: str, reference: OneEuroFilter | CatchUpFilter
) -> None:
    smooth = RoiSmoother(PROFILES[profile])
    for seed in range(8):
        points, timestamp_us = sample_pose(seed).auxiliary[:, :2], STEP_US * (seed + 1)
        expected = reference(points, timestamp_us, 1 / SIZE_PX)
        assert_array_equal(smooth(points, timestamp_us, SIZE_PX), expected)
    smooth.reset()
    points = sample_pose(0).auxiliary[:, :2]
    assert_array_equal(smooth(points, STEP_US, SIZE_PX), points)


def test_two_smoothers_share_no_state_and_do_not_change_the_raw_pose() -> None:
    alone = run(PoseSmoother(DEFAULT), range(5))
    one, other = PoseSmoother(DEFAULT), PoseSmoother(DEFAULT)
    for seed, expected in enumerate(alone):
        raw = sample_pose(seed)
        kept = replace(raw, landmarks=raw.landmarks.copy(), world=raw.world.copy())
        assert_poses_equal(one(raw, STEP_US * (seed + 1), SIZE_PX), expected)
        other(sample_pose(seed + 50), STEP_US * (seed + 1), SIZE_PX)
        assert_poses_equal(raw, kept)
