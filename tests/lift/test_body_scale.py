"""The scale that fits a body height."""

from __future__ import annotations

import numpy as np
import pytest
from tests.lift.people import exact

from vitruvian.core.rotations import matrix_from_vector
from vitruvian.lift.body_height import body_height_m
from vitruvian.lift.body_scale import BodyScale
from vitruvian.synthetic import Figure, Person, motions

SEEN = np.ones((60, 33))


def body(height_m: float = 1.7) -> np.ndarray:
    seen = exact(Person(Figure(height_m=height_m), motions.squat(), heading_deg=40))
    return seen.person.world.astype(np.float64)


def scale_of(points: np.ndarray, visibility: np.ndarray = SEEN, height_m: float = 1.7) -> float:
    scale = BodyScale(height_m)
    scale.add(points, visibility)
    return scale.scale


@pytest.mark.parametrize("factor", [0.6, 0.9, 1.0, 1.2])
def test_small_bodies_are_enlarged_to_the_height(factor: float) -> None:
    assert scale_of(factor * body()) == pytest.approx(1 / factor, rel=0.02)


def test_bones_shortened_along_the_line_of_sight_hardly_change_the_scale() -> None:
    tilt = matrix_from_vector([0.5, 0.0, 0.0])  # a camera that looks down by 29°
    points = (body() @ tilt) * [1.0, 1.0, 0.6]
    ratio = body_height_m(body(), SEEN) / body_height_m(points, SEEN)
    assert ratio > 1.05
    assert scale_of(points) == pytest.approx(1.0, abs=0.02)


def test_a_view_in_which_nothing_is_seen_across_still_has_a_scale() -> None:
    along = np.zeros((5, 33, 3))
    along[..., 2] = body()[:5, :, 1]
    assert scale_of(along, SEEN[:5]) == pytest.approx(1.0, rel=0.2)


def test_limbs_that_are_not_seen_do_not_count() -> None:
    points, visibility = body(), SEEN.copy()
    points[:, 25:] *= 3.0
    visibility[:, 25:] = 0.02
    assert scale_of(points, visibility) == pytest.approx(1.0, abs=0.06)


def test_before_anything_is_seen_the_scale_is_1() -> None:
    assert BodyScale(1.8).scale == 1.0
    assert scale_of(np.full((3, 33, 3), np.nan), SEEN[:3]) == 1.0
    assert scale_of(body(), 0 * SEEN) == 1.0


def test_single_frames_give_the_scale_of_all_and_old_ones_are_forgotten() -> None:
    points, scale = body(), BodyScale(1.7)
    for t in range(60):
        scale.add(points[t : t + 1], SEEN[:1], t * 33_333)
    assert scale.scale == pytest.approx(scale_of(points), rel=1e-3)
    for t in range(60):
        scale.add(0.8 * points[t : t + 1], SEEN[:1], 300_000_000 + t * 33_333)
    assert scale.scale == pytest.approx(1 / 0.8, rel=0.03)


@pytest.mark.parametrize("height_m", [0.0, -1.7, 17.0, float("nan")])
def test_a_height_that_nobody_has_is_refused(height_m: float) -> None:
    with pytest.raises(ValueError, match=r"height_m must be from 0\.4 to 2\.6"):
        BodyScale(height_m)
