from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.engine.fakes import (
    CROP,
    MEDIAPIPES,
    Actor,
    FakeNetworks,
    FakeScene,
    crop_points,
    detector_answer,
    fake_networks,
    fake_scene,
    picture,
    pose_answer,
    sighting,
)

from vitruvian.core.detection import Detection
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.engine.detector import DETECTOR_OUTPUTS
from vitruvian.engine.landmarker import LANDMARKER_OUTPUTS, MASK_OUTPUT, RawPose
from vitruvian.engine.options import Options
from vitruvian.engine.pipeline import Look, Person, Pipeline
from vitruvian.engine.profile import PROFILES

IMAGE = picture()
ANN, BOB = Actor(hips=(120, 100), seed=1), Actor(hips=(300, 150), seed=2, detection_score=0.8)


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> FakeNetworks:
    return fake_networks(monkeypatch)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> FakeScene:
    return fake_scene(monkeypatch, ANN, BOB)


def pipeline(**options: object) -> Pipeline:
    return Pipeline(Options(**({"profile": "solutions"} | options)))


def found(whole: Pipeline, image: np.ndarray = IMAGE, **options: bool) -> list[Person | None]:
    return whole.locate(image, whole.settle(image, whole.detect(image, **options)))


def the_one(whole: Pipeline, image: np.ndarray = IMAGE) -> Person:
    (person,) = found(whole, image)
    assert person is not None
    return person


def test_each_network_is_asked_for_what_is_used(networks: FakeNetworks) -> None:
    pipeline()
    asked = networks.detector.sessions[0].asked
    assert (asked.path.name, asked.sha256) == ("detector.tflite", "detector")
    assert (asked.input_hw, asked.value_range) == ((224, 224), (-1, 1))
    assert asked.outputs == DETECTOR_OUTPUTS
    asked = networks.landmarker.sessions[0].asked
    assert (asked.path.name, asked.sha256) == ("full.tflite", "full")
    assert (asked.input_hw, asked.value_range) == ((256, 256), (0, 1))
    assert asked.outputs == LANDMARKER_OUTPUTS


def test_the_mask_is_computed_only_where_it_is_wanted(networks: FakeNetworks) -> None:
    pipeline(segmentation=True)
    assert networks.landmarker.sessions[0].asked.outputs == (*LANDMARKER_OUTPUTS, MASK_OUTPUT)


def test_both_networks_run_where_the_caller_says(networks: FakeNetworks) -> None:
    pipeline(backend="litert", device="CPU", threads=3)
    for network in (networks.detector, networks.landmarker):
        assert network.sessions[0].options == {
            "backend": "litert",
            "device": "CPU",
            "threads": 3,
            "precision": "exact",
        }


# --- detections ---


def test_people_are_detected_the_most_certain_first(networks: FakeNetworks) -> None:
    other = sighting((0.2, 0.8), (0.2, 0.7), score=0.6, box_cxcywh=(0.2, 0.6, 0.1, 0.1))
    networks.detector.answer = detector_answer(other, sighting(score=0.9))
    looks = pipeline().detect(IMAGE)
    assert [look.detection.score for look in looks] == pytest.approx([0.9, 0.6])
    assert_allclose(looks[0].roi.center, (128, 128), atol=1e-3)
    assert_allclose(looks[0].roi.wh, (256, 256), atol=1e-3)
    assert_allclose(looks[1].roi.wh, (64, 64), atol=1e-3)
    assert [look.guess for look in looks] == [None, None]


def test_nobody_is_no_look_and_no_person(networks: FakeNetworks) -> None:
    networks.detector.answer = detector_answer()
    assert found(pipeline()) == []
    assert networks.landmarker.n_runs == 0


@pytest.mark.parametrize("rim", [(0.5, 0.5), (np.nan, 0.1), (np.inf, 0.1)])
def test_a_detection_that_defines_no_region_is_passed_over(
    networks: FakeNetworks, rim: tuple[float, float]
) -> None:
    second = sighting((0.2, 0.8), (0.2, 0.7), score=0.6, box_cxcywh=(0.2, 0.6, 0.1, 0.1))
    networks.detector.answer = detector_answer(sighting(rim=rim), second)
    with np.errstate(invalid="ignore"):
        (look,) = pipeline().detect(IMAGE)
    assert look.detection.score == pytest.approx(0.6)


def test_faint_detections_come_where_they_are_asked_for(networks: FakeNetworks) -> None:
    for score, n_plain, n_faint in ((0.6, 1, 1), (0.49, 0, 1), (0.21, 0, 1), (0.19, 0, 0)):
        networks.detector.answer = detector_answer(sighting(score=score))
        whole = pipeline(detection_confidence=0.5)
        assert len(whole.detect(IMAGE)) == n_plain
        assert len(whole.detect(IMAGE, faint=True)) == n_faint


def test_crop_center_searches_the_square_in_the_middle(networks: FakeNetworks) -> None:
    wide = picture(512, 256)
    (look,) = pipeline(crop="center").detect(wide)
    assert_allclose(look.roi.center, (256, 128), atol=1e-3)
    assert_allclose(look.roi.wh, (256, 256), atol=1e-3)
    (letterboxed,) = pipeline(crop="letterbox").detect(wide)
    assert_allclose(letterboxed.roi.center, (256, 128), atol=1e-3)
    assert_allclose(letterboxed.roi.wh, (512, 512), atol=1e-3)


# --- looks ---


@pytest.mark.parametrize("profile", PROFILES)
def test_the_profile_says_how_often_a_first_region_is_improved(
    networks: FakeNetworks, profile: str
) -> None:
    passes = PROFILES[profile].settling_passes
    small = sighting(rim=(0.5, 0.4))  # a region of 64 px, a quarter of the next
    networks.detector.answer = detector_answer(small)
    networks.landmarker.answer = pose_answer(crop_points(rim=(CROP / 2, CROP / 2 - 204.8)))
    person = the_one(pipeline(profile=profile))
    assert networks.landmarker.n_runs == 1 + passes
    assert_allclose(person.look.roi.wh, 64 * 2.0**passes, rtol=1e-4)
    assert person.look.detection is not None


def test_a_settled_look_lies_about_the_person_and_knows_what_it_saw(scene: FakeScene) -> None:
    scene.detected = [replace(ANN, hips=(130, 105), size_px=70)]
    whole = pipeline(profile="default")
    (look,) = whole.settle(scene.image, whole.detect(scene.image))
    assert_allclose(look.roi.center, ANN.hips, atol=1e-2)
    assert_allclose(look.roi.wh, ANN.roi().wh, atol=1e-2)
    assert_allclose(look.guess.landmarks, ANN.points[:33], atol=1e-2)
    assert look.detection is not None


def test_looks_at_nobody_do_not_outlast_the_settling(scene: FakeScene) -> None:
    scene.detected = [replace(ANN, hips=(400, 300)), BOB]
    whole = pipeline(profile="default")
    (look,) = whole.settle(scene.image, whole.detect(scene.image))
    assert_allclose(look.roi.center, BOB.hips, atol=1e-2)
    assert len(scene.looks) == 3  # two at first, and Bob again


def test_where_nothing_is_settled_looks_are_those_of_the_detector(scene: FakeScene) -> None:
    scene.detected = [replace(ANN, hips=(400, 300)), BOB]
    whole = pipeline(profile="solutions")
    looks = whole.detect(scene.image)
    assert whole.settle(scene.image, looks) == looks
    assert scene.looks == []


def test_where_the_first_look_gives_no_region_that_of_the_detection_stays(
    networks: FakeNetworks,
) -> None:
    networks.landmarker.answer = pose_answer(crop_points(rim=(CROP / 2, CROP / 2)))
    person = the_one(pipeline(profile="default"))
    assert_allclose(person.look.roi.wh, (256, 256), atol=1e-3)


def test_all_looks_go_to_the_network_together(scene: FakeScene) -> None:
    whole = pipeline(profile="default")
    found(whole, scene.image)
    assert scene.networks.landmarker.batches == [2] * (1 + PROFILES["default"].settling_passes)


def test_each_look_gives_its_person_or_none(scene: FakeScene) -> None:
    looks = [Look(roi) for roi in (BOB.roi(), ANN.roi((400, 300)), ANN.roi())]
    bob, nobody, ann = pipeline().locate(scene.image, looks)
    assert nobody is None
    for person, actor, look in ((bob, BOB, looks[0]), (ann, ANN, looks[2])):
        assert_allclose(person.points, actor.points[:33, :2], atol=1e-2)
        assert_allclose(person.hips, actor.hips, atol=1e-2)
        assert person.size_px == pytest.approx(actor.size_px, rel=1e-4)
        assert person.look is look


def test_somebody_is_there_above_the_presence_confidence(networks: FakeNetworks) -> None:
    networks.landmarker.answer = pose_answer(score=0.5)
    for profile in ("solutions", "default"):
        assert all(p is None for p in found(pipeline(profile=profile, presence_confidence=0.5)))
        assert the_one(pipeline(profile=profile, presence_confidence=0.4)).raw.score == 0.5


def test_masks_are_computed_once_for_each_answer(networks: FakeNetworks) -> None:
    networks.landmarker.answer = pose_answer(mask=np.zeros((256, 256, 1), np.float32))
    whole = pipeline(profile="default", segmentation=True)
    assert the_one(whole).raw.mask is not None
    assert whole.timer.stats["mask"].count == 1


# --- people ---


def person_of(actor: Actor, *, guess: Actor | None = None, **changes: float) -> Person:
    def raw_of(actor: Actor) -> RawPose:
        ones = np.ones(33, np.float32)
        points = actor.points
        world = np.zeros((33, 3), np.float32)
        return RawPose(points[:33], points[33:35], ones, ones, world, actor.score, None)

    score = changes.get("detection_score")
    keypoints = np.tile(actor.points[33:35, :2], (2, 1))
    detection = None if score is None else Detection(np.zeros(4), keypoints, score)
    look = Look(actor.roi(), detection, None if guess is None else raw_of(guess))
    return Person(raw_of(actor), look)


def test_a_box_holds_head_trunk_and_legs_and_lets_arms_reach_out() -> None:
    points = np.tile(ANN.points, 1)
    for name in ("left_elbow", "right_wrist", "left_thumb", "right_index", "left_pinky"):
        points[BLAZEPOSE.index(name), :2] = (600, 5)
    person = person_of(ANN)
    reaching = replace(person, raw=replace(person.raw, landmarks=points[:33]))
    assert_array_equal(reaching.box_xyxy, person.box_xyxy)
    for name in ("nose", "left_foot_index", "right_hip"):
        moved = points[:33].copy()
        moved[BLAZEPOSE.index(name), :2] = (600, 5)
        x0, y0, x1, y1 = replace(person, raw=replace(person.raw, landmarks=moved)).box_xyxy
        assert (y0, x1) == (5, 600)
        assert x0 < x1
        assert y0 < y1


def test_likeness_is_the_same_from_both_sides() -> None:
    one, other = person_of(ANN), person_of(replace(ANN, hips=(122, 101), size_px=82))
    assert one.likeness(one) == 1.0
    assert 0 < one.likeness(other) == other.likeness(one) < 1
    assert one.likeness(person_of(BOB)) < 0.01


def test_who_was_seen_alike_twice_is_credible_and_who_was_not_is_not(
    networks: FakeNetworks,
) -> None:
    whole = pipeline(profile="default")
    for shift, is_credible in ((0.0, True), (0.5, True), (20.0, False)):
        guess = replace(ANN, hips=(ANN.hips[0] + shift, ANN.hips[1]))
        assert whole.is_credible(person_of(ANN, guess=guess, detection_score=0.7)) == is_credible
        assert whole.is_credible(person_of(ANN, guess=guess, detection_score=0.8))


@pytest.mark.parametrize(
    ("detection_score", "score", "is_credible"),
    [(0.5, 0.6, True), (0.49, 0.94, False), (0.21, 0.96, True), (None, 0.6, True)],
)
def test_one_of_the_networks_must_be_sure(
    networks: FakeNetworks, detection_score: float | None, score: float, is_credible: bool
) -> None:
    ann = replace(ANN, score=score)
    person = person_of(ann, guess=ann, detection_score=detection_score)
    assert pipeline(profile="default").is_credible(person) == is_credible


@pytest.mark.parametrize("rim", [(120.0, 100.0), (np.nan, 100.0)])
def test_a_person_who_was_looked_at_twice_and_has_no_size_is_not_credible(
    networks: FakeNetworks, rim: tuple[float, float]
) -> None:
    person = person_of(ANN, guess=ANN, detection_score=0.9)
    auxiliary = np.array([(*ANN.hips, 0), (*rim, 0)], np.float32)
    point = replace(person, raw=replace(person.raw, auxiliary=auxiliary))
    assert not pipeline(profile="default").is_credible(point)


def test_whoever_mediapipe_sees_is_credible(networks: FakeNetworks) -> None:
    networks.landmarker.answer = pose_answer(crop_points(rim=(CROP / 2, CROP / 2)), score=0.51)
    for profile in MEDIAPIPES:
        whole = pipeline(profile=profile)
        assert whole.is_credible(the_one(whole))


# --- the end ---


def test_close_closes_both(networks: FakeNetworks) -> None:
    both = pipeline()
    both.close()
    assert networks.detector.sessions[0].is_closed
    assert networks.landmarker.sessions[0].is_closed
