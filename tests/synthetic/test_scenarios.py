"""Scenarios match their names and descriptions."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose

from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.synthetic import CROSSINGS, SCENARIOS, Scenario, View
from vitruvian.synthetic.scenarios import MIRROR_X

WH = (96, 72)


def view_of(name: str, time_s: float) -> View:
    return SCENARIOS[name]().scene.render(time_s, WH)


def seen_of(name: str, *times_s: float) -> list[list[float]]:
    """Visible fraction of each person at each time."""
    views = [view_of(name, time_s) for time_s in times_s]
    return [
        [view.people[i].visible_fraction for view in views] for i in range(len(views[0].people))
    ]


def paths(scenario: Scenario) -> np.ndarray:
    """(T, P, 33, 3) array: landmarks in px and depth in m, visible or not."""
    scene = scenario.scene
    times = np.arange(round(scenario.duration_s * scenario.fps)) / scenario.fps
    return np.array([
        [scene.camera.image_from_scene(p.body(t).landmarks, scenario.wh) for p in scene.people]
        for t in times
    ])  # fmt: skip


def in_view(points: np.ndarray, wh: tuple[int, int]) -> np.ndarray:
    """Whether any landmark is in the image."""
    inside = (points[..., :2] >= 0) & (points[..., :2] < wh)
    return inside.all(axis=-1).any(axis=-1)


@pytest.mark.parametrize("name", SCENARIOS)
def test_people_in_view_move_without_jumps(name: str) -> None:
    scenario = SCENARIOS[name]()
    assert scenario.name == name
    points = paths(scenario)
    hips = points[:, :, 23:25, :2].mean(axis=2)
    height = np.ptp(points[..., 1], axis=2).max()
    for (before, now), seen in zip(pairwise(hips), in_view(points, scenario.wh), strict=False):
        moved = np.linalg.norm(now - before, axis=-1)
        assert (moved[seen] < 0.08 * height).all()


@pytest.mark.parametrize("name", SCENARIOS)
def test_standing_people_fill_50_to_80_percent_of_the_height(name: str) -> None:
    scenario = SCENARIOS[name]()
    first = paths(scenario)[0]
    heights = np.ptp(first[..., 1], axis=-1) / scenario.wh[1]
    assert ((heights > 0.5) & (heights < 0.8)).all()


def test_people_wear_different_clothes_but_for_the_mirror_image() -> None:
    for name, make in SCENARIOS.items():
        figures = [person.figure for person in make().scene.people]
        assert len(set(figures)) == (1 if name == "mirror" else len(figures))


def test_crossing_swaps_the_sides_and_occludes_the_farther_person() -> None:
    points = paths(SCENARIOS["crossing"]())[:, :, 23, 0]
    middle = SCENARIOS["crossing"]().wh[0] / 2
    assert points[0, 0] < middle - 100 < middle + 100 < points[0, 1]
    assert points[-1, 1] < middle - 100 < middle + 100 < points[-1, 0]
    near, far = seen_of("crossing", 0.5, 2.0, 2.27, 2.6, 5.0)
    assert min(near) == 1
    assert far[0] == far[-1] == 1
    assert far[2] < 0.4 < min(far[1], far[3])


@pytest.mark.parametrize("name", CROSSINGS)
def test_every_crossing_swaps_the_sides_with_an_occlusion(name: str) -> None:
    scenario = CROSSINGS[name]()
    x = paths(scenario)[:, :, 23, 0]
    assert x[0, 0] < x[0, 1]
    assert x[-1, 1] < x[-1, 0]
    closest_s = np.abs(x[:, 0] - x[:, 1]).argmin() / scenario.fps
    view = scenario.scene.render(closest_s, WH)
    assert min(person.visible_fraction for person in view.people) < 0.6


def test_three_people_enter_and_leave() -> None:
    scenario = SCENARIOS["walk_in_and_out"]()
    points = paths(scenario)
    here = in_view(points, scenario.wh)
    assert here.shape[1] == 3
    assert not here[[0, -1]].any()
    assert here.any(axis=0).all()
    assert (np.abs(np.diff(here.astype(int), axis=0)).sum(axis=0) == 2).all()  # enters, leaves
    assert here.sum(axis=1).max() >= 2


def test_one_person_is_fully_occluded_for_a_second() -> None:
    before, entering, hidden, still, after = 0.0, 2.1, 2.8, 3.4, 5.2
    front, passer = seen_of("passing_behind", before, entering, hidden, still, after)
    assert min(front) == 1
    assert min(passer[0], passer[4]) > 0.98
    assert 0.2 < passer[1] < 0.95
    assert max(passer[2:4]) < 0.2


def test_one_person_leaves_left_and_re_enters_right() -> None:
    scenario = SCENARIOS["leave_and_reenter"]()
    here = in_view(paths(scenario), scenario.wh)
    x = paths(scenario)[:, 1, 23, 0]
    assert here[:, 0].all()
    away = np.flatnonzero(~here[:, 1])
    assert len(away) > 3.0 * scenario.fps
    assert np.array_equal(away, np.arange(away[0], away[-1] + 1))
    assert x[away[0] - 1] < 50
    assert x[away[-1] + 1] > scenario.wh[0] - 50
    assert view_of("leave_and_reenter", 3.5).people[1].visible_fraction == 0


def test_mirror_image_is_the_mirrored_person() -> None:
    scene = SCENARIOS["mirror"]().scene
    for time_s in (0.2, 2.0, 3.3, 6.3):
        person, image = (p.body(time_s).landmarks for p in scene.people)
        expected = [2 * MIRROR_X, 0, 0] + person[list(BLAZEPOSE.mirrored)] * [-1, 1, 1]
        assert_allclose(image, expected, atol=1e-9)
        assert (person[:, 0] < MIRROR_X).all()  # neither person reaches through the mirror


def test_the_image_from_the_mirror_plane_is_symmetric() -> None:
    scene = SCENARIOS["mirror"]().scene
    camera = replace(scene.camera, position=(MIRROR_X, 1.3, 4.4))
    view = replace(scene, camera=camera, noise=0.0).render(5.3, (160, 120))
    person, image = view.people
    assert (person.mask != image.mask[:, ::-1]).mean() < 0.001
    both = person.mask & image.mask[:, ::-1]
    apart = view.image.astype(int) - view.image[:, ::-1]
    assert np.abs(apart[both]).mean() < 1


def test_frames_have_the_rate_and_size_of_the_scenario() -> None:
    small = replace(SCENARIOS["crossing"](), duration_s=0.2, wh=(24, 18))
    frames = [frame for frame, _ in small.frames()]
    assert [frame.timestamp_us for frame in frames] == [0, 66_667, 133_333]
    assert {(frame.width, frame.height) for frame in frames} == {(24, 18)}
