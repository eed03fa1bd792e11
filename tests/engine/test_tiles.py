from __future__ import annotations

import numpy as np
import pytest

from vitruvian.engine.tiles import DIVISORS, MAX_TILES, MIN_SIDE, OVERLAP, tiles

SIZES = {
    "photo": (640, 480),
    "video": (1920, 1080),
    "phone": (1080, 1920),
    "square": (800, 800),
    "4k": (3840, 2160),
    "20 megapixels": (5500, 3700),
    "panorama": (4000, 1000),
    "long panorama": (6000, 1000),
    "strip": (1000, 100),
}
by_size = pytest.mark.parametrize("wh", SIZES.values(), ids=SIZES)


def sides_of(wh: tuple[int, int]) -> list[int]:
    return sorted({max(part[2:]) for part in tiles(wh)}, reverse=True)


@by_size
def test_tiles_of_each_size_cover_the_image_and_overlap(wh: tuple[int, int]) -> None:
    parts = tiles(wh)
    assert parts
    for side in sides_of(wh):
        count = np.zeros(wh[::-1], np.uint8)
        for x, y, w, h in parts:
            assert x >= 0
            assert y >= 0
            assert x + w <= wh[0]
            assert y + h <= wh[1]
            if max(w, h) == side:
                count[y : y + h, x : x + w] += 1
        assert count.min() == 1
        for axis in (0, 1):
            starts = sorted({part[axis] for part in parts if max(part[2:]) == side})
            assert np.diff(starts).max(initial=0) <= 1.05 * (1 - OVERLAP) * side + 1


@by_size
def test_tiles_fit_the_image_and_are_not_too_many(wh: tuple[int, int]) -> None:
    sides = sides_of(wh)
    assert len(tiles(wh)) <= MAX_TILES
    assert sides[0] <= max(max(wh) / DIVISORS[0], MIN_SIDE)
    assert min(sides) >= MIN_SIDE
    for w, h in (part[2:] for part in tiles(wh)):
        assert w == h or min(wh) < MIN_SIDE


def test_small_tiles_have_a_fifth_of_the_long_side_of_a_large_image() -> None:
    assert sides_of((1920, 1080)) == [960, 384]
    assert sides_of((1080, 1920)) == [960, 384]
    assert sides_of((640, 480)) == [320, MIN_SIDE]


def test_tiles_of_a_panorama_are_as_high_as_it() -> None:
    assert sides_of((4000, 1000)) == [1000, 400]
    assert sides_of((1000, 4000)) == [1000, 400]
    assert sides_of((12000, 1000)) == [1000]


@pytest.mark.parametrize("wh", [(210, 200), (160, 120), (3, 2), (1, 1)])
def test_a_small_image_has_no_tiles(wh: tuple[int, int]) -> None:
    assert tiles(wh) == ()


def test_a_huge_image_has_as_many_tiles_as_a_large_one() -> None:
    assert len(tiles((1280, 720))) == len(tiles((1920, 1080))) == len(tiles((7680, 4320))) == 34
