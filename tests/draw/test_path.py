"""The top view of paths."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.lift.people import WH, exact

from vitruvian import PoseSequence
from vitruvian.core.camera import Camera
from vitruvian.draw.palette import person_color
from vitruvian.draw.path import PAPER, ground_paths, path_image, path_svg
from vitruvian.lift.placement import placed
from vitruvian.synthetic import Figure, Person, motions

CAMERA = Camera.from_fov(WH, 60.0)


@pytest.fixture(scope="module")
def people() -> PoseSequence:
    one = exact(n_frames=75)
    ahead = Person(Figure(), motions.walk(1.0), position=(0.5, -3.0), heading_deg=0)
    two = exact(ahead, n_frames=75, number=7)
    return placed(PoseSequence.from_people([one.person, two.person]), CAMERA)


def painted(image: np.ndarray, number: int) -> np.ndarray:
    """Return rows and columns of the pixels in the colour of a person."""
    return np.argwhere((image == person_color(number)).all(axis=-1))


def test_paths_are_right_and_ahead_of_the_camera(people: PoseSequence) -> None:
    paths = ground_paths(people)
    assert list(paths) == [0, 7]
    assert_allclose(paths[0][0], [-1.5, 5.0], atol=0.1)
    assert_allclose(paths[7][0], [0.5, 8.0], atol=0.1)
    assert paths[0][-1, 0] > 0.5
    assert paths[7][-1, 1] < 6.5


def test_a_tilted_camera_is_levelled_by_up(people: PoseSequence) -> None:
    angle = np.radians(30)
    c, s = np.cos(angle), np.sin(angle)
    tilt = np.array([[1, 0, 0], [0, c, s], [0, -s, c]])
    tilted = replace(people, camera=people.camera @ tilt)
    level, levelled = ground_paths(people), ground_paths(tilted, up=np.array([0, -1, 0]) @ tilt)
    for number in (0, 7):
        assert_allclose(levelled[number], level[number], atol=1e-5)


def test_the_image_shows_each_path_in_its_colour_from_above(people: PoseSequence) -> None:
    image = path_image(people, CAMERA)
    assert image.shape == (720, 960, 3)
    across, ahead = (painted(image, number) for number in (0, 7))
    assert np.ptp(across[:, 1]) > 4 * np.ptp(across[:, 0])  # from left to right
    assert np.ptp(ahead[:, 0]) > 2 * np.ptp(ahead[:, 1])  # toward the camera at the bottom
    assert ahead[:, 0].min() < across[:, 0].min()
    assert np.array_equal(image, path_image(people, CAMERA))


def test_the_camera_is_at_the_bottom_and_its_view_opens_upwards(people: PoseSequence) -> None:
    difference = (path_image(people, CAMERA) != path_image(people)).any(axis=-1)
    widths = [np.ptp(np.flatnonzero(row)) for row in difference if row.any()]
    assert widths[0] > 5 * widths[-1]


def test_a_path_is_interrupted_where_the_person_is_missing(people: PoseSequence) -> None:
    camera = people.camera.copy()
    camera[25:50, 0] = np.nan
    whole, cut = (painted(path_image(p), 0) for p in (people, replace(people, camera=camera)))
    assert len(cut) < 0.85 * len(whole)


def test_poses_without_an_id_are_dots(people: PoseSequence) -> None:
    photo = replace(people[:1], slot_ids=np.full((1, 2), np.nan))
    assert list(ground_paths(photo)) == [None]
    assert len(painted(path_image(photo), 0)) > 50


def test_the_svg_is_well_formed_and_needs_no_network(people: PoseSequence) -> None:
    text = path_svg(people, CAMERA)
    root = ET.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert len([e for e in root.iter() if e.tag.endswith("}text") and e.text.startswith("#")]) == 2
    assert text.count("http") == 1  # the namespace, which nothing fetches
    assert "currentColor" in text
    assert "<script" not in text
    assert text == path_svg(people, CAMERA)


@pytest.mark.parametrize("factor", [0.1, 1, 30, 1000])
def test_the_grid_has_few_lines_at_any_distance(people: PoseSequence, factor: float) -> None:
    svg = path_svg(replace(people, camera=people.camera * np.float32(factor)), CAMERA)
    assert 2 <= svg.count(" m</text>") <= 12


def test_nobody_is_an_empty_plot() -> None:
    empty = PoseSequence.from_people([exact(n_frames=2).person])
    camera = np.full((2, 1, 33, 3), np.nan)
    image = path_image(replace(empty, camera=camera), CAMERA, wh=(200, 100))
    assert image.shape == (100, 200, 3)
    assert (image[5, 5] == PAPER).all() or image.std() > 0


@pytest.mark.parametrize("draw", [path_image, path_svg, ground_paths])
def test_a_sequence_without_positions_is_refused_with_the_remedy(draw: object) -> None:
    sequence = PoseSequence.from_people([exact(n_frames=2).person])
    with pytest.raises(ValueError, match=r"no positions in camera space: .*--camera-space"):
        draw(sequence)  # type: ignore[operator]


def test_an_image_that_is_too_small_is_refused(people: PoseSequence) -> None:
    with pytest.raises(ValueError, match="at least 64 x 64 px"):
        path_image(people, wh=(640, 10))
