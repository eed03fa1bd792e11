"""COCO results files: the poses of other detectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.evaluation.miniatures import write_json

from vitruvian.errors import SourceError
from vitruvian.evaluation import ScoredPose, load_results, result_of, save_results

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("n_landmarks", [17, 33])
def test_what_is_written_is_read(tmp_path: Path, n_landmarks: int) -> None:
    rng = np.random.default_rng(0)
    world = rng.normal(size=(33, 3)).round(4)
    poses = [
        ScoredPose(rng.uniform(0, 99, (n_landmarks, 2)).round(2), 0.5),
        ScoredPose(rng.uniform(0, 99, (n_landmarks, 2)).round(2), 0.9, world=world, id=4),
    ]
    save_results(tmp_path / "r.json", [result_of("a", pose) for pose in poses])
    best, second = load_results(tmp_path / "r.json")["a"]
    assert (best.score, best.id, second.score, second.id) == (0.9, 4, 0.5, None)
    np.testing.assert_allclose(best.landmarks, poses[1].landmarks)
    np.testing.assert_allclose(best.world, world)
    assert second.world is None


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        ({}, "the top level must be a list"),
        ([7], r"\[0\] must be an object with an 'image_id'"),
        ([{"image_id": 1, "score": 1}], r"\[0\]: 'keypoints' must be numbers|must have shape"),
        ([{"image_id": 1, "keypoints": [0] * 50, "score": 1}], "must be 51 or 99 numbers, got 50"),
        ([{"image_id": 1, "keypoints": [0] * 51, "score": "x"}], "'score' must be numbers"),
        ([{"image_id": 1, "keypoints": [0] * 51, "score": 1, "world": [1]}], "'world' must have"),
        ([{"image_id": 1, "keypoints": [0] * 51, "score": 1, "track_id": "a"}], "'track_id'"),
    ],
)
def test_a_damaged_file_is_an_error(tmp_path: Path, items: Any, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        load_results(write_json(tmp_path / "r.json", items))
