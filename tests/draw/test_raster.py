"""Shapes on an image: the compiled ones, if there are any, and their NumPy twins."""

from __future__ import annotations

import numpy as np
import pytest
from tests.draw.shapes import random_calls

from vitruvian.draw import raster
from vitruvian.native import core

WHITE = (255, 255, 255, 255)
NAMES = ("paint_lines", "paint_box", "paint_stamp", "paint_mask")


@pytest.fixture(params=["numpy", "used"])
def paint(request):
    """Return the functions by their names: the NumPy twins, then those that draw_poses uses."""
    prefix = "numpy_" if request.param == "numpy" else ""
    return {name: getattr(raster, prefix + name) for name in NAMES}


def black(height=40, width=60):
    return np.zeros((height, width, 3), np.uint8)


def lines(*rows):
    return np.array(rows, np.float64).reshape(-1, 5)


@pytest.mark.skipif(core is None, reason="needs the compiled core")
@pytest.mark.parametrize("seed", range(4))
def test_the_compiled_functions_and_their_twins_give_the_same_bytes(seed):
    rng = np.random.default_rng(seed)
    n_changed = dict.fromkeys(NAMES, 0)
    for _ in range(250):
        for name, canvas, arguments in random_calls(rng):
            twin = canvas.copy()
            before = canvas.copy()
            getattr(core, name)(canvas, *arguments)
            getattr(raster, f"numpy_{name}")(twin, *arguments)
            np.testing.assert_array_equal(canvas, twin, err_msg=f"{name}{arguments}")
            n_changed[name] += bool((canvas != before).any())
    assert min(n_changed.values()) > 10


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_lines_and_boxes_that_are_not_finite_are_left_out(paint, value):
    canvas = black()
    for i in range(5):
        box = [5.0, 5.0, 30.0, 30.0, 3.0]
        box[i] = value
        paint["paint_lines"](canvas, lines(box), WHITE)
        paint["paint_box"](canvas, tuple(box), WHITE)
    assert not canvas.any()


def test_a_line_without_a_positive_radius_is_left_out(paint):
    canvas = black()
    paint["paint_lines"](canvas, lines((5, 5, 30, 30, 0), (5, 5, 30, 30, -3)), WHITE)
    assert not canvas.any()


@pytest.mark.parametrize("far", [1e4, 1e9, 1e200])
def test_a_line_from_far_outside_is_drawn_inside(paint, far):
    canvas = black()
    paint["paint_lines"](canvas, lines((-far, 20, far, 20, 2)), WHITE)
    assert (canvas[18:23] == 255).sum() == 3 * 60 * 3
    assert not canvas[:17].any()
    assert not canvas[24:].any()


@pytest.mark.parametrize("radius", [1.0, 2.5, 8.0])
def test_the_coverage_of_a_disc_is_its_area(paint, radius):
    canvas = black()
    paint["paint_lines"](canvas, lines((30.3, 19.6, 30.3, 19.6, radius)), WHITE)
    area = canvas[..., 0].sum() / 255
    assert area == pytest.approx(np.pi * radius**2, rel=0.02 if radius > 1 else 0.1)


@pytest.mark.parametrize("angle", [0.0, 0.3, np.pi / 4, 1.2, np.pi / 2])
def test_a_line_is_equally_wide_in_every_direction(paint, angle):
    canvas = black(200, 200)
    dx, dy = 70 * np.cos(angle), 70 * np.sin(angle)
    paint["paint_lines"](canvas, lines((100 - dx, 100 - dy, 100 + dx, 100 + dy, 2)), WHITE)
    assert canvas[..., 0].sum() / 255 == pytest.approx(140 * 4 + np.pi * 4, rel=0.02)


def test_a_joint_is_not_more_opaque_than_its_lines(paint):
    canvas = black()
    paint["paint_lines"](
        canvas, lines((5, 20, 30, 20, 3), (30, 20, 55, 20, 3), (30, 20, 30, 20, 3)),
        (200, 100, 50, 128),
    )  # fmt: skip
    assert (canvas[20, 5:56] == canvas[20, 10]).all()
    assert canvas[20, 10].tolist() == [100, 50, 25]


def test_only_pixels_in_reach_of_a_shape_change(paint):
    canvas = black()
    paint["paint_lines"](canvas, lines((20, 20, 40, 20, 4)), WHITE)
    y, x = np.nonzero(canvas[..., 0])
    assert np.hypot(x - np.clip(x, 20, 40), y - 20).max() < 4.5


def test_a_box_has_round_corners(paint):
    canvas = black()
    paint["paint_box"](canvas, (9.5, 9.5, 49.5, 29.5, 8.0), WHITE)
    assert (canvas[10:30, 18:42] == 255).all()
    assert (canvas[18:22, 10:50] == 255).all()
    assert canvas[..., 0].sum() / 255 == pytest.approx(40 * 20 - (4 - np.pi) * 64, rel=0.02)
    assert not canvas[10, 10].any()
    assert canvas.sum() == canvas[10:30, 10:50].sum()


def test_a_stamp_is_clipped_at_every_edge(paint):
    stamp = np.full((10, 12), 255, np.uint8)
    for xy, n in {
        (-5, -4): 7 * 6, (55, 35): 5 * 5, (-12, 0): 0, (0, 40): 0, (2**31 - 1, -(2**31)): 0,
    }.items():  # fmt: skip
        canvas = black()
        paint["paint_stamp"](canvas, stamp, xy, WHITE)
        assert (canvas == 255).all(axis=2).sum() == n


def test_a_mask_tints_from_one_half(paint):
    canvas = black(1, 6)
    mask = np.array([[0.0, 0.5, 0.5625, 0.625, 1.0, np.nan]], np.float32)
    paint["paint_mask"](canvas, mask, (255, 255, 0, 100))
    assert canvas[0, :, 0].tolist() == [0, 0, 50, 100, 100, 0]
    assert not canvas[..., 2].any()


@pytest.mark.skipif(core is None, reason="needs the compiled core")
def test_the_compiled_functions_check_their_arguments():
    read_only = black()
    read_only.flags.writeable = False
    for canvas in (read_only, black()[:, ::2], black()[..., :2].copy(), black().astype(np.int8)):
        with pytest.raises(ValueError, match="canvas must"):
            core.paint_box(canvas, (0, 0, 9, 9, 1), WHITE)
    for rgba in ((256, 0, 0, 255), (0, 0, 0, -1)):
        with pytest.raises(ValueError, match="rgba must be from 0 to 255"):
            core.paint_lines(black(), lines(), rgba)
    with pytest.raises(ValueError, match=r"lines must have shape \(n, 5\), got \(2, 4\)"):
        core.paint_lines(black(), np.zeros((2, 4)), WHITE)
    with pytest.raises(ValueError, match="lines must have 2 axes of format 'd'"):
        core.paint_lines(black(), np.zeros((2, 5), np.float32), WHITE)
    with pytest.raises(ValueError, match="stamp must be a contiguous array"):
        core.paint_stamp(black(), np.zeros((4, 4), np.uint8)[:, ::2], (0, 0), WHITE)
    with pytest.raises(ValueError, match="mask must have the height and width of canvas"):
        core.paint_mask(black(), np.zeros((60, 40), np.float32), WHITE)
