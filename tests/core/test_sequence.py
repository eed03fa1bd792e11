from __future__ import annotations

import copy
import pickle
import sys
from dataclasses import replace

import numpy as np
import pytest

from vitruvian import Pose, PoseResult, PoseSequence, Roi, save_results
from vitruvian.core.schema import REQUIRED
from vitruvian.errors import BackendUnavailableError


def sample_result(frame, *ids, **changes):
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
            **changes,
        )
        for number in ids
    )
    return PoseResult(frame, 33_367 * frame, 640 + frame, 480, poses)


SAMPLES = {
    "no frames": [],
    "no people": [sample_result(0), sample_result(1)],
    "one person": [sample_result(0, 0), sample_result(1, 0)],
    "without ids": [sample_result(0, None), sample_result(1, None, None)],
    "varying numbers": [
        sample_result(0),
        sample_result(2, 1),
        sample_result(3, 2, 1),
        sample_result(4, 2, None, 7),
        sample_result(9),
    ],
    "with optional": [
        sample_result(0, 1, camera=np.ones((33, 3)), spread_px=np.arange(33)),
        sample_result(1, 2, 1, camera=np.zeros((33, 3))),
        sample_result(2, 2),
    ],
}


@pytest.mark.parametrize("results", SAMPLES.values(), ids=SAMPLES.keys())
def test_the_round_trip_of_results_is_exact(results):
    back = PoseSequence.from_results(iter(results)).to_results()
    assert back == results


def test_shapes_are_frames_by_people():
    sequence = PoseSequence.from_results(SAMPLES["varying numbers"])
    assert len(sequence) == 5
    assert sequence.frame_indices.tolist() == [0, 2, 3, 4, 9]
    assert sequence.timestamps_us.tolist() == [33_367 * i for i in (0, 2, 3, 4, 9)]
    assert sequence.wh.tolist() == [[640 + i, 480] for i in (0, 2, 3, 4, 9)]
    assert sequence.landmarks.shape == sequence.world.shape == (5, 3, 33, 3)
    assert sequence.visibility.shape == sequence.presence.shape == (5, 3, 33)
    assert sequence.scores.shape == sequence.slot_ids.shape == (5, 3)
    assert sequence.rois.shape == (5, 3, 5)
    assert (sequence.camera, sequence.spread_px) == (None, None)
    assert repr(sequence) == "PoseSequence(5 frames, at most 3 people)"


def test_unused_slots_are_nan():
    sequence = PoseSequence.from_results(SAMPLES["varying numbers"])
    present = [[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1], [0, 0, 0]]
    np.testing.assert_array_equal(sequence.is_present, np.array(present, bool))
    absent = ~sequence.is_present
    for name in (*(q.name for q in REQUIRED), "scores", "slot_ids", "rois"):
        values = getattr(sequence, name)
        assert np.isnan(values[absent]).all()
        assert name == "slot_ids" or not np.isnan(values[~absent]).any()


def test_one_person_is_selected_by_id():
    results = SAMPLES["varying numbers"]
    sequence = PoseSequence.from_results(results)
    expected = [pose.landmarks for result in results for pose in result if pose.id == 1]
    np.testing.assert_array_equal(sequence.landmarks[sequence.slot_ids == 1], expected)


def test_masks_and_detections_are_left_out():
    (pose,) = sample_result(0, 1)
    result = replace(sample_result(0), poses=(replace(pose, mask=np.zeros((4, 4))),))
    (back,) = PoseSequence.from_results([result]).to_results()
    assert back.pose.mask is None


def test_arrays_are_read_only():
    sequence = PoseSequence.from_results(SAMPLES["with optional"])
    for value in (sequence, sequence.person(1), pickle.loads(pickle.dumps(sequence)), sequence[1:]):
        for name in (n for n in type(value).__dataclass_fields__ if n != "id"):
            with pytest.raises(ValueError, match="read-only"):
                getattr(value, name)[:] = 0


def test_a_wrong_shape_is_named():
    sequence = PoseSequence.from_results(SAMPLES["one person"])
    with pytest.raises(ValueError, match=r"wh must have shape \(2, 2\), got \(2,\)"):
        replace(sequence, wh=np.zeros(2))
    with pytest.raises(
        ValueError, match=r"world must have shape \(2, 1, 33, 3\), got \(2, 33, 3\)"
    ):
        replace(sequence, world=np.zeros((2, 33, 3)))
    with pytest.raises(ValueError, match=r"scores must have shape \(2, 1\), got \(\)"):
        replace(sequence, scores=np.float64(1.0))
    with pytest.raises(ValueError, match=r"landmarks must have shape \(2, 0, 33, 3\), got \(2,\)"):
        replace(sequence, landmarks=np.zeros(2))


def test_an_id_that_cannot_be_stored_is_an_error():
    with pytest.raises(ValueError, match="id must be a whole number that float64 holds exactly"):
        PoseSequence.from_results([sample_result(0, 2**53 + 1)])


def test_equal_sequences_are_equal():
    one, other = (PoseSequence.from_results(SAMPLES["with optional"]) for _ in range(2))
    assert one == other == copy.deepcopy(one) == pickle.loads(pickle.dumps(one))
    assert one.person(1) == other.person(1) == copy.deepcopy(one.person(1))
    assert one.person(1) != one.person(2)
    assert one != PoseSequence.from_results(SAMPLES["varying numbers"])


def test_a_slice_is_the_sequence_of_these_frames():
    results = SAMPLES["varying numbers"]
    sequence = PoseSequence.from_results(results)
    assert sequence[1:4].to_results() == results[1:4]
    assert sequence[::2].to_results() == results[::2]
    assert len(sequence.person(1)[2:]) == 3
    with pytest.raises(TypeError, match="indexed by a slice of frames, got 2"):
        sequence[2]


# --- people ---


def test_ids_list_every_person():
    assert PoseSequence.from_results(SAMPLES["varying numbers"]).ids.tolist() == [1, 2, 7]
    assert PoseSequence.from_results(SAMPLES["without ids"]).ids.tolist() == []
    assert PoseSequence.from_results([]).ids.dtype == np.int64


def test_a_person_has_the_frames_of_all_and_gaps_of_nan():
    results = SAMPLES["varying numbers"]
    sequence = PoseSequence.from_results(results)
    person = sequence.person(2)
    assert repr(person) == "PersonSequence(id=2, in 2 of 5 frames)"
    assert person.timestamps_us.tolist() == sequence.timestamps_us.tolist()
    assert person.is_present.tolist() == [False, False, True, True, False]
    assert person.landmarks.shape == person.world.shape == (5, 33, 3)
    np.testing.assert_array_equal(person.landmarks[2], results[2].poses[0].landmarks)
    np.testing.assert_array_equal(person.visibility[3], results[3].poses[0].visibility)
    for name in (*(q.name for q in REQUIRED), "scores", "rois"):
        assert np.isnan(getattr(person, name)[[0, 1, 4]]).all()


def test_the_results_of_a_person_hold_no_other_person():
    results = SAMPLES["with optional"]
    alone = [replace(r, poses=tuple(pose for pose in r.poses if pose.id == 1)) for r in results]
    assert PoseSequence.from_results(results).person(1).to_results() == alone


def test_an_unknown_person_is_an_error_that_lists_the_ids():
    sequence = PoseSequence.from_results(SAMPLES["varying numbers"])
    with pytest.raises(ValueError, match=r"id must be one of \[1, 2, 7\], got 3"):
        sequence.person(3)


# --- constant rate ---


def walk(times_us, ids=lambda i: (0,)):
    """A person whose landmarks are at x = seconds, in frames at these times."""
    results = []
    for i, time_us in enumerate(times_us):
        points = np.zeros((33, 3), np.float32)
        points[:, 0] = time_us / 1e6
        result = sample_result(i, *ids(i))
        poses = tuple(replace(pose, landmarks=points) for pose in result)
        results.append(replace(result, timestamp_us=time_us, poses=poses))
    return PoseSequence.from_results(results)


def test_a_motion_is_interpolated_at_a_constant_rate():
    times_us = [0, 30_000, 70_000, 110_000, 130_000, 200_000]
    for person in (walk(times_us).with_constant_rate(50).person(0), walk(times_us).person(0)):
        even = person.with_constant_rate(50)
        assert even.timestamps_us.tolist() == list(range(0, 200_001, 20_000))
        assert even.frame_indices.tolist() == list(range(11))
        np.testing.assert_allclose(even.landmarks[:, 5, 0], np.arange(11) / 50, atol=1e-6)
        assert even.landmarks.dtype == np.float32


def test_at_the_rate_of_the_frames_nothing_changes():
    results = [sample_result(i, 4) for i in range(5)]
    sequence = PoseSequence.from_results([replace(r, width=640) for r in results])
    off_by_one = replace(sequence, timestamps_us=np.add(sequence.timestamps_us, [0, 1, -1, 0, 1]))
    for given in (sequence, off_by_one):
        even = given.with_constant_rate(1e6 / 33_367)
        assert replace(even, timestamps_us=given.timestamps_us) == given


def test_a_person_keeps_a_slot_and_long_gaps_are_not_interpolated():
    times_us = range(0, 2_000_000, 100_000)

    def ids(i):  # person 3 is absent for 0.3 s and for 0.6 s; person 5 appears late
        here = () if i in (2, 3) or 8 <= i <= 12 else (3,)
        return (5, *here) if i >= 10 else here

    even = walk(times_us, ids).with_constant_rate(20)
    assert even.ids.tolist() == [3, 5]
    assert not even.is_present[15:26, 0].any()
    assert even.is_present[:15, 0].all()
    assert even.is_present[26:, 0].all()
    np.testing.assert_array_equal(even.is_present[:, 1], np.arange(39) >= 20)
    np.testing.assert_array_equal(np.isnan(even.slot_ids), ~even.is_present)
    wide = walk(times_us, ids).with_constant_rate(20, max_gap_s=0.7)
    assert wide.is_present[:, 0].all()


def test_a_missing_landmark_stays_missing_and_the_region_turns_the_shorter_way():
    sequence = walk([0, 100_000])
    landmarks, rois = sequence.landmarks.copy(), sequence.rois.copy()
    landmarks[1, 0, 7] = np.nan
    rois[:, 0, 4] = 3.0, -3.0
    even = replace(sequence, landmarks=landmarks, rois=rois).with_constant_rate(20)
    np.testing.assert_array_equal(np.isnan(even.landmarks[:, 0, 7, 0]), [False, True, True])
    assert np.isnan(even.landmarks).sum() == 6
    assert abs(even.rois[1, 0, 4]) == pytest.approx(np.pi)


@pytest.mark.parametrize("name", ["no people", "no frames"])
def test_a_sequence_without_people_can_be_resampled(name):
    even = PoseSequence.from_results(SAMPLES[name]).with_constant_rate(60)
    assert len(even) == (3 if name == "no people" else 0)
    assert even.landmarks.shape[1:] == (0, 33, 3)


def test_sequences_that_cannot_be_resampled_are_errors():
    sequence = PoseSequence.from_results(SAMPLES["one person"])
    for fps in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="fps must be a positive number, got"):
            sequence.with_constant_rate(fps)
    with pytest.raises(ValueError, match="timestamps_us must increase, got 0 after 0"):
        replace(sequence, timestamps_us=[0, 0]).with_constant_rate(30)
    with pytest.raises(ValueError, match="every pose must have an id, got 3 without one"):
        PoseSequence.from_results(SAMPLES["without ids"]).with_constant_rate(30)


# --- data frames ---


@pytest.mark.parametrize("library", ["pandas", "polars"])
@pytest.mark.parametrize("name", SAMPLES)
def test_a_data_frame_is_the_table_of_the_csv(tmp_path, library, name):
    module = pytest.importorskip(library)
    sequence = PoseSequence.from_results(SAMPLES[name])
    save_results(sequence, tmp_path / "walk.csv")
    frame = sequence.to_dataframe(library)
    read = module.read_csv(tmp_path / "walk.csv")
    assert list(frame.columns) == list(read.columns)
    assert frame.shape == read.shape
    got, want = (np.array(table.to_numpy(), object) for table in (frame, read))
    if library == "pandas":
        got[frame.isna().to_numpy()] = np.nan
    np.testing.assert_allclose(got.astype(float), want.astype(float), rtol=1e-6)


def test_a_data_frame_of_a_person_has_one_row_a_frame():
    pytest.importorskip("pandas")
    frame = PoseSequence.from_results(SAMPLES["varying numbers"]).person(2).to_dataframe()
    assert frame["frame_index"].tolist() == [0, 2, 3, 4, 9]
    assert frame["id"].isna().tolist() == [True, True, False, False, True]
    assert frame["id"].dropna().tolist() == [2, 2]
    frame["speed"] = 1.5  # pandas warns if a frame is fragmented


def test_without_a_library_the_error_says_what_to_install(monkeypatch):
    sequence = PoseSequence.from_results(SAMPLES["one person"])
    for name in ("pandas", "polars"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(BackendUnavailableError, match="pandas or polars is not installed: pip"):
        sequence.to_dataframe()
    with pytest.raises(BackendUnavailableError, match="polars is not installed: pip install pol"):
        sequence.to_dataframe("polars")
    with pytest.raises(ValueError, match="library must be one of"):
        sequence.to_dataframe("arrow")


def make_people(*ids_of_frames):
    results = [sample_result(t, *ids) for t, ids in enumerate(ids_of_frames)]
    return PoseSequence.from_results(results)


def test_people_are_changed_each_on_their_own():
    sequence = make_people((0, 4), (4,), (), (4, 0))
    seen = []

    def moved(person):
        seen.append(person.id)
        return replace(person, landmarks=person.landmarks + person.id)

    changed = sequence.map_people(moved)
    assert seen == [0, 4]
    for number in (0, 4):
        before, after = sequence.person(number), changed.person(number)
        np.testing.assert_array_equal(after.landmarks, before.landmarks + number)
        np.testing.assert_array_equal(after.is_present, before.is_present)
    assert changed.ids.tolist() == [0, 4]
    np.testing.assert_array_equal(changed.slot_ids[0], [0, 4])
    assert changed == PoseSequence.from_people([changed.person(0), changed.person(4)])


def test_people_without_ids_and_nobody_cannot_be_changed():
    nobody = make_people((), ())
    assert nobody.map_people(lambda person: person) is nobody
    with pytest.raises(ValueError, match="every pose must have an id, got 1 without one"):
        make_people((0, None)).map_people(lambda person: person)


def test_a_sequence_of_people_needs_the_same_frames():
    one, other = make_people((0,), (0,)), make_people((1,), (1,), (1,))
    with pytest.raises(ValueError, match="at least one person"):
        PoseSequence.from_people([])
    with pytest.raises(ValueError, match="same timestamps_us"):
        PoseSequence.from_people([one.person(0), other.person(1)])


def test_people_of_whom_one_lacks_a_quantity_are_joined():
    both = make_people((0, 1), (0, 1))
    first = both.person(0)
    first = replace(first, camera=np.array(first.world))
    joined = PoseSequence.from_people([first, both.person(1)])
    np.testing.assert_array_equal(joined.camera[:, 0], first.world)
    assert np.isnan(joined.camera[:, 1]).all()
    assert joined.spread_px is None
