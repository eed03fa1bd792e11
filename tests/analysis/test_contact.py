"""Feet on the ground of a walk with known stance; jumps with a known height."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.analysis.figures import person_doing

from vitruvian.analysis.contact import Jump, foot_contact, jumps
from vitruvian.synthetic import Figure, Posture, motions


def jump(height_m: float, *, at_s: float = 1.0) -> motions.Motion:
    """Stand, fly as a stone would, and land."""
    flight_s = (8 * height_m / 9.81) ** 0.5

    def motion(time_s: float, _figure: Figure) -> Posture:
        since = (time_s - at_s) % 2.0
        if time_s < at_s or since > flight_s:
            return Posture()
        rise = 9.81 / 2 * since * (flight_s - since)
        return Posture(hips=(0.0, rise, 0.0), feet=((0.0, rise, 0.0), (0.0, rise, 0.0)))

    return motion


@pytest.mark.parametrize("height_m", [0.12, 0.3, 0.5])
@pytest.mark.parametrize(("fps", "tolerance"), [(60.0, 0.03), (30.0, 0.06)])
def test_jump_height_from_flight_time(height_m: float, fps: float, tolerance: float) -> None:
    (found,) = jumps(person_doing(jump(height_m), round(2.4 * fps), fps=fps))
    assert_allclose(found.height_m, height_m, atol=tolerance * max(height_m, 0.3))
    assert_allclose(found.take_off_us / 1e6, 1.0, atol=0.03)


def test_each_jump_is_found() -> None:
    found = jumps(person_doing(jump(0.3), 240))
    assert [round(j.take_off_us / 1e6) for j in found] == [1, 3, 5, 7]


@pytest.mark.parametrize("motion", [motions.stand(), motions.squat(2.0), motions.walk(1.2)])
def test_who_stays_on_the_ground_has_not_jumped(motion: motions.Motion) -> None:
    assert jumps(person_doing(motion, 90, heading_deg=90)) == []


def test_flight_of_half_a_second_is_31_cm() -> None:
    assert_allclose(Jump(take_off_us=0, landing_us=500_000).height_m, 0.3066, atol=1e-4)


def test_nobody_has_not_jumped() -> None:
    person = person_doing(motions.stand(), 5)
    assert jumps(person[:0]) == jumps(person[:1]) == []
    assert jumps(replace(person, rois=person.rois * np.nan)) == []
    for nothing in (0.0, np.nan):
        assert jumps(replace(person, world=person.world * nothing)) == []


def test_stance_is_contact() -> None:
    n = 90
    person = person_doing(motions.walk(1.2), n, position=(-1.6, 0.0), heading_deg=90)
    stride_s = 0.78 * Figure().height_m * (1.2 / 1.3) ** 0.5 / 1.2
    cycles = np.arange(n) / 30 / stride_s
    truth = np.stack([(cycles + half) % 1 < 0.62 for half in (0.0, 0.5)], axis=1)
    found = foot_contact(person)
    assert 2 * (found & truth).sum() / (found.sum() + truth.sum()) > 0.95


def test_contact_needs_camera_landmarks() -> None:
    person = person_doing(motions.stand(), 4)
    assert foot_contact(person).all()
    assert foot_contact(person[:1]).shape == (1, 2)
    with pytest.raises(ValueError, match="camera landmarks"):
        foot_contact(replace(person, camera=None))
