"""Search of single images: tiles, merging of their detections, and the order of candidates."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from tests.fakes import Actor, FakeScene, fake_scene

from vitruvian import PoseEstimator, PoseResult
from vitruvian.core.detection import Detection
from vitruvian.core.roi import Roi
from vitruvian.engine.pipeline import Candidate
from vitruvian.engine.search import MAX_TRIED, is_same_person, merged_candidates
from vitruvian.engine.tiles import tiles
from vitruvian.media.image import load_image
from vitruvian.synthetic import Camera, Person, Scene

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.engine.warp import Part

WH = (640, 480)
N_TILES = len(tiles(WH))
ANN = Actor(hips=(120, 100), seed=1, detection_score=0.9)
BOB = Actor(hips=(300, 150), seed=2, detection_score=0.8)
FAR = Actor(hips=(500, 350), seed=3, detection_score=0.7, size_px=30)


def candidate(
    hips: tuple[float, float] = (300, 200),
    radius: float = 40,
    *,
    score: float = 0.9,
    part: Part | None = None,
    face: float = 10,
) -> Candidate:
    """Return a detection of an upright person with a face box of `face` px."""
    x, y = hips
    rim = (x, y - radius)
    box = (x - face / 2, y - radius, x + face / 2, y - radius + face)
    keypoints = np.array([hips, rim, hips, rim], np.float32)
    roi = Roi(hips, (2.5 * radius, 2.5 * radius))
    return Candidate(roi, Detection(np.float32(box), keypoints, score), part=part)


# --- merging ---


def test_hits_of_a_body_in_several_parts_are_one_person() -> None:
    whole = candidate(score=0.4)
    near = candidate((304, 205), 43, score=0.8, part=(160, 80, 320, 320))
    edge = candidate((298, 200), 38, score=0.85, part=(0, 0, 310, 310))
    assert merged_candidates([whole, near, edge], WH) == [near]


def test_a_face_is_enough_where_the_hips_are_cut_off() -> None:
    one, other = candidate((300, 200), 40), candidate((300, 300), 140)
    assert is_same_person(one, other)
    assert not is_same_person(one, candidate((300, 300), 100))


def test_neighbours_stay_two_people() -> None:
    assert not is_same_person(candidate((300, 200)), candidate((315, 200)))
    assert not is_same_person(candidate((300, 200), 40), candidate((300, 205), 80))
    people = [candidate((300 + 20 * i, 200), score=0.9 - i / 20) for i in range(5)]
    assert merged_candidates(people[::-1], WH) == people


def test_of_two_equal_scores_the_view_of_the_whole_body_is_kept() -> None:
    cut = candidate(score=0.8, part=(0, 0, 320, 320))
    whole = candidate((302, 200), score=0.8, part=(160, 0, 320, 320))
    assert merged_candidates([cut, whole], WH) == [whole]


def test_what_is_outside_the_image_is_not_missed() -> None:
    near_edge = candidate((630, 200), score=0.7, part=(320, 0, 320, 320))
    inside = candidate((100, 200), score=0.6)
    assert merged_candidates([inside, near_edge], WH) == [near_edge, inside]


def test_nothing_merges_to_nothing() -> None:
    assert merged_candidates([], WH) == []


def test_of_thousands_of_candidates_the_best_are_merged() -> None:
    many = [candidate((50 * i, 200), score=i / 2000) for i in range(1, 2000)]
    assert merged_candidates(many, WH) == many[:-1001:-1]


# --- order and cost ---


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> FakeScene:
    return fake_scene(monkeypatch, wh=WH)


def found(scene: FakeScene, num_poses: int, **options: object) -> PoseResult:
    with PoseEstimator(num_poses=num_poses, **options) as estimator:
        return estimator.detect(scene.image)


def hips_of(result: PoseResult) -> list[tuple[int, int]]:
    return [tuple(np.rint(pose.roi.center).astype(int).tolist()) for pose in result]


def test_tiles_find_people_who_are_too_small_in_the_whole_image(scene: FakeScene) -> None:
    scene.actors, scene.in_tiles = [ANN, FAR], [FAR]
    assert hips_of(found(scene, 4)) == [ANN.hips, FAR.hips]
    assert hips_of(found(scene, 4, reach="normal")) == [ANN.hips]


def test_enough_certain_people_in_the_whole_image_cost_no_tiles(scene: FakeScene) -> None:
    scene.actors, scene.in_tiles = [ANN, BOB, FAR], [FAR]
    for num_poses, n_runs in ((1, 1), (2, 1), (3, 1 + N_TILES)):
        before = scene.n_detections
        assert len(found(scene, num_poses)) == num_poses
        assert scene.n_detections - before == n_runs


@pytest.mark.parametrize("profile", ["solutions", "graph", "tasks"])
def test_the_profiles_of_mediapipe_have_no_tiles(scene: FakeScene, profile: str) -> None:
    scene.actors, scene.in_tiles = [FAR], [FAR]
    assert not found(scene, 1, profile=profile)
    assert scene.n_detections == 1


def test_crop_center_has_no_tiles(scene: FakeScene) -> None:
    assert not found(scene, 1, crop="center")
    assert scene.n_detections == 1


def test_one_person_is_the_first_of_several_also_from_tiles(scene: FakeScene) -> None:
    nobody = replace(ANN, hips=(600, 60), detection_score=0.95, score=0.1)
    faint = replace(BOB, detection_score=0.3)
    scene.actors, scene.in_tiles = [faint, FAR], [FAR]
    scene.detected = [nobody, faint, FAR]
    several = found(scene, 4)
    assert hips_of(several) == [FAR.hips, BOB.hips]
    for num_poses in (1, 2):
        some = found(scene, num_poses)
        for one, other in zip(some, several.poses[:num_poses], strict=True):
            assert_array_equal(one.landmarks, other.landmarks)


@pytest.mark.parametrize("num_poses", [1, 40])
def test_a_limited_number_of_candidates_is_tried(scene: FakeScene, num_poses: int) -> None:
    nobody = [replace(ANN, hips=(20 * i, 20 * j), size_px=10) for i in range(14) for j in range(14)]
    scene.detected = nobody
    assert not found(scene, num_poses, reach="normal")
    assert len(scene.rois) == MAX_TRIED  # no refinement gives a pose


def test_a_person_found_in_the_whole_image_is_not_tried_again(scene: FakeScene) -> None:
    scene.actors, scene.in_tiles = [ANN], [ANN]
    assert hips_of(found(scene, 4)) == [ANN.hips]
    assert len(scene.rois) == 3  # two refinements and the pose


# --- real networks ---


def room(wh: tuple[int, int], lefts_m: list[float]) -> np.ndarray:
    """Return a picture of people 11 m away."""
    camera = Camera(position=(0, 1.5, 10), target=(0, 0.9, 0), fov_deg=60)
    people = [Person(position=(x, -1)) for x in lefts_m]
    return Scene(people, camera).render(wh=wh).image


@pytest.mark.weights
@pytest.mark.slow
@pytest.mark.parametrize("wh", [(960, 540), (540, 960), (1600, 400)], ids=["wide", "tall", "4:1"])
def test_far_finds_everyone_in_a_large_room(wh: tuple[int, int]) -> None:
    lefts_m = [-1.2, 0.3, 1.5]
    image = room(wh, lefts_m)
    counts = {}
    for reach in ("normal", "far"):
        with PoseEstimator("lite", num_poses=6, reach=reach) as estimator:
            counts[reach] = len(estimator.detect(image))
    assert counts["far"] == len(lefts_m) > counts["normal"]


@pytest.mark.weights
@pytest.mark.slow
def test_far_finds_nobody_in_an_empty_room() -> None:
    with PoseEstimator("lite", num_poses=4) as estimator:
        assert not estimator.detect(room((1280, 720), []))


@pytest.mark.weights
@pytest.mark.testdata
def test_far_finds_no_people_among_zebras(testdata: Path) -> None:
    with PoseEstimator("lite", num_poses=4) as estimator:
        assert not estimator.detect(testdata / "images" / "zebras_negative.jpg")


@pytest.mark.weights
@pytest.mark.testdata
def test_far_finds_the_people_of_a_photo_in_a_large_empty_picture(testdata: Path) -> None:
    photo = load_image(testdata / "images" / "two_men_woods.jpg")[::2, ::2]
    image = np.full((900, 1600, 3), 90, np.uint8)
    image[500 : 500 + photo.shape[0], 1000 : 1000 + photo.shape[1]] = photo
    with PoseEstimator("full", num_poses=4) as estimator:
        people = estimator.detect(image)
    assert len(people) == 2
    assert all(pose["nose"].x > 1000 for pose in people)
    with PoseEstimator("full", num_poses=1) as estimator:
        assert_array_equal(estimator.detect(image).pose.landmarks, people.poses[0].landmarks)
