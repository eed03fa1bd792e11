from __future__ import annotations

import pytest

from vitruvian import BLAZEPOSE, Skeleton


def test_blazepose_has_33_landmarks_and_35_connections():
    assert len(BLAZEPOSE) == len(BLAZEPOSE.names) == len(set(BLAZEPOSE.names)) == 33
    assert len(BLAZEPOSE.connections) == len(set(BLAZEPOSE.connections)) == 35


@pytest.mark.parametrize(
    ("name", "number"),
    [("nose", 0), ("left_shoulder", 11), ("right_hip", 24), ("right_foot_index", 32)],
)
def test_index_of_a_landmark_name(name, number):
    assert BLAZEPOSE.index(name) == number
    assert BLAZEPOSE.names[number] == name


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(KeyError, match=r"no landmark is called 'left_toe'; there are nose, left"):
        BLAZEPOSE.index("left_toe")


def test_mirroring_twice_is_identity():
    assert [BLAZEPOSE.mirrored[i] for i in BLAZEPOSE.mirrored] == list(range(33))


def test_mirroring_swaps_the_sides():
    swapped = {"left": "right", "right": "left", "center": "center"}
    for i, j in enumerate(BLAZEPOSE.mirrored):
        assert BLAZEPOSE.sides[j] == swapped[BLAZEPOSE.sides[i]]
    assert [BLAZEPOSE.names[i] for i, j in enumerate(BLAZEPOSE.mirrored) if i == j] == ["nose"]


def test_the_connections_are_the_same_on_both_sides():
    there = {frozenset(pair) for pair in BLAZEPOSE.connections}
    mirrored = {frozenset(BLAZEPOSE.mirrored[i] for i in pair) for pair in BLAZEPOSE.connections}
    assert there == mirrored


def test_connections_join_landmarks_that_exist():
    assert {i for pair in BLAZEPOSE.connections for i in pair} == set(range(33))


def test_skeletons_with_equal_names_and_connections_are_equal():
    assert Skeleton(BLAZEPOSE.names, BLAZEPOSE.connections) == BLAZEPOSE
    assert Skeleton(BLAZEPOSE.names, ()) != BLAZEPOSE
