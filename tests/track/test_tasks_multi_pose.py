from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.fakes import Actor, FakeScene, TrackedClip, fake_scene, world_points

from vitruvian import PoseResult
from vitruvian.core.roi import Roi
from vitruvian.engine.pipeline import Candidate
from vitruvian.engine.warp import roi_from_alignment
from vitruvian.track.tasks_multi_pose import without_overlaps

ANN = Actor(hips=(120, 100), seed=1, detection_score=0.9)
BOB = Actor(hips=(300, 150), seed=2, detection_score=0.8)
CAT = Actor(hips=(500, 350), seed=3, detection_score=0.7)
SIDE = 1.25 * ANN.size_px  # of every region


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> FakeScene:
    return fake_scene(monkeypatch, ANN, BOB)


def tracked_clip(scene: FakeScene, num_poses: int, **options: object) -> TrackedClip:
    return TrackedClip(scene, profile="tasks", num_poses=num_poses, **options)


def moved(actor: Actor, dx: float, **changes: object) -> Actor:
    return replace(actor, hips=(actor.hips[0] + dx, actor.hips[1]), **changes)


def actor_indices(result: PoseResult, *actors: Actor) -> list[int]:
    """Index of the actor of each pose."""
    return [
        next(
            i
            for i, actor in enumerate(actors)
            if np.abs(pose.landmarks[:, :2] - actor.points[:33, :2]).max() < 0.1
        )
        for pose in result
    ]


# --- when the detector runs ---


def test_with_a_free_slot_the_detector_runs_on_every_frame(scene: FakeScene) -> None:
    for result in tracked_clip(scene, 3).track_frames(4):
        assert actor_indices(result, ANN, BOB) == [0, 1]
        assert all(pose.detection is not None for pose in result)
    assert scene.n_detections == 4


def test_without_a_free_slot_the_detector_does_not_run(scene: FakeScene) -> None:
    first, *rest = tracked_clip(scene, 2).track_frames(4)
    assert [pose.detection is None for pose in first] == [False, False]
    for result in rest:
        assert actor_indices(result, ANN, BOB) == [0, 1]
        assert [pose.detection is None for pose in result] == [True, True]
    assert scene.n_detections == 1


def test_the_detector_runs_on_the_frame_after_a_loss(scene: FakeScene) -> None:
    clip = tracked_clip(scene, 2)
    clip.track_frame()
    scene.actors = [BOB, CAT]
    assert actor_indices(clip.track_frame(), BOB, CAT) == [0]
    assert scene.n_detections == 1
    assert actor_indices(clip.track_frame(), BOB, CAT) == [0, 1]
    assert scene.n_detections == 2


def test_the_detector_can_be_forced(scene: FakeScene) -> None:
    for result in tracked_clip(scene, 2, force_detection=True).track_frames(3):
        assert all(pose.detection is not None for pose in result)
    assert scene.n_detections == 3


# --- detections and tracked regions ---


def test_a_detection_replaces_the_tracked_region_that_it_overlaps(scene: FakeScene) -> None:
    clip = tracked_clip(scene, 3)
    clip.track_frame()
    scene.detected = [moved(ANN, 9, size_px=90, seed=7)]
    bob, ann = clip.track_frame()
    assert actor_indices(PoseResult(0, 0, 1, 1, (bob, ann)), ANN, BOB) == [
        1,
        0,
    ]  # tracked people come first
    assert bob.detection is None
    assert_allclose(ann.roi.center, (129, 100), atol=1e-2)
    assert_allclose(ann.roi.wh, (112.5, 112.5), rtol=1e-4)


@pytest.mark.parametrize(("association_iou", "n_poses"), [(0.5, 1), (0.7, 2), (1.0, 2)])
def test_a_detection_replaces_a_region_above_the_association_iou(
    scene: FakeScene, association_iou: float, n_poses: int
) -> None:
    scene.actors = [ANN]
    clip = tracked_clip(scene, 3, association_iou=association_iou)
    clip.track_frame()
    scene.detected = [moved(ANN, SIDE / 4)]  # IoU 0.6
    result = clip.track_frame()
    assert actor_indices(result, ANN) == [0] * n_poses
    assert result.poses[-1].detection is not None


@pytest.mark.parametrize(("score", "is_tracked"), [(0.6, False), (0.8, True)])
def test_only_poses_above_the_tracking_confidence_are_tracked(
    scene: FakeScene, score: float, is_tracked: bool
) -> None:
    scene.actors = [ANN, replace(BOB, score=score)]
    clip = tracked_clip(scene, 2, tracking_confidence=0.7)
    clip.track_frame()
    result = clip.track_frame()
    assert actor_indices(result, ANN, BOB) == [0, 1]
    assert scene.n_detections == (1 if is_tracked else 2)
    assert (result.poses[1].detection is None) == is_tracked


def test_of_two_overlapping_detections_the_one_with_the_lower_score_stays(scene: FakeScene) -> None:
    """Boxes of the detector are faces; of overlapping body regions the later one is kept."""
    near = moved(BOB, SIDE / 8)
    scene.detected = [near, BOB]
    (pose,) = tracked_clip(scene, 3).track_frame()
    assert pose.detection.score == pytest.approx(0.8)


def test_regions_overlap_as_if_they_were_upright() -> None:
    def candidate(
        x: float, rotation: float = 0.0, wh: tuple[float, float] = (100, 100)
    ) -> Candidate:
        return Candidate(Roi((x, 50), wh, rotation))

    for rotation in (0.0, np.pi / 4, np.pi / 2):
        candidates = [candidate(50), candidate(50 + 100 / 3, rotation)]  # IoU 0.5
        assert without_overlaps(candidates, 0.49) == candidates[1:]
        assert without_overlaps(candidates, 0.51) == candidates
    wide, high = candidate(50, np.pi / 2, (200, 50)), candidate(50, 0.0, (50, 200))
    assert without_overlaps([wide, high], 0.2) == [
        wide,
        high,
    ]  # compared as if upright, so they overlap little


def test_the_later_one_of_each_pair_stays_in_order() -> None:
    one, two, three, four = (Candidate(Roi((x, 0), (100, 100))) for x in (0, 300, 10, 600))
    assert without_overlaps([one, two, three, four], 0.5) == [two, three, four]
    assert without_overlaps([one, three, one], 0.5) == [one]
    assert without_overlaps([], 0.5) == []


def test_an_overlap_of_exactly_the_limit_is_kept() -> None:
    candidates = [Candidate(Roi((x, 0), (100, 100))) for x in (0, 0)]
    assert without_overlaps(candidates, 1.0) == candidates
    assert (
        without_overlaps([candidates[0], Candidate(Roi((100, 0), (100, 100)))], 0.0)[0]
        is candidates[0]
    )


# --- number of poses ---


def test_num_poses_limits_the_people_by_detection_score(scene: FakeScene) -> None:
    scene.actors = [CAT, BOB, ANN]
    for num_poses in (1, 2, 3, 4):
        (result,) = tracked_clip(scene, num_poses).track_frames(1)
        assert actor_indices(result, ANN, BOB, CAT) == [0, 1, 2][:num_poses]


def test_landmarks_are_estimated_for_num_poses_candidates_only(scene: FakeScene) -> None:
    scene.actors = [CAT, BOB, ANN]
    tracked_clip(scene, 2).track_frame()
    assert len(scene.rois) == 2


def test_a_false_detection_is_not_replaced_by_the_next_one(scene: FakeScene) -> None:
    scene.actors = [BOB, CAT]
    scene.detected = [ANN, BOB, CAT]
    clip = tracked_clip(scene, 2)
    assert actor_indices(clip.track_frame(), BOB, CAT) == [0]
    assert len(scene.rois) == 2


def test_tracked_people_have_priority_over_detections(scene: FakeScene) -> None:
    clip = tracked_clip(scene, 2)
    scene.actors = [CAT]
    clip.track_frame()
    scene.actors = [ANN, BOB, CAT]
    scene.detected = [ANN, BOB]
    assert actor_indices(clip.track_frame(), ANN, BOB, CAT) == [2, 0]


# --- what is reported ---


def test_nothing_is_smoothed(scene: FakeScene) -> None:
    scene.has_masks = True
    clip = tracked_clip(scene, 2, smoothing=1.0, segmentation=True)
    for shift in (0, 7, 3):
        ann, bob = (
            moved(actor, shift, seed=actor.seed + shift, visibility=0.5 + shift / 20)
            for actor in (ANN, BOB)
        )
        scene.actors = [ann, bob]
        result = clip.track_frame()
        assert actor_indices(result, ann, bob) == [0, 1]
        for pose, actor in zip(result, scene.actors, strict=True):
            assert_allclose(pose.visibility, actor.visibility, atol=1e-5)
            assert_allclose(pose.world, world_points(actor.seed)[:33], atol=1e-5)


def test_the_next_region_comes_from_the_landmarks(scene: FakeScene) -> None:
    clip = tracked_clip(scene, 2)
    clip.track_frame()
    scene.actors = [moved(ANN, 10), moved(BOB, -10)]
    clip.track_frame()
    for pose, actor in zip(clip.track_frame(), scene.actors, strict=True):
        expected = roi_from_alignment(actor.points[33:35, :2], scene.wh)
        assert_allclose(pose.roi.center, expected.center, atol=1e-2)
        assert_allclose(pose.roi.wh, expected.wh, atol=1e-2)


def test_poses_have_no_ids(scene: FakeScene) -> None:
    for result in tracked_clip(scene, 4).track_frames(2):
        assert [pose.id for pose in result] == [None, None]


def test_each_pose_has_its_own_mask(scene: FakeScene) -> None:
    scene.has_masks = True
    ann, bob = tracked_clip(scene, 2, segmentation=True).track_frame()
    for pose, own, other in ((ann, ANN, BOB), (bob, BOB, ANN)):
        assert pose.mask.shape == scene.wh[::-1]
        assert pose.mask[own.hips[::-1]] > 0.99
        assert pose.mask[other.hips[::-1]] < 0.01


def test_a_pose_is_reported_above_the_presence_confidence(scene: FakeScene) -> None:
    scene.actors = [replace(ANN, score=0.7), replace(BOB, score=0.71)]
    clip = tracked_clip(scene, 2, presence_confidence=0.7)
    assert actor_indices(clip.track_frame(), ANN, BOB) == [1]


def test_a_person_without_a_next_region_is_reported_and_detected_again(scene: FakeScene) -> None:
    scene.actors, scene.detected = [replace(ANN, has_circle=False), BOB], [ANN, BOB]
    clip = tracked_clip(scene, 2)
    assert len(clip.track_frame()) == 2
    assert [pose.detection is None for pose in clip.track_frame()] == [False, False]
    scene.detected = []
    assert actor_indices(clip.track_frame(), ANN, BOB) == [1]


def test_after_a_gap_everyone_is_detected_again(scene: FakeScene) -> None:
    clip = tracked_clip(scene, 2)
    clip.track_frame()
    clip.tracker.note_gap()
    assert all(pose.detection is not None for pose in clip.track_frame())
    assert scene.n_detections == 2
    assert all(pose.detection is None for pose in clip.track_frame())


def test_a_frame_of_another_size_keeps_the_relative_regions(scene: FakeScene) -> None:
    clip = tracked_clip(scene, 2)
    clip.track_frame()
    width, height = scene.wh
    scene.wh = (2 * width, 2 * height)
    scene.actors = [
        replace(actor, hips=(2 * actor.hips[0], 2 * actor.hips[1]), size_px=2 * actor.size_px)
        for actor in scene.actors
    ]
    assert [pose.detection for pose in clip.track_frame()] == [None, None]
    assert scene.n_detections == 1
