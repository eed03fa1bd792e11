from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.fakes import (
    CROP,
    MEDIAPIPE_PROFILES,
    NOISE,
    STEP_US,
    WARM,
    Actor,
    FakeNetworks,
    FakeScene,
    TrackedClip,
    crop_points,
    detection_output,
    detector_answer,
    fake_networks,
    fake_scene,
    heat_around,
    picture,
    pose_answer,
    world_points,
)

from vitruvian.engine.landmarker import RawPose
from vitruvian.engine.profile import PROFILES
from vitruvian.engine.segmentation import MaskSmoother, image_mask
from vitruvian.engine.visibility import VisibilitySmoother, calibrated_visibility
from vitruvian.engine.warp import alignment_side, resized_roi, roi_from_alignment
from vitruvian.track.smoothing import PoseSmoother, RoiSmoother

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian import Pose

SINGLE_POSE_PROFILES = (*MEDIAPIPE_PROFILES, "default")
ANN, BOB = Actor(hips=(150, 120), seed=1), Actor(hips=(400, 300), seed=2, detection_score=0.8)


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> FakeNetworks:
    return fake_networks(monkeypatch)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> FakeScene:
    return fake_scene(monkeypatch, ANN)


def hide_person(networks: FakeNetworks) -> None:
    """Remove the person from the following frames."""
    networks.detector.answer = detector_answer()
    networks.landmarker.answer = pose_answer(score=0.1)


def show_person(networks: FakeNetworks, **answer: Any) -> None:
    """Show a person in the following frames."""
    networks.detector.answer = detector_answer(detection_output())
    networks.landmarker.answer = pose_answer(**answer)


def miss_once(networks: FakeNetworks) -> None:
    """Let the next run of the landmark network find no person."""
    usual = networks.landmarker.answer

    def miss(_crop: np.ndarray) -> tuple[np.ndarray, ...]:
        networks.landmarker.answer = usual
        return pose_answer(score=0.1)

    networks.landmarker.answer = miss


# --- when the detector runs ---


@pytest.mark.parametrize("profile", PROFILES)
def test_the_detector_runs_until_a_person_is_found_and_no_more(
    networks: FakeNetworks, profile: str
) -> None:
    clip = TrackedClip(profile=profile)
    hide_person(networks)
    assert [len(result) for result in clip.track_frames(3)] == [0, 0, 0]
    assert networks.detector.n_runs == 3
    assert networks.landmarker.n_runs == 0
    show_person(networks)
    assert [len(result) for result in clip.track_frames(5)] == [1] * 5
    assert networks.detector.n_runs == 4
    assert networks.landmarker.n_runs == 5 + PROFILES[profile].roi_refinements


@pytest.mark.parametrize("profile", PROFILES)
def test_only_a_pose_that_was_detected_on_its_frame_has_a_detection(
    networks: FakeNetworks, profile: str
) -> None:
    clip = TrackedClip(profile=profile)
    assert [clip.pose().detection is None for _ in range(3)] == [False, True, True]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_frame_of_another_size_keeps_the_relative_region_or_starts_a_detection(
    networks: FakeNetworks, profile: str
) -> None:
    same, other = TrackedClip(profile=profile), TrackedClip(profile=profile)
    same.pose()
    expected = resized_roi(same.pose().roi, (3, 2))
    other.pose()
    pose = other.pose(NOISE.repeat(3, axis=1).repeat(2, axis=0))
    if profile != "default":
        assert pose.roi == expected
        assert (networks.detector.n_runs, pose.id) == (2, 0)
    else:
        assert pose.detection is not None
        assert (networks.detector.n_runs, pose.id) == (3, 1)


def test_force_detection_refines_a_new_person_only(networks: FakeNetworks) -> None:
    clip = TrackedClip(force_detection=True)
    clip.pose()
    n_runs = networks.landmarker.n_runs
    assert n_runs == 1 + PROFILES["default"].roi_refinements
    clip.pose()
    assert networks.landmarker.n_runs == n_runs + 1


@pytest.mark.parametrize("profile", SINGLE_POSE_PROFILES)
def test_force_detection_detects_on_every_frame(networks: FakeNetworks, profile: str) -> None:
    clip = TrackedClip(profile=profile, force_detection=True)
    poses = [clip.pose() for _ in range(4)]
    assert networks.detector.n_runs == 4
    assert all(pose.detection is not None for pose in poses)
    assert [pose.id for pose in poses] == [0] * 4


@pytest.mark.parametrize("profile", SINGLE_POSE_PROFILES)
def test_of_several_people_the_one_with_the_highest_score_is_tracked(
    scene: FakeScene, profile: str
) -> None:
    scene.actors = [BOB, ANN]
    clip = TrackedClip(scene, profile=profile)
    for pose in (clip.pose() for _ in range(3)):
        assert_allclose(pose.landmarks[:, :2], ANN.points[:33, :2], atol=1e-2)
    scene.actors = [replace(BOB, detection_score=0.99), ANN]
    assert_allclose(clip.pose().landmarks[:, :2], ANN.points[:33, :2], atol=1e-2)


@pytest.mark.parametrize("profile", SINGLE_POSE_PROFILES)
def test_the_second_best_detection_replaces_the_best_in_the_default_profile_only(
    scene: FakeScene, profile: str
) -> None:
    scene.actors = [BOB]
    scene.detected = [ANN, BOB]
    n_found = int(profile == "default")
    assert len(TrackedClip(scene, profile=profile).track_frame()) == n_found


def test_by_default_two_poses_of_an_uncertain_pose_must_agree(networks: FakeNetworks) -> None:
    points = crop_points(hips=(CROP / 2 + 40, CROP / 2))  # whatever the region
    show_person(networks, points=points, heat=heat_around(points[:, :2], reach=2))
    clip = TrackedClip()
    assert [len(result) for result in clip.track_frames(2)] == [0, 0]


def test_by_default_the_heat_maps_of_a_detected_person_must_be_sharp(
    networks: FakeNetworks,
) -> None:
    show_person(networks, heat=np.full((64, 64, 39), WARM))
    clip = TrackedClip()
    assert [len(result) for result in clip.track_frames(2)] == [0, 0]
    assert networks.detector.n_runs == 2
    show_person(networks)
    assert len(clip.track_frames(3)[-1]) == 1  # the place is left alone for 0.1 s


@pytest.mark.parametrize("profile", MEDIAPIPE_PROFILES)
def test_mediapipe_does_not_verify_a_detection(networks: FakeNetworks, profile: str) -> None:
    show_person(networks, points=crop_points(hips=(CROP / 2 + 40, CROP / 2)))
    clip = TrackedClip(profile=profile)
    assert clip.pose().id == 0
    assert networks.landmarker.n_runs == 1


# --- a loss ---


def shown_visibility(
    pose: Pose, of_network: float | NDArray[np.float32], profile: str = "default"
) -> NDArray[np.float32]:
    """Return the visibility of `pose` if the network, or its filter, gives `of_network`."""
    values = np.full(33, of_network, np.float32)
    if not PROFILES[profile].calibrated_visibility:
        return values
    return calibrated_visibility(raw_of(pose, values), pose.roi, (CROP, CROP))


def raw_of(pose: Pose, visibility: NDArray[np.float32]) -> RawPose:
    """Return `pose` with the visibility that the network gives."""
    landmarks = pose.landmarks
    return RawPose(landmarks, landmarks[:2], visibility, visibility, pose.world, 0.9, None)


def test_a_person_found_after_a_loss_starts_unsmoothed(networks: FakeNetworks) -> None:
    clip = TrackedClip()
    clip.pose()
    show_person(networks, visibility=0.1)
    miss_once(networks)
    found = clip.pose()
    assert_allclose(found.visibility, shown_visibility(found, 0.1), rtol=1e-4)
    assert found.id == 0


def test_default_detects_a_lost_person_on_the_same_frame(networks: FakeNetworks) -> None:
    clip = TrackedClip()
    clip.pose()
    miss_once(networks)
    pose = clip.pose()
    assert pose.detection is not None
    assert pose.id == 0
    assert networks.detector.n_runs == 2


@pytest.mark.parametrize("profile", MEDIAPIPE_PROFILES)
def test_mediapipe_detects_a_lost_person_on_the_next_frame(
    networks: FakeNetworks, profile: str
) -> None:
    clip = TrackedClip(profile=profile)
    clip.pose()
    miss_once(networks)
    assert not clip.track_frame()
    assert networks.detector.n_runs == 1
    assert clip.pose().detection is not None
    assert networks.detector.n_runs == 2


@pytest.mark.parametrize(
    ("profile", "expected"),
    [(name, [0, 0, None, None, 1, None, 2, 2]) for name in MEDIAPIPE_PROFILES]
    + [("default", [0, 0, None, None, 0, None, 0, 0])],
)
def test_ids_persist_by_default_and_increase_after_each_absence_in_mediapipe(
    networks: FakeNetworks, profile: str, expected: list[int | None]
) -> None:
    clip = TrackedClip(profile=profile)
    ids = []
    for is_there in (True, True, False, False, True, False, True, True):
        (show_person if is_there else hide_person)(networks)
        result = clip.track_frame()
        ids.append(result.pose.id if result else None)
    assert ids == expected


@pytest.mark.parametrize("profile", SINGLE_POSE_PROFILES)
def test_after_a_gap_the_person_is_detected_again(networks: FakeNetworks, profile: str) -> None:
    clip = TrackedClip(profile=profile)
    assert [clip.pose().id for _ in range(2)] == [0, 0]
    clip.tracker.note_gap()
    found = clip.pose()
    assert found.id == (0 if profile == "default" else 1)
    assert found.detection is not None


def test_a_frame_of_another_size_starts_a_new_detection(networks: FakeNetworks) -> None:
    clip = TrackedClip(segmentation=True)
    mask = np.zeros((CROP, CROP, 1), np.float32)
    networks.landmarker.answer = pose_answer(mask=mask)
    clip.pose()
    pose = clip.pose(picture(300, 200))
    assert networks.detector.n_runs == 2
    assert pose.detection is not None
    assert pose.mask is not None
    assert pose.mask.shape == (200, 300)
    assert pose.id == 1
    assert clip.pose(picture(300, 200)).detection is None


# --- what the thresholds mean ---


@pytest.mark.parametrize("profile", PROFILES)
def test_a_pose_is_reported_above_the_presence_confidence(
    networks: FakeNetworks, profile: str
) -> None:
    for score, seen in ((0.75, 0), (0.76, 1)):
        show_person(networks, score=score)
        assert len(TrackedClip(profile=profile, presence_confidence=0.75).track_frame()) == seen


@pytest.mark.parametrize("profile", PROFILES)
def test_a_person_is_tracked_above_the_tracking_confidence(
    networks: FakeNetworks, profile: str
) -> None:
    clip = TrackedClip(profile=profile, presence_confidence=0.3, tracking_confidence=0.75)
    for score, n_detections in ((0.75, 1), (0.75, 2), (0.76, 3), (0.76, 3), (0.9, 3)):
        show_person(networks, score=score)
        pose = clip.pose()
        assert networks.detector.n_runs == n_detections
        assert pose.id == 0


@pytest.mark.parametrize("profile", SINGLE_POSE_PROFILES)
def test_a_detection_counts_from_the_detection_confidence(
    networks: FakeNetworks, profile: str
) -> None:
    show_person(networks, score=0.9)  # too low for a faint detection
    networks.detector.answer = detector_answer(detection_output(score=0.6))
    assert len(TrackedClip(profile=profile, detection_confidence=0.61).track_frame()) == 0
    assert len(TrackedClip(profile=profile, detection_confidence=0.59).track_frame()) == 1


# --- the next region ---


def next_regions(networks: FakeNetworks, profile: str) -> tuple[list[Any], list[np.ndarray]]:
    """The regions used from the second frame on, and the raw auxiliary points before each."""
    clip = TrackedClip(profile=profile, smoothing=0)
    rois, raw = [], []
    steps = np.random.default_rng(0).uniform(-9, 9, (5, 2))
    steps[0] = 0
    for seed, step in enumerate(steps):
        points = crop_points(seed, hips=tuple(CROP / 2 + step))
        show_person(networks, points=points)
        rois.append(clip.pose().roi)
        matrix = rois[-1].image_from_crop((CROP, CROP))
        raw.append((matrix @ np.column_stack([points[33:35, :2], [1, 1]]).T)[:2].T)
    return rois[1:], raw[:-1]


def test_in_tasks_the_next_region_comes_from_raw_landmarks(networks: FakeNetworks) -> None:
    for roi, points in zip(*next_regions(networks, "tasks"), strict=True):
        expected = roi_from_alignment(points.astype(np.float32), (256, 256))
        assert_allclose(roi.center, expected.center, atol=1e-3)
        assert_allclose(roi.wh, expected.wh, atol=1e-3)


@pytest.mark.parametrize("profile", ["solutions", "graph", "default"])
def test_in_other_profiles_the_next_region_comes_from_smoothed_landmarks(
    networks: FakeNetworks, profile: str
) -> None:
    smooth = RoiSmoother(PROFILES[profile])
    rois, raw = next_regions(networks, profile)
    for i, (roi, points) in enumerate(zip(rois, raw, strict=True)):
        points = points.astype(np.float32)
        steady = smooth(points, STEP_US * (i + 1), alignment_side(points))
        expected = roi_from_alignment(steady, (256, 256))
        assert_allclose(roi.center, expected.center, atol=1e-2)
        assert_allclose(roi.wh, expected.wh, atol=1e-2)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_returning_person_is_tracked_from_their_new_position(
    scene: FakeScene, profile: str
) -> None:
    clip = TrackedClip(scene, profile=profile)
    clip.track_frames(3)
    scene.actors = []
    assert not clip.track_frame()
    scene.actors = [replace(ANN, hips=(170, 120))]
    clip.pose()
    assert_allclose(clip.pose().roi.center, (170, 120), atol=1e-2)


def test_a_person_without_a_next_region_is_detected_again(networks: FakeNetworks) -> None:
    clip = TrackedClip(profile="tasks")
    networks.landmarker.answer = pose_answer(crop_points(rim=(CROP / 2, CROP / 2)))
    assert clip.pose().id == clip.pose().id == 0
    assert networks.detector.n_runs == 2


def test_by_default_a_pose_without_size_is_dropped(networks: FakeNetworks) -> None:
    clip = TrackedClip()
    networks.landmarker.answer = pose_answer(crop_points(rim=(CROP / 2, CROP / 2)))
    assert [len(result) for result in clip.track_frames(2)] == [0, 0]


# --- smoothing ---


@pytest.mark.parametrize("profile", PROFILES)
def test_without_smoothing_frames_are_independent(networks: FakeNetworks, profile: str) -> None:
    clip = TrackedClip(profile=profile, smoothing=0)
    clip.pose()
    show_person(networks, points=crop_points(1), visibility=0.25, world=world_points(1))
    pose = clip.pose()
    assert_allclose(pose.landmarks, crop_points(1)[:33], atol=1e-2)
    assert_allclose(pose.visibility, shown_visibility(pose, 0.25, profile), rtol=1e-4)
    assert_allclose(pose.world, world_points(1)[:33], atol=1e-5)


@pytest.mark.parametrize("smoothing", [0.5, 0.3])
@pytest.mark.parametrize("profile", PROFILES)
def test_smoothing_is_relative_to_the_object_scale_of_the_profile(
    networks: FakeNetworks, profile: str, smoothing: float
) -> None:
    rules = PROFILES[profile]
    clip, plain = (
        TrackedClip(profile=profile, smoothing=smoothing),
        TrackedClip(profile=profile, smoothing=0),
    )
    smooth, smooth_visibility = PoseSmoother(rules, smoothing), VisibilitySmoother(smoothing)
    for seed in range(6):
        now_us = STEP_US * (seed + 1)
        visibility = np.full(33, 0.3 + 0.1 * seed, np.float32)
        show_person(networks, points=crop_points(seed), visibility=float(visibility[0]))
        pose, raw = clip.pose(), replace(plain.pose(), visibility=visibility)
        expected = smooth(raw, now_us, 204.8 * rules.object_scale)
        assert_allclose(pose.landmarks, expected.landmarks, atol=2e-3)
        shown = expected.visibility
        if rules.calibrated_visibility:
            calibrated = raw_of(pose, shown)
            shown = smooth_visibility(calibrated, pose.roi, (CROP, CROP), now_us)
        assert_allclose(pose.visibility, shown, atol=1e-5)


def pose_after_absence(networks: FakeNetworks, profile: str) -> Pose:
    """Pose of a person of visibility 0.2 who appears after one of 0.9 has left."""
    clip = TrackedClip(profile=profile)
    clip.track_frames(3)
    hide_person(networks)
    clip.track_frame()
    show_person(networks, points=crop_points(1), visibility=0.2, world=world_points(1))
    return clip.pose()


def test_by_default_nothing_is_smoothed_across_an_absence(networks: FakeNetworks) -> None:
    pose = pose_after_absence(networks, "default")
    first = TrackedClip().pose()
    for name in ("landmarks", "visibility", "presence", "world"):
        assert_array_equal(getattr(pose, name), getattr(first, name))
    assert_allclose(pose.landmarks, crop_points(1)[:33], atol=1e-2)
    assert_allclose(pose.visibility, shown_visibility(pose, 0.2), rtol=1e-4)


@pytest.mark.parametrize("profile", MEDIAPIPE_PROFILES)
def test_mediapipe_keeps_some_filters_across_an_absence(
    networks: FakeNetworks, profile: str
) -> None:
    pose = pose_after_absence(networks, profile)
    assert_allclose(pose.landmarks, crop_points(1)[:33], atol=1e-2)
    assert_allclose(pose.visibility, 0.1 * 0.2 + 0.9 * 0.9, atol=1e-5)
    assert np.abs(pose.world - world_points(1)[:33]).max() > 0.01


# --- masks ---


def test_a_pose_has_a_mask_only_on_request(networks: FakeNetworks) -> None:
    assert TrackedClip().pose().mask is None


def masks(
    networks: FakeNetworks, clip: TrackedClip, *, lost_between: bool = False
) -> list[np.ndarray]:
    """The masks of four frames, of which the third may be empty."""
    seen = []
    for seed in range(4):
        if seed == 2 and lost_between:
            networks.detector.answer = detector_answer()
            networks.landmarker.answer = pose_answer(score=0.1, mask=mask_logits(seed))
            clip.track_frame()
        else:
            show_person(networks, mask=mask_logits(seed))
            seen.append(clip.pose().mask)
    return seen


def mask_logits(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1, (CROP, CROP, 1)).astype(np.float32)


def expected_masks(networks: FakeNetworks, ratio: float) -> list[np.ndarray]:
    roi = TrackedClip(profile="tasks").pose().roi
    smooth = MaskSmoother(ratio)
    return [smooth(image_mask(mask_logits(seed), roi, (CROP, CROP))) for seed in range(4)]


@pytest.mark.parametrize("profile", PROFILES)
def test_masks_are_smoothed_as_the_profile_says(networks: FakeNetworks, profile: str) -> None:
    expected = expected_masks(networks, PROFILES[profile].mask_smoothing)
    seen = masks(networks, TrackedClip(profile=profile, segmentation=True))
    assert np.mean(np.abs(np.subtract(seen, expected)) > 1e-3) < 0.02


def test_smoothing_of_masks_can_be_switched_off(networks: FakeNetworks) -> None:
    clip = TrackedClip(profile="graph", segmentation=True, smooth_segmentation=False)
    seen = masks(networks, clip)
    assert np.mean(np.abs(np.subtract(seen, expected_masks(networks, 0.0))) > 1e-3) < 0.02


@pytest.mark.parametrize("profile", ["graph", "default"])
def test_mask_smoothing_is_reset_by_a_loss_except_in_graph(
    networks: FakeNetworks, profile: str
) -> None:
    *_, last = masks(networks, TrackedClip(profile=profile, segmentation=True), lost_between=True)
    raw = expected_masks(networks, 0.0)[3]
    is_raw = np.mean(np.abs(last - raw) > 1e-3) < 0.02
    assert is_raw == (profile != "graph")
