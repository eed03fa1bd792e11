"""Overlays of a hand-made pose."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from PIL import Image

from vitruvian import BLAZEPOSE, Frame, Pose, PoseResult, Roi, Style, draw_poses
from vitruvian.draw.overlay import MASK_OPACITY
from vitruvian.draw.palette import COLOR_OF_SIDE, person_color

GRAY = 128
PERSON_ID = 7
COLOR = person_color(PERSON_ID)
WIDTH, HEIGHT = (
    1280,
    1080,
)  # lines are 4 px wide: no anti-aliasing in their middle

# The left half of a person who faces the camera, in body heights from the hips; the person's
# left is on the right of the image.
LEFT_HALF = {
    "nose": (0.0, -0.43),
    "left_eye_inner": (0.012, -0.445),
    "left_eye": (0.02, -0.447),
    "left_eye_outer": (0.03, -0.445),
    "left_ear": (0.045, -0.435),
    "mouth_left": (0.015, -0.41),
    "left_shoulder": (0.11, -0.32),
    "left_elbow": (0.17, -0.17),
    "left_wrist": (0.2, -0.02),
    "left_pinky": (0.205, 0.03),
    "left_index": (0.195, 0.035),
    "left_thumb": (0.18, 0.02),
    "left_hip": (0.06, 0.0),
    "left_knee": (0.07, 0.25),
    "left_ankle": (0.08, 0.47),
    "left_heel": (0.075, 0.49),
    "left_foot_index": (0.11, 0.51),
}
NOTHING = Style(**{f.name: False for f in fields(Style) if f.type == "bool"})


def standing_pose(width=WIDTH, height=HEIGHT, **changes):
    landmarks = np.zeros((33, 3))
    for i, (name, other) in enumerate(zip(BLAZEPOSE.names, BLAZEPOSE.mirrored, strict=True)):
        mirrored = name not in LEFT_HALF
        x, y = LEFT_HALF[BLAZEPOSE.names[other] if mirrored else name]
        landmarks[i, :2] = -x if mirrored else x, y
    landmarks[:, :2] = np.rint(landmarks[:, :2] * 0.8 * height + (width / 2, height / 2))
    ones = np.ones(33)
    pose = Pose(
        landmarks=landmarks,
        visibility=ones,
        presence=ones,
        world=landmarks,
        roi=Roi((width / 2, height / 2), (0.7 * height, 0.7 * height)),
        score=0.98,
        id=PERSON_ID,
    )
    return replace(pose, **changes)


def draw(pose, style, *, width=WIDTH, height=HEIGHT, fps=None):
    return draw_poses(gray(width, height), result_of(pose, width, height), style, fps=fps)


def result_of(pose, width=WIDTH, height=HEIGHT):
    return PoseResult(0, 0, width, height, (pose,))


def gray(width=WIDTH, height=HEIGHT):
    return np.full((height, width, 3), GRAY, np.uint8)


def pixel(image, point):
    x, y = np.rint(point).astype(int)
    return tuple(image[y, x].tolist())


def is_changed(image):
    return (image != GRAY).any(axis=2)


def is_color(image, color):
    return (image == color).all(axis=2)


def test_the_input_image_is_not_changed():
    image = gray()
    everything = Style(box=True, roi=True, score=True)
    drawn = draw_poses(image, result_of(standing_pose()), everything, fps=30.0)
    assert (image == GRAY).all()
    assert drawn.flags.writeable
    assert not np.shares_memory(drawn, image)
    assert drawn.shape == image.shape
    assert drawn.dtype == np.uint8


@pytest.mark.parametrize("side", ["left", "right", "center"])
def test_dots_have_the_colour_of_their_side(side):
    pose = standing_pose()
    drawn = draw(pose, replace(NOTHING, landmarks=True))
    for point, side_of_landmark in zip(pose.landmarks, BLAZEPOSE.sides, strict=True):
        if side_of_landmark == side:
            assert pixel(drawn, point[:2]) == COLOR_OF_SIDE[side]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("left_shoulder", "left_elbow"),
        ("left_shoulder", "left_hip"),
        ("right_elbow", "right_wrist"),
        ("right_knee", "right_ankle"),
        ("left_shoulder", "right_shoulder"),
    ],
)
def test_limbs_have_the_colour_of_the_person(one, other):
    pose = standing_pose()
    drawn = draw(pose, replace(NOTHING, skeleton=True))
    a, b = (np.array(pose[name][:2]) for name in (one, other))
    assert pixel(drawn, (a + b) / 2) == COLOR
    other_drawn = draw(replace(pose, id=PERSON_ID + 1), replace(NOTHING, skeleton=True))
    assert pixel(other_drawn, (a + b) / 2) == person_color(PERSON_ID + 1) != COLOR


def test_left_is_orange_and_on_the_right_of_the_image():
    drawn = draw(standing_pose(), replace(NOTHING, landmarks=True))
    rows, columns = np.nonzero(is_color(drawn, (255, 138, 0)))
    assert len(rows) > 100
    assert (columns > WIDTH / 2).all()


def with_hidden_wrist(**changes):
    visibility = np.ones(33)
    visibility[BLAZEPOSE.index("left_wrist")] = 0.49
    return standing_pose(visibility=visibility, **changes)


def forearm(pose, share):
    """Return the point at `share` of the way from the left elbow to the wrist."""
    elbow, wrist = (np.array(pose[name][:2]) for name in ("left_elbow", "left_wrist"))
    return elbow + share * (wrist - elbow)


def test_landmarks_below_min_visibility_are_drawn_as_hidden():
    pose = with_hidden_wrist()
    visible, hidden = draw(pose, Style(min_visibility=0.4)), draw(pose, Style())
    assert pixel(visible, forearm(pose, 1)) == COLOR_OF_SIDE["left"]
    assert pixel(hidden, forearm(pose, 1)) not in {COLOR_OF_SIDE["left"], (GRAY, GRAY, GRAY)}
    assert pixel(visible, forearm(pose, 0)) == pixel(hidden, forearm(pose, 0))


def test_hidden_limbs_are_dashed_thinner_and_translucent():
    pose = with_hidden_wrist()
    lines = replace(NOTHING, skeleton=True)
    visible = draw(pose, replace(lines, min_visibility=0.4))
    hidden = draw(pose, replace(lines, hidden=True))
    places = [forearm(pose, share) for share in np.linspace(0.1, 0.9, 60)]
    gaps = [pixel(hidden, place) == (GRAY, GRAY, GRAY) for place in places]
    assert 0.25 < np.mean(gaps) < 0.6
    assert np.abs(np.diff(gaps)).sum() >= 4  # more than one dash
    assert all(pixel(visible, place) == COLOR for place in places)
    assert COLOR not in {pixel(hidden, place) for place in places}
    area = [is_changed(image).sum() for image in (hidden, visible)]
    assert area[0] < area[1]


def test_hidden_limbs_keep_the_colour_of_the_person():
    pose = with_hidden_wrist()
    lines = replace(NOTHING, skeleton=True, hidden=True)
    drawn = draw(pose, lines)
    dash = np.array([pixel(drawn, forearm(pose, share)) for share in np.linspace(0.1, 0.9, 60)])
    nearest = dash[np.abs(dash - COLOR).sum(axis=1).argmin()]
    assert np.abs(nearest - COLOR).max() < 50
    assert np.abs(nearest - person_color(PERSON_ID + 1)).max() > 50


def test_hidden_landmarks_can_be_left_out():
    pose = with_hidden_wrist()
    drawn = draw(pose, Style(hidden=False))
    for share in (0.5, 1):
        assert pixel(drawn, forearm(pose, share)) == (GRAY, GRAY, GRAY)


def test_visible_limbs_are_drawn_over_hidden_ones():
    pose = standing_pose()
    landmarks = pose.landmarks.copy()
    landmarks[[11, 13, 15]] = landmarks[[12, 14, 16]]  # the left arm behind the right one
    visibility = np.ones(33)
    visibility[[11, 13, 15]] = 0.1
    pose = replace(pose, landmarks=landmarks, visibility=visibility)
    drawn = draw(pose, Style())
    elbow, wrist = (np.array(pose[name][:2]) for name in ("right_elbow", "right_wrist"))
    assert pixel(drawn, (elbow + wrist) / 2) == COLOR
    assert pixel(drawn, elbow) == COLOR_OF_SIDE["right"]


def test_a_limb_to_a_far_landmark_has_few_dashes():
    pose = with_hidden_wrist()
    landmarks = pose.landmarks.copy()
    landmarks[BLAZEPOSE.index("left_wrist"), 0] = 1e12
    assert is_changed(draw(replace(pose, landmarks=landmarks), Style())).any()


def test_an_empty_style_gives_the_unchanged_image():
    pose = standing_pose(mask=np.ones((HEIGHT, WIDTH), np.float32))
    assert not is_changed(draw(pose, NOTHING, fps=30.0)).any()


ELEMENTS = [f.name for f in fields(Style) if f.type == "bool" and f.name != "hidden"]


@pytest.mark.parametrize("name", ELEMENTS)
def test_each_style_option_draws_something_different(name):
    pose = standing_pose(mask=np.ones((HEIGHT, WIDTH), np.float32))
    drawn = draw(pose, replace(NOTHING, **{name: True}), fps=30.0)
    assert is_changed(drawn).any()


def test_an_empty_result_gives_the_unchanged_image():
    everything = Style(box=True, roi=True, score=True)
    drawn = draw_poses(gray(), PoseResult(0, 0, WIDTH, HEIGHT), everything)
    assert not is_changed(drawn).any()


def test_the_box_encloses_the_visible_landmarks():
    pose = standing_pose()
    drawn = draw(pose, replace(NOTHING, box=True))
    rows, columns = np.nonzero(is_color(drawn, COLOR))
    left, top, right, bottom = pose.box_xyxy
    np.testing.assert_allclose([columns.min(), rows.min()], [left, top], atol=4)
    np.testing.assert_allclose([columns.max(), rows.max()], [right, bottom], atol=4)


@pytest.mark.parametrize("rotation", [0.0, 0.5, np.pi / 2, -2.0])
def test_the_roi_is_rotated_and_its_upper_side_thick(rotation):
    roi = Roi((640.0, 540.0), (480.0, 480.0), rotation)
    drawn = draw(standing_pose(roi=roi), replace(NOTHING, roi=True))
    corners = roi.corners
    outward = (corners[0] - corners[3]) / np.linalg.norm(corners[0] - corners[3])
    top, bottom = (corners[0] + corners[1]) / 2, (corners[2] + corners[3]) / 2
    assert pixel(drawn, top) != (GRAY, GRAY, GRAY)
    assert pixel(drawn, bottom) != (GRAY, GRAY, GRAY)
    upper, lower = (
        sum(pixel(drawn, middle + side * d * outward) != (GRAY, GRAY, GRAY) for d in range(6))
        for middle, side in ((top, 1), (bottom, -1))
    )
    assert upper > lower
    assert pixel(drawn, top + 12.0 * outward) == (GRAY, GRAY, GRAY)


def test_the_mask_tints_only_the_person():
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    mask[50:800, 100:600] = 0.9
    mask[10, 10] = 0.4
    drawn = draw(standing_pose(mask=mask), replace(NOTHING, mask=True))
    np.testing.assert_array_equal(is_changed(drawn), mask > 0.5)
    tint = GRAY + (np.array(COLOR) - GRAY) * MASK_OPACITY / 255
    np.testing.assert_allclose(drawn[300, 300], tint, atol=1)
    assert (drawn[mask > 0.5] == drawn[300, 300]).all()


def test_an_empty_mask_tints_nothing():
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    assert not is_changed(draw(standing_pose(mask=mask), replace(NOTHING, mask=True))).any()


def test_fps_is_written_in_the_upper_left_corner():
    drawn = draw(standing_pose(), replace(NOTHING, fps=True), fps=29.97)
    rows, columns = np.nonzero(is_changed(drawn))
    assert rows.max() < HEIGHT / 10
    assert columns.max() < WIDTH / 3
    assert not is_changed(draw(standing_pose(), replace(NOTHING, fps=True))).any()


def test_id_and_score_are_written_above_the_box():
    pose = standing_pose()
    drawn = draw(pose, replace(NOTHING, score=True))
    rows, _ = np.nonzero(is_changed(drawn))
    assert rows.max() < pose["nose"].y
    unnamed = draw(replace(pose, id=None), replace(NOTHING, score=True))
    assert 0 < is_changed(unnamed).sum() < is_changed(drawn).sum()


def test_the_score_of_a_person_out_of_view_is_moved_into_the_image():
    inside = is_changed(draw(standing_pose(), replace(NOTHING, score=True))).sum()
    moved = standing_pose().landmarks + np.array([WIDTH, -HEIGHT, 0])
    drawn = draw(standing_pose(landmarks=moved), replace(NOTHING, score=True))
    assert is_changed(drawn).sum() > 0.9 * inside


def test_line_width_scales_with_the_image():
    thickness = []
    for side in (540, 1080, 2160):
        pose = standing_pose(side, side)
        drawn = draw(pose, replace(NOTHING, skeleton=True), width=side, height=side)
        around_the_shoulders = slice(side // 5, side * 2 // 5)
        thickness.append(is_changed(drawn)[around_the_shoulders, side // 2].sum())
    assert thickness[0] < thickness[1] < thickness[2]


@pytest.mark.parametrize(("width", "height"), [(1, 1), (20_000, 50), (50, 3000)])
def test_images_of_any_shape_can_be_drawn_on(width, height):
    pose = standing_pose(width, height, mask=np.ones((height, width), np.float32))
    everything = Style(box=True, roi=True, score=True)
    assert draw(pose, everything, width=width, height=height, fps=1e6).shape == (height, width, 3)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
def test_nan_and_infinite_landmarks_do_not_affect_the_others(value):
    landmarks = standing_pose().landmarks.copy()
    landmarks[BLAZEPOSE.index("left_foot_index")] = value
    pose = standing_pose(landmarks=landmarks)
    drawn = draw(pose, Style(box=True, roi=True, score=True))
    a, b = (np.array(pose[name][:2]) for name in ("right_hip", "right_knee"))
    assert pixel(drawn, (a + b) / 2) == COLOR


def test_several_people_are_drawn():
    landmarks, aside = standing_pose().landmarks, np.array([WIDTH // 4, 0, 0])
    left, right = (standing_pose(landmarks=landmarks + shift) for shift in (-aside, aside))
    result = PoseResult(0, 0, WIDTH, HEIGHT, (left, right))
    drawn = draw_poses(gray(), result)
    for pose in (left, right):
        assert pixel(drawn, pose.landmarks[13, :2]) != (GRAY, GRAY, GRAY)


def test_an_image_of_another_size_raises_an_error():
    with pytest.raises(
        ValueError, match="image must have the size of the result, 1280x1080 px, got 1080x1280"
    ):
        draw_poses(gray(HEIGHT, WIDTH), result_of(standing_pose()))


def test_a_frame_and_a_file_give_the_same_drawing_as_an_array(tmp_path):
    Image.fromarray(gray()).save(tmp_path / "a.png")
    expected = draw_poses(gray(), result_of(standing_pose()))
    for image in (Frame(gray()), tmp_path / "a.png", (gray() / 255).transpose(2, 0, 1)):
        np.testing.assert_array_equal(draw_poses(image, result_of(standing_pose())), expected)


def test_an_image_of_another_type_raises_an_error():
    with pytest.raises(TypeError, match="uint8"):
        draw_poses(gray().astype(np.int32), result_of(standing_pose()))
    with pytest.raises(ValueError, match=r"\(H, W, 3\)"):
        draw_poses(gray()[0, 0], result_of(standing_pose()))


def test_notes_are_drawn_beside_the_head_without_and_with_the_score() -> None:
    result = result_of(standing_pose())
    noted = replace(result, notes=("squat 3",))
    plain = draw_poses(gray(), result, NOTHING)
    note = draw_poses(gray(), noted, NOTHING)
    assert (plain == GRAY).all()
    rows, columns = np.nonzero((note != GRAY).any(axis=2))
    nose = result.pose.landmarks[0]
    assert rows.max() < nose[1]
    assert abs(columns.mean() - nose[0]) < 20
    both = draw_poses(gray(), noted, replace(NOTHING, score=True))
    assert np.ptp(np.nonzero((both != GRAY).any(axis=2))[1]) > np.ptp(columns)


def test_people_without_a_note_have_no_label() -> None:
    result = replace(result_of(standing_pose()), notes=("",))
    assert (draw_poses(gray(), result, NOTHING) == GRAY).all()
    assert (draw_poses(gray(), replace(result, notes=()), NOTHING) == GRAY).all()
