"""Angles of joints: values of known postures, signs, missing landmarks, invariances."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.analysis.figures import person_doing

from vitruvian.analysis.angles import (
    angle_names,
    joint_angles,
    joint_definitions,
    pose_angles,
)
from vitruvian.core.camera import Camera
from vitruvian.core.rotations import matrix_from_vector
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.lift.placement import place_person
from vitruvian.synthetic import Posture, motions
from vitruvian.synthetic.exercises import exercise

if TYPE_CHECKING:
    from vitruvian.core.sequence import PersonSequence


def index(name: str) -> int:
    return BLAZEPOSE.index(name)


def truth(posture: Posture, heading_deg: float = 0.0) -> PersonSequence:
    """Return the true landmarks of a rendered figure in one posture, as one frame."""
    return moving(motions.stand(posture), 1, heading_deg=heading_deg)


def moving(motion: motions.Motion, n: int, *, heading_deg: float = 0.0) -> PersonSequence:
    """Return a figure in motion, without camera landmarks."""
    return replace(person_doing(motion, n, heading_deg=heading_deg), camera=None)


BENT_ARM = Posture(forearms=((0.0, 0.0, 1.0), (0.0, 0.0, 1.0)), upper_arms=((0.0, -1, 0),) * 2)


@pytest.mark.parametrize("space", ["world", "image"])
@pytest.mark.parametrize("heading_deg", [90.0, -90.0])
def test_elbow_bent_by_a_right_angle_is_90_in_a_side_view(space: str, heading_deg: float) -> None:
    angles = joint_angles(truth(BENT_ARM, heading_deg), space=space)
    for side in ("left", "right"):
        assert_allclose(angles[f"{side}_elbow"], 90, atol=2)
        assert_allclose(angles[f"{side}_shoulder"], 0, atol=4)


@pytest.mark.parametrize("heading_deg", [90.0, -90.0, 40.0])
def test_squat_bends_knees_and_hips_forward(heading_deg: float) -> None:
    squat = moving(motions.squat(2.0), 61, heading_deg=heading_deg)
    world = joint_angles(squat, space="world")
    for side in ("left", "right"):
        assert 80 < world[f"{side}_knee"][30] < 130
        assert 60 < world[f"{side}_hip"][30] < 140
        assert world[f"{side}_knee"][0] < 10
        assert abs(world[f"{side}_hip"][0]) < 10
    if abs(heading_deg) == 90:
        image = joint_angles(squat, space="image")
        for name in ("left_knee", "right_knee", "left_hip", "right_hip", "left_elbow"):
            assert_allclose(image[name], world[name], atol=12)


def test_standing_upright_is_zero_of_every_joint() -> None:
    still = Posture(upper_arms=((0.0, -1, 0),) * 2, forearms=((0.0, -1, 0),) * 2)
    angles = joint_angles(truth(still, 90.0), space="world")
    for name in angle_names()[:12]:  # the index finger is 15 degrees off the axis of the hand
        assert_allclose(angles[name], 0, atol=16 if "wrist" in name else 12, err_msg=name)
    image = joint_angles(truth(still, 90.0), space="image")
    assert_allclose(image["trunk"], 90, atol=5)
    assert_allclose(np.abs(image["right_thigh"]), 90, atol=5)


@pytest.mark.parametrize("space", ["world", "image"])
def test_toes_up_is_positive_at_the_ankle(space: str) -> None:
    up, down = (
        joint_angles(truth(Posture(foot_pitch=(a, a), foot_yaw=(0, 0)), 90.0), space=space)
        for a in (-0.3, 0.3)
    )
    assert up["right_ankle"][0] - down["right_ankle"][0] > 25
    assert up["left_ankle"][0] - down["left_ankle"][0] > 25


def test_angles_in_space_do_not_depend_on_the_view() -> None:
    motion = motions.walk(1.2)
    one = joint_angles(moving(motion, 20), space="world")
    other = joint_angles(moving(motion, 20, heading_deg=130), space="world")
    for name in angle_names()[:12]:
        assert_allclose(one[name], other[name], atol=0.05, err_msg=name)


def test_invisible_landmark_makes_its_angles_nan_and_no_others() -> None:
    person = truth(Posture())
    visibility = person.visibility.copy()
    visibility[0, index("left_ankle")] = 0.29
    angles = joint_angles(replace(person, visibility=visibility), space="world")
    missing = {name for name, values in angles.items() if np.isnan(values).any()}
    assert missing == {"left_ankle", "left_knee", "left_shank"}


def test_nan_landmarks_give_nan_and_no_warning() -> None:
    person = moving(motions.squat(), 4)
    world, image = person.world.copy(), person.landmarks.copy()
    world[1], image[1] = np.nan, np.nan
    broken = replace(person, world=world, landmarks=image)
    for angle_set in ("sports2d", "isb"):
        angles = joint_angles(broken, space="world", angle_set=angle_set)
        assert all(np.isnan(values[1]) for values in angles.values())
    knee = joint_angles(broken, space="world")["right_knee"]
    assert np.isfinite(knee[[0, 2, 3]]).all()


def test_facing_is_decided_once_unless_each_frame_is_wanted() -> None:
    right, left = truth(BENT_ARM, 90.0), truth(BENT_ARM, -90.0)
    mixed = replace(
        moving(motions.stand(), 3),
        landmarks=np.concatenate([right.landmarks, right.landmarks, left.landmarks]),
    )
    once = joint_angles(mixed, space="image")["right_elbow"]
    each = joint_angles(mixed, space="image", each_frame=True)["right_elbow"]
    assert_allclose(once[:2], 90, atol=2)
    assert_allclose(once[2], -90, atol=2)
    assert_allclose(each, 90, atol=2)


def test_one_pose_has_the_angles_of_its_sequence() -> None:
    person = moving(motions.squat(), 3)
    (pose,) = person.to_results()[2].poses
    for space in ("world", "image"):
        wanted = joint_angles(person, space=space)
        for name, value in pose_angles(pose, space=space).items():
            assert_allclose(value, wanted[name][2], atol=1e-9)


def test_definitions_give_the_angles_of_a_pose() -> None:
    (result,) = truth(BENT_ARM, 30.0).to_results()
    (pose,) = result.poses
    for name, points, offset, sign, behind in joint_definitions():
        a, b, c, d = (pose.world[list(landmarks)].mean(axis=0) for landmarks in points)
        cosine = (b - a) @ (d - c) / np.linalg.norm(b - a) / np.linalg.norm(d - c)
        degrees = offset + sign * np.degrees(np.arccos(cosine))
        expected = pose_angles(pose, space="world")[name]
        assert_allclose(abs(degrees) if behind else degrees, expected, atol=0.05)


def test_camera_space_is_preferred_and_needs_camera_landmarks() -> None:
    person = moving(motions.squat(), 3, heading_deg=45)
    with pytest.raises(ValueError, match="camera landmarks"):
        joint_angles(person, space="camera")
    camera = person.world + np.float32([0.1, 0.2, 4.0])
    angles = joint_angles(replace(person, camera=camera, world=person.world * np.nan))
    assert np.isfinite(angles["left_knee"]).all()


def test_without_camera_landmarks_the_person_is_placed_in_front_of_a_usual_camera() -> None:
    person = moving(motions.squat(), 40, heading_deg=45)
    wanted = joint_angles(person, space="world")
    got = joint_angles(person)
    for name in angle_names()[2:10]:
        assert np.abs(wanted[name] - got[name]).mean() < 8, name


def test_only_elbows_of_estimated_depth_are_bent_more() -> None:
    person = moving(exercise("curl", 1), 40)
    placed = place_person(person, Camera.from_fov((640, 640)), joints="bones").joints
    known = joint_angles(replace(person, camera=placed.astype(np.float32)))
    estimated = joint_angles(person)
    more = estimated["left_elbow"] - known["left_elbow"]
    assert more.min() > -1e-3
    assert more.max() == pytest.approx(6, abs=0.1)
    assert_allclose(estimated["left_knee"], known["left_knee"], atol=1e-3)


def test_side_view_is_measured_in_the_image() -> None:
    person = truth(Posture(), 90.0)
    wrong = person.world + np.float32([0, 0, 4])
    wrong[:, [25, 26], 2] += 0.05  # the depths of the knees are wrong, the image is right
    wrong = replace(person, camera=wrong)
    image = joint_angles(person, space="image")
    auto, camera = joint_angles(wrong), joint_angles(wrong, space="camera")
    for name in ("left_knee", "right_knee"):
        assert np.abs(camera[name] - image[name]).max() > 4
        assert_allclose(auto[name], image[name], atol=1)


def test_far_side_hidden_in_a_side_view_leaves_the_near_side() -> None:
    person = moving(motions.squat(), 3, heading_deg=90)
    visibility = person.visibility.copy()
    visibility[:, [i for i, n in enumerate(BLAZEPOSE.names) if n.startswith("left_")]] = 0.1
    angles = joint_angles(replace(person, visibility=visibility))
    for joint in ("knee", "hip", "shoulder", "elbow", "ankle"):
        assert np.isfinite(angles[f"right_{joint}"]).all()
        assert np.isnan(angles[f"left_{joint}"]).all()


def test_leg_behind_the_trunk_has_a_negative_hip_angle() -> None:
    person = moving(motions.walk(), 33)
    assert joint_angles(person, space="world")["right_hip"].min() < -5
    assert joint_angles(person, space="world")["right_hip"].max() > 10


def test_unknown_options_are_told() -> None:
    person = truth(Posture())
    with pytest.raises(ValueError, match="angle_set must be sports2d or isb, got 'xyz'"):
        joint_angles(person, angle_set="xyz")
    with pytest.raises(ValueError, match="space must be"):
        joint_angles(person, space="moon")
    with pytest.raises(ValueError, match="side must be"):
        joint_angles(person, space="image", side="up")
    with pytest.raises(ValueError, match="'isb' needs space"):
        joint_angles(person, space="image", angle_set="isb")


def turned(
    person: PersonSequence, rows: list[str], about: str, vector: list[float]
) -> PersonSequence:
    """Return the person with some landmarks turned about another, rotation vector in body axes."""
    world = person.world.astype(np.float64)
    # the person faces the camera: ahead is -z, up is -y, right is -x
    axes = np.array([[0.0, 0, -1], [0, -1, 0], [-1, 0, 0]]).T
    turn = axes @ matrix_from_vector(vector) @ axes.T
    pivot = world[:, index(about)]
    chosen = [index(name) for name in rows]
    world[:, chosen] = pivot[:, None] + (world[:, chosen] - pivot[:, None]) @ turn.T
    return replace(person, world=world.astype(np.float32))


STILL = Posture(upper_arms=((0.0, -1, 0),) * 2, forearms=((0.0, 0, 1),) * 2, foot_yaw=(0, 0))


@pytest.mark.parametrize(("side", "sign"), [("right", 1.0), ("left", -1.0)])
@pytest.mark.parametrize(
    ("name", "vector"),
    [
        ("hip_flexion", [0.0, 0.0, 0.4]),
        ("hip_adduction", [0.4, 0.0, 0.0]),
        ("hip_rotation", [0.0, 0.4, 0.0]),
    ],
)
def test_clinical_hip_angle_is_the_turn_of_the_leg(
    side: str, sign: float, name: str, vector: list[float]
) -> None:
    person = truth(STILL)
    leg = [f"{side}_{p}" for p in ("knee", "ankle", "heel", "foot_index")]
    vector = vector if name == "hip_flexion" else [sign * v for v in vector]
    before = joint_angles(person, angle_set="isb", space="world")
    after = joint_angles(turned(person, leg, f"{side}_hip", vector), angle_set="isb", space="world")
    wanted = 0.5 if name == "hip_rotation" else 1.0  # a straight knee shows half of the turn
    change = after[f"{side}_{name}"] - before[f"{side}_{name}"]
    assert_allclose(change, wanted * np.degrees(0.4), atol=1.5)
    assert before[f"{side}_knee_flexion"] == pytest.approx(after[f"{side}_knee_flexion"], abs=0.1)


@pytest.mark.parametrize(("side", "sign"), [("right", 1.0), ("left", -1.0)])
def test_clinical_arm_angles(side: str, sign: float) -> None:
    person = truth(STILL)
    arm = [f"{side}_{p}" for p in ("elbow", "wrist", "pinky", "index", "thumb")]
    ahead = joint_angles(
        turned(person, arm, f"{side}_shoulder", [0, 0, np.pi / 2]), angle_set="isb", space="world"
    )
    out = joint_angles(
        turned(person, arm, f"{side}_shoulder", [-sign * np.pi / 2, 0, 0]),
        angle_set="isb",
        space="world",
    )
    for angles, plane in ((ahead, 90.0), (out, 0.0)):
        assert_allclose(angles[f"{side}_shoulder_elevation"], 90, atol=2)
        assert_allclose(angles[f"{side}_shoulder_plane"], plane, atol=3)
        assert_allclose(angles[f"{side}_elbow_flexion"], 90, atol=1)
    assert np.isnan(
        joint_angles(person, angle_set="isb", space="world")[f"{side}_shoulder_plane"]
    ).all()


@pytest.mark.parametrize(("side", "sign"), [("right", 1.0), ("left", -1.0)])
def test_palm_down_is_pronated_and_thumb_up_is_neutral(side: str, sign: float) -> None:
    thumbs = {"neutral": (0.0, 1.0, 0.0), "down": (-1.0, 0.0, 0.0), "up": (1.0, 0.0, 0.0)}
    got = {}
    for name, (x, y, z) in thumbs.items():
        posture = replace(STILL, thumbs=((x, y, z), (-x, y, z)))
        got[name] = joint_angles(truth(posture), angle_set="isb", space="world")[
            f"{side}_forearm_pronation"
        ][0]
    assert_allclose([got["neutral"], got["down"], got["up"]], [0, 90, -90], atol=12)


def test_clinical_trunk_and_pelvis() -> None:
    def trunk(**lean: float) -> dict[str, np.ndarray]:
        values = (lean.get("ahead", 0.0), lean.get("left", 0.0), lean.get("twist", 0.0))
        return joint_angles(truth(replace(STILL, lean=values)), angle_set="isb", space="world")

    still = trunk()
    assert_allclose(trunk(ahead=0.4)["trunk_flexion"] - still["trunk_flexion"], 22, atol=5)
    assert trunk(left=0.4)["trunk_bend"] < -5
    assert trunk(twist=0.4)["trunk_rotation"] > 10
    assert_allclose(still["pelvis_rotation"], 0, atol=1)
    turned_left = joint_angles(truth(STILL, 30.0), angle_set="isb", space="world")
    assert_allclose(turned_left["pelvis_rotation"], 30, atol=1)
    assert_allclose(still["pelvis_list"], 0, atol=1)
    assert trunk(left=0.4)["pelvis_list"] < -5  # the left side goes down


def test_nobody_gives_empty_arrays() -> None:
    nobody = moving(motions.stand(), 1)[:0]
    assert all(values.shape == (0,) for values in joint_angles(nobody, space="world").values())


def test_a_pose_is_fast_enough_for_live_use() -> None:
    from time import perf_counter

    pose = truth(Posture()).to_results()[0].poses[0]
    times = []
    for _ in range(50):
        start = perf_counter()
        pose_angles(pose)
        times.append(perf_counter() - start)
    assert min(times) < 0.5e-3  # 0.1 ms on two shared cores
