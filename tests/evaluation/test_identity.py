"""Identity scores on tracks whose scores are known."""

from __future__ import annotations

import builtins
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from vitruvian.errors import BackendUnavailableError
from vitruvian.evaluation import coco_landmarks, oks
from vitruvian.evaluation.identity import (
    FrameComparison,
    IdentityScores,
    TrackTruth,
    compare_frames,
    hota_scores,
    identity_scores,
    trackeval_sequence,
)

STEPS, PEOPLE = 20, 2

Ids = list[dict[int, np.ndarray]]


@pytest.fixture
def truth() -> TrackTruth:
    """Two people of 200 px, 150 px apart, who walk to the right; all is visible."""
    body = np.random.default_rng(0).uniform((0, 0), (80, 200), (33, 2))
    start = np.array([[0, 0], [150, 0]])
    walk = np.arange(STEPS)[:, None, None, None] * [3.0, 0.0]
    return TrackTruth(body + start[:, None] + walk, np.ones((STEPS, PEOPLE)))


def named(truth: TrackTruth, *ids: list[int | None]) -> Ids:
    """Each person's true pose under the ID given for each frame; None is a missed person."""
    return [
        {id_: landmarks[person] for person, id_ in enumerate(now) if id_ is not None}
        for landmarks, now in zip(truth.landmarks, zip(*ids, strict=True), strict=True)
    ]


def scores_of(truth: TrackTruth, predicted: Ids) -> IdentityScores:
    return identity_scores([compare_frames(truth, predicted)])


# --- IDF1, MOTA and switches ---


def test_persistent_ids_are_perfect_whatever_their_numbers(truth: TrackTruth) -> None:
    scores = scores_of(truth, named(truth, [17] * STEPS, [4] * STEPS))
    assert (scores.idf1, scores.mota, scores.id_switches) == (1.0, 1.0, 0)


def test_exchanged_ids_are_two_switches_and_half_the_idf1(truth: TrackTruth) -> None:
    half = STEPS // 2
    scores = scores_of(truth, named(truth, [0] * half + [1] * half, [1] * half + [0] * half))
    assert scores.id_switches == 2
    assert_allclose(scores.idf1, 0.5)
    assert_allclose(scores.mota, 1 - 2 / (STEPS * PEOPLE))


def test_missed_people_and_false_positives_lower_mota(truth: TrackTruth) -> None:
    predicted = named(truth, [0] * STEPS, [None] * 4 + [1] * (STEPS - 4))
    predicted[7][2] = truth.landmarks[7, 0] + [0, 400]
    scores = scores_of(truth, predicted)
    assert_allclose(scores.mota, 1 - 5 / (STEPS * PEOPLE))
    assert_allclose(scores.idf1, 2 * 36 / (40 + 37))


def test_poses_far_from_the_person_do_not_match(truth: TrackTruth) -> None:
    poses = named(truth, [0] * STEPS, [1] * STEPS)
    near, far = ([{i: p + shift for i, p in f.items()} for f in poses] for shift in (3.0, 60.0))
    assert scores_of(truth, near).idf1 == 1.0
    assert scores_of(truth, far).idf1 == 0.0


def test_hidden_people_are_neither_missed_nor_false_positives(truth: TrackTruth) -> None:
    visible = truth.visible.copy()
    visible[5:10, 1] = 0.3
    hidden = TrackTruth(truth.landmarks, visible)
    for second in ([1] * STEPS, [1] * 5 + [None] * 5 + [1] * 10, [1] * 5 + [9] * 5 + [1] * 10):
        scores = scores_of(hidden, named(truth, [0] * STEPS, second))
        assert (scores.idf1, scores.mota, scores.id_switches) == (1.0, 1.0, 0)


def test_people_without_a_position_are_absent(truth: TrackTruth) -> None:
    landmarks, visible = truth.landmarks.copy(), truth.visible.copy()
    landmarks[:, 1], visible[:, 1] = np.nan, 0.0
    alone = TrackTruth(landmarks, visible)
    scores = scores_of(alone, named(truth, [0] * STEPS, [None] * STEPS))
    assert (scores.idf1, scores.mota, scores.id_switches) == (1.0, 1.0, 0)
    assert scores_of(alone, named(truth, [0] * STEPS, [1] * STEPS)).mota == 0.0


def test_clips_are_scored_together_with_their_ids_apart(truth: TrackTruth) -> None:
    clips = [
        compare_frames(truth, named(truth, [first] * STEPS, [1 - first] * STEPS))
        for first in (0, 1)
    ]
    scores = identity_scores(clips)
    assert (scores.idf1, scores.mota, scores.id_switches) == (1.0, 1.0, 0)


# --- comparison of frames ---


def test_poses_of_33_and_of_17_landmarks_get_the_same_scores() -> None:
    body = np.random.default_rng(0).uniform(0, 200, (33, 2))
    truth = TrackTruth(body[None, None], np.ones((1, 1)))
    pose = np.column_stack([body + 4.0, np.zeros(33)])
    [of_33], [of_17] = (
        compare_frames(truth, [{0: points}]) for points in (pose, coco_landmarks(pose))
    )
    assert of_33.oks == of_17.oks
    area_px2 = 0.53 * float(np.prod(np.ptp(body, axis=0)))  # of the box around all 33
    assert of_33.oks[0, 0] == oks(coco_landmarks(body) + 4.0, coco_landmarks(body), area_px2)
    assert 0.8 < of_33.oks[0, 0] < 1


def test_a_frame_without_poses_has_no_columns(truth: TrackTruth) -> None:
    frame = compare_frames(truth, [{}] * STEPS)[0]
    assert frame.truth_ids.tolist() == [0, 1]
    assert frame.predicted_ids.shape == (0,)
    assert frame.oks.shape == (2, 0)


def test_predictions_of_another_length_are_refused(truth: TrackTruth) -> None:
    with pytest.raises(ValueError, match="20 frames, got 1"):
        compare_frames(truth, [{}])


def test_a_truth_of_other_shapes_is_refused() -> None:
    with pytest.raises(ValueError, match=r"got \(4, 2, 33, 2\) and \(4, 3\)"):
        TrackTruth(np.zeros((4, 2, 33, 2)), np.ones((4, 3)))
    with pytest.raises(ValueError, match=r"\(\.\.\., 17, D\), got \(4, 2, 25, 2\)"):
        TrackTruth(np.zeros((4, 2, 25, 2)), np.ones((4, 2)))


# --- HOTA ---


def test_trackeval_gets_ids_that_count_from_0(truth: TrackTruth) -> None:
    frames = compare_frames(truth, named(truth, [40] * STEPS, [None] * 5 + [7] * 15))
    sequence = trackeval_sequence(frames)
    assert [ids.tolist() for ids in sequence["tracker_ids"][4:6]] == [[1], [1, 0]]
    assert (sequence["num_gt_ids"], sequence["num_tracker_ids"]) == (2, 2)
    assert (sequence["num_gt_dets"], sequence["num_tracker_dets"]) == (40, 35)
    assert sequence["similarity_scores"][4].shape == (2, 1)


def test_a_clip_without_people_has_no_ids() -> None:
    empty = FrameComparison(np.empty(0, int), np.empty(0, int), np.empty((0, 0)))
    sequence = trackeval_sequence([empty])
    assert (sequence["num_timesteps"], sequence["num_gt_ids"]) == (1, 0)
    assert trackeval_sequence([])["num_tracker_ids"] == 0


def test_hota_of_known_tracks(truth: TrackTruth) -> None:
    pytest.importorskip("trackeval", reason="needs TrackEval, which the test group leaves out")
    lasting = compare_frames(truth, named(truth, [3] * STEPS, [8] * STEPS))
    scores = hota_scores([lasting, lasting])
    assert_allclose((scores.hota, scores.detection_accuracy, scores.association_accuracy), 1.0)
    half = STEPS // 2
    exchanged = named(truth, [0] * half + [1] * half, [1] * half + [0] * half)
    scores = hota_scores([compare_frames(truth, exchanged)])
    # every pose matches, 10 of the 20 frames of its person and 10 of the 20 of its ID: 10 / 30
    assert_allclose(scores.detection_accuracy, 1.0)
    assert_allclose(scores.association_accuracy, 1 / 3)
    assert_allclose(scores.hota, (1 / 3) ** 0.5)


# --- what is not installed ---


def test_the_import_loads_none_of_the_optional_libraries() -> None:
    code = "import sys, vitruvian.evaluation; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"cv2", "motmetrics", "pandas", "scipy", "trackeval"} & set(done.stdout.split())


@pytest.mark.parametrize(
    ("library", "score", "advice"),
    [
        ("motmetrics", identity_scores, r"pip install 'vitruvian\[evaluation\]'"),
        ("trackeval", hota_scores, "pip install --no-deps trackeval tabulate"),
    ],
)
def test_an_absent_library_is_named_with_how_to_install_it(
    library: str, score: Any, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    importing = builtins.__import__

    def without(name: str, *args: Any, **options: Any) -> Any:
        if name.partition(".")[0] == library:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return importing(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    for name in [name for name in sys.modules if name.partition(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(BackendUnavailableError, match=advice):
        score([])
