from __future__ import annotations

from dataclasses import replace

import pytest
from tests.fakes import Actor, FakeScene, fake_scene

from vitruvian.engine.closer import MAX_SHARE, closer_look, needs_closer_look, part_around
from vitruvian.engine.model import open_pipeline
from vitruvian.engine.options import EstimatorOptions

ANN = Actor(hips=(220, 200), detection_score=0.3)
WH = (640, 480)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> FakeScene:
    return fake_scene(monkeypatch, ANN, wh=WH)


@pytest.mark.parametrize(("close_score", "is_there"), [(0.9, True), (0.51, True), (0.4, False)])
def test_an_uncertain_person_must_score_enough_from_nearby(
    scene: FakeScene, close_score: float, is_there: bool
) -> None:
    pipeline = open_pipeline(EstimatorOptions())
    scene.actors = [replace(ANN, close_score=close_score)]
    (candidate,) = pipeline.detect(scene.image, low_scores=True)
    assert needs_closer_look(candidate, WH)
    seen = closer_look(pipeline, scene.image, candidate, 0.5)
    assert (seen is not None) == is_there
    if seen is not None and seen.detection is not None:
        assert seen.detection.score == pytest.approx(close_score)
        assert seen.detection.keypoints[0] == pytest.approx(ANN.hips, abs=0.1)
    left, top, width, height = scene.parts[-1]
    assert (left + width / 2, top + height / 2) == pytest.approx(ANN.hips)


def test_a_certain_or_large_detection_needs_no_closer_look(scene: FakeScene) -> None:
    pipeline = open_pipeline(EstimatorOptions())
    for actor, is_needed in (
        (ANN, True),
        (replace(ANN, detection_score=0.81), False),
        (replace(ANN, size_px=400), False),
    ):
        scene.actors = [actor]
        (candidate,) = pipeline.detect(scene.image, low_scores=True)
        assert needs_closer_look(candidate, WH) == is_needed


def test_a_part_is_inside_the_image() -> None:
    assert part_around((100, 100), 60, WH) == (70, 70, 60, 60)
    assert part_around((10, 470), 60, WH) == (0, 440, 40, 40)
    assert part_around((0, 0), 40, WH) is None  # too small
    assert part_around((320, 240), MAX_SHARE * 640 + 1, WH) is None
