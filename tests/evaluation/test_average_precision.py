"""OKS-AP: laws, values computed by hand, and pycocotools."""

from __future__ import annotations

import contextlib
import io
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from vitruvian.evaluation.average_precision import AnnotatedPose, ScoredPose, oks_ap

PERSON = np.random.default_rng(0).uniform(0, 200, (17, 2))
AREAS = {"all": (0.0, 1e10), "medium": (32.0**2, 96.0**2), "large": (96.0**2, 1e10)}


def test_a_perfect_prediction_has_precision_and_recall_1() -> None:
    truths = [[AnnotatedPose(PERSON), AnnotatedPose(PERSON + 300)], [AnnotatedPose(PERSON)]]
    found = [[ScoredPose(p.landmarks, 0.9) for p in people] for people in truths]
    scores = oks_ap(truths, found)
    assert (scores.ap, scores.ap50, scores.ap75) == (1.0, 1.0, 1.0)
    assert (scores.ar, scores.ar50, scores.ar75) == (1.0, 1.0, 1.0)


def test_no_predictions_is_0() -> None:
    scores = oks_ap([[AnnotatedPose(PERSON)]], [[]])
    assert (scores.ap, scores.ar) == (0.0, 0.0)


def test_no_people_is_nan() -> None:
    assert np.isnan(oks_ap([[]], [[ScoredPose(PERSON, 0.9)]]).ap)
    assert np.isnan(oks_ap([], []).ap)


def test_false_positives_count_by_their_score() -> None:
    truths = [[AnnotatedPose(PERSON)]]
    true, false = ScoredPose(PERSON, 0.5), PERSON + 1000
    assert oks_ap(truths, [[true, ScoredPose(false, 0.4)]]).ap == 1.0
    assert oks_ap(truths, [[true, ScoredPose(false, 0.6)]]).ap == 0.5


def test_each_threshold_has_equal_weight() -> None:
    """With an OKS of 0.82 the pose is right at 7 of the 10 thresholds."""
    spread, area = 2 * 0.026, 1e4
    truth = np.full((17, 2), np.nan)
    truth[0] = 0.0  # the nose alone is labelled
    offset = (-2 * area * spread**2 * np.log(0.82)) ** 0.5
    found = ScoredPose(np.full((17, 2), [offset, 0.0]), 0.9)
    scores = oks_ap([[AnnotatedPose(truth, area)]], [[found]])
    assert scores.ap == pytest.approx(0.7)
    assert (scores.ap50, scores.ap75) == (1.0, 1.0)


def test_precision_is_read_at_101_recalls() -> None:
    """One of two people is found: recalls 0.00 to 0.50 have precision 1, the rest 0."""
    truths = [[AnnotatedPose(PERSON), AnnotatedPose(PERSON + 1000)]]
    scores = oks_ap(truths, [[ScoredPose(PERSON, 0.9)]])
    assert scores.ap == pytest.approx(51 / 101)
    assert scores.ar == 0.5


def test_people_without_labels_and_crowds_are_ignored() -> None:
    unlabelled = AnnotatedPose(np.full((17, 2), np.nan), 1e4, np.array([500, 500, 600, 700]))
    crowd = AnnotatedPose(PERSON + 1000, is_crowd=True)
    in_box, in_crowd = np.full((17, 2), 550.0), PERSON + 1000
    found = [ScoredPose(points, 0.9) for points in (in_box, in_crowd, in_crowd)]
    scores = oks_ap([[AnnotatedPose(PERSON), unlabelled, crowd]], [[*found, ScoredPose(PERSON, 1)]])
    assert (scores.ap, scores.ar) == (1.0, 1.0)


def test_poses_of_33_landmarks_and_three_axes_are_taken() -> None:
    pose = np.random.default_rng(0).uniform(0, 200, (33, 3))
    found = SimpleNamespace(landmarks=pose, score=0.9)
    assert oks_ap([[AnnotatedPose(pose[:, :2])]], [[found]]).ap == 1.0


def test_an_unlabelled_person_needs_a_box() -> None:
    with pytest.raises(ValueError, match="needs box_xyxy and area_px2"):
        AnnotatedPose(np.full((17, 2), np.nan))


def test_another_number_of_images_is_refused() -> None:
    with pytest.raises(ValueError, match="1 images like truths, got 2"):
        oks_ap([[]], [[], []])


# --- against pycocotools ---


def images(seed: int, count: int = 30) -> tuple[list, list]:
    """Random images with crowds, unlabelled and small people, ties, duplicates and many poses."""
    rng = np.random.default_rng(seed)
    truths, found = [], []
    for _ in range(count):
        people, poses = [], []
        for _ in range(rng.integers(0, 5)):
            size = rng.uniform(20, 300)
            points = rng.uniform(0, 600, 2) + rng.uniform(0, size, (17, 2))
            labelled = points.copy()
            labelled[rng.random(17) < rng.choice([0.0, 0.3, 1.0], p=[0.5, 0.4, 0.1])] = np.nan
            box = np.concatenate([points.min(axis=0), points.max(axis=0)])
            area = rng.uniform(0.3, 0.8) * float(np.prod(box[2:] - box[:2]))
            people.append(AnnotatedPose(labelled, area, box, is_crowd=bool(rng.random() < 0.1)))
            for _ in range(rng.choice([0, 1, 1, 1, 2, 12])):
                noise = rng.normal(0, size * rng.choice([0.0, 0.01, 0.04, 0.1]), (17, 2))
                poses.append(ScoredPose(points + noise, round(rng.random(), 1)))
        for _ in range(rng.integers(0, 3)):
            poses.append(ScoredPose(rng.uniform(0, 600, (17, 2)), round(rng.random(), 1)))
        truths.append(people)
        found.append(poses)
    return truths, found


def pycocotools_stats(truths: list, found: list) -> dict[str, list[float]]:
    """Return AP, AP50, AP75, AR, AR50, AR75 of all areas, and AP and AR of the other two."""
    coco = pytest.importorskip("pycocotools.coco", reason="needs pycocotools")
    cocoeval = pytest.importorskip("pycocotools.cocoeval", reason="needs pycocotools")

    def triples(points: np.ndarray) -> list[float]:
        is_known = np.isfinite(points).all(axis=1)
        return np.column_stack([np.nan_to_num(points), 2 * is_known]).ravel().tolist()

    def annotation(image: int, person: AnnotatedPose) -> dict[str, Any]:
        x, y, right, bottom = person.box_xyxy.tolist()
        return {
            "image_id": image, "category_id": 1, "area": person.area_px2,
            "bbox": [x, y, right - x, bottom - y], "iscrowd": int(person.is_crowd),
            "keypoints": triples(person.landmarks),
            "num_keypoints": int(np.isfinite(person.landmarks).all(axis=1).sum()),
        }  # fmt: skip

    pairs = [(image, person) for image, people in enumerate(truths, 1) for person in people]
    with contextlib.redirect_stdout(io.StringIO()):
        gt = coco.COCO()
        gt.dataset = {
            "info": {},
            "images": [{"id": image} for image in range(1, len(truths) + 1)],
            "categories": [{"id": 1, "name": "person"}],
            "annotations": [annotation(*pair) | {"id": i} for i, pair in enumerate(pairs, 1)],
        }
        gt.createIndex()
        dt = gt.loadRes([
            {"image_id": image, "category_id": 1, "score": pose.score,
             "keypoints": triples(pose.landmarks)}
            for image, poses in enumerate(found, 1) for pose in poses
        ])  # fmt: skip
        evaluation = cocoeval.COCOeval(gt, dt, "keypoints")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    ap, ap50, ap75, ap_medium, ap_large, ar, ar50, ar75, ar_medium, ar_large = evaluation.stats
    return {
        "all": [ap, ap50, ap75, ar, ar50, ar75],
        "medium": [ap_medium, ar_medium],
        "large": [ap_large, ar_large],
    }


@pytest.mark.parametrize("seed", range(6))
def test_scores_equal_those_of_pycocotools(seed: int) -> None:
    truths, found = images(seed)
    theirs = pycocotools_stats(truths, found)
    for name, area_range in AREAS.items():
        ours = oks_ap(truths, found, area_range_px2=area_range)
        figures = [ours.ap, ours.ap50, ours.ap75, ours.ar, ours.ar50, ours.ar75]
        if name != "all":
            figures = [ours.ap, ours.ar]
        assert figures == pytest.approx(theirs[name], abs=1e-12), name
