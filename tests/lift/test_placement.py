"""Where a person stands: exact on perfect landmarks, and unharmed by bad ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.lift.people import HIPS, WH, Exact, exact

from vitruvian import PersonSequence, PoseSequence
from vitruvian.core.camera import Camera
from vitruvian.lift.placement import Placement, place_person, placed
from vitruvian.synthetic import Figure, Person, motions

FLOAT32_M = 2e-4
CALIBRATED = Camera(
    wh=WH,
    matrix=np.array([[1100.0, 0, 650], [0, 1090, 350], [0, 0, 1]]),
    distortions=np.array([-0.1, 0.02, 0.001, -0.002]),
)


def raw(seen: Exact, person: PersonSequence | None = None, **options: object) -> Placement:
    options = {"depth_hz": None, "cutoff_hz": None, **options}
    return place_person(person or seen.person, seen.camera, **options)  # type: ignore[arg-type]


def errors_m(placement: Placement, seen: Exact) -> np.ndarray:
    return np.linalg.norm(placement.positions - seen.hips, axis=1)


@pytest.mark.parametrize("joints", ["rays", "rigid"])
@pytest.mark.parametrize("camera", [Camera.from_fov(WH, 60.0), CALIBRATED])
@pytest.mark.parametrize("heading_deg", [0, 60, 180])
def test_perfect_landmarks_give_the_exact_position(
    joints: str, camera: Camera, heading_deg: float
) -> None:
    person = Person(Figure(), motions.walk(1.0), position=(1.2, 0.5), heading_deg=heading_deg)
    seen = exact(person, n_frames=20, camera=camera)
    placement = raw(seen, joints=joints)
    assert errors_m(placement, seen).max() < FLOAT32_M * 5
    assert_allclose(placement.joints, seen.joints, atol=FLOAT32_M * 5)
    assert placement.focal_px == camera.focal_px
    assert not placement.is_assumed


def test_a_body_height_sets_the_scale_of_landmarks_that_are_too_small() -> None:
    seen = exact(Person(Figure(height_m=1.8), motions.walk(1.2), position=(-1.5, 0.0)), n_frames=30)
    small = replace(seen.person, world=seen.person.world * np.float32(0.9))
    without, with_height = raw(seen, small), raw(seen, small, height_m=1.8)
    assert (without.scale, with_height.scale) == (1.0, pytest.approx(1 / 0.9, rel=0.02))
    assert errors_m(without, seen).min() > 0.4
    assert errors_m(with_height, seen).max() < 0.12


def test_rays_keep_the_image_and_rigid_keeps_the_shape() -> None:
    seen = exact(n_frames=10)
    noise = np.random.default_rng(0).normal(0, 0.03, seen.person.world.shape)
    noisy = replace(seen.person, world=seen.person.world + noise.astype(np.float32))
    rays, rigid = (raw(seen, noisy, joints=kind) for kind in ("rays", "rigid"))
    projected = seen.camera.image_from_world(rays.joints)
    assert_allclose(projected, noisy.landmarks[..., :2], atol=1e-3)
    shape = np.linalg.norm(rigid.joints[:, 11] - rigid.joints[:, 28], axis=-1)
    assert_allclose(
        shape, np.linalg.norm(noisy.world[:, 11] - noisy.world[:, 28], axis=-1), atol=1e-6
    )


def test_wrong_landmarks_hardly_move_the_person() -> None:
    seen = exact()
    landmarks = seen.person.landmarks.copy()
    landmarks[:, [15, 17, 19, 21]] += [180.0, -90.0, 0.0]  # a hand somewhere else
    assert errors_m(raw(seen, replace(seen.person, landmarks=landmarks)), seen).max() < 0.02


def test_missing_landmarks_are_left_out() -> None:
    seen = exact()
    landmarks = seen.person.landmarks.copy()
    landmarks[:, [0, 15, 31]] = np.nan
    placement = raw(seen, replace(seen.person, landmarks=landmarks))
    assert errors_m(placement, seen).max() < FLOAT32_M * 5
    assert np.isnan(placement.joints[:, 0]).all()


@pytest.mark.parametrize("name", ["landmarks", "world"])
def test_a_person_without_hips_or_with_two_landmarks_is_not_placed(name: str) -> None:
    seen = exact(n_frames=4)
    values = getattr(seen.person, name).copy()
    values[0, HIPS[0]] = np.nan
    values[1, 2:] = np.nan
    values[2] = np.nan
    positions = raw(seen, replace(seen.person, **{name: values})).positions
    expected = [name == "landmarks", True, True, False]
    assert np.isnan(positions).all(axis=1).tolist() == expected


def test_hips_outside_the_image_are_placed() -> None:
    seen = exact(Person(Figure(), motions.stand(), position=(0.0, 4.4)), n_frames=4)
    assert (seen.person.landmarks[:, HIPS, 1] > WH[1]).all()
    visibility = np.where(seen.person.landmarks[..., 1] < WH[1], 1.0, 0.01)
    person = replace(seen.person, visibility=visibility)
    assert errors_m(raw(seen, person, height_m=1.75), seen).max() < 0.03


def test_filters_smooth_the_depth_most() -> None:
    seen = exact(n_frames=120)
    generator = np.random.default_rng(1)
    world = seen.person.world * generator.normal(1, 0.02, (120, 1, 1)).astype(np.float32)
    noisy = replace(seen.person, world=world)
    before = (raw(seen, noisy).positions - seen.hips)[:, 2].std()
    after = (place_person(noisy, seen.camera).positions - seen.hips)[20:-20]
    assert after[:, 2].std() < 0.4 * before
    assert np.abs(after[:, :2]).max() < 0.03


def test_a_constant_speed_survives_the_filters_also_at_a_variable_rate() -> None:
    steps = np.random.default_rng(2).choice([20_000, 33_000, 50_000], 90)
    times_us = np.concatenate([[0], np.cumsum(steps)])
    person = Person(Figure(), motions.walk(1.0), position=(-1.0, -1.0), heading_deg=40)
    seen = exact(person, times_us=times_us)
    placement = place_person(seen.person, seen.camera)
    late = times_us > 1_000_000  # it walks steadily
    assert errors_m(placement, seen)[late][:-10].max() < 0.03


def test_a_gap_stays_and_separates_what_is_filtered() -> None:
    seen = exact(Person(Figure(), motions.wave(), position=(1.0, 0.0)), n_frames=150)
    arrays = {}
    for name in ("landmarks", "world", "visibility", "rois"):
        arrays[name] = getattr(seen.person, name).copy()
        arrays[name][40:100] = np.nan  # 2 s
    placement = place_person(replace(seen.person, **arrays), seen.camera)
    is_missing = np.isnan(placement.positions).all(axis=1)
    assert is_missing[40:100].all()
    assert not is_missing[:40].any()
    assert not is_missing[100:].any()
    assert errors_m(placement, seen)[[20, 39, 100, 120]].max() < 0.06


@pytest.mark.parametrize("n_frames", [0, 1, 2])
def test_very_short_sequences(n_frames: int) -> None:
    seen = exact(n_frames=max(n_frames, 1))
    placement = place_person(seen.person[:n_frames], seen.camera, height_m=1.7)
    assert placement.positions.shape == (n_frames, 3)
    assert np.isfinite(placement.joints).all()


def test_nobody_has_no_position() -> None:
    seen = exact(n_frames=3)
    names = ("landmarks", "world", "visibility", "rois")
    nobody = {name: np.full_like(getattr(seen.person, name), np.nan) for name in names}
    placement = place_person(replace(seen.person, **nobody), seen.camera, height_m=1.7)
    assert placement.scale == 1.0
    assert np.isnan(placement.joints).all()


def test_a_calibration_of_another_size_is_refused_with_the_remedy() -> None:
    seen = exact(n_frames=2)
    with pytest.raises(ValueError, match=r"1088x720 px, got 1280x720: .*Camera.cropped"):
        place_person(seen.person, Camera.from_focal((1088, 720), 900.0))


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"joints": "points"}, "joints must be one of"),
        ({"depth_hz": 0.0}, "depth_hz must be positive or None"),
        ({"cutoff_hz": float("nan")}, "cutoff_hz must be positive or None"),
        ({"height_m": 17.0}, "height_m must be from 0.4 to 2.6"),
    ],
)
def test_options_out_of_range_are_refused(option: dict[str, object], message: str) -> None:
    seen = exact(n_frames=2)
    with pytest.raises(ValueError, match=message):
        place_person(seen.person, seen.camera, **option)  # type: ignore[arg-type]


def test_placed_fills_the_camera_of_everyone() -> None:
    one = exact()
    two = exact(Person(Figure(height_m=1.6), motions.wave(), position=(1.0, -1.0)), number=3)
    people = PoseSequence.from_people([one.person, two.person])
    assert people.camera is None
    filled = placed(people, one.camera)
    assert filled.camera is not None
    assert_allclose(filled.camera[20, 0], one.joints[20], atol=0.05)
    assert_allclose(filled.camera[20, 1], two.joints[20], atol=0.05)
    assert_allclose(filled.world, people.world)
    assert filled.ids.tolist() == [0, 3]


def test_placed_needs_ids_and_accepts_nobody() -> None:
    seen = exact(n_frames=2)
    people = PoseSequence.from_people([seen.person])
    with pytest.raises(ValueError, match="every pose must have an id"):
        placed(replace(people, slot_ids=np.full((2, 1), np.nan)), seen.camera)
    nobody = PoseSequence.from_results([])
    assert placed(nobody, seen.camera) == nobody
