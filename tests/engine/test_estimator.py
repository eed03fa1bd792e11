from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image
from tests.fakes import (
    COLD,
    Actor,
    FakeNetworks,
    FakeScene,
    FakeSession,
    crop_points,
    detection_output,
    detector_answer,
    fake_networks,
    fake_scene,
    picture,
    pose_answer,
)

from vitruvian import Frame, PoseEstimator, PoseResult
from vitruvian.errors import InferenceError, SourceError
from vitruvian.media.image import load_image

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

IMAGE = picture()
SEVERAL = ("tasks", "default")
ANN = Actor(hips=(120, 100), seed=1, detection_score=0.9)
BOB = Actor(hips=(300, 150), seed=2, detection_score=0.8)
CAT = Actor(hips=(500, 350), seed=3, detection_score=0.7)


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> FakeNetworks:
    return fake_networks(monkeypatch)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> FakeScene:
    return fake_scene(monkeypatch)


def test_a_path_an_array_and_a_frame_give_the_same_result(
    networks: FakeNetworks, tmp_path: Path
) -> None:
    Image.fromarray(IMAGE).save(tmp_path / "a.png")
    with PoseEstimator(segmentation=False) as estimator:
        answers = [
            estimator.detect(image)
            for image in (tmp_path / "a.png", str(tmp_path / "a.png"), IMAGE, Frame(IMAGE))
        ]
    for answer in answers:
        assert answer.to_dict() == answers[0].to_dict()
        assert (answer.width, answer.height, len(answer)) == (256, 256, 1)
    for crop in networks.landmarker.images:
        assert_array_equal(crop, networks.landmarker.images[0])


def test_a_result_has_the_time_and_index_of_its_frame(networks: FakeNetworks) -> None:
    result = PoseEstimator().detect(Frame(IMAGE, timestamp_us=7, index=3))
    assert (result.timestamp_us, result.frame_index) == (7, 3)


def test_a_pose_has_its_region_and_detection(networks: FakeNetworks) -> None:
    pose = PoseEstimator(profile="solutions").detect(IMAGE).pose
    assert pose is not None
    assert pose.id is None
    assert pose.mask is None
    assert pose.score == pytest.approx(0.99)
    assert pose.detection is not None
    assert_allclose(pose.roi.wh, (256, 256), atol=1e-3)
    assert_allclose(pose.landmarks[:, :2], crop_points()[:33, :2], atol=1e-2)


def test_an_estimator_is_stateless(networks: FakeNetworks) -> None:
    estimator = PoseEstimator()
    first = estimator.detect(IMAGE)
    networks.landmarker.answer = pose_answer(crop_points(1), visibility=0.1)
    estimator.detect(picture(100, 300))
    networks.landmarker.answer = pose_answer()
    assert estimator.detect(IMAGE).to_dict() == first.to_dict()
    assert networks.detector.n_runs == 3


def test_no_person_is_a_result_without_poses(networks: FakeNetworks) -> None:
    networks.detector.answer = detector_answer()
    result = PoseEstimator().detect(picture(30, 20))
    assert not result
    assert result.pose is None
    assert (result.width, result.height) == (30, 20)


@pytest.mark.parametrize("rotation_deg", [90, 180, 270, -90])
def test_a_rotated_image_gives_the_same_person(networks: FakeNetworks, rotation_deg: int) -> None:
    image = picture(300, 200)
    networks.detector.answer = detector_answer(detection_output((0.4, 0.5), (0.45, 0.3)))
    with PoseEstimator() as estimator:
        upright = estimator.detect(image)
        rotated = estimator.detect(np.rot90(image, rotation_deg // 90), rotation_deg=rotation_deg)
    half = len(networks.landmarker.images) // 2
    for one, other in zip(
        networks.landmarker.images[:half], networks.landmarker.images[half:], strict=True
    ):
        assert_array_equal(one, other)
    assert (rotated.width, rotated.height) == ((300, 200) if rotation_deg == 180 else (200, 300))
    (x, y), (last_x, last_y) = upright.pose.landmarks[:, :2].T, (299, 199)
    expected = {90: (y, last_x - x), 180: (last_x - x, last_y - y), -90: (last_y - y, x)}
    expected[270] = expected[-90]
    assert_allclose(rotated.pose.landmarks[:, :2].T, expected[rotation_deg], atol=1e-4)


def test_a_file_that_is_no_image_is_an_error(networks: FakeNetworks, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("not an image")
    with pytest.raises(SourceError, match=r"a\.jpg.*not an image"):
        PoseEstimator().detect(tmp_path / "a.jpg")


@pytest.mark.parametrize("image", [None, 3, [[1]], range(3), iter([1])])
def test_anything_but_an_image_is_a_type_error(networks: FakeNetworks, image: object) -> None:
    with pytest.raises(TypeError, match=r"image must be a path, bytes, .* or a tensor, got"):
        PoseEstimator().detect(image)


def test_images_of_several_threads_are_processed_one_at_a_time(
    networks: FakeNetworks, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, run_all = threading.Lock(), FakeSession.run_all

    def run_alone(session: FakeSession, images: Sequence[np.ndarray]) -> list[tuple[Any, ...]]:
        assert busy.acquire(blocking=False), "two images at once"
        try:
            threading.Event().wait(0.0005)
            return run_all(session, images)
        finally:
            busy.release()

    monkeypatch.setattr(FakeSession, "run_all", run_alone)
    estimator, results = PoseEstimator(), []
    threads = [
        threading.Thread(target=lambda: results.extend(estimator.detect(IMAGE) for _ in range(30)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 60
    assert all(result.to_dict() == results[0].to_dict() for result in results)


# --- several people ---


def found(scene: FakeScene, profile: str, num_poses: int, **options: Any) -> PoseResult:
    with PoseEstimator(profile=profile, num_poses=num_poses, **options) as estimator:
        return estimator.detect(scene.image)


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


@pytest.mark.parametrize("profile", SEVERAL)
@pytest.mark.parametrize("num_poses", [1, 2, 3, 5])
def test_poses_are_sorted_by_score_and_limited_to_num_poses(
    scene: FakeScene, profile: str, num_poses: int
) -> None:
    scene.actors = [CAT, ANN, BOB]
    result = found(scene, profile, num_poses)
    assert actor_indices(result, ANN, BOB, CAT) == [0, 1, 2][:num_poses]
    assert [pose.id for pose in result] == [None] * len(result)
    scores = [pose.detection.score for pose in result]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("num_poses", [2, 3])
def test_in_tasks_candidates_are_limited_before_landmarks_are_estimated(
    scene: FakeScene, num_poses: int
) -> None:
    scene.actors = [BOB, CAT]
    scene.detected = [ANN, BOB, CAT]  # Ann is a false detection
    assert actor_indices(found(scene, "tasks", num_poses), BOB, CAT) == [0, 1][: num_poses - 1]
    assert len(scene.rois) == num_poses


def test_by_default_a_false_detection_takes_no_slot(scene: FakeScene) -> None:
    scene.actors = [BOB, CAT]
    scene.detected = [ANN, BOB, CAT]
    assert actor_indices(found(scene, "default", 2), BOB, CAT) == [0, 1]


@pytest.mark.parametrize("profile", SEVERAL)
def test_duplicates_are_removed_in_the_default_profile_and_kept_in_tasks(
    scene: FakeScene, profile: str
) -> None:
    scene.actors = [ANN, BOB]
    scene.detected = [ANN, replace(ANN, hips=(130, 108), detection_score=0.85), BOB]
    expected = [0, 0, 1] if profile == "tasks" else [0, 1]
    assert actor_indices(found(scene, profile, 4), ANN, BOB) == expected


def test_by_default_a_duplicate_takes_no_slot(scene: FakeScene) -> None:
    scene.actors = [ANN, BOB]
    scene.detected = [ANN, replace(ANN, hips=(130, 108), detection_score=0.85), BOB]
    assert actor_indices(found(scene, "default", 2), ANN, BOB) == [0, 1]


def test_one_person_is_the_first_of_several(scene: FakeScene) -> None:
    nobody = replace(ANN, hips=(600, 60), detection_score=0.95, score=0.1)
    scene.actors = [ANN, BOB, CAT]
    scene.detected = [nobody, BOB, replace(ANN, detection_score=0.3), CAT]
    (first,) = found(scene, "default", 1)
    several = found(scene, "default", 4)
    assert actor_indices(several, ANN, BOB, CAT) == [1, 2, 0]
    assert_array_equal(first.landmarks, several.poses[0].landmarks)


@pytest.mark.parametrize(
    ("profile", "num_poses", "score", "is_found"),
    [
        ("default", 2, 0.96, True),
        ("default", 2, 0.94, False),
        ("default", 1, 0.96, True),
        ("default", 1, 0.94, False),
        ("tasks", 1, 0.96, False),
        ("tasks", 2, 0.96, False),
    ],
)
def test_a_weak_detection_counts_if_the_landmark_score_is_high(
    scene: FakeScene, profile: str, num_poses: int, score: float, is_found: bool
) -> None:
    scene.actors = [replace(ANN, detection_score=0.3, score=score)]
    assert bool(found(scene, profile, num_poses)) == is_found


@pytest.mark.parametrize("num_poses", [1, 2])
@pytest.mark.parametrize("profile", SEVERAL)
def test_by_default_a_pose_with_even_heat_is_no_person(
    networks: FakeNetworks, profile: str, num_poses: int
) -> None:
    networks.detector.answer = detector_answer(detection_output(score=0.95))
    networks.landmarker.answer = pose_answer(heat=np.full((64, 64, 39), COLD))
    result = PoseEstimator(profile=profile, num_poses=num_poses).detect(IMAGE)
    assert bool(result) == (profile == "tasks")


@pytest.mark.parametrize("profile", SEVERAL)
def test_each_person_of_an_image_has_their_own_mask(scene: FakeScene, profile: str) -> None:
    scene.actors, scene.has_masks = [ANN, BOB], True
    poses = found(scene, profile, 2, segmentation=True)
    for pose, own, other in zip(poses, (ANN, BOB), (BOB, ANN), strict=True):
        assert pose.mask.shape == scene.wh[::-1]
        assert pose.mask[own.hips[::-1]] > 0.99
        assert pose.mask[other.hips[::-1]] < 0.01


@pytest.mark.parametrize("rotation_deg", [90, 180, 270])
def test_several_people_in_a_rotated_image(scene: FakeScene, rotation_deg: int) -> None:
    scene.actors = [ANN, BOB]
    with PoseEstimator(num_poses=2) as estimator:
        upright = estimator.detect(scene.image)
        rotated = np.rot90(scene.image, rotation_deg // 90)
        turned = estimator.detect(rotated, rotation_deg=rotation_deg)
    last_x, last_y = scene.wh[0] - 1, scene.wh[1] - 1
    for one, other in zip(upright, turned, strict=True):
        x, y = one.landmarks[:, :2].T
        back = {90: (y, last_x - x), 180: (last_x - x, last_y - y), 270: (last_y - y, x)}
        assert_allclose(other.landmarks[:, :2].T, back[rotation_deg], atol=1e-3)


# --- close and statistics ---


def test_close_is_idempotent_and_use_after_close_is_a_clear_error(networks: FakeNetworks) -> None:
    with PoseEstimator() as estimator:
        estimator.detect(IMAGE)
    estimator.close()
    with pytest.raises(InferenceError, match="closed"):
        estimator.detect(IMAGE)


def test_stats_count_each_stage(networks: FakeNetworks) -> None:
    estimator = PoseEstimator(profile="solutions")
    for _ in range(3):
        estimator.detect(IMAGE)
    counts = {stage: times.count for stage, times in estimator.stats.items()}
    assert counts == {"detector": 3, "crop": 3, "network": 3, "decode": 3}


@pytest.mark.weights
@pytest.mark.testdata
def test_real_photo_upright_and_on_its_side(testdata: Path) -> None:
    photo = load_image(testdata / "images" / "warrior.jpg")
    last_x, last_y = photo.shape[1] - 1, photo.shape[0] - 1
    with PoseEstimator("lite", segmentation=True) as estimator:
        upright = estimator.detect(photo).pose
        for quarters in (1, 2, 3):
            rotated = estimator.detect(np.rot90(photo, quarters), rotation_deg=90 * quarters).pose
            x, y = rotated.landmarks[:, :2].T
            back = {1: (last_x - y, x), 2: (last_x - x, last_y - y), 3: (y, last_y - x)}[quarters]
            assert_allclose(np.transpose(back), upright.landmarks[:, :2], atol=1e-3)
            assert_array_equal(rotated.visibility, upright.visibility)
            assert_array_equal(np.rot90(rotated.mask, -quarters), upright.mask)


@pytest.mark.weights
@pytest.mark.testdata
def test_real_photo_with_crop_center(testdata: Path) -> None:
    photo = load_image(testdata / "images" / "warrior.jpg")
    with PoseEstimator("lite") as whole, PoseEstimator("lite", crop="center") as center:
        one, other = whole.detect(photo).pose, center.detect(photo).pose
    assert np.median(np.abs(one.landmarks - other.landmarks)[:, :2]) < 3
    assert one.detection.keypoints.tolist() != other.detection.keypoints.tolist()
