"""Motions are functions of time and match their names."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.synthetic import Figure, Person, Posture, motions
from vitruvian.synthetic.posture import blended

FIGURE = Figure()


def at(motion: motions.Motion, time_s: float, name: str) -> np.ndarray:
    return Person(FIGURE, motion).body(time_s).landmarks[BLAZEPOSE.index(name)]


def test_squat_is_lowest_at_half_its_period() -> None:
    heights = [at(motions.squat(2.0), t, "left_hip")[1] for t in np.linspace(0, 2, 21)]
    assert np.argmin(heights) == 10
    assert_allclose(heights[0], heights[-1])
    assert heights[0] - heights[10] > 0.25


def test_jumping_jack_opens_arms_and_legs_together() -> None:
    motion = motions.jumping_jack(1.0)
    assert at(motion, 0.48, "left_wrist")[1] > at(motion, 0.48, "nose")[1]
    assert at(motion, 0.0, "left_wrist")[1] < at(motion, 0.0, "left_elbow")[1]
    apart = at(motion, 0.48, "left_ankle")[0] - at(motion, 0.48, "right_ankle")[0]
    assert apart > at(motion, 0.0, "left_ankle")[0] - at(motion, 0.0, "right_ankle")[0] + 0.4


def test_walk_has_the_given_speed_and_distance() -> None:
    assert_allclose(motions.walk(1.2)(3.0, FIGURE).travel, (0, 0, 3.6))
    walk = motions.walk(1.2, distance_m=2.0)
    assert_allclose(walk(10.0, FIGURE).travel, (0, 0, 2.0))
    gone = np.array([walk(t, FIGURE).travel[2] for t in np.linspace(0, 3, 61)])
    assert (np.diff(gone) >= -1e-12).all()
    assert np.diff(gone).max() <= 1.2 * 0.05 + 1e-9


def test_turn_is_to_the_left_and_a_negative_one_to_the_right() -> None:
    assert_allclose(motions.turn(4.0)(1.0, FIGURE).heading, math.pi / 2)
    assert_allclose(motions.turn(-4.0, angle=1.0)(3.0, FIGURE).heading, -1.0)


EVERY_KIND = [
    motions.squat(), motions.jumping_jack(), motions.wave(), motions.turn(), motions.walk(),
    motions.semaphore("AL"),
]  # fmt: skip


@pytest.mark.parametrize("motion", EVERY_KIND)
def test_mirrored_motion_moves_the_mirrored_body(motion: motions.Motion) -> None:
    for time_s in (0.0, 0.35, 1.2):
        body, mirror = (Person(FIGURE, m).body(time_s) for m in (motion, motions.mirrored(motion)))
        exchanged = body.landmarks[list(BLAZEPOSE.mirrored)] * [-1, 1, 1]
        assert_allclose(mirror.landmarks, exchanged, atol=1e-12)
        assert motions.mirrored(motions.mirrored(motion))(time_s, FIGURE) == motion(time_s, FIGURE)


def test_pace_returns_to_its_start() -> None:
    motion = motions.pace(1.0, distance_m=2.0, turn_s=1.0)
    round_trip_s = 2 * (2.0 + 0.6 + 1.0)
    far, back = (motion(t, FIGURE) for t in (round_trip_s / 2, round_trip_s))
    assert_allclose(far.travel, (0, 0, 2.0), atol=1e-9)
    assert_allclose(back.travel, (0, 0, 0), atol=1e-9)
    assert_allclose(back.heading, 2 * math.pi)


def test_sequence_continues_from_the_end_of_the_last_part() -> None:
    motion = motions.sequence(
        [(2.0, motions.walk(1.0)), (1.0, motions.turn(4.0)), (2.0, motions.walk(1.0))]
    )
    assert_allclose(motion(5.0, FIGURE).travel, (2.0, 0.0, 2.0), atol=1e-9)
    steps = [motion(t, FIGURE).travel for t in np.arange(0, 5, 0.02)]
    assert np.abs(np.diff(steps, axis=0)).max() < 0.03


@pytest.mark.parametrize("time_s", [0.0, 0.37, 1.9])
def test_motions_have_no_state(time_s: float) -> None:
    motion = motions.sequence([(1.0, motions.wave()), (1.0, motions.squat())], repeat=True)
    first = motion(time_s, FIGURE)
    motion(7.0, FIGURE)
    assert motion(time_s, FIGURE) == first


def test_blended_equals_the_postures_at_weights_0_and_1() -> None:
    a, b = Posture(), motions.squat()(1.0, FIGURE)
    assert blended(a, b, 0.0) == a
    assert blended(a, b, 1.0) == b
    assert_allclose(blended(a, b, 0.5).hips, np.add(a.hips, b.hips) / 2)


@pytest.mark.parametrize(
    "make",
    [
        lambda: motions.wave(hand="middle"),
        lambda: motions.walk(0.0),
        lambda: motions.semaphore(""),
        lambda: motions.sequence([]),
        lambda: motions.squat(0.0),
    ],
)
def test_invalid_motions_raise_an_error(make: object) -> None:
    with pytest.raises(ValueError, match="must"):
        make()
