"""Scores in space over the people who were found."""

from __future__ import annotations

import numpy as np
import pytest
from tests.evaluation.miniatures import BODY, LIMBS, camera

from vitruvian.core.pose import Pose
from vitruvian.core.roi import Roi
from vitruvian.core.skeleton import BLAZEPOSE, COCO17
from vitruvian.evaluation import (
    AnnotatedPose,
    ScoredPose,
    data_set_scores,
    n_mpjpe,
    score_poses,
    score_table,
    space_scores,
)
from vitruvian.evaluation.data_set import AnnotatedImage

IN_SPACE = np.full((33, 3), np.nan)
IN_SPACE[[BLAZEPOSE.index(name) for name in LIMBS]] = BODY
IN_IMAGE = np.full((17, 2), np.nan)
IN_IMAGE[[COCO17.index(name) for name in LIMBS]] = camera().image_from_world(BODY)
PERSON = AnnotatedPose(IN_IMAGE, camera=IN_SPACE)


def test_the_size_and_the_place_are_told_apart_from_the_posture() -> None:
    small = ScoredPose(IN_IMAGE, 1.0, world=0.5 * (IN_SPACE - [0, 0, 3]))
    scores = space_scores([(PERSON, small)])
    centred = BODY - BODY[6:8].mean(axis=0)
    half_mm = 500 * np.linalg.norm(centred, axis=1).mean()
    assert scores.mpjpe_mm == pytest.approx(half_mm)
    assert scores.n_mpjpe_mm == pytest.approx(0, abs=1e-9)
    assert scores.pa_mpjpe_mm == pytest.approx(0, abs=1e-9)
    assert (scores.n_poses, scores.n_with_camera, np.isnan(scores.hips_mm)) == (1, 0, True)


def test_the_error_of_the_hips_is_that_of_camera_space() -> None:
    moved = ScoredPose(IN_IMAGE, 1.0, world=IN_SPACE, camera=np.add(IN_SPACE, [0.03, 0, 0.04]))
    scores = space_scores([(PERSON, moved)])
    assert scores.hips_mm == pytest.approx(50)
    assert scores.mpjpe_mm == pytest.approx(0, abs=1e-9)


def test_poses_are_placed_where_the_camera_of_the_truth_sees_them() -> None:
    landmarks = np.full((33, 3), np.nan, np.float32)
    landmarks[:, :2] = camera().image_from_world(IN_SPACE)
    hips = np.nanmean(IN_SPACE[[23, 24]], axis=0)
    ones, roi = np.ones(33, np.float32), Roi((0, 0), (1, 1))
    pose = Pose(landmarks, ones, ones, (IN_SPACE - hips).astype(np.float32), roi, 1.0)
    image = AnnotatedImage("a.jpg", (PERSON,), camera=camera())
    scores = data_set_scores([score_poses(image, [pose])])
    assert scores.space.n_with_camera == 1
    assert scores.space.hips_mm == pytest.approx(0, abs=1)
    rows = dict(score_table({"x": scores})[1:])
    assert rows["error of the hips, mm"] == "0"


def test_people_without_a_truth_in_space_do_not_count() -> None:
    pose = ScoredPose(IN_IMAGE, 1.0, world=IN_SPACE)
    assert space_scores([(AnnotatedPose(IN_IMAGE), pose)]).n_poses == 0
    assert space_scores([(PERSON, ScoredPose(IN_IMAGE, 1.0))]).n_poses == 0


def test_only_people_who_are_found_are_compared() -> None:
    image = AnnotatedImage("a.jpg", (PERSON,))
    right = ScoredPose(IN_IMAGE, 1.0, world=IN_SPACE)
    wrong = ScoredPose(IN_IMAGE + 500, 1.0, world=IN_SPACE + 1.0)
    scores = data_set_scores([score_poses(image, [right]), score_poses(image, [wrong])])
    assert scores.space.n_poses == 1
    rows = dict(score_table({"x": scores})[1:])
    assert (rows["MPJPE, mm"], rows["poses compared in space"]) == ("0", "1")
    assert "error of the hips, mm" not in rows
    assert "ms per image" not in rows


def test_a_point_without_extent_has_no_scale() -> None:
    assert np.isnan(n_mpjpe(np.zeros((33, 3)), np.ones((33, 3))))


def test_a_truth_of_another_shape_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"camera must have shape \(33, 3\), got \(12, 3\)"):
        AnnotatedPose(IN_IMAGE, camera=BODY)
