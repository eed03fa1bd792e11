from __future__ import annotations

import pytest

from vitruvian import BLAZEPOSE, Skeleton
from vitruvian.core.skeleton import BODY25, COCO17, COCO18, blazepose_sources


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


@pytest.mark.parametrize("skeleton", [COCO17, COCO18, BODY25, BLAZEPOSE])
def test_the_sources_in_blazepose_are_on_the_same_side(skeleton):
    sources = blazepose_sources(skeleton)
    assert len(sources) == len(skeleton)
    for side, source in zip(skeleton.sides, sources, strict=True):
        sides = {BLAZEPOSE.sides[index] for index in source}
        assert sides <= ({"left", "right"} if len(source) == 2 else {side})


def test_the_landmarks_that_blazepose_lacks_are_the_small_toes():
    missing = [n for n, s in zip(BODY25.names, blazepose_sources(BODY25), strict=True) if not s]
    assert missing == ["left_small_toe", "right_small_toe"]
    assert all(blazepose_sources(COCO18))
    assert blazepose_sources(BLAZEPOSE) == tuple((index,) for index in range(33))
    assert [s[0] for s in blazepose_sources(COCO17)] == [
        *(0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
    ]


@pytest.mark.parametrize(
    ("name", "index"),
    [("neck", 1), ("right_wrist", 4), ("mid_hip", 8), ("left_ankle", 14), ("right_eye", 15),
     ("left_ear", 18), ("left_big_toe", 19), ("left_heel", 21), ("right_heel", 24)],
)  # fmt: skip
def test_body25_has_openpose_s_order(name, index):
    assert BODY25.index(name) == index
