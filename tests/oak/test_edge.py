from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.fakes import (
    MEDIAPIPE_PROFILES,
    NOISE,
    STEP_US,
    crop_points,
    fake_networks,
    pose_answer,
    world_points,
)
from tests.oak.script_device import EDGE, ScriptDevice
from vitruvian import PoseEstimator, PoseTracker
from vitruvian.core.frame import Frame
from vitruvian.engine.model_like import ModelLike
from vitruvian.engine.options import TrackerOptions
from vitruvian.engine.profile import PROFILES
from vitruvian.errors import InferenceError, ModelNotFoundError
from vitruvian.models.catalog import CATALOG
from vitruvian.oak.edge import EdgeModel
from vitruvian.oak.frame import OakFrame
from vitruvian.oak.record import EdgeRecord

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from vitruvian import Pose, PoseResult
    from vitruvian.core.roi import Roi

BLACK = np.zeros((648, 1152, 3), np.uint8)
# The PC decodes in its compiled core, edge mode in NumPy; both in float32.
ATOL_PX, ATOL = 2e-3, 2e-6


def edge_tracker(**options: Any) -> PoseTracker:
    return PoseTracker(EdgeModel(EDGE, TrackerOptions(**options)), **options)


def record_at(roi: Roi, outputs: Sequence[np.ndarray], *, number: int = 0) -> EdgeRecord:
    """The record of a device whose network gave `outputs` in a region."""
    landmarks, score, _, world = outputs
    return EdgeRecord(
        number=number,
        is_detected=False,
        score=float(score[0]),
        center=roi.center,
        side=roi.wh[0],
        rotation=roi.rotation,
        landmarks=landmarks,
        world=world[:99],
    )


NOBODY = EdgeRecord(number=0, is_detected=True, detection_score=0.1)
PENDING = replace(NOBODY, detection_score=0.9, center=(576.0, 324.0), side=300.0, rotation=0.0)


def tracked(
    tracker: PoseTracker, records: Sequence[EdgeRecord | None], image: np.ndarray = BLACK
) -> list[PoseResult]:
    frames = [
        OakFrame(image, STEP_US * (i + 1), i, record=record) for i, record in enumerate(records)
    ]
    return [tracker.update(frame) for frame in frames]


def device_records(n: int = 12) -> list[EdgeRecord]:
    """Records of the script, for a person who is away in two frames."""
    rng = np.random.default_rng(0)

    def tremble(_number: int, rows: np.ndarray) -> None:
        rows[:, :3] += rng.normal(0, 1, (39, 3))

    device = ScriptDevice(n_frames=n, change=tremble)
    actor = device.actor
    device.actor = lambda number: None if number in (6, 7) else actor(number)
    return device.run().records


def assert_equal_poses(one: Pose, other: Pose, *, atol_px: float = ATOL_PX) -> None:
    assert_allclose(one.landmarks, other.landmarks, atol=atol_px)
    assert_allclose(one.world, other.world, atol=ATOL)
    assert_allclose(one.visibility, other.visibility, atol=ATOL)
    assert_allclose(one.presence, other.presence, atol=ATOL)
    assert one.score == pytest.approx(other.score, abs=1e-6)
    assert one.roi == other.roi
    assert one.id == other.id


# --- equal to the tracker of the PC ---


@pytest.mark.parametrize("profile", MEDIAPIPE_PROFILES)
@pytest.mark.parametrize("smoothing", [0.0, 0.5, 1.0])
def test_poses_are_those_of_the_tracker_here_for_the_same_network_outputs(
    monkeypatch: pytest.MonkeyPatch, profile: str, smoothing: float
) -> None:
    networks = fake_networks(monkeypatch)
    here = PoseTracker(profile=profile, smoothing=smoothing)
    edge = edge_tracker(profile=profile, smoothing=smoothing)
    for i in range(30):
        is_lost = i in (11, 12, 20)
        outputs = pose_answer(
            crop_points(0) + np.random.default_rng(i).normal(0, 2, (39, 3)).astype(np.float32),
            score=0.1 if is_lost else 0.9,
            visibility=0.3 + i / 60,
            world=world_points(i),
        )
        networks.landmarker.answer = outputs
        expected = here.update(NOISE, timestamp_us=(i + 1) * STEP_US)
        lost = replace(NOBODY, is_detected=False, score=0.1, side=200.0)
        record = lost if expected.pose is None else record_at(expected.pose.roi, outputs)
        result = edge.update(OakFrame(NOISE, (i + 1) * STEP_US, i, record=record))
        assert (result.pose is None) == (expected.pose is None) == is_lost
        if result.pose is not None and expected.pose is not None:
            assert_equal_poses(result.pose, expected.pose)


def test_poses_have_no_spread_mask_or_detection() -> None:
    (result,) = tracked(edge_tracker(), device_records()[1:2])
    assert result.pose is not None
    assert result.pose.spread_px is result.pose.mask is result.pose.detection is None


# --- who is tracked ---


@pytest.mark.parametrize("profile", PROFILES)
def test_a_person_who_returns_has_a_new_id_and_new_filters(profile: str) -> None:
    records = device_records()
    assert [r.landmarks is not None for r in records] == [
        *(False, True, True, True, True, False, False, False, True, True, True, True)
    ]
    results = tracked(edge_tracker(profile=profile), records)
    ids = [None if r.pose is None else r.pose.id for r in results]
    assert ids == [None, 0, 0, 0, 0, None, None, None, 1, 1, 1, 1]
    anew = edge_tracker(profile=profile)
    (alone,) = tracked(anew, records[8:9])
    back = results[8].pose
    assert alone.pose is not None
    assert back is not None
    assert_allclose(back.landmarks, alone.pose.landmarks, atol=ATOL_PX)


def test_a_detection_before_its_landmarks_does_not_end_the_track() -> None:
    records = device_records()
    found = records[1]
    results = tracked(edge_tracker(), [found, PENDING, found, None, found])
    assert [None if r.pose is None else r.pose.id for r in results] == [0, None, 0, None, 0]


def test_with_force_detection_a_person_keeps_their_id() -> None:
    tracker = TrackerOptions(force_detection=True)
    records = ScriptDevice(tracker=tracker, n_frames=8).run().records
    results = tracked(edge_tracker(force_detection=True), records)
    assert [None if r.pose is None else r.pose.id for r in results] == 4 * [None, 0]


@pytest.mark.parametrize(
    "missing", [NOBODY, replace(NOBODY, is_detected=False, score=0.2, side=300.0)]
)
def test_nobody_and_a_low_score_end_the_track(missing: EdgeRecord) -> None:
    found = device_records()[1]
    results = tracked(edge_tracker(), [found, missing, found])
    assert [None if r.pose is None else r.pose.id for r in results] == [0, None, 1]


def test_a_gap_ends_the_track() -> None:
    tracker, found = edge_tracker(), device_records()[1]
    tracked(tracker, [found])
    tracker.note_gap()
    result = tracker.update(OakFrame(BLACK, 2 * STEP_US, record=found))
    assert result.pose is not None
    assert result.pose.id == 1


@pytest.mark.parametrize("profile", PROFILES)
def test_reset_equals_new(profile: str) -> None:
    records = device_records()
    used, new = edge_tracker(profile=profile), edge_tracker(profile=profile)
    tracked(used, records[:5])
    used.reset()
    for one, other in zip(tracked(used, records), tracked(new, records), strict=True):
        assert one == other


def test_two_trackers_of_one_model_do_not_touch() -> None:
    records = device_records()
    model = EdgeModel(EDGE, TrackerOptions())
    one, other = PoseTracker(model), PoseTracker(model)
    tracked(one, records[:5])
    assert tracked(other, records) == tracked(edge_tracker(), records)


def test_smoothing_reduces_jitter() -> None:
    records = device_records(n=5)[1:]

    def jitter(smoothing: float) -> float:
        poses = [r.pose for r in tracked(edge_tracker(smoothing=smoothing), records)]
        points = np.array([pose.landmarks[:, :2] for pose in poses if pose is not None])
        return float(np.abs(np.diff(points, axis=0)).mean())

    assert jitter(0.0) > 2 * jitter(0.5) > 0


# --- what a result tells ---


def test_results_name_the_networks_and_where_they_ran() -> None:
    tracker = PoseTracker(EdgeModel(EDGE, TrackerOptions("lite")))
    provenance = tracked(tracker, [None])[0].provenance
    assert provenance is not None
    assert provenance.model == "lite"
    assert provenance.model_sha256 in CATALOG["lite"].sha256
    assert provenance.detector_sha256 in CATALOG["detector"].sha256
    assert (provenance.options["backend"], provenance.options["device"]) == ("oak", "edge")


def test_networks_of_your_own_are_named_by_their_files(tmp_path: Path) -> None:
    blob = tmp_path / "mine.blob"
    blob.write_bytes(b"abc")
    identity = EdgeModel(replace(EDGE, landmark_blob=blob), TrackerOptions()).identity
    assert (identity.model, identity.model_sha256) == ("mine", hashlib.sha256(b"abc").hexdigest())
    with pytest.raises(ModelNotFoundError, match="No such file"):
        EdgeModel(replace(EDGE, detector_blob=tmp_path / "none.blob"), TrackerOptions())


def test_the_times_of_decoding_and_smoothing_are_measured() -> None:
    tracker = edge_tracker()
    tracked(tracker, device_records())
    assert {name: stage.count for name, stage in tracker.stats.items()} == {
        "decode": 8,
        "smooth": 8,
    }
    tracker.close()


def test_an_edge_model_is_a_model() -> None:
    assert isinstance(EdgeModel(EDGE, TrackerOptions()), ModelLike)


# --- what edge mode can't do ---


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_poses": 2}, "num_poses must be 1 with"),
        ({"segmentation": True}, "segmentation must be False with"),
        ({"crop": "center"}, "crop must be 'letterbox' with"),
        ({"prefer": "largest"}, "prefer must be 'score' with"),
        ({"reach": "far"}, "reach must be 'auto' or 'normal' with"),
        ({"follow": (3.0, 4.0)}, "follow must be None with"),
    ],
)
def test_what_the_device_can_not_do_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message) as err:
        EdgeModel(EDGE, TrackerOptions(**options))
    assert str(err.value).endswith("use mode 'host' or 'camera'")
    with pytest.raises(ValueError, match=message):
        PoseTracker(EdgeModel(EDGE, TrackerOptions()), **options)


@pytest.mark.parametrize(
    "options",
    [
        {"detection_confidence": 0.4},
        {"presence_confidence": 0.4},
        {"tracking_confidence": 0.4},
        {"force_detection": True},
    ],
)
def test_options_of_the_device_can_not_be_changed_after_it_was_opened(
    options: dict[str, Any],
) -> None:
    ((name, value),) = options.items()
    with pytest.raises(ValueError, match=f"{name} must be .*, with which the OAK camera was"):
        PoseTracker(EdgeModel(EDGE, TrackerOptions()), **options)
    PoseTracker(EdgeModel(EDGE, TrackerOptions(**options)), **options)
    assert value != getattr(TrackerOptions(), name)


def test_a_model_must_be_a_published_one() -> None:
    with pytest.raises(ValueError, match=r"model must be one of .* give a network of your own as"):
        EdgeModel(EDGE, TrackerOptions("mine.tflite"))


def test_rotated_frames_and_those_of_other_cameras_are_refused() -> None:
    tracker = edge_tracker()
    frame = OakFrame(BLACK, STEP_US, record=device_records()[1])
    with pytest.raises(ValueError, match=r"not rotated ones or others, got .* use mode 'host'"):
        tracker.update(frame, rotation_deg=90)
    with pytest.raises(ValueError, match="frames of its OAK camera"):
        tracker.update(Frame(BLACK, 2 * STEP_US))


def test_images_can_not_be_estimated() -> None:
    estimator = PoseEstimator(EdgeModel(EDGE, TrackerOptions()))
    with pytest.raises(InferenceError, match="its own frames only: use mode 'host' for images"):
        estimator.detect(NOISE)


def test_a_record_of_a_region_off_the_frame_is_a_pose_all_the_same() -> None:
    record = replace(device_records()[1], center=(-200.0, 900.0), rotation=math.pi)
    (result,) = tracked(edge_tracker(), [record])
    assert result.pose is not None
    assert_array_equal(result.pose.roi.center, (-200.0, 900.0))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 6e4])
@pytest.mark.parametrize("profile", PROFILES)
def test_values_that_are_not_finite_make_a_result_without_warnings(
    value: float, profile: str
) -> None:
    found = device_records()[1]
    assert found.landmarks is not None
    landmarks = found.landmarks.copy()
    landmarks[::7] = value
    strange = replace(found, landmarks=landmarks)
    results = tracked(edge_tracker(profile=profile), [found, strange, found])
    assert [len(result) for result in results] == [1, 1, 1]
