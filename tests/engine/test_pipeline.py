from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.engine.fakes import (
    CROP,
    FakeNetworks,
    crop_points,
    detector_answer,
    fake_networks,
    picture,
    pose_answer,
    sighting,
)

from vitruvian.engine.detector import DETECTOR_OUTPUTS
from vitruvian.engine.landmarker import LANDMARKER_OUTPUTS, MASK_OUTPUT
from vitruvian.engine.options import Options
from vitruvian.engine.pipeline import Person, Pipeline
from vitruvian.engine.profile import PROFILES

IMAGE = picture()


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> FakeNetworks:
    return fake_networks(monkeypatch)


def pipeline(**options: object) -> Pipeline:
    return Pipeline(Options(**({"profile": "solutions"} | options)))


def found(person: Person | None) -> Person:
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
        assert network.sessions[0].options == {"backend": "litert", "device": "CPU", "threads": 3}


def test_the_most_certain_person_is_found_in_the_region_of_the_detection(
    networks: FakeNetworks,
) -> None:
    other = sighting((0.2, 0.8), (0.2, 0.7), score=0.6, box_cxcywh=(0.2, 0.6, 0.1, 0.1))
    networks.detector.answer = detector_answer(other, sighting(score=0.9))
    person = found(pipeline().find(IMAGE))
    assert_allclose(person.roi.center, (128, 128), atol=1e-3)
    assert_allclose(person.roi.wh, (256, 256), atol=1e-3)
    assert person.detection is not None
    assert person.detection.score == pytest.approx(0.9)


def test_nobody_is_none(networks: FakeNetworks) -> None:
    networks.detector.answer = detector_answer()
    assert pipeline().find(IMAGE) is None
    assert networks.landmarker.n_runs == 0


def test_a_detection_in_which_the_landmark_network_sees_nobody_is_none(
    networks: FakeNetworks,
) -> None:
    networks.landmarker.answer = pose_answer(score=0.5)
    assert pipeline(presence_confidence=0.5).find(IMAGE) is None
    assert pipeline(presence_confidence=0.4).find(IMAGE) is not None


@pytest.mark.parametrize("rim", [(0.5, 0.5), (np.nan, 0.1), (np.inf, 0.1)])
def test_a_detection_that_defines_no_region_is_none(
    networks: FakeNetworks, rim: tuple[float, float]
) -> None:
    networks.detector.answer = detector_answer(sighting(rim=rim))
    with np.errstate(invalid="ignore"):
        assert pipeline().find(IMAGE) is None


def test_the_second_best_detection_does_not_stand_in_for_the_best(networks: FakeNetworks) -> None:
    second = sighting((0.2, 0.8), (0.2, 0.7), score=0.6, box_cxcywh=(0.2, 0.6, 0.1, 0.1))
    networks.detector.answer = detector_answer(sighting(rim=(0.5, 0.5)), second)
    assert pipeline().find(IMAGE) is None


@pytest.mark.parametrize("profile", PROFILES)
def test_the_profile_says_how_often_a_first_region_is_improved(
    networks: FakeNetworks, profile: str
) -> None:
    passes = PROFILES[profile].settling_passes
    small = sighting(rim=(0.5, 0.4))  # a region of 64 px, a quarter of the next
    networks.detector.answer = detector_answer(small)
    networks.landmarker.answer = pose_answer(crop_points(rim=(CROP / 2, CROP / 2 - 204.8)))
    person = found(pipeline(profile=profile).find(IMAGE))
    assert networks.landmarker.n_runs == 1 + passes
    assert_allclose(person.roi.wh, 64 * 2.0**passes, rtol=1e-4)
    assert person.detection is not None


def test_where_the_first_look_gives_no_region_that_of_the_detection_stays(
    networks: FakeNetworks,
) -> None:
    networks.landmarker.answer = pose_answer(crop_points(rim=(CROP / 2, CROP / 2)))
    person = found(pipeline(profile="default").find(IMAGE))
    assert_allclose(person.roi.wh, (256, 256), atol=1e-3)


def test_masks_are_computed_once_for_each_answer(networks: FakeNetworks) -> None:
    networks.landmarker.answer = pose_answer(mask=np.zeros((256, 256, 1), np.float32))
    whole = pipeline(profile="default", segmentation=True)
    assert found(whole.find(IMAGE)).raw.mask is not None
    assert whole.timer.stats["mask"].count == 1


def test_crop_center_searches_the_square_in_the_middle(networks: FakeNetworks) -> None:
    wide = picture(512, 256)
    person = found(pipeline(crop="center").find(wide))
    assert_allclose(person.roi.center, (256, 128), atol=1e-3)
    assert_allclose(person.roi.wh, (256, 256), atol=1e-3)
    letterboxed = found(pipeline(crop="letterbox").find(wide))
    assert_allclose(letterboxed.roi.center, (256, 128), atol=1e-3)
    assert_allclose(letterboxed.roi.wh, (512, 512), atol=1e-3)


def test_close_closes_both(networks: FakeNetworks) -> None:
    both = pipeline()
    both.close()
    assert networks.detector.sessions[0].is_closed
    assert networks.landmarker.sessions[0].is_closed
