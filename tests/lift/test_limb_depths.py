"""Bones of constant length: depths come back, the image stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.lift.people import HIPS, exact

from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.lift.limb_depths import BLOCK, bone_lengths, with_limb_depths
from vitruvian.lift.placement import place_person
from vitruvian.synthetic import Figure, Person, motions
from vitruvian.synthetic.exercises import exercise

FIGURE = Figure()
TRUE_M = [FIGURE.upper_arm_m, FIGURE.forearm_m, FIGURE.thigh_m, FIGURE.shank_m]
TRUNK = [BLAZEPOSE.index(name) for name in ("nose", "left_shoulder", "right_shoulder")] + HIPS
KNEES = [BLAZEPOSE.index(f"{side}_knee") for side in ("left", "right")]
LEFT_ARM = [BLAZEPOSE.index(f"left_{part}") for part in ("shoulder", "elbow", "wrist", "index")]


def doing(motion: motions.Motion, heading_deg: float = 0.0, n_frames: int = 75) -> np.ndarray:
    """Return the true joints (T, 33, 3) of a person who moves, in camera axes."""
    return exact(Person(FIGURE, motion, heading_deg=heading_deg), n_frames=n_frames).joints


def flattened(joints: np.ndarray, share: float) -> np.ndarray:
    """Return joints on the same rays, their depths nearer to that of the hips."""
    hips = joints[:, HIPS, 2:].mean(axis=1, keepdims=True)
    depths = hips + share * (joints[..., 2:] - hips)
    return joints * (depths / joints[..., 2:])


def seen(joints: np.ndarray) -> np.ndarray:
    return np.ones(joints.shape[:2])


@pytest.mark.parametrize("name", ["squat", "curl", "lunge"])
@pytest.mark.parametrize("heading_deg", [0, 45, 90])
def test_lengths_are_those_of_the_body(name: str, heading_deg: float) -> None:
    joints = doing(exercise(name, 1), heading_deg)
    assert_allclose(bone_lengths(joints, seen(joints)), TRUE_M, rtol=0.13)


def test_a_bone_that_is_never_seen_has_its_share_of_the_height() -> None:
    joints = doing(exercise("press", 1))
    visibility = seen(joints)
    visibility[:, 25:] = 0.1
    lengths = bone_lengths(joints, visibility)
    assert_allclose(lengths, TRUE_M, rtol=0.1)
    assert lengths[2] / lengths[3] == pytest.approx(0.245 / 0.246)


def test_knees_that_are_too_flat_come_back_to_their_depth() -> None:
    joints = doing(exercise("squat", 2))
    flat = flattened(joints, 0.7)
    found = with_limb_depths(flat, seen(flat))
    before, after = (np.abs(points - joints)[:, KNEES, 2].mean() for points in (flat, found))
    assert after < 0.5 * before


def test_depths_of_a_perfect_network_hardly_change() -> None:
    joints = doing(motions.walk(1.2), 60.0)
    found = with_limb_depths(joints, seen(joints))
    assert np.abs(found - joints).max() < 0.15
    assert np.abs(found - joints).mean() < 0.015


def test_the_image_and_the_trunk_stay() -> None:
    flat = flattened(doing(exercise("curl", 1), 30.0), 0.6)
    found = with_limb_depths(flat, seen(flat))
    assert_allclose(
        found[..., :2] / found[..., 2:], flat[..., :2] / flat[..., 2:], rtol=0, atol=1e-12
    )
    assert_allclose(found[:, TRUNK], flat[:, TRUNK], rtol=0, atol=1e-12)
    hand = found[:, LEFT_ARM[3], 2] - found[:, LEFT_ARM[2], 2]
    assert_allclose(hand, flat[:, LEFT_ARM[3], 2] - flat[:, LEFT_ARM[2], 2], atol=1e-12)


def test_missing_frames_and_landmarks_stay_missing_and_harm_no_others() -> None:
    flat = flattened(doing(exercise("squat", 1)), 0.7)
    missing = flat.copy()
    missing[10:20] = np.nan
    missing[:, LEFT_ARM[1]] = np.nan
    found = with_limb_depths(missing, np.where(np.isnan(missing[..., 0]), 0.0, 1.0))
    assert np.isnan(found[10:20]).all()
    assert np.isnan(found[:, LEFT_ARM[1]]).all()
    assert np.isfinite(found[20:, KNEES]).all()
    assert np.isfinite(found[20:, LEFT_ARM[2]]).all()


def test_nobody_visible_changes_nothing() -> None:
    joints = doing(exercise("squat", 1))
    assert_allclose(with_limb_depths(joints, np.zeros(joints.shape[:2])), joints, atol=0)
    nothing = np.full((3, 33, 3), np.nan)
    assert np.isnan(with_limb_depths(nothing, np.full((3, 33), np.nan))).all()
    assert with_limb_depths(np.empty((0, 33, 3)), np.empty((0, 33))).shape == (0, 33, 3)


def test_long_clips_are_moved_frame_by_frame_as_short_ones() -> None:
    flat = flattened(doing(exercise("squat", 1)), 0.7)
    n = BLOCK // len(flat) + 1
    long = np.tile(flat, (n, 1, 1))
    found = with_limb_depths(long, seen(long))
    assert_allclose(found, np.tile(with_limb_depths(flat, seen(flat)), (n, 1, 1)), atol=1e-9)


def test_placing_with_bones_moves_the_joints_of_rays() -> None:
    clip = exact(Person(FIGURE, exercise("squat", 1)), n_frames=60)
    person = replace(clip.person, world=clip.person.world * np.float32([1, 1, 0.7]))
    rays, bones = (
        place_person(person, clip.camera, joints=joints)  # type: ignore[arg-type]
        for joints in ("rays", "bones")
    )
    assert_allclose(bones.joints, with_limb_depths(rays.joints, person.visibility), atol=1e-12)
    assert_allclose(bones.positions, rays.positions, atol=0)
    thighs = [points[:, KNEES, 2] - points[:, HIPS, 2] for points in (bones.joints, rays.joints)]
    true = clip.joints[:, KNEES, 2] - clip.joints[:, HIPS, 2]
    assert np.abs(thighs[0] - true).mean() < 0.3 * np.abs(thighs[1] - true).mean()
