from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vitruvian import Pose, PoseResult, PoseSequence, Roi


def sample_result(frame, *ids):
    rng = np.random.default_rng(frame)
    poses = tuple(
        Pose(
            landmarks=rng.normal(300, 100, (33, 3)),
            visibility=rng.random(33),
            presence=rng.random(33),
            world=rng.normal(0, 0.5, (33, 3)),
            roi=Roi((rng.normal(), rng.normal()), (1 + rng.random(), 2.0), rng.normal()),
            score=rng.random(),
            id=number,
        )
        for number in ids
    )
    return PoseResult(frame, 33_367 * frame, 640 + frame, 480, poses)


SAMPLES = {
    "no frames": [],
    "nobody": [sample_result(0), sample_result(1)],
    "one person": [sample_result(0, 0), sample_result(1, 0)],
    "without ids": [sample_result(0, None), sample_result(1, None, None)],
    "coming and going": [
        sample_result(0),
        sample_result(2, 1),
        sample_result(3, 2, 1),
        sample_result(4, 2, None, 7),
        sample_result(9),
    ],
}


@pytest.mark.parametrize("results", SAMPLES.values(), ids=SAMPLES.keys())
def test_results_come_back_exactly(results):
    back = PoseSequence.from_results(iter(results)).to_results()
    assert [result.to_dict() for result in back] == [result.to_dict() for result in results]


def test_shapes_are_frames_by_people():
    sequence = PoseSequence.from_results(SAMPLES["coming and going"])
    assert len(sequence) == 5
    assert sequence.frame.tolist() == [0, 2, 3, 4, 9]
    assert sequence.timestamps_us.tolist() == [33_367 * i for i in (0, 2, 3, 4, 9)]
    assert sequence.wh.tolist() == [[640 + i, 480] for i in (0, 2, 3, 4, 9)]
    assert sequence.landmarks.shape == sequence.world.shape == (5, 3, 33, 3)
    assert sequence.visibility.shape == sequence.presence.shape == (5, 3, 33)
    assert sequence.score.shape == sequence.ids.shape == (5, 3)
    assert sequence.roi.shape == (5, 3, 5)
    assert repr(sequence) == "PoseSequence(5 frames, at most 3 people)"


def test_where_nobody_is_everything_is_nan():
    sequence = PoseSequence.from_results(SAMPLES["coming and going"])
    present = [[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1], [0, 0, 0]]
    np.testing.assert_array_equal(sequence.is_present, np.array(present, bool))
    absent = ~sequence.is_present
    for name in ("landmarks", "visibility", "presence", "world", "score", "ids", "roi"):
        values = getattr(sequence, name)
        assert np.isnan(values[absent]).all()
        assert name == "ids" or not np.isnan(values[~absent]).any()


def test_one_person_is_selected_by_id():
    results = SAMPLES["coming and going"]
    sequence = PoseSequence.from_results(results)
    expected = [pose.landmarks for result in results for pose in result if pose.id == 1]
    np.testing.assert_array_equal(sequence.landmarks[sequence.ids == 1], expected)


def test_masks_and_detections_are_left_out():
    (pose,) = sample_result(0, 1)
    result = replace(sample_result(0), poses=(replace(pose, mask=np.zeros((4, 4))),))
    (back,) = PoseSequence.from_results([result]).to_results()
    assert back.pose.mask is None


def test_arrays_are_read_only():
    sequence = PoseSequence.from_results(SAMPLES["one person"])
    for name in PoseSequence.__dataclass_fields__:
        with pytest.raises(ValueError, match="read-only"):
            getattr(sequence, name)[:] = 0


def test_a_wrong_shape_is_named():
    sequence = PoseSequence.from_results(SAMPLES["one person"])
    with pytest.raises(ValueError, match=r"wh must have shape \(2, 2\), got \(2,\)"):
        replace(sequence, wh=np.zeros(2))
    with pytest.raises(
        ValueError, match=r"world must have shape \(2, 1, 33, 3\), got \(2, 33, 3\)"
    ):
        replace(sequence, world=np.zeros((2, 33, 3)))
    with pytest.raises(ValueError, match=r"score must have shape \(2, 1\), got \(\)"):
        replace(sequence, score=np.float64(1.0))
    with pytest.raises(ValueError, match=r"landmarks must have shape \(2, 0, 33, 3\), got \(2,\)"):
        replace(sequence, landmarks=np.zeros(2))


def test_an_id_that_would_not_come_back_is_an_error():
    with pytest.raises(ValueError, match="id must be a whole number that float64 holds exactly"):
        PoseSequence.from_results([sample_result(0, 2**53 + 1)])
