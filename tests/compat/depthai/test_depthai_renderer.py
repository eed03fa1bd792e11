"""The renderer draws like depthai_blazepose's, handles the same keys, and writes a video."""

from __future__ import annotations

import importlib
import math
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

import vitruvian as vt
from vitruvian.compat.depthai_blazepose import BlazeposeRenderer, Body
from vitruvian.compat.depthai_blazepose.body_view import Orbit, View3D
from vitruvian.compat.depthai_blazepose.FPS import FPS
from vitruvian.compat.depthai_blazepose.segments import SEGMENTS
from vitruvian.compat.depthai_blazepose.window import DOWN, ESCAPE, LEFT, NO_KEY, RIGHT, UP

CLIP = Path(vt.__file__).parent / "data" / "demo.mp4"
LINE, RIGHT_DOT, LEFT_DOT, NOSE_DOT = (255, 180, 90), (0, 255, 0), (0, 0, 255), (0, 255, 255)
RECT, ZONE, SCORE, FPS_COLOR = (0, 255, 255), (180, 0, 180), (255, 255, 0), (240, 180, 100)


class FakeScreen:
    """Records the images shown; returns the given keys in order."""

    def __init__(self, *keys: int | str) -> None:
        self.keys = [ord(key) if isinstance(key, str) else key for key in keys]
        self.shown: dict[str, np.ndarray] = {}
        self.delays: list[int] = []
        self.is_closed = False

    def show_bgr(self, title: str, image: np.ndarray) -> None:
        self.shown[title] = image.copy()

    def key(self, delay_ms: int = 1) -> int:
        self.delays.append(delay_ms)
        return self.keys.pop(0) if self.keys else NO_KEY

    def close(self) -> None:
        self.is_closed = True


class FakeTracker:
    """The attributes of a tracker that the renderer uses."""

    nb_kps = 33

    def __init__(self, *, xyz: bool = False, input_type: str = "video") -> None:
        self.img_w, self.img_h, self.video_fps = 640, 480, 25.0
        self.xyz, self.input_type = xyz, input_type
        self.fps, self.timestamp_us = FPS(), 0

    def is_present(self, body: Body, lm_id: int) -> bool:
        return bool(body.presence[lm_id] > 0.5)


def body() -> Any:
    """A body whose landmarks are spread over the frame, row by row."""
    made: Any = Body()
    i = np.arange(33)
    made.landmarks = np.stack([40 + 80 * (i % 7), 40 + 80 * (i // 7), 3 * i], axis=1)
    made.landmarks_world = made.landmarks / 500 - 0.5
    made.presence = np.ones(33)
    made.lm_score, made.rect_points = 0.876, [[5, 470], [5, 8], [630, 8], [630, 470]]
    return made


def renderer(*keys: int | str, show_3d: str | None = None, **options: Any) -> BlazeposeRenderer:
    made = BlazeposeRenderer(FakeTracker(**options), show_3d=show_3d)  # type: ignore[arg-type]
    made._screen = FakeScreen(*keys)
    return made


def black() -> np.ndarray:
    return np.zeros((480, 640, 3), np.uint8)


def has(picture: np.ndarray, color: tuple[int, int, int]) -> bool:
    return bool((picture == color).all(axis=2).any())


# --- the skeleton ---


def test_there_are_23_connections_symmetric_in_left_and_right() -> None:
    sides = [side for _, side in SEGMENTS]
    assert len({frozenset(pair) for pair, _ in SEGMENTS}) == 23
    assert [sides.count(side) for side in ("center", "left", "right")] == [5, 9, 9]
    assert ((24, 26), "right") in SEGMENTS
    assert ((23, 25), "left") in SEGMENTS


def test_dots_are_green_right_red_left_and_yellow_on_the_nose() -> None:
    seen, frame = body(), black()
    assert renderer().draw(frame, seen) is frame
    for i, color in ((0, NOSE_DOT), (12, RIGHT_DOT), (11, LEFT_DOT), (32, RIGHT_DOT)):
        x, y = seen.landmarks[i, :2]
        assert tuple(frame[y, x]) == color
    assert has(frame, LINE)


def test_landmarks_below_the_presence_threshold_are_not_drawn() -> None:
    seen = body()
    seen.presence[:] = 0.5
    np.testing.assert_array_equal(renderer().draw(black(), seen), black())
    seen.presence[[11, 13]] = 0.6
    frame = renderer().draw(black(), seen)
    assert has(frame, LINE)
    assert not has(frame, RIGHT_DOT)


def test_without_a_body_the_frame_is_unchanged() -> None:
    np.testing.assert_array_equal(renderer().draw(black(), None), black())


# --- the keys ---


@pytest.mark.parametrize(
    ("key", "name", "color", "at_first"),
    [
        ("l", "show_landmarks", LINE, True),
        ("r", "show_rot_rect", RECT, False),
        ("s", "show_score", SCORE, False),
    ],
)
def test_a_key_toggles_an_element(
    key: str, name: str, color: tuple[int, int, int], at_first: bool
) -> None:
    made = renderer(key, key)
    seen = body()
    seen.presence[0] = 0  # its dot has the colour of the rectangle
    for expected in (at_first, not at_first, at_first):
        assert getattr(made, name) is expected
        assert has(made.draw(black(), seen), color) is expected
        made.show_fps = False
        made.waitKey()


def test_key_f_toggles_the_fps_in_the_window() -> None:
    made = renderer("f", "f", "f")
    frames = [made.draw(black(), None) for _ in range(1)]
    made.waitKey()
    assert has(frames[0], FPS_COLOR)
    frame = made.draw(black(), None)
    made.waitKey()
    assert not frame.any()


def test_space_pauses_and_resumes() -> None:
    made = renderer(" ", NO_KEY, " ")
    first = made.draw(black(), None)
    assert made.waitKey() == 32
    assert made.draw(black(), body()) is first
    before = first.copy()
    made.waitKey()
    np.testing.assert_array_equal(first, before)
    made.waitKey()
    assert made.draw(black(), None) is not first


def test_a_pause_before_the_first_frame_shows_the_first_frame() -> None:
    made = renderer(" ")
    assert made.waitKey() == 32
    frame = black()
    assert made.draw(frame, None) is frame


def test_other_keys_are_returned() -> None:
    made = renderer("q", ESCAPE, "ä", LEFT)
    assert [made.waitKey() for _ in range(5)] == [ord("q"), 27, ord("ä"), LEFT, NO_KEY]


def test_wait_key_waits_without_limit_for_an_image_and_by_delay_for_a_video() -> None:
    for input_type, delay in (("video", 7), ("image", 0)):
        made = renderer(input_type=input_type)
        made.waitKey(7)
        assert made._screen.delays == [delay]  # type: ignore[union-attr]


# --- depth ---


def test_keys_x_and_z_work_only_with_depth() -> None:
    seen = body()
    seen.xyz, seen.xyz_ref = np.array([100.0, -200.0, 3000.0]), "mid_hips"
    seen.xyz_ref_coords_pixel, seen.xyz_zone = np.array([320.0, 200.0]), [310, 190, 330, 210]
    made = renderer("x", "z", xyz=True)
    made.show_fps = False
    frame = made.draw(black(), seen)
    assert (has(frame, (220, 220, 240)), has(frame, ZONE)) == (True, True)
    made.waitKey()
    made.waitKey()
    frame = made.draw(black(), seen)
    assert (has(frame, (220, 220, 240)), has(frame, ZONE)) == (False, False)
    without = renderer("x", "z")
    without.waitKey()
    without.waitKey()
    assert (without.show_xyz, without.show_xyz_zone) == (False, False)


# --- the 3D view ---


@pytest.mark.parametrize("mode", ["image", "world"])
def test_frame_3d_shows_the_body(mode: str) -> None:
    made = renderer(show_3d=mode)
    made.draw(black(), body())
    assert made.frame_3d is not None
    assert made.frame_3d.shape == (480, 640, 3)
    green = made.frame_3d[..., 1].astype(int) - made.frame_3d[..., 2]
    assert (green > 80).sum() > 100  # the right side; BGR
    assert (green < -80).sum() > 100  # the left
    made.waitKey()
    assert list(made._screen.shown) == ["Blazepose", "Blazepose 3D"]  # type: ignore[union-attr]


def test_without_a_body_the_3d_view_is_the_empty_scene() -> None:
    made = renderer(show_3d="world")
    made.draw(black(), None)
    green = made.frame_3d[..., 1].astype(int) - made.frame_3d[..., 2]
    assert np.abs(green).max() < 20


def test_mixed_without_depth_falls_back_to_world(caplog: pytest.LogCaptureFixture) -> None:
    assert renderer(show_3d="mixed").show_3d == "world"
    assert caplog.messages == ["show_3d='mixed' needs a tracker with xyz: using 'world'"]


def test_mixed_places_the_body_at_the_measured_position_with_y_up() -> None:
    view = View3D("mixed", FakeTracker(xyz=True))  # type: ignore[arg-type]
    seen = body()
    assert len(view._limbs(seen)) == 0
    seen.xyz, seen.xyz_ref = np.array([500.0, 250.0, 3000.0]), "mid_hips"
    (limb, *_) = view._limbs(seen)
    (a, _), _ = SEGMENTS[0]
    np.testing.assert_allclose(limb.start, seen.landmarks_world[a] + (0.5, -0.25, 3.0))
    seen.xyz_ref = "mid_shoulders"
    (limb, *_) = view._limbs(seen)
    middle = seen.landmarks_world[[11, 12]].mean(axis=0)
    np.testing.assert_allclose(limb.start, seen.landmarks_world[a] - middle + (0.5, -0.25, 3.0))


@pytest.mark.parametrize("wrong", ["worlds", True])
def test_an_unknown_view_raises_an_error(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"show_3d must be one of \['image', 'world', 'mixed'\]"):
        renderer(show_3d=wrong)


def test_show_3d_false_shows_no_view() -> None:
    assert BlazeposeRenderer(FakeTracker(), show_3d=False).show_3d is None  # type: ignore[arg-type]


# --- camera motion ---


def test_the_camera_oscillates_by_default() -> None:
    orbit = Orbit()
    azimuths = []
    for _ in range(1000):
        orbit.step()
        azimuths.append(orbit.azimuth)
    assert max(azimuths) == pytest.approx(0.6, abs=0.02)
    assert min(azimuths) == pytest.approx(-0.6, abs=0.02)


def test_a_rotation_continues_and_can_reverse() -> None:
    made = renderer("R", DOWN, DOWN, DOWN, show_3d="world")
    orbit = made.vis3d.orbit
    made.waitKey()
    for _ in range(2000):
        orbit.step()
    assert orbit.azimuth > 2 * math.pi
    for expected in (1, -1, -2):
        made.waitKey()
        assert orbit.speed == expected


def test_the_speed_of_an_oscillation_stays_positive() -> None:
    made = renderer(DOWN, DOWN, DOWN, UP, show_3d="world")
    speeds = []
    for _ in range(4):
        made.waitKey()
        speeds.append(made.vis3d.orbit.speed)
    assert speeds == [1, 1, 1, 2]


def test_s_stops_and_o_oscillates_around_the_current_position() -> None:
    made = renderer("R", "S", "O", show_3d="world")
    orbit = made.vis3d.orbit
    for move in ("rotate", None, "oscillate"):
        made.waitKey()
        assert orbit.move == move
        before = orbit.azimuth
        orbit.step()
        assert (orbit.azimuth == before) is (move is None)


def test_arrow_keys_stop_at_eight_views() -> None:
    made = renderer(RIGHT, RIGHT, LEFT, LEFT, LEFT, show_3d="world")
    turns = []
    for _ in range(5):
        made.waitKey()
        assert made.vis3d.orbit.move is None
        turns.append(round(math.degrees(made.vis3d.orbit.azimuth)))
    assert turns == [45, 90, 45, 0, 315]


def test_lower_case_letters_do_not_move_the_camera() -> None:
    made = renderer("r", "s", show_3d="world")
    made.waitKey()
    made.waitKey()
    assert made.vis3d.orbit.move == "oscillate"


# --- the video ---


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv", "out.mov"])
def test_frames_are_written_at_their_timestamps(tmp_path: Path, name: str) -> None:
    made = BlazeposeRenderer(FakeTracker(), output=tmp_path / name)  # type: ignore[arg-type]
    made._screen = FakeScreen()
    for i in range(4):
        made.tracker.timestamp_us = i * 50_000
        made.draw(np.full((481, 641, 3), 60 * i, np.uint8), None)
        made.waitKey()
        made.waitKey()  # the same frame again
    made.exit()
    with vt.open_input(tmp_path / name) as source:
        frames = list(source)
    assert [frame.timestamp_us for frame in frames] == [0, 50_000, 100_000, 150_000]
    assert [round(frame.image[300, 300].mean() / 60) for frame in frames] == [0, 1, 2, 3]


def test_a_video_of_a_program_that_never_calls_exit_is_complete(tmp_path: Path) -> None:
    made = BlazeposeRenderer(FakeTracker(), output=tmp_path / "out.mp4")  # type: ignore[arg-type]
    made._screen = FakeScreen()
    made.draw(np.zeros((240, 320, 3), np.uint8), None)
    made.waitKey()
    del made
    with vt.open_input(tmp_path / "out.mp4") as source:
        assert len(list(source)) == 1


def test_the_video_has_the_colours_of_the_bgr_frames(tmp_path: Path) -> None:
    made = BlazeposeRenderer(FakeTracker(), output=tmp_path / "out.mp4")  # type: ignore[arg-type]
    made._screen, made.show_fps = FakeScreen(), False
    made.draw(np.full((240, 320, 3), (30, 90, 200), np.uint8), None)
    made.waitKey()
    made.exit()
    with vt.open_input(tmp_path / "out.mp4") as source:
        (frame,) = source
    np.testing.assert_allclose(frame.image[120, 160], (200, 90, 30), atol=4)


@pytest.mark.parametrize(
    ("wh", "inside"),  # left, top, right, bottom of the frame in the video
    [
        ((640, 480), (0, 0, 320, 240)),
        ((160, 120), (0, 0, 320, 240)),
        ((300, 600), (100, 0, 220, 240)),
        ((100, 25), (0, 80, 320, 160)),
        ((1000, 1), (0, 119, 320, 120)),
    ],
)
def test_frames_of_another_size_are_letterboxed_in_the_video(
    tmp_path: Path, wh: tuple[int, int], inside: tuple[int, int, int, int]
) -> None:
    made = BlazeposeRenderer(FakeTracker(), output=tmp_path / "out.mp4")  # type: ignore[arg-type]
    made._screen, made.show_fps = FakeScreen(), False
    white = np.full((wh[1], wh[0], 3), 255, np.uint8)
    for i, picture in enumerate([np.zeros((240, 320, 3), np.uint8), white]):
        made.tracker.timestamp_us = i * 50_000
        made.draw(picture, None)
        made.waitKey()
    made.exit()
    assert made._screen is None
    expected = np.zeros((240, 320))
    left, top, right, bottom = inside
    expected[top:bottom, left:right] = 255
    with vt.open_input(tmp_path / "out.mp4") as source:
        first, second = (frame.image.mean(axis=2) for frame in source)
    assert first.max() < 8
    assert np.abs(second - expected).mean() < 4


def test_an_avi_is_written_as_mp4_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = BlazeposeRenderer(FakeTracker(), output=str(tmp_path / "out.avi"))  # type: ignore[arg-type]
    made._screen = FakeScreen()
    made.draw(black(), None)
    made.waitKey()
    made.exit()
    assert len(caplog.messages) == 1
    assert "out.avi is written as MP4" in caplog.messages[0]
    assert cv2.VideoCapture(str(tmp_path / "out.avi")).read()[0]


def test_exit_closes_the_windows() -> None:
    made = renderer()
    screen: Any = made._screen
    made.exit()
    made.exit()
    assert screen.is_closed


# --- programs written for depthai_blazepose ---


@pytest.mark.weights
def test_a_program_needs_only_changed_imports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    args = SimpleNamespace(
        edge=False, input=str(CLIP), pd_m=None, lm_m="lite", xyz=False, crop=False, f=None
    )
    if args.edge:
        from vitruvian.compat.depthai_blazepose.BlazeposeDepthaiEdge import BlazeposeDepthai
    else:
        from vitruvian.compat.depthai_blazepose.BlazeposeDepthai import BlazeposeDepthai
    from vitruvian.compat.depthai_blazepose.BlazeposeRenderer import BlazeposeRenderer
    from vitruvian.compat.depthai_blazepose.mediapipe_utils import KEYPOINT_DICT

    pose = BlazeposeDepthai(
        input_src=args.input,
        pd_model=args.pd_m,
        lm_model=args.lm_m,
        smoothing=True,
        xyz=args.xyz,
        crop=args.crop,
        internal_fps=args.f,
        internal_frame_height=640,
        force_detection=False,
        stats=True,
        trace=False,
    )
    screen = BlazeposeRenderer(pose, show_3d="mixed", output=str(tmp_path / "seen.mp4"))
    wrists = []
    n_frames = 0
    while True:
        frame, person = pose.next_frame()
        if frame is None:
            break
        frame = screen.draw(frame, person)
        if person:
            arm = (
                person.landmarks[KEYPOINT_DICT["right_elbow"], :2]
                - person.landmarks[KEYPOINT_DICT["right_shoulder"], :2]
            )
            wrists.append(math.degrees(math.atan2(arm[0], arm[1])))
            cv2.putText(frame, "arm", (50, 100), cv2.FONT_HERSHEY_PLAIN, 5, (0, 190, 255), 3)
        n_frames += 1
        if screen.waitKey(delay=1) in (27, ord("q")) or n_frames == 90:
            break
    screen.exit()
    pose.exit()
    assert n_frames == 90
    assert len(wrists) > 45
    assert "# landmark inferences" in capsys.readouterr().out
    with vt.open_input(tmp_path / "seen.mp4") as source:
        assert len(list(source)) == n_frames


def test_classes_and_modules_have_both_import_paths() -> None:
    home = "vitruvian.compat.depthai_blazepose"
    modules = {
        name: importlib.import_module(f"{home}.{name}")
        for name in ("BlazeposeDepthai", "BlazeposeDepthaiEdge", "BlazeposeRenderer", "FPS")
    }
    package = importlib.import_module(home)
    assert package.BlazeposeDepthai is modules["BlazeposeDepthai"].BlazeposeDepthai
    assert package.BlazeposeDepthai is not modules["BlazeposeDepthaiEdge"].BlazeposeDepthai
    assert package.BlazeposeRenderer is modules["BlazeposeRenderer"].BlazeposeRenderer
    assert package.mediapipe_utils.KEYPOINT_DICT is package.KEYPOINT_DICT


def test_the_import_loads_nothing_heavy() -> None:
    program = (
        "import sys; from vitruvian.compat.depthai_blazepose import BlazeposeDepthai; "
        "print({'av', 'cv2', 'depthai', 'openvino', 'scipy', 'tkinter'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
