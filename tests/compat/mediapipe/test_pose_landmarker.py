"""The Pose Landmarker of MediaPipe Tasks: its names, errors, results and live streams.

Texts and types of errors are those of MediaPipe 1.2.2, unless a comment says otherwise. Numerical
parity is tested in ``tests/parity``.
"""

from __future__ import annotations

import gc
import inspect
import logging
import os
import pickle
import subprocess
import sys
import threading
import weakref
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.fakes import Actor, FakeScene, fake_scene

import vitruvian.compat.mediapipe as mp
from vitruvian.compat.mediapipe.tasks.python import vision
from vitruvian.compat.mediapipe.tasks.python.components.containers.landmark import (
    Landmark,
    NormalizedLandmark,
)
from vitruvian.compat.mediapipe.tasks.python.components.containers.rect import RectF
from vitruvian.compat.mediapipe.tasks.python.core import model_files
from vitruvian.compat.mediapipe.tasks.python.core.base_options import BaseOptions
from vitruvian.compat.mediapipe.tasks.python.vision.core import image as image_of_1_2
from vitruvian.compat.mediapipe.tasks.python.vision.core.image_processing_options import (
    ImageProcessingOptions,
)
from vitruvian.compat.mediapipe.tasks.python.vision.core.vision_task_running_mode import (
    VisionTaskRunningMode as RunningMode,
)
from vitruvian.compat.mediapipe.tasks.python.vision.pose_landmarker import (
    PoseLandmark,
    PoseLandmarker,
    PoseLandmarkerOptions,
    PoseLandmarkerResult,
    PoseLandmarksConnections,
)
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.engine import model as engine_model
from vitruvian.engine.estimator import PoseEstimator
from vitruvian.track.tracker import PoseTracker

if TYPE_CHECKING:
    from collections.abc import Callable

WH = (320, 240)
ANN = Actor(hips=(120, 100), seed=1)
BOB = Actor(hips=(240, 120), seed=2)
REPOSITORY = Path(__file__).resolve().parents[3]
LIMIT_S = 10.0  # timeout for the other thread
F = mp.ImageFormat


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> FakeScene:
    return fake_scene(monkeypatch, ANN, wh=WH)


def landmarker(mode: RunningMode = RunningMode.IMAGE, **options: Any) -> PoseLandmarker:
    return PoseLandmarker.create_from_options(
        PoseLandmarkerOptions(BaseOptions("lite"), running_mode=mode, **options)
    )


def black(**options: Any) -> Any:
    return mp.Image(image_format=F.SRGB, data=np.zeros((WH[1], WH[0], 3), np.uint8), **options)


class Calls(list[tuple[PoseLandmarkerResult, Any, int]]):
    """A callback that records its arguments and may wait for `go`."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: set[int] = set()
        self.has_come = threading.Event()
        self.go = threading.Event()
        self.go.set()

    def __call__(self, result: PoseLandmarkerResult, image: Any, timestamp_ms: int) -> None:
        self.append((result, image, timestamp_ms))
        self.threads.add(threading.get_ident())
        self.has_come.set()
        assert self.go.wait(LIMIT_S)

    @property
    def times(self) -> list[int]:
        return [timestamp_ms for _, _, timestamp_ms in self]


# --- names ---


def test_names_are_at_the_module_paths_of_mediapipe() -> None:
    assert mp.tasks.BaseOptions is BaseOptions
    for there in (mp.tasks.vision, vision):
        assert there.PoseLandmarker is PoseLandmarker
        assert there.PoseLandmarkerOptions is PoseLandmarkerOptions
        assert there.PoseLandmarkerResult is PoseLandmarkerResult
        assert there.RunningMode is RunningMode
        assert there.ImageProcessingOptions is ImageProcessingOptions
        assert there.pose_landmarker.PoseLandmarker is PoseLandmarker
    with pytest.raises(AttributeError, match=r"pose part.*tasks\.python\.vision\.FootLandmarker"):
        _ = vision.FootLandmarker


def test_importing_it_loads_no_library_but_numpy() -> None:
    code = (
        "import sys; import vitruvian.compat.mediapipe as mp; mp.Image; "
        "mp.tasks.vision.PoseLandmarker; mp.tasks.components.containers.Landmark; "
        "heavy = {'av', 'cv2', 'google', 'matplotlib', 'openvino', 'PIL', 'scipy'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout == "[]\n"


def test_tasks_modules_import_in_any_order() -> None:
    code = (
        "from vitruvian import compat; compat.install(); import mediapipe as mp; "
        "from mediapipe.tasks import python; from mediapipe.tasks.python import vision; "
        "print(mp.tasks.vision is vision, mp.tasks.BaseOptions is python.BaseOptions, "
        "python.vision is vision)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout == "True True True\n"


def test_landmarks_and_connections_are_those_of_the_skeleton() -> None:
    assert [landmark.name.lower() for landmark in PoseLandmark] == list(BLAZEPOSE.names)
    assert PoseLandmark.LEFT_WRIST == 15
    assert PoseLandmark is mp.solutions.pose.PoseLandmark
    assert pickle.loads(pickle.dumps(PoseLandmark(0))) is PoseLandmark(0)
    edges = PoseLandmarksConnections.POSE_LANDMARKS
    assert [(edge.start, edge.end) for edge in edges] == list(BLAZEPOSE.connections)
    assert repr(edges[0]) == "PoseLandmarksConnections.Connection(start=0, end=1)"


def test_options_and_results_have_the_fields_and_defaults_of_mediapipe() -> None:
    defaults = inspect.signature(PoseLandmarkerOptions).parameters.values()
    assert [(p.name, p.default) for p in defaults][1:] == [
        ("running_mode", RunningMode.IMAGE),
        ("num_poses", 1),
        ("min_pose_detection_confidence", 0.5),
        ("min_pose_presence_confidence", 0.5),
        ("min_tracking_confidence", 0.5),
        ("output_segmentation_masks", False),
        ("result_callback", None),
    ]
    assert repr(BaseOptions(model_asset_path="a")) == (
        "BaseOptions(model_asset_path='a', model_asset_buffer=None, delegate=None)"
    )
    assert BaseOptions("a") == BaseOptions(model_asset_path="a") != BaseOptions("b")
    assert [d.name for d in BaseOptions.Delegate] == ["DEFAULT", "CPU", "GPU"]
    assert repr(ImageProcessingOptions()) == (
        "ImageProcessingOptions(region_of_interest=None, rotation_degrees=0)"
    )
    assert repr(PoseLandmarkerResult([], [])) == (
        "PoseLandmarkerResult(pose_landmarks=[], pose_world_landmarks=[], segmentation_masks=None)"
    )
    assert PoseLandmarkerResult([], []) == PoseLandmarkerResult([], [], None)


# --- options ---


@pytest.mark.parametrize(
    ("mode", "num_poses", "engine"),
    [
        (RunningMode.IMAGE, 1, PoseEstimator),
        (RunningMode.VIDEO, 1, PoseTracker),
        (RunningMode.VIDEO, 3, PoseTracker),
    ],
)
def test_every_option_reaches_the_engine(
    scene: FakeScene, mode: RunningMode, num_poses: int, engine: type
) -> None:
    made = landmarker(
        mode,
        num_poses=num_poses,
        min_pose_detection_confidence=0.3,
        min_pose_presence_confidence=0.6,
        min_tracking_confidence=0.7,
        output_segmentation_masks=True,
    )
    assert type(made._engine) is engine
    options = made._engine.options
    assert (options.profile, options.model) == ("tasks", "lite")
    assert (options.num_poses, options.segmentation) == (num_poses, True)
    assert (options.detection_confidence, options.presence_confidence) == (0.3, 0.6)
    if engine is PoseTracker:
        assert (options.tracking_confidence, options.association_iou) == (0.0, 0.7)


def test_confidences_out_of_range_are_handled_as_in_mediapipe(scene: FakeScene) -> None:
    options = landmarker(min_pose_detection_confidence=-1, min_tracking_confidence=2)._engine
    assert options.options.detection_confidence == 0
    for value in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match=r"value must be in the range \[0.0, 1.0\]"):
            landmarker(min_pose_presence_confidence=value)
    for name in ("pose_detection", "pose_presence", "tracking"):
        with pytest.raises(TypeError, match=r"^must be real number, not str$"):
            landmarker(**{f"min_{name}_confidence": "0.5"})


def test_num_poses_must_be_at_least_1(scene: FakeScene) -> None:
    for value in (0, -1):
        with pytest.raises(RuntimeError, match="max_vec_size should be greater than or equal to 1"):
            landmarker(num_poses=value)
    with pytest.raises(TypeError, match="'float' object cannot be interpreted as an integer"):
        landmarker(num_poses=1.5)


def test_a_callback_is_required_in_a_live_stream_and_only_there(scene: FakeScene) -> None:
    with pytest.raises(ValueError, match="in live stream mode, a user-defined result callback mus"):
        landmarker(RunningMode.LIVE_STREAM)
    for mode in (RunningMode.IMAGE, RunningMode.VIDEO):
        with pytest.raises(ValueError, match="in image or video mode, a user-defined result callb"):
            landmarker(mode, result_callback=print)


@pytest.mark.parametrize("name", ["VIDEO", "video", "Video"])
def test_the_running_mode_may_be_a_name(scene: FakeScene, name: str) -> None:
    made = PoseLandmarker.create_from_options(
        PoseLandmarkerOptions(BaseOptions("lite"), running_mode=name)  # type: ignore[arg-type]
    )
    assert made.detect_for_video(black(), 0).pose_landmarks


@pytest.mark.parametrize("mode", ["film", None, 1])
def test_another_running_mode_raises_an_error(mode: object) -> None:
    with pytest.raises(ValueError, match=f"{mode!r} is not a valid VisionTaskRunningMode"):
        landmarker(mode)  # type: ignore[arg-type]


def test_the_running_mode_of_a_live_stream_has_two_words() -> None:
    assert RunningMode("live_stream") is RunningMode("Live stream") is RunningMode.LIVE_STREAM


def test_delegate_gpu_logs_a_warning(scene: FakeScene, caplog: pytest.LogCaptureFixture) -> None:
    options = PoseLandmarkerOptions(BaseOptions("lite", delegate=BaseOptions.Delegate.GPU))
    with PoseLandmarker.create_from_options(options) as made:
        assert made.detect(black()).pose_landmarks
    assert "inference runs on the CPU" in caplog.text


# --- models ---


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "own.task"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pose_detector.tflite", b"detector")
    return path


@pytest.fixture
def given(scene: FakeScene, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes]]:
    """The models that the engine opens: the name, and the content if it is a file."""
    from pathlib import Path

    found = engine_model.find_models
    noted: list[tuple[str, bytes]] = []

    def find_models(model: Any, **options: Any) -> Any:
        path = Path(model)
        noted.append((str(model), path.read_bytes() if path.is_file() else b""))
        return found(model, **options)

    monkeypatch.setattr(engine_model, "find_models", find_models)
    return noted


def opened(**base_options: Any) -> PoseLandmarker:
    return PoseLandmarker.create_from_options(PoseLandmarkerOptions(BaseOptions(**base_options)))


def test_a_bundle_opens_by_its_path(bundle: Path, given: list[tuple[str, bytes]]) -> None:
    PoseLandmarker.create_from_model_path(str(bundle))
    opened(model_asset_path=bundle)  # a Path, as in 0.10.21
    assert given == [(str(bundle), bundle.read_bytes())] * 2


def test_model_asset_buffer_takes_precedence_over_the_path(
    bundle: Path, given: list[tuple[str, bytes]]
) -> None:
    content = bundle.read_bytes()
    made = opened(model_asset_buffer=content, model_asset_path="nowhere.task")
    ((name, seen),) = given
    assert seen == content
    from pathlib import Path

    assert not Path(name).exists()  # the engine caches the unpacked model
    assert made.detect(black()).pose_landmarks


def test_a_bundle_may_have_another_suffix(bundle: Path, given: list[tuple[str, bytes]]) -> None:
    other = bundle.rename(bundle.with_suffix(".bundle"))
    opened(model_asset_path=str(other))
    assert given[0][1] == other.read_bytes()


@pytest.mark.parametrize("name", ["lite", "full", "heavy"])
def test_a_published_model_opens_by_its_name(given: list[tuple[str, bytes]], name: str) -> None:
    PoseLandmarker.create_from_model_path(name)
    assert given == [(name, b"")]


@pytest.mark.parametrize(
    "base_options", [{}, {"model_asset_path": ""}, {"model_asset_buffer": b""}], ids=str
)
def test_a_model_is_required(base_options: dict[str, Any]) -> None:
    with pytest.raises(
        ValueError, match="ExternalFile must specify at least one of 'file_content'"
    ):
        opened(**base_options)


@pytest.mark.parametrize("content", ["lite", "", "pose_landmarker_lite.task", bytearray(b"PK"), 5])
def test_model_asset_buffer_must_be_bytes(content: Any) -> None:
    with pytest.raises(TypeError, match=f"must be the bytes .*, got {type(content).__name__}: "):
        opened(model_asset_buffer=content, model_asset_path="lite")


@pytest.mark.parametrize("error", [FileNotFoundError, RuntimeError])  # 1.2.2's and 0.10.21's
@pytest.mark.parametrize("name", ["/nowhere/model.tflite", "pose_landmarker_lite.task"])
def test_a_missing_model_raises_the_errors_of_both_versions(
    name: str, error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        PoseLandmarker.create_from_model_path(name)
    assert str(caught.value) == f"Unable to open file at {name}"


def test_a_file_that_is_not_a_bundle_raises_a_runtime_error(tmp_path: Path, bundle: Path) -> None:
    (tmp_path / "text.task").write_text("hello")
    for path in (tmp_path / "text.task", tmp_path):
        with pytest.raises(RuntimeError, match=r"^Unable to open zip archive\.$"):
            opened(model_asset_path=str(path))
    with pytest.raises(RuntimeError, match=r"^Unable to open zip archive\.$"):
        opened(model_asset_buffer=b"hello")
    with pytest.raises(
        RuntimeError, match=r"must contain 'pose_landmarks_detector\.tflite'|TFLite"
    ):
        opened(model_asset_path=str(bundle))


def test_an_invalid_buffer_leaves_no_temporary_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(model_files.TemporaryDirectory, "__init__", _in(tmp_path))
    with pytest.raises(RuntimeError):
        opened(model_asset_buffer=b"hello")
    assert not list(tmp_path.iterdir())


def _in(folder: Path) -> Callable[..., None]:
    made = model_files.TemporaryDirectory.__init__
    return lambda self, **options: made(self, dir=folder, **options)


# --- results ---


@pytest.mark.parametrize("mode", [RunningMode.IMAGE, RunningMode.VIDEO])
def test_landmarks_are_normalized_by_the_image_size(scene: FakeScene, mode: RunningMode) -> None:
    with landmarker(mode) as made:
        result = made.detect(black()) if mode is RunningMode.IMAGE else _first(made)
    ((landmarks,), (worlds,)) = result.pose_landmarks, result.pose_world_landmarks
    assert {type(point) for point in landmarks} == {NormalizedLandmark}
    assert {type(point) for point in worlds} == {Landmark}
    xyz = np.array([[point.x, point.y, point.z] for point in landmarks])
    np.testing.assert_allclose(xyz * [WH[0], WH[1], WH[0]], ANN.points[:33], atol=1e-3)
    assert landmarks[0].visibility == worlds[0].visibility == pytest.approx(0.9)
    assert landmarks[0].presence == worlds[0].presence == pytest.approx(0.8)
    assert landmarks[0].name is None
    assert type(landmarks[0].x) is float
    assert result.segmentation_masks is None


def _first(made: PoseLandmarker) -> PoseLandmarkerResult:
    return made.detect_for_video(black(), 0)


def test_without_people_the_result_is_empty(scene: FakeScene) -> None:
    scene.actors = []
    with landmarker(output_segmentation_masks=True) as made:
        assert made.detect(black()) == PoseLandmarkerResult([], [], None)


def test_all_people_are_returned_up_to_num_poses(scene: FakeScene) -> None:
    scene.actors = [ANN, BOB]
    counts = [len(landmarker(num_poses=n).detect(black()).pose_landmarks) for n in (1, 2, 5)]
    assert counts == [1, 2, 2]


def test_masks_have_the_class_of_the_input_image(scene: FakeScene) -> None:
    """(H, W) for `mp.Image`, as in 0.10.21; (H, W, 1) for the class of 1.2.2."""
    scene.has_masks = True
    old, new = black(), image_of_1_2.Image(F.SRGB, black().numpy_view())
    with landmarker(output_segmentation_masks=True) as made:
        ((of_old,), (of_new,)) = (made.detect(i).segmentation_masks or () for i in (old, new))
    assert (type(of_old), type(of_new)) == (type(old), type(new))
    assert of_old.numpy_view().shape == (WH[1], WH[0])
    assert of_new.numpy_view().shape == (WH[1], WH[0], 1)
    assert of_old.image_format == F.VEC32F1
    assert of_old.numpy_view().dtype == np.float32
    x, y = (round(v) for v in ANN.hips)
    assert of_old[y, x] == of_new[y, x, 0] == pytest.approx(1)
    assert not of_old.numpy_view().flags.writeable
    shown = np.stack((of_old.numpy_view(),) * 3, axis=-1) > 0.2  # as programs do
    assert np.where(shown, old.numpy_view(), 255).shape == (WH[1], WH[0], 3)


@pytest.mark.parametrize(
    ("image_format", "shape"), [(F.SRGBA, (240, 320, 4)), (F.GRAY8, (240, 320))], ids=str
)
def test_grey_and_rgba_images_are_accepted(
    scene: FakeScene, image_format: Any, shape: tuple[int, ...]
) -> None:
    with landmarker() as made:
        image = mp.Image(image_format, np.zeros(shape, np.uint8))
        assert made.detect(image) == made.detect(black())


def test_an_invalid_image_raises_an_error_and_changes_no_state(scene: FakeScene) -> None:
    deep = mp.Image(F.SRGB48, np.zeros((240, 320, 3), np.uint16))
    with landmarker() as made:
        with pytest.raises(ValueError, match="Unsupported image format: SRGB48"):
            made.detect(deep)
        with pytest.raises(
            TypeError, match=r"must be a mediapipe\.Image, got ndarray: use mediapipe\.Image"
        ):
            made.detect(black().numpy_view())
        assert made.detect(black()).pose_landmarks


# --- rotation ---


def test_rotation_must_be_a_multiple_of_90_and_roi_is_not_supported(scene: FakeScene) -> None:
    with landmarker() as made:
        for degrees in (45, -1):
            with pytest.raises(ValueError, match=r"^Expected rotation to be a multiple of 90°\.$"):
                made.detect(black(), ImageProcessingOptions(rotation_degrees=degrees))
        with pytest.raises(ValueError, match=r"^This task doesn't support region-of-interest\.$"):
            made.detect(black(), ImageProcessingOptions(RectF(0.0, 0.0, 1.0, 1.0)))
        with pytest.raises(TypeError, match="'float' object cannot be interpreted as an integer"):
            made.detect(black(), ImageProcessingOptions(rotation_degrees=90.0))  # type: ignore[arg-type]


@pytest.mark.parametrize("degrees", [90, 180, 270, -90, 450])
def test_rotation_degrees_reach_the_engine_clockwise(scene: FakeScene, degrees: int) -> None:
    with landmarker() as made, PoseEstimator("lite", profile="tasks") as engine:
        result = made.detect(black(), ImageProcessingOptions(rotation_degrees=degrees))
        pose = engine.detect(black().numpy_view(), rotation_deg=degrees).pose
    assert pose is not None
    nose = result.pose_landmarks[0][0]
    assert [nose.x * WH[0], nose.y * WH[1]] == pytest.approx(pose.landmarks[0, :2].tolist())


# --- running modes, timestamps and close ---


@pytest.mark.parametrize(
    ("mode", "call", "text"),
    [
        ("VIDEO", "detect", "the image mode. Current running mode:video mode"),
        ("LIVE_STREAM", "detect", "the image mode. Current running mode:live stream mode"),
        ("IMAGE", "detect_for_video", "the video mode. Current running mode:image mode"),
        ("LIVE_STREAM", "detect_for_video", "the video mode. Current running mode:live stream mo"),
        ("IMAGE", "detect_async", "the live stream mode. Current running mode:image mode"),
        ("VIDEO", "detect_async", "the live stream mode. Current running mode:video mode"),
    ],
)
def test_every_method_works_in_its_running_mode_only(
    scene: FakeScene, mode: str, call: str, text: str
) -> None:
    callback = {"result_callback": print} if mode == "LIVE_STREAM" else {}
    arguments = (black(),) if call == "detect" else (black(), 0)
    with (
        landmarker(RunningMode[mode], **callback) as made,
        pytest.raises(ValueError, match=f"Task is not initialized with {text}"),
    ):
        getattr(made, call)(*arguments)


@pytest.mark.parametrize("start", [5, 0, -7])
def test_times_must_increase(scene: FakeScene, start: int) -> None:
    with landmarker(RunningMode.VIDEO) as made:
        made.detect_for_video(black(), start)
        for late in (start, start - 1):
            with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is compared
                made.detect_for_video(black(), late)
            assert str(caught.value) == "Input timestamp must be monotonically increasing."
        made.detect_for_video(black(), np.int64(start + 1))  # type: ignore[arg-type]


def test_a_timestamp_can_be_reused_after_invalid_options(scene: FakeScene) -> None:
    with landmarker(RunningMode.VIDEO) as made:
        with pytest.raises(ValueError, match="region-of-interest"):
            made.detect_for_video(black(), 20, ImageProcessingOptions(RectF(0, 0, 1, 1)))
        assert made.detect_for_video(black(), 20).pose_landmarks


def test_a_timestamp_can_be_reused_after_an_invalid_image(scene: FakeScene) -> None:
    deep = mp.Image(F.SRGB48, np.zeros((240, 320, 3), np.uint16))
    with landmarker(RunningMode.VIDEO) as made:
        with pytest.raises(ValueError, match="Unsupported image format: SRGB48"):
            made.detect_for_video(deep, 20)
        assert made.detect_for_video(black(), 20).pose_landmarks


@pytest.mark.parametrize("time", [7.5, "8", None, np.float64(9)], ids=repr)
def test_timestamps_must_be_integers(scene: FakeScene, time: Any) -> None:
    with landmarker(RunningMode.VIDEO) as made, pytest.raises(TypeError, match="as an integer"):
        made.detect_for_video(black(), time)


@pytest.mark.parametrize("start", [0, -7, 1_800_000_000_000_000_000, 2**63])  # time.time_ns()
def test_timestamps_may_start_anywhere(scene: FakeScene, start: int) -> None:
    with landmarker(RunningMode.VIDEO) as made:
        for timestamp_ms in (start, start + 33):
            assert made.detect_for_video(black(), timestamp_ms).pose_landmarks
        assert made._engine._last_us == 33_000


def test_a_timestamp_too_far_from_the_first_raises_an_error_and_changes_no_state(
    scene: FakeScene,
) -> None:
    with landmarker(RunningMode.VIDEO) as made:
        made.detect_for_video(black(), 5)
        with pytest.raises(ValueError, match="at most 9223372036854780, got 9223372036854781"):
            made.detect_for_video(black(), 9223372036854781)
        assert made.detect_for_video(black(), 9223372036854780).pose_landmarks


def test_methods_raise_an_error_after_close(scene: FakeScene) -> None:
    """1.2.2 returns an empty result; the error is that of 0.10.21."""
    made = landmarker()
    made.close()
    made.close()
    assert all(session.is_closed for session in scene.networks.landmarker.sessions)
    with pytest.raises(ValueError, match=r"^Task runner is currently not running\.$"):
        made.detect(black())


def test_a_garbage_collected_landmarker_releases_the_engine(scene: FakeScene) -> None:
    calls = Calls()
    made = landmarker(RunningMode.LIVE_STREAM, result_callback=calls)
    made.detect_async(black(), 0)
    assert made._live is not None
    worker, gone = made._live._worker, weakref.ref(made)
    assert worker is not None
    del made
    gc.collect()
    assert gone() is None
    assert not worker.is_alive()
    assert calls.times == [0]


# --- live streams ---


def test_the_callback_gets_result_image_and_timestamp(scene: FakeScene) -> None:
    calls, image = Calls(), black()
    with landmarker(RunningMode.LIVE_STREAM, result_callback=calls) as made:
        made.detect_async(image, 40)
    ((result, same, timestamp_ms),) = calls
    assert len(result.pose_landmarks[0]) == 33
    assert same is image
    assert timestamp_ms == 40


def test_the_newest_waiting_image_wins_and_close_waits_for_it(scene: FakeScene) -> None:
    calls = Calls()
    with landmarker(RunningMode.LIVE_STREAM, result_callback=calls) as made:
        calls.go.clear()
        made.detect_async(black(), 0)
        assert calls.has_come.wait(LIMIT_S)
        for timestamp_ms in range(1, 20):
            made.detect_async(black(), timestamp_ms)
        calls.go.set()
    assert calls.times == [0, 19]
    assert len(calls.threads) == 1


def test_frames_of_several_threads_keep_the_order_of_timestamps(
    scene: FakeScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = []
    has_its_time, is_overtaken = threading.Event(), threading.Event()

    def push(frame: Any, **_: Any) -> None:
        if frame.timestamp_ms == 0:
            has_its_time.set()
            is_overtaken.wait(0.1)
        pushed.append(frame.timestamp_ms)

    with landmarker(RunningMode.LIVE_STREAM, result_callback=Calls()) as made:
        monkeypatch.setattr(made._live, "push", push)
        first = threading.Thread(target=made.detect_async, args=(black(), 0))
        first.start()
        assert has_its_time.wait(LIMIT_S)
        made.detect_async(black(), 1)
        is_overtaken.set()
        first.join(LIMIT_S)
    assert pushed == [0, 1]


def test_a_burst_of_10_000_images_is_dropped_quickly(scene: FakeScene) -> None:
    calls, image = Calls(), black()
    with landmarker(RunningMode.LIVE_STREAM, result_callback=calls) as made:
        for timestamp_ms in range(10_000):
            made.detect_async(image, timestamp_ms)
    assert calls.times == sorted(set(calls.times))
    assert calls.times[-1] == 9_999


@pytest.mark.parametrize("error", [KeyError, SystemExit, KeyboardInterrupt])
def test_an_error_in_the_callback_is_logged_and_the_stream_continues(
    scene: FakeScene, caplog: pytest.LogCaptureFixture, error: type[BaseException]
) -> None:
    times, done = [], threading.Event()

    def callback(_result: Any, _image: Any, timestamp_ms: int) -> None:
        times.append(timestamp_ms)
        done.set()
        if timestamp_ms == 0:
            raise error("hello")

    with (
        caplog.at_level(logging.ERROR),
        landmarker(RunningMode.LIVE_STREAM, result_callback=callback) as made,
    ):
        made.detect_async(black(), 0)
        assert done.wait(LIMIT_S)
        made.detect_async(black(), 1)
    assert times == [0, 1]
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [error]


def test_an_error_of_the_engine_is_logged_and_the_stream_continues(
    scene: FakeScene, caplog: pytest.LogCaptureFixture
) -> None:
    calls = Calls()
    with landmarker(RunningMode.LIVE_STREAM, result_callback=calls) as made:
        made.detect_async(mp.Image(F.SRGB, np.zeros((0, 0, 3), np.uint8)), 0)
        assert _soon(lambda: "must have shape" in caplog.text)
        made.detect_async(black(), 1)
    assert calls.times == [1]


def _soon(is_true: Callable[[], bool]) -> bool:
    tick = threading.Event()
    return any(is_true() or tick.wait(0.01) for _ in range(int(LIMIT_S / 0.01)))


def test_invalid_arguments_raise_in_detect_async(scene: FakeScene) -> None:
    calls = Calls()
    with landmarker(RunningMode.LIVE_STREAM, result_callback=calls) as made:
        made.detect_async(black(), 100)
        with pytest.raises(ValueError, match=r"^Input timestamp must be monotonically increasin"):
            made.detect_async(black(), 0)
        with pytest.raises(ValueError, match="Unsupported image format: VEC32F1"):
            made.detect_async(mp.Image(F.VEC32F1, np.zeros((4, 4), np.float32)), 200)
        with pytest.raises(ValueError, match="multiple of 90"):
            made.detect_async(black(), 300, ImageProcessingOptions(rotation_degrees=1))
    assert calls.times == [100]


def test_close_may_be_called_in_the_callback(scene: FakeScene) -> None:
    times, closed = [], threading.Event()

    def callback(_result: Any, _image: Any, timestamp_ms: int) -> None:
        times.append(timestamp_ms)
        made.close()
        closed.set()

    made = landmarker(RunningMode.LIVE_STREAM, result_callback=callback)
    made.detect_async(black(), 0)
    assert closed.wait(LIMIT_S)
    assert times == [0]
    with pytest.raises(ValueError, match="not running"):
        made.detect_async(black(), 1)
    assert made._live is not None
    made._live._worker.join(LIMIT_S)
    assert not made._live._worker.is_alive()


def test_a_program_without_close_exits(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import pytest\n"
        "from tests.compat.mediapipe.test_pose_landmarker import *\n"
        "fake_scene(pytest.MonkeyPatch(), ANN, wh=WH)\n"
        "def callback(result, image, timestamp_ms): print(timestamp_ms)\n"
        "made = landmarker(RunningMode.LIVE_STREAM, result_callback=callback)\n"
        "made.detect_async(black(), 7)\n"
    )
    answer = subprocess.run(
        [sys.executable, program],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "7\n", "")
