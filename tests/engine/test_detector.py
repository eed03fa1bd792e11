from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.fakes import (
    DetectionOutput,
    FakeNetwork,
    detection_output,
    detector_answer,
    logit,
    picture,
)
from tests.networks import detector_network, open_session

from vitruvian.core.boxes import iou_xyxy
from vitruvian.engine.detector import (
    DETECTOR_OUTPUTS,
    DETECTOR_SIDE,
    PersonDetector,
    anchors,
)
from vitruvian.engine.timing import StageTimer

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian import Detection
    from vitruvian.engine.warp import Part

SQUARE = np.zeros(
    (DETECTOR_SIDE, DETECTOR_SIDE, 3), np.uint8
)  # as large as the input, so that input px are image px


def detect(
    *detections: DetectionOutput,
    image: NDArray[np.uint8] = SQUARE,
    raw: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None,
    min_score: float = 0.5,
    iou_threshold: float = 0.3,
    center_only: bool = False,
    faint_score: float | None = None,
    part: Part | None = None,
) -> tuple[Detection, ...]:
    network = FakeNetwork(detector_answer(*detections) if raw is None else raw)
    detector = PersonDetector(
        network.open(),
        StageTimer(),
        iou_threshold=iou_threshold,
        min_score=min_score,
        center_only=center_only,
    )
    return detector.detect(image, faint_score=faint_score, part=part)


def seen(score: float, *box_cxcywh: float, keypoints: float = 0.5, anchor: int | None = None):
    return DetectionOutput(score, box_cxcywh, np.full((4, 2), keypoints), anchor)


# --- anchors ---


def test_anchors_are_2254_in_the_order_grid_row_column_copy() -> None:
    expected = [
        ((column + 0.5) / n, (row + 0.5) / n)
        for n, copies in ((28, 2), (14, 2), (7, 6))
        for row, column, _ in product(range(n), range(n), range(copies))
    ]
    assert anchors().shape == (2254, 2)
    assert_allclose(anchors(), expected, rtol=1e-7)


def test_anchors_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        anchors()[0] = 0


# --- decoding ---


@pytest.mark.parametrize("anchor", [0, 1, 57, 1567, 1568, 1959, 1960, 1965, 2253])
def test_a_box_and_its_keypoints_are_px_about_their_anchor(anchor: int) -> None:
    boxes, logits = np.zeros(DETECTOR_OUTPUTS[0], "f4"), np.full(DETECTOR_OUTPUTS[1], -9, "f4")
    boxes[anchor] = [3, -4, 20, 10, *range(8)]
    logits[anchor] = 2
    (found,) = detect(raw=(boxes, logits))
    ax, ay = anchors()[anchor] * 224
    assert_allclose(found.box_xyxy, [ax - 7, ay - 9, ax + 13, ay + 1], atol=1e-4)
    assert_allclose(found.keypoints, np.reshape(range(8), (4, 2)) + np.array([ax, ay]), atol=1e-4)
    assert found.score == pytest.approx(1 / (1 + math.exp(-2)), abs=1e-7)


def test_a_score_at_the_threshold_is_kept_and_one_below_is_not() -> None:
    boxes, logits = detector_answer(seen(0.5, 0.2, 0.2, 0.1, 0.1), seen(0.5, 0.8, 0.8, 0.1, 0.1))
    logits[0], logits[1] = 0, -1e-6
    (found,) = detect(raw=(boxes, logits))
    assert found.score == 0.5
    assert_allclose(found.box_xyxy[:2], 0.15 * 224, atol=1e-4)


@pytest.mark.parametrize("bad", [1000, np.inf])
def test_a_score_of_a_huge_logit_is_1(bad: float) -> None:
    boxes, logits = detector_answer(seen(0.9, 0.5, 0.5, 0.1, 0.1))
    logits[0] = bad
    (found,) = detect(raw=(boxes, logits))
    assert found.score == 1
    logits[0] = -bad
    assert detect(raw=(boxes, logits)) == ()


@pytest.mark.parametrize(("w", "h"), [(-1, 5), (5, -1), (np.nan, 5), (5, np.nan)])
def test_a_box_of_negative_or_no_size_is_dropped(w: float, h: float) -> None:
    boxes, logits = detector_answer(seen(0.9, 0.2, 0.2, 0.1, 0.1), seen(0.8, 0.7, 0.7, 0.1, 0.1))
    boxes[0, 2:4] = w, h
    (found,) = detect(raw=(boxes, logits))
    assert found.score == pytest.approx(0.8)


def test_no_detection_is_an_empty_tuple() -> None:
    assert detect() == ()
    nan = np.full(DETECTOR_OUTPUTS[1], np.nan, np.float32)
    assert detect(raw=(np.zeros(DETECTOR_OUTPUTS[0], np.float32), nan)) == ()


# --- weighted non-maximum suppression ---


def test_overlapping_boxes_become_their_mean_by_score_with_the_best_score() -> None:
    a = seen(0.9, 0.50, 0.5, 0.20, 0.2, keypoints=0.5)
    b = seen(0.6, 0.52, 0.5, 0.22, 0.2, keypoints=0.8)
    (found,) = detect(b, a)
    assert found.score == pytest.approx(0.9)
    left = (0.9 * 0.40 + 0.6 * 0.41) / 1.5
    right = (0.9 * 0.60 + 0.6 * 0.63) / 1.5
    assert_allclose(found.box_xyxy / 224, [left, 0.4, right, 0.6], atol=1e-6)
    assert_allclose(found.keypoints / 224, 0.62, atol=1e-6)


def test_detections_are_sorted_by_descending_score() -> None:
    scores = 0.6, 0.95, 0.8
    found = detect(
        *(seen(s, x, 0.5, 0.1, 0.1) for s, x in zip(scores, (0.2, 0.5, 0.8), strict=True))
    )
    assert_allclose([d.score for d in found], [0.95, 0.8, 0.6], rtol=1e-6)
    assert_allclose([d.box_xyxy[0] / 224 for d in found], [0.45, 0.75, 0.15], rtol=1e-5)


def test_overlap_must_exceed_the_threshold() -> None:
    a, b = seen(0.9, 0.5, 0.5, 0.25, 0.25), seen(0.8, 0.625, 0.5, 0.25, 0.25)  # overlap 1/3
    assert len(detect(a, b, iou_threshold=0.3)) == 1
    assert len(detect(a, b, iou_threshold=0.34)) == 2
    assert len(detect(a, b, iou_threshold=0.5)) == 2


def test_an_overlap_of_exactly_the_threshold_is_two_people() -> None:
    pair = seen(0.5, 0.5, 0.5, 0.25, 0.25), seen(0.5, 0.6, 0.5, 0.25, 0.25)
    one_pixel = SQUARE[:1, :1]  # of which the boxes are parts, to the last bit
    a, b = (d.box_xyxy for d in detect(*pair, image=one_pixel, iou_threshold=0.9))
    (overlap,) = iou_xyxy(a, b[None])
    assert len(detect(*pair, iou_threshold=overlap)) == 2
    assert len(detect(*pair, iou_threshold=np.nextafter(overlap, np.float32(0)))) == 1


def test_overlap_is_measured_with_the_best_box_not_with_the_mean() -> None:
    row = [seen(0.9 - i / 10, 0.3 + 0.1 * i, 0.5, 0.2, 0.2) for i in range(3)]  # 1/3 with the next
    found = detect(*row)
    assert_allclose([d.score for d in found], [0.9, 0.7], rtol=1e-6)
    assert_allclose(found[1].box_xyxy[0] / 224, 0.4, rtol=1e-5)


def test_a_box_without_area_is_kept_as_it_is_and_ends_the_list() -> None:
    best, point = seen(0.95, 0.2, 0.2, 0.1, 0.1), seen(0.9, 0.5, 0.5, 0, 0, keypoints=0.4)
    found = detect(best, point, seen(0.8, 0.8, 0.8, 0.1, 0.1))
    assert_allclose([d.score for d in found], [0.95, 0.9], rtol=1e-6)
    assert_allclose(found[1].box_xyxy / 224, 0.5, rtol=1e-6)
    assert_allclose(found[1].keypoints / 224, 0.4, rtol=1e-6)


def test_many_boxes_of_one_person_are_one_person() -> None:
    rng = np.random.default_rng(0)
    crowd = [
        seen(s, *rng.normal(0.5, 0.005, 2), 0.2, 0.2, keypoints=k)
        for s, k in rng.uniform(0.55, 0.95, (300, 2))
    ]
    (found,) = detect(*crowd)
    assert found.score == pytest.approx(max(s.score for s in crowd), rel=1e-6)
    weights = [s.score for s in crowd]
    mean = np.average([s.keypoints for s in crowd], axis=0, weights=weights)
    assert_allclose(found.keypoints / 224, mean, rtol=2e-5)


def test_faint_boxes_do_not_move_a_certain_detection() -> None:
    certain = seen(0.9, 0.50, 0.5, 0.20, 0.2), seen(0.6, 0.52, 0.5, 0.20, 0.2)
    around = seen(0.4, 0.55, 0.5, 0.20, 0.2, keypoints=0.8)
    (alone,) = detect(*certain)
    (found,) = detect(*certain, around, faint_score=0.2)
    assert_array_equal(found.box_xyxy, alone.box_xyxy)
    assert_array_equal(found.keypoints, alone.keypoints)


def test_faint_detections_come_after_the_certain_ones() -> None:
    scores = 0.3, 0.9, 0.4, 0.6
    row = [seen(s, 0.2 * i + 0.2, 0.5, 0.1, 0.1) for i, s in enumerate(scores)]
    assert_allclose([d.score for d in detect(*row)], [0.9, 0.6], rtol=1e-6)
    found = detect(*row, faint_score=0.35)
    assert_allclose([d.score for d in found], [0.9, 0.6, 0.4], rtol=1e-6)


# --- from the input to the image ---


def test_detections_in_a_part_are_in_px_of_the_whole_image() -> None:
    (found,) = detect(detection_output(), image=picture(300, 200), part=(60, 20, 100, 100))
    expected = (60, 20) + np.float64(detection_output().keypoints) * 100
    assert_allclose(found.keypoints, expected, atol=1e-4)


@pytest.mark.parametrize("wh", [(640, 480), (480, 640), (50, 50)])
@pytest.mark.parametrize("center_only", [False, True])
def test_detections_are_in_px_of_the_image(wh: tuple[int, int], center_only: bool) -> None:
    (found,) = detect(detection_output(), image=picture(*wh), center_only=center_only)
    side = min(wh) if center_only else max(wh)
    origin = np.subtract(wh, side) / 2
    expected = origin + np.float64(detection_output().keypoints) * side
    assert_allclose(found.keypoints, expected, atol=1e-3)
    assert_allclose(found.box_xyxy[:2], origin + np.array([0.45, 0.15]) * side, atol=1e-3)


def test_detections_do_not_change_with_the_next_run() -> None:
    network = FakeNetwork(detector_answer(detection_output()))
    detector = PersonDetector(
        network.open(), StageTimer(), iou_threshold=0.3, min_score=0.5, center_only=False
    )
    (first,) = detector.detect(SQUARE)
    kept = first.keypoints.copy()
    network.answer = detector_answer(detection_output(hips=(0.3, 0.3)))
    detector.detect(SQUARE)
    assert_array_equal(first.keypoints, kept)


def test_close_closes_the_session() -> None:
    session = FakeNetwork(detector_answer()).open()
    detector = PersonDetector(
        session, StageTimer(), iou_threshold=0.3, min_score=0.5, center_only=False
    )
    detector.close()
    assert session.is_closed


def test_the_fake_detector_gives_the_requested_detections() -> None:
    (found,) = detect(detection_output(score=0.7, anchor=2000))
    assert found.score == pytest.approx(0.7)
    assert logit(0.5) == 0
    assert_allclose(found.keypoints / 224, detection_output().keypoints, atol=1e-6)


# --- the published numbers of MediaPipe 0.10.21 for one photo ---


@pytest.mark.weights
@pytest.mark.testdata
@pytest.mark.parametrize("backend", ["openvino", pytest.param("litert", marks=pytest.mark.litert)])
def test_photo_gives_the_published_detection(testdata: Path, backend: str) -> None:
    if backend == "litert":
        pytest.importorskip("ai_edge_litert", reason="needs the extra vitruvian[litert]")
    bgr = cv2.imread(str(testdata / "images" / "warrior.jpg"))
    detector = PersonDetector(
        open_session(detector_network(), backend=backend),
        StageTimer(),
        iou_threshold=0.3,
        min_score=0.5,
        center_only=False,
    )
    (found,) = detector.detect(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))
    wh = np.float32([1000, 667])
    low, high = found.box_xyxy.reshape(2, 2) / wh
    assert found.score == pytest.approx(0.9843024, abs=1e-6)
    # Runtimes differ in the last digits of the network.
    assert_allclose(
        [*low, *(high - low)], [0.39713311, 0.29760194, 0.19987148, 0.29958850], atol=1e-6
    )
    expected = [
        (0.49186772, 0.70117593),
        (0.48457837, 0.32244888),
        (0.49729779, 0.48549677),
        (0.49235246, 0.15948725),
    ]
    assert_allclose(found.keypoints / wh, expected, atol=1e-6)
