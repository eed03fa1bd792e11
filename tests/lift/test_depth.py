from __future__ import annotations

import json
import pickle
from dataclasses import replace

import numpy as np
import pytest
from tests.lift.depth_scenes import CAMERA, HIPS, LEGS, WH, at, seen

from vitruvian import Frame, Pose, PoseResult, PoseSequence
from vitruvian.core.camera import Camera
from vitruvian.core.depth import DepthImage, LandmarkDepths, MeasuredPosition
from vitruvian.lift.depth import DepthPlacer
from vitruvian.lift.depth_zones import reference_of, zone_half_px, zone_of

FRAME_US = 40_000


def placed(result: PoseResult, depth: DepthImage | LandmarkDepths | None) -> PoseResult:
    return DepthPlacer().update(result, depth)


def measured(result: PoseResult, i: int = 0) -> MeasuredPosition:
    found = result.poses[i].measured
    assert found is not None
    return found


def device_depths(name: str) -> LandmarkDepths:
    """What the device measures of the first person: the surface at each landmark."""
    scene = seen(name)
    pose = scene.result.poses[0]
    x, y = np.clip(pose.landmarks[:, :2].T.astype(int), 0, np.array(WH)[:, None] - 1)
    depths = scene.view.depth_m[y, x].copy()
    depths[pose.visibility < 0.5] = np.nan
    column, row = pose.landmarks[HIPS, :2].mean(axis=0).astype(int)
    return LandmarkDepths(
        depths_m=depths,
        camera=CAMERA,
        reference="mid_hips",
        reference_m=float(scene.view.depth_m[row, column]),
        zone_xyxy=(int(column) - 4, int(row) - 4, int(column) + 4, int(row) + 4),
    )


# --- joints ---


@pytest.mark.parametrize("name", ["alone", "side", "two", "edge"])
def test_exact_landmarks_and_depth_give_hips_within_1_percent_and_joints_within_3_cm(
    name: str,
) -> None:
    scene = seen(name)
    result = placed(scene.result, scene.depth)
    for i, pose in enumerate(result.poses):
        assert pose.camera is not None
        off = pose.camera[HIPS].mean(axis=0) - scene.joints[i, HIPS].mean(axis=0)
        assert np.linalg.norm(off) < 0.01 * scene.joints[i, HIPS, 2].mean()
        assert np.median(scene.errors(result, i)) < 0.03


def test_joints_are_behind_the_surface_that_is_measured() -> None:
    scene = seen("alone")
    result = placed(scene.result, scene.depth)
    joints = result.poses[0].camera
    assert joints is not None
    surface = np.array(measured(result).surface_xyz_m)
    assert 0.08 < joints[HIPS, 2].mean() - surface[2] < 0.15
    row, column = (int(v) for v in scene.result.poses[0].landmarks[HIPS, 1::-1].mean(axis=0))
    assert surface[2] == pytest.approx(scene.view.depth_m[row, column], abs=0.01)


def test_a_body_of_another_size_than_the_world_landmarks_is_measured() -> None:
    scene = seen("alone")
    pose = scene.result.poses[0]
    small = at(scene.result, 0, world=0.9 * pose.world)
    errors = scene.errors(placed(small, scene.depth))
    assert np.median(errors) < 0.03


def test_a_table_in_front_of_the_legs_does_not_pull_the_person_nearer() -> None:
    scene = seen("table")
    unaware = at(scene.result, 0, visibility=np.full(33, 0.9, np.float32))
    for result in (scene.result, unaware):
        errors = scene.errors(placed(result, scene.depth))
        assert np.median(errors) < 0.03
        assert errors[LEGS].max() < 0.15


def test_a_person_in_front_is_not_measured_for_the_one_behind() -> None:
    scene = seen("behind")
    result = placed(scene.result, scene.depth)
    for i in range(2):
        assert np.median(scene.errors(result, i)) < 0.05


def test_half_of_the_depth_missing_changes_little() -> None:
    scene = seen("alone")
    holes = np.random.default_rng(0).random(scene.view.depth_m.shape) < 0.5
    values = np.where(holes, np.nan, scene.view.depth_m)
    errors = scene.errors(placed(scene.result, DepthImage(values, CAMERA, 1.0)))
    assert np.median(errors) < 0.03


def test_a_limb_without_depth_follows_the_body() -> None:
    scene = seen("alone")
    values = scene.view.depth_m.copy()
    values[150:] = 0  # below the knees
    errors = scene.errors(placed(scene.result, DepthImage(values, CAMERA, 1.0)))
    assert errors[LEGS].max() < 0.1


@pytest.mark.parametrize("value", [0, 50, 20_000])
def test_without_depth_from_10_cm_to_10_m_there_is_no_position(value: int) -> None:
    values = np.full(WH[::-1], value, np.uint16)
    pose = placed(seen("alone").result, DepthImage(values, CAMERA)).poses[0]
    assert (pose.camera, pose.measured) == (None, None)


@pytest.mark.parametrize("wall_m", [0.5, 1.0, 7.0])
def test_a_surface_where_nobody_has_that_size_is_not_the_person(wall_m: float) -> None:
    scene = seen("alone")  # 3 m away
    wall = DepthImage(np.full_like(scene.view.depth_m, wall_m), CAMERA, 1.0)
    assert placed(scene.result, wall).poses[0].camera is None


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_depths_are_not_a_person(seed: int) -> None:
    scene, generator = seen("alone"), np.random.default_rng(seed)
    of_device = replace(device_depths("alone"), depths_m=generator.uniform(0.1, 10, 33))
    values = generator.uniform(0.1, 10, scene.view.depth_m.shape)
    for depth in (DepthImage(values, CAMERA, 1.0), of_device):
        pose = placed(scene.result, depth).poses[0]
        assert (pose.camera, pose.measured) == (None, None)


def test_something_in_front_of_the_hips_does_not_change_the_position() -> None:
    scene = seen("alone")
    column, row = (int(v) for v in scene.result.poses[0].landmarks[HIPS, :2].mean(axis=0))
    values = scene.view.depth_m.copy()
    values[row - 25 : row + 25, column - 40 : column + 40] = 1.5
    found = measured(placed(scene.result, DepthImage(values, CAMERA, 1.0)))
    np.testing.assert_allclose(found.xyz_m, scene.joints[0, HIPS].mean(axis=0), atol=0.03)
    assert found.surface_xyz_m is not None
    assert found.surface_xyz_m[2] == pytest.approx(1.5)


def test_a_frame_without_depth_is_returned_as_it_is() -> None:
    result = seen("alone").result
    assert placed(result, None) is result


def test_nobody_in_view_is_no_error() -> None:
    empty = replace(seen("alone").result, poses=())
    assert placed(empty, seen("alone").depth).poses == ()


def test_landmarks_that_are_not_finite_have_no_position() -> None:
    scene = seen("alone")
    landmarks = scene.result.poses[0].landmarks.copy()
    landmarks[15] = np.nan
    result = placed(at(scene.result, 0, landmarks=landmarks), scene.depth)
    camera = result.poses[0].camera
    assert camera is not None
    assert np.isnan(camera[15]).all()
    assert np.isfinite(np.delete(camera, 15, axis=0)).all()


def test_hips_that_are_not_finite_are_no_reference() -> None:
    scene = seen("alone")
    world = scene.result.poses[0].world.copy()
    world[HIPS] = np.nan
    result = placed(at(scene.result, 0, world=world), scene.depth)
    assert result.poses[0].camera is not None
    assert result.poses[0].measured is None
    assert json.loads(json.dumps(result.to_dict(), allow_nan=False))


def test_hidden_landmarks_have_a_position() -> None:
    scene = seen("alone")
    visibility = scene.result.poses[0].visibility.copy()
    visibility[LEGS] = 0
    errors = scene.errors(placed(at(scene.result, 0, visibility=visibility), scene.depth))
    assert errors[LEGS].max() < 0.1


def test_a_pose_without_finite_landmarks_has_no_position() -> None:
    scene = seen("alone")
    nothing = np.full((33, 3), np.nan, np.float32)
    pose = placed(at(scene.result, 0, landmarks=nothing), scene.depth).poses[0]
    assert (pose.camera, pose.measured) == (None, None)


# --- depth images ---


def test_a_depth_image_of_another_size_and_unit_gives_the_same() -> None:
    scene = seen("alone")
    exact = placed(scene.result, scene.depth)
    half = scene.view.depth_m[::2, ::2] * 1000
    small = DepthImage(half.round().astype(np.uint16), CAMERA.scaled((WH[0] // 2, WH[1] // 2)))
    found = placed(scene.result, small)
    np.testing.assert_allclose(found.poses[0].camera, exact.poses[0].camera, atol=0.03)
    assert measured(found).zone_xyxy == measured(exact).zone_xyxy
    np.testing.assert_allclose(measured(found).xyz_m, measured(exact).xyz_m, atol=0.01)


def test_the_distortion_of_the_lens_is_removed() -> None:
    scene = seen("alone")
    pose = scene.result.poses[0]
    lens = replace(CAMERA, distortions=np.array([-0.2, 0.05, 0.0, 0.0]))
    rays = CAMERA.rays_from_image(pose.landmarks[:, :2])
    bent = np.concatenate([lens.image_from_rays(rays), pose.landmarks[:, 2:]], axis=1)
    row, column = np.mgrid[: WH[1], : WH[0]] + 0.5
    source = CAMERA.image_from_rays(lens.rays_from_image(np.stack([column, row], axis=-1)))
    x, y = np.clip(source.astype(int), 0, np.array(WH) - 1).transpose(2, 0, 1)
    depth = DepthImage(np.ascontiguousarray(scene.view.depth_m[y, x]), lens, 1.0)
    errors = scene.errors(placed(at(scene.result, 0, landmarks=bent), depth))
    assert np.median(errors) < 0.03


def test_the_camera_is_in_the_provenance() -> None:
    scene = seen("alone")
    small = DepthImage(scene.view.depth_m[::2, ::2], CAMERA.scaled((192, 108)), 1.0)
    provenance = placed(scene.result, small).provenance
    assert provenance is not None
    assert provenance.camera is not None
    assert provenance.camera["origin"] == "depth"
    assert provenance.camera["wh"] == list(WH)
    assert provenance.camera["focal_px"] == pytest.approx(CAMERA.focal_px)


def test_depths_of_the_landmarks_alone_are_enough() -> None:
    scene = seen("alone")
    result = placed(scene.result, device_depths("alone"))
    assert np.median(scene.errors(result)) < 0.03
    found = measured(result)
    assert (found.reference, found.zone_xyxy) == ("mid_hips", device_depths("alone").zone_xyxy)
    assert found.surface_xyz_m is not None
    assert found.surface_xyz_m[2] == pytest.approx(device_depths("alone").reference_m)


def test_depths_of_a_device_belong_to_the_first_person() -> None:
    scene = seen("two")
    first, second = placed(scene.result, device_depths("two")).poses
    assert first.camera is not None
    assert (second.camera, second.measured) == (None, None)


def test_a_device_that_measured_nothing_gives_no_position() -> None:
    depths = LandmarkDepths(depths_m=np.full(33, np.nan), camera=CAMERA)
    pose = placed(seen("alone").result, depths).poses[0]
    assert (pose.camera, pose.measured) == (None, None)


# --- the reference ---


def changed(pose: Pose, **values: object) -> Pose:
    return replace(pose, **values)  # type: ignore[arg-type]


def with_visibility(pose: Pose, **parts: float) -> Pose:
    visibility = pose.visibility.copy()
    for part, value in parts.items():
        visibility[[HIPS, [11, 12]][part == "shoulders"]] = value
    return changed(pose, visibility=visibility)


def test_the_reference_is_the_hips_or_else_the_shoulders_or_none() -> None:
    pose = seen("alone").result.poses[0]
    assert reference_of(pose, WH) == "mid_hips"
    assert reference_of(with_visibility(pose, hips=0.5), WH) == "mid_shoulders"
    assert reference_of(with_visibility(pose, hips=0.4, shoulders=0.4), WH) is None


def test_hips_outside_the_image_are_no_reference() -> None:
    pose = seen("alone").result.poses[0]
    landmarks = pose.landmarks.copy()
    landmarks[23, 1] = WH[1] + 1
    assert reference_of(changed(pose, landmarks=landmarks), WH) == "mid_shoulders"


def test_one_hip_may_be_hidden_by_the_body_but_not_by_something_else() -> None:
    side, front = seen("side").result.poses[0], seen("alone").result.poses[0]
    assert sorted(side.visibility[HIPS] > 0.5) == [False, True]
    assert reference_of(side, WH) == "mid_hips"
    for hip in HIPS:
        visibility = front.visibility.copy()
        visibility[hip] = 0.3
        level = front.world.copy()
        level[HIPS, 2] = 0
        hidden = changed(front, visibility=visibility, world=level)
        assert reference_of(hidden, WH) == "mid_shoulders"


def test_without_a_reference_the_joints_are_measured_all_the_same() -> None:
    scene = seen("alone")
    visibility = scene.result.poses[0].visibility.copy()
    visibility[[11, 12, *HIPS]] = 0.3
    result = placed(at(scene.result, 0, visibility=visibility), scene.depth)
    assert result.poses[0].measured is None
    assert np.median(scene.errors(result)) < 0.05


@pytest.mark.parametrize(("side", "half"), [(100.0, 4), (449.0, 4), (450.0, 5), (905.0, 10)])
def test_the_zone_is_as_large_as_that_of_depthai_blazepose(side: float, half: int) -> None:
    pose = seen("alone").result.poses[0]
    assert zone_half_px(changed(pose, roi=replace(pose.roi, wh=(side, side)))) == half


def test_the_zone_is_clipped_to_the_image() -> None:
    assert zone_of(np.array([2.7, 215.9]), 4, WH) == (0, 211, 6, 215)
    assert zone_of(np.array([200.0, 100.0]), 5, WH) == (195, 95, 205, 105)


def test_the_position_is_that_of_the_reference_in_camera_space() -> None:
    scene = seen("alone")
    result = placed(scene.result, scene.depth)
    pose = result.poses[0]
    assert pose.camera is not None
    assert pose.xyz_ref == "mid_hips"
    np.testing.assert_allclose(pose.camera_xyz, pose.camera[HIPS].mean(axis=0), atol=1e-5)
    shoulders = with_visibility(pose, hips=0.2)
    found = placed(replace(scene.result, poses=(shoulders,)), scene.depth).poses[0]
    assert found.camera is not None
    assert found.xyz_ref == "mid_shoulders"
    np.testing.assert_allclose(found.camera_xyz, found.camera[[11, 12]].mean(axis=0), atol=1e-5)


# --- over time ---


def moved(depth: DepthImage, by_m: float) -> DepthImage:
    return DepthImage(depth.values + np.float32(by_m), depth.camera, depth.unit_m)


def test_the_surface_is_low_pass_filtered_with_a_quarter_of_each_new_value() -> None:
    scene, placer = seen("alone"), DepthPlacer()
    surfaces = []
    for k, by_m in enumerate((0.0, 0.1, 0.1)):
        result = placer.update(at(scene.result, k * FRAME_US), moved(scene.depth, by_m))
        surfaces.append(np.array(measured(result).surface_xyz_m))
    steps = np.diff(surfaces, axis=0)[:, 2]
    np.testing.assert_allclose(steps, [0.025, 0.025 * 0.75], atol=1e-5)


@pytest.mark.parametrize("event", ["lost", "no depth", "another person", "a gap", "reset"])
def test_the_filters_start_anew(event: str) -> None:
    scene, placer = seen("alone"), DepthPlacer()
    placer.update(scene.result, scene.depth)
    time_us, number = 2 * FRAME_US, 0
    if event == "lost":
        placer.update(replace(scene.result, timestamp_us=FRAME_US, poses=()), scene.depth)
    elif event == "no depth":
        placer.update(at(scene.result, FRAME_US), None)
    elif event == "another person":
        number = 7
    elif event == "a gap":
        time_us = 500_000
    else:
        placer.reset()
    far = moved(scene.depth, 0.2)
    later = at(scene.result, time_us, id=number)
    assert placer.update(later, far) == DepthPlacer().update(later, far)


def test_a_person_who_walks_at_a_steady_speed_is_not_lagged_behind() -> None:
    scene, placer = seen("alone"), DepthPlacer()
    pose = scene.result.poses[0]
    for k in range(25):
        by_m = 0.05 * k  # 1.25 m/s
        joints = scene.joints[0] + [0, 0, by_m]
        landmarks = np.concatenate([CAMERA.image_from_world(joints), pose.landmarks[:, 2:]], axis=1)
        result = at(scene.result, k * FRAME_US, landmarks=landmarks, visibility=np.ones(33))
        values = np.full(33, np.nan)
        values[:] = joints[:, 2] - 0.05
        depths = LandmarkDepths(depths_m=values, camera=CAMERA)
        found = placer.update(result, depths).poses[0].camera
        alone = placed(result, depths).poses[0].camera
        assert found is not None
        assert alone is not None
    assert found[HIPS, 2].mean() == pytest.approx(alone[HIPS, 2].mean(), abs=0.01)


def test_the_jitter_of_the_hips_is_reduced_by_40_percent() -> None:
    scene, placer = seen("alone"), DepthPlacer()
    generator = np.random.default_rng(3)
    raw, smooth = [], []
    for k in range(40):
        depth = moved(scene.depth, generator.normal() * 0.01)
        result = at(scene.result, k * FRAME_US)
        for found, into in ((placed(result, depth), raw), (placer.update(result, depth), smooth)):
            into.append(measured(found).xyz_m[2])
    assert np.std(np.diff(smooth)) < 0.6 * np.std(np.diff(raw))


def test_people_do_not_share_filters() -> None:
    scene, placer = seen("two"), DepthPlacer()
    placer.update(scene.result, scene.depth)
    later = at(scene.result, FRAME_US)
    later = replace(later, poses=tuple(replace(p, id=i) for i, p in enumerate(later.poses)))
    both = placer.update(later, moved(scene.depth, 0.1))
    for i in range(2):
        one = DepthPlacer()
        for time_us, depth in ((0, scene.depth), (FRAME_US, moved(scene.depth, 0.1))):
            pose = replace(scene.result.poses[i], id=i)
            result = replace(scene.result, timestamp_us=time_us, poses=(pose,))
            found = one.update(result, depth)
        assert found.poses[0] == both.poses[i]


def test_poses_without_an_id_are_not_filtered() -> None:
    scene, placer = seen("alone"), DepthPlacer()
    photo = at(scene.result, 0, id=None)
    placer.update(photo, moved(scene.depth, 0.2))
    assert placer.update(photo, scene.depth) == placed(photo, scene.depth)


# --- files ---


def test_the_measured_position_survives_json_and_pickle() -> None:
    scene = seen("alone")
    result = placed(scene.result, scene.depth)
    data = json.loads(json.dumps(result.to_dict()))
    assert PoseResult.from_dict(data) == result
    assert pickle.loads(pickle.dumps(result)) == result
    assert set(data["poses"][0]) >= {"camera_xyz", "xyz_ref", "xyz_zone", "camera"}


def test_poses_that_differ_in_the_measured_position_differ() -> None:
    pose = seen("alone").result.poses[0]
    one, other = (MeasuredPosition((0.0, 0.0, z), "mid_hips", (1, 2, 3, 4)) for z in (2.0, 2.1))
    assert changed(pose, measured=one) != changed(pose, measured=other)
    assert changed(pose, measured=one) == changed(pose, measured=one)


def test_a_file_without_the_measured_position_is_read() -> None:
    data = seen("alone").result.poses[0].to_dict()
    assert "camera_xyz" not in data
    assert Pose.from_dict(data).measured is None


def test_the_position_of_an_older_file_has_the_surface_at_the_same_place() -> None:
    pose = changed(
        seen("alone").result.poses[0],
        measured=MeasuredPosition((0.1, 0.2, 3.0), "mid_shoulders", (1, 2, 3, 4)),
    )
    data = pose.to_dict()
    del data["xyz_surface"]
    assert Pose.from_dict(data) == pose


def test_a_sequence_keeps_the_joints_but_not_the_reference() -> None:
    scene = seen("alone")
    result = placed(scene.result, scene.depth)
    (back,) = PoseSequence.from_results([result]).to_results()
    np.testing.assert_array_equal(back.poses[0].camera, result.poses[0].camera)
    assert back.poses[0].measured is None


# --- bad input ---


def test_depth_of_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match="values must be uint16 or float, got int32"):
        DepthImage(np.zeros(WH[::-1], np.int32), CAMERA)


def test_depth_of_another_size_than_its_camera_is_refused() -> None:
    with pytest.raises(ValueError, match="values must have the size of the camera"):
        DepthImage(np.zeros((10, 10), np.uint16), CAMERA)


def test_a_depth_image_is_not_copied_and_read_only() -> None:
    values = np.ones(WH[::-1], np.uint16)
    image = DepthImage(values, CAMERA)
    assert np.shares_memory(image.values, values)
    assert not image.values.flags.writeable


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("factor", [0.0, 1e-6, -1.0, 1e4, 1e30, np.inf])
@pytest.mark.parametrize("name", ["landmarks", "world"])
def test_absurd_landmarks_are_no_error(name: str, factor: float) -> None:
    scene = seen("alone")
    values = np.float32(factor) * getattr(scene.result.poses[0], name)
    placed(at(scene.result, 0, **{name: values}), scene.depth)
    placed(at(scene.result, 0, **{name: values}), device_depths("alone"))
    placed(at(scene.result, 0, **{name: np.full_like(values, factor)}), scene.depth)


@pytest.mark.parametrize("side", [1.0, 1e9])
def test_a_region_of_any_size_is_no_error(side: float) -> None:
    scene = seen("alone")
    roi = replace(scene.result.poses[0].roi, wh=(side, side))
    placed(at(scene.result, 0, roi=roi), scene.depth)


def test_a_frame_carries_depth() -> None:
    image = np.zeros((*WH[::-1], 3), np.uint8)
    frame = Frame(image, depth=seen("alone").depth)
    assert frame.depth == seen("alone").depth
    assert Camera.from_fov(WH) != frame.depth.camera
