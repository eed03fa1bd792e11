from __future__ import annotations

import copy
import json
import pickle
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vitruvian import BLAZEPOSE, Detection, Pose, PoseResult, Roi
from vitruvian.core.schema import REQUIRED


def sample_pose(seed=0, **changes):
    rng = np.random.default_rng(seed)
    pose = Pose(
        landmarks=rng.normal(300, 100, (33, 3)),
        visibility=rng.random(33),
        presence=rng.random(33),
        world=rng.normal(0, 0.5, (33, 3)),
        roi=Roi((300.1, 200.2), (400.3, 400.3), 0.1),
        score=0.9,
        id=3,
    )
    return replace(pose, **changes)


def sample_detection(seed=0):
    rng = np.random.default_rng(seed)
    return Detection(rng.normal(100, 50, 4), rng.normal(100, 50, (4, 2)), 0.7)


def through_json(value):
    return type(value).from_dict(json.loads(json.dumps(value.to_dict())))


def assert_poses_equal(one, other):
    for name in (q.name for q in REQUIRED):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()
    assert (one.roi, one.score, one.id) == (other.roi, other.score, other.id)


def test_the_json_round_trip_of_a_pose_is_exact():
    pose = sample_pose()
    assert_poses_equal(through_json(pose), pose)
    assert_poses_equal(through_json(replace(pose, id=None)), replace(pose, id=None))


@settings(max_examples=30)
@given(arrays(np.float32, (33, 3), elements=st.floats(width=32, allow_infinity=False)))
def test_the_json_round_trip_of_any_float32_is_exact(landmarks):
    loaded = through_json(sample_pose(landmarks=landmarks)).landmarks
    assert loaded.dtype == np.float32
    np.testing.assert_array_equal(
        np.signbit(loaded[loaded == 0]), np.signbit(landmarks[landmarks == 0])
    )
    np.testing.assert_array_equal(loaded, landmarks)


def test_json_has_the_shortest_decimals():
    landmarks = np.full((33, 3), 0.1, np.float32)
    assert sample_pose(landmarks=landmarks).to_dict()["landmarks"][0] == [0.1, 0.1, 0.1]


def test_nan_is_null_in_json():
    pose = sample_pose(world=np.full((33, 3), np.nan))
    assert pose.to_dict()["world"][0] == [None, None, None]
    assert np.isnan(through_json(pose).world).all()


def test_the_json_round_trip_of_detection_and_mask_is_exact():
    mask = np.random.default_rng(0).random((48, 64)).astype(np.float32)
    pose = sample_pose(mask=mask, detection=sample_detection())
    loaded = through_json(pose)
    np.testing.assert_array_equal(loaded.mask, mask)
    np.testing.assert_array_equal(loaded.detection.box_xyxy, pose.detection.box_xyxy)
    np.testing.assert_array_equal(loaded.detection.keypoints, pose.detection.keypoints)
    assert loaded.detection.score == pose.detection.score
    assert_poses_equal(loaded, pose)


def test_without_extras_detection_and_mask_are_left_out():
    pose = sample_pose(mask=np.zeros((4, 4)), detection=sample_detection())
    keys = ["id", "score", "landmarks", "visibility", "presence", "world", "roi"]
    assert list(pose.to_dict(extras=False)) == keys
    assert set(pose.to_dict()) - set(pose.to_dict(extras=False)) == {"detection", "mask"}


def test_the_json_round_trip_of_a_result_is_exact():
    result = PoseResult(5, 166_667, 640, 480, (sample_pose(1), sample_pose(2, id=None)))
    loaded = through_json(result)
    assert (loaded.frame_index, loaded.timestamp_us) == (5, 166_667)
    assert (loaded.width, loaded.height) == (640, 480)
    for one, other in zip(loaded, result, strict=True):
        assert_poses_equal(one, other)


def test_a_landmark_is_found_by_name_and_by_number():
    pose = sample_pose()
    wrist = pose["left_wrist"]
    assert wrist == pose[15]
    assert (wrist.x, wrist.y, wrist.z) == tuple(pose.landmarks[15].tolist())
    assert (wrist.visibility, wrist.presence) == (pose.visibility[15], pose.presence[15])
    assert wrist.world == tuple(pose.world[15].tolist())
    assert pose.skeleton is BLAZEPOSE
    with pytest.raises(KeyError, match="no landmark is called 'left_toe'"):
        pose["left_toe"]
    with pytest.raises(IndexError):
        pose[33]


def test_the_box_holds_the_visible_landmarks():
    visibility = np.zeros(33)
    visibility[[11, 12]] = 1
    landmarks = np.arange(99.0).reshape(33, 3)
    pose = sample_pose(landmarks=landmarks, visibility=visibility)
    assert pose.box_xyxy.tolist() == [33, 34, 36, 37]


def test_the_box_holds_all_landmarks_where_none_is_visible():
    pose = sample_pose(landmarks=np.arange(99.0).reshape(33, 3), visibility=np.zeros(33))
    assert pose.box_xyxy.tolist() == [0, 1, 96, 97]


def test_a_pose_prints_as_a_table():
    pose = sample_pose()
    head, columns, *rows = str(pose).splitlines()
    assert head == repr(pose)
    assert columns.split()[:3] == ["landmark", "x", "px"]
    assert [row.split()[0] for row in rows] == list(BLAZEPOSE.names)
    assert f"{pose.landmarks[15, 0]:.1f}" in rows[15]


def test_the_repr_of_a_pose_is_one_line_with_id_and_position():
    visibility = np.repeat([1.0, 0.0], [20, 13])
    landmarks = np.zeros((33, 3))
    landmarks[0, :2] = 30, 40
    pose = sample_pose(landmarks=landmarks, visibility=visibility)
    line = "score=0.900, 30x40 px at (0, 0), 20 of 33 landmarks visible)"
    assert repr(pose) == f"Pose(id=3, {line}"
    assert repr(replace(pose, id=None)) == f"Pose({line}"


def test_the_arrays_of_a_pose_are_read_only():
    pose = sample_pose(mask=np.zeros((4, 4)))
    for name in ("landmarks", "visibility", "presence", "world", "mask"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(pose, name)[:] = 0
    with pytest.raises(FrozenInstanceError):
        pose.score = 1.0


def test_writing_to_the_callers_array_does_not_change_the_pose():
    landmarks = np.zeros((33, 3), np.float32)
    pose = sample_pose(landmarks=landmarks)
    view = np.zeros((66, 3), np.float32)
    view.flags.writeable = True
    of_view = sample_pose(landmarks=view[:33])
    landmarks[0] = view[0] = 1
    assert not pose.landmarks.any()
    assert not of_view.landmarks.any()


def test_the_json_round_trip_of_optional_quantities_is_exact():
    camera = np.random.default_rng(0).normal(0, 3, (33, 3)).astype(np.float32)
    spread = np.random.default_rng(1).random(33).astype(np.float32)
    spread[3] = np.nan
    pose = sample_pose(camera=camera, spread_px=spread)
    loaded = through_json(pose)
    assert loaded == pose
    assert loaded.camera.tobytes() == camera.tobytes()
    assert loaded["left_wrist"].camera == tuple(camera[15].tolist())
    assert loaded["left_wrist"].spread_px == spread[15]
    assert through_json(sample_pose()).camera is None


def test_unknown_keys_are_ignored():
    pose = sample_pose()
    assert Pose.from_dict(pose.to_dict() | {"heat": [1] * 33}) == pose
    result = PoseResult(1, 2, 3, 4, (pose,))
    assert PoseResult.from_dict(result.to_dict() | {"lens": "wide"}) == result


VALUES = {
    "pose": sample_pose(mask=np.ones((4, 5)), detection=sample_detection(), spread_px=np.ones(33)),
    "detection": sample_detection(),
    "result": PoseResult(5, 166_667, 640, 480, (sample_pose(1), sample_pose(2, id=None))),
    "no people": PoseResult(5, 166_667, 640, 480),
}


def arrays_of(value):
    """All arrays of a value and of its nested values."""
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, tuple):
        return [array for part in value for array in arrays_of(part)]
    names = getattr(value, "__dataclass_fields__", ())
    return [array for name in names for array in arrays_of(getattr(value, name))]


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))]
)
def test_a_copy_is_equal_and_read_only(value, copied):
    twin = copied(value)
    assert twin == value
    assert twin is not value
    assert len(arrays_of(twin)) == len(arrays_of(value))
    assert not any(array.flags.writeable for array in arrays_of(twin))


def test_values_are_equal_if_all_their_fields_are():
    pose = sample_pose(mask=np.ones((4, 5)), detection=sample_detection())
    assert pose == sample_pose(mask=np.ones((4, 5)), detection=sample_detection())
    for changes in (
        {"landmarks": pose.landmarks + 1},
        {"world": np.full((33, 3), np.nan)},
        {"spread_px": np.zeros(33)},
        {"mask": None},
        {"detection": sample_detection(1)},
        {"id": None},
        {"score": float("nan")},
    ):
        assert replace(pose, **changes) != pose
        assert replace(pose, **changes) == replace(pose, **changes)
    assert PoseResult(0, 0, 4, 4, (pose,)) == PoseResult(0, 0, 4, 4, (replace(pose),))
    assert PoseResult(0, 0, 4, 4, (pose,)) != PoseResult(0, 0, 4, 4)
    assert pose != pose.to_dict()


def test_values_with_arrays_are_not_hashable():
    for value in VALUES.values():
        with pytest.raises(TypeError, match="unhashable"):
            hash(value)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("landmarks", (39, 5)),
        ("landmarks", (33, 2)),
        ("visibility", (33, 1)),
        ("presence", (32,)),
        ("world", (33, 4)),
        ("camera", (33, 2)),
        ("spread_px", (33, 1)),
        ("mask", (4, 4, 1)),
    ],
)
def test_a_wrong_shape_is_named(name, shape):
    with pytest.raises(ValueError, match=rf"{name} must have shape .*, got \({shape[0]},"):
        sample_pose(**{name: np.zeros(shape)})


def test_a_result_is_a_sequence_of_poses():
    one, other = sample_pose(1), sample_pose(2)
    result = PoseResult(0, 0, 640, 480, (one, other))
    assert list(result) == [one, other]
    assert len(result) == 2
    assert result
    assert result.pose is one


def test_no_person_in_view_is_a_result_without_poses():
    result = PoseResult(0, 0, 640, 480)
    assert not result
    assert len(result) == 0
    assert result.pose is None
    assert through_json(result).poses == ()
