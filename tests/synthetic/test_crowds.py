"""A crowd has as many different people as asked for, at the distances asked for."""

from __future__ import annotations

import numpy as np
import pytest

from vitruvian.synthetic import Scene, crowd


def distances_m(scene: Scene) -> np.ndarray:
    """Distance of each person from the camera on the floor at time 0."""
    eye = np.array(scene.camera.position)[[0, 2]]
    hips = [np.mean(person.body(0.0).pair("hip"), axis=0)[[0, 2]] for person in scene.people]
    return np.linalg.norm(np.array(hips) - eye, axis=1)


@pytest.mark.parametrize("count", [1, 6, 20])
def test_a_crowd_has_as_many_people_as_asked_for(count: int) -> None:
    assert len(crowd(count).people) == count


def test_the_people_are_at_the_distances_asked_for() -> None:
    seen = distances_m(crowd(20, seed=3, distances_m=(3.0, 12.0)))
    assert seen.min() > 2.7  # hips may lean out of their place
    assert seen.max() < 12.3
    assert np.ptp(np.log(seen)) > 0.8 * np.log(12.0 / 3.0)


def test_people_of_every_size_are_in_the_image() -> None:
    view = crowd(10, seed=1).render(wh=(192, 108))
    heights_px = [person.box_xyxy[3] - person.box_xyxy[1] for person in view.people]
    assert min(heights_px) < 20
    assert max(heights_px) > 80
    assert np.mean([person.visible_fraction >= 0.5 for person in view.people]) > 0.7


def test_the_landmarks_of_visible_people_lie_on_their_pixels() -> None:
    view = crowd(5, seed=0).render(wh=(384, 216))
    for index, person in enumerate(view.people):
        shown = person.visibility > 0
        x, y = np.rint(person.landmarks[shown, :2]).astype(int).T
        assert (view.ids[y, x] == index).mean() > 0.8


def test_the_same_seed_gives_the_same_crowd() -> None:
    images = [crowd(3, seed=seed).render(wh=(96, 54)).image for seed in (1, 1, 2)]
    assert np.array_equal(images[0], images[1])
    assert not np.array_equal(images[0], images[2])


def test_the_people_differ_in_build_clothes_and_pose() -> None:
    people = crowd(10).people
    assert len({person.figure.height_m for person in people}) == 10
    assert len({person.figure.clothes.shirt for person in people}) == 10
    world = np.array([p.body(0.0).landmarks - p.body(0.0).landmarks[23] for p in people])
    assert np.ptp(world, axis=0).max() > 1.0


@pytest.mark.parametrize(
    ("count", "distances"), [(0, (2.0, 15.0)), (5, (0.1, 15.0)), (5, (6.0, 4.0))]
)
def test_impossible_crowds_are_refused(count: int, distances: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="nearest <= farthest"):
        crowd(count, distances_m=distances)
