"""The mannequin signals flag semaphore: correct signs and timing, plausible arm motion."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose

from vitruvian.core.semaphore import REST, SEMAPHORE
from vitruvian.synthetic import Figure, Posture, motions

FIGURE = Figure()
ALPHABET = "".join(SEMAPHORE)


def eighths(posture: Posture) -> tuple[float, float]:
    """Directions of right and left arm, from straight up toward the person's right."""
    left, right = posture.upper_arms
    return tuple(math.atan2(-arm[0], arm[1]) / (math.pi / 4) % 8 for arm in (right, left))


@pytest.mark.parametrize("letter", SEMAPHORE)
def test_arm_directions_equal_those_of_the_table(letter: str) -> None:
    for time_s in (0.4, 0.9, 5.0):
        posture = motions.semaphore(letter)(time_s, FIGURE)
        assert posture.forearms == posture.upper_arms
        off = np.subtract(eighths(posture), SEMAPHORE[letter])
        assert_allclose((off + 4) % 8, 4, atol=1e-9)


def test_right_is_the_right_of_the_person() -> None:
    left, right = motions.semaphore("B")(0.9, FIGURE).upper_arms
    assert right[0] < -0.9  # x of a posture is to the person's left
    assert left[1] < -0.9


def test_letters_follow_each_other_and_the_last_is_held() -> None:
    word = motions.semaphore("ab", letter_s=0.5)
    assert_allclose(eighths(word(0.0, FIGURE)), REST)
    for time_s, letter in ((0.45, "A"), (0.95, "B"), (9.0, "B")):
        assert word(time_s, FIGURE) == motions.semaphore(letter)(0.9, FIGURE)
    assert motions.semaphore_duration_s("ab", letter_s=0.5) == 1.0


def test_arms_are_at_rest_for_other_characters() -> None:
    for text in ("A B", "A-B", "A B", "A1B"):
        assert_allclose(eighths(motions.semaphore(text)(1.9, FIGURE)), REST)


def test_arms_drop_between_equal_letters() -> None:
    motion = motions.semaphore("LL")
    assert_allclose(motions.semaphore_duration_s("LL"), 2 + motions.ARMS_MOVE)
    assert_allclose(eighths(motion(1 + motions.ARMS_MOVE, FIGURE)), REST)
    assert_allclose(eighths(motion(2.3, FIGURE)), SEMAPHORE["L"])
    assert motions.semaphore_duration_s("L  L") == 4  # already at rest


@pytest.mark.parametrize(("last", "now"), [*pairwise(ALPHABET), ("I", "Z"), ("O", "H"), ("W", "Z")])
def test_arms_move_past_the_outer_side_of_the_body(last: str, now: str) -> None:
    # Continuous, and no arm passes through the body: 6 is across the body for the right arm.
    motion = motions.semaphore(last + now)
    times = np.linspace(0.9, 1.5, 61)
    arms = np.array([eighths(motion(t, FIGURE)) for t in times])
    right, left = ((arms - [6, 2] + 1e-9) % 8).T
    assert np.abs(np.diff(right)).max() < 0.5
    assert np.abs(np.diff(left)).max() < 0.5
    directions = np.array([motion(t, FIGURE).upper_arms for t in times])
    assert np.linalg.norm(directions, axis=-1).min() > 0.9


@pytest.mark.parametrize(("text", "letter_s"), [("", 1.0), ("A", 0.0), ("A", -1.0)])
def test_invalid_signals_raise_an_error(text: str, letter_s: float) -> None:
    with pytest.raises(ValueError, match="must"):
        motions.semaphore(text, letter_s=letter_s)
