from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.track.appearance import MIN_PARTS, Appearance, _lab_from_rgb, appearance_of
from vitruvian.track.person_track import MAX_COLOUR_DISTANCE

TRUNK, LEFT_THIGH, RIGHT_THIGH, LEFT_SHIN, RIGHT_SHIN, LEFT_ARM, RIGHT_ARM, FACE = range(8)
WIDTH, HEIGHT = 200, 300
VISIBLE = np.full(33, 0.9, np.float32)
NO_OTHERS = np.empty((0, 4), np.float32)
# Landmarks of a person who faces the camera, px from the middle; hands and feet are not used.
JOINTS = {
    "ear": (15, 30),
    "mouth": (8, 45),
    "shoulder": (30, 80),
    "elbow": (60, 110),
    "hip": (22, 160),
    "knee": (24, 210),
    "ankle": (24, 260),
}
RED, GREEN, BLUE, SKIN = (190, 30, 40), (40, 150, 60), (30, 50, 170), (210, 160, 130)
Clothes = tuple[tuple[int, int, int], ...]
CLOTHES: Clothes = (RED, BLUE, BLUE, BLUE, BLUE, RED, RED, SKIN)
# Rows and columns of each part in the image.
PLACES = (
    (slice(80, 160), slice(70, 130)),
    (slice(160, 210), slice(100, 150)),
    (slice(160, 210), slice(50, 100)),
    (slice(210, 270), slice(100, 150)),
    (slice(210, 270), slice(50, 100)),
    (slice(70, 120), slice(130, 170)),
    (slice(70, 120), slice(30, 70)),
    (slice(20, 60), slice(70, 130)),
)


def standing_points() -> np.ndarray:
    points = np.full((33, 2), 5.0, np.float32)
    for name, (x, y) in JOINTS.items():
        for side, sign in (("left", 1), ("right", -1)):
            whole = f"mouth_{side}" if name == "mouth" else f"{side}_{name}"
            points[BLAZEPOSE.index(whole)] = WIDTH / 2 + sign * x, y
    return points


POINTS = standing_points()


def photo(clothes: Clothes = CLOTHES, light: float = 1.0) -> np.ndarray:
    image = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    for place, colour in zip(PLACES, clothes, strict=True):
        image[place] = np.multiply(colour, light)
    return image


def dressed(*changes: tuple[int, tuple[int, int, int]]) -> Clothes:
    clothes = list(CLOTHES)
    for part, colour in changes:
        clothes[part] = colour
    return tuple(clothes)


def sampled(
    image: np.ndarray | None = None,
    points: np.ndarray = POINTS,
    visibility: np.ndarray = VISIBLE,
    others: np.ndarray = NO_OTHERS,
) -> Appearance:
    return appearance_of(photo() if image is None else image, points, visibility, others)


def missing_parts(appearance: Appearance) -> list[int]:
    return np.flatnonzero(np.isnan(appearance.colours).all(axis=1)).tolist()


def without(appearance: Appearance, *parts: int) -> Appearance:
    colours = appearance.colours.copy()
    colours[list(parts)] = np.nan
    return Appearance(colours)


def test_each_part_has_a_colour() -> None:
    colours = sampled().colours
    assert (colours.shape, colours.dtype) == ((8, 3), np.float32)
    assert missing_parts(sampled()) == []
    for part in (LEFT_THIGH, RIGHT_THIGH, LEFT_SHIN, RIGHT_SHIN):
        assert_allclose(colours[part], colours[LEFT_THIGH], atol=1e-3)
        assert colours[part, 2] < -40  # Lab: blue
    for part in (TRUNK, LEFT_ARM, RIGHT_ARM):
        assert_allclose(colours[part], colours[TRUNK], atol=1e-3)
        assert colours[part, 1] > 40  # red
    assert 5 < colours[FACE, 1] < 30


def test_the_distance_of_an_appearance_to_itself_is_0() -> None:
    assert sampled().distance(sampled()) == 0


def test_the_distance_is_symmetric() -> None:
    one, other = sampled(), sampled(photo(dressed((TRUNK, GREEN), (FACE, RED))))
    assert one.distance(other) == other.distance(one)


@pytest.mark.parametrize("light", [0.85, 0.95, 1.15])
def test_the_same_person_in_other_light_is_near(light: float) -> None:
    assert sampled().distance(sampled(photo(light=light))) < MAX_COLOUR_DISTANCE


@pytest.mark.parametrize("colour", [GREEN, BLUE, (20, 20, 20), (240, 240, 240)])
def test_another_shirt_is_far(colour: tuple[int, int, int]) -> None:
    shirt = dressed((TRUNK, colour), (LEFT_ARM, colour), (RIGHT_ARM, colour))
    assert sampled().distance(sampled(photo(shirt))) > MAX_COLOUR_DISTANCE


def test_other_trousers_are_far() -> None:
    trousers = dressed(*((part, GREEN) for part in range(LEFT_THIGH, LEFT_ARM)))
    assert sampled().distance(sampled(photo(trousers))) > MAX_COLOUR_DISTANCE


def test_one_differing_limb_is_tolerated_but_not_the_trunk() -> None:
    arm, trunk = dressed((LEFT_ARM, GREEN)), dressed((TRUNK, GREEN))
    assert sampled().distance(sampled(photo(arm))) < 1
    assert sampled().distance(sampled(photo(trunk))) > MAX_COLOUR_DISTANCE


def test_parts_occluded_by_another_person_are_not_sampled() -> None:
    image = photo()
    image[205:] = GREEN  # another person in front of the shins
    other = np.array([[0, 205, WIDTH, HEIGHT]], np.float32)
    assert missing_parts(sampled(image, others=other)) == [LEFT_SHIN, RIGHT_SHIN]
    assert sampled().distance(sampled(image, others=other)) == 0


def test_a_part_with_one_occluded_corner_is_not_sampled() -> None:
    other = np.array([[0, 0, 2, 2], [70, 140, 85, 300]], np.float32)
    assert missing_parts(sampled(others=other)) == [TRUNK, RIGHT_THIGH, RIGHT_SHIN]


@pytest.mark.parametrize("name", ["left_hip", "left_shoulder"])
def test_invisible_parts_are_not_sampled(name: str) -> None:
    visibility = VISIBLE.copy()
    visibility[BLAZEPOSE.index(name)] = 0.5
    arm_or_thigh = LEFT_THIGH if name == "left_hip" else LEFT_ARM
    assert missing_parts(sampled(visibility=visibility)) == [TRUNK, arm_or_thigh]


@pytest.mark.parametrize("shift", [(0, 80), (0, -60), (90, 0), (-90, 0)])
def test_parts_outside_the_image_are_not_sampled(shift: tuple[int, int]) -> None:
    points = POINTS + np.float32(shift)
    appearance = sampled(points=points)
    assert 0 < len(missing_parts(appearance)) < 8
    assert len(missing_parts(sampled(points=POINTS + np.float32(1e6)))) == 8


def test_parts_at_the_border_of_the_image_are_sampled() -> None:
    small = photo()[30:261, 40:161]  # ears at the top, ankles at the bottom, elbows at the sides
    assert missing_parts(sampled(small, POINTS - np.float32([40, 30]))) == []


def test_too_few_common_parts_give_no_distance() -> None:
    whole = sampled()
    n_hidden = 8 - MIN_PARTS
    assert whole.distance(without(whole, *range(8 - n_hidden, 8))) == 0
    assert whole.distance(without(whole, *range(7 - n_hidden, 8))) is None


def test_appearances_without_enough_common_parts_have_no_distance() -> None:
    one, other = without(sampled(), 1, 2, 3), without(sampled(), 4, 5)
    assert one.distance(other) is None


def test_without_the_trunk_there_is_no_distance() -> None:
    assert sampled().distance(without(sampled(), TRUNK)) is None
    assert without(sampled(), TRUNK).distance(sampled()) is None


def test_blending_moves_the_stored_appearance_a_little() -> None:
    one, other = sampled(), sampled(photo(dressed((TRUNK, GREEN))))
    moved = one.blended(other)
    assert 0 < one.distance(moved) < one.distance(other) / 5
    for _ in range(100):
        moved = moved.blended(other)
    assert other.distance(moved) < 0.1


def test_blending_keeps_parts_that_are_missing_in_either() -> None:
    one, other = without(sampled(), FACE, LEFT_ARM), sampled(photo(dressed((FACE, RED))))
    both = one.blended(without(other, TRUNK, LEFT_ARM))
    assert_array_equal(both.colours[TRUNK], one.colours[TRUNK])
    assert_array_equal(both.colours[FACE], other.colours[FACE])
    assert missing_parts(both) == [LEFT_ARM]


def test_blending_does_not_change_its_inputs() -> None:
    one, other = sampled(), without(sampled(photo(light=0.5)), FACE)
    kept = one.colours.copy(), other.colours.copy()
    one.blended(other)
    assert_array_equal(one.colours, kept[0])
    assert_array_equal(other.colours, kept[1])


def test_a_sample_for_several_frames_counts_as_much_as_one_for_each() -> None:
    old = Appearance(np.zeros((8, 3), np.float32))
    new = Appearance(np.full((8, 3), 10, np.float32))
    expected = old
    for _ in range(5):
        expected = expected.blended(new)
    assert_allclose(old.blended(new, 5).colours, expected.colours, rtol=1e-6)


def test_lab_colours_are_those_of_the_cie() -> None:
    rgb = np.array([(255, 255, 255), (0, 0, 0), (255, 0, 0), (0, 255, 0), (0, 0, 255)], np.uint8)
    expected = [
        (100, 0, 0), (0, 0, 0), (53.24, 80.09, 67.20), (87.73, -86.18, 83.18),
        (32.30, 79.19, -107.86),
    ]  # fmt: skip
    assert_allclose(_lab_from_rgb(rgb), expected, atol=0.03)


def test_lab_colours_are_near_those_of_opencv() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (500, 1, 3), np.uint8)
    expected = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)
    assert_allclose(_lab_from_rgb(rgb), expected, atol=0.4)  # OpenCV interpolates in a table
