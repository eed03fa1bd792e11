from __future__ import annotations

import math
from copy import deepcopy
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.fakes import STEP_US, WARM, Actor, FakeScene, TrackedClip, fake_scene, heat_around

from vitruvian.engine.pipeline import HIGH_POSE_SCORE, LOW_SCORE_RATIO
from vitruvian.engine.profile import PROFILES
from vitruvian.track.person_track import POSITION_MEMORY_S
from vitruvian.track.search_plan import ALERT_US, PERIOD_US, SHORTEST_PERIOD_US

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitruvian import Pose, PoseResult

ANN = Actor(hips=(120, 100), seed=1, detection_score=0.9, colour=(190, 30, 40))
BOB = Actor(hips=(320, 150), seed=2, detection_score=0.8, colour=(30, 50, 170))
CAT = Actor(hips=(520, 350), seed=3, detection_score=0.7, colour=(40, 150, 60))
DAN = Actor(hips=(150, 350), seed=4, detection_score=0.6, colour=(150, 140, 50))
ALL_ACTORS = (ANN, BOB, CAT, DAN)
PASSES = PROFILES["default"].roi_refinements
MINUTE_US = 60_000_000


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> FakeScene:
    return fake_scene(monkeypatch, ANN, BOB)


def tracked_clip(scene: FakeScene, num_poses: int = 2, **options: Any) -> TrackedClip:
    return TrackedClip(scene, num_poses=num_poses, **options)


def moved(actor: Actor, dx: int, dy: int = 0, **changes: Any) -> Actor:
    x, y = actor.hips
    return replace(actor, hips=(x + dx, y + dy), **changes)


def ids(result: PoseResult) -> list[int | None]:
    return [pose.id for pose in result]


def matches_actor(pose: Pose, actor: Actor) -> bool:
    """Whether the pose is at the position of `actor`, smoothed or not."""
    return bool(np.abs(pose.landmarks[:, :2] - actor.points[:33, :2]).mean() < 4)


def actors_by_id(result: PoseResult, *actors: Actor) -> dict[int, list[int]]:
    """For each id, the indices of the actors at its position."""
    return {pose.id: [i for i, a in enumerate(actors) if matches_actor(pose, a)] for pose in result}


def assert_same(pose: Pose, other: Pose) -> None:
    """Assert that the poses are equal but for the id."""
    assert pose.to_dict() | {"id": None} == other.to_dict() | {"id": None}


# --- number and order of poses ---


@pytest.mark.parametrize("num_poses", [1, 2, 3, 4, 6])
def test_num_poses_limits_the_people_by_detection_score(scene: FakeScene, num_poses: int) -> None:
    scene.actors = list(reversed(ALL_ACTORS))
    n = min(num_poses, 4)
    for result in tracked_clip(scene, num_poses).track_frames(12):
        assert actors_by_id(result, *ALL_ACTORS) == {i: [i] for i in range(n)}


@pytest.mark.parametrize("force_detection", [False, True])
def test_num_poses_limits_the_people_when_several_return_together(
    scene: FakeScene, force_detection: bool
) -> None:
    clip = tracked_clip(scene, 2, force_detection=force_detection)
    for present in ([ANN, BOB], [BOB, CAT], [CAT], [], [ANN, BOB, CAT], [ANN, BOB, CAT]):
        scene.actors = present
        for result in clip.track_frames(10):
            assert len(result) == min(len(present), 2)


def test_of_returning_people_the_most_recently_seen_has_priority(scene: FakeScene) -> None:
    clip = tracked_clip(scene, 2)
    for present in ([ANN, BOB], [BOB], [BOB, CAT], [BOB]):
        scene.actors = present
        clip.track_frames(10)
    scene.actors = [ANN, BOB, CAT]
    assert actors_by_id(clip.track_frames(10)[-1], ANN, BOB, CAT) == {1: [1], 2: [2]}


def test_a_tracked_person_has_priority_over_a_stronger_detection(scene: FakeScene) -> None:
    clip = tracked_clip(scene, 2, force_detection=True)
    clip.track_frames(3)
    scene.actors = [ANN, BOB, replace(CAT, detection_score=0.99)]
    for result in clip.track_frames(10):
        assert actors_by_id(result, ANN, BOB, CAT) == {0: [0], 1: [1]}


def test_poses_are_in_the_order_of_their_ids(scene: FakeScene) -> None:
    clip = tracked_clip(scene, 4)
    for n in range(1, 5):
        scene.actors = list(reversed(ALL_ACTORS[:n]))
        clip.track_frames(10)
        assert ids(clip.track_frame()) == list(range(n))
    scene.actors = [DAN, BOB]
    assert ids(clip.track_frames(5)[-1]) == [1, 3]


def test_no_person_is_a_result_without_poses(scene: FakeScene) -> None:
    scene.actors = []
    assert [len(result) for result in tracked_clip(scene).track_frames(3)] == [0, 0, 0]
    assert scene.n_detections == 3
    assert scene.rois == []


# --- when the detector runs ---


def detections(scene: FakeScene, clip: TrackedClip, n: int) -> list[int]:
    """Indices of the next `n` frames on which the detector runs."""
    frames = []
    for i in range(n):
        before = scene.n_detections
        clip.track_frame()
        frames += [i] * (scene.n_detections - before)
    return frames


def every(period_us: int, n: int, start: int = 0) -> list[int]:
    return list(range(start, n, math.ceil(period_us / STEP_US)))


def test_with_free_slots_the_detector_runs_periodically(scene: FakeScene) -> None:
    assert detections(scene, tracked_clip(scene, 3), 40) == every(PERIOD_US // 2, 40)
    scene.actors = [ANN]
    assert detections(scene, tracked_clip(scene, 3), 40) == every(PERIOD_US, 40)


def test_with_all_slots_tracked_the_detector_does_not_run(scene: FakeScene) -> None:
    clip = tracked_clip(scene, 2)
    assert detections(scene, clip, 60) == [0]
    clip.track_frame(after_us=MINUTE_US)
    assert detections(scene, clip, 60) == []


def test_without_people_the_detector_runs_on_every_frame(scene: FakeScene) -> None:
    scene.actors = []
    assert detections(scene, tracked_clip(scene, 2), 5) == [0, 1, 2, 3, 4]


def test_after_a_loss_the_detector_runs_at_once_and_then_more_often(scene: FakeScene) -> None:
    clip = tracked_clip(scene, 2)
    clip.track_frames(3)
    scene.actors = [ANN]
    n_alert = ALERT_US // STEP_US
    runs = detections(scene, clip, 60)
    alert = every(SHORTEST_PERIOD_US, n_alert)
    around_bob = 2  # the whole image, and the part where Bob was lost
    assert [i for i in runs if i < n_alert] == [i for i in alert for _ in range(around_bob)]
    calm = [b - a for a, b in pairwise(i for i in runs if i > n_alert)]
    assert set(calm) == {math.ceil(PERIOD_US / STEP_US)}


def test_a_lost_person_is_detected_elsewhere_on_the_same_frame(scene: FakeScene) -> None:
    clip = tracked_clip(scene, 2)
    clip.track_frames(3)
    scene.actors = [ANN, moved(BOB, 90)]
    result = clip.track_frame()
    assert len(result) == 2
    assert matches_actor(result.poses[1], moved(BOB, 90))
    assert result.poses[1].detection is not None


def test_the_detector_can_be_forced(scene: FakeScene) -> None:
    assert detections(scene, tracked_clip(scene, 2, force_detection=True), 5) == [0, 1, 2, 3, 4]


def test_only_a_newly_detected_pose_has_a_detection(scene: FakeScene) -> None:
    scene.actors = [ANN]
    clip = tracked_clip(scene, 2, force_detection=True)
    assert clip.pose().detection is not None
    assert clip.pose().detection is None
    scene.actors = [ANN, BOB]
    assert [pose.detection is None for pose in clip.track_frame()] == [True, False]


# --- detections and tracked people ---


@pytest.mark.parametrize(("dx", "size_px"), [(0, 80), (15, 80), (-10, 95), (0, 60)])
def test_a_stronger_detection_of_a_tracked_person_changes_nothing(
    scene: FakeScene, dx: float, size_px: float
) -> None:
    undisturbed, clip = tracked_clip(scene, 4), tracked_clip(scene, 4, force_detection=True)
    walk = [[moved(a, 3 * i) for a in (ANN, BOB)] for i in range(8)]
    expected, seen = [], []
    for actors in walk:
        scene.actors, scene.detected = actors, None
        expected.append(undisturbed.track_frame())
    n_rois = len(scene.rois)
    for i, actors in enumerate(walk):
        scene.actors = actors
        if i:
            disturbing = [moved(a, dx, size_px=size_px, detection_score=0.99) for a in actors]
            scene.detected = disturbing
        seen.append(clip.track_frame())
    assert [result.to_dict() for result in seen] == [result.to_dict() for result in expected]
    assert len(scene.rois) == 2 * n_rois


def test_a_person_beside_a_tracked_person_gets_a_new_id(scene: FakeScene) -> None:
    scene.actors = [ANN]
    clip = tracked_clip(scene, 2)
    clip.track_frames(3)
    beside = moved(BOB, ANN.hips[0] - BOB.hips[0] + 45, ANN.hips[1] - BOB.hips[1])
    scene.actors = [ANN, beside]
    assert actors_by_id(clip.track_frames(10)[-1], ANN, beside) == {0: [0], 1: [1]}


def test_of_two_poses_of_one_person_the_predicted_one_stays(scene: FakeScene) -> None:
    """Bob leaves beside Ann, so that the network finds Ann in his region."""
    bob = moved(BOB, ANN.hips[0] - BOB.hips[0] + 45, ANN.hips[1] - BOB.hips[1])
    for actors, lasting in (([ANN, bob], 0), ([replace(ANN, detection_score=0.5), bob], 1)):
        scene.actors = actors
        clip, alone = tracked_clip(scene, 2), tracked_clip(scene, 2)
        clip.track_frames(5)
        scene.actors = [ANN]
        alone.track_frames(5)
        for _ in range(5):
            result, other = clip.track_frame(), alone.track_frame()
            assert ids(result) == [lasting]
            assert_same(result.pose, other.pose)


def test_duplicate_detections_are_one_person(scene: FakeScene) -> None:
    scene.actors = [ANN]
    scene.detected = [ANN, moved(ANN, 12, detection_score=0.7), moved(ANN, 0, 9)]
    for result in tracked_clip(scene, 4).track_frames(10):
        assert ids(result) == [0]


def test_two_people_close_together_are_both_tracked(scene: FakeScene) -> None:
    bob = replace(BOB, hips=(ANN.hips[0] + 40, ANN.hips[1]))
    scene.actors = [ANN, bob]
    for result in tracked_clip(scene, 3).track_frames(10):
        assert actors_by_id(result, ANN, bob) == {0: [0], 1: [1]}


# --- verification ---


def test_a_weak_detection_counts_if_a_closer_look_confirms_it(scene: FakeScene) -> None:
    faint = 0.5 * (LOW_SCORE_RATIO + 1) / 2
    for detection_score, close_score, n in (
        (faint, 0.51, 1),
        (faint, 0.49, 0),
        (0.5 * LOW_SCORE_RATIO - 0.01, 0.9, 0),
        (0.51, 0.1, 1),
    ):
        scene.actors = [replace(ANN, detection_score=detection_score, close_score=close_score)]
        assert len(tracked_clip(scene).track_frame()) == n


def test_a_weak_detection_too_large_for_a_closer_look_counts_if_the_landmark_score_is_high(
    scene: FakeScene,
) -> None:
    large = replace(ANN, hips=(320, 240), size_px=400, detection_score=0.3)
    for score, n in ((HIGH_POSE_SCORE + 0.01, 1), (HIGH_POSE_SCORE - 0.01, 0)):
        scene.actors = [replace(large, score=score)]
        assert len(tracked_clip(scene).track_frame()) == n


def test_a_rejected_place_is_tried_less_and_less_often(scene: FakeScene) -> None:
    scene.actors = [replace(ANN, detection_score=0.9, score=0.1)]
    clip = tracked_clip(scene)
    tried = []
    for i in range(240):
        before = len(scene.rois)
        clip.track_frame()
        tried += [i] * (len(scene.rois) > before)
    assert tried == [0, 4, 11, 24, 49, 80, 111, 142, 173, 204, 235]  # 0.1, 0.2, 0.4, 0.8, then 1 s
    scene.actors = [replace(ANN, detection_score=0.99, score=0.99)]
    assert len(clip.track_frame()) == 0  # hardly better: after the pause
    scene.actors = [moved(ANN, 60)]
    assert len(clip.track_frame()) == 1


def test_a_person_who_was_found_is_not_rejected_if_the_pipeline_returns_copies(
    scene: FakeScene,
) -> None:
    """As a pipeline in another process does."""
    scene.actors = [ANN]
    clip = tracked_clip(scene, 2)
    pipeline = clip.tracker._pipeline
    refine = pipeline.refine_rois
    pipeline.refine_rois = lambda *args: deepcopy(refine(*args))
    assert len(clip.track_frame()) == 1
    scene.actors = []
    assert len(clip.track_frame()) == 0
    scene.actors = [ANN]
    assert len(clip.track_frame()) == 1


@pytest.mark.parametrize("num_poses", [1, 2])
def test_after_a_gap_a_pose_at_the_old_place_yields_to_the_person_who_moved(
    scene: FakeScene, num_poses: int
) -> None:
    scene.actors = [replace(ANN, size_px=160)]
    clip = tracked_clip(scene, num_poses)
    clip.track_frames(3)
    ghost = replace(ANN, size_px=160, seed=9, hips=(80, 70), score=0.55)
    scene.actors, scene.detected = (
        [ghost, moved(scene.actors[0], 200)],
        [moved(scene.actors[0], 200)],
    )
    result = clip.track_frame(after_us=800_000)
    assert actors_by_id(result, *scene.actors) == {0: [1]}
    assert actors_by_id(clip.track_frame(), *scene.actors) == {0: [1]}


def test_a_false_positive_with_changing_landmarks_is_rejected(scene: FakeScene) -> None:
    usual, seeds = scene.networks.landmarker.answer, iter(range(100))

    def changing_pose(crop: np.ndarray) -> tuple[np.ndarray, ...]:
        scene.actors = [replace(ANN, seed=next(seeds), detection_score=0.7)]
        points, score, _, world = usual(crop)
        return points, score, heat_around(points.reshape(39, 5)[:, :2], reach=2), world

    scene.actors = [replace(ANN, detection_score=0.7)]
    scene.networks.landmarker.answer = changing_pose
    assert [len(result) for result in tracked_clip(scene).track_frames(5)] == [0] * 5


def test_a_false_positive_with_blurred_heat_maps_is_rejected(scene: FakeScene) -> None:
    usual = scene.networks.landmarker.answer

    def blurred(crop: np.ndarray) -> tuple[np.ndarray, ...]:
        coordinates, score, heat, *rest = usual(crop)
        return coordinates, score, np.full_like(heat, WARM), *rest

    scene.networks.landmarker.answer = blurred
    assert [len(result) for result in tracked_clip(scene).track_frames(5)] == [0] * 5


@pytest.mark.parametrize("value", [math.nan, 0.0])
def test_a_pose_with_nan_or_without_size_is_dropped_and_the_others_stay(
    scene: FakeScene, value: float
) -> None:
    clip = tracked_clip(scene, 3)
    clip.track_frames(2)
    usual = scene.networks.landmarker.answer

    def broken(crop: np.ndarray) -> tuple[np.ndarray, ...]:
        outputs = usual(crop)
        points = outputs[0].reshape(39, 5)
        if np.abs(points[33, :2] - 128).max() < 1 and scene.rois[-1].center[0] > 200:  # Bob
            points[:, :2] *= value
        return outputs

    with np.errstate(invalid="ignore"):
        scene.networks.landmarker.answer = broken
        for result in clip.track_frames(3):
            assert actors_by_id(result, ANN, BOB) == {0: [0]}
    scene.networks.landmarker.answer = usual
    assert actors_by_id(clip.track_frames(3)[-1], ANN, BOB) == {0: [0], 1: [1]}


# --- ids ---


def test_every_person_keeps_their_id(scene: FakeScene) -> None:
    clip = tracked_clip(scene, 4)
    for i in range(60):
        scene.actors = [moved(ANN, 2 * i), moved(BOB, -i, i), CAT]
        assert actors_by_id(clip.track_frame(), *scene.actors) == {0: [0], 1: [1], 2: [2]}


def test_a_new_person_gets_the_next_id(scene: FakeScene) -> None:
    clip = tracked_clip(scene, 4)
    for n in range(1, 5):
        scene.actors = list(ALL_ACTORS[:n])
        assert actors_by_id(clip.track_frames(10)[-1], *ALL_ACTORS) == {i: [i] for i in range(n)}


def test_no_id_is_given_twice(scene: FakeScene) -> None:
    clip = tracked_clip(scene, 2, id_memory_s=0.5)
    seen: list[int | None] = []
    for i in range(6):
        scene.actors = [replace(ANN, seed=i, hips=(100 + 80 * i, 100))]
        seen += ids(clip.track_frame())
        scene.actors = []
        clip.track_frame(after_us=MINUTE_US)
    assert seen == [0, 1, 2, 3, 4, 5]


def test_ids_restart_after_reset(scene: FakeScene) -> None:
    clip = tracked_clip(scene)
    clip.track_frames(2)
    scene.actors = [CAT, DAN]
    assert ids(clip.track_frames(9)[-1]) == [2, 3]
    clip.tracker.reset()
    assert ids(clip.track_frame()) == [0, 1]


def test_a_single_person_has_a_persistent_id(scene: FakeScene) -> None:
    clip = tracked_clip(scene, 1)
    seen = []
    for is_there in (True, True, False, False, True, False, True, True):
        scene.actors = [ANN] if is_there else []
        result = clip.track_frame()
        seen.append(result.pose.id if result else None)
    assert seen == [0, 0, None, None, 0, None, 0, 0]


RED, GREEN = ANN.colour, CAT.colour
ABSENCES = {  # successive absences of one person: seconds, shift in px, new colour
    "short": [(0.1, 0, RED), (0.5, 20, RED), (0.03, 0, RED)],
    "long": [(3.0, 200, RED), (9.0, -100, RED), (11.0, 0, RED)],
    "other colours": [(0.1, 0, GREEN), (3.0, 0, RED), (3.0, 0, GREEN), (0.2, 0, None)],
    "without absence": [(0.0, 300, RED), (0.0, 15, RED), (0.0, -300, GREEN)],
}


@pytest.mark.parametrize("appearance", [True, False])
@pytest.mark.parametrize("absences", ABSENCES.values(), ids=ABSENCES.keys())
def test_a_person_who_leaves_and_returns_has_the_same_ids_with_one_pose_and_with_two(
    scene: FakeScene, absences: list[Any], appearance: bool
) -> None:
    def seen(num_poses: int) -> list[list[int | None]]:
        clip, person = tracked_clip(scene, num_poses, appearance=appearance), ANN
        scene.actors = [person]
        results = clip.track_frames(8)
        for absence_s, dx, colour in absences:
            if absence_s:
                scene.actors = []
                results.append(clip.track_frame())
            person = moved(person, dx, colour=colour)
            scene.actors = [person]
            results += [
                clip.track_frame(after_us=max(STEP_US, round(absence_s * 1e6))),
                *clip.track_frames(8),
            ]
        return [ids(result) for result in results]

    assert seen(1) == seen(2)


@pytest.mark.parametrize("appearance", [True, False])
def test_after_a_short_absence_a_person_is_recovered_by_position(
    scene: FakeScene, appearance: bool
) -> None:
    clip = tracked_clip(scene, 2, appearance=appearance)
    clip.track_frames(3)
    scene.actors = [ANN]
    clip.track_frames(round(0.4 * POSITION_MEMORY_S * 1e6 / STEP_US))
    scene.actors = [ANN, moved(BOB, 20)]
    assert actors_by_id(clip.track_frames(5)[-1], *scene.actors) == {0: [0], 1: [1]}


@pytest.mark.parametrize("num_poses", [1, 2])
@pytest.mark.parametrize(("absence_s", "expected"), [(2.5, 0), (4.9, 0), (5.1, 1)])
def test_a_person_is_reidentified_by_colours_within_id_memory(
    scene: FakeScene, num_poses: int, absence_s: float, expected: int
) -> None:
    clip = tracked_clip(scene, num_poses, id_memory_s=5.0)
    scene.actors = [ANN]
    clip.track_frames(3)
    last_us = clip.now_us
    scene.actors = []
    clip.track_frame()
    clip.track_frame(after_us=1_000_000)
    scene.actors = [moved(ANN, 200, 100)]
    result = clip.track_frame(after_us=last_us + round(absence_s * 1e6) - clip.now_us)
    assert ids(result) == [expected]


def test_another_person_in_the_same_place_gets_a_new_id(scene: FakeScene) -> None:
    scene.actors = [ANN]
    clip = tracked_clip(scene)
    clip.track_frames(3)
    scene.actors = []
    clip.track_frames(3)
    scene.actors = [replace(ANN, colour=CAT.colour)]
    assert ids(clip.track_frame()) == [1]


def test_colours_of_an_occluding_person_are_not_stored(scene: FakeScene) -> None:
    clip = tracked_clip(scene)
    clip.track_frames(3)
    for i in range(10):
        scene.actors = [ANN, moved(BOB, -20 * i, -5 * i)]
        clip.track_frame()
    assert actors_by_id(clip.track_frames(50)[-1], *scene.actors) == {0: [0], 1: [1]}
    scene.actors = []
    clip.track_frame()
    scene.actors = [ANN]
    assert ids(clip.track_frame(after_us=4_000_000)) == [0]


def test_two_returning_people_get_their_own_ids_back(scene: FakeScene) -> None:
    clip = tracked_clip(scene)
    clip.track_frames(3)
    scene.actors = []
    clip.track_frames(3)
    clip.track_frame(after_us=3_000_000)
    scene.actors = [replace(ANN, hips=BOB.hips), replace(BOB, hips=ANN.hips)]  # positions swapped
    assert actors_by_id(clip.track_frame(), *scene.actors) == {0: [0], 1: [1]}


def test_without_id_memory_an_absence_of_one_frame_ends_a_track(scene: FakeScene) -> None:
    scene.actors = [ANN]
    clip = tracked_clip(scene, id_memory_s=0)
    assert [ids(result) for result in clip.track_frames(3)] == [[0], [0], [0]]
    scene.actors = []
    clip.track_frame()
    scene.actors = [ANN]
    assert ids(clip.track_frame()) == [1]


def test_tracks_are_removed_after_id_memory(scene: FakeScene) -> None:
    clip = tracked_clip(scene, 2, id_memory_s=1.0)
    colours = [actor.colour for actor in ALL_ACTORS] + [(240, 240, 240)]
    for i in range(40):
        hips = 100 + 400 * (i % 2), 100
        scene.actors = [replace(ANN, hips=hips, seed=i, colour=colours[i % 5])]
        assert ids(clip.track_frame(after_us=300_000)) == [i]
    assert len(clip.tracker._follower._pool) <= 5


# --- state of each person ---


def crossing(i: int) -> tuple[Actor, Actor]:
    """Frame `i` of 20 in which two people pass each other, 30 px apart."""
    ann = replace(ANN, hips=(60 + 9 * i, 110), visibility=0.3 + 0.02 * i)
    bob = replace(BOB, hips=(260 - 9 * i, 140), visibility=0.9 - 0.02 * i)
    return ann, bob


def test_two_crossing_people_are_smoothed_as_if_alone(scene: FakeScene) -> None:
    scene.has_masks, scene.wh = True, (320, 240)

    def shots(*chosen: int) -> list[PoseResult]:
        clip = tracked_clip(scene, 2, segmentation=True)
        results = []
        for i in range(20):
            scene.actors = [crossing(i)[k] for k in chosen]
            results.append(clip.track_frame())
        return results

    both, ann, bob = shots(0, 1), shots(0), shots(1)
    for together, one, other in zip(both, ann, bob, strict=True):
        assert ids(together) == [0, 1]
        assert_same(together.poses[0], one.poses[0])
        assert_same(together.poses[1], other.poses[0])


def absence(scene: FakeScene, clip: TrackedClip) -> None:
    scene.actors = []
    clip.track_frame()


def gap(scene: FakeScene, clip: TrackedClip) -> None:
    clip.now_us += 500_000
    clip.tracker.note_gap()


@pytest.mark.parametrize("event", [absence, gap])
@pytest.mark.parametrize("num_poses", [1, 2])
def test_nothing_is_smoothed_across_an_absence_or_a_gap(
    scene: FakeScene, event: Callable[[FakeScene, TrackedClip], None], num_poses: int
) -> None:
    scene.has_masks = True
    clip, fresh = (tracked_clip(scene, num_poses, segmentation=True) for _ in range(2))

    def walk(clip: TrackedClip, frames: range) -> list[PoseResult]:
        results = []
        for i in frames:
            scene.actors = [moved(a, 2 * i, visibility=0.3 + i / 50) for a in (ANN, BOB)]
            results.append(clip.track_frame())
        return results

    walk(clip, range(5))
    event(scene, clip)
    fresh.now_us = clip.now_us
    for result, expected in zip(walk(clip, range(8, 14)), walk(fresh, range(8, 14)), strict=True):
        assert result.to_dict()["poses"] == expected.to_dict()["poses"]  # including the ids
        assert len(result) == num_poses


def test_people_who_come_and_go_do_not_affect_the_smoothing_of_others(scene: FakeScene) -> None:
    clip, alone = tracked_clip(scene, 2), tracked_clip(scene, 2)
    together, single = [], []
    for clip_of, results in ((clip, together), (alone, single)):
        for i in range(40):
            ann = moved(ANN, 3 * i, visibility=0.3 + i / 80)
            scene.actors = [ann, BOB] if clip_of is clip and i // 5 % 2 else [ann]
            results.append(clip_of.track_frame())
    for result, expected in zip(together, single, strict=True):
        assert_same(result.poses[0], expected.poses[0])


def test_after_a_gap_everyone_is_detected_and_keeps_their_id(scene: FakeScene) -> None:
    clip = tracked_clip(scene)
    clip.track_frames(3)
    clip.tracker.note_gap()
    scene.actors = [moved(ANN, 10), moved(BOB, -10)]
    result = clip.track_frame(after_us=700_000)
    assert actors_by_id(result, *scene.actors) == {0: [0], 1: [1]}
    assert all(pose.detection is not None for pose in result)
    assert scene.n_detections == 2


def test_a_frame_of_another_size_starts_a_new_detection(scene: FakeScene) -> None:
    scene.has_masks = True
    clip = tracked_clip(scene, segmentation=True)
    clip.track_frames(3)
    scene.wh = (800, 600)
    scene.actors = [
        replace(actor, hips=(1.25 * actor.hips[0], 1.25 * actor.hips[1])) for actor in (ANN, BOB)
    ]
    result = clip.track_frame()
    assert scene.n_detections == 2
    assert actors_by_id(result, *scene.actors) == {0: [0], 1: [1]}
    for pose in result:
        assert pose.detection is not None
        assert pose.mask.shape == (600, 800)
    assert all(pose.detection is None for pose in clip.track_frame())


def test_each_person_has_their_own_mask(scene: FakeScene) -> None:
    scene.has_masks = True
    clip = tracked_clip(scene, segmentation=True)
    for i in range(3):
        ann, bob = scene.actors = [moved(ANN, 2 * i), moved(BOB, -2 * i)]
        for pose, own, other in zip(clip.track_frame(), (ann, bob), (bob, ann), strict=True):
            assert pose.mask.shape == scene.wh[::-1]
            assert pose.mask[own.hips[::-1]] > 0.99
            assert pose.mask[other.hips[::-1]] < 0.01


def test_a_pose_below_tracking_confidence_is_detected_again_and_keeps_id_and_smoothing(
    scene: FakeScene,
) -> None:
    """The score of one person is between presence and tracking confidence."""
    sure = tracked_clip(scene, 2, presence_confidence=0.3, tracking_confidence=0.5)
    unsure = tracked_clip(scene, 2, presence_confidence=0.3, tracking_confidence=0.75)
    for i in range(6):
        bob = moved(BOB, 2 * i, score=0.7, visibility=0.3 + i / 20)
        scene.actors = [moved(ANN, i), bob]
        before = scene.n_detections
        result = unsure.track_frame()
        assert scene.n_detections == before + 1
        assert [pose.detection is None for pose in result] == [i > 0, False]
        expected = sure.track_frame()
        assert ids(result) == ids(expected) == [0, 1]
        for pose, other in zip(result, expected, strict=True):
            assert_allclose(pose.landmarks, other.landmarks, atol=1e-3)
            assert_allclose(pose.visibility, other.visibility, atol=1e-6)


def test_candidates_of_a_frame_go_to_the_network_in_one_batch(scene: FakeScene) -> None:
    scene.actors = list(ALL_ACTORS)
    tracked_clip(scene, 4).track_frames(3)
    assert scene.networks.landmarker.batches == [4] * (PASSES + 1) + [4, 4]


def test_two_trackers_do_not_share_ids(scene: FakeScene) -> None:
    one, other = tracked_clip(scene), tracked_clip(scene)
    assert ids(one.track_frame()) == ids(other.track_frame()) == [0, 1]
    scene.actors = [CAT, DAN]
    assert ids(one.track_frames(3)[-1]) == [2, 3]
    scene.actors = [ANN, BOB]
    assert ids(other.track_frame()) == [0, 1]
    other.tracker.reset()
    scene.actors = [CAT, DAN]
    assert ids(one.track_frame()) == [2, 3]
    assert ids(other.track_frame()) == [0, 1]
