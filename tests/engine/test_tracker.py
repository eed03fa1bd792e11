from __future__ import annotations

import threading
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.engine.fakes import (
    CROP,
    FakeNetworks,
    FakeSession,
    crop_points,
    detector_answer,
    fake_networks,
    picture,
    pose_answer,
    sighting,
    world_points,
)

from vitruvian import Frame, Pose, PoseResult, PoseTracker, open_source
from vitruvian.core.filters import OneEuroFilter
from vitruvian.engine.profile import PROFILES
from vitruvian.engine.segmentation import MaskSmoother, image_mask
from vitruvian.engine.warp import alignment_side, roi_from_alignment
from vitruvian.errors import InferenceError
from vitruvian.media.image import load_image

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

IMAGE = picture()
STEP_US = 33_333
MEDIAPIPES = [name for name in PROFILES if name != "default"]


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> FakeNetworks:
    return fake_networks(monkeypatch)


class Film:
    """Feeds a tracker frame after frame."""

    def __init__(self, tracker: PoseTracker | None = None, **options: Any) -> None:
        self.tracker = tracker or PoseTracker(**options)
        self._times_us = count(STEP_US, STEP_US)

    def shot(self, image: np.ndarray = IMAGE, **options: Any) -> PoseResult:
        return self.tracker.update(image, timestamp_us=next(self._times_us), **options)

    def pose(self, image: np.ndarray = IMAGE) -> Pose:
        pose = self.shot(image).pose
        assert pose is not None
        return pose


def leave(networks: FakeNetworks) -> None:
    """From now on nobody is in view."""
    networks.detector.answer = detector_answer()
    networks.landmarker.answer = pose_answer(score=0.1)


def enter(networks: FakeNetworks, **answer: Any) -> None:
    """From now on somebody is in view."""
    networks.detector.answer = detector_answer(sighting())
    networks.landmarker.answer = pose_answer(**answer)


def wander(networks: FakeNetworks, film: Film, seeds: Sequence[int]) -> list[PoseResult]:
    """A person who is somewhere else in each frame."""
    results = []
    for seed in seeds:
        hips = tuple(CROP / 2 + np.random.default_rng(seed).uniform(-9, 9, 2))
        points = crop_points(seed, hips=hips)
        visibility = 0.2 + 0.6 * (seed % 2)
        enter(networks, points=points, world=world_points(seed), visibility=visibility)
        results.append(film.shot())
    return results


def dicts(results: Sequence[PoseResult]) -> list[dict[str, Any]]:
    return [result.to_dict() for result in results]


# --- when the detector runs ---


@pytest.mark.parametrize("profile", PROFILES)
def test_the_detector_runs_until_somebody_is_found_and_no_more(
    networks: FakeNetworks, profile: str
) -> None:
    film = Film(profile=profile)
    leave(networks)
    assert [len(film.shot()) for _ in range(3)] == [0, 0, 0]
    assert networks.detector.n_runs == 3
    enter(networks)
    assert [len(film.shot()) for _ in range(5)] == [1] * 5
    assert networks.detector.n_runs == 4
    assert networks.landmarker.n_runs == 5 + PROFILES[profile].settling_passes


def test_only_a_pose_that_was_detected_on_its_frame_has_a_detection(networks: FakeNetworks) -> None:
    film = Film()
    assert [film.pose().detection is None for _ in range(3)] == [False, True, True]


def test_force_detection_settles_a_new_person_only(networks: FakeNetworks) -> None:
    film = Film(force_detection=True)
    film.pose()
    looks = networks.landmarker.n_runs
    assert looks == 1 + PROFILES["default"].settling_passes
    film.pose()
    assert networks.landmarker.n_runs == looks + 1


@pytest.mark.parametrize("profile", PROFILES)
def test_force_detection_detects_on_every_frame(networks: FakeNetworks, profile: str) -> None:
    film = Film(profile=profile, force_detection=True)
    poses = [film.pose() for _ in range(4)]
    assert networks.detector.n_runs == 4
    assert all(pose.detection is not None for pose in poses)
    assert [pose.id for pose in poses] == [0] * 4


def answer_once(networks: FakeNetworks, monkeypatch: pytest.MonkeyPatch, score: float) -> None:
    """Let the next look of the landmark network have this score."""
    session, run = networks.landmarker.sessions[-1], FakeSession.run
    scores = iter([score])

    def run_once(image: np.ndarray) -> tuple[np.ndarray, ...]:
        outputs = run(session, image)
        outputs[1][0] = next(scores, outputs[1][0])
        return outputs

    monkeypatch.setattr(session, "run", run_once)


def test_whoever_is_found_after_a_loss_inherits_nothing(
    networks: FakeNetworks, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = Film()
    film.pose()
    enter(networks, visibility=0.1)
    answer_once(networks, monkeypatch, score=0.1)
    found = film.pose()
    assert_allclose(found.visibility, 0.1, atol=1e-6)
    assert found.id == 1


def test_default_looks_for_a_lost_person_on_the_same_frame(
    networks: FakeNetworks, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = Film()
    film.pose()
    answer_once(networks, monkeypatch, score=0.1)
    pose = film.pose()
    assert pose.detection is not None
    assert pose.id == 1
    assert networks.detector.n_runs == 2


@pytest.mark.parametrize("profile", MEDIAPIPES)
def test_mediapipe_looks_for_a_lost_person_on_the_next_frame(
    networks: FakeNetworks, monkeypatch: pytest.MonkeyPatch, profile: str
) -> None:
    film = Film(profile=profile)
    film.pose()
    answer_once(networks, monkeypatch, score=0.1)
    assert not film.shot()
    assert networks.detector.n_runs == 1
    assert film.pose().detection is not None
    assert networks.detector.n_runs == 2


def test_a_frame_of_another_size_is_searched_anew(networks: FakeNetworks) -> None:
    film = Film(segmentation=True)
    mask = np.zeros((CROP, CROP, 1), np.float32)
    networks.landmarker.answer = pose_answer(mask=mask)
    film.pose()
    pose = film.pose(picture(300, 200))
    assert networks.detector.n_runs == 2
    assert pose.detection is not None
    assert pose.mask is not None
    assert pose.mask.shape == (200, 300)
    assert pose.id == 1
    assert film.pose(picture(300, 200)).detection is None


# --- what the thresholds mean ---


def test_a_pose_is_reported_above_the_presence_confidence(networks: FakeNetworks) -> None:
    for score, seen in ((0.75, 0), (0.76, 1)):
        enter(networks, score=score)
        assert len(Film(presence_confidence=0.75).shot()) == seen


def test_a_person_is_followed_above_the_tracking_confidence(networks: FakeNetworks) -> None:
    film = Film(presence_confidence=0.3, tracking_confidence=0.75)
    for score, n_detections in ((0.75, 1), (0.75, 2), (0.76, 3), (0.76, 3), (0.9, 3)):
        enter(networks, score=score)
        pose = film.pose()
        assert networks.detector.n_runs == n_detections
        assert pose.id == 0


def test_a_detection_counts_from_the_detection_confidence(networks: FakeNetworks) -> None:
    networks.detector.answer = detector_answer(sighting(score=0.6))
    assert len(Film(detection_confidence=0.61).shot()) == 0
    assert len(Film(detection_confidence=0.59).shot()) == 1


def test_ids_count_the_times_somebody_appears(networks: FakeNetworks) -> None:
    film = Film()
    ids = []
    for is_there in (True, True, False, False, True, False, True, True):
        (enter if is_there else leave)(networks)
        result = film.shot()
        ids.append(result.pose.id if result else None)
    assert ids == [0, 0, None, None, 1, None, 2, 2]


# --- where it looks next ---


def next_regions(networks: FakeNetworks, profile: str) -> tuple[list[Any], list[np.ndarray]]:
    """The regions used from the second frame on, and the raw auxiliary points before each."""
    film = Film(profile=profile, smoothing=False)
    rois, raw = [], []
    for seed in range(5):
        hips = tuple(CROP / 2 + np.random.default_rng(seed).uniform(-9, 9, 2))
        points = crop_points(seed, hips=hips)
        enter(networks, points=points)
        rois.append(film.pose().roi)
        matrix = rois[-1].image_from_crop((CROP, CROP))
        raw.append((matrix @ np.column_stack([points[33:35, :2], [1, 1]]).T)[:2].T)
    return rois[1:], raw[:-1]


def test_tasks_look_where_the_raw_landmarks_say(networks: FakeNetworks) -> None:
    for roi, points in zip(*next_regions(networks, "tasks"), strict=True):
        expected = roi_from_alignment(points.astype(np.float32), (256, 256))
        assert_allclose(roi.center, expected.center, atol=1e-3)
        assert_allclose(roi.wh, expected.wh, atol=1e-3)


@pytest.mark.parametrize("profile", ["solutions", "default"])
def test_others_look_where_the_smoothed_landmarks_say(networks: FakeNetworks, profile: str) -> None:
    smooth = OneEuroFilter(min_cutoff_hz=0.01, beta=10.0, derivate_cutoff_hz=1.0)
    rois, raw = next_regions(networks, profile)
    for i, (roi, points) in enumerate(zip(rois, raw, strict=True)):
        points = points.astype(np.float32)
        steady = smooth(points, STEP_US * (i + 1), 1 / alignment_side(points))
        expected = roi_from_alignment(steady, (256, 256))
        assert_allclose(roi.center, expected.center, atol=1e-2)
        assert_allclose(roi.wh, expected.wh, atol=1e-2)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_person_who_returns_is_followed_from_where_they_are(
    networks: FakeNetworks, profile: str
) -> None:
    film = Film(profile=profile)
    for _ in range(3):
        film.pose()
    leave(networks)
    film.shot()
    enter(networks, points=crop_points(hips=(CROP / 2 + 20, CROP / 2)))
    before = film.pose().roi
    middle = before.image_from_crop((CROP, CROP)) @ (CROP / 2 + 20, CROP / 2, 1)
    assert_allclose(film.pose().roi.center, middle[:2], atol=1e-2)


def test_a_person_without_a_next_region_is_looked_for_anew(networks: FakeNetworks) -> None:
    film = Film(profile="tasks")
    networks.landmarker.answer = pose_answer(crop_points(rim=(CROP / 2, CROP / 2)))
    assert film.pose().id == film.pose().id == 0
    assert networks.detector.n_runs == 2


# --- smoothing ---


def test_without_smoothing_each_frame_speaks_for_itself(networks: FakeNetworks) -> None:
    film = Film(profile="tasks", smoothing=False)
    film.pose()
    enter(networks, points=crop_points(1), visibility=0.25, world=world_points(1))
    pose = film.pose()
    assert_allclose(pose.landmarks, crop_points(1)[:33], atol=1e-2)
    assert_allclose(pose.visibility, 0.25, atol=1e-6)
    assert_allclose(pose.world, world_points(1)[:33], atol=1e-5)


@pytest.mark.parametrize("profile", PROFILES)
def test_landmarks_are_smoothed_by_the_size_the_profile_says(
    networks: FakeNetworks, profile: str
) -> None:
    film, plain = Film(profile=profile), Film(profile=profile, smoothing=False)
    smooth = OneEuroFilter(min_cutoff_hz=0.05, beta=80.0, derivate_cutoff_hz=1.0)
    size_px = 204.8 * PROFILES[profile].object_scale
    for seed in range(6):
        enter(networks, points=crop_points(seed))
        raw = plain.pose().landmarks
        expected = smooth(raw, STEP_US * (seed + 1), 1 / size_px)
        assert_allclose(film.pose().landmarks, expected, atol=2e-3)


def lose_and_return(networks: FakeNetworks, profile: str) -> Pose:
    """A person of visibility 0.9 leaves; one of visibility 0.2 comes."""
    film = Film(profile=profile)
    for _ in range(3):
        film.pose()
    leave(networks)
    film.shot()
    enter(networks, points=crop_points(1), visibility=0.2, world=world_points(1))
    return film.pose()


def test_a_person_who_returns_is_new_in_our_profile(networks: FakeNetworks) -> None:
    pose = lose_and_return(networks, "default")
    assert_allclose(pose.landmarks, crop_points(1)[:33], atol=1e-2)
    assert_allclose(pose.visibility, 0.2, atol=1e-6)
    assert_allclose(pose.world, world_points(1)[:33], atol=1e-5)


@pytest.mark.parametrize("profile", MEDIAPIPES)
def test_a_person_who_returns_is_half_remembered_by_mediapipe(
    networks: FakeNetworks, profile: str
) -> None:
    pose = lose_and_return(networks, profile)
    assert_allclose(pose.landmarks, crop_points(1)[:33], atol=1e-2)
    assert_allclose(pose.visibility, 0.1 * 0.2 + 0.9 * 0.9, atol=1e-5)
    assert np.abs(pose.world - world_points(1)[:33]).max() > 0.01


# --- masks ---


def test_a_pose_has_a_mask_only_where_it_is_asked_for(networks: FakeNetworks) -> None:
    assert Film().pose().mask is None


def masks(networks: FakeNetworks, film: Film, *, lost_between: bool = False) -> list[np.ndarray]:
    """The masks of four frames, of which the third may be empty."""
    seen = []
    for seed in range(4):
        if seed == 2 and lost_between:
            networks.detector.answer = detector_answer()
            networks.landmarker.answer = pose_answer(score=0.1, mask=mask_logits(seed))
            film.shot()
        else:
            enter(networks, mask=mask_logits(seed))
            seen.append(film.pose().mask)
    return seen


def mask_logits(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1, (CROP, CROP, 1)).astype(np.float32)


def expected_masks(networks: FakeNetworks, ratio: float) -> list[np.ndarray]:
    roi = Film(profile="tasks").pose().roi
    smooth = MaskSmoother(ratio)
    return [smooth(image_mask(mask_logits(seed), roi, (CROP, CROP))) for seed in range(4)]


@pytest.mark.parametrize("profile", PROFILES)
def test_masks_are_smoothed_as_the_profile_says(networks: FakeNetworks, profile: str) -> None:
    expected = expected_masks(networks, PROFILES[profile].mask_smoothing)
    seen = masks(networks, Film(profile=profile, segmentation=True))
    assert np.mean(np.abs(np.subtract(seen, expected)) > 1e-3) < 0.02


def test_smoothing_of_masks_can_be_switched_off(networks: FakeNetworks) -> None:
    film = Film(profile="graph", segmentation=True, smooth_segmentation=False)
    seen = masks(networks, film)
    assert np.mean(np.abs(np.subtract(seen, expected_masks(networks, 0.0))) > 1e-3) < 0.02


@pytest.mark.parametrize("profile", ["graph", "default"])
def test_the_mask_of_a_lost_person_is_forgotten_in_our_profile_only(
    networks: FakeNetworks, profile: str
) -> None:
    *_, last = masks(networks, Film(profile=profile, segmentation=True), lost_between=True)
    raw = expected_masks(networks, 0.0)[3]
    is_raw = np.mean(np.abs(last - raw) > 1e-3) < 0.02
    assert is_raw == (profile == "default")


# --- frames and times ---


def test_a_frame_keeps_its_own_time_and_place(networks: FakeNetworks) -> None:
    tracker = PoseTracker()
    result = tracker.update(Frame(picture(30, 20), timestamp_us=500, index=17))
    assert (result.frame, result.timestamp_us, result.width, result.height) == (17, 500, 30, 20)


def test_arrays_are_numbered_from_0(networks: FakeNetworks) -> None:
    film = Film()
    assert [film.shot().frame for _ in range(3)] == [0, 1, 2]
    film.tracker.reset()
    assert film.shot().frame == 0


def test_time_0_is_a_time(networks: FakeNetworks) -> None:
    assert PoseTracker().update(IMAGE, timestamp_us=0).timestamp_us == 0


@pytest.mark.parametrize(("first", "second"), [(0, 0), (1000, 1000), (1000, 999), (1000, 0)])
def test_a_time_that_does_not_increase_names_both(
    networks: FakeNetworks, first: int, second: int
) -> None:
    tracker = PoseTracker()
    tracker.update(IMAGE, timestamp_us=first)
    message = f"timestamp_us must increase, got {second} after {first}"
    with pytest.raises(ValueError, match=message):
        tracker.update(IMAGE, timestamp_us=second)
    with pytest.raises(ValueError, match=message):
        tracker.update(Frame(IMAGE, second))


@pytest.mark.parametrize(
    ("frame", "options", "error", "message"),
    [
        (IMAGE, {}, ValueError, "timestamp_us must be given with an array, got None"),
        (IMAGE, {"timestamp_us": -1}, ValueError, "timestamp_us must not be negative, got -1"),
        (IMAGE, {"timestamp_us": 50.0}, TypeError, "timestamp_us must be an integer, got 50.0"),
        (Frame(IMAGE, 50), {"timestamp_us": 50}, ValueError, "a Frame has its own time, got"),
        (Frame(IMAGE, 50), {"rotation_deg": 45}, ValueError, "must be a multiple of 90, got 45"),
        (IMAGE[..., 0], {"timestamp_us": 50}, ValueError, r"must have shape \(H, W, 3\)"),
        (IMAGE / 255, {"timestamp_us": 50}, TypeError, "must hold uint8 values"),
        ("a.png", {"timestamp_us": 50}, TypeError, "must be a NumPy array, got str"),
    ],
)
def test_a_frame_that_is_refused_leaves_no_trace(
    networks: FakeNetworks, frame: Any, options: dict[str, Any], error: type, message: str
) -> None:
    tracker, other = PoseTracker(), PoseTracker()
    for one in (tracker, other):
        one.update(IMAGE, timestamp_us=10)
    with pytest.raises(error, match=message):
        tracker.update(frame, **options)
    after = [one.update(IMAGE, timestamp_us=20).to_dict() for one in (tracker, other)]
    assert after[0] == after[1]


# --- rotation ---


@pytest.mark.parametrize("rotation_deg", [90, 180, 270])
def test_a_film_on_its_side_gives_the_same_person(
    networks: FakeNetworks, rotation_deg: int
) -> None:
    upright = picture(300, 200)
    standing, lying = Film(), Film()
    for seed in range(4):
        enter(networks, points=crop_points(seed))
        one = standing.pose(upright).landmarks
        frame = np.rot90(upright, rotation_deg // 90)
        other = lying.shot(frame, rotation_deg=rotation_deg).pose.landmarks
        (x, y), last_x, last_y = one[:, :2].T, 299, 199
        back = {90: (y, last_x - x), 180: (last_x - x, last_y - y), 270: (last_y - y, x)}
        assert_allclose(other[:, :2].T, back[rotation_deg], atol=1e-4)
        assert_array_equal(other[:, 2], one[:, 2])
    assert networks.detector.n_runs == 2


# --- state ---


@pytest.mark.parametrize("profile", PROFILES)
def test_after_reset_a_tracker_is_as_new(networks: FakeNetworks, profile: str) -> None:
    used = Film(profile=profile)
    wander(networks, used, range(5))
    leave(networks)
    used.shot()
    wander(networks, used, range(5, 8))
    used.tracker.reset()
    again = wander(networks, Film(used.tracker), range(10, 16))
    assert dicts(again) == dicts(wander(networks, Film(profile=profile), range(10, 16)))


def test_after_reset_earlier_times_are_welcome(networks: FakeNetworks) -> None:
    tracker = PoseTracker()
    tracker.update(IMAGE, timestamp_us=1000)
    tracker.reset()
    assert tracker.update(IMAGE, timestamp_us=0).pose.id == 0


def test_two_trackers_do_not_touch(networks: FakeNetworks) -> None:
    alone = wander(networks, Film(), range(6))
    one, other = Film(), Film()
    together = []
    for seed in range(6):
        together += wander(networks, one, [seed])
        wander(networks, other, [seed + 50])
    assert dicts(together) == dicts(alone)


def test_results_do_not_change_afterwards_and_cannot_be_changed(networks: FakeNetworks) -> None:
    film = Film()
    results = wander(networks, film, range(3))
    before = dicts(results)
    wander(networks, film, range(3, 6))
    assert dicts(results) == before
    for name in ("landmarks", "world", "visibility", "presence"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(results[0].pose, name)[0] = 0


def test_close_twice_is_no_harm_and_use_after_it_a_clear_error(networks: FakeNetworks) -> None:
    with PoseTracker() as tracker:
        tracker.update(IMAGE, timestamp_us=1)
    assert networks.detector.sessions[0].is_closed
    assert networks.landmarker.sessions[0].is_closed
    tracker.close()
    with pytest.raises(InferenceError, match="closed"):
        tracker.update(IMAGE, timestamp_us=2)


def test_an_error_of_the_network_passes_and_the_next_frame_is_served(
    networks: FakeNetworks, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = Film()
    film.pose()
    session = networks.landmarker.sessions[0]

    def fail(_image: np.ndarray) -> None:
        raise InferenceError("out of memory")

    with monkeypatch.context() as patch:
        patch.setattr(session, "run", fail)
        with pytest.raises(InferenceError, match="out of memory"):
            film.shot()
    assert film.pose().id == 0


def test_stats_count_each_stage(networks: FakeNetworks) -> None:
    film = Film(profile="solutions")
    for _ in range(3):
        film.shot()
    counts = {stage: times.count for stage, times in film.tracker.stats.items()}
    assert counts == {"detector": 1, "crop": 3, "network": 3, "decode": 3, "smooth": 3}


# --- threads ---


def test_frames_of_several_threads_are_taken_one_after_the_other(
    networks: FakeNetworks, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, run = threading.Lock(), FakeSession.run

    def run_alone(session: FakeSession, image: np.ndarray) -> tuple[np.ndarray, ...]:
        assert busy.acquire(blocking=False), "two frames at once"
        try:
            threading.Event().wait(0.0005)
            return run(session, image)
        finally:
            busy.release()

    monkeypatch.setattr(FakeSession, "run", run_alone)
    tracker, times_us = PoseTracker(), count(1)
    results: list[PoseResult] = []
    refused: list[str] = []

    def feed() -> None:
        for _ in range(60):
            timestamp_us = next(times_us)
            try:
                results.append(tracker.update(IMAGE, timestamp_us=timestamp_us))
            except ValueError as err:  # the other thread was faster
                refused.append(str(err))

    threads = [threading.Thread(target=feed) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) + len(refused) == 120
    assert all("must increase" in message for message in refused)
    assert len({result.timestamp_us for result in results}) == len(results) > 20
    assert all(result.pose.id == 0 for result in results)
    assert sorted(result.frame for result in results) == list(range(len(results)))


def test_close_waits_for_the_frame_in_work(
    networks: FakeNetworks, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker, run = PoseTracker(), FakeSession.run
    started, results = threading.Event(), []

    def slow(session: FakeSession, image: np.ndarray) -> tuple[np.ndarray, ...]:
        outputs = run(session, image)
        started.set()
        threading.Event().wait(0.02)
        assert not session.is_closed
        return outputs

    monkeypatch.setattr(FakeSession, "run", slow)
    feeding = threading.Thread(target=lambda: results.append(tracker.update(IMAGE, timestamp_us=1)))
    feeding.start()
    started.wait()
    tracker.close()
    feeding.join()
    assert len(results) == 1


# --- with the real networks ---


@pytest.mark.weights
@pytest.mark.testdata
def test_two_threads_find_the_same_real_person(testdata: Path) -> None:
    photo = load_image(testdata / "images" / "warrior.jpg")
    times_us, lock, results = count(0, STEP_US), threading.Lock(), []

    def feed() -> None:
        for _ in range(15):
            with lock:
                results.append(tracker.update(photo, timestamp_us=next(times_us)))

    with PoseTracker("lite") as tracker:
        expected = tracker.update(photo, timestamp_us=0).pose.landmarks
        tracker.reset()
        threads = [threading.Thread(target=feed) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(results) == 30
    for result in results:
        assert np.median(np.abs(result.pose.landmarks - expected)) < 5


@pytest.mark.weights
@pytest.mark.testdata
def test_reset_starts_a_real_clip_anew(testdata: Path) -> None:
    def run(tracker: PoseTracker) -> list[dict[str, Any]]:
        with open_source(testdata / "clips" / "yoga_floor.mp4") as frames:
            return dicts(
                [tracker.update(frame) for frame, _ in zip(frames, range(6), strict=False)]
            )

    with PoseTracker("lite") as used, PoseTracker("lite") as fresh:
        first = run(used)
        used.reset()
        assert run(used) == run(fresh) == first
