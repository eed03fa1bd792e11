from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.fakes import STEP_US, Actor, FakeScene, TrackedClip, fake_scene

from vitruvian import PoseEstimator
from vitruvian.track.chooser import CHALLENGE_US, CLEAR_RATIO

LEFT = Actor(hips=(100, 240), size_px=80, seed=1, detection_score=0.95, colour=(190, 30, 40))
MIDDLE = Actor(hips=(330, 240), size_px=100, seed=2, detection_score=0.85, colour=(30, 50, 170))
LARGE = Actor(hips=(520, 240), size_px=180, seed=3, detection_score=0.9, colour=(40, 150, 60))
EVERYONE = (LEFT, MIDDLE, LARGE)
CHOSEN = {"score": LEFT, "largest": LARGE, "center": MIDDLE, "first": LEFT}


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> FakeScene:
    return fake_scene(monkeypatch, *EVERYONE)


def actors_of(result: Any, actors: tuple[Actor, ...] = EVERYONE) -> list[int]:
    """The actor at the position of each pose."""
    hips = [pose.roi.center for pose in result]
    return [
        int(np.argmin([np.hypot(x - a.hips[0], y - a.hips[1]) for a in actors])) for x, y in hips
    ]


@pytest.mark.parametrize(("prefer", "actor"), CHOSEN.items())
def test_one_person_is_chosen_by_preference(scene: FakeScene, prefer: str, actor: Actor) -> None:
    for result in TrackedClip(scene, prefer=prefer).track_frames(20):
        assert actors_of(result) == [EVERYONE.index(actor)]
    with PoseEstimator(prefer=prefer, reach="normal") as estimator:
        assert actors_of(estimator.detect(scene.image)) == [EVERYONE.index(actor)]


@pytest.mark.parametrize("prefer", CHOSEN)
def test_the_first_of_several_is_the_one_with_num_poses_1(scene: FakeScene, prefer: str) -> None:
    one = TrackedClip(scene, prefer=prefer).track_frame()
    for n in (2, 3):
        several = TrackedClip(scene, prefer=prefer, num_poses=n).track_frame()
        assert actors_of(several)[0] == actors_of(one)[0]


@pytest.mark.parametrize("ratio", [0.9, 1.1])
def test_a_tracked_person_yields_to_a_clearly_larger_one_after_half_a_second(
    scene: FakeScene, ratio: float
) -> None:
    scene.actors = [LEFT]
    clip = TrackedClip(scene, prefer="largest")
    clip.track_frames(5)
    larger = replace(LARGE, size_px=LEFT.size_px * CLEAR_RATIO * ratio)
    scene.actors = [LEFT, larger]
    chosen = [actors_of(result, (LEFT, larger)) for result in clip.track_frames(45)]
    n_before = CHALLENGE_US // STEP_US
    assert chosen[:n_before] == [[0]] * n_before
    assert chosen[-1] == [int(ratio > 1)]


def test_a_passer_by_does_not_replace_the_largest(scene: FakeScene) -> None:
    scene.actors = [LEFT]
    clip = TrackedClip(scene, prefer="largest")
    clip.track_frames(5)
    for present in ([LEFT, LARGE], [LEFT], [LEFT, LARGE], [LEFT]):
        scene.actors = present
        for result in clip.track_frames(10):
            assert actors_of(result) == [0]


def test_the_person_who_returns_to_the_first_place_has_the_same_id(scene: FakeScene) -> None:
    scene.actors = [LEFT]
    clip = TrackedClip(scene, prefer="largest")
    clip.track_frames(5)
    scene.actors = [LEFT, LARGE]
    clip.track_frames(45)
    scene.actors = [LEFT]
    ids = [pose.id for result in clip.track_frames(20) for pose in result]
    assert set(ids[-5:]) == {0}


@pytest.mark.parametrize("options", [{"prefer": "first"}, {"follow": (120, 250)}])
def test_the_first_person_is_kept_and_recovered_while_others_are_there(
    scene: FakeScene, options: dict[str, Any]
) -> None:
    scene.actors = [LEFT]
    clip = TrackedClip(scene, **options)
    clip.track_frames(3)
    scene.actors = [MIDDLE, LARGE]
    assert [len(result) for result in clip.track_frames(60)] == [0] * 60
    scene.actors = [replace(LEFT, hips=(200, 100)), MIDDLE, LARGE]
    results = clip.track_frames(30)
    assert [pose.id for pose in results[-1]] == [0]
    assert results[-1].pose.roi.center == pytest.approx((200, 100), abs=4)


def test_after_id_memory_the_first_place_is_free(scene: FakeScene) -> None:
    scene.actors = [LEFT]
    clip = TrackedClip(scene, prefer="first", id_memory_s=1.0)
    clip.track_frames(3)
    scene.actors = [LARGE]
    results = clip.track_frames(100)
    assert len(results[20]) == 0
    assert [pose.id for pose in results[-1]] == [1]


@pytest.mark.parametrize("actor", EVERYONE)
def test_the_person_at_a_point_is_followed(scene: FakeScene, actor: Actor) -> None:
    x, y = actor.hips
    for result in TrackedClip(scene, follow=(x + 10, y - 20)).track_frames(20):
        assert actors_of(result) == [EVERYONE.index(actor)]


@pytest.mark.parametrize("actor", EVERYONE)
def test_with_detection_on_every_frame_the_same_person_is_tracked(
    scene: FakeScene, actor: Actor
) -> None:
    clip = TrackedClip(scene, follow=actor.hips, force_detection=True)
    for result in clip.track_frames(10):
        assert actors_of(result) == [EVERYONE.index(actor)]
        assert result.pose.id == 0


def test_nobody_is_tracked_until_somebody_is_at_the_point(scene: FakeScene) -> None:
    clip = TrackedClip(scene, follow=(320, 30))
    assert [len(result) for result in clip.track_frames(10)] == [0] * 10


@pytest.mark.parametrize("rotation_deg", [0, 90, 180, 270])
def test_the_point_is_given_in_the_original_image(
    monkeypatch: pytest.MonkeyPatch, rotation_deg: int
) -> None:
    scene = fake_scene(monkeypatch, *EVERYONE)
    image = np.rot90(scene.image, rotation_deg // 90)
    with PoseEstimator(num_poses=3, reach="normal") as estimator:
        people = estimator.detect(image, rotation_deg=rotation_deg)
    for pose in people:
        clip = TrackedClip(scene, follow=pose.roi.center)
        result = clip.track_frame(image, rotation_deg=rotation_deg)
        assert result.pose.roi.center == pytest.approx(pose.roi.center)


@pytest.mark.parametrize("is_detected", [True, False])
def test_the_followed_person_is_kept_with_force_detection(
    scene: FakeScene, *, is_detected: bool
) -> None:
    clip = TrackedClip(scene, follow=MIDDLE.hips, force_detection=True)
    clip.track_frame()
    scene.detected = [LEFT, MIDDLE, LARGE] if is_detected else [LEFT, LARGE]
    for result in clip.track_frames(20):
        assert actors_of(result) == [EVERYONE.index(MIDDLE)]


def test_the_followed_person_is_found_again_in_frames_of_another_size(scene: FakeScene) -> None:
    clip = TrackedClip(scene, follow=MIDDLE.hips)
    clip.track_frame()
    half = [
        replace(a, hips=(a.hips[0] / 2, a.hips[1] / 2), size_px=a.size_px / 2) for a in EVERYONE
    ]
    scene.actors, scene.wh = half, (320, 240)
    (pose,) = clip.track_frame()
    assert pose.id == 0
    assert actors_of([pose], tuple(half)) == [EVERYONE.index(MIDDLE)]
