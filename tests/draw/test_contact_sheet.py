from __future__ import annotations

import numpy as np
import pytest

from vitruvian.draw.contact_sheet import Tile, contact_sheet, paint_outlines


def tile(width: int, height: int, caption: str = "") -> Tile:
    return Tile(np.full((height, width, 3), 255, np.uint8), caption)


def test_four_tiles_are_in_a_row() -> None:
    widths = [contact_sheet([tile(40, 30)] * n).shape[1] for n in (1, 4, 5)]
    heights = [contact_sheet([tile(40, 30)] * n).shape[0] for n in (1, 4, 5, 9)]
    assert widths[0] < widths[1] == widths[2]
    assert heights[0] == heights[1] < heights[2] < heights[3]


@pytest.mark.parametrize(("wh", "expected"), [((800, 600), 1.0), ((100, 300), 0.25), ((4, 3), 1.0)])
def test_a_tile_is_fitted_into_its_place(wh: tuple[int, int], expected: float) -> None:
    white = (contact_sheet([tile(*wh)]) > 250).all(axis=2).sum()
    assert white / (400 * 300) == pytest.approx(expected, rel=0.02)


def test_the_caption_is_written_below_and_cut_off() -> None:
    plain, named = contact_sheet([tile(8, 6)]), contact_sheet([tile(8, 6, "full  a.jpg" * 20)])
    rows = np.flatnonzero((plain != named).any(axis=(1, 2)))
    assert rows.min() > 300
    assert plain.shape == named.shape


def test_no_tiles_are_an_error() -> None:
    with pytest.raises(ValueError, match="tiles must not be empty"):
        contact_sheet([])


def test_outlines_are_on_the_border_of_each_box() -> None:
    canvas = np.zeros((200, 200, 3), np.uint8)
    paint_outlines(canvas, np.array([[20, 30, 60, 90], [100, 100, 500, 150]]), (255, 0, 0))
    is_red = canvas[..., 0] > 200
    assert is_red[30, 20:61].all()
    assert is_red[30:91, 60].all()
    assert is_red[150, 100:].all()
    assert not is_red[40:80, 30:50].any()
    assert not canvas[..., 1:].any()


def test_no_boxes_paint_nothing() -> None:
    canvas = np.zeros((20, 20, 3), np.uint8)
    paint_outlines(canvas, np.empty((0, 4)), (255, 0, 0))
    assert not canvas.any()
