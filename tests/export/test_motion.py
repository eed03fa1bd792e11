"""One person's motion: choice, rate, gaps, up, scale, floor, axes."""

from __future__ import annotations

import json
import tomllib
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.export.walkers import absent, person, results_of, standing

from vitruvian.core.rotations import angle_between, matrix_from_vector
from vitruvian.core.sequence import PoseSequence
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.export.ground import FOOT_HEIGHT_M, up_of_tilt
from vitruvian.export.motion import AXES, Motion, MotionOptions, motion_of
from vitruvian.lift.body_height import body_height_m

if TYPE_CHECKING:
    from pathlib import Path

FEET = [BLAZEPOSE.index(f"{s}_{p}") for s in ("left", "right") for p in ("heel", "foot_index")]
HIPS = [BLAZEPOSE.index(f"{s}_hip") for s in ("left", "right")]
RAW = MotionOptions(smooth_hz=0, up="camera", root="hips")


def of(*people: object, options: MotionOptions | None = None) -> Motion:
    return motion_of(PoseSequence.from_people(people), options)


@pytest.mark.parametrize("axes", list(AXES))
def test_axes_are_rotations(axes: str) -> None:
    assert_allclose(AXES[axes] @ AXES[axes].T, np.eye(3), atol=1e-12)
    assert np.linalg.det(AXES[axes]) == pytest.approx(1)


def test_a_person_who_faces_the_camera_has_the_axes_that_are_stated() -> None:
    motion = of(person(), options=RAW)
    left, head, toe = (BLAZEPOSE.index(n) for n in ("left_shoulder", "nose", "left_foot_index"))
    assert (motion.points[:, left, 0] > 0.1).all()  # +X to the person's left
    assert (motion.points[:, head, 1] > 0.5).all()  # +Y up
    assert (motion.points[:, toe, 2] > 0.1).all()  # +Z ahead
    opensim, blender = motion.in_axes("opensim"), motion.in_axes("blender")
    assert (opensim[:, left, 2] < -0.1).all()  # +Z to the right
    assert (opensim[:, toe, 0] > 0.1).all()  # +X ahead
    assert (blender[:, head, 2] > 0.5).all()  # +Z up


def test_the_person_with_the_most_frames_is_chosen_and_the_others_are_told() -> None:
    two = absent(person(number=2), 0, 20), person(number=7)
    motion = of(*two)
    assert motion.id == 7
    assert motion.notes == ("written person 7 (60 frames), not 2 (40 frames)",)
    assert of(*two, options=MotionOptions(person=2)).id == 2
    with pytest.raises(ValueError, match=r"person must be one of \[2, 7\], got 3"):
        of(*two, options=MotionOptions(person=3))


def test_people_who_change_slots_stay_themselves() -> None:
    one, other = person(number=1), person(number=2)
    results = results_of(one, replace(other, world=2 * other.world))
    swapped = [
        replace(result, poses=result.poses[::-1]) if i % 2 else result
        for i, result in enumerate(results)
    ]
    expected = motion_of(PoseSequence.from_results(results), MotionOptions(person=2))
    motion = motion_of(PoseSequence.from_results(swapped), MotionOptions(person=2))
    assert_allclose(motion.points, expected.points, atol=0)


def test_the_only_person_of_images_needs_no_id() -> None:
    poses = [replace(r, poses=[replace(p, id=None) for p in r]) for r in results_of(person(5))]
    assert motion_of(PoseSequence.from_results(poses)).id == 0
    twice = [replace(r, poses=[*r, *r]) for r in poses]
    with pytest.raises(ValueError, match="which of 2 people is not known"):
        motion_of(PoseSequence.from_results(twice))


def test_nobody_is_an_error_in_one_line() -> None:
    nobody = [replace(r, poses=()) for r in results_of(person(5))]
    for results in (nobody, []):
        with pytest.raises(ValueError, match=f"nobody was found in {len(results)} frames"):
            motion_of(PoseSequence.from_results(results))


@pytest.mark.parametrize("smooth_hz", [0.0, 6.0])
def test_a_single_frame_is_a_motion(smooth_hz: float) -> None:
    motion = of(person(1), options=MotionOptions(smooth_hz=smooth_hz))
    assert len(motion) == 1
    assert np.isfinite(motion.points).all()


def test_a_variable_rate_is_resampled_and_told() -> None:
    whole = person(90)
    kept = np.sort(np.random.default_rng(0).choice(np.arange(1, 89), 60, replace=False))
    rows = np.concatenate([[0], kept, [89]])
    arrays = {
        name: getattr(whole, name)[rows]
        for name in ("frame_indices", "timestamps_us", "wh", "landmarks", "visibility", "presence")
    } | {name: getattr(whole, name)[rows] for name in ("world", "scores", "rois")}
    motion = motion_of(replace(whole, **arrays), RAW)
    assert motion.fps == 30
    assert len(motion) == 90
    assert motion.notes == ("the frame rate varies: resampled at 30 fps",)
    assert_allclose(motion.points, motion_of(whole, RAW).points, atol=0.004)


def test_times_that_do_not_increase_are_an_error() -> None:
    one = person(10)
    with pytest.raises(ValueError, match="timestamps_us must increase"):
        motion_of(replace(one, timestamps_us=one.timestamps_us[[0, 1, 2, 3, 3, 3, 4, 5, 6, 7]]))


def test_short_gaps_are_filled_and_long_ones_are_told() -> None:
    one = absent(absent(person(150), 20, 25), 60, 120)
    motion = motion_of(one, MotionOptions(root="hips"))
    assert motion.gaps == [(60, 120)]
    assert motion.notes == ("person 1 is missing in frames 60 to 119 (2.0 to 4.0 s)",)
    assert_allclose(motion.points[22], motion_of(person(150)).points[22] - [0, 0.92, 0], atol=0.02)
    held = motion.held()
    assert np.isfinite(held).all()
    assert_allclose(held[119], motion.points[59], atol=0)


def test_a_gap_of_one_frame_at_the_start_is_told_as_one_frame() -> None:
    motion = motion_of(absent(person(60), 0, 1))
    assert motion.notes == ("person 1 is missing in frame 0 (0.0 s)",)


def test_landmarks_that_are_not_finite_are_missing() -> None:
    one = person(60)
    world = np.array(one.world)
    world[30:, 0, 1] = np.nan
    world[:, 15] = np.inf
    motion = motion_of(replace(one, world=world), RAW)
    assert motion.is_missing[:, 15].all()
    assert motion.is_missing[31:, 0].all()
    assert not motion.is_missing[:, 23].any()
    with pytest.raises(ValueError, match="never known: left_wrist"):
        motion.held()


@pytest.mark.parametrize("tilt_deg", [0.0, 20.0, 35.0])
def test_a_tilted_camera_leaves_the_person_upright(tilt_deg: float) -> None:
    level = motion_of(person(), MotionOptions(up="camera"))
    for options in (MotionOptions(), MotionOptions(tilt_deg=tilt_deg)):
        motion = motion_of(person(tilt_deg=tilt_deg), options)
        assert_allclose(motion.up, up_of_tilt(tilt_deg), atol=0.03)
        assert_allclose(motion.points, level.points, atol=0.04)


@pytest.mark.parametrize(("camera", "bound_deg"), [("cam01", 7.0), ("cam04", 10.0)])
def test_up_is_found_in_real_clips(testdata: Path, camera: str, bound_deg: float) -> None:
    folder = testdata / "reference" / "mediapipe-0.10.21"
    world = np.load(folder / f"balance_{camera}.npz")["full:raw_world"]
    man = replace(person(100, 60.0), world=world[..., :3], visibility=world[..., 3])
    motion = motion_of(man)
    calibration = tomllib.loads((testdata / "clips" / "balance_calibration.toml").read_text())
    turn = matrix_from_vector(calibration[f"{camera[:3]}_{camera[3:]}"]["rotation"])
    true_up = turn @ [0, 0, 1]
    assert np.degrees(angle_between(true_up, [0, -1, 0])) > 25
    assert np.degrees(angle_between(true_up, motion.up)) < bound_deg


def test_the_up_of_the_image_is_taken_for_a_person_who_lies() -> None:
    lying = person()
    lying = replace(lying, world=np.array(lying.world)[..., [1, 0, 2]])
    motion = motion_of(lying)
    assert_allclose(motion.up, [0, -1, 0])
    assert motion.notes == ("the person never stands with visible legs: up is that of the image",)


def test_the_body_is_scaled_to_its_height() -> None:
    motion = motion_of(person(), MotionOptions(height_m=1.9))
    assert body_height_m(motion.points, motion.person.visibility) == pytest.approx(1.9, abs=2e-3)
    assert motion_of(person()).scale == 1


def test_a_body_that_is_never_seen_whole_cannot_be_scaled() -> None:
    one = person()
    world = np.array(one.world)
    world[:, FEET] = np.nan
    with pytest.raises(ValueError, match="never seen whole"):
        motion_of(replace(one, world=world), MotionOptions(height_m=1.9))


def test_the_person_stands_with_the_lowest_foot_on_the_floor() -> None:
    motion = motion_of(person(), MotionOptions(root="stand", height_m=1.8))
    assert motion.root == "stand"
    assert_allclose(motion.points[:, FEET, 1].min(axis=1), FOOT_HEIGHT_M, atol=1e-9)
    assert_allclose(motion.points[:, HIPS][..., [0, 2]].mean(axis=1), 0, atol=1e-9)
    hips = motion_of(person(), MotionOptions(root="hips"))
    assert_allclose(hips.points[:, HIPS].mean(axis=1), 0, atol=1e-9)


def test_a_measured_position_is_kept_and_its_floor_is_at_0() -> None:
    one = person()
    path = np.stack([np.linspace(-1, 1, 60), np.full(60, 0.4), np.full(60, 5.0)], axis=1)
    walking = replace(one, camera=one.world + path[:, None])
    motion = motion_of(walking)
    assert motion.root == "camera"
    hips = motion.points[:, HIPS].mean(axis=1)
    assert_allclose(hips[:, 0], path[:, 0], atol=0.01)
    assert_allclose(hips[:, 2], -5.0, atol=0.2)  # in front of the camera, which is at 0
    assert_allclose(motion.points[:, FEET, 1].min(axis=1), FOOT_HEIGHT_M, atol=0.02)
    with pytest.raises(ValueError, match="root 'camera' needs"):
        motion_of(one, MotionOptions(root="camera"))


def test_smoothing_removes_jitter_and_0_keeps_the_numbers() -> None:
    one = person(120)
    noise = np.random.default_rng(1).normal(0, 0.01, one.world.shape)
    noisy = replace(one, world=one.world + noise)
    raw = motion_of(noisy, RAW).points
    smooth = motion_of(noisy, replace(RAW, smooth_hz=6.0)).points
    assert np.diff(smooth, 2, axis=0).std() < 0.2 * np.diff(raw, 2, axis=0).std()
    expected = noisy.world.astype(np.float64) * [1, -1, -1]
    expected -= expected[:, HIPS].mean(axis=1, keepdims=True)
    assert_allclose(raw, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"height_m": 174.0}, "height_m must be 0.3 to 3, got 174.0"),
        ({"up": "left"}, r"up must be one of \['body', 'camera'\], got 'left'"),
        ({"root": ""}, "root must be one of"),
        ({"markers": "coco"}, "markers must be one of"),
        ({"smooth_hz": -1.0}, "smooth_hz must not be negative, got -1.0"),
        ({"smooth_hz": float("nan")}, "smooth_hz must not be negative, got nan"),
        ({"tilt_deg": 100.0}, "tilt_deg must be -90 to 90, got 100.0"),
    ],
)
def test_a_wrong_option_is_an_error(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MotionOptions(**options)


def test_equal_options_have_equal_json() -> None:
    numbers = {"person": np.int64(3), "height_m": np.float64(2), "smooth_hz": 6, "tilt_deg": 10}
    options = MotionOptions(**numbers)
    assert options == MotionOptions(person=3, height_m=2.0, tilt_deg=10.0)
    assert json.dumps(asdict(options)) == (
        '{"person": 3, "height_m": 2.0, "smooth_hz": 6.0, "up": "body", "tilt_deg": 10.0, '
        '"root": "auto", "markers": "pose2sim"}'
    )


def test_the_figure_of_these_tests_stands_on_its_feet() -> None:
    assert standing()[FEET, 1].min() == standing()[:, 1].max()
