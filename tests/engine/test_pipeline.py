from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.fakes import (
    CROP,
    MEDIAPIPE_PROFILES,
    Actor,
    FakeNetworks,
    FakeScene,
    crop_points,
    detection_output,
    detector_answer,
    fake_networks,
    fake_scene,
    picture,
    pose_answer,
)

from vitruvian.backends import Target
from vitruvian.core.detection import Detection
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.engine.detector import DETECTOR_OUTPUTS
from vitruvian.engine.landmarker import LANDMARKER_OUTPUTS, MASK_OUTPUT, RawPose
from vitruvian.engine.model import open_pipeline
from vitruvian.engine.options import EstimatorOptions
from vitruvian.engine.pipeline import Candidate, Pipeline, PoseEstimate, passes_verification
from vitruvian.engine.profile import PROFILES
from vitruvian.engine.search import is_duplicate

IMAGE = picture()
ANN, BOB = Actor(hips=(120, 100), seed=1), Actor(hips=(300, 150), seed=2, detection_score=0.8)


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> FakeNetworks:
    return fake_networks(monkeypatch)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> FakeScene:
    return fake_scene(monkeypatch, ANN, BOB)


def pipeline(**options: object) -> Pipeline:
    return open_pipeline(EstimatorOptions(**({"profile": "solutions"} | options)))


def estimates(
    stages: Pipeline, image: np.ndarray = IMAGE, **options: bool
) -> list[PoseEstimate | None]:
    return stages.estimate(image, stages.refine_rois(image, stages.detect(image, **options)))


def only_estimate(stages: Pipeline, image: np.ndarray = IMAGE) -> PoseEstimate:
    (estimate,) = estimates(stages, image)
    assert estimate is not None
    return estimate


def test_each_network_is_opened_with_its_input_and_outputs(networks: FakeNetworks) -> None:
    pipeline()
    asked = networks.detector.sessions[0].asked
    assert (asked.name, asked.digest) == ("detector", "detector")
    assert (asked.input_hw, asked.value_range) == ((224, 224), (-1, 1))
    assert asked.outputs == DETECTOR_OUTPUTS
    asked = networks.landmarker.sessions[0].asked
    assert (asked.name, asked.digest) == ("full", "full")
    assert (asked.input_hw, asked.value_range) == ((256, 256), (0, 1))
    assert asked.outputs == LANDMARKER_OUTPUTS


def test_the_mask_is_computed_only_on_request(networks: FakeNetworks) -> None:
    pipeline(segmentation=True)
    assert networks.landmarker.sessions[0].asked.outputs == (*LANDMARKER_OUTPUTS, MASK_OUTPUT)


def test_both_networks_run_on_the_given_device(networks: FakeNetworks) -> None:
    pipeline(backend="litert", device="CPU", threads=3)
    for network in (networks.detector, networks.landmarker):
        assert network.sessions[0].target == Target(backend="litert", threads=3)


# --- detections ---


def test_detections_are_sorted_by_score(networks: FakeNetworks) -> None:
    other = detection_output((0.2, 0.8), (0.2, 0.7), score=0.6, box_cxcywh=(0.2, 0.6, 0.1, 0.1))
    networks.detector.answer = detector_answer(other, detection_output(score=0.9))
    candidates = pipeline().detect(IMAGE)
    assert [candidate.detection.score for candidate in candidates] == pytest.approx([0.9, 0.6])
    assert_allclose(candidates[0].roi.center, (128, 128), atol=1e-3)
    assert_allclose(candidates[0].roi.wh, (256, 256), atol=1e-3)
    assert_allclose(candidates[1].roi.wh, (64, 64), atol=1e-3)
    assert [candidate.first_pose for candidate in candidates] == [None, None]


def test_no_detection_is_no_candidate_and_no_pose(networks: FakeNetworks) -> None:
    networks.detector.answer = detector_answer()
    assert estimates(pipeline()) == []
    assert networks.landmarker.n_runs == 0


@pytest.mark.parametrize("rim", [(0.5, 0.5), (np.nan, 0.1), (np.inf, 0.1)])
def test_a_detection_that_defines_no_region_is_skipped(
    networks: FakeNetworks, rim: tuple[float, float]
) -> None:
    second = detection_output((0.2, 0.8), (0.2, 0.7), score=0.6, box_cxcywh=(0.2, 0.6, 0.1, 0.1))
    networks.detector.answer = detector_answer(detection_output(rim=rim), second)
    with np.errstate(invalid="ignore"):
        (candidate,) = pipeline().detect(IMAGE)
    assert candidate.detection.score == pytest.approx(0.6)


def test_weak_detections_are_returned_on_request(networks: FakeNetworks) -> None:
    for score, n_plain, n_faint in ((0.6, 1, 1), (0.49, 0, 1), (0.21, 0, 1), (0.19, 0, 0)):
        networks.detector.answer = detector_answer(detection_output(score=score))
        stages = pipeline(detection_confidence=0.5)
        assert len(stages.detect(IMAGE)) == n_plain
        assert len(stages.detect(IMAGE, low_scores=True)) == n_faint


def test_crop_center_detects_in_the_central_square(networks: FakeNetworks) -> None:
    wide = picture(512, 256)
    (candidate,) = pipeline(crop="center").detect(wide)
    assert_allclose(candidate.roi.center, (256, 128), atol=1e-3)
    assert_allclose(candidate.roi.wh, (256, 256), atol=1e-3)
    (letterboxed,) = pipeline(crop="letterbox").detect(wide)
    assert_allclose(letterboxed.roi.center, (256, 128), atol=1e-3)
    assert_allclose(letterboxed.roi.wh, (512, 512), atol=1e-3)


# --- candidates ---


@pytest.mark.parametrize("profile", PROFILES)
def test_the_profile_sets_the_number_of_roi_refinements(
    networks: FakeNetworks, profile: str
) -> None:
    passes = PROFILES[profile].roi_refinements
    small = detection_output(rim=(0.5, 0.4))  # a region of 64 px, a quarter of the next
    networks.detector.answer = detector_answer(small)
    networks.landmarker.answer = pose_answer(crop_points(rim=(CROP / 2, CROP / 2 - 204.8)))
    estimate = only_estimate(pipeline(profile=profile))
    assert networks.landmarker.n_runs == 1 + passes
    assert_allclose(estimate.candidate.roi.wh, 64 * 2.0**passes, rtol=1e-4)
    assert estimate.candidate.detection is not None


def test_a_refined_candidate_is_centred_on_the_person_and_keeps_its_estimate(
    scene: FakeScene,
) -> None:
    scene.detected = [replace(ANN, hips=(130, 105), size_px=70)]
    stages = pipeline(profile="default")
    (candidate,) = stages.refine_rois(scene.image, stages.detect(scene.image))
    assert_allclose(candidate.roi.center, ANN.hips, atol=1e-2)
    assert_allclose(candidate.roi.wh, ANN.roi().wh, atol=1e-2)
    assert_allclose(candidate.first_pose.landmarks, ANN.points[:33], atol=1e-2)
    assert candidate.detection is not None


def test_candidates_without_a_person_are_dropped_in_refinement(scene: FakeScene) -> None:
    scene.detected = [replace(ANN, hips=(400, 300)), BOB]
    stages = pipeline(profile="default")
    (candidate,) = stages.refine_rois(scene.image, stages.detect(scene.image))
    assert_allclose(candidate.roi.center, BOB.hips, atol=1e-2)
    assert len(scene.rois) == 3  # two in the first run, then Bob again


def test_without_refinement_candidates_are_those_of_the_detector(scene: FakeScene) -> None:
    scene.detected = [replace(ANN, hips=(400, 300)), BOB]
    stages = pipeline(profile="solutions")
    candidates = stages.detect(scene.image)
    assert stages.refine_rois(scene.image, candidates) == candidates
    assert scene.rois == []


def test_if_refinement_gives_no_region_that_of_the_detection_is_kept(
    networks: FakeNetworks,
) -> None:
    networks.landmarker.answer = pose_answer(crop_points(rim=(CROP / 2, CROP / 2)))
    estimate = only_estimate(pipeline(profile="default"))
    assert_allclose(estimate.candidate.roi.wh, (256, 256), atol=1e-3)


def test_all_candidates_go_to_the_network_in_one_batch(scene: FakeScene) -> None:
    stages = pipeline(profile="default")
    estimates(stages, scene.image)
    assert scene.networks.landmarker.batches == [2] * (1 + PROFILES["default"].roi_refinements)


def test_each_candidate_gives_a_pose_or_none(scene: FakeScene) -> None:
    candidates = [Candidate(roi) for roi in (BOB.roi(), ANN.roi((400, 300)), ANN.roi())]
    bob, missing, ann = pipeline().estimate(scene.image, candidates)
    assert missing is None
    for estimate, actor, candidate in ((bob, BOB, candidates[0]), (ann, ANN, candidates[2])):
        assert_allclose(estimate.points, actor.points[:33, :2], atol=1e-2)
        assert_allclose(estimate.hips, actor.hips, atol=1e-2)
        assert estimate.size_px == pytest.approx(actor.size_px, rel=1e-4)
        assert estimate.candidate is candidate


def test_a_pose_needs_a_score_above_the_presence_confidence(networks: FakeNetworks) -> None:
    networks.landmarker.answer = pose_answer(score=0.5)
    for profile in ("solutions", "default"):
        assert all(p is None for p in estimates(pipeline(profile=profile, presence_confidence=0.5)))
        assert only_estimate(pipeline(profile=profile, presence_confidence=0.4)).raw.score == 0.5


def test_masks_are_computed_once_per_estimate(networks: FakeNetworks) -> None:
    networks.landmarker.answer = pose_answer(mask=np.zeros((256, 256, 1), np.float32))
    stages = pipeline(profile="default", segmentation=True)
    assert only_estimate(stages).raw.mask is not None
    assert stages.timer.stats["mask"].count == 1


# --- poses ---


def person_of(actor: Actor, *, first: Actor | None = None, **changes: float) -> PoseEstimate:
    def raw_of(actor: Actor) -> RawPose:
        ones = np.ones(33, np.float32)
        points = actor.points
        world = np.zeros((33, 3), np.float32)
        spread_px = ones * (changes.get("spread", 0.03) * actor.size_px)
        return RawPose(points[:33], points[33:35], ones, ones, world, actor.score, None, spread_px)

    score = changes.get("detection_score")
    keypoints = np.tile(actor.points[33:35, :2], (2, 1))
    detection = None if score is None else Detection(np.zeros(4), keypoints, score)
    candidate = Candidate(actor.roi(), detection, None if first is None else raw_of(first))
    return PoseEstimate(raw_of(actor), candidate)


def test_a_box_holds_head_trunk_and_legs_but_not_the_arms() -> None:
    points = np.tile(ANN.points, 1)
    for name in ("left_elbow", "right_wrist", "left_thumb", "right_index", "left_pinky"):
        points[BLAZEPOSE.index(name), :2] = (600, 5)
    estimate = person_of(ANN)
    reaching = replace(estimate, raw=replace(estimate.raw, landmarks=points[:33]))
    assert_array_equal(reaching.box_xyxy, estimate.box_xyxy)
    for name in ("nose", "left_foot_index", "right_hip"):
        moved = points[:33].copy()
        moved[BLAZEPOSE.index(name), :2] = (600, 5)
        x0, y0, x1, y1 = replace(estimate, raw=replace(estimate.raw, landmarks=moved)).box_xyxy
        assert (y0, x1) == (5, 600)
        assert x0 < x1
        assert y0 < y1


def test_similarity_is_symmetric() -> None:
    one, other = person_of(ANN), person_of(replace(ANN, hips=(122, 101), size_px=82))
    assert one.similarity(one) == 1.0
    assert 0 < one.similarity(other) == other.similarity(one) < 1
    assert one.similarity(person_of(BOB)) < 0.01


@pytest.mark.parametrize("detection_score", [0.3, 0.7, 0.95])
@pytest.mark.parametrize(("spread", "is_sharp"), [(0.02, True), (0.041, True), (0.043, False)])
def test_the_heat_maps_of_a_pose_must_be_sharp(
    detection_score: float, spread: float, is_sharp: bool
) -> None:
    estimate = person_of(ANN, first=ANN, detection_score=detection_score, spread=spread)
    assert passes_verification(estimate, 0.5) == is_sharp


def test_half_of_the_landmarks_may_be_hidden() -> None:
    estimate = person_of(ANN, first=ANN, detection_score=0.9)
    spread_px = np.where(np.arange(33) < 16, np.float32(0.03), np.float32(0.055)) * ANN.size_px
    for hidden_px in (spread_px, np.where(spread_px > 4, np.float32(np.nan), spread_px)):
        half = replace(estimate, raw=replace(estimate.raw, spread_px=hidden_px))
        assert half.spread == pytest.approx(0.03)
        assert passes_verification(half, 0.5)
    most = replace(estimate, raw=replace(estimate.raw, spread_px=spread_px[::-1].copy() + 1))
    assert not passes_verification(most, 0.5)


@pytest.mark.parametrize("detection_score", [0.7, 0.9])
def test_two_poses_must_agree_unless_the_heat_maps_are_very_sharp(detection_score: float) -> None:
    for shift, do_agree in ((0.0, True), (0.5, True), (20.0, False)):
        first = replace(ANN, hips=(ANN.hips[0] + shift, ANN.hips[1]))
        for spread, is_sharp in ((0.03, True), (0.04, False)):
            seen = person_of(ANN, first=first, detection_score=detection_score, spread=spread)
            assert passes_verification(seen, 0.5) == (do_agree or is_sharp)


def test_a_pose_whose_spread_is_not_known_must_agree_with_the_first() -> None:
    for shift in (0.0, 20.0):
        first = replace(ANN, hips=(ANN.hips[0] + shift, ANN.hips[1]))
        estimate = person_of(ANN, first=first, detection_score=0.9)
        unknown = replace(estimate, raw=replace(estimate.raw, spread_px=None))
        assert np.isnan(unknown.spread)
        assert passes_verification(unknown, 0.5) == (shift == 0)


def test_two_poses_with_the_face_in_the_same_place_are_one_person() -> None:
    one = person_of(ANN)
    for scale, is_same in ((0.5, True), (1.5, True)):
        face = one.points[:11].mean(axis=0)
        points = one.raw.landmarks.copy()
        points[11:, :2] = points[11:, :2] + 60
        points[:11, :2] = face + scale * (points[:11, :2] - face)
        other = replace(one, raw=replace(one.raw, landmarks=points))
        assert one.has_face_of(other) == other.has_face_of(one) == is_same
        assert is_duplicate(other, one, 0.5)
        assert not is_duplicate(other, one, 1.0)
    assert not one.has_face_of(person_of(BOB))


@pytest.mark.parametrize(
    ("detection_score", "score", "is_verified"),
    [(0.5, 0.6, True), (0.49, 0.94, False), (0.21, 0.96, True), (None, 0.6, True)],
)
def test_detection_or_landmark_score_must_be_high(
    detection_score: float | None, score: float, is_verified: bool
) -> None:
    ann = replace(ANN, score=score)
    estimate = person_of(ann, first=ann, detection_score=detection_score)
    assert passes_verification(estimate, 0.5) == is_verified


@pytest.mark.parametrize("rim", [(120.0, 100.0), (np.nan, 100.0)])
def test_a_refined_pose_without_size_fails_verification(rim: tuple[float, float]) -> None:
    estimate = person_of(ANN, first=ANN, detection_score=0.9)
    auxiliary = np.array([(*ANN.hips, 0), (*rim, 0)], np.float32)
    point = replace(estimate, raw=replace(estimate.raw, auxiliary=auxiliary))
    assert not passes_verification(point, 0.5)


def test_with_the_profiles_of_mediapipe_every_pose_passes_verification(
    networks: FakeNetworks,
) -> None:
    networks.landmarker.answer = pose_answer(crop_points(rim=(CROP / 2, CROP / 2)), score=0.51)
    for profile in MEDIAPIPE_PROFILES:
        assert passes_verification(only_estimate(pipeline(profile=profile)), 0.5)


# --- close ---


def test_close_closes_both(networks: FakeNetworks) -> None:
    both = pipeline()
    both.close()
    assert networks.detector.sessions[0].is_closed
    assert networks.landmarker.sessions[0].is_closed
