"""The sizes of frames that the image processor of an OAK can make."""

from __future__ import annotations

import pytest

from vitruvian.oak.options import OakOptions
from vitruvian.oak.sizes import nearest_size, size_for

# depthai_blazepose, mediapipe_utils.py, find_isp_scale_params: widths of whole images, sides of
# squares.
WIDTHS = (
    *(288, 320, 352, 384, 416, 448, 480, 512, 576, 640, 672, 704, 768, 800, 832, 864, 896, 960),
    *(1024, 1056, 1120, 1152, 1248, 1280, 1344, 1408, 1440, 1536, 1600, 1664, 1728, 1760, 1792),
)
SIDES = (288, 432, 560, 576, 640, 720, 864, 1008)


def test_sizes_are_those_of_depthai_blazepose() -> None:
    heights = range(1, 1200)
    assert tuple(sorted({nearest_size(h).wh[0] for h in heights})) == WIDTHS
    squares = {nearest_size(h, crop=True).wh for h in heights}
    assert sorted(squares) == [(side, side) for side in SIDES]


@pytest.mark.parametrize(
    ("height", "crop", "wh", "scale"),
    [
        (640, False, (1152, 648), (3, 5)),
        (1080, False, (1792, 1008), (14, 15)),
        (450, False, (800, 450), (5, 12)),
        (640, True, (640, 640), (16, 27)),
    ],
)
def test_the_nearest_size_has_its_fraction(
    height: int, crop: bool, wh: tuple[int, int], scale: tuple[int, int]
) -> None:
    size = nearest_size(height, crop=crop)
    assert (size.wh, size.scale) == (wh, scale)


def test_of_two_sizes_that_are_equally_near_the_larger_is_used() -> None:
    assert nearest_size(171).wh == (320, 180)  # 162 or 180
    assert nearest_size(568, crop=True).wh == (576, 576)  # 560 or 576


def test_a_square_is_the_middle_of_the_scaled_image() -> None:
    size = nearest_size(640, crop=True)
    assert (size.scaled_wh, size.crop_left_px) == ((1138, 640), 249)


def test_ultra_has_twice_the_size_by_the_same_fraction() -> None:
    size = size_for(OakOptions(resolution="ultra", crop=True))
    assert (size.wh, size.scaled_wh, size.scale) == ((1280, 1280), (2276, 1280), (16, 27))
