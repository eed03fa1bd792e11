from __future__ import annotations

import numpy as np
import pytest

from vitruvian.core.camera import Camera
from vitruvian.synthetic.stereo import StereoModel, stereo_depth

WH = (320, 200)
CAMERA = Camera.from_focal(WH, 220.625)  # half the resolution of an OAK-D
EXACT = StereoModel(noise_px=0, hole_share=0)
FACTOR = 441.25 * 0.075


def wall(depth_m: float) -> np.ndarray:
    return np.full(WH[::-1], depth_m, np.float32)


@pytest.mark.parametrize("bits", [0, 3, 4, 5])
@pytest.mark.parametrize("depth_m", [0.8, 2.0, 6.0])
def test_disparities_are_rounded_to_their_bits(bits: int, depth_m: float) -> None:
    model = StereoModel(noise_px=0, hole_share=0, subpixel_bits=bits)
    found = stereo_depth(wall(depth_m), CAMERA, model=model)[100, 160]
    disparity = np.rint(FACTOR / depth_m * 2**bits) / 2**bits
    assert found == np.rint(1000 * FACTOR / disparity)


def test_a_step_at_6_m_is_more_than_a_metre_with_integers() -> None:
    depths = [int(stereo_depth(wall(z), CAMERA, model=EXACT)[100, 160]) for z in (5.4, 6.4)]
    assert depths[1] - depths[0] > 1000


def test_the_error_of_the_disparity_is_the_noise() -> None:
    model = StereoModel(subpixel_bits=5, hole_share=0, noise_px=0.2, bias_px=0.1)
    full = Camera.from_focal((640, 400), 441.25)
    found = stereo_depth(np.full((400, 640), 3.0), full, model=model)
    off = 1000 * FACTOR / found[50:350, 50:590] - FACTOR / 3
    assert off.mean() == pytest.approx(0.1, abs=0.01)
    assert off.std() == pytest.approx(0.2, abs=0.01)
    beside = np.corrcoef(off[:, 1:].ravel(), off[:, :-1].ravel())[0, 1]
    far = np.corrcoef(off[:, 8:].ravel(), off[:, :-8].ravel())[0, 1]
    assert beside > 0.6
    assert abs(far) < 0.05


def test_a_shadow_beside_an_edge_is_as_wide_as_the_disparities_differ() -> None:
    depth = wall(4.0)
    depth[:, 120:200] = 1.0
    found = stereo_depth(depth, CAMERA, model=EXACT)[100]
    width_px = (FACTOR / 1 - FACTOR / 4) / 2  # half to each side of the colour camera
    for side in (found[:120], found[200:]):
        hidden = 2 * (side == 0).sum()  # px of the stereo image
        margin = 2 * (side[[0, -1]] == 0).sum()
        assert width_px - 4 <= hidden - margin <= width_px + 6


def test_the_surface_in_front_is_wider_than_it_is() -> None:
    depth = wall(2.2)
    depth[:, 120:200] = 2.0
    found = stereo_depth(depth, CAMERA, model=EXACT)[100]
    assert 80 <= (found < 2100).sum() - (found == 0).sum() <= 84


@pytest.mark.parametrize("depth_m", [0.3, np.nan, np.inf, 70.0])
def test_what_is_too_near_or_too_far_is_not_measured(depth_m: float) -> None:
    assert not stereo_depth(wall(depth_m), CAMERA, model=EXACT).any()


def test_outside_the_images_of_the_stereo_cameras_nothing_is_measured() -> None:
    wide = Camera.from_focal(WH, 110.0)
    found = stereo_depth(wall(3.0), wide, model=EXACT)
    assert not found[:, 0].any()
    assert not found[0].any()
    assert found[100, 160]


def test_a_share_of_the_surface_has_holes() -> None:
    model = StereoModel(noise_px=0, hole_share=0.1)
    full = Camera.from_focal((600, 380), 441.25)
    found = stereo_depth(np.full((380, 600), 3.0), full, seed=4, model=model)
    assert (found[20:-20, 20:-20] == 0).mean() == pytest.approx(0.1, abs=0.02)


def test_the_same_seed_gives_the_same_noise() -> None:
    one, same, other = (stereo_depth(wall(2.0), CAMERA, seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()
    assert one.dtype == np.uint16


def test_depth_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="depth_m must have the size of the camera"):
        stereo_depth(np.ones((10, 10)), CAMERA)


@pytest.mark.parametrize(
    ("name", "value"),
    [("baseline_m", 0.0), ("subpixel_bits", 6), ("noise_px", -1.0), ("hole_share", 1.0)],
)
def test_a_value_out_of_range_is_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        StereoModel(**{name: value})
