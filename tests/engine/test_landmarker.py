from __future__ import annotations

import math
from io import StringIO
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.fakes import (
    COLD,
    HOT,
    FakeNetwork,
    crop_points,
    logit,
    picture,
    pose_answer,
    world_points,
)
from tests.networks import landmark_network, open_session

from vitruvian import Roi
from vitruvian.engine.landmarker import (
    PoseLandmarker,
    RawPose,
)
from vitruvian.engine.segmentation import image_mask
from vitruvian.engine.timing import StageTimer
from vitruvian.engine.warp import crop_image, roi_from_alignment

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian.backends import Session

IMAGE = picture()
WHOLE = Roi((128.0, 128.0), (256.0, 256.0))  # of IMAGE: px of the crop are px of the image
ROIS = {
    "upright": Roi((300.0, 200.0), (256.0, 256.0)),
    "turned": Roi((300.3, 210.7), (401.7, 401.7), -0.4),
    "upside down": Roi((300.3, 210.7), (99.9, 99.9), math.pi),
    "lying": Roi((300.3, 210.7), (99.9, 99.9), -math.pi / 2),
    "one pixel wide": Roi((30.0, 20.0), (1.0, 1.0), 0.7),
    "off the image": Roi((-900.0, 1500.0), (333.0, 333.0), 2.5),
}
every_roi = pytest.mark.parametrize("roi", ROIS.values(), ids=ROIS)


def landmarker_of(session: Session, *, kernel: int = 7, with_mask: bool = False) -> PoseLandmarker:
    return PoseLandmarker(session, StageTimer(), kernel=kernel, with_mask=with_mask)


def estimate(
    roi: Roi = WHOLE,
    image: NDArray[np.uint8] = IMAGE,
    *,
    kernel: int = 7,
    min_score: float = 0.5,
    **answer: Any,
) -> RawPose | None:
    network = FakeNetwork(pose_answer(**answer))
    landmarker = landmarker_of(network.open(), kernel=kernel, with_mask="mask" in answer)
    return landmarker.estimate_all(image, [roi], min_score)[0]


def found(*arguments: Any, **options: Any) -> RawPose:
    raw = estimate(*arguments, **options)
    assert raw is not None
    return raw


# --- pose score ---


def test_the_score_must_exceed_the_threshold() -> None:
    half = np.float32(0.5)
    assert estimate(score=half) is None
    assert estimate(score=np.nextafter(half, np.float32(1))) is not None
    assert estimate(score=math.nan) is None
    assert estimate(score=1.0, min_score=1.0) is None
    assert found(score=0.875).score == 0.875


def test_the_input_is_the_crop_of_the_region() -> None:
    network = FakeNetwork(pose_answer())
    landmarker_of(network.open()).estimate_all(IMAGE, [ROIS["turned"]], 0.5)
    crop = np.empty((256, 256, 3), np.uint8)
    crop_image(IMAGE, ROIS["turned"], crop)
    assert_array_equal(network.images[0], crop)


def test_visibility_and_presence_are_probabilities() -> None:
    likely = np.linspace(0.001, 0.999, 39)
    raw = found(visibility=likely, presence=likely[::-1])
    assert_allclose(raw.visibility, likely[:33], atol=1e-6)
    assert_allclose(raw.presence, likely[::-1][:33], atol=1e-6)


def test_estimates_do_not_change_with_the_next_run() -> None:
    network = FakeNetwork(pose_answer())
    landmarker = landmarker_of(network.open())
    raw = landmarker.estimate_all(IMAGE, [WHOLE], 0.5)[0]
    assert raw is not None
    kept = {name: getattr(raw, name).copy() for name in ("landmarks", "auxiliary", "world")}
    network.answer = pose_answer(crop_points(1), world=world_points(1), visibility=0.1)
    landmarker.estimate_all(IMAGE, [WHOLE], 0.5)[0]
    for name, values in kept.items():
        assert_array_equal(getattr(raw, name), values)
    assert_allclose(raw.visibility, 0.9, rtol=1e-5)


# --- from the crop to the image ---


def test_in_a_region_of_the_size_of_the_crop_px_are_px() -> None:
    raw = found()
    assert_allclose(raw.landmarks, crop_points()[:33], atol=1e-4)
    assert_allclose(raw.auxiliary, crop_points()[33:35], atol=1e-4)


@every_roi
def test_landmarks_lie_where_the_region_puts_them(roi: Roi) -> None:
    image = picture(600, 400)
    raw = found(roi, image)
    points = np.column_stack([crop_points()[:35, :2], np.ones(35)])
    expected = (roi.image_from_crop((256, 256)) @ points.T)[:2].T
    actual = np.concatenate([raw.landmarks, raw.auxiliary])[:, :2]
    scale = max(abs(v) for v in (*roi.center, *roi.wh))
    assert_allclose(actual, expected, atol=2e-6 * scale)
    assert_allclose(raw.landmarks[:, 2], crop_points()[:33, 2] * roi.wh[0] / 256, rtol=1e-5)


@pytest.mark.parametrize("wh", [(600, 400), (400, 600)])
def test_depth_is_in_the_scale_of_x_whatever_the_shape_of_the_image(wh: tuple[int, int]) -> None:
    raw = found(Roi((200.0, 200.0), (128.0, 128.0)), picture(*wh))
    assert_allclose(raw.landmarks[:, 2], crop_points()[:33, 2] / 2, rtol=1e-5)


@every_roi
def test_the_next_region_of_a_person_at_rest_is_the_same(roi: Roi) -> None:
    image = picture(600, 400)
    following = roi_from_alignment(found(roi, image).auxiliary[:, :2], (600, 400))
    assert following is not None
    scale = max(abs(v) for v in (*roi.center, *roi.wh))
    assert_allclose(following.center, roi.center, atol=1e-6 * scale)
    assert_allclose(following.wh, roi.wh, rtol=1e-3 if scale > 100 * roi.wh[0] else 1e-5)
    turn = math.remainder(following.rotation - roi.rotation, 2 * math.pi)
    assert turn == pytest.approx(0, abs=1e-3 if scale > 100 * roi.wh[0] else 1e-4)


@every_roi
def test_world_landmarks_turn_with_the_region_and_keep_their_lengths(roi: Roi) -> None:
    world = found(roi, picture(600, 400)).world
    cos, sin = math.cos(roi.rotation), math.sin(roi.rotation)
    given = world_points()[:33].astype(float)
    assert_allclose(world[:, 0], cos * given[:, 0] - sin * given[:, 1], atol=1e-6)
    assert_allclose(world[:, 1], sin * given[:, 0] + cos * given[:, 1], atol=1e-6)
    assert_array_equal(world[:, 2], world_points()[:33, 2])


# --- refinement by the heat map ---


def reference_refinement(
    points: NDArray[np.float32], heat: NDArray[np.float32], kernel: int
) -> NDArray[np.float64]:
    """x, y in px of the crop, refined one landmark at a time as in MediaPipe."""
    refined = points[:, :2].astype(float)
    reach = (kernel - 1) // 2
    for i, (x, y) in enumerate(points[:, :2] / np.float32(256)):
        column, row = int(x * np.float32(64)), int(y * np.float32(64))  # towards zero
        if not (0 <= column < 64 and 0 <= row < 64):
            continue
        total = at_x = at_y = most = 0.0
        for r in range(max(0, row - reach), min(64, row + reach + 1)):
            for c in range(max(0, column - reach), min(64, column + reach + 1)):
                p = 1 / (1 + math.exp(-float(heat[r, c, i])))
                total, most = total + p, max(most, p)
                at_x, at_y = at_x + c * p, at_y + r * p
        if most >= 0.5 and total > 0:
            refined[i] = at_x / 64 / total * 256, at_y / 64 / total * 256
    return refined


def cold_map() -> NDArray[np.float32]:
    return np.full((64, 64, 39), COLD, np.float32)


def nose_at(x: float, y: float) -> NDArray[np.float32]:
    points = crop_points()
    points[0, :2] = x, y
    return points


def refined_nose(
    x: float, y: float, *hot: tuple[int, int], kernel: int = 7, level: float = HOT
) -> list[float]:
    """Refined position of a nose at crop px x, y, with some hot cells (column, row)."""
    heat = cold_map()
    for column, row in hot:
        heat[row, column, 0] = level
    return found(kernel=kernel, points=nose_at(x, y), heat=heat).landmarks[0, :2].tolist()


@pytest.mark.parametrize("kernel", [7, 9])
def test_refinement_equals_that_of_one_point_after_the_other(kernel: int) -> None:
    rng = np.random.default_rng(0)
    points = crop_points()
    points[:, :2] = rng.uniform(-20, 276, (39, 2))
    points[:8, :2] = rng.uniform(0, 12, (8, 2))  # windows that the border clips
    heat = rng.normal(-6, 3, (64, 64, 39)).astype(np.float32)
    raw = found(kernel=kernel, points=points, heat=heat)
    expected = reference_refinement(points, heat, kernel)
    actual = np.concatenate([raw.landmarks, raw.auxiliary])[:, :2]
    assert_allclose(actual, expected[:35], atol=1e-3)
    moved = np.abs(actual - points[:35, :2]).max(axis=1) > 0.01
    assert 5 < moved.sum() < 35


def test_a_single_hot_cell_moves_the_landmark_to_its_index() -> None:
    assert_allclose(refined_nose(100.0, 60.0, (27, 13)), [4 * 27, 4 * 13], atol=1e-4)


def test_two_hot_cells_move_the_landmark_between_them() -> None:
    assert_allclose(refined_nose(100.0, 60.0, (24, 15), (27, 13)), [102, 56], atol=1e-4)


@pytest.mark.parametrize(("kernel", "reach"), [(7, 3), (9, 4)])
def test_heat_outside_the_window_is_ignored(kernel: int, reach: int) -> None:
    near = refined_nose(100.0, 60.0, (25, 15), (25 + reach, 15 - reach), kernel=kernel)
    far = refined_nose(100.0, 60.0, (25, 15), (25 + reach + 1, 15), kernel=kernel)
    assert_allclose(near, [4 * (25 + reach / 2), 4 * (15 - reach / 2)], atol=1e-3)
    assert_allclose(far, [100, 60], atol=1e-4)


@pytest.mark.parametrize("level", [0.0, -1e-6])
def test_heat_below_one_half_moves_nothing(level: float) -> None:
    moved = refined_nose(101.0, 61.0, (27, 13), level=level)
    assert_allclose(moved, [101, 61] if level < 0 else [108, 52], atol=1e-3)


@pytest.mark.parametrize(
    ("point", "hot", "goes_to"),
    [
        ((1.0, 1.0), [(0, 0), (2, 2)], (4, 4)),
        ((254.9, 254.9), [(63, 63), (61, 61)], (248, 248)),
        ((1.0, 130.0), [(3, 32)], (12, 128)),
        ((1.0, 130.0), [(63, 31), (0, 32)], (0, 128)),  # windows do not wrap around
        ((255.0, 130.0), [(0, 33), (63, 32)], (252, 128)),
    ],
)
def test_the_window_ends_at_the_border(
    point: tuple[float, float], hot: list[tuple[int, int]], goes_to: tuple[float, float]
) -> None:
    assert_allclose(refined_nose(*point, *hot), goes_to, atol=1e-4)


@pytest.mark.parametrize(
    ("x", "y"), [(-4.0, 100.0), (256.0, 100.0), (100.0, -40.0), (100.0, 256.5), (1e9, 5.0)]
)
def test_a_landmark_outside_the_crop_stays(x: float, y: float) -> None:
    everywhere = [(c, r) for c in range(64) for r in range(64)]
    assert_allclose(refined_nose(x, y, *everywhere), [x, y], rtol=1e-6)


def test_a_landmark_less_than_a_cell_outside_counts_as_inside() -> None:
    """As in MediaPipe, which rounds towards zero."""
    assert_allclose(refined_nose(-3.9, 100.0, (1, 25)), [4, 100], atol=1e-4)
    assert_allclose(refined_nose(100.0, -3.9, (25, 1)), [100, 4], atol=1e-4)


def test_each_landmark_has_its_own_heat_map() -> None:
    heat, points = cold_map(), crop_points()
    points[:, :2] = 100
    for i in range(39):
        heat[22 + i % 6, 22 + i // 6, i] = HOT
    raw = found(points=points, heat=heat)
    i = np.arange(33)
    expected = 4 * np.column_stack([22 + i // 6, 22 + i % 6])
    assert_allclose(raw.landmarks[:, :2], expected, atol=1e-3)


def test_refinement_moves_neither_depth_nor_world_nor_visibility() -> None:
    heat = np.random.default_rng(0).normal(0, 3, (64, 64, 39)).astype(np.float32)
    hot, cold = found(heat=heat), found()
    assert (hot.landmarks[:, :2] != cold.landmarks[:, :2]).any()
    assert_array_equal(hot.landmarks[:, 2], cold.landmarks[:, 2])
    for name in ("world", "visibility", "presence"):
        assert_array_equal(getattr(hot, name), getattr(cold, name))


@pytest.mark.parametrize("bad", [math.nan, math.inf, 1e30])
def test_nan_or_infinity_in_one_landmark_does_not_affect_the_others(bad: float) -> None:
    points = crop_points()
    points[0, 0] = bad
    with np.errstate(invalid="ignore", over="ignore"):
        raw = found(points=points, heat=np.full((64, 64, 39), HOT, np.float32))
    assert np.isfinite(raw.landmarks[1:]).all()


# --- spread of the heat ---


def nose_spread(*hot: tuple[int, int], roi: Roi = WHOLE, **options: Any) -> float:
    """Spread of the nose, px, with some hot cells (column, row); the others are cold."""
    heat = cold_map()
    for column, row in hot:
        heat[row, column, 0] = HOT
    raw = found(roi, points=nose_at(100.0, 60.0), heat=heat, **options)
    assert raw.spread_px is not None
    return float(raw.spread_px[0])


def test_the_spread_is_the_root_mean_square_distance_of_the_heat() -> None:
    assert nose_spread((25, 15)) == pytest.approx(0, abs=0.02)
    assert nose_spread((24, 15), (26, 15)) == pytest.approx(4, abs=1e-3)  # a cell is 4 px
    assert nose_spread((25, 14), (25, 16)) == pytest.approx(4, abs=1e-3)
    corners = [(24, 14), (26, 14), (24, 16), (26, 16)]
    assert nose_spread(*corners) == pytest.approx(4 * math.sqrt(2), abs=1e-3)


@pytest.mark.parametrize("kernel", [7, 9])
def test_the_spread_equals_that_of_one_point_after_the_other(kernel: int) -> None:
    rng = np.random.default_rng(0)
    points = crop_points()
    points[:8, :2] = rng.uniform(0, 12, (8, 2))  # windows that the border clips
    heat = rng.normal(-3, 3, (64, 64, 39)).astype(np.float32)
    raw = found(kernel=kernel, points=points, heat=heat)
    reach = (kernel - 1) // 2
    for i, (x, y) in enumerate(points[:33, :2]):
        column, row = int(x / 4), int(y / 4)
        c = np.arange(max(0, column - reach), min(64, column + reach + 1))
        r = np.arange(max(0, row - reach), min(64, row + reach + 1))[:, None]
        weights = 1 / (1 + np.exp(-heat[r, c, i].astype(float)))
        squares = (4 * c - raw.landmarks[i, 0]) ** 2 + (4 * r - raw.landmarks[i, 1]) ** 2
        expected = math.sqrt((weights * squares).sum() / weights.sum())
        assert raw.spread_px[i] == pytest.approx(expected, rel=1e-3)


@every_roi
def test_the_spread_is_in_px_of_the_image_however_the_region_is_turned(roi: Roi) -> None:
    hot = [(24, 14), (26, 15), (25, 17)]
    spread = nose_spread(*hot, roi=roi, image=picture(600, 400))
    assert spread == pytest.approx(nose_spread(*hot) * roi.wh[0] / 256, rel=1e-4)


def test_in_an_oblong_region_each_axis_has_its_own_scale() -> None:
    roi = Roi((128.0, 128.0), (128.0, 512.0), 0.7)
    assert nose_spread((24, 15), (26, 15), roi=roi) == pytest.approx(2, abs=1e-3)
    assert nose_spread((25, 14), (25, 16), roi=roi) == pytest.approx(8, abs=1e-3)


def test_where_the_heat_is_low_the_spread_is_that_of_even_heat_around_the_landmark() -> None:
    even = np.full((64, 64, 39), COLD, np.float32)
    raw = found(points=nose_at(100.0, 60.0), heat=even)
    assert raw.spread_px[0] == pytest.approx(4 * math.sqrt(8), rel=1e-4)  # window of 7 cells
    assert (raw.spread_px > 8).all()


@pytest.mark.parametrize(("x", "y"), [(-400.0, 100.0), (100.0, -400.0), (2000.0, 2000.0)])
def test_a_landmark_far_outside_the_crop_has_no_spread(x: float, y: float) -> None:
    raw = found(points=nose_at(x, y))
    assert np.isnan(raw.spread_px[0])
    assert np.isfinite(raw.spread_px[1:]).all()


# --- masks ---


def test_a_mask_is_returned_only_on_request() -> None:
    logits = np.random.default_rng(0).normal(0, 3, (256, 256, 1)).astype(np.float32)
    assert found().mask is None
    raw = found(ROIS["turned"], picture(600, 400), mask=logits)
    assert raw.mask is not None
    assert_allclose(raw.mask, image_mask(logits, ROIS["turned"], (600, 400)), atol=1e-6)
    landmarker = landmarker_of(FakeNetwork(pose_answer(mask=logits)).open(), with_mask=True)
    settled = landmarker.estimate_all(IMAGE, [WHOLE], 0.5, with_mask=False)[0]
    assert settled is not None
    assert settled.mask is None


# --- the published numbers of MediaPipe 0.10.21 for one photo, model full ---

# x, y by kernel 7; x, y by kernel 9; z; visibility; presence; world x, y, z
PUBLISHED = np.loadtxt(
    StringIO("""
0.463278 0.429634 0.463277 0.429652 -0.192821 0.999991 0.999995 -0.117658 -0.577794 -0.188420
0.469127 0.414773 0.469127 0.414773 -0.195695 0.999953 0.999973 -0.111549 -0.620046 -0.194340
0.471852 0.413953 0.471855 0.413952 -0.195691 0.999946 0.999973 -0.111151 -0.620502 -0.193574
0.475002 0.413043 0.475039 0.413038 -0.195746 0.999940 0.999968 -0.111468 -0.620677 -0.193087
0.465235 0.415318 0.465237 0.415317 -0.176271 0.999957 0.999978 -0.130282 -0.611819 -0.174149
0.464811 0.414929 0.464812 0.414928 -0.176327 0.999948 0.999980 -0.130260 -0.612648 -0.175229
0.464306 0.414433 0.464308 0.414431 -0.176278 0.999944 0.999978 -0.130184 -0.613923 -0.174474
0.492134 0.416078 0.492135 0.416081 -0.160801 0.999940 0.999973 -0.015338 -0.634436 -0.165501
0.474175 0.416743 0.474300 0.416725 -0.066713 0.999945 0.999986 -0.099369 -0.609993 -0.081749
0.470083 0.441464 0.470087 0.441485 -0.176955 0.999925 0.999991 -0.070618 -0.563544 -0.176308
0.464403 0.441686 0.464404 0.441716 -0.149808 0.999881 0.999991 -0.095291 -0.554471 -0.148818
0.544559 0.481927 0.544666 0.481919 -0.108513 0.999907 0.999968 0.168737 -0.495792 -0.090679
0.449696 0.487301 0.449699 0.487304 -0.020958 0.999942 0.999969 -0.158917 -0.491190 -0.052213
0.622921 0.483757 0.623087 0.483774 -0.154453 0.998986 0.999817 0.400673 -0.498592 -0.123938
0.372993 0.472864 0.373011 0.472875 -0.019054 0.996313 0.999965 -0.434655 -0.503498 -0.030397
0.695320 0.472564 0.695358 0.472556 -0.230269 0.996058 0.996608 0.636938 -0.496582 -0.207216
0.301938 0.462140 0.302033 0.462297 -0.130270 0.994745 0.999411 -0.656029 -0.514176 -0.133536
0.717314 0.469501 0.717393 0.469476 -0.251427 0.986153 0.990144 0.699106 -0.500155 -0.215830
0.279855 0.460606 0.280148 0.460896 -0.151397 0.981937 0.997524 -0.717853 -0.519318 -0.149570
0.718714 0.466517 0.718794 0.466467 -0.280761 0.988244 0.989409 0.702164 -0.507151 -0.250346
0.278340 0.457279 0.278443 0.457359 -0.187532 0.984730 0.997456 -0.718363 -0.537394 -0.180994
0.709212 0.468422 0.709362 0.468378 -0.247274 0.988505 0.992503 0.651743 -0.495721 -0.223745
0.286028 0.459268 0.286078 0.459388 -0.151634 0.987643 0.998255 -0.665942 -0.515865 -0.155156
0.522099 0.707426 0.522099 0.707434 -0.045520 0.996831 0.999235 0.102633 0.008632 -0.036074
0.464474 0.698438 0.464479 0.698456 0.045417 0.999091 0.999750 -0.103146 -0.008977 0.036865
0.611474 0.823552 0.611995 0.824519 -0.122530 0.991972 0.998862 0.347996 0.230233 -0.106785
0.356574 0.737197 0.356671 0.737377 -0.087479 0.993094 0.999507 -0.453736 0.044687 -0.079719
0.701211 0.923639 0.701222 0.923675 -0.057231 0.992999 0.976566 0.674065 0.446531 -0.048248
0.351220 0.910057 0.351364 0.910122 -0.003507 0.987473 0.997095 -0.464552 0.410710 0.005206
0.709534 0.938719 0.709680 0.938863 -0.054609 0.960976 0.973232 0.717722 0.475443 -0.046310
0.364318 0.940187 0.364450 0.940296 0.001933 0.978697 0.995184 -0.466150 0.455186 0.009767
0.731784 0.949715 0.732719 0.949874 -0.158076 0.977608 0.960579 0.778354 0.489817 -0.152170
0.308961 0.948629 0.310013 0.948336 -0.067943 0.959856 0.985804 -0.566586 0.507840 -0.056263
""")
)
WH = np.float32([1000, 667])
PHOTO_ROI = Roi(
    (0.49186772 * 1000, 0.70117593 * 667), (0.63179022 * 1000, 0.94721174 * 667), -0.028847933
)
KERNEL_COLUMNS = {7: slice(0, 2), 9: slice(2, 4)}


def photo(testdata: Path) -> NDArray[np.uint8]:
    return cv2.cvtColor(cv2.imread(str(testdata / "images" / "warrior.jpg")), cv2.COLOR_BGR2RGB)


def pose_in_photo(testdata: Path, kernel: int, backend: str) -> RawPose:
    if backend == "litert":
        pytest.importorskip("ai_edge_litert", reason="needs the extra vitruvian[litert]")
    session = open_session(landmark_network("full", mask=True), backend=backend)
    landmarker = landmarker_of(session, kernel=kernel, with_mask=True)
    raw = landmarker.estimate_all(photo(testdata), [PHOTO_ROI], 0.5)[0]
    assert raw is not None
    return raw


every_backend = pytest.mark.parametrize(
    "backend", ["openvino", pytest.param("litert", marks=pytest.mark.litert)]
)


@pytest.mark.weights
@pytest.mark.testdata
@every_backend
@pytest.mark.parametrize("kernel", [7, 9])
def test_photo_gives_the_published_landmarks(testdata: Path, kernel: int, backend: str) -> None:
    raw = pose_in_photo(testdata, kernel, backend)
    off = np.abs(raw.landmarks[:, :2] - PUBLISHED[:, KERNEL_COLUMNS[kernel]] * WH)
    assert off.max() <= 1e-3  # px; the table has 6 decimals, of 1000 px
    assert_allclose(raw.landmarks[:, 2] / 1000, PUBLISHED[:, 4], atol=2e-6)
    assert_allclose(raw.visibility, PUBLISHED[:, 5], atol=2e-6)
    assert_allclose(raw.presence, PUBLISHED[:, 6], atol=2e-6)
    assert_allclose(raw.world, PUBLISHED[:, 7:], atol=4e-5)


@pytest.mark.weights
@pytest.mark.testdata
@every_backend
def test_photo_gives_the_published_score_next_region_and_mask(testdata: Path, backend: str) -> None:
    raw = pose_in_photo(testdata, 7, backend)
    assert raw.score == pytest.approx(0.9999665, abs=1e-6)
    expected = [(0.49295068, 0.70215672), (0.49647206, 0.32557586)]
    assert_allclose(raw.auxiliary[:, :2] / WH, expected, atol=5e-7)
    following = roi_from_alignment(raw.auxiliary[:, :2], (1000, 667))
    assert following is not None
    norm = [*(following.center / WH), *(following.wh / WH), following.rotation]
    published = [0.49295065, 0.70215678, 0.62801033, 0.94154471, 0.014018536]
    assert_allclose(norm, published, atol=1e-6)
    assert raw.mask is not None
    assert raw.mask.sum(dtype=float) == pytest.approx(44822.7475, abs=0.1)
    assert (raw.mask > 0.5).sum() == pytest.approx(44_890, abs=2)


def test_the_fake_heat_map_is_cold() -> None:
    assert logit(0.5) == 0
    assert 1 / (1 + math.exp(-COLD)) < 1e-8
