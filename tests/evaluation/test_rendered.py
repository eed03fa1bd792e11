import numpy as np
import pytest

from vitruvian.evaluation import (
    AnnotatedImage,
    AnnotatedPose,
    ScoredPose,
    data_set_scores,
    load_data_set,
    score_poses,
    score_table,
)
from vitruvian.evaluation.landmarks import coco_landmarks
from vitruvian.synthetic import pose_set


def test_the_truth_is_that_of_the_rendered_image():
    data = load_data_set("rendered", "yoga")
    assert len(data.images) == 240
    poses = pose_set("yoga", 23)
    for number in (1, 22):
        image, view = data.images[number], poses[number].render()
        assert image.wh == (view.image.shape[1], view.image.shape[0])
        np.testing.assert_array_equal(data.pixels(image), view.image)
        (person,), (truth,) = image.people, view.people
        expected = coco_landmarks(truth.landmarks)[:, :2]
        labelled = np.isfinite(person.landmarks[:, 0])
        np.testing.assert_allclose(person.landmarks[labelled], expected[labelled], atol=1e-3)
        np.testing.assert_allclose(person.camera, truth.camera, atol=1e-5)
        outside = (expected < 0).any(axis=1) | (expected > np.subtract(image.wh, 1)).any(axis=1)
        np.testing.assert_array_equal(~labelled, outside)
        assert image.label == image.name.split()[1]


def test_an_unknown_set_is_an_error():
    with pytest.raises(ValueError, match="name must be one of"):
        load_data_set("rendered", "ballet")


def test_a_class_counts_people_who_were_found_and_not_any_pose():
    points = np.random.default_rng(0).uniform(20, 80, (17, 2))
    image = AnnotatedImage("0001 tree", (AnnotatedPose(points),), label="tree")
    done = [score_poses(image, [ScoredPose(points + shift, 1.0)]) for shift in (0.0, 500.0)]
    rows = dict(score_table({"lite": data_set_scores(done)})[1:])
    assert (rows["images whose people were found"], rows["  tree"]) == ("1 of 2", "1 of 2")
