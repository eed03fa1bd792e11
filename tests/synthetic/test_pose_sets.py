import numpy as np
import pytest
from numpy.testing import assert_allclose

from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.synthetic import POSE_SETS, Figure, pose_set
from vitruvian.synthetic.body import body_from_posture
from vitruvian.synthetic.placing import placed

WRISTS = [BLAZEPOSE.index("left_wrist"), BLAZEPOSE.index("right_wrist")]
FIGURES = (Figure(), Figure(height_m=1.55, girth=1.2, leg_ratio=1.05), Figure(height_m=1.92))


@pytest.mark.parametrize("name", POSE_SETS)
def test_people_stand_on_the_floor_and_not_in_it(name):
    for number, maker in enumerate(POSE_SETS[name]):
        for figure in FIGURES:
            posture = maker(figure, np.random.default_rng(number))
            lowest = body_from_posture(figure, posture).landmarks[:, 1].min()
            assert lowest > -0.05 * figure.height_m, maker.__name__
            if maker.__name__ != "leap":
                assert lowest < 0.06 * figure.height_m, maker.__name__


@pytest.mark.parametrize("name", POSE_SETS)
def test_the_body_is_in_the_image_and_of_the_stated_size(name):
    shares, inside = [], []
    for image in pose_set(name, 60):
        (person,) = image.scene.people
        points = image.scene.camera.image_from_scene(person.body(0.0).landmarks, image.wh)
        assert np.isfinite(points).all()
        extent = points[:, :2].max(axis=0) - points[:, :2].min(axis=0)
        shares.append((extent / image.wh).max())
        inside.append(((points[:, :2] >= 0) & (points[:, :2] < image.wh)).all(axis=1))
        distance = np.linalg.norm(points[:, 2].mean())
        assert 1.8 < distance < 4.6
    assert min(shares) > 0.4
    assert max(shares) < 0.95
    assert np.mean(inside) > 0.97


def test_a_set_is_the_same_every_time_and_each_posture_equally_frequent():
    first, again = pose_set("hiit", 26), pose_set("hiit", 26)
    assert [image.name for image in first] == [image.name for image in again]
    assert_allclose(
        first[7].scene.people[0].body(0).landmarks, again[7].scene.people[0].body(0).landmarks
    )
    postures = [image.name.split()[1] for image in first]
    assert {postures.count(posture) for posture in postures} == {2}
    other = pose_set("hiit", 26, seed=1)[7].scene.people[0].body(0).landmarks
    assert not np.allclose(other, first[7].scene.people[0].body(0).landmarks)


def test_an_image_has_the_truth_of_one_person():
    image = pose_set("dance", 2)[1]
    view = image.render()
    assert view.image.shape == (image.wh[1], image.wh[0], 3)
    (person,) = view.people
    assert person.mask.sum() > 500


@pytest.mark.parametrize(("arguments", "problem"), [
    (("ballet",), "name must be one of"), (("yoga", 0), "count must be at least 1"),
])  # fmt: skip
def test_a_wrong_name_or_count_is_an_error(arguments, problem):
    with pytest.raises(ValueError, match=problem):
        pose_set(*arguments)


def test_hips_feet_and_hands_are_where_they_are_placed():
    figure = Figure(height_m=1.8)
    posture = placed(
        figure,
        hips=(0.05, 0.4, 0.1),
        feet=((0.1, 0.0, 0.05), (-0.1, 0.02, -0.1)),
        hands=((0.2, 0.5, 0.2), None),
    )
    body = body_from_posture(figure, posture)
    hips = np.mean(body.pair("hip"), axis=0)
    assert_allclose(hips / figure.height_m, (0.05, 0.4, 0.1), atol=1e-9)
    assert_allclose(body.landmarks[WRISTS[0]] / figure.height_m, (0.2, 0.5, 0.2), atol=2e-3)
    ankles = np.array(body.pair("ankle")) / figure.height_m
    assert_allclose(ankles[:, [0, 2]], [(0.1, 0.05), (-0.1, -0.1)], atol=1e-3)
