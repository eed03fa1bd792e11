"""The tracker accepts depthai_blazepose's inputs and returns the poses of `PoseTracker`."""

from __future__ import annotations

import inspect
import logging
import re
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

import vitruvian as vt
from vitruvian.compat.depthai_blazepose import BlazeposeDepthai
from vitruvian.compat.depthai_blazepose.FPS import FPS
from vitruvian.compat.depthai_blazepose.inputs import ArraySource, input_type, open_input_src
from vitruvian.errors import ModelNotFoundError, SourceError

CLIP = Path(vt.__file__).parent / "data" / "demo.mp4"
N_FRAMES = 12


@pytest.fixture(scope="module")
def pictures() -> list[np.ndarray]:
    """Frames of a walking person, BGR."""
    with vt.open_input(CLIP) as source:
        return [cv2.cvtColor(frame.image, cv2.COLOR_RGB2BGR) for frame in islice(source, 70, 82)]


# --- invalid arguments, before any model is opened ---


@pytest.mark.parametrize("name", ["pose_landmark_heavy.xml", "pose_landmark_heavy.bin"])
def test_a_compiled_model_raises_an_error_with_the_model_to_use(name: str) -> None:
    with pytest.raises(ValueError, match=r"lm_model=.*compiled for OpenVINO: use 'heavy'"):
        BlazeposeDepthai(CLIP, lm_model=f"models/{name}")
    with pytest.raises(ValueError, match=r"pd_model=.*use None"):
        BlazeposeDepthai(CLIP, pd_model="models/pose_detection_sh4.xml")


def test_a_separate_detector_model_raises_an_error() -> None:
    with pytest.raises(ValueError, match=r"pd_model must be None, or the same \.task file"):
        BlazeposeDepthai(CLIP, pd_model="pose_detection.tflite", lm_model="lite")


def test_an_unknown_model_raises_an_error_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"\['lite', 'full', 'heavy'\].*'831'"):
        BlazeposeDepthai(CLIP, lm_model="831")
    with pytest.raises(ModelNotFoundError):
        BlazeposeDepthai(CLIP, lm_model="none.task")


def test_an_input_without_frames_raises_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        BlazeposeDepthai(str(tmp_path / "none.mp4"))
    with pytest.raises(ValueError, match="at least one frame"):
        BlazeposeDepthai([])


def test_internal_fps_must_be_positive(pictures: list[np.ndarray]) -> None:
    with pytest.raises(ValueError, match="internal_fps must be positive for arrays, got -5"):
        BlazeposeDepthai(pictures, internal_fps=-5)


@pytest.mark.parametrize("bad", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), "picture"])
def test_an_array_that_is_not_an_image_raises_an_error(bad: object) -> None:
    with pytest.raises((TypeError, ValueError), match="image 0 must be"):
        BlazeposeDepthai([bad])
    with pytest.raises(TypeError, match="got float"):
        BlazeposeDepthai(1.5)


def test_parameters_have_the_order_and_defaults_of_depthai_blazepose() -> None:
    parameters = inspect.signature(BlazeposeDepthai).parameters
    assert {name: p.default for name, p in parameters.items()} == {
        "input_src": "rgb",
        "pd_model": None,
        "pd_score_thresh": 0.5,
        "lm_model": None,
        "lm_score_thresh": 0.7,
        "xyz": False,
        "crop": False,
        "smoothing": True,
        "internal_fps": None,
        "resolution": "full",
        "internal_frame_height": 1080,
        "stats": False,
        "trace": False,
        "force_detection": False,
    }


# --- input types ---


def test_input_type_is_image_video_or_webcam(tmp_path: Path, pictures: list[np.ndarray]) -> None:
    photo = tmp_path / "photo.jpg"
    cv2.imwrite(str(photo), pictures[0])
    assert [input_type(what) for what in (0, "0", "/dev/video1")] == ["webcam"] * 3
    assert [input_type(what) for what in (str(photo), photo, pictures[0])] == ["image"] * 3
    videos = (CLIP, str(tmp_path), "rtsp://camera/0", pictures, np.stack(pictures))
    assert [input_type(what) for what in videos] == ["video"] * 5


def test_arrays_are_evenly_spaced_and_converted_to_rgb(pictures: list[np.ndarray]) -> None:
    with open_input_src(iter(pictures), fps=25) as source:
        assert isinstance(source, ArraySource)
        frames = list(source)
    assert [frame.timestamp_us for frame in frames[:3]] == [0, 40_000, 80_000]
    np.testing.assert_array_equal(frames[0].image, pictures[0][..., ::-1])


def test_a_missing_camera_and_a_bool_raise_an_error() -> None:
    for number in (9999, "9999", np.int64(9999)):
        with pytest.raises(SourceError, match="9999"):
            open_input_src(number, fps=25)
    with pytest.raises(TypeError, match="True"):
        open_input_src(True, fps=25)


# --- with the models ---


@pytest.mark.weights
def test_frames_and_bodies_equal_those_of_pose_tracker() -> None:
    tracker = BlazeposeDepthai(str(CLIP), lm_model="lite")
    native = vt.PoseTracker(
        "lite", profile="graph", presence_confidence=0.7, tracking_confidence=0.7
    )
    with native, vt.open_input(CLIP) as source:
        for frame in islice(source, 40):
            expected = native.update(frame).pose
            picture, body = tracker.next_frame()
            np.testing.assert_array_equal(picture[..., ::-1], frame.image)
            assert (body is None) == (expected is None)
            if body is not None:
                np.testing.assert_array_equal(body.pose.landmarks, expected.landmarks)
                np.testing.assert_array_equal(body.pose.world, expected.world)
    assert tracker.nb_lm_inferences > 0
    tracker.exit()


@pytest.mark.weights
def test_after_the_end_next_frame_returns_none_twice(pictures: list[np.ndarray]) -> None:
    tracker = BlazeposeDepthai(pictures, lm_model="lite")
    seen = [tracker.next_frame() for _ in pictures]
    assert all(frame is not None and body is not None for frame, body in seen)
    assert [tracker.next_frame() for _ in range(2)] == [(None, None)] * 2
    assert tracker.nb_frames == tracker.fps.nbf == N_FRAMES
    assert tracker.nb_frames_no_body == 0
    tracker.exit()


@pytest.mark.weights
def test_an_image_ends_after_one_frame(tmp_path: Path, pictures: list[np.ndarray]) -> None:
    cv2.imwrite(str(tmp_path / "photo.png"), pictures[0])
    tracker = BlazeposeDepthai(str(tmp_path / "photo.png"), lm_model="lite")
    assert (tracker.input_type, tracker.video_fps) == ("image", 25)
    frame, body = tracker.next_frame()
    np.testing.assert_array_equal(frame, pictures[0])
    assert body is not None
    assert tracker.next_frame() == (None, None)
    tracker.exit()


@pytest.mark.weights
def test_drawing_on_a_frame_does_not_change_the_input(pictures: list[np.ndarray]) -> None:
    before = pictures[0].copy()
    tracker = BlazeposeDepthai(pictures[0], lm_model="lite")
    frame, _ = tracker.next_frame()
    frame[:] = 0
    np.testing.assert_array_equal(pictures[0], before)
    tracker.exit()


@pytest.mark.weights
def test_crop_returns_the_centre_square_and_landmarks_in_it(pictures: list[np.ndarray]) -> None:
    height, width = pictures[0].shape[:2]
    side, left, top = min(width, height), max(width - height, 0) // 2, max(height - width, 0) // 2
    tracker = BlazeposeDepthai(pictures, lm_model="lite", crop=True)
    assert (tracker.img_w, tracker.img_h, tracker.frame_size) == (side, side, side)
    assert (tracker.crop_w, tracker.crop_h, tracker.pad_w, tracker.pad_h) == (left, top, 0, 0)
    whole = BlazeposeDepthai(pictures, lm_model="lite")
    for picture in pictures[:3]:
        frame, body = tracker.next_frame()
        _, body_of_whole = whole.next_frame()
        np.testing.assert_array_equal(frame, picture[top : top + side, left : left + side])
        if body is not None and body_of_whole is not None:
            apart = body.landmarks[:, :2] + (left, top) - body_of_whole.landmarks[:, :2]
            assert np.abs(apart[11:25]).max() < 25
    tracker.exit()
    whole.exit()


@pytest.mark.weights
def test_size_attributes_follow_the_frames(pictures: list[np.ndarray]) -> None:
    small = cv2.resize(pictures[0], (200, 300))
    tracker = BlazeposeDepthai([pictures[0], small], lm_model="lite", smoothing=False)
    for picture in (pictures[0], small):
        frame, _ = tracker.next_frame()
        assert frame.shape == picture.shape
        assert (tracker.img_h, tracker.img_w) == picture.shape[:2]
    assert (tracker.frame_size, tracker.pad_w, tracker.pad_h) == (300, 50, 0)
    tracker.exit()


@pytest.mark.weights
def test_forced_detection_has_a_detection_on_every_frame(pictures: list[np.ndarray]) -> None:
    tracker = BlazeposeDepthai(pictures, lm_model="lite", force_detection=True)
    bodies = [tracker.next_frame()[1] for _ in pictures]
    assert tracker.nb_pd_inferences == N_FRAMES
    assert all(body.pd_score > 0.5 and len(body.pd_kps) == 4 for body in bodies)
    tracker.exit()
    followed = BlazeposeDepthai(pictures, lm_model="lite")
    bodies = [followed.next_frame()[1] for _ in pictures]
    assert followed.nb_pd_inferences == 1
    assert [body.pd_score is None for body in bodies] == [False] + [True] * (N_FRAMES - 1)
    followed.exit()


@pytest.mark.weights
def test_depth_is_ignored_with_a_warning(
    pictures: list[np.ndarray], caplog: pytest.LogCaptureFixture
) -> None:
    tracker = BlazeposeDepthai(pictures, lm_model="lite", xyz=True)
    assert caplog.messages == ["xyz is ignored: arrays has no depth"]
    assert tracker.xyz is False
    _, body = tracker.next_frame()
    assert (body.xyz, body.xyz_ref) == (None, None)
    tracker.exit()


@pytest.mark.weights
def test_is_present_and_is_visible_apply_the_thresholds(pictures: list[np.ndarray]) -> None:
    tracker = BlazeposeDepthai(pictures, lm_model="lite")
    _, body = tracker.next_frame()
    assert tracker.is_present(body, 0)
    assert tracker.is_visible(body, 11)
    body.landmarks[11, 0] = -1
    assert not tracker.is_visible(body, 11)
    body.presence[0] = 0.5
    assert not tracker.is_present(body, 0)
    tracker.exit()


@pytest.mark.weights
def test_exit_prints_statistics_with_stats(
    pictures: list[np.ndarray], capsys: pytest.CaptureFixture[str]
) -> None:
    for stats in (False, True):
        tracker = BlazeposeDepthai(pictures, lm_model="lite", stats=stats)
        for _ in range(3):
            tracker.next_frame()
        assert capsys.readouterr().out == ""
        tracker.exit()
    told = capsys.readouterr().out
    assert re.search(r"^FPS : [\d.]+ f/s \(# frames = 3\)$", told, re.M)
    assert re.search(r"^# frames without body +: 0$", told, re.M)
    assert re.search(r"^# pose detection inferences : 1$", told, re.M)
    assert re.search(r"^# landmark inferences +: 3$", told, re.M)
    assert re.search(r"^Pose detection round trip +: [\d.]+ ms$", told, re.M)
    assert re.search(r"^Landmark round trip +: [\d.]+ ms$", told, re.M)


@pytest.mark.weights
def test_trace_logs_one_message_per_frame(
    pictures: list[np.ndarray], caplog: pytest.LogCaptureFixture
) -> None:
    tracker = BlazeposeDepthai(pictures, lm_model="lite", trace=True)
    tracker.next_frame()
    tracker.next_frame()
    assert [m.partition(":")[0] for m in caplog.messages] == [
        "frame 0 at 0 us",
        "frame 1 at 33333 us",
    ]
    assert {record.levelno for record in caplog.records} == {logging.WARNING}
    tracker.exit()


# --- FPS ---


def test_fps_is_0_before_the_second_frame() -> None:
    fps = FPS()
    assert (fps.get(), fps.get_global(), fps.nbf) == (0.0, 0.0, 0)
    fps.update()
    assert (fps.get(), fps.get_global(), fps.nbf) == (0.0, 0.0, 1)


def test_fps_is_the_moving_average(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0.0, 1.0, 2.0, 2.5, 3.0])
    monkeypatch.setattr("vitruvian.compat.depthai_blazepose.FPS.now", lambda: next(times))
    fps = FPS(mean_nb_frames=2)
    for _ in range(5):
        fps.update()
    assert fps.get() == pytest.approx(2.0)
    assert fps.get_global() == pytest.approx(4 / 3)


def test_fps_is_written_onto_the_image() -> None:
    picture = np.zeros((60, 300, 3), np.uint8)
    FPS().draw(picture, orig=(10, 40), size=1, color=(240, 180, 100))
    assert picture.any()


@pytest.mark.weights
@pytest.mark.testdata
def test_a_new_image_size_resets_the_track(testdata: Path) -> None:
    photos = [
        cv2.imread(str(testdata / "images" / f"{n}.jpg")) for n in ("standing_man", "warrior")
    ]
    alone = BlazeposeDepthai(photos[1:], lm_model="lite").next_frame()[1]
    tracker = BlazeposeDepthai(photos, lm_model="lite")
    _, after = tracker.next_frame(), tracker.next_frame()[1]
    assert np.abs(after.landmarks[:, :2] - alone.landmarks[:, :2]).max() <= 2
