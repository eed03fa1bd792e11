"""People found and missed, false poses, and PCK with the misses counted."""

from __future__ import annotations

import numpy as np
import pytest

from vitruvian.evaluation import AnnotatedPose, ScoredPose, compare_people, people_scores
from vitruvian.evaluation.people import FoundCount, PeopleComparison

# An upright person of 160 px whose torso is 50 px long.
XY = np.array([
    *((50, 10), (52, 8), (48, 8), (55, 10), (45, 10)),  # face
    *((65, 30), (35, 30), (70, 55), (30, 55), (72, 80), (28, 80)),  # arms
    *((60, 80), (40, 80), (60, 115), (40, 115), (60, 168), (40, 168)),  # hips and legs
], np.float64)  # fmt: skip
TORSO_PX = 50.0
BOX = np.array([20, 0, 80, 170], np.float64)


def person(
    x: float = 0.0, *, scale: float = 1.0, n_labels: int = 17, **values: bool
) -> AnnotatedPose:
    landmarks = XY * scale + [x, 0]
    landmarks[n_labels:] = np.nan
    box = BOX * scale + [x, 0, x, 0]
    return AnnotatedPose(landmarks, float(np.prod(box[2:] - box[:2]) / 2), box, **values)


def pose(x: float = 0.0, *, scale: float = 1.0) -> ScoredPose:
    return ScoredPose(XY * scale + [x, 0], 0.9)


def test_each_person_is_found_by_one_pose() -> None:
    seen = compare_people([person(), person(200)], [pose(202), pose(900), pose(1), pose(-2)])
    assert seen.pose_of.tolist() == [2, 0]
    assert seen.false_poses.tolist() == [1, 3]  # nobody is there; a second pose of the same person
    assert seen.heights_px.tolist() == [170, 170]


def test_a_person_is_matched_even_if_another_one_is_closer_to_the_pose() -> None:
    """The best sum: the first pose is closer to the second person, who has a better one."""
    seen = compare_people([person(), person(20)], [pose(11), pose(20)])
    assert seen.pose_of.tolist() == [0, 1]


def test_a_pose_that_is_too_far_from_a_person_is_false_and_the_person_missed() -> None:
    seen = compare_people([person()], [pose(60)])
    assert (seen.pose_of.tolist(), seen.false_poses.tolist()) == ([-1], [0])


def test_poses_of_people_with_few_labels_and_of_groups_do_not_count() -> None:
    few, none = person(200, n_labels=7), person(400, n_labels=0)
    group = person(600, scale=3, is_crowd=True)
    poses = [pose(200), pose(405), pose(650), pose(700), pose(1000)]
    seen = compare_people([few, none, group], poses)
    assert seen.false_poses.tolist() == [4]
    assert (len(seen.pose_of), seen.n_poses, seen.is_empty) == (0, 5, False)


def test_eight_labels_are_enough_and_nan_in_a_pose_is_wrong() -> None:
    damaged = XY.copy()
    damaged[0] = np.nan
    seen = compare_people([person(n_labels=8)], [ScoredPose(damaged, 0.9)])
    assert seen.pose_of.tolist() == [0]
    hips_known = compare_people([person(n_labels=13)], [ScoredPose(damaged, 0.9)])
    assert np.isinf(hips_known.errors[0, 0])
    assert hips_known.errors[0, 1:13].max() == 0
    assert np.isnan(hips_known.errors[0, 13:]).all()


def test_a_person_without_hips_has_no_pck_but_is_found() -> None:
    scores = people_scores([compare_people([person(n_labels=8)], [pose()])])
    assert scores.found == FoundCount(1, 1)
    assert np.isnan(scores.pck10)


def test_errors_are_in_torso_lengths() -> None:
    seen = compare_people([person(scale=2)], [pose(12, scale=2)])
    np.testing.assert_allclose(seen.errors, 12 / (2 * TORSO_PX))


def test_missed_people_have_only_wrong_landmarks() -> None:
    scores = people_scores([
        compare_people([person(), person(500)], [pose(7)]),
        compare_people([person()], []),
    ])  # fmt: skip
    assert (scores.pck10_found, scores.pck20_found) == (0.0, 1.0)
    assert (scores.pck10, scores.pck20) == (0.0, pytest.approx(1 / 3))
    assert (scores.n_nobody_found, scores.n_with_people) == (1, 2)


def first(*poses: ScoredPose) -> PeopleComparison:
    return compare_people([person(), person(500, scale=1.5)], list(poses))


def test_the_first_pose_may_be_of_any_person() -> None:
    assert people_scores([first(pose()), first(pose(500, scale=1.5))]).pck10_first == 1.0


def test_without_a_first_pose_of_a_person_all_landmarks_are_wrong() -> None:
    assert people_scores([first(pose()), first()]).pck10_first == 0.5
    assert people_scores([first(pose(900), pose())]).pck10_first == 0.0


def test_a_first_pose_of_an_ignored_person_does_not_count() -> None:
    people = [person(), person(300, n_labels=3)]
    seen = [compare_people(people, [pose(300)]), compare_people(people, [pose()])]
    assert people_scores(seen).pck10_first == 1.0
    assert np.isnan(people_scores(seen[:1]).pck10_first)


def test_one_pose_has_the_score_of_the_first_of_many() -> None:
    poses = [pose(3), pose(499, scale=1.5), pose(900)]
    one, many = people_scores([first(*poses[:1])]), people_scores([first(*poses)])
    assert one.pck10_first == many.pck10_first
    assert one.pck10 < many.pck10


def test_people_are_counted_by_the_height_of_their_box() -> None:
    sizes = [0.5, 96 / 170, 200 / 170, 1.2]
    people = [person(300.0 * i, scale=scale) for i, scale in enumerate(sizes)]
    poses = [pose(300.0 * i, scale=scale) for i, scale in enumerate(sizes)]
    scores = people_scores([compare_people(people, poses[:3])])
    assert scores.found_below_96_px == FoundCount(1, 1)
    assert scores.found_96_to_200_px == FoundCount(2, 2)
    assert scores.found_above_200_px == FoundCount(0, 1)


def test_a_person_without_box_is_as_high_as_their_landmarks() -> None:
    assert compare_people([AnnotatedPose(XY)], []).heights_px.tolist() == [160]


def test_false_poses_in_images_without_people_are_counted_apart() -> None:
    scores = people_scores([
        compare_people([], [pose(), pose(300)]),
        compare_people([person()], [pose(), pose(300)]),
    ])  # fmt: skip
    assert (scores.n_poses, scores.n_false, scores.n_false_empty) == (4, 3, 2)
    assert (scores.n_images, scores.n_with_people) == (2, 1)


def test_nothing_at_all_has_no_scores() -> None:
    scores = people_scores([])
    assert (scores.found, scores.n_images) == (FoundCount(0, 0), 0)
    assert np.isnan([scores.pck10, scores.pck10_found, scores.pck10_first]).all()


def test_poses_of_33_landmarks_are_taken() -> None:
    points = np.random.default_rng(0).uniform(0, 200, (33, 3))
    seen = compare_people([AnnotatedPose(points[:, :2])], [ScoredPose(points, 0.9)])
    assert seen.errors.max() == 0
