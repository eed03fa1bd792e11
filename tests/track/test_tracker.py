from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.fakes import (
    STEP_US,
    Actor,
    FakeNetworks,
    FakeScene,
    FakeSession,
    TrackedClip,
    fake_networks,
    fake_scene,
    picture,
)

from vitruvian import Frame, PoseResult, PoseTracker, open_input
from vitruvian.errors import InferenceError, SourceError
from vitruvian.media.image import load_image

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

IMAGE = picture()
ANN, BOB = Actor(hips=(120, 100), seed=1), Actor(hips=(230, 130), seed=2, detection_score=0.8)
TRACKERS = [  # profile, num_poses
    ("solutions", 1),
    ("graph", 1),
    ("tasks", 1),
    ("tasks", 3),
    ("default", 1),
    ("default", 3),
]


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> FakeNetworks:
    return fake_networks(monkeypatch)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> FakeScene:
    return fake_scene(monkeypatch, ANN, BOB, wh=(320, 240))


def track_moving_people(clip: TrackedClip, seeds: Iterable[int]) -> list[PoseResult]:
    """Track two people whose position and posture change with each frame."""
    results = []
    for seed in seeds:
        dx, dy = np.random.default_rng(seed).uniform(-4, 4, 2)
        clip.scene.actors = [
            replace(
                actor,
                hips=(actor.hips[0] + dx, actor.hips[1] + dy),
                seed=actor.seed + 2 * seed,
                visibility=0.2 + 0.6 * (seed % 2),
            )
            for actor in (ANN, BOB)
        ]
        results.append(clip.track_frame())
    return results


def dicts(results: Sequence[PoseResult]) -> list[dict[str, Any]]:
    return [result.to_dict() for result in results]


# --- the tracker of a profile ---


@pytest.mark.parametrize(
    ("profile", "num_poses", "ids"),
    [
        ("solutions", 1, [0]),
        ("tasks", 1, [0]),
        ("tasks", 2, [None, None]),
        ("default", 1, [0]),
        ("default", 2, [0, 1]),
    ],
)
def test_the_profile_sets_who_is_tracked_and_their_ids(
    scene: FakeScene, profile: str, num_poses: int, ids: list[int | None]
) -> None:
    for result in TrackedClip(scene, profile=profile, num_poses=num_poses).track_frames(3):
        assert [pose.id for pose in result] == ids


def test_tracking_several_people_does_not_import_scipy() -> None:
    code = "import sys; import vitruvian.track.multi_pose; print('scipy' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout == "False\n"


# --- frames and times ---


def test_a_result_has_the_time_and_index_of_its_frame(networks: FakeNetworks) -> None:
    tracker = PoseTracker()
    result = tracker.update(Frame(picture(30, 20), timestamp_us=500, index=17))
    assert (result.frame_index, result.timestamp_us, result.width, result.height) == (
        17,
        500,
        30,
        20,
    )


def test_frame_indices_of_arrays_count_from_0(networks: FakeNetworks) -> None:
    clip = TrackedClip()
    assert [clip.track_frame().frame_index for _ in range(3)] == [0, 1, 2]
    clip.tracker.reset()
    assert clip.track_frame().frame_index == 0


def test_time_0_is_valid(networks: FakeNetworks) -> None:
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
        (IMAGE, {}, ValueError, "timestamp_us must be given with an image, got None"),
        (IMAGE, {"timestamp_us": -1}, ValueError, "timestamp_us must not be negative, got -1"),
        (IMAGE, {"timestamp_us": 50.0}, TypeError, "timestamp_us must be an integer, got 50.0"),
        (Frame(IMAGE, 50), {"timestamp_us": 50}, ValueError, "a Frame has its own time, got"),
        (Frame(IMAGE, 50), {"rotation_deg": 45}, ValueError, "must be a multiple of 90, got 45"),
        (IMAGE[0, 0], {"timestamp_us": 50}, ValueError, r"must have shape \(H, W, 3\)"),
        (IMAGE / 1, {"timestamp_us": 50}, ValueError, "must hold floats from 0 to 1, got"),
        ("a.png", {"timestamp_us": 50}, SourceError, r"can't read 'a\.png'"),
    ],
)
def test_a_rejected_frame_does_not_change_the_state(
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


@pytest.mark.parametrize(("profile", "num_poses"), TRACKERS)
@pytest.mark.parametrize("rotation_deg", [90, 180, 270])
def test_rotated_frames_give_the_same_people(
    scene: FakeScene, rotation_deg: int, profile: str, num_poses: int
) -> None:
    options = {"profile": profile, "num_poses": num_poses}
    standing, lying = TrackedClip(scene, **options), TrackedClip(scene, **options)
    for shift in range(4):
        scene.actors = [replace(a, hips=(a.hips[0] + shift, a.hips[1])) for a in (ANN, BOB)]
        frame = np.rot90(scene.image, rotation_deg // 90)
        upright, turned = (
            standing.track_frame(),
            lying.track_frame(frame, rotation_deg=rotation_deg),
        )
        assert len(turned) == len(upright) == min(num_poses, 2)
        for one, other in zip(upright, turned, strict=True):
            (x, y), last_x, last_y = one.landmarks[:, :2].T, 319, 239
            back = {90: (y, last_x - x), 180: (last_x - x, last_y - y), 270: (last_y - y, x)}
            assert_allclose(other.landmarks[:, :2].T, back[rotation_deg], atol=1e-4)
            assert_array_equal(other.landmarks[:, 2], one.landmarks[:, 2])
            assert other.id == one.id


# --- state ---


@pytest.mark.parametrize(("profile", "num_poses"), TRACKERS)
def test_after_reset_a_tracker_is_as_new(scene: FakeScene, profile: str, num_poses: int) -> None:
    used = TrackedClip(scene, profile=profile, num_poses=num_poses)
    track_moving_people(used, range(5))
    scene.actors = []
    used.track_frame()
    track_moving_people(used, range(5, 8))
    used.tracker.reset()
    again = track_moving_people(TrackedClip(scene, tracker=used.tracker), range(10, 16))
    fresh = track_moving_people(
        TrackedClip(scene, profile=profile, num_poses=num_poses), range(10, 16)
    )
    assert dicts(again) == dicts(fresh)


def test_after_reset_earlier_times_are_accepted(networks: FakeNetworks) -> None:
    tracker = PoseTracker()
    tracker.update(IMAGE, timestamp_us=1000)
    tracker.reset()
    assert tracker.update(IMAGE, timestamp_us=0).pose.id == 0


@pytest.mark.parametrize(("profile", "num_poses"), TRACKERS)
def test_two_trackers_share_no_state(scene: FakeScene, profile: str, num_poses: int) -> None:
    alone, one, other = (TrackedClip(scene, profile=profile, num_poses=num_poses) for _ in range(3))
    together = []
    for seed in range(6):
        together += track_moving_people(one, [seed])
        track_moving_people(other, [seed + 50])
    assert dicts(together) == dicts(track_moving_people(alone, range(6)))


@pytest.mark.parametrize(("profile", "num_poses"), TRACKERS)
def test_results_do_not_change_afterwards_and_cannot_be_changed(
    scene: FakeScene, profile: str, num_poses: int
) -> None:
    clip = TrackedClip(scene, profile=profile, num_poses=num_poses)
    results = track_moving_people(clip, range(3))
    before = dicts(results)
    track_moving_people(clip, range(3, 6))
    assert dicts(results) == before
    for name in ("landmarks", "world", "visibility", "presence"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(results[0].pose, name)[0] = 0


def test_close_is_idempotent_and_use_after_close_is_a_clear_error(networks: FakeNetworks) -> None:
    with PoseTracker() as tracker:
        tracker.update(IMAGE, timestamp_us=1)
    assert networks.detector.sessions[0].is_closed
    assert networks.landmarker.sessions[0].is_closed
    tracker.close()
    with pytest.raises(InferenceError, match="closed"):
        tracker.update(IMAGE, timestamp_us=2)


@pytest.mark.parametrize(("profile", "num_poses"), TRACKERS)
def test_after_an_error_of_the_network_the_next_frame_is_processed(
    scene: FakeScene, monkeypatch: pytest.MonkeyPatch, profile: str, num_poses: int
) -> None:
    clip = TrackedClip(scene, profile=profile, num_poses=num_poses)
    ids = [pose.id for pose in clip.track_frame()]

    def fail(_images: Sequence[np.ndarray]) -> None:
        raise InferenceError("out of memory")

    with monkeypatch.context() as patch:
        patch.setattr(scene.networks.landmarker.sessions[0], "run_all", fail)
        with pytest.raises(InferenceError, match="out of memory"):
            clip.track_frame()
    assert [pose.id for pose in clip.track_frame()] == ids


def test_stats_count_each_stage(networks: FakeNetworks) -> None:
    clip = TrackedClip(profile="solutions")
    for _ in range(3):
        clip.track_frame()
    counts = {stage: times.count for stage, times in clip.tracker.stats.items()}
    assert counts == {"detector": 1, "crop": 3, "network": 3, "decode": 3, "smooth": 3}


def test_stats_sum_over_the_people_of_a_frame(scene: FakeScene) -> None:
    clip = TrackedClip(scene, num_poses=2)
    clip.track_frames(3)
    counts = {stage: times.count for stage, times in clip.tracker.stats.items()}
    assert counts == {"detector": 1, "crop": 5, "network": 5, "decode": 10, "smooth": 3}


# --- threads ---


def test_frames_of_several_threads_are_processed_one_at_a_time(
    networks: FakeNetworks, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, run_all = threading.Lock(), FakeSession.run_all

    def run_alone(session: FakeSession, images: Sequence[np.ndarray]) -> list[tuple[Any, ...]]:
        assert busy.acquire(blocking=False), "two frames at once"
        try:
            threading.Event().wait(0.0005)
            return run_all(session, images)
        finally:
            busy.release()

    monkeypatch.setattr(FakeSession, "run_all", run_alone)
    tracker, times_us = PoseTracker(), count(1)
    results: list[PoseResult] = []
    refused: list[str] = []

    def feed() -> None:
        for _ in range(60):
            timestamp_us = next(times_us)
            try:
                results.append(tracker.update(IMAGE, timestamp_us=timestamp_us))
            except ValueError as err:  # another thread was faster
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
    assert sorted(result.frame_index for result in results) == list(range(len(results)))


def test_close_waits_for_the_current_frame(
    networks: FakeNetworks, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker, run_all = PoseTracker(), FakeSession.run_all
    started, results = threading.Event(), []

    def slow(session: FakeSession, images: Sequence[np.ndarray]) -> list[tuple[Any, ...]]:
        outputs = run_all(session, images)
        started.set()
        threading.Event().wait(0.02)
        assert not session.is_closed
        return outputs

    monkeypatch.setattr(FakeSession, "run_all", slow)
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
def test_after_reset_a_real_clip_gives_the_same_results(testdata: Path) -> None:
    def run(tracker: PoseTracker) -> list[dict[str, Any]]:
        with open_input(testdata / "clips" / "yoga_floor.mp4") as frames:
            return dicts(
                [tracker.update(frame) for frame, _ in zip(frames, range(6), strict=False)]
            )

    with PoseTracker("lite") as used, PoseTracker("lite") as fresh:
        first = run(used)
        used.reset()
        assert run(used) == run(fresh) == first
