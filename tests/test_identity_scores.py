"""The scores of identities, on tracks whose scores are known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

pytest.importorskip("motmetrics", reason="needs the dependency group test")
identity_scores = pytest.importorskip("identity_scores", reason="needs the folder benchmarks")
Truth, scores_of = identity_scores.Truth, identity_scores.identity_scores

STEPS, PEOPLE = 20, 2


@pytest.fixture
def truth() -> identity_scores.Truth:
    """Two people of 200 px, 150 px apart, who walk to the right; all is seen."""
    body = np.random.default_rng(0).uniform((0, 0), (80, 200), (33, 2))
    start = np.array([[0, 0], [150, 0]])
    walk = np.arange(STEPS)[:, None, None, None] * [3.0, 0.0]
    return Truth(body + start[:, None] + walk, np.ones((STEPS, PEOPLE)))


def named(truth: identity_scores.Truth, *ids: list[int | None]) -> list[dict[int, np.ndarray]]:
    """Each person's true poses under the ids given for each frame; None is not found."""
    return [
        {id_: landmarks[person] for person, id_ in enumerate(now) if id_ is not None}
        for landmarks, now in zip(truth.landmarks, zip(*ids, strict=True), strict=True)
    ]


def test_lasting_ids_are_perfect_whatever_their_numbers(truth: identity_scores.Truth) -> None:
    scores = scores_of(truth, named(truth, [17] * STEPS, [4] * STEPS))
    assert (scores.idf1, scores.mota, scores.id_switches) == (1.0, 1.0, 0)


def test_exchanged_ids_are_two_switches_and_half_the_idf1(truth: identity_scores.Truth) -> None:
    half = STEPS // 2
    scores = scores_of(truth, named(truth, [0] * half + [1] * half, [1] * half + [0] * half))
    assert scores.id_switches == 2
    assert_allclose(scores.idf1, 0.5)
    assert_allclose(scores.mota, 1 - 2 / (STEPS * PEOPLE))


def test_missed_and_false_poses_lower_mota(truth: identity_scores.Truth) -> None:
    predicted = named(truth, [0] * STEPS, [None] * 4 + [1] * (STEPS - 4))
    predicted[7][2] = truth.landmarks[7, 0] + [0, 400]
    scores = scores_of(truth, predicted)
    assert_allclose(scores.mota, 1 - 5 / (STEPS * PEOPLE))
    assert_allclose(scores.idf1, 2 * 36 / (40 + 37))


def test_poses_far_from_the_person_do_not_count(truth: identity_scores.Truth) -> None:
    poses = named(truth, [0] * STEPS, [1] * STEPS)
    near, far = ([{i: p + shift for i, p in f.items()} for f in poses] for shift in (3.0, 60.0))
    assert scores_of(truth, near).idf1 == 1.0
    assert scores_of(truth, far).idf1 == 0.0


def test_hidden_people_are_neither_missed_nor_false(truth: identity_scores.Truth) -> None:
    seen = truth.seen.copy()
    seen[5:10, 1] = 0.3
    hidden = Truth(truth.landmarks, seen)
    for second in ([1] * STEPS, [1] * 5 + [None] * 5 + [1] * 10, [1] * 5 + [9] * 5 + [1] * 10):
        scores = scores_of(hidden, named(truth, [0] * STEPS, second))
        assert (scores.idf1, scores.mota, scores.id_switches) == (1.0, 1.0, 0)


def test_clips_are_scored_together_with_their_ids_apart(truth: identity_scores.Truth) -> None:
    clips = [
        identity_scores.moments(truth, named(truth, [first] * STEPS, [1 - first] * STEPS))
        for first in (0, 1)
    ]
    scores = identity_scores.overall_scores(clips)
    assert (scores.idf1, scores.mota, scores.id_switches) == (1.0, 1.0, 0)


def test_predictions_of_another_length_are_refused(truth: identity_scores.Truth) -> None:
    with pytest.raises(ValueError, match="20 frames, got 1"):
        scores_of(truth, [{}])


def test_similarity_is_over_the_landmarks_of_coco() -> None:
    assert identity_scores.IS_COCO.sum() == 17
