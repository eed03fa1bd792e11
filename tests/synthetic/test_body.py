"""In every motion, bones keep their length and feet stay on the floor."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.synthetic import Figure, Person, Posture, motions
from vitruvian.synthetic.body import body_from_posture

MOTIONS = {
    "stand": motions.stand(),
    "squat": motions.squat(),
    "jumping_jack": motions.jumping_jack(),
    "wave": motions.wave(),
    "walk": motions.walk(),
    "walk_and_stop": motions.walk(distance_m=1.5),
    "turn": motions.turn(),
    "pace": motions.pace(distance_m=1.0),
    "semaphore": motions.semaphore("VITRUVIAN"),
    "sequence": motions.sequence([(1.0, motions.walk()), (1.0, motions.squat(1.0))]),
}
FIGURES = [
    Figure(),
    Figure(height_m=1.2, girth=1.2, leg_ratio=0.9, arm_ratio=0.92, shoulder_ratio=0.9),
    Figure(height_m=2.0, leg_ratio=1.06),
]
BONES = [
    *(("left_shoulder", "left_elbow"), ("left_elbow", "left_wrist"), ("left_hip", "right_hip")),
    *(("left_hip", "left_knee"), ("left_knee", "left_ankle"), ("left_ankle", "left_heel")),
    *(("left_heel", "left_foot_index"), ("left_wrist", "left_index"), ("left_wrist", "left_thumb")),
    *(("nose", "left_ear"), ("left_eye", "right_eye"), ("mouth_left", "mouth_right")),
]
TIMES = np.linspace(0.0, 4.0, 41)


def landmark(points: np.ndarray, name: str) -> np.ndarray:
    return points[..., BLAZEPOSE.index(name), :]


def track(motion: motions.Motion, figure: Figure, **person: float) -> np.ndarray:
    someone = Person(figure, motion, **person)
    return np.stack([someone.body(float(t)).landmarks for t in TIMES])


def mirrored(points: np.ndarray) -> np.ndarray:
    return points[..., list(BLAZEPOSE.mirrored), :] * [-1, 1, 1]


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize("name", MOTIONS)
def test_bones_keep_their_length(name: str, figure: Figure) -> None:
    points = track(MOTIONS[name], figure)
    for a, b in BONES:
        length = np.linalg.norm(landmark(points, a) - landmark(points, b), axis=-1)
        assert_allclose(length, length[0], rtol=1e-9, err_msg=f"{a} to {b}")


@pytest.mark.parametrize("name", MOTIONS)
def test_left_and_right_bones_are_equally_long(name: str) -> None:
    points = track(MOTIONS[name], Figure())[7]
    for a, b in BONES:
        left = np.linalg.norm(landmark(points, a) - landmark(points, b))
        i, j = (BLAZEPOSE.mirrored[BLAZEPOSE.index(n)] for n in (a, b))
        assert_allclose(np.linalg.norm(points[i] - points[j]), left, rtol=1e-9)


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize("name", MOTIONS)
def test_no_foot_is_below_the_floor_and_one_is_on_it(name: str, figure: Figure) -> None:
    feet = ["left_heel", "right_heel", "left_foot_index", "right_foot_index"]
    lowest = track(MOTIONS[name], figure)[:, [BLAZEPOSE.index(f) for f in feet], 1].min(axis=1)
    assert lowest.min() >= -1e-9
    in_the_air = 0.06 if name == "jumping_jack" else 0.0
    assert lowest.max() <= (0.04 + in_the_air) * figure.height_m


def test_a_foot_on_the_ground_does_not_slide_while_walking() -> None:
    motion, figure = motions.walk(1.2), Figure()
    dense = np.arange(0.0, 2.0, 0.01)
    points = np.stack([Person(figure, motion).body(float(t)).landmarks for t in dense])
    heel = landmark(points, "left_heel")
    speed = np.linalg.norm(np.diff(heel, axis=0), axis=1) / 0.01
    flat = heel[1:, 1] < 0.0241 * figure.height_m
    assert flat.mean() > 0.25
    assert speed[flat].max() < 0.2  # while the heel rolls without sliding


def test_the_default_posture_is_symmetric() -> None:
    points = body_from_posture(Figure(), Posture()).landmarks
    assert_allclose(mirrored(points), points, atol=1e-12)


def test_a_walk_is_mirrored_after_half_a_stride() -> None:
    figure, motion = Figure(), motions.walk(1.3)
    half_s = 0.5 * 0.78 * figure.height_m / 1.3
    now, later = (Person(figure, motion).body(t).landmarks for t in (0.4, 0.4 + half_s))
    assert_allclose(mirrored(later - [0, 0, 1.3 * half_s]), now, atol=1e-9)


def test_waving_left_is_waving_right_mirrored() -> None:
    right, left = (track(motions.wave(hand=hand), Figure()) for hand in ("right", "left"))
    assert_allclose(mirrored(right), left, atol=1e-9)


def test_left_is_the_left_of_the_person() -> None:
    points = body_from_posture(Figure(), Posture()).landmarks
    assert landmark(points, "left_wrist")[0] > 0 > landmark(points, "right_wrist")[0]
    assert landmark(points, "nose")[2] > landmark(points, "left_ear")[2]


def test_landmark_heights_equal_those_of_the_anthropometric_table() -> None:
    # Drillis and Contini; 1.2 % of the height for the shoes.
    figure = Figure(height_m=1.8)
    points = body_from_posture(figure, Posture()).landmarks / 1.8
    for name, height in {"shoulder": 0.830, "hip": 0.542, "knee": 0.297, "ankle": 0.051}.items():
        assert_allclose(landmark(points, f"left_{name}")[1], height, atol=0.006, err_msg=name)
    assert_allclose(landmark(points, "left_eye")[1], 0.936 + 0.012, atol=0.01)


def test_heading_and_position_move_the_whole_body() -> None:
    figure, motion = Figure(), motions.wave()
    here = Person(figure, motion).body(0.3).landmarks
    there = Person(figure, motion, position=(1.0, -2.0), heading_deg=90.0).body(0.3).landmarks
    quarter = np.array([[0, 0, 1], [0, 1, 0], [-1, 0, 0]])
    assert_allclose(there, here @ quarter.T + [1.0, 0.0, -2.0], atol=1e-9)


def test_delay_shifts_the_motion_in_time() -> None:
    figure, motion = Figure(), motions.squat()
    late = Person(figure, motion, delay_s=0.4).body(1.0).landmarks
    assert_allclose(late, Person(figure, motion).body(0.6).landmarks, atol=1e-9)


def test_feet_out_of_reach_move_closer_with_straight_legs() -> None:
    body = body_from_posture(Figure(), Posture(hips=(0.0, 0.3, 0.0)))
    hip, knee, ankle = (body.pair(name)[0] for name in ("hip", "knee", "ankle"))
    straight = np.linalg.norm(hip - knee) + np.linalg.norm(knee - ankle)
    assert_allclose(np.linalg.norm(hip - ankle), straight, rtol=2e-3)


@pytest.mark.parametrize(
    ("field", "value"),
    [("height_m", 0.0), ("height_m", math.nan), ("girth", 3.0), ("leg_ratio", 0.1)],
)
def test_figures_out_of_range_raise_an_error(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=field):
        Figure(**{field: value})
