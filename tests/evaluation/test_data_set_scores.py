"""Scores over a data set, and the table of them."""

from __future__ import annotations

import numpy as np
import pytest

from vitruvian.evaluation import (
    AnnotatedImage,
    AnnotatedPose,
    ImageScore,
    ScoredPose,
    data_set_scores,
    score_image,
    score_table,
)

PERSON = np.random.default_rng(0).uniform(0, 200, (17, 2))
PIXELS = np.zeros((200, 200, 3), np.uint8)
PEOPLE = AnnotatedImage("a.jpg", (AnnotatedPose(PERSON), AnnotatedPose(PERSON + 1000)))
EMPTY = AnnotatedImage("b.jpg", ())


def score(image: AnnotatedImage, *poses: ScoredPose) -> ImageScore:
    return score_image(image, PIXELS, lambda _: poses)


def test_an_image_keeps_its_poses_and_the_time() -> None:
    found = score(PEOPLE, ScoredPose(PERSON, 0.9))
    assert found.image is PEOPLE
    assert found.comparison.pose_of.tolist() == [0, -1]
    assert len(found.poses) == 1
    assert found.ms >= 0


def test_the_scores_are_those_of_all_images() -> None:
    images = [score(PEOPLE, ScoredPose(PERSON, 0.9)), score(EMPTY, ScoredPose(PERSON, 0.8))]
    scores = data_set_scores(images)
    assert scores.people.found.found == 1
    assert scores.people.n_false_empty == 1
    assert scores.oks_ap.ar == 0.5
    assert scores.median_ms == pytest.approx(np.median([image.ms for image in images]))


def test_the_table_has_a_column_for_each_detector() -> None:
    good = data_set_scores([score(PEOPLE, ScoredPose(PERSON, 0.9), ScoredPose(PERSON + 1000, 0.8))])
    bad = data_set_scores([score(PEOPLE), score(EMPTY, ScoredPose(PERSON, 0.8))])
    header, *rows = score_table({"good": good, "bad": bad})
    cells = {name.strip(): values for name, *values in rows}
    assert header == ("", "good", "bad")
    assert cells["people found"] == ["2 of 2", "0 of 2"]
    assert cells["images where nobody was found"] == ["0 of 1", "1 of 1"]
    assert cells["poses that fit nobody"] == ["0 of 2, 0 %", "1 of 1, 100 %"]
    assert cells["in images without people"] == ["0", "1"]
    assert cells["PCK@0.1, of people found"] == ["1.000", "-"]
    assert cells["PCK@0.1, missed = wrong"] == ["1.000", "0.000"]
    assert cells["OKS AP"] == ["1.000", "0.000"]


@pytest.mark.parametrize("images", [[], [score(EMPTY)]])
def test_a_table_without_people_has_dashes(images: list[ImageScore]) -> None:
    rows = {name: values for name, *values in score_table({"x": data_set_scores(images)})}
    assert rows["people found"] == ["0 of 0"]
    assert rows["OKS AP"] == rows["PCK@0.2, of people found"] == ["-"]
    assert rows["poses that fit nobody"] == ["0 of 0, 0 %"]
