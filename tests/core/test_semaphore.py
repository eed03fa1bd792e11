"""The table of flag semaphore."""

from __future__ import annotations

import string

from vitruvian.core.semaphore import REST, SEMAPHORE


def test_every_letter_has_unique_arm_directions_and_none_is_rest() -> None:
    assert "".join(SEMAPHORE) == string.ascii_uppercase
    assert len({*SEMAPHORE.values(), REST}) == 27
    assert all(eighth in range(8) for arms in SEMAPHORE.values() for eighth in arms)


def test_letters_follow_the_taught_circles() -> None:
    # One arm is fixed while the other moves around; arms are not distinguished.
    circles = {4: "ABCDEFG", 3: "AHKLMN", 2: "BHOPQRS", 1: "COTUY", 0: "DKPTJV", 7: "ELQUWX"}
    for eighth, letters in circles.items():
        assert all(eighth in SEMAPHORE[letter] for letter in letters)
    assert [SEMAPHORE[letter][0] for letter in "ABCD"] == [3, 2, 1, 0]  # the right arm goes up
    assert [SEMAPHORE[letter][1] for letter in "EFG"] == [7, 6, 5]  # the left one comes down
