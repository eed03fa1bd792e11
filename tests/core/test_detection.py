from __future__ import annotations

import json

import numpy as np
import pytest

from vitruvian import Detection


def sample_detection() -> Detection:
    rng = np.random.default_rng(0)
    return Detection(rng.normal(100, 50, 4), rng.normal(100, 50, (4, 2)), np.float32(0.7).item())


def test_the_json_round_trip_of_a_detection_is_exact() -> None:
    detection = sample_detection()
    loaded = Detection.from_dict(json.loads(json.dumps(detection.to_dict())))
    assert loaded.box_xyxy.tobytes() == detection.box_xyxy.tobytes()
    assert loaded.keypoints.tobytes() == detection.keypoints.tobytes()
    assert loaded.score == detection.score


def test_a_score_of_any_kind_of_number_is_plain_in_json() -> None:
    detection = Detection(np.zeros(4), np.zeros((4, 2)), np.float32(0.25))
    assert type(detection.to_dict()["score"]) is float


def test_arrays_are_read_only_float32() -> None:
    detection = sample_detection()
    for array in (detection.box_xyxy, detection.keypoints):
        assert array.dtype == np.float32
        assert not array.flags.writeable


@pytest.mark.parametrize(
    ("box", "keypoints", "message"),
    [
        (np.zeros((2, 2)), np.zeros((4, 2)), r"box_xyxy must have shape \(4,\), got \(2, 2\)"),
        (np.zeros(4), np.zeros((4, 3)), r"keypoints must have shape \(4, 2\), got \(4, 3\)"),
    ],
)
def test_other_shapes_are_errors(box: np.ndarray, keypoints: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Detection(box, keypoints, 0.5)
