"""Host and Edge mode drive an OAK camera: a virtual one, whose scene and depth are known."""

from __future__ import annotations

import inspect
import logging
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.oak.crafted import crafted_blob, crafted_network

import vitruvian as vt
from vitruvian.compat.depthai_blazepose import BlazeposeDepthai as HostTracker
from vitruvian.compat.depthai_blazepose import BlazeposeRenderer, edge, host, mediapipe_utils
from vitruvian.compat.depthai_blazepose.BlazeposeDepthaiEdge import (
    BlazeposeDepthai as EdgeTracker,
)
from vitruvian.compat.depthai_blazepose.networks import DEVICE_VARIABLE, device_model
from vitruvian.core.camera import Camera
from vitruvian.core.depth import DepthImage
from vitruvian.core.frame import Frame
from vitruvian.errors import DeviceError, ModelIntegrityError, ModelNotFoundError
from vitruvian.media.source import Source
from vitruvian.oak import opening
from vitruvian.oak.options import OakOptions
from vitruvian.oak.sizes import nearest_size
from vitruvian.oak.virtual import Faults, VirtualOak
from vitruvian.synthetic import Camera as SceneCamera
from vitruvian.synthetic import Figure, Person, Scene, motions

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from vitruvian.engine.options import TrackerOptions

TRACKERS = {"host": HostTracker, "edge": EdgeTracker}
both_modes = pytest.mark.parametrize("mode", TRACKERS)
HEIGHT = 270  # px of the frames: 480x270
N_FRAMES = 8
N_TRACKED = 6
HIPS = [23, 24]


# --- what is asked of the camera ---


class FakeCamera(Source):
    """An `OakCamera` without frames that records how it was opened."""

    max_fps = 60.0  # of its sensor

    def __init__(self, options: OakOptions, tracker: TrackerOptions) -> None:
        super().__init__("OAK fake")
        self.options, self.tracker = options, tracker
        self.model, self.is_live = "lite", True
        self.fps = min(options.fps_for(str(tracker.model)), self.max_fps)

    def _read(self) -> Generator[Frame, None, None]:
        yield from ()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[FakeCamera]:
    """The cameras that trackers open."""
    cameras: list[FakeCamera] = []

    def open_oak(options: OakOptions, tracker: TrackerOptions, *, live: bool) -> FakeCamera:
        assert live  # a lost camera is opened again
        cameras.append(FakeCamera(options, tracker))
        return cameras[-1]

    monkeypatch.setattr(opening, "open_oak", open_oak)
    monkeypatch.delenv(DEVICE_VARIABLE, raising=False)
    return cameras


def test_edge_mode_has_the_parameters_of_depthai_blazepose_in_their_order() -> None:
    parameters = inspect.signature(EdgeTracker).parameters
    assert list({name: p.default for name, p in parameters.items()}.items()) == [
        ("input_src", "rgb"),
        ("pd_model", None),
        ("pd_score_thresh", 0.5),
        ("pp_model", None),
        ("lm_model", None),
        ("lm_score_thresh", 0.7),
        ("xyz", False),
        ("crop", False),
        ("smoothing", True),
        ("filter_window_size", 5),
        ("filter_velocity_scale", 10),
        ("stats", False),
        ("internal_fps", None),
        ("internal_frame_height", 1080),
        ("trace", False),
        ("force_detection", False),
    ]


@pytest.mark.weights
@both_modes
@pytest.mark.parametrize("source", ["rgb", None, "rgb_laconic"])
def test_the_camera_is_the_default_input(
    opened: list[FakeCamera], mode: str, source: str | None
) -> None:
    tracker = TRACKERS[mode](source)
    assert tracker.input_type == "rgb"
    options = opened[0].options
    assert (options.mode, options.device, options.xyz) == (mode, None, False)
    assert options.laconic is tracker.laconic is (mode == "edge" and source == "rgb_laconic")
    assert tracker.next_frame() == (None, None)
    tracker.exit()


@pytest.mark.weights
@pytest.mark.parametrize(
    ("mode", "model", "fps", "fps_with_depth"),
    [
        ("edge", None, 20, 18),
        ("edge", "full", 20, 18),
        ("edge", "lite", 26, 22),
        ("edge", "heavy", 8, 7),
        ("host", None, 10, 10),
        ("host", "full", 10, 10),
        ("host", "lite", 13, 13),
        ("host", "heavy", 8, 8),
    ],
)
def test_the_default_fps_depend_on_mode_model_and_depth(
    opened: list[FakeCamera], mode: str, model: str | None, fps: float, fps_with_depth: float
) -> None:
    for xyz, expected in ((False, fps), (True, fps_with_depth)):
        tracker = TRACKERS[mode](lm_model=model, xyz=xyz)
        assert tracker.internal_fps == tracker.video_fps == expected
        assert opened[-1].options.fps_for(str(opened[-1].tracker.model)) == expected
        tracker.exit()


@pytest.mark.weights
def test_the_video_has_the_rate_that_the_sensor_reaches(
    opened: list[FakeCamera], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeCamera, "max_fps", 42.0)
    tracker = HostTracker(internal_fps=60)
    assert [camera.options.fps for camera in opened] == [60]
    assert tracker.internal_fps == tracker.video_fps == 42
    tracker.exit()


@pytest.mark.weights
def test_every_parameter_reaches_the_camera_or_the_tracker(opened: list[FakeCamera]) -> None:
    common: dict[str, Any] = {
        "pd_score_thresh": 0.6,
        "lm_model": "heavy",
        "lm_score_thresh": 0.8,
        "xyz": True,
        "crop": True,
        "smoothing": False,
        "internal_fps": 15,
        "internal_frame_height": 640,
        "trace": True,
        "force_detection": True,
    }
    HostTracker(**common, resolution="ultra").exit()
    EdgeTracker(**common, filter_window_size=3, filter_velocity_scale=4).exit()
    for camera in opened:
        options, tracker = camera.options, camera.tracker
        assert (options.xyz, options.crop, options.fps, options.frame_height) == (
            *(True, True),
            *(15, 640),
        )
        assert (tracker.model, tracker.detection_confidence, tracker.smoothing) == ("heavy", 0.6, 0)
        assert (tracker.presence_confidence, tracker.tracking_confidence) == (0.8, 0.8)
        assert tracker.force_detection
    assert [camera.options.resolution for camera in opened] == ["ultra", "full"]
    assert [camera.options.trace for camera in opened] == [False, True]


@pytest.mark.weights
@pytest.mark.parametrize("device", ["14442C10D13EABCE00", "192.168.1.44", "virtual:walk.mp4"])
@both_modes
def test_the_environment_chooses_the_device(
    opened: list[FakeCamera], monkeypatch: pytest.MonkeyPatch, mode: str, device: str
) -> None:
    monkeypatch.setenv(DEVICE_VARIABLE, device)
    TRACKERS[mode]().exit()
    assert opened[0].options.device == device


@pytest.mark.weights
@both_modes
@pytest.mark.parametrize(
    ("height", "crop", "expected"),  # img_w, img_h, frame_size, pad_w, pad_h, crop_w
    [
        (1080, False, (1792, 1008, 1792, 0, 392, 0)),
        (640, False, (1152, 648, 1152, 0, 252, 0)),
        (450, False, (800, 450, 800, 0, 175, 0)),
        (640, True, (640, 640, 640, 0, 0, 249)),
    ],
)
def test_the_sizes_are_those_of_depthai_blazepose(
    opened: list[FakeCamera], mode: str, height: int, crop: bool, expected: tuple[int, ...]
) -> None:
    tracker = TRACKERS[mode](internal_frame_height=height, crop=crop)
    names = ("img_w", "img_h", "frame_size", "pad_w", "pad_h", "crop_w")
    assert tuple(getattr(tracker, name) for name in names) == expected
    tracker.exit()


@pytest.mark.parametrize("source", ["walk.mp4", 0, np.zeros((4, 4, 3), np.uint8)])
def test_files_are_an_error_in_edge_mode(source: object) -> None:
    with pytest.raises(ValueError, match=r"input_src must be 'rgb' or 'rgb_laconic' in Edge mode"):
        EdgeTracker(source)


@both_modes
def test_a_wrong_setting_is_an_error_before_the_camera_is_opened(
    opened: list[FakeCamera], mode: str
) -> None:
    for wrong in ({"lm_model": "831"}, {"lm_model": "pose.tflite"}, {"pd_model": "pose.task"}):
        with pytest.raises(ValueError, match=r"_model must be .* for an OAK, got .*oak compile"):
            TRACKERS[mode](**wrong)
    with pytest.raises(ValueError, match="fps must be positive, got -3"):
        TRACKERS[mode](internal_fps=-3)
    with pytest.raises(ModelNotFoundError, match=r"lm_model='none\.blob' does not exist in"):
        TRACKERS[mode](lm_model="none.blob")
    assert opened == []


def test_the_resolution_must_be_full_or_ultra(opened: list[FakeCamera]) -> None:
    with pytest.raises(ValueError, match=r"resolution must be one of .*, got '720p'"):
        HostTracker(resolution="720p")


def test_the_model_and_the_shaves_of_a_blob_are_found(tmp_path: Path) -> None:
    for stem, name in (("pose_landmark_lite_sh4", "lite"), ("my_heavy", "heavy"), ("x", "full")):
        landmarks, detector = tmp_path / f"{stem}.blob", tmp_path / "pd.blob"
        landmarks.write_bytes(crafted_network(name, shaves=6))
        detector.write_bytes(crafted_network("detector", shaves=6))
        model = device_model(detector, str(landmarks), detector)
        assert (model.name, model.shaves, model.landmark_blob) == (name, 6, landmarks)
        assert (model.detector_blob, model.candidate_blob) == (detector, detector)
    assert device_model(None, None).shaves == OakOptions().shaves


@pytest.mark.weights
@both_modes
def test_blobs_of_the_user_run_on_the_device(
    monkeypatch: pytest.MonkeyPatch, views: Views, tmp_path: Path, mode: str
) -> None:
    landmarks, detector = tmp_path / "lite.blob", tmp_path / "detector.blob"
    landmarks.write_bytes(crafted_network("lite", shaves=6))
    detector.write_bytes(crafted_network("detector", shaves=6))
    use(monkeypatch, views.camera())
    found = tracked(mode, lm_model=str(landmarks), pd_model=str(detector), n=2)
    assert all(body is not None for _, body in found)


@both_modes
def test_a_landmark_blob_of_depthai_blazepose_is_an_error_that_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mode: str
) -> None:
    floats = crafted_blob(
        [("input_1", (1, 3, 256, 256), "float16")],
        [("Identity", (1, 195), "float16"), ("Identity_1", (1, 1), "float16")],
    )
    path = tmp_path / "pose_landmark_full_sh4.blob"
    path.write_bytes(floats)
    use(monkeypatch, VirtualOak())
    with pytest.raises(ModelIntegrityError, match=r"float16 .*'vitruvian oak compile"):
        TRACKERS[mode](lm_model=str(path))


# --- a person whose position is known ---


def scene(distance_m: float = 3.0) -> Scene:
    """A person who squats, to the left of the middle and below it."""
    person = Person(Figure(height_m=1.7), motions.squat(1.5), position=(-0.3, 0.0))
    camera = SceneCamera((0.0, 1.3, distance_m), (0.0, 1.3, 0.0), fov_deg=68.8)
    return Scene([person], camera)


class Views:
    """Frames of the scene with their depth, and the true positions of the mid-hips, mm, y up."""

    def __init__(self, view: Scene, n: int) -> None:
        wh = nearest_size(HEIGHT).wh
        camera = Camera.from_fov(wh, view.camera.fov_deg)
        self.frames, self.xyz = [], []
        for i in range(n):
            seen = view.render(i / 20, wh)
            depth_mm = np.nan_to_num(1000 * seen.depth_m).astype(np.uint16)
            self.frames.append(Frame(seen.image, depth=DepthImage(depth_mm, camera)))
            x, y, z = 1000 * seen.people[0].camera[HIPS].mean(axis=0)
            self.xyz.append(np.array([x, -y, z]))

    def camera(self, **options: Any) -> VirtualOak:
        """Return a camera that sees the frames forwards and backwards."""
        return VirtualOak([*self.frames, *self.frames[::-1], *self.frames], **options)


@pytest.fixture(scope="module")
def views() -> Views:
    return Views(scene(), N_FRAMES)


def use(monkeypatch: pytest.MonkeyPatch, device: object) -> None:
    """Let trackers open this device."""
    monkeypatch.setattr(host, "device_name", lambda: device)
    monkeypatch.setattr(edge, "device_name", lambda: device)


def tracked(mode: str, *args: Any, n: int = N_TRACKED, **options: Any) -> list[tuple[Any, Any]]:
    """Return the first frames and bodies of a tracker."""
    tracker = TRACKERS[mode](
        *args, **{"lm_model": "lite", "internal_frame_height": HEIGHT} | options
    )
    found = [tracker.next_frame() for _ in range(n)]
    tracker.exit()
    return found


@pytest.mark.weights
@both_modes
def test_the_position_is_in_mm_with_y_up(
    monkeypatch: pytest.MonkeyPatch, views: Views, mode: str
) -> None:
    use(monkeypatch, views.camera())
    found = tracked(mode, xyz=True, smoothing=False)
    bodies = [body for _, body in found if body is not None]
    assert len(bodies) == N_TRACKED
    for body in bodies:
        assert body.xyz_ref == "mid_hips"
        apart = np.abs(views.xyz - body.xyz)  # the clothes are before the hips
        x, y, z = apart[np.linalg.norm(apart, axis=1).argmin()]
        assert (x < 60, y < 60, z < 200) == (True, True, True), apart
        assert body.xyz[1] < -100  # below the middle of the image
        left, top, right, bottom = body.xyz_zone
        middle = body.landmarks[HIPS, :2].mean(axis=0)
        assert left - 6 <= middle[0] <= right + 6
        assert top - 6 <= middle[1] <= bottom + 6
        np.testing.assert_allclose(
            body.xyz_ref_coords_pixel, [(left + right) / 2, (top + bottom) / 2]
        )


@pytest.mark.weights
@both_modes
def test_frames_are_those_of_the_camera_in_bgr(
    monkeypatch: pytest.MonkeyPatch, views: Views, mode: str
) -> None:
    use(monkeypatch, views.camera())
    found = tracked(mode)
    images = [frame.image[..., ::-1] for frame in views.frames]
    for picture, body in found:
        assert any(np.array_equal(image, picture) for image in images)
        assert (body.xyz, body.xyz_ref) == (None, None)


@pytest.mark.weights
def test_host_and_edge_mode_find_the_same_landmarks(
    monkeypatch: pytest.MonkeyPatch, views: Views
) -> None:
    use(monkeypatch, views.camera())
    by_mode = {}
    for mode in TRACKERS:
        found = tracked(mode, smoothing=False)
        by_mode[mode] = {picture.tobytes(): body for picture, body in found if body}
    common = set(by_mode["host"]) & set(by_mode["edge"])
    assert len(common) >= 3
    for picture in common:
        apart = by_mode["host"][picture].landmarks - by_mode["edge"][picture].landmarks
        assert np.median(np.linalg.norm(apart[:, :2], axis=1)) <= 2


@pytest.mark.weights
@both_modes
def test_depth_is_ignored_with_a_warning_without_stereo_cameras(
    monkeypatch: pytest.MonkeyPatch, views: Views, caplog: pytest.LogCaptureFixture, mode: str
) -> None:
    flat = [replace(frame, depth=None) for frame in views.frames]
    use(monkeypatch, VirtualOak(flat))
    tracker = TRACKERS[mode](lm_model="lite", internal_frame_height=HEIGHT, xyz=True)
    assert tracker.xyz is False
    assert tracker.internal_fps == (26 if mode == "edge" else 13)
    assert any("depth" in message for message in caplog.messages)
    _, body = tracker.next_frame()
    assert body is not None
    assert body.xyz is None
    tracker.exit()


@pytest.mark.weights
def test_laconic_frames_are_black_squares(monkeypatch: pytest.MonkeyPatch, views: Views) -> None:
    use(monkeypatch, views.camera())
    with_pictures = tracked("edge")
    laconic = tracked("edge", "rgb_laconic")
    for picture, body in laconic:
        assert picture.shape == (480, 480, 3)
        assert not picture.any()
        assert body.landmarks[0, 1] < HEIGHT / 2
    np.testing.assert_array_equal(laconic[0][1].landmarks, with_pictures[0][1].landmarks)
    for picture, _ in tracked("host", "rgb_laconic"):  # no effect
        assert picture.any()


@pytest.mark.weights
@both_modes
def test_crop_returns_the_middle_square(
    monkeypatch: pytest.MonkeyPatch, views: Views, mode: str
) -> None:
    use(monkeypatch, views.camera())
    whole = tracked(mode, smoothing=False, xyz=True)[0][1]
    picture, body = tracked(mode, smoothing=False, xyz=True, crop=True, internal_frame_height=288)[
        0
    ]
    assert picture.shape == (288, 288, 3)
    moved = whole.landmarks[:, :2] * (288 / 270) - ((512 - 288) / 2, 0)
    assert np.median(np.abs(body.landmarks[:, :2] - moved)) <= 4
    np.testing.assert_allclose(body.xyz, whole.xyz, atol=90)
    assert 0 <= body.xyz_zone[0] < body.xyz_zone[2] < 288


@pytest.mark.weights
def test_edge_statistics_count_what_ran_on_the_device(
    monkeypatch: pytest.MonkeyPatch, views: Views, capsys: pytest.CaptureFixture[str]
) -> None:
    blank = [np.full_like(views.frames[0].image, 90)] * 20
    use(monkeypatch, VirtualOak([*(f.image for f in views.frames), *blank]))
    for force in (False, True):
        found = tracked("edge", stats=True, force_detection=force, n=9 - 3 * force)
        n_seen = sum(body is not None for _, body in found)
        told = capsys.readouterr().out
        n_without, n_detector, n_landmarks, n_after_detection, n_after_roi = (
            int(re.findall(rf"# {name} *: (\d+)", told)[0])
            for name in (
                "frames without body",
                "pose detection inferences",
                "landmark inferences",
                "after pose detection",
                "after landmarks ROI prediction",
            )
        )
        n = len(found)
        assert re.search(rf"^FPS : [\d.]+ f/s \(# frames = {n}\)$", told, re.M)
        assert n_without == n - n_seen
        assert n_landmarks == n_after_detection + n_after_roi
        assert n_detector == n_after_detection + (n - n_landmarks)
        assert (n_after_roi == 0) is force


@pytest.mark.weights
def test_trace_logs_the_steps_of_the_device(
    monkeypatch: pytest.MonkeyPatch, views: Views, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "vitruvian")  # of a program that does not set up logging
    use(monkeypatch, views.camera())
    for trace in (False, True):
        caplog.clear()
        tracked("edge", trace=trace, n=3)
        has_steps = any("landmark score" in message for message in caplog.messages)
        has_frames = any(re.match(r"frame \d+ at \d+ us: Pose", m) for m in caplog.messages)
        assert (has_steps, has_frames) == (trace, trace)


@pytest.mark.weights
@both_modes
def test_a_lost_person_has_no_body_and_the_filter_of_the_position_starts_anew(
    monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    far, near = Views(scene(3.2), 3), Views(scene(2.2), 4)
    blank = replace(far.frames[0], image=np.full_like(far.frames[0].image, 90))
    use(monkeypatch, VirtualOak([*far.frames, *[blank] * 5, *near.frames * 3]))
    found = tracked(mode, xyz=True, smoothing=True, n=9)
    bodies = [body for _, body in found]
    lost = [i for i, body in enumerate(bodies) if body is None]
    assert lost
    before = [body.xyz[2] for body in bodies[: lost[0]]]
    after = [body.xyz[2] for body in bodies[lost[-1] + 1 :] if body is not None]
    assert 2800 < before[0] < 3300
    assert all(1800 < z < 2300 for z in after)
    assert after


@pytest.mark.weights
@both_modes
def test_a_lost_camera_is_opened_again(
    monkeypatch: pytest.MonkeyPatch, views: Views, mode: str
) -> None:
    monkeypatch.setattr("vitruvian.oak.link.FIRST_DELAY_S", 0.01)
    use(monkeypatch, views.camera(faults=Faults(vanishes_after=4)))
    tracker = TRACKERS[mode](lm_model="lite", internal_frame_height=HEIGHT)
    times = []
    for _ in range(N_TRACKED):
        frame, _ = tracker.next_frame()
        assert frame is not None
        times.append(tracker.timestamp_us)
    assert times == sorted(set(times))
    assert tracker._source.n_gaps == 1
    tracker.exit()


@both_modes
def test_a_camera_in_use_is_an_error(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    use(monkeypatch, VirtualOak(faults=Faults(is_in_use=True)))
    with pytest.raises(DeviceError, match="in use"):
        TRACKERS[mode](lm_model="lite")


# --- host mode for files ---


@pytest.mark.weights
def test_the_networks_for_files_run_on_a_device_that_is_named(
    monkeypatch: pytest.MonkeyPatch, views: Views
) -> None:
    pictures = [frame.image[..., ::-1] for frame in views.frames[:4]]
    monkeypatch.delenv(DEVICE_VARIABLE, raising=False)
    here = HostTracker(pictures, lm_model="lite", smoothing=False)
    monkeypatch.setenv(DEVICE_VARIABLE, "virtual")
    there = HostTracker(pictures, lm_model="lite", smoothing=False)
    assert there.input_type == "video"
    for _ in pictures:
        (_, expected), (picture, body) = here.next_frame(), there.next_frame()
        apart = np.linalg.norm(body.landmarks[:, :2] - expected.landmarks[:, :2], axis=1)
        assert np.median(apart) <= 4  # without refinement by heat maps
        assert body.pose.spread_px is None
        assert expected.pose.spread_px is not None
        assert picture is not None
    assert there.next_frame() == (None, None)
    assert (there.nb_pd_inferences, there.nb_lm_inferences) == (1, len(pictures))
    here.exit()
    there.exit()


def test_a_blob_for_a_file_needs_a_device(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, views: Views
) -> None:
    blob = tmp_path / "pose_landmark_lite_sh4.blob"
    blob.write_bytes(b"no network")
    monkeypatch.delenv(DEVICE_VARIABLE, raising=False)
    with pytest.raises(vt.VitruvianError, match=r"blob|OAK|depthai"):
        HostTracker([views.frames[0].image], lm_model=str(blob))


# --- the renderer ---


@pytest.mark.weights
@both_modes
def test_the_renderer_shows_the_measured_position(
    monkeypatch: pytest.MonkeyPatch, views: Views, tmp_path: Path, mode: str
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    use(monkeypatch, views.camera())
    tracker = TRACKERS[mode](lm_model="lite", xyz=True, internal_frame_height=HEIGHT)
    renderer = BlazeposeRenderer(tracker, show_3d="mixed", output=tmp_path / "seen.mp4")
    assert renderer.show_3d == "mixed"
    assert (renderer.show_xyz, renderer.show_xyz_zone) == (True, True)
    for _ in range(4):
        frame, body = tracker.next_frame()
        drawn = renderer.draw(frame, body)
        assert (drawn == (180, 0, 180)).all(axis=2).sum() > 10  # the zone
        assert (drawn == (220, 220, 240)).all(axis=2).sum() > 1000  # the box of the position
        assert renderer.frame_3d is not None
        renderer.waitKey(1)
    renderer._press(ord("x"))
    renderer._press(ord("z"))
    assert (renderer.show_xyz, renderer.show_xyz_zone) == (False, False)
    renderer.exit()
    tracker.exit()
    with vt.open_input(tmp_path / "seen.mp4") as source:
        assert len(list(source)) == 4


def test_keypoints_of_the_hips_are_those_of_the_reference() -> None:
    names = mediapipe_utils.KEYPOINT_DICT
    assert [names["left_hip"], names["right_hip"]] == HIPS
