"""Crops against MediaPipe's sampling, written in NumPy, and the laws of regions and letterboxes."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.fakes import picture

from vitruvian import Frame, Roi
from vitruvian.engine.warp import (
    alignment_side,
    center_square,
    crop_image,
    letterbox_image,
    roi_from_alignment,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

ROIS = {
    "upright": Roi((200.0, 150.0), (256.0, 256.0)),
    "larger than the crop": Roi((201.3, 149.2), (397.7, 397.7)),
    "smaller than the crop": Roi((120.6, 99.9), (37.3, 37.3), 0.3),
    "turned": Roi((203.3, 140.1), (301.7, 301.7), -0.028847933),
    "upside down": Roi((203.3, 140.1), (301.7, 301.7), 3.1),
    "turned by pi": Roi((210.4, 140.1), (255.5, 255.5), math.pi),
    "lying": Roi((203.3, 140.1), (301.7, 301.7), 1.4),
    "one pixel wide": Roi((30.5, 40.25), (1.0, 1.0), 0.7),
    "across the edge": Roi((390.1, 5.2), (222.2, 222.2), -0.9),
    "off the image": Roi((-900.4, 1500.3), (333.3, 333.3), 2.5),
    "oblong": Roi((180.2, 160.7), (111.1, 222.2), 0.4),
}
every_roi = pytest.mark.parametrize("roi", ROIS.values(), ids=ROIS)


# --- MediaPipe's sampling, step by step ---


def cropped(image: NDArray[np.uint8], roi: Roi, side: int = 256) -> NDArray[np.uint8]:
    crop = np.empty((side, side, 3), np.uint8)
    crop_image(image, roi, crop)
    return crop


def reference_crop(
    image: NDArray[np.uint8], roi: Roi, side: int
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    wh = np.float32(image.shape[1::-1])
    center = np.float32(roi.center / np.float64(wh)) * wh
    w, h = np.float32(roi.wh / np.float64(wh)) * wh
    # image_to_tensor_utils.cc, PadRoi, for a square tensor
    w, h = (w, w) if h / w < 1 else (h, h)
    return sampled(image, homography(center, w, h, np.float32(roi.rotation), side), side, False)


def homography(
    center: NDArray[np.float32], w: np.float32, h: np.float32, rotation: np.float32, side: int
) -> NDArray[np.float64]:
    """From px of the image to px of the crop."""
    degrees = np.float32(float(rotation * np.float32(180)) / math.pi)
    angle = float(degrees) * math.pi / 180
    c, s = np.float32(math.cos(angle)) * np.float32(0.5), np.float32(math.sin(angle) * 0.5)
    cx, cy = center
    bottom_left = np.array([cx - s * h - c * w, cy + c * h - s * w])
    top_left = np.array([cx + s * h - c * w, cy - c * h - s * w])
    corners = [bottom_left, top_left, 2 * center - bottom_left, 2 * center - top_left]
    rows, targets = [], []
    for (x, y), (u, v) in zip(
        np.float64(corners), [(0, side), (0, 0), (side, 0), (side, side)], strict=True
    ):
        rows += [[x, y, 1, 0, 0, 0, -x * u, -y * u], [0, 0, 0, x, y, 1, -x * v, -y * v]]
        targets += [u, v]
    return np.append(np.linalg.solve(rows, np.float64(targets)), 1.0).reshape(3, 3)


def sampled(
    image: NDArray[np.uint8], crop_from_image: NDArray[np.float64], side: int, zero_border: bool
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """OpenCV 4's bilinear warp of bytes: positions in 1/32 px, weights in 1/32768.

    Also returns which pixels depend on the rounding of doubles: corners are short binary fractions,
    so that a few positions are exactly between two multiples of 1/32.
    """
    inverse = adjugate(crop_from_image)
    y, x = np.mgrid[:side, :side].astype(np.float64)
    block = 32 * np.floor(x / 32)
    start = np.einsum("ij,jhw->ihw", inverse, np.stack([block, y, np.ones_like(x)]))
    px, py, pw = start + inverse[:, :1, None] * (x - block)
    q = np.divide(32, pw, out=np.zeros_like(pw), where=pw != 0)
    px, py = px * q, py * q
    undecided = (np.abs(px % 1 - 0.5) < 1e-9 * side) | (np.abs(py % 1 - 0.5) < 1e-9 * side)
    at_x, at_y = np.rint(px).astype(int), np.rint(py).astype(int)
    sx, fx, sy, fy = at_x >> 5, at_x & 31, at_y >> 5, at_y & 31
    total = np.zeros((side, side, 3), int)
    for dx, dy, weight in (
        (0, 0, (32 - fx) * (32 - fy) * 32),
        (1, 0, fx * (32 - fy) * 32),
        (0, 1, (32 - fx) * fy * 32),
        (1, 1, fx * fy * 32),
    ):
        total += weight[..., None] * tap(image, sx + dx, sy + dy, zero_border)
    return ((total + 16384) >> 15).astype(np.uint8), undecided


def adjugate(m: NDArray[np.float64]) -> NDArray[np.float64]:
    rows = [np.cross(m[1], m[2]), np.cross(m[2], m[0]), np.cross(m[0], m[1])]
    return np.array(rows).T / (m[0] @ rows[0])


def tap(
    image: NDArray[np.uint8], x: NDArray[np.int_], y: NDArray[np.int_], zero_border: bool
) -> NDArray[np.uint8]:
    height, width = image.shape[:2]
    values = image[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)]
    if zero_border:
        values[(x < 0) | (x >= width) | (y < 0) | (y >= height)] = 0
    return values


def assert_same_bits(
    crop: NDArray[np.uint8], reference: tuple[NDArray[np.uint8], NDArray[np.bool_]]
) -> None:
    expected, undecided = reference
    assert undecided.mean() < 1e-3
    assert_array_equal(crop[~undecided], expected[~undecided])


@every_roi
def test_crop_is_the_reference_bit_for_bit(roi: Roi) -> None:
    image = picture(400, 300)
    assert_same_bits(cropped(image, roi), reference_crop(image, roi, 256))


def test_crops_anywhere_are_the_reference_bit_for_bit() -> None:
    image, rng = picture(400, 300), np.random.default_rng(0)
    for side in rng.uniform(20, 900, 40):
        x, y, rotation = rng.uniform((-50, -50, -3.1), (450, 350, 3.1))
        roi = Roi((x, y), (side, side), rotation)
        assert_same_bits(cropped(image, roi), reference_crop(image, roi, 256))


@pytest.mark.parametrize("wh", [(400, 300), (300, 400), (224, 224), (37, 600), (1000, 667)])
def test_letterbox_is_the_reference_bit_for_bit(wh: tuple[int, int]) -> None:
    image = picture(*wh)
    side = np.float32(max(wh))
    middle = np.float32([wh[0] / 2, wh[1] / 2])
    matrix = homography(middle, side, side, np.float32(0), 224)
    crop, _ = letterbox_image(image, 224)
    assert_same_bits(crop, sampled(image, matrix, 224, zero_border=True))


@pytest.mark.parametrize(
    "view",
    [
        lambda image: image[:, :96],
        lambda image: image[::-1],
        lambda image: image[::2],
        lambda image: image[5:6, 5:6],
        lambda image: np.broadcast_to(image[:1], image.shape),
    ],
    ids=["padded rows", "upside down", "every other row", "one pixel", "one row repeated"],
)
def test_crops_do_not_depend_on_the_memory_layout(
    view: Callable[[NDArray[np.uint8]], NDArray[np.uint8]],
) -> None:
    image = Frame(view(picture(130, 96))).image
    packed = image.copy()
    roi = Roi((50.2, 40.3), (77.7, 77.7), 0.4)
    assert_array_equal(cropped(image, roi), cropped(packed, roi))
    assert_array_equal(letterbox_image(image, 224)[0], letterbox_image(packed, 224)[0])


# --- the published numbers of MediaPipe 0.10.21 for one photo ---


@pytest.fixture(scope="module")
def photo(testdata: Path) -> NDArray[np.uint8]:
    bgr = cv2.imread(str(testdata / "images" / "warrior.jpg"))
    image = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
    assert hashlib.md5(image.tobytes()).hexdigest() == "0e882e03bd4738eae58ebd2a6cd4c082"
    return image


@pytest.mark.testdata
def test_detector_input_equals_that_of_mediapipe(photo: NDArray[np.uint8]) -> None:
    crop, _ = letterbox_image(photo, 224)
    assert hashlib.md5(crop.tobytes()).hexdigest() == "0cfe9eb2eccf99b58fadb92f673621f3"
    assert crop.mean() == pytest.approx(119.66285, abs=5e-6)
    assert crop[112, 112].tolist() == [69, 65, 66]
    filled = np.flatnonzero(crop.any(axis=(1, 2)))
    assert (filled[0], filled[-1]) == (38, 186)


@pytest.mark.testdata
def test_landmark_network_input_equals_that_of_mediapipe(photo: NDArray[np.uint8]) -> None:
    center = 0.49186772 * 1000, 0.70117593 * 667
    roi = Roi(center, (0.63179022 * 1000, 0.94721174 * 667), -0.028847933)
    crop = cropped(photo, roi)
    assert hashlib.md5(crop.tobytes()).hexdigest() == "f4009a36e22b1e162f84d05a5abca769"
    assert crop.mean() == pytest.approx(190.529856, abs=5e-7)
    corners_and_middle = [crop[i, i].tolist() for i in (0, 128, 255)]
    assert corners_and_middle == [[133, 189, 236], [80, 78, 83], [255, 252, 247]]


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (
            [(0.49186772, 0.70117593), (0.48457837, 0.32244888)],
            (0.49186772, 0.70117593, 0.63179022, 0.94721174, -0.028847933),
        ),
        (
            [(0.49295068, 0.70215672), (0.49647206, 0.32557586)],
            (0.49295065, 0.70215678, 0.62801033, 0.94154471, 0.014018536),
        ),
        (  # MediaPipe's own test, tasks/testdata/vision/pose_expected_detection.pbtxt
            [(0.49192297, 0.7013345), (0.48453212, 0.32265595)],
            (0.49192297, 0.7013345, 0.6317167, 0.9471016, -0.029253244),
        ),
    ],
    ids=["of the detection", "of the landmarks", "of MediaPipe's test"],
)
def test_region_is_that_of_mediapipe(
    points: list[tuple[float, float]], expected: tuple[float, ...]
) -> None:
    wh = np.float32([1000, 667])
    roi = roi_from_alignment(np.float32(points) * wh, (1000, 667))
    assert roi is not None
    norm = [*(roi.center / wh), *(roi.wh / wh), roi.rotation]
    assert_allclose(norm, expected, atol=2e-7)


# --- outside the image ---


def test_a_crop_repeats_the_edge_of_the_image() -> None:
    image = np.full((40, 60, 3), 200, np.uint8)
    image[:, 0], image[:, -1] = (10, 20, 30), (40, 50, 60)
    left = cropped(image, Roi((-100.0, 20.0), (50.0, 50.0)))
    right = cropped(image, Roi((200.0, 20.0), (50.0, 50.0)))
    assert (left == (10, 20, 30)).all()
    assert (right == (40, 50, 60)).all()


@pytest.mark.parametrize(("wh", "bar"), [((400, 200), (0, 56)), ((200, 400), (56, 0))])
def test_a_letterbox_has_black_bars(wh: tuple[int, int], bar: tuple[int, int]) -> None:
    crop, letterbox = letterbox_image(np.full((wh[1], wh[0], 3), 255, np.uint8), 224)
    rows, columns = np.flatnonzero(crop.any((1, 2))), np.flatnonzero(crop.any((0, 2)))
    assert (columns[0], rows[0]) == bar
    assert (columns[-1], rows[-1]) == (223 - bar[0], 223 - bar[1])
    assert crop[rows[0] : rows[-1], columns[0] : columns[-1]].min() == 255
    assert_allclose(letterbox.padding, (bar[0] / 224, bar[1] / 224))


@pytest.mark.parametrize("wh", [(1, 1), (1, 300), (20_000, 50), (50, 20_000)])
def test_images_of_extreme_shapes_are_cropped(wh: tuple[int, int]) -> None:
    image = np.full((wh[1], wh[0], 3), 9, np.uint8)
    crop, letterbox = letterbox_image(image, 224)
    assert 0 < crop.max() <= 9
    assert_allclose(letterbox.image_from_norm(np.float32([0.5, 0.5])), np.divide(wh, 2), atol=1e-3)
    roi = Roi((wh[0] / 2, wh[1] / 2), (float(max(wh)),) * 2, 0.1)
    assert (cropped(image, roi) == 9).all()


@pytest.mark.parametrize("wh", [(32_766, 2), (2, 32_766)])
def test_the_largest_image_is_cropped_and_a_larger_one_refused(wh: tuple[int, int]) -> None:
    image = np.full((wh[1], wh[0], 3), 9, np.uint8)
    assert (cropped(image, Roi((1.0, 1.0), (2.0, 2.0))) == 9).all()
    larger = np.full((wh[1] + 1, wh[0] + 1, 3), 9, np.uint8)
    message = f"image sides must be at most 32766 px, got {wh[0] + 1}x{wh[1] + 1}"
    for crop in (lambda: cropped(larger, ROIS["upright"]), lambda: letterbox_image(larger, 224)):
        with pytest.raises(ValueError, match=message):
            crop()


def test_the_image_is_not_changed() -> None:
    image = picture(60, 40)
    before = image.copy()
    cropped(image, ROIS["upright"])[:] = 0
    letterbox_image(image, 224)[0][:] = 0
    assert_array_equal(image, before)


# --- letterbox and back ---


@pytest.mark.parametrize("wh", [(640, 480), (480, 640), (300, 300), (1, 7), (1000, 667)])
def test_letterbox_maps_the_corners_of_the_image(wh: tuple[int, int]) -> None:
    _, letterbox = letterbox_image(np.zeros((wh[1], wh[0], 3), np.uint8), 224)
    bars = (1 - np.divide(wh, max(wh))) / 2
    norm = np.float32([bars, [0.5, 0.5], 1 - bars])
    expected = [(0, 0), np.divide(wh, 2), wh]
    assert_allclose(letterbox.image_from_norm(norm), expected, atol=1e-4 * max(wh))


@pytest.mark.parametrize("wh", [(640, 480), (480, 640)])
def test_letterbox_puts_a_pixel_where_its_inverse_finds_it(wh: tuple[int, int]) -> None:
    image = np.zeros((wh[1], wh[0], 3), np.uint8)
    x, y = 401, 333
    cv2.circle(image, (x, y), 20, (255, 255, 255), -1)
    image = cv2.GaussianBlur(image, (0, 0), 6)  # smooth, so that sampling errors are small
    crop, letterbox = letterbox_image(image, 224)
    rows, columns = np.indices((224, 224))
    weights = crop[..., 0] / crop[..., 0].sum(dtype=float)
    norm = np.float32([(columns * weights).sum(), (rows * weights).sum()]) / np.float32(224)
    assert_allclose(letterbox.image_from_norm(norm), (x, y), atol=0.2)


@pytest.mark.parametrize("wh", [(640, 480), (480, 640), (641, 480), (7, 7), (2, 1)])
def test_a_part_is_the_letterbox_of_the_square_cut_out(wh: tuple[int, int]) -> None:
    image = picture(*wh)
    x, y, w, h = center_square(*wh)
    assert w == h == min(wh)
    assert abs(2 * x + w - wh[0]) <= 1
    assert abs(2 * y + h - wh[1]) <= 1
    crop, letterbox = letterbox_image(image, 224, (x, y, w, h))
    square, inner = letterbox_image(np.ascontiguousarray(image[y : y + h, x : x + w]), 224)
    # Beyond its right and lower edge the cropped square is black; the image has more pixels there.
    last = int(224 * (1 - 1 / w))
    assert_array_equal(crop[:last, :last], square[:last, :last])
    norm = np.float32([[0, 0], [0.3, 0.7]])
    assert_allclose(
        letterbox.image_from_norm(norm), inner.image_from_norm(norm) + np.array([x, y]), atol=1e-3
    )


# --- alignment ---


def aligned(hips: tuple[float, float], rim: tuple[float, float]) -> Roi:
    roi = roi_from_alignment(np.float32([hips, rim]), (640, 480))
    assert roi is not None
    return roi


@pytest.mark.parametrize(
    ("rim", "rotation"),
    [
        ((100, 120), 0),
        ((180, 200), math.pi / 2),
        ((20, 200), -math.pi / 2),
        ((100, 280), -math.pi),  # equal to +pi; MediaPipe returns -pi
        ((180, 120), math.pi / 4),
        ((20, 280), -3 * math.pi / 4),
    ],
)
def test_rotation_is_0_upright_and_grows_clockwise(
    rim: tuple[float, float], rotation: float
) -> None:
    roi = aligned((100, 200), rim)
    assert roi.rotation == pytest.approx(rotation, abs=1e-6)


def test_rotation_is_from_minus_pi_to_below_pi() -> None:
    for angle in np.linspace(-7, 7, 400):
        rim = 320 + 100 * math.cos(angle), 240 + 100 * math.sin(angle)
        rotation = aligned((320, 240), rim).rotation
        assert -math.pi - 1e-6 <= rotation < math.pi
        assert math.remainder(rotation - angle - math.pi / 2, 2 * math.pi) == pytest.approx(
            0, abs=1e-5
        )


def test_region_is_a_square_a_quarter_larger_than_the_circle() -> None:
    roi = aligned((100, 200), (100, 120))
    assert_allclose(roi.center, (100, 200), atol=1e-4)
    assert_allclose(roi.wh, (200, 200), atol=1e-4)
    assert alignment_side(np.float32([(100, 200), (100, 120)])) == 160


def test_in_the_crop_the_person_is_upright_and_centred() -> None:
    rng = np.random.default_rng(0)
    for hips, rim in rng.uniform(0, 480, (50, 2, 2)):
        matrix = aligned(hips, rim).crop_from_image((1, 1))
        assert_allclose(matrix @ (*hips, 1), (0.5, 0.5, 1), atol=1e-3)
        assert_allclose(matrix @ (*rim, 1), (0.5, 0.1, 1), atol=1e-3)


@pytest.mark.parametrize("bad", [(100, 200), (math.nan, 1), (math.inf, 1), (3e38, -3e38)])
def test_points_that_define_no_region_give_none(bad: tuple[float, float]) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        assert roi_from_alignment(np.float32([(100, 200), bad]), (640, 480)) is None
