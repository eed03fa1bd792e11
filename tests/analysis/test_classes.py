"""The pose classifier equals a plain restatement of MediaPipe's guide, and reads its files."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.analysis.people import person_of, results_of, times_us

from vitruvian import PoseSequence
from vitruvian.analysis.classes import (
    ClassCounter,
    PoseClassifier,
    PoseSamples,
    class_confidences,
    count_class,
    pose_embedding,
)
from vitruvian.synthetic.exercises import exercise

if TYPE_CHECKING:
    from pathlib import Path

L_SHOULDER, R_SHOULDER, L_ELBOW, R_ELBOW, L_WRIST, R_WRIST = 11, 12, 13, 14, 15, 16
L_HIP, R_HIP, L_KNEE, R_KNEE, L_ANKLE, R_ANKLE = 23, 24, 25, 26, 27, 28


def poses(n: int, seed: int = 0) -> np.ndarray:
    """Return random poses (n, 33, 3) in px."""
    return np.random.default_rng(seed).normal(300, 80, (n, 33, 3))


def samples(n: int, seed: int = 1) -> PoseSamples:
    classes = tuple(("up", "down", "other")[i % 3] for i in range(n))
    return PoseSamples(tuple(f"{i}.jpg" for i in range(n)), classes, poses(n, seed))


# --- a plain restatement, in loops ---


def plain_embedding(pose: np.ndarray) -> list[list[float]]:
    hips = [(pose[L_HIP][k] + pose[R_HIP][k]) / 2 for k in range(3)]
    moved = [[float(p[k] - hips[k]) for k in range(3)] for p in pose]
    neck = [(moved[L_SHOULDER][k] + moved[R_SHOULDER][k]) / 2 for k in range(3)]
    size = 2.5 * math.hypot(neck[0], neck[1])
    for p in moved:
        size = max(size, math.hypot(p[0], p[1]))
    unit = [[100 * v / size for v in p] for p in moved]

    def middle(a: int, b: int) -> list[float]:
        return [(unit[a][k] + unit[b][k]) / 2 for k in range(3)]

    def step(a: list[float], b: list[float]) -> list[float]:
        return [b[k] - a[k] for k in range(3)]

    pairs = [
        (L_SHOULDER, L_ELBOW), (R_SHOULDER, R_ELBOW), (L_ELBOW, L_WRIST), (R_ELBOW, R_WRIST),
        (L_HIP, L_KNEE), (R_HIP, R_KNEE), (L_KNEE, L_ANKLE), (R_KNEE, R_ANKLE),
        (L_SHOULDER, L_WRIST), (R_SHOULDER, R_WRIST), (L_HIP, L_ANKLE), (R_HIP, R_ANKLE),
        (L_HIP, L_WRIST), (R_HIP, R_WRIST), (L_SHOULDER, L_ANKLE), (R_SHOULDER, R_ANKLE),
        (L_HIP, L_WRIST), (R_HIP, R_WRIST),
        (L_ELBOW, R_ELBOW), (L_KNEE, R_KNEE), (L_WRIST, R_WRIST), (L_ANKLE, R_ANKLE),
    ]  # fmt: skip
    trunk = step(middle(L_HIP, R_HIP), middle(L_SHOULDER, R_SHOULDER))
    return [trunk, *(step(unit[a], unit[b]) for a, b in pairs)]


def plain_votes(known: PoseSamples, pose: np.ndarray) -> dict[str, int]:
    weights = (1.0, 1.0, 0.2)
    straight = plain_embedding(pose)
    mirror = plain_embedding(pose * np.array([-1, 1, 1]))
    table = []
    for i, sample in enumerate(known.landmarks.astype(np.float64)):
        other = plain_embedding(sample)
        off = [
            [abs(a - b) * w for p, q in zip(one, other, strict=True)
             for a, b, w in zip(p, q, weights, strict=True)]
            for one in (straight, mirror)
        ]  # fmt: skip
        table.append((min(map(max, off)), min(sum(o) / len(o) for o in off), i))
    nearest = sorted(sorted(table, key=lambda row: row[0])[:30], key=lambda row: row[1])[:10]
    votes: dict[str, int] = {}
    for _, _, i in nearest:
        votes[known.classes[i]] = votes.get(known.classes[i], 0) + 1
    return votes


def plain_count(votes: list[dict[str, int]], name: str) -> list[int]:
    """Return the frames at which the counter counts."""
    window: list[dict[str, int]] = []
    counted, is_entered = [], False
    for t, new in enumerate(votes):
        window.insert(0, new)
        window = window[:10]
        top = bottom = 0.0
        factor = 1.0
        for old in window:
            top += factor * old.get(name, 0)
            bottom += factor
            factor *= 1 - 0.2
        if not new:
            continue
        if not is_entered:
            is_entered = top / bottom > 6
        elif top / bottom < 4:
            counted.append(t)
            is_entered = False
    return counted


def test_the_embedding_is_the_one_of_the_guide() -> None:
    array = poses(5)
    expected = [plain_embedding(pose) for pose in array]
    assert_allclose(pose_embedding(array), expected, atol=1e-9)
    assert pose_embedding(array).shape == (5, 23, 3)


def test_the_embedding_is_independent_of_place_and_size() -> None:
    array = poses(3)
    assert_allclose(pose_embedding(array * 3 + 100), pose_embedding(array), atol=1e-9)


@pytest.mark.parametrize("n", [4, 25, 90])
def test_the_votes_are_those_of_the_guide(n: int) -> None:
    known = samples(n)
    classifier = PoseClassifier(known)
    for pose in [*poses(20, seed=2), *known.landmarks[:3]]:
        assert classifier.classify(pose) == plain_votes(known, pose)


def test_a_mirrored_pose_has_the_same_votes() -> None:
    classifier = PoseClassifier(samples(60))
    for pose in poses(10, seed=3):
        assert classifier.classify(pose * np.array([-1, 1, 1])) == classifier.classify(pose)


def squat_samples() -> PoseSamples:
    frames = results_of(exercise("squat", 1, 2.0, rest_s=0), [*range(0, 2_000_001, 50_000)])
    is_down = [0.35e6 < r.timestamp_us < 1.65e6 for r in frames]
    return PoseSamples(
        tuple(str(r.frame_index) for r in frames),
        tuple("down" if down else "up" for down in is_down),
        np.stack([r.pose.landmarks for r in frames]),
    )


def test_repetitions_are_counted_as_in_the_guide() -> None:
    known = squat_samples()
    classifier = PoseClassifier(known)
    results = results_of(exercise("squat", 3, 2.0), times_us(7.2))
    results[70:76] = [replace(r, poses=()) for r in results[70:76]]
    person = person_of(results)
    votes = [plain_votes(known, r.pose.landmarks) if r.pose else {} for r in results]
    expected = plain_count(votes, "down")
    assert len(expected) == 3
    assert count_class(person, classifier, "down") == [results[t].timestamp_us for t in expected]
    counter = ClassCounter(classifier, "down")
    assert [t for t, r in enumerate(results) if counter.update(r.pose)] == expected
    assert counter.count == 3
    confidences = class_confidences(person, classifier)
    assert confidences.shape == (len(person), 2)
    assert_allclose(confidences[-1], [counter.confidences[name] for name in ("down", "up")])
    counter.reset()
    assert [t for t, r in enumerate(results) if counter.update(r.pose)] == expected


def test_who_leaves_the_view_in_a_pose_has_not_left_the_pose() -> None:
    counter = ClassCounter(PoseClassifier(squat_samples()), "down")
    motion = exercise("squat", 1, 2.0, rest_s=0)
    down, up = (r.pose for r in results_of(motion, [1_000_000, 2_000_000]))
    assert not any(counter.update(pose) for pose in [down] * 10 + [None] * 30)
    assert counter.confidences["down"] == 0
    assert counter.update(up)


def test_a_real_clip_is_counted_with_samples_from_itself(testdata: Path) -> None:
    with np.load(testdata / "reference/mediapipe-0.10.21/squats.npz") as kept:
        name = next(n for n in kept.files if n.endswith("smooth") and "full" in n)
        array = kept[name][..., :3] * (720, 1280, 720)
    down = [*range(8, 13), *range(32, 38)]
    up = [*range(4), *range(20, 27), *range(42, 51)]
    known = PoseSamples(
        tuple(map(str, down + up)), ("down",) * len(down) + ("up",) * len(up), array[down + up]
    )
    classifier = PoseClassifier(known)
    assert classifier.outliers() == []
    counter = ClassCounter(classifier, "down")
    assert sum(counter.update(pose) for pose in array) == 2


def test_a_sample_in_the_wrong_class_is_an_outlier() -> None:
    known = squat_samples()
    wrong = replace(known, classes=("down", *known.classes[1:]))
    assert PoseClassifier(known).outliers() == []
    assert PoseClassifier(wrong).outliers() == [0]


def test_nobody_and_unknown_landmarks_have_no_votes() -> None:
    classifier = PoseClassifier(samples(20))
    assert classifier.classify(None) == {}
    assert classifier.classify(np.full((33, 3), np.nan)) == {}
    assert classifier.classify(np.zeros((33, 3))) == {}
    results = [replace(r, poses=()) for r in results_of(exercise("squat", 1), [1, 2])]
    assert not PoseSequence.from_results(results).ids.size


def test_a_class_without_samples_and_other_shapes_are_refused() -> None:
    classifier = PoseClassifier(samples(20))
    with pytest.raises(ValueError, match=r"\['down', 'other', 'up'\], got 'sideways'"):
        ClassCounter(classifier, "sideways")
    with pytest.raises(ValueError, match=r"must have shape \(\.\.\., 33, 3\), got \(17, 3\)"):
        classifier.classify(np.zeros((17, 3)))


# --- files ---


@pytest.mark.parametrize("name", ["model.csv", "model"])
def test_samples_are_read_as_they_were_written(name: str, tmp_path: Path) -> None:
    known = samples(7)
    known = replace(known, names=("ä, b.jpg", *known.names[1:]))
    known.save(tmp_path / name)
    read = PoseSamples.load(tmp_path / name)
    order = sorted(range(7), key=lambda i: known.classes[i]) if name == "model" else range(7)
    assert read.names == tuple(known.names[i] for i in order)
    assert read.classes == tuple(known.classes[i] for i in order)
    assert_allclose(read.landmarks, known.landmarks[list(order)], atol=1e-4)
    read.save(tmp_path / f"again-{name}")
    again = PoseSamples.load(tmp_path / f"again-{name}")
    assert np.array_equal(again.landmarks, read.landmarks)


def test_a_folder_with_other_classes_is_refused(tmp_path: Path) -> None:
    samples(7).save(tmp_path / "model")
    fewer = replace(samples(7), classes=("up", "down") * 3 + ("up",))
    with pytest.raises(ValueError, match=r"other classes: remove \['other.csv'\]"):
        fewer.save(tmp_path / "model")


def write_csv(path: Path, *rows: list[Any]) -> Path:
    path.write_text("".join(",".join(map(str, row)) + "\n" for row in rows))
    return path


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["a.jpg", "up", *range(96)], r"row 2 of 'm.csv' must have .* got 96 numbers \(32 land"),
        (["a.jpg", *range(99)], r"must have name, class and 99 numbers .* got 98 numbers"),
        (["a.jpg", "up", *range(98), "x"], "row 2 of 'm.csv' must have numbers: .*'x'"),
        (["a.jpg", "up", *range(98), "nan"], "landmarks of samples must be finite, got NaN in"),
    ],
)
def test_a_bad_row_is_named(row: list[Any], message: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "m.csv", ["b.jpg", "up", *range(99)], row)
    with pytest.raises(ValueError, match=message):
        PoseSamples.load(path)


def test_a_folder_of_classes_with_32_landmarks_is_refused(tmp_path: Path) -> None:
    write_csv(tmp_path / "up.csv", ["a.jpg", *range(96)])
    with pytest.raises(ValueError, match=r"row 1 of 'up.csv' must have name and 99 numbers"):
        PoseSamples.load(tmp_path)


def test_missing_samples_are_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"must have a CLASS\.csv for each class"):
        PoseSamples.load(tmp_path)
    (tmp_path / "m.csv").touch()
    with pytest.raises(ValueError, match="there are no samples in"):
        PoseSamples.load(tmp_path / "m.csv")
    with pytest.raises(FileNotFoundError):
        PoseClassifier(tmp_path / "none.csv")
    with pytest.raises(ValueError, match="equal lengths, got 1, 2 and 3"):
        PoseSamples(("a",), ("b", "c"), poses(3))
    with pytest.raises(ValueError, match="must be a file name"):
        replace(samples(1), classes=("a/b",)).save(tmp_path / "model")
