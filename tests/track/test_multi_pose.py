from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.fakes import STEP_US, Actor, FakeScene, Film, fake_scene

from vitruvian.engine.pipeline import HIGH_POSE_SCORE, LOW_SCORE_RATIO
from vitruvian.engine.profile import PROFILES
from vitruvian.track.multi_pose import ALERT_PERIOD_US, ALERT_US, SEARCH_PERIOD_US
from vitruvian.track.person_track import UNSEEN_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitruvian import Pose, PoseResult

ANN = Actor(hips=(120, 100), seed=1, detection_score=0.9, colour=(190, 30, 40))
BOB = Actor(hips=(320, 150), seed=2, detection_score=0.8, colour=(30, 50, 170))
CAT = Actor(hips=(520, 350), seed=3, detection_score=0.7, colour=(40, 150, 60))
DAN = Actor(hips=(150, 350), seed=4, detection_score=0.6, colour=(150, 140, 50))
EVERYBODY = (ANN, BOB, CAT, DAN)
PASSES = PROFILES["default"].roi_refinements
MINUTE_US = 60_000_000


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> FakeScene:
    return fake_scene(monkeypatch, ANN, BOB)


def people(scene: FakeScene, num_poses: int = 2, **options: Any) -> Film:
    return Film(scene, num_poses=num_poses, **options)


def moved(actor: Actor, dx: int, dy: int = 0, **changes: Any) -> Actor:
    x, y = actor.hips
    return replace(actor, hips=(x + dx, y + dy), **changes)


def ids(result: PoseResult) -> list[int | None]:
    return [pose.id for pose in result]


def is_of(pose: Pose, actor: Actor) -> bool:
    """Whether the pose lies where somebody is, smoothed or not."""
    return bool(np.abs(pose.landmarks[:, :2] - actor.points[:33, :2]).mean() < 4)


def who(result: PoseResult, *actors: Actor) -> dict[int, list[int]]:
    """Which of the actors has each id."""
    return {pose.id: [i for i, a in enumerate(actors) if is_of(pose, a)] for pose in result}


def assert_same(pose: Pose, other: Pose) -> None:
    """Everything but the id."""
    assert pose.to_dict() | {"id": None} == other.to_dict() | {"id": None}


# --- how many, and in what order ---


@pytest.mark.parametrize("num_poses", [1, 2, 3, 4, 6])
def test_num_poses_limits_the_people_by_detection_score(scene: FakeScene, num_poses: int) -> None:
    scene.actors = list(reversed(EVERYBODY))
    n = min(num_poses, 4)
    for result in people(scene, num_poses).shots(12):
        assert who(result, *EVERYBODY) == {i: [i] for i in range(n)}


@pytest.mark.parametrize("force_detection", [False, True])
def test_num_poses_limits_the_people_when_several_return_together(
    scene: FakeScene, force_detection: bool
) -> None:
    film = people(scene, 2, force_detection=force_detection)
    for present in ([ANN, BOB], [BOB, CAT], [CAT], [], [ANN, BOB, CAT], [ANN, BOB, CAT]):
        scene.actors = present
        for result in film.shots(10):
            assert len(result) == min(len(present), 2)


def test_of_returning_people_the_most_recently_seen_has_priority(scene: FakeScene) -> None:
    film = people(scene, 2)
    for present in ([ANN, BOB], [BOB], [BOB, CAT], [BOB]):
        scene.actors = present
        film.shots(10)
    scene.actors = [ANN, BOB, CAT]
    assert who(film.shots(10)[-1], ANN, BOB, CAT) == {1: [1], 2: [2]}


def test_a_tracked_person_has_priority_over_a_stronger_detection(scene: FakeScene) -> None:
    film = people(scene, 2, force_detection=True)
    film.shots(3)
    scene.actors = [ANN, BOB, replace(CAT, detection_score=0.99)]
    for result in film.shots(10):
        assert who(result, ANN, BOB, CAT) == {0: [0], 1: [1]}


def test_poses_are_in_the_order_of_their_ids(scene: FakeScene) -> None:
    film = people(scene, 4)
    for n in range(1, 5):
        scene.actors = list(reversed(EVERYBODY[:n]))
        film.shots(10)
        assert ids(film.shot()) == list(range(n))
    scene.actors = [DAN, BOB]
    assert ids(film.shots(5)[-1]) == [1, 3]


def test_no_person_is_a_result_without_poses(scene: FakeScene) -> None:
    scene.actors = []
    assert [len(result) for result in people(scene).shots(3)] == [0, 0, 0]
    assert scene.n_detections == 3
    assert scene.rois == []


# --- when the detector runs ---


def detections(scene: FakeScene, film: Film, n: int) -> list[int]:
    """In which of the next frames the detector runs."""
    frames = []
    for i in range(n):
        before = scene.n_detections
        film.shot()
        frames += [i] * (scene.n_detections - before)
    return frames


def every(period_us: int, n: int, start: int = 0) -> list[int]:
    return list(range(start, n, math.ceil(period_us / STEP_US)))


def test_with_free_slots_the_detector_runs_periodically(scene: FakeScene) -> None:
    assert detections(scene, people(scene, 3), 40) == every(SEARCH_PERIOD_US, 40)


def test_with_all_slots_tracked_the_detector_does_not_run(scene: FakeScene) -> None:
    film = people(scene, 2)
    assert detections(scene, film, 60) == [0]
    film.shot(after_us=MINUTE_US)
    assert detections(scene, film, 60) == []


def test_without_people_the_detector_runs_on_every_frame(scene: FakeScene) -> None:
    scene.actors = []
    assert detections(scene, people(scene, 2), 5) == [0, 1, 2, 3, 4]


def test_after_a_loss_the_detector_runs_at_once_and_then_more_often(scene: FakeScene) -> None:
    film = people(scene, 2)
    film.shots(3)
    scene.actors = [ANN]
    n_alert = ALERT_US // STEP_US
    frames = detections(scene, film, 60)
    alert = [frame for frame in frames if frame < n_alert]
    assert alert == every(ALERT_PERIOD_US, n_alert)
    calm = [b - a for a, b in pairwise(frames[len(alert) :])]
    assert set(calm) == {math.ceil(SEARCH_PERIOD_US / STEP_US)}


def test_a_lost_person_is_detected_elsewhere_on_the_same_frame(scene: FakeScene) -> None:
    film = people(scene, 2)
    film.shots(3)
    scene.actors = [ANN, moved(BOB, 90)]
    result = film.shot()
    assert len(result) == 2
    assert is_of(result.poses[1], moved(BOB, 90))
    assert result.poses[1].detection is not None


def test_the_detector_can_be_forced(scene: FakeScene) -> None:
    assert detections(scene, people(scene, 2, force_detection=True), 5) == [0, 1, 2, 3, 4]


def test_only_a_newly_detected_pose_has_a_detection(scene: FakeScene) -> None:
    scene.actors = [ANN]
    film = people(scene, 2, force_detection=True)
    assert film.pose().detection is not None
    assert film.pose().detection is None
    scene.actors = [ANN, BOB]
    assert [pose.detection is None for pose in film.shot()] == [True, False]


# --- detections against people ---


@pytest.mark.parametrize(("dx", "size_px"), [(0, 80), (15, 80), (-10, 95), (0, 60)])
def test_a_stronger_detection_of_a_tracked_person_changes_nothing(
    scene: FakeScene, dx: float, size_px: float
) -> None:
    undisturbed, film = people(scene, 4), people(scene, 4, force_detection=True)
    walk = [[moved(a, 3 * i) for a in (ANN, BOB)] for i in range(8)]
    expected, seen = [], []
    for actors in walk:
        scene.actors, scene.detected = actors, None
        expected.append(undisturbed.shot())
    n_rois = len(scene.rois)
    for i, actors in enumerate(walk):
        scene.actors = actors
        if i:
            disturbing = [moved(a, dx, size_px=size_px, detection_score=0.99) for a in actors]
            scene.detected = disturbing
        seen.append(film.shot())
    assert [result.to_dict() for result in seen] == [result.to_dict() for result in expected]
    assert len(scene.rois) == 2 * n_rois


def test_a_person_beside_a_tracked_person_gets_a_new_id(scene: FakeScene) -> None:
    scene.actors = [ANN]
    film = people(scene, 2)
    film.shots(3)
    beside = moved(BOB, ANN.hips[0] - BOB.hips[0] + 45, ANN.hips[1] - BOB.hips[1])
    scene.actors = [ANN, beside]
    assert who(film.shots(10)[-1], ANN, beside) == {0: [0], 1: [1]}


def test_of_two_poses_of_one_person_the_predicted_one_stays(scene: FakeScene) -> None:
    """Bob leaves beside Ann, so that Ann is what is seen where he is looked for."""
    bob = moved(BOB, ANN.hips[0] - BOB.hips[0] + 45, ANN.hips[1] - BOB.hips[1])
    for actors, lasting in (([ANN, bob], 0), ([replace(ANN, detection_score=0.5), bob], 1)):
        scene.actors = actors
        film, alone = people(scene, 2), people(scene, 2)
        film.shots(5)
        scene.actors = [ANN]
        alone.shots(5)
        for _ in range(5):
            result, other = film.shot(), alone.shot()
            assert ids(result) == [lasting]
            assert_same(result.pose, other.pose)


def test_duplicate_detections_are_one_person(scene: FakeScene) -> None:
    scene.actors = [ANN]
    scene.detected = [ANN, moved(ANN, 12, detection_score=0.7), moved(ANN, 0, 9)]
    for result in people(scene, 4).shots(10):
        assert ids(result) == [0]


def test_two_people_close_together_are_both_tracked(scene: FakeScene) -> None:
    bob = replace(BOB, hips=(ANN.hips[0] + 20, ANN.hips[1]))
    scene.actors = [ANN, bob]
    for result in people(scene, 3).shots(10):
        assert who(result, ANN, bob) == {0: [0], 1: [1]}


# --- who counts ---


def test_a_weak_detection_counts_if_the_landmark_score_is_high(
    scene: FakeScene,
) -> None:
    faint = 0.5 * (LOW_SCORE_RATIO + 1) / 2
    for detection_score, score, n in (
        (faint, HIGH_POSE_SCORE + 0.01, 1),
        (faint, HIGH_POSE_SCORE - 0.01, 0),
        (0.5 * LOW_SCORE_RATIO - 0.01, 0.999, 0),
        (0.51, 0.6, 1),
    ):
        scene.actors = [replace(ANN, detection_score=detection_score, score=score)]
        assert len(people(scene).shot()) == n


def test_a_false_positive_with_changing_landmarks_is_rejected(scene: FakeScene) -> None:
    usual, seeds = scene.networks.landmarker.answer, iter(range(100))

    def ghost(crop: np.ndarray) -> tuple[np.ndarray, ...]:
        scene.actors = [replace(ANN, seed=next(seeds), detection_score=0.7)]
        return usual(crop)

    scene.actors = [replace(ANN, detection_score=0.7)]
    scene.networks.landmarker.answer = ghost
    assert [len(result) for result in people(scene).shots(5)] == [0] * 5


@pytest.mark.parametrize("value", [math.nan, 0.0])
def test_a_pose_with_nan_or_without_size_is_dropped_and_the_others_stay(
    scene: FakeScene, value: float
) -> None:
    film = people(scene, 3)
    film.shots(2)
    usual = scene.networks.landmarker.answer

    def broken(crop: np.ndarray) -> tuple[np.ndarray, ...]:
        outputs = usual(crop)
        points = outputs[0].reshape(39, 5)
        if np.abs(points[33, :2] - 128).max() < 1 and scene.rois[-1].center[0] > 200:  # Bob
            points[:, :2] *= value
        return outputs

    with np.errstate(invalid="ignore"):
        scene.networks.landmarker.answer = broken
        for result in film.shots(3):
            assert who(result, ANN, BOB) == {0: [0]}
    scene.networks.landmarker.answer = usual
    assert who(film.shots(3)[-1], ANN, BOB) == {0: [0], 1: [1]}


# --- ids ---


def test_every_person_keeps_their_id(scene: FakeScene) -> None:
    film = people(scene, 4)
    for i in range(60):
        scene.actors = [moved(ANN, 2 * i), moved(BOB, -i, i), CAT]
        assert who(film.shot(), *scene.actors) == {0: [0], 1: [1], 2: [2]}


def test_a_new_person_gets_the_next_id(scene: FakeScene) -> None:
    film = people(scene, 4)
    for n in range(1, 5):
        scene.actors = list(EVERYBODY[:n])
        assert who(film.shots(10)[-1], *EVERYBODY) == {i: [i] for i in range(n)}


def test_no_id_is_given_twice(scene: FakeScene) -> None:
    film = people(scene, 2, id_memory_s=0.5)
    seen: list[int | None] = []
    for i in range(6):
        scene.actors = [replace(ANN, seed=i, hips=(100 + 80 * i, 100))]
        seen += ids(film.shot())
        scene.actors = []
        film.shot(after_us=MINUTE_US)
    assert seen == [0, 1, 2, 3, 4, 5]


def test_ids_restart_after_reset(scene: FakeScene) -> None:
    film = people(scene)
    film.shots(2)
    scene.actors = [CAT, DAN]
    assert ids(film.shots(9)[-1]) == [2, 3]
    film.tracker.reset()
    assert ids(film.shot()) == [0, 1]


def test_a_single_person_has_a_persistent_id(scene: FakeScene) -> None:
    film = people(scene, 1)
    seen = []
    for is_there in (True, True, False, False, True, False, True, True):
        scene.actors = [ANN] if is_there else []
        result = film.shot()
        seen.append(result.pose.id if result else None)
    assert seen == [0, 0, None, None, 0, None, 0, 0]


RED, GREEN = ANN.colour, CAT.colour
COMINGS = {  # (seconds out of view, moved by, colour) of one person, again and again
    "short": [(0.1, 0, RED), (0.5, 20, RED), (0.03, 0, RED)],
    "long": [(3.0, 200, RED), (9.0, -100, RED), (11.0, 0, RED)],
    "other clothes": [(0.1, 0, GREEN), (3.0, 0, RED), (3.0, 0, GREEN), (0.2, 0, None)],
    "elsewhere at once": [(0.0, 300, RED), (0.0, 15, RED), (0.0, -300, GREEN)],
}


@pytest.mark.parametrize("appearance", [True, False])
@pytest.mark.parametrize("comings", COMINGS.values(), ids=COMINGS.keys())
def test_a_person_who_leaves_and_returns_has_the_same_ids_with_one_pose_and_with_two(
    scene: FakeScene, comings: list[Any], appearance: bool
) -> None:
    def seen(num_poses: int) -> list[list[int | None]]:
        film, person = people(scene, num_poses, appearance=appearance), ANN
        scene.actors = [person]
        results = film.shots(8)
        for absence_s, dx, colour in comings:
            if absence_s:
                scene.actors = []
                results.append(film.shot())
            person = moved(person, dx, colour=colour)
            scene.actors = [person]
            results += [film.shot(after_us=max(STEP_US, round(absence_s * 1e6))), *film.shots(8)]
        return [ids(result) for result in results]

    assert seen(1) == seen(2)


@pytest.mark.parametrize("appearance", [True, False])
def test_after_a_short_absence_a_person_is_recovered_by_position(
    scene: FakeScene, appearance: bool
) -> None:
    film = people(scene, 2, appearance=appearance)
    film.shots(3)
    scene.actors = [ANN]
    film.shots(round(0.4 * UNSEEN_S * 1e6 / STEP_US))
    scene.actors = [ANN, moved(BOB, 20)]
    assert who(film.shots(5)[-1], *scene.actors) == {0: [0], 1: [1]}


@pytest.mark.parametrize("num_poses", [1, 2])
@pytest.mark.parametrize(("absence_s", "expected"), [(2.5, 0), (4.9, 0), (5.1, 1)])
def test_a_person_is_reidentified_by_colours_within_id_memory(
    scene: FakeScene, num_poses: int, absence_s: float, expected: int
) -> None:
    film = people(scene, num_poses, id_memory_s=5.0)
    scene.actors = [ANN]
    film.shots(3)
    last_us = film.now_us
    scene.actors = []
    film.shot()
    film.shot(after_us=1_000_000)
    scene.actors = [moved(ANN, 200, 100)]
    result = film.shot(after_us=last_us + round(absence_s * 1e6) - film.now_us)
    assert ids(result) == [expected]


def test_another_person_in_the_same_place_gets_a_new_id(scene: FakeScene) -> None:
    scene.actors = [ANN]
    film = people(scene)
    film.shots(3)
    scene.actors = []
    film.shots(3)
    scene.actors = [replace(ANN, colour=CAT.colour)]
    assert ids(film.shot()) == [1]


def test_colours_of_an_occluding_person_are_not_stored(scene: FakeScene) -> None:
    film = people(scene)
    film.shots(3)
    for i in range(10):
        scene.actors = [ANN, moved(BOB, -20 * i, -5 * i)]
        film.shot()
    assert who(film.shots(50)[-1], *scene.actors) == {0: [0], 1: [1]}
    scene.actors = []
    film.shot()
    scene.actors = [ANN]
    assert ids(film.shot(after_us=4_000_000)) == [0]


def test_two_returning_people_get_their_own_ids_back(scene: FakeScene) -> None:
    film = people(scene)
    film.shots(3)
    scene.actors = []
    film.shots(3)
    film.shot(after_us=3_000_000)
    scene.actors = [replace(ANN, hips=BOB.hips), replace(BOB, hips=ANN.hips)]  # places exchanged
    assert who(film.shot(), *scene.actors) == {0: [0], 1: [1]}


def test_without_id_memory_an_absence_of_one_frame_ends_a_track(scene: FakeScene) -> None:
    scene.actors = [ANN]
    film = people(scene, id_memory_s=0)
    assert [ids(result) for result in film.shots(3)] == [[0], [0], [0]]
    scene.actors = []
    film.shot()
    scene.actors = [ANN]
    assert ids(film.shot()) == [1]


def test_tracks_are_removed_after_id_memory(scene: FakeScene) -> None:
    film = people(scene, 2, id_memory_s=1.0)
    colours = [actor.colour for actor in EVERYBODY] + [(240, 240, 240)]
    for i in range(40):
        hips = 100 + 400 * (i % 2), 100
        scene.actors = [replace(ANN, hips=hips, seed=i, colour=colours[i % 5])]
        assert ids(film.shot(after_us=300_000)) == [i]
    assert len(film.tracker._follower._pool) <= 5


# --- state of each person ---


def crossing(i: int) -> tuple[Actor, Actor]:
    """Two people who pass each other, an arm's length apart, in 20 frames."""
    ann = replace(ANN, hips=(60 + 9 * i, 110), visibility=0.3 + 0.02 * i)
    bob = replace(BOB, hips=(260 - 9 * i, 140), visibility=0.9 - 0.02 * i)
    return ann, bob


def test_two_crossing_people_are_smoothed_as_if_alone(scene: FakeScene) -> None:
    scene.has_masks, scene.wh = True, (320, 240)

    def shots(*chosen: int) -> list[PoseResult]:
        film = people(scene, 2, segmentation=True)
        results = []
        for i in range(20):
            scene.actors = [crossing(i)[k] for k in chosen]
            results.append(film.shot())
        return results

    both, ann, bob = shots(0, 1), shots(0), shots(1)
    for together, one, other in zip(both, ann, bob, strict=True):
        assert ids(together) == [0, 1]
        assert_same(together.poses[0], one.poses[0])
        assert_same(together.poses[1], other.poses[0])


def absence(scene: FakeScene, film: Film) -> None:
    scene.actors = []
    film.shot()


def gap(scene: FakeScene, film: Film) -> None:
    film.now_us += 500_000
    film.tracker.note_gap()


@pytest.mark.parametrize("event", [absence, gap])
@pytest.mark.parametrize("num_poses", [1, 2])
def test_nothing_is_smoothed_across_an_absence_or_a_gap(
    scene: FakeScene, event: Callable[[FakeScene, Film], None], num_poses: int
) -> None:
    scene.has_masks = True
    film, fresh = (people(scene, num_poses, segmentation=True) for _ in range(2))

    def walk(film: Film, frames: range) -> list[PoseResult]:
        results = []
        for i in frames:
            scene.actors = [moved(a, 2 * i, visibility=0.3 + i / 50) for a in (ANN, BOB)]
            results.append(film.shot())
        return results

    walk(film, range(5))
    event(scene, film)
    fresh.now_us = film.now_us
    for result, expected in zip(walk(film, range(8, 14)), walk(fresh, range(8, 14)), strict=True):
        assert result.to_dict()["poses"] == expected.to_dict()["poses"]  # the ids as well
        assert len(result) == num_poses


def test_people_who_come_and_go_do_not_affect_the_smoothing_of_others(scene: FakeScene) -> None:
    film, alone = people(scene, 2), people(scene, 2)
    together, single = [], []
    for film_of, results in ((film, together), (alone, single)):
        for i in range(40):
            ann = moved(ANN, 3 * i, visibility=0.3 + i / 80)
            scene.actors = [ann, BOB] if film_of is film and i // 5 % 2 else [ann]
            results.append(film_of.shot())
    for result, expected in zip(together, single, strict=True):
        assert_same(result.poses[0], expected.poses[0])


def test_after_a_gap_everyone_is_detected_and_keeps_their_id(scene: FakeScene) -> None:
    film = people(scene)
    film.shots(3)
    film.tracker.note_gap()
    scene.actors = [moved(ANN, 10), moved(BOB, -10)]
    result = film.shot(after_us=700_000)
    assert who(result, *scene.actors) == {0: [0], 1: [1]}
    assert all(pose.detection is not None for pose in result)
    assert scene.n_detections == 2


def test_a_frame_of_another_size_starts_a_new_detection(scene: FakeScene) -> None:
    scene.has_masks = True
    film = people(scene, segmentation=True)
    film.shots(3)
    scene.wh = (800, 600)
    result = film.shot()
    assert scene.n_detections == 2
    assert who(result, ANN, BOB) == {0: [0], 1: [1]}
    for pose in result:
        assert pose.detection is not None
        assert pose.mask.shape == (600, 800)
    assert all(pose.detection is None for pose in film.shot())


def test_each_person_has_their_own_mask(scene: FakeScene) -> None:
    scene.has_masks = True
    film = people(scene, segmentation=True)
    for i in range(3):
        ann, bob = scene.actors = [moved(ANN, 2 * i), moved(BOB, -2 * i)]
        for pose, own, other in zip(film.shot(), (ann, bob), (bob, ann), strict=True):
            assert pose.mask.shape == scene.wh[::-1]
            assert pose.mask[own.hips[::-1]] > 0.99
            assert pose.mask[other.hips[::-1]] < 0.01


def test_a_pose_below_tracking_confidence_is_detected_again_and_keeps_id_and_smoothing(
    scene: FakeScene,
) -> None:
    """Somebody between presence and tracking confidence."""
    sure = people(scene, 2, presence_confidence=0.3, tracking_confidence=0.5)
    unsure = people(scene, 2, presence_confidence=0.3, tracking_confidence=0.75)
    for i in range(6):
        bob = moved(BOB, 2 * i, score=0.7, visibility=0.3 + i / 20)
        scene.actors = [moved(ANN, i), bob]
        before = scene.n_detections
        result = unsure.shot()
        assert scene.n_detections == before + 1
        assert [pose.detection is None for pose in result] == [i > 0, False]
        expected = sure.shot()
        assert ids(result) == ids(expected) == [0, 1]
        for pose, other in zip(result, expected, strict=True):
            assert_allclose(pose.landmarks, other.landmarks, atol=1e-3)
            assert_allclose(pose.visibility, other.visibility, atol=1e-6)


def test_candidates_of_a_frame_go_to_the_network_in_one_batch(scene: FakeScene) -> None:
    scene.actors = list(EVERYBODY)
    people(scene, 4).shots(3)
    assert scene.networks.landmarker.batches == [4] * (PASSES + 1) + [4, 4]


def test_two_trackers_do_not_share_ids(scene: FakeScene) -> None:
    one, other = people(scene), people(scene)
    assert ids(one.shot()) == ids(other.shot()) == [0, 1]
    scene.actors = [CAT, DAN]
    assert ids(one.shots(3)[-1]) == [2, 3]
    scene.actors = [ANN, BOB]
    assert ids(other.shot()) == [0, 1]
    other.tracker.reset()
    scene.actors = [CAT, DAN]
    assert ids(one.shot()) == [2, 3]
    assert ids(other.shot()) == [0, 1]
