"""Rendered exercises do what their names say, the given number of times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.testing import assert_allclose

from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.synthetic import Figure, Person, Posture, motions
from vitruvian.synthetic.exercises import EXERCISES, FIST, exercise

if TYPE_CHECKING:
    from vitruvian.synthetic.body import Body

FIGURES = (Figure(), Figure(height_m=1.55, leg_ratio=0.95, arm_ratio=1.05, shoulder_ratio=1.1))
TURN_S, REST_S = 1.6, 0.3  # of a first repetition of 2 s, after 0.6 s

by_figure = pytest.mark.parametrize("figure", FIGURES)


def body(name: str, time_s: float, figure: Figure = FIGURES[0]) -> Body:
    return Person(figure, exercise(name, 2, 2.0)).body(time_s)


def landmark(of: Body, name: str) -> np.ndarray:
    return of.landmarks[BLAZEPOSE.index(name)]


def angle_deg(of: Body, a: str, b: str, c: str) -> float:
    one, other = landmark(of, a) - landmark(of, b), landmark(of, c) - landmark(of, b)
    return float(np.degrees(np.arccos(one @ other / np.linalg.norm(one) / np.linalg.norm(other))))


@by_figure
@pytest.mark.parametrize("name", EXERCISES)
def test_bones_keep_their_lengths_and_nobody_sinks_into_the_floor(
    name: str, figure: Figure
) -> None:
    for time_s in np.linspace(0, 5.2, 27):
        now = body(name, time_s, figure)
        for side in ("left", "right"):
            for a, b, length in (
                ("hip", "knee", figure.thigh_m), ("knee", "ankle", figure.shank_m),
                ("shoulder", "elbow", figure.upper_arm_m), ("elbow", "wrist", figure.forearm_m),
            ):  # fmt: skip
                bone = landmark(now, f"{side}_{a}") - landmark(now, f"{side}_{b}")
                assert_allclose(np.linalg.norm(bone), length, rtol=1e-6)
        assert now.landmarks[:, 1].min() > -0.01


@pytest.mark.parametrize("name", EXERCISES)
def test_a_repetition_ends_where_it_began(name: str) -> None:
    assert_allclose(body(name, 0.0).landmarks, body(name, 9.0).landmarks, atol=1e-9)
    turned = body(name, TURN_S).landmarks
    assert np.abs(turned - body(name, REST_S).landmarks).max() > 0.25
    if name not in ("lunge", "high_knees"):  # they alternate the sides
        assert_allclose(turned, body(name, TURN_S + 2.0).landmarks, atol=1e-9)


@by_figure
def test_push_ups_stand_on_toes_and_fists_with_a_straight_body(figure: Figure) -> None:
    for time_s in np.linspace(0.6, 2.6, 9):
        now = body("push_up", time_s, figure)
        wrists = np.array(now.pair("wrist"))
        assert_allclose(wrists[:, 1], FIST * figure.height_m, atol=2e-3)
        assert_allclose(wrists, body("push_up", 0.0, figure).pair("wrist"), atol=2e-3)
        assert angle_deg(now, "left_shoulder", "left_hip", "left_knee") > 165
        assert angle_deg(now, "left_hip", "left_knee", "left_ankle") > 170
    assert angle_deg(body("push_up", TURN_S, figure), *ELBOW) < 100


ELBOW = ("left_shoulder", "left_elbow", "left_wrist")
KNEE = ("left_hip", "left_knee", "left_ankle")
HIP = ("left_shoulder", "left_hip", "left_knee")
SHOULDER = ("left_hip", "left_shoulder", "left_elbow")


@pytest.mark.parametrize(
    ("name", "joint", "rest_deg", "turn_deg"),
    [
        ("squat", KNEE, 176, 76),
        ("lunge", KNEE, 174, 87),
        ("push_up", ELBOW, 167, 75),
        ("curl", ELBOW, 167, 39),
        ("press", ELBOW, 40, 164),
        ("sit_up", HIP, 135, 63),
        ("jumping_jack", SHOULDER, 21, 169),
        ("deadlift", HIP, 167, 80),
        ("lateral_raise", SHOULDER, 22, 99),
        ("high_knees", HIP, 169, 86),
    ],
)
def test_joints_have_these_angles(
    name: str, joint: tuple[str, str, str], rest_deg: float, turn_deg: float
) -> None:
    assert angle_deg(body(name, REST_S), *joint) == pytest.approx(rest_deg, abs=2)
    assert angle_deg(body(name, TURN_S), *joint) == pytest.approx(turn_deg, abs=2)


def test_a_sit_up_lies_on_the_back_and_sits_up() -> None:
    lying, sitting = body("sit_up", 0.0), body("sit_up", TURN_S)
    assert landmark(lying, "nose")[1] < 0.3
    assert lying.chest[1, 2] > 0.99  # the chest faces up
    assert landmark(sitting, "nose")[1] > 0.6
    assert landmark(lying, "left_knee")[1] > 0.3


def test_lunges_and_high_knees_alternate() -> None:
    for name in ("lunge", "high_knees"):
        first, second = body(name, TURN_S), body(name, TURN_S + 2.0)
        mirrored = second.landmarks[list(BLAZEPOSE.mirrored)] * [-1, 1, 1]
        assert_allclose(first.landmarks, mirrored, atol=1e-9)


def test_depth_is_a_share_of_the_range() -> None:
    half = Person(FIGURES[0], exercise("curl", 1, 2.0, depth=0.5)).body(TURN_S)
    assert angle_deg(half, *ELBOW) == pytest.approx(104, abs=3)


def test_a_pitch_of_zero_changes_nothing_and_is_kept_in_a_mirror() -> None:
    posture = motions.squat()(0.7, FIGURES[0])
    assert motions.stand(posture)(0, FIGURES[0]).pitch == 0
    lying = motions.mirrored(motions.stand(Posture(pitch=-1.5)))(0, FIGURES[0])
    assert lying.pitch == -1.5


def test_what_is_not_an_exercise_is_refused() -> None:
    with pytest.raises(ValueError, match=r"name|exercise must be one of .*got 'plank'"):
        exercise("plank", 3)
    for bad in ({"period_s": 0}, {"depth": 0}, {"depth": 1.5}, {"rest_s": -1}):
        with pytest.raises(ValueError, match="out of range"):
            exercise("squat", 3, **bad)
    with pytest.raises(ValueError, match="out of range"):
        exercise("squat", -1)
