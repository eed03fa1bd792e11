"""Rotations of bones from landmarks: of a figure with known rotations, and of real clips."""

from __future__ import annotations

import tomllib
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.analysis.rig_figure import figure

from vitruvian import BLAZEPOSE, PoseSequence, PoseTracker, open_input
from vitruvian.analysis.filtering import filtered, low_pass, without_outliers
from vitruvian.analysis.rig import BONES, LiveRig, RigMotion, rig_motion
from vitruvian.core.camera import Camera
from vitruvian.core.rotations import matrix_from_vector, vector_from_matrix

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

JOINTS = {
    "shoulder": "UpperArm", "elbow": "LowerArm", "wrist": "Hand",
    "hip": "UpperLeg", "knee": "LowerLeg", "ankle": "Foot",
}  # fmt: skip
LIMBS = {
    BLAZEPOSE.index(f"{side}_{landmark}"): BONES.index(side + bone)
    for landmark, bone in JOINTS.items()
    for side in ("left", "right")
}
SYMMETRIC = ("UpperArm", "LowerArm", "Hand", "UpperLeg", "LowerLeg", "Foot")


def errors_deg(rig: RigMotion, frames: Floats) -> dict[str, float]:
    """Mean error of each bone in the world; of left and right the larger one."""
    turn = np.swapaxes(rig.frames(), -1, -2) @ frames
    angles = np.degrees(np.linalg.norm(vector_from_matrix(turn), axis=-1)).mean(axis=0)
    return {
        part: max(float(angles[BONES.index(side + part)]) for side in ("left", "right"))
        for part in SYMMETRIC
    }


def steps_deg(rig: RigMotion) -> Floats:
    turn = np.swapaxes(rig.rotations[:-1], -1, -2) @ rig.rotations[1:]
    return np.degrees(np.linalg.norm(vector_from_matrix(turn), axis=-1))


# --- a figure with known rotations ---


@pytest.mark.parametrize("seed", range(3))
def test_known_rotations_are_found(seed: int) -> None:
    truth = figure(300, 60.0, seed)
    rig = rig_motion(truth.landmarks, 60.0, pronation=1.0)
    assert max(errors_deg(rig, truth.frames).values()) < 1.5
    half = errors_deg(rig_motion(truth.landmarks, 60.0), truth.frames)
    assert 5 < half["LowerArm"] < 17
    assert half["Hand"] < 0.5
    off = np.linalg.norm(rig.forward_kinematics() - truth.joints, axis=2)
    assert off[:, [*LIMBS.values()]].max() < 0.002


@pytest.mark.parametrize("seed", range(3))
def test_noise_of_10_mm_costs_a_few_degrees_after_a_filter_of_6_hz(seed: int) -> None:
    truth = figure(300, 60.0, seed)
    noise = np.random.default_rng(seed).normal(0, 0.01, truth.landmarks.shape)
    rig = rig_motion(low_pass(truth.landmarks + noise, 60.0, 6.0), 60.0)
    errors = errors_deg(rig, truth.frames)
    limits = {"UpperLeg": 3.5, "LowerLeg": 3.5, "UpperArm": 5, "LowerArm": 16, "Hand": 8}
    assert all(errors[part] < limit for part, limit in limits.items()), errors


def test_the_rest_pose_has_no_rotations() -> None:
    truth = figure(2, 60.0, 0)
    rig = rig_motion(truth.landmarks, 60.0)
    rest = RigMotion(60.0, rig.offsets, np.tile(np.eye(3), (1, 21, 1, 1)), np.zeros((1, 3)))
    joints = rest.forward_kinematics()[0]
    points = np.zeros((1, 33, 3))
    for landmark, bone in LIMBS.items():
        points[0, landmark] = joints[bone]
    for side, sign in (("left", 1), ("right", -1)):
        hand, toes = joints[BONES.index(f"{side}Hand")], joints[BONES.index(f"{side}Toes")]
        for name, place in {
            "index": np.add(hand, [0.09 * sign, 0, 0.03]),
            "pinky": np.add(hand, [0.09 * sign, 0, -0.03]),
            "foot_index": toes,
            "heel": toes - [0, 0, 0.2],
            "ear": joints[BONES.index("head")] + [0.07 * sign, 0, 0],
            "eye": joints[BONES.index("head")] + [0.03 * sign, 0, 0.1],
        }.items():
            points[0, BLAZEPOSE.index(f"{side}_{name}")] = place
    rotations = rig_motion(points, 60.0).rotations
    assert np.allclose(rotations, np.eye(3), atol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_rotations_are_proper_and_move_and_turn_with_the_body(seed: int) -> None:
    points = figure(60, 30.0, seed).landmarks
    rig = rig_motion(points, 30.0)
    assert np.allclose(np.linalg.det(rig.rotations), 1, atol=1e-12)
    turn = matrix_from_vector([0.3, -1.2, 0.5])
    turned = rig_motion(points @ turn.T + [1.0, 2.0, 3.0], 30.0)
    assert np.allclose(turned.rotations[:, 1:], rig.rotations[:, 1:], atol=1e-9)
    assert np.allclose(turned.rotations[:, 0], turn @ rig.rotations[:, 0], atol=1e-9)
    assert np.allclose(turned.offsets, rig.offsets, atol=1e-12)


def test_a_mirrored_body_has_mirrored_rotations() -> None:
    points = figure(60, 30.0, 1).landmarks
    mirror = np.diag([-1.0, 1.0, 1.0])
    mirrored = rig_motion(points[:, list(BLAZEPOSE.mirrored)] @ mirror, 30.0)
    swapped = [
        BONES.index(b.replace("left", "LEFT").replace("right", "left").replace("LEFT", "right"))
        for b in BONES
    ]
    expected = mirror @ rig_motion(points, 30.0).rotations[:, swapped] @ mirror
    assert np.allclose(mirrored.rotations, expected, atol=1e-9)


def test_an_arm_that_straightens_keeps_its_elbow_axis() -> None:
    truth = figure(120, 60.0, 0)
    points = truth.landmarks.copy()
    elbow, wrist = BLAZEPOSE.index("left_elbow"), BLAZEPOSE.index("left_wrist")
    shoulder = BLAZEPOSE.index("left_shoulder")
    points[50:70, wrist] = points[50:70, elbow] + 0.9 * (
        points[50:70, elbow] - points[50:70, shoulder]
    )
    rig = rig_motion(points, 60.0)
    arm = BONES.index("leftUpperArm")
    turn = np.swapaxes(rig.frames(), -1, -2) @ truth.frames
    off = np.degrees(np.linalg.norm(vector_from_matrix(turn), axis=-1))
    assert off[55:65, arm].max() < 30


# --- live ---


def test_a_live_rig_agrees_with_that_of_the_clip_while_arms_are_bent() -> None:
    truth = figure(200, 60.0, 3)
    rig, live = rig_motion(truth.landmarks, 60.0), LiveRig()
    frames = [live.update(points, 60.0) for points in truth.landmarks]
    rotations = np.concatenate([frame.rotations for frame in frames])
    turn = np.swapaxes(rotations, -1, -2) @ rig.rotations
    off = np.degrees(np.linalg.norm(vector_from_matrix(turn), axis=-1))
    assert np.median(off) < 0.1
    assert np.percentile(off, 99) < 10
    assert np.allclose(frames[-1].offsets, rig.offsets, atol=0.005)


def test_a_live_rig_after_a_reset_is_a_new_one() -> None:
    points = figure(20, 30.0, 4).landmarks
    used, new = LiveRig(), LiveRig()
    for pose in points[:10]:
        used.update(pose)
    used.reset()
    for pose in points[10:]:
        one, other = used.update(pose), new.update(pose)
        assert np.array_equal(one.rotations, other.rotations)
        assert np.array_equal(one.offsets, other.offsets)


def test_a_live_rig_keeps_the_place_of_a_landmark_that_is_nan() -> None:
    points = figure(2, 30.0, 5).landmarks
    live = LiveRig()
    first = live.update(points[0])
    assert np.allclose(live.update(np.full((33, 3), np.nan)).rotations, first.rotations)
    assert np.isfinite(LiveRig().update(np.full((33, 3), np.nan)).rotations).all()


# --- bad input ---


def test_points_without_a_direction_give_the_last_rotation() -> None:
    points = figure(10, 30.0, 0).landmarks.copy()
    points[4:6] = 0
    rig = rig_motion(points, 30.0)
    assert np.isfinite(rig.rotations).all()
    assert np.allclose(rig.rotations[4, 0], rig.rotations[3, 0])
    assert np.isfinite(rig_motion(np.zeros((3, 33, 3)), 30.0).forward_kinematics()).all()


def test_wrong_points_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(T, 33, 3\), got \(33, 3\)"):
        rig_motion(np.zeros((33, 3)), 30.0)
    with pytest.raises(ValueError, match=r"shape \(T, 33, 3\), got \(0, 33, 3\)"):
        rig_motion(np.zeros((0, 33, 3)), 30.0)
    with pytest.raises(ValueError, match="must be finite"):
        rig_motion(np.full((1, 33, 3), np.nan), 30.0)
    with pytest.raises(ValueError, match="pronation must be 0 to 1"):
        rig_motion(np.zeros((1, 33, 3)), 30.0, pronation=2)


# --- real clips ---

CAMERAS = ("01", "04")


@pytest.fixture(scope="module")
def balance(testdata: Path) -> dict[tuple[str, str], PoseSequence]:
    """By model and camera: the man who balances, from the front and the back, not smoothed."""
    clips = {}
    for model, camera in product(("lite", "heavy"), CAMERAS):
        path = testdata / "clips" / f"balance_cam{camera}.mp4"
        with PoseTracker(model, smoothing=0) as tracker, open_input(path) as frames:
            results = [tracker.update(frame) for frame in frames]
        clips[model, camera] = PoseSequence.from_results(results)
    return clips


@pytest.mark.weights
@pytest.mark.testdata
@pytest.mark.slow
def test_no_bone_turns_by_30_degrees_in_a_frame(
    balance: dict[tuple[str, str], PoseSequence],
) -> None:
    for clip in balance.values():
        points = filtered(clip).person(0).world * np.array([1.0, -1.0, -1.0])
        assert steps_deg(rig_motion(points, 60.0)).max() < 30


@pytest.mark.weights
@pytest.mark.testdata
@pytest.mark.slow
def test_joints_are_within_15_mm_of_landmarks_that_two_cameras_measure(
    balance: dict[tuple[str, str], PoseSequence], testdata: Path
) -> None:
    """World landmarks of one camera have no constant lengths: a forearm from 0.13 to 0.25 m."""
    cameras = cameras_of(testdata / "clips" / "balance_calibration.toml")
    points = triangulated(
        [balance["heavy", name] for name in CAMERAS], [cameras[name] for name in CAMERAS]
    )
    rig = rig_motion(points[..., [1, 2, 0]], 60.0)  # Y is up
    off = np.linalg.norm(
        rig.forward_kinematics()[:, [*LIMBS.values()]] - points[:, [*LIMBS]][..., [1, 2, 0]], axis=2
    )
    assert off.mean(axis=0).max() < 0.015
    assert steps_deg(rig).max() < 30


def cameras_of(path: Path) -> dict[str, Camera]:
    tables = tomllib.loads(path.read_text())
    return {
        table["name"].removeprefix("cam_"): Camera(
            wh=(int(table["size"][0]), int(table["size"][1])),
            matrix=np.array(table["matrix"]),
            distortions=np.array(table["distortions"]),
            rotation=matrix_from_vector(table["rotation"]),
            translation=np.array(table["translation"]),
        )
        for table in tables.values()
        if "name" in table
    }


def triangulated(clips: list[PoseSequence], cameras: list[Camera]) -> Floats:
    """Return the points (T, 33, 3), m, at which the rays of the cameras meet, smoothed."""
    rows = []
    for clip, camera in zip(clips, cameras, strict=True):
        person = clip.person(0)
        rays = camera.rays_from_image(person.landmarks[..., :2])
        matrix = np.column_stack([camera.rotation, camera.translation])
        for i in range(2):
            plane = matrix[i] - rays[..., i, None] * matrix[2]
            rows.append(plane * person.visibility[..., None])
    points = np.linalg.svd(np.stack(rows, axis=-2))[2][..., -1, :]
    points = points[..., :3] / points[..., 3:]
    return low_pass(without_outliers(points), 60.0, 6.0)
