"""Rendered images agree with their ground truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from vitruvian.core.frame import Frame
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.synthetic import Box, Camera, Clothes, Figure, Light, Person, Scene, View, motions

WH = (160, 160)
INNER = [i for i, name in enumerate(BLAZEPOSE.names) if name.split("_")[-1] in
         {"shoulder", "elbow", "wrist", "hip", "knee", "ankle"}]  # fmt: skip
POSES = {
    "stand": (motions.stand(), 0.0),
    "squat": (motions.squat(), 1.0),
    "jumping_jack": (motions.jumping_jack(), 0.45),
    "walk": (motions.walk(), 0.3),
    "semaphore": (motions.semaphore("L"), 0.9),
}
CAMERAS = {
    "front": Camera(),
    "side": Camera(position=(3.6, 1.3, 0.0)),
    "back": Camera(position=(0.3, 1.3, -3.6)),
    "above": Camera(position=(1.5, 3.2, 2.5), fov_deg=50),
    "rolled": Camera(position=(-2.0, 0.6, 3.0), roll_deg=25),
    "overhead": Camera(position=(0.0, 5.0, 0.0), target=(0.0, 0.0, 0.0)),
}


def view_of(pose: str = "stand", camera: str = "front", **options: object) -> View:
    motion, time_s = POSES[pose]
    return Scene([Person(motion=motion)], CAMERAS[camera], **options).render(time_s, WH)


@pytest.mark.parametrize("camera", CAMERAS)
@pytest.mark.parametrize("pose", POSES)
def test_visible_joints_are_inside_the_mask_and_below_the_surface(pose: str, camera: str) -> None:
    view = view_of(pose, camera)
    (person,) = view.people
    for i in INNER:
        x, y = np.rint(person.landmarks[i, :2]).astype(int)
        if not (0 <= x < WH[0] and 0 <= y < WH[1]):
            assert person.visibility[i] == 0
            continue
        name = BLAZEPOSE.names[i]
        assert person.mask[y, x], name
        below = person.camera[i, 2] - view.depth_m[y, x]
        assert below > -0.02, name
        if person.visibility[i]:
            assert below < 0.16, name


@pytest.mark.parametrize("camera", CAMERAS)
def test_pixels_match_the_projection_of_the_camera(camera: str) -> None:
    view = view_of("walk", camera)
    eye = view.camera
    rows, columns = np.nonzero(np.isfinite(view.depth_m))
    picked = np.random.default_rng(0).choice(rows.size, 200, replace=False)
    rows, columns = rows[picked], columns[picked]
    rays = eye.rays(WH)[rows, columns]
    depth = view.depth_m[rows, columns, None]
    scene = (rays / rays[:, 2:] * depth) @ eye.axes + eye.position
    expected = np.column_stack([columns, rows, depth])
    assert_allclose(eye.image_from_scene(scene, WH), expected, atol=1e-3)


def test_landmarks_world_and_camera_are_the_same_points() -> None:
    (person,) = view_of("jumping_jack", "rolled").people
    camera = CAMERAS["rolled"]
    assert_allclose(camera.camera_from_scene(person.scene), person.camera, atol=1e-5)
    hips = person.camera[[23, 24]].mean(axis=0)
    assert_allclose(person.world, person.camera - hips, atol=1e-5)
    image = camera.image_from_scene(person.scene, WH)
    assert_allclose(person.landmarks[:, :2], image[:, :2], atol=1e-3)
    scale = camera.focal_px(WH) / hips[2]
    assert_allclose(person.landmarks[:, 2], person.world[:, 2] * scale, atol=1e-3)


def test_a_mirrored_scene_gives_the_mirrored_image() -> None:
    left, right = (
        Scene(
            [Person(motion=motions.wave(hand=hand), position=(sign * 0.4, 0.0))],
            Camera(position=(sign * 1.0, 1.3, 3.6)),
            light=Light(direction=(0.0, 1.0, 0.5)),
            noise=0.0,
        ).render(0.3, WH)
        for hand, sign in (("left", 1.0), ("right", -1.0))
    )
    assert (left.ids != right.ids[:, ::-1]).mean() < 0.001
    mirrored = right.people[0].landmarks[list(BLAZEPOSE.mirrored)] * [-1, 1, 1]
    assert_allclose(left.people[0].landmarks, np.add(mirrored, [WH[0] - 1, 0, 0]), atol=1e-3)
    assert_array_equal(
        left.people[0].visibility, right.people[0].visibility[list(BLAZEPOSE.mirrored)]
    )


def test_surface_reaches_from_the_floor_to_the_height_of_the_figure() -> None:
    figure = Figure(height_m=1.80)
    view = Scene([Person(figure)]).render(0.0, (320, 320))
    rays = view.camera.rays((320, 320))[view.people[0].mask]
    depth = view.depth_m[view.people[0].mask]
    heights = (rays / rays[:, 2:] * depth[:, None] @ view.camera.axes)[:, 1] + 1.3
    assert_allclose(heights.max(), 1.80 * 1.012, atol=0.02)  # with shoes
    assert_allclose(heights.min(), 0.0, atol=0.02)


def test_same_scene_and_time_give_the_same_pixels() -> None:
    first, again = view_of("walk"), view_of("walk")
    assert_array_equal(first.image, again.image)
    assert_array_equal(first.depth_m, again.depth_m)
    assert (view_of("walk", seed=1).image != first.image).any()
    assert_array_equal(view_of("walk", seed=1).depth_m, first.depth_m)


def test_a_box_occludes_the_legs() -> None:
    wall = Box(center=(0.0, 0.4, 0.8), extent=(2.0, 0.8, 0.1))
    view = Scene([Person()], occluders=[wall]).render(0.0, WH)
    seen = dict(zip(BLAZEPOSE.names, view.people[0].visibility, strict=True))
    assert seen["left_ankle"] == seen["right_knee"] == seen["left_heel"] == 0
    assert seen["nose"] == seen["left_shoulder"] == seen["left_hip"] == 1
    assert view.people[0].mask.sum() < 0.8 * view_of().people[0].mask.sum()
    x, y = np.rint(view.people[0].landmarks[27, :2]).astype(int)
    assert_allclose(view.depth_m[y, x], 2.75, atol=0.4)


def test_outline_is_the_mask_without_occlusion() -> None:
    alone = view_of().people[0]
    wall = Box(center=(0.0, 0.4, 0.8), extent=(2.0, 0.8, 0.1))
    hidden = Scene([Person()], occluders=[wall]).render(0.0, WH).people[0]
    assert_array_equal(alone.outline, alone.mask)
    assert_array_equal(hidden.outline, alone.mask)
    assert alone.visible_fraction == 1
    assert_allclose(hidden.visible_fraction, hidden.mask.sum() / alone.mask.sum())


def test_a_person_at_the_image_edge_is_half_visible() -> None:
    camera = Camera(position=(0.0, 1.0, 4.0), target=(0.0, 1.0, 0.0), fov_deg=60)
    at_edge = 4.0 * math.tan(math.radians(30))
    (person,) = Scene([Person(position=(at_edge, 0.0))], camera).render(0.0, WH).people
    x0, y0, x1, y1 = person.box_xyxy
    assert x0 < WH[0] - 1 < x1
    assert_allclose([y0, y1], [person.landmarks[:, 1].min(), person.landmarks[:, 1].max()])
    assert_allclose(person.visible_fraction, 0.5, atol=0.05)
    assert (
        Scene([Person(position=(4.0, 0.0))], camera).render(0.0, WH).people[0].visible_fraction == 0
    )


def test_the_far_arm_is_occluded_in_a_side_view() -> None:
    seen = view_of(camera="side").people[0].visibility
    left, right = (BLAZEPOSE.index(f"{side}_shoulder") for side in ("left", "right"))
    assert seen[left] == 1
    assert seen[right] == 0


def test_the_face_is_occluded_from_behind() -> None:
    seen = view_of(camera="back").people[0].visibility
    assert not seen[[0, 2, 5, 9, 10]].any()
    assert seen[[11, 12, 23, 24]].all()


def crossing() -> Scene:
    return Scene([
        Person(Figure(), motions.walk(1.2), position=(-1.2, 0.3), heading_deg=90),
        Person(Figure(height_m=1.65, clothes=Clothes(shirt=(190, 60, 50))), motions.walk(1.2),
               position=(1.2, -0.4), heading_deg=-90),
    ], Camera(position=(0.0, 1.3, 4.5)))  # fmt: skip


def test_of_two_crossing_people_the_closer_occludes_the_farther() -> None:
    scene = crossing()
    before, between, after = (scene.render(t, WH) for t in (0.0, 1.0, 2.0))

    def middles(view: View) -> list[float]:
        return [float(person.landmarks[23:25, 0].mean()) for person in view.people]

    assert middles(before)[0] < WH[0] / 2 < middles(before)[1]
    assert middles(after)[1] < WH[0] / 2 < middles(after)[0]
    near, far = between.people
    assert near.visibility[[12, 24, 26]].all()  # the person's right side faces the camera
    assert far.visibility.mean() < 0.5
    assert not (near.mask & far.mask).any()
    assert near.mask.sum() > far.mask.sum()
    assert_array_equal(between.ids >= 0, near.mask | far.mask)


def test_a_person_who_leaves_and_returns_is_out_of_view_in_between() -> None:
    walker = Person(motion=motions.pace(1.5, distance_m=3.0, turn_s=1.0), heading_deg=90)
    scene = Scene([walker], Camera(position=(0.0, 1.3, 3.6)))
    pixels = [scene.render(t, (80, 80)).people[0].mask.sum() for t in (0.0, 3.0, 6.5)]
    assert pixels[1] == 0 < min(pixels[0], pixels[2])
    assert scene.render(3.0, (80, 80)).people[0].visibility.sum() == 0


def test_a_person_behind_the_camera_has_nan_landmarks() -> None:
    (person,) = Scene([Person(position=(0.0, 8.0))]).render(0.0, (40, 40)).people
    assert np.isnan(person.landmarks).all()
    assert not person.mask.any()
    assert person.visibility.sum() == 0
    assert person.visible_fraction == 0
    assert np.isfinite(person.world).all()


def test_an_empty_room_has_depth_everywhere_and_no_ids() -> None:
    view = Scene().render(0.0, (64, 48))
    assert view.image.shape == (48, 64, 3)
    assert np.isfinite(view.depth_m).all()
    assert (view.ids == -1).all()
    assert view.people == ()


def test_clothes_have_their_colours() -> None:
    clothes = Clothes(shirt=(200, 30, 30), trousers=(30, 160, 30), sleeves=2.0)
    view = Scene([Person(Figure(clothes=clothes))], noise=0.0).render(0.0, WH)
    (person,) = view.people
    chest = person.landmarks[[11, 12, 23, 24], :2].mean(axis=0)
    for (x, y), channel in (
        (chest, 0),
        (person.landmarks[25, :2], 1),
        (person.landmarks[13, :2], 0),
    ):
        pixel = view.image[round(float(y)), round(float(x))]
        assert np.argmax(pixel) == channel


def test_a_figure_casts_a_shadow_on_the_floor() -> None:
    with_person, without = (Scene(people, noise=0.0).render(0.0, WH) for people in ([Person()], []))
    floor = ~with_person.people[0].mask
    darker = without.image[floor].astype(int) - with_person.image[floor]
    assert (darker.max(axis=1) > 20).sum() > 50
    assert darker.min() >= -1


def test_more_samples_anti_alias_edges_without_a_shift() -> None:
    scene = Scene([Person()], noise=0.0)
    plain, smooth = (scene.render(0.0, (80, 80), samples=n) for n in (1, 3))
    assert (plain.ids != smooth.ids).sum() < 3
    assert_array_equal(plain.people[0].landmarks, smooth.people[0].landmarks)
    assert np.abs(plain.image.astype(int) - smooth.image).mean() < 4


def test_frames_have_a_constant_rate() -> None:
    pairs = list(crossing().frames(0.2, fps=20.0, wh=(48, 32)))
    assert [frame.timestamp_us for frame, _ in pairs] == [0, 50_000, 100_000, 150_000]
    assert [frame.index for frame, _ in pairs] == [0, 1, 2, 3]
    for frame, view in pairs:
        assert isinstance(frame, Frame)
        assert_array_equal(frame.image, view.image)


def test_truth_is_read_only() -> None:
    view = view_of()
    (person,) = view.people
    for array in (view.image, view.depth_m, view.ids, person.landmarks, person.world, person.mask):
        assert not array.flags.writeable


def test_roll_rotates_the_image_in_the_opposite_direction() -> None:
    camera = Camera(position=(0.0, 1.0, 4.0), target=(0.0, 1.0, 0.0), roll_deg=90.0)
    x, y, _ = camera.image_from_scene([0.0, 1.5, 0.0], WH)
    assert x < WH[0] / 2  # the camera is rolled to the right, so up is at its left
    assert_allclose(y, (WH[1] - 1) / 2)


def test_focal_length_covers_the_longer_side() -> None:
    camera = Camera(fov_deg=60)
    assert_allclose(camera.focal_px((640, 480)), 320 / math.tan(math.radians(30)))
    assert camera.focal_px((480, 640)) == camera.focal_px((640, 480))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Camera(position=(0, 1, 0), target=(0, 1, 0)),
        lambda: Camera(fov_deg=0),
        lambda: Box(center=(0, 0, 0), extent=(1, 0, 1)),
        lambda: Clothes(skin=(300, 0, 0)),
        lambda: Clothes(sleeves=3),
        lambda: Scene().render(0.0, (0, 10)),
        lambda: Scene().render(0.0, (10, 10), samples=0),
    ],
)
def test_invalid_scenes_raise_an_error(make: object) -> None:
    with pytest.raises(ValueError, match=r"must|got"):
        make()
