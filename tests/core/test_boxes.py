from __future__ import annotations

import numpy as np

from vitruvian.core.boxes import iou_xyxy


def boxes(*rows: list[float]) -> np.ndarray:
    return np.array(rows, np.float32)


def sample_boxes(count: int = 60) -> np.ndarray:
    rng = np.random.default_rng(0)
    low, wh = rng.integers(0, 12, (count, 2)), rng.integers(1, 9, (count, 2))
    return np.concatenate([low, low + wh], axis=1).astype(np.float32)


def counted_iou(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union, counted in unit cells."""
    cells = np.zeros((2, 24, 24), bool)
    for layer, (x0, y0, x1, y1) in zip(cells, (one.astype(int), other.astype(int)), strict=True):
        layer[y0:y1, x0:x1] = True
    return cells.all(axis=0).sum() / cells.any(axis=0).sum()


def test_iou_is_the_share_of_common_cells() -> None:
    many = sample_boxes()
    for box in many:
        expected = [counted_iou(box, other) for other in many]
        np.testing.assert_allclose(iou_xyxy(box, many), expected, rtol=1e-6)


def test_iou_is_symmetric_and_one_with_itself() -> None:
    many = sample_boxes()
    table = np.stack([iou_xyxy(box, many) for box in many])
    np.testing.assert_array_equal(table, table.T)
    np.testing.assert_array_equal(np.diag(table), 1)


def test_iou_of_scaled_and_moved_boxes_is_the_same() -> None:
    many = sample_boxes()
    np.testing.assert_array_equal(
        iou_xyxy(many[0], many), iou_xyxy(many[0] * 4 - 64, many * 4 - 64)
    )


def test_boxes_that_only_touch_do_not_overlap() -> None:
    box = np.float32([0, 0, 2, 2])
    others = boxes([2, 0, 4, 2], [0, 2, 2, 4], [2, 2, 4, 4], [5, 5, 6, 6], [-9, 0, -3, 2])
    assert iou_xyxy(box, others).tolist() == [0, 0, 0, 0, 0]


def test_a_box_without_area_overlaps_nothing_not_even_itself() -> None:
    point, line = [1.0, 1.0, 1.0, 1.0], [0.0, 1.0, 2.0, 1.0]
    for box in (point, line):
        assert iou_xyxy(np.float32(box), boxes(point, line, [0, 0, 2, 2])).tolist() == [0, 0, 0]


def test_no_boxes_have_no_overlaps() -> None:
    assert iou_xyxy(np.float32([0, 0, 1, 1]), np.empty((0, 4), np.float32)).shape == (0,)
