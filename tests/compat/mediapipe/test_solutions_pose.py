"""`mp.solutions.pose`: names, errors, and common uses of the results.

Texts and types of errors are those of MediaPipe 0.10.21, unless a comment says otherwise. Numerical
parity is tested in ``tests/parity``.
"""

from __future__ import annotations

import copy
import gc
import inspect
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from tests.fakes import STEP_US, Actor, FakeScene, fake_scene

import vitruvian.compat.mediapipe as mp
from vitruvian.compat.mediapipe.python.solution_base import SolutionBase, SolutionOutputs
from vitruvian.compat.mediapipe.python.solutions import download_utils
from vitruvian.compat.mediapipe.python.solutions import pose as mp_pose
from vitruvian.core.skeleton import BLAZEPOSE
from vitruvian.errors import ModelNotFoundError
from vitruvian.track.tracker import PoseTracker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian.engine.options import TrackerOptions

WH = (320, 240)
ANN = Actor(hips=(120, 100), seed=1)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> FakeScene:
    return fake_scene(monkeypatch, ANN, wh=WH)


def options_of(pose: mp_pose.Pose) -> TrackerOptions:
    assert pose._graph is not None
    return pose._graph.options


def table(landmarks: Any) -> NDArray[np.float64]:
    """(N, 4): x, y, z, visibility."""
    return np.array([[lm.x, lm.y, lm.z, lm.visibility] for lm in landmarks.landmark])


# --- names ---


def test_landmarks_have_the_names_and_the_order_of_the_skeleton() -> None:
    assert [landmark.name.lower() for landmark in mp_pose.PoseLandmark] == list(BLAZEPOSE.names)
    assert [landmark.value for landmark in mp_pose.PoseLandmark] == list(range(33))


def test_a_pose_landmark_is_an_int_with_a_name() -> None:
    landmark = mp_pose.PoseLandmark
    assert landmark(15).name == "LEFT_WRIST"
    assert landmark["NOSE"] == 0
    assert list(range(33))[landmark.LEFT_WRIST] == 15
    assert {landmark.NOSE: "nose"}[0] == "nose"  # type: ignore[index]
    assert pickle.loads(pickle.dumps(landmark.NOSE)) is landmark.NOSE
    assert repr(landmark.NOSE) == "<PoseLandmark.NOSE: 0>"


def test_the_module_exports_the_connections() -> None:
    assert len(mp_pose.POSE_CONNECTIONS) == 35
    assert max(map(max, mp_pose.UPPER_BODY_POSE_CONNECTIONS)) == 24
    assert mp.solutions.pose is mp_pose


def test_importing_it_loads_no_library_but_numpy() -> None:
    code = (
        "import sys; import vitruvian.compat.mediapipe as mp; mp.solutions.pose.Pose; "
        "heavy = {'av', 'cv2', 'google', 'matplotlib', 'openvino', 'PIL', 'scipy'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout == "[]\n"


def test_a_custom_graph_raises_an_error() -> None:
    with pytest.raises(NotImplementedError, match=r"SolutionBase can't be created: vitruvian "):
        SolutionBase(binary_graph_path="mediapipe/modules/hand.binarypb", outputs=["hands"])


# --- options ---


def test_options_have_the_names_the_order_and_the_defaults_of_mediapipe() -> None:
    parameters = list(inspect.signature(mp_pose.Pose).parameters.values())
    assert [(p.name, p.default) for p in parameters if p.kind == p.POSITIONAL_OR_KEYWORD] == [
        ("static_image_mode", False),
        ("model_complexity", 1),
        ("smooth_landmarks", True),
        ("enable_segmentation", False),
        ("smooth_segmentation", True),
        ("min_detection_confidence", 0.5),
        ("min_tracking_confidence", 0.5),
    ]


@pytest.mark.parametrize(("complexity", "model"), [(0, "lite"), (1, "full"), (2, "heavy")])
def test_model_complexity_selects_the_model(scene: FakeScene, complexity: int, model: str) -> None:
    assert options_of(mp_pose.Pose(model_complexity=complexity)).model == model


def test_model_complexity_may_be_any_integer_type(scene: FakeScene) -> None:
    assert options_of(mp_pose.Pose(model_complexity=np.int64(2))).model == "heavy"


def test_every_option_reaches_the_engine(scene: FakeScene) -> None:
    options = options_of(mp_pose.Pose(False, 2, False, True, False, 0.3, 0.7))
    assert options.profile == "solutions"
    assert options.model == "heavy"
    assert (options.smoothing, options.segmentation, options.smooth_segmentation) == (0, 1, 0)
    assert options.detection_confidence == 0.3
    assert options.presence_confidence == options.tracking_confidence == 0.7
    assert not options.force_detection


def test_static_images_are_not_smoothed(scene: FakeScene) -> None:
    options = options_of(mp_pose.Pose(True, smooth_landmarks=True, smooth_segmentation=True))
    assert options.force_detection
    assert not options.smoothing
    assert not options.smooth_segmentation


@pytest.mark.parametrize(
    ("arguments", "static", "model", "smooth", "confidences"),
    [
        ((False, False, True, 0.6, 0.7), False, "full", True, (0.6, 0.7)),  # to 0.8.3
        ((True, True, True, 0.6, 0.7), True, "full", False, (0.6, 0.7)),
        ((False, True, False, 0.6), False, "full", False, (0.6, 0.5)),
        ((False, True, False), False, "full", False, (0.5, 0.5)),  # as in 0.10.21
        ((True, True), True, "full", False, (0.5, 0.5)),
        ((False, False), False, "lite", True, (0.5, 0.5)),
        ((False, np.True_), False, "full", True, (0.5, 0.5)),
        ((False, 2, True, 0.6, 0.7), False, "heavy", True, (0.6, 0.7)),  # 0.8.4 to 0.8.6
    ],
)
def test_positional_arguments_of_older_versions_are_recognised_by_type(
    scene: FakeScene,
    arguments: tuple[Any, ...],
    static: bool,
    model: str,
    smooth: bool,
    confidences: tuple[float, float],
) -> None:
    pose = mp_pose.Pose(*arguments)
    options = options_of(pose)
    assert (options.force_detection, options.model) == (static, model)
    assert options.smoothing == (0.5 if smooth else 0)
    assert (options.detection_confidence, options.tracking_confidence) == confidences
    assert not options.segmentation
    assert len(pose.process(scene.image).pose_landmarks.landmark) == 33


def test_upper_body_only_returns_the_first_25_landmarks(scene: FakeScene) -> None:
    whole = mp_pose.Pose().process(scene.image)
    upper = mp_pose.Pose(upper_body_only=True).process(scene.image)
    assert_array_equal(table(upper.pose_landmarks), table(whole.pose_landmarks)[:25])
    assert_array_equal(table(upper.pose_world_landmarks), table(whole.pose_world_landmarks)[:25])


@pytest.mark.parametrize("name", ["model_complexity", "enable_segmentation"])
@pytest.mark.parametrize("value", ["1", None])
def test_an_option_of_another_type_raises_an_error(name: str, value: object) -> None:
    with pytest.raises(TypeError):
        mp_pose.Pose(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model_complexity": 1.0}, "integer"),
        ({"enable_segmentation": 1}, "enable_segmentation must be True or False, got 1"),
        ({"smooth_landmarks": None}, "smooth_landmarks must be True or False, got None"),
        ({"smooth_segmentation": None}, "smooth_segmentation must be True or False, got None"),
        ({"min_detection_confidence": "a"}, "must be real number, not str"),
        ({"min_tracking_confidence": [0.5]}, "must be real number, not list"),
        ({"min_confidence": 0.5}, "unexpected keyword argument 'min_confidence'"),
    ],
)
def test_types_that_mediapipe_rejects_raise_an_error(options: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        mp_pose.Pose(**options)


@pytest.mark.parametrize("complexity", [3, -1])
def test_an_invalid_complexity_raises_an_error(complexity: int) -> None:
    # MediaPipe aborts the process.
    with pytest.raises(ValueError, match=f"must be 0, 1 or 2, got {complexity}"):
        mp_pose.Pose(model_complexity=complexity)


@pytest.mark.parametrize("truth", [1, "yes", np.True_])
def test_static_image_mode_accepts_any_truth_value(scene: FakeScene, truth: Any) -> None:
    assert options_of(mp_pose.Pose(static_image_mode=truth)).force_detection
    options = options_of(mp_pose.Pose(smooth_landmarks=truth, enable_segmentation=np.True_))
    assert options.smoothing == 0.5
    assert options.segmentation is True


@pytest.mark.parametrize(
    ("value", "detection", "tracking"),
    [(1.5, 1, 1), (-1, 0, 0), (None, 0, 0), (float("nan"), 0, 1), (True, 1, 1), (0, 0, 0)],
)
def test_confidences_out_of_range_are_clipped(
    scene: FakeScene, value: Any, detection: float, tracking: float
) -> None:
    pose = mp_pose.Pose(min_detection_confidence=value, min_tracking_confidence=value)
    options = options_of(pose)
    assert (options.detection_confidence, options.tracking_confidence) == (detection, tracking)


# --- images ---


def image_like(shape: tuple[int, ...], dtype: Any = np.uint8) -> NDArray[Any]:
    return np.zeros(shape, dtype)


@pytest.mark.parametrize(
    ("image", "error", "message"),
    [
        (image_like((4, 4, 4)), ValueError, "Input image must contain three channel rgb data."),
        (image_like((4, 4, 1)), ValueError, "Input image must contain three channel rgb data."),
        (image_like((3, 4, 4)), ValueError, "Input image must contain three channel rgb data."),
        (image_like((1, 4, 4, 3)), ValueError, "Input image must contain three channel rgb data."),
        (image_like((4, 4)), IndexError, "tuple index out of range"),
        (image_like(()), IndexError, "tuple index out of range"),
        (None, AttributeError, "'NoneType' object has no attribute 'shape'"),
        ([[[1, 2, 3]]], AttributeError, "'list' object has no attribute 'shape'"),
        ("photo.jpg", AttributeError, "'str' object has no attribute 'shape'"),
        *(
            (
                image_like((4, 4, 3), dtype),
                TypeError,
                f"Cannot cast array data from dtype('{dtype}') to dtype('uint8') "
                "according to the rule 'safe'",
            )
            for dtype in ("float32", "float64", "int32", "int8", "uint16")
        ),
        # MediaPipe: RuntimeError with a text of its graph, which is not usable afterwards.
        (image_like((0, 0, 3)), RuntimeError, "image must have pixels, got shape (0, 0, 3)"),
        (image_like((4, 0, 3)), RuntimeError, "image must have pixels, got shape (4, 0, 3)"),
    ],
)
def test_an_invalid_image_raises_an_error_and_the_next_image_works(
    scene: FakeScene, image: Any, error: type[Exception], message: str
) -> None:
    with mp_pose.Pose() as pose:
        with pytest.raises(error) as raised:
            pose.process(image)
        assert str(raised.value) == message
        assert pose.process(scene.image).pose_landmarks


class ArrayLike:
    """An array type of another library: a shape and a conversion to NumPy."""

    shape = (240, 320, 3)

    def __array__(self, *_: Any, **__: Any) -> NDArray[np.uint8]:
        return image_like(self.shape)


@pytest.mark.parametrize(
    "image",
    [
        image_like((240, 320, 3))[:, ::-1],
        image_like((240, 320, 3))[:, :, ::-1],
        image_like((480, 640, 3))[::2, ::2],
        np.asfortranarray(image_like((240, 320, 3))),
        image_like((240, 320, 3), bool),
        np.ma.masked_array(image_like((240, 320, 3))),
        image_like((240, 320, 3)).view(np.recarray),
        ArrayLike(),
    ],
    ids=["mirrored", "bgr", "strided", "fortran", "bool", "masked", "record", "like"],
)
def test_any_uint8_array_is_accepted(scene: FakeScene, image: Any) -> None:
    assert mp_pose.Pose().process(image).pose_landmarks


def test_an_image_of_one_pixel_has_no_pose(scene: FakeScene) -> None:
    assert mp_pose.Pose().process(image_like((1, 1, 3))).pose_landmarks is None


def test_the_input_image_is_not_changed(scene: FakeScene) -> None:
    image = scene.image
    image.flags.writeable = False
    pose = mp_pose.Pose()
    assert pose.process(image=image).pose_landmarks
    image.flags.writeable = True
    assert pose.process(image).pose_landmarks
    assert image.flags.writeable
    assert_array_equal(image, scene.image)


def test_tracking_continues_with_another_image_size(scene: FakeScene) -> None:
    # MediaPipe fails here with segmentation; without it, it behaves in the same way.
    scene.has_masks = True
    pose = mp_pose.Pose(enable_segmentation=True)
    pose.process(scene.image)
    scene.wh = (2 * WH[0], 2 * WH[1])
    (person,) = scene.actors
    scene.actors = [replace(person, hips=(2 * person.hips[0], 2 * person.hips[1]), size_px=160)]
    mask = pose.process(scene.image).segmentation_mask
    assert mask.shape == (480, 640)
    assert scene.n_detections == 1


# --- results ---


def test_landmarks_are_those_of_the_engine_normalized_by_the_image_size(scene: FakeScene) -> None:
    scene.has_masks = True
    results = mp_pose.Pose(enable_segmentation=True).process(scene.image)
    tracker = PoseTracker(profile="solutions", segmentation=True)
    pose = tracker.update(scene.image, timestamp_us=STEP_US).pose
    assert pose is not None
    px = np.float32([320, 240, 320])
    columns = np.column_stack([pose.landmarks / px, pose.visibility])
    assert_array_equal(table(results.pose_landmarks), columns)
    columns = np.column_stack([pose.world, pose.visibility])
    assert_array_equal(table(results.pose_world_landmarks), columns)
    assert_array_equal(results.segmentation_mask, pose.mask)


def test_presence_is_not_set(scene: FakeScene) -> None:
    results = mp_pose.Pose().process(scene.image)
    for landmarks in (results.pose_landmarks, results.pose_world_landmarks):
        for landmark in landmarks.landmark:
            assert landmark.HasField("visibility")
            assert not landmark.HasField("presence")
            assert landmark.presence == 0


def test_without_a_person_every_field_is_none(scene: FakeScene) -> None:
    scene.actors = []
    results = mp_pose.Pose(enable_segmentation=True).process(scene.image)
    assert results.pose_landmarks is None
    assert results.pose_world_landmarks is None
    assert results.segmentation_mask is None
    assert not results.pose_landmarks
    with pytest.raises(AttributeError, match="'NoneType' object has no attribute 'landmark'"):
        results.pose_landmarks.landmark  # type: ignore[union-attr]  # noqa: B018


def test_a_mask_is_read_only_float32_and_none_by_default(scene: FakeScene) -> None:
    scene.has_masks = True
    mask = mp_pose.Pose(enable_segmentation=True).process(scene.image).segmentation_mask
    assert mask is not None
    assert mask.dtype == np.float32
    assert mask.shape == scene.image.shape[:2]
    assert mask.flags.c_contiguous
    assert not mask.flags.writeable
    scene.has_masks = False
    assert mp_pose.Pose().process(scene.image).segmentation_mask is None


def test_results_unpack_like_a_named_tuple(scene: FakeScene) -> None:
    results = mp_pose.Pose().process(scene.image)
    assert results._fields == ("pose_landmarks", "pose_world_landmarks", "segmentation_mask")
    landmarks, world, mask = results
    assert landmarks is results.pose_landmarks is results[0]
    assert world is results.pose_world_landmarks is results[1]
    assert mask is results.segmentation_mask is results[-1]
    assert len(results) == 3
    assert results._asdict()["pose_landmarks"] is landmarks
    assert type(results).__name__ == "SolutionOutputs"
    assert results


def test_results_can_be_changed_copied_and_pickled(scene: FakeScene) -> None:
    results = mp_pose.Pose().process(scene.image)
    expected = table(results.pose_landmarks)
    for other in (copy.deepcopy(results), pickle.loads(pickle.dumps(results))):
        assert_array_equal(table(other.pose_landmarks), expected)
        other.pose_landmarks.landmark[0].x = -1.0
    assert_array_equal(table(results.pose_landmarks), expected)
    results.pose_landmarks = None  # programs replace them by smoothed landmarks
    assert list(results) == [None, results.pose_world_landmarks, None]


PATTERNS: dict[str, Callable[[Any], object]] = {
    "by enum": lambda r: r.pose_landmarks.landmark[mp_pose.PoseLandmark.LEFT_WRIST].x,
    "by value": lambda r: r.pose_landmarks.landmark[mp_pose.PoseLandmark.LEFT_WRIST.value].x,
    "by number": lambda r: r.pose_landmarks.landmark[15].x,
    "enumerated": lambda r: {i: lm for i, lm in enumerate(r.pose_landmarks.landmark)}[15].x,
    "fields": lambda r: r.pose_landmarks.ListFields()[0][1][15].x,
    "last field": lambda r: r.pose_landmarks.ListFields()[-1][1][15].x,
    "sliced": lambda r: r.pose_landmarks.landmark[11:17][4].x,
    "listed": lambda r: list(r.pose_landmarks.landmark)[15].x,
    "zipped": lambda r: {
        name.name: lm.x
        for name, lm in zip(mp_pose.PoseLandmark, r.pose_landmarks.landmark, strict=True)
    }["LEFT_WRIST"],
    "array": lambda r: np.array([[lm.x, lm.y] for lm in r.pose_landmarks.landmark])[15, 0],
    "flattened": lambda r: np.array(
        [[lm.x, lm.y, lm.z, lm.visibility] for lm in r.pose_landmarks.landmark]
    ).flatten()[60],
    "by axis": lambda r: [getattr(r.pose_landmarks.landmark[15], axis) for axis in "yx"][1],
    "copied": lambda r: copy.deepcopy(r.pose_landmarks).landmark[15].x,
    "copied list": lambda r: copy.deepcopy(r.pose_landmarks.landmark)[15].x,
    "parsed": lambda r: (
        type(r.pose_landmarks).FromString(r.pose_landmarks.SerializeToString()).landmark[15].x
    ),
    "pickled": lambda r: pickle.loads(pickle.dumps(r.pose_landmarks)).landmark[15].x,
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_landmarks_can_be_read_in_every_common_way(scene: FakeScene, pattern: str) -> None:
    results = mp_pose.Pose().process(scene.image)
    assert results.pose_landmarks
    expected = np.float32(ANN.points[15, 0]) / np.float32(320)
    assert PATTERNS[pattern](results) == pytest.approx(expected, abs=1e-6)


def test_landmarks_print_as_text(scene: FakeScene) -> None:
    text = str(mp_pose.Pose().process(scene.image).pose_landmarks)
    assert text.startswith("landmark {\n  x: ")
    assert text.count("landmark {") == text.count("  visibility: ") == 33
    assert "presence" not in text


def test_landmarks_of_a_result_can_be_changed(scene: FakeScene) -> None:
    landmarks = mp_pose.Pose().process(scene.image).pose_landmarks
    for landmark in landmarks.landmark:  # type: ignore[union-attr]
        landmark.x = 1.0 - landmark.x  # mirrored
    expected = 1 - ANN.points[:33, 0] / 320
    np.testing.assert_allclose(table(landmarks)[:, 0], expected, atol=1e-6)


def test_a_result_stays_valid_after_the_next_image_and_close(scene: FakeScene) -> None:
    with mp_pose.Pose(enable_segmentation=False) as pose:
        first = pose.process(scene.image)
        expected = table(copy.deepcopy(first.pose_landmarks))
        scene.actors = [replace(ANN, hips=(130, 105), seed=5)]
        pose.process(scene.image)
    assert_array_equal(table(first.pose_landmarks), expected)


# --- timestamps ---


def frames(scene: FakeScene, n: int) -> Iterator[NDArray[np.uint8]]:
    """Images of a person who moves and changes posture."""
    for i in range(n):
        scene.actors = [replace(ANN, hips=(120 + i, 100), seed=i)]
        yield scene.image


def shown(scene: FakeScene) -> NDArray[np.floating]:
    """(33, 2) landmarks of the current image, normalized."""
    return scene.actors[0].points[:33, :2] / WH


def test_each_image_is_33333_us_later(scene: FakeScene) -> None:
    pose, tracker = mp_pose.Pose(), PoseTracker(profile="solutions")
    for i, image in enumerate(frames(scene, 5), start=1):
        native = tracker.update(image, timestamp_us=STEP_US * i).pose
        assert native is not None
        ours = table(pose.process(image).pose_world_landmarks)
        assert_array_equal(ours[:, :3], native.world)


def test_an_invalid_image_advances_the_clock(scene: FakeScene) -> None:
    pose, tracker = mp_pose.Pose(), PoseTracker(profile="solutions")
    for image, time_us in zip(frames(scene, 2), (STEP_US, 3 * STEP_US), strict=True):
        native = tracker.update(image, timestamp_us=time_us).pose
        assert native is not None
        ours = table(pose.process(image).pose_world_landmarks)
        assert_array_equal(ours[:, :3], native.world)
        with pytest.raises(ValueError, match="three channel"):
            pose.process(image[:, :, :1])


def test_reset_clears_everything_but_the_clock(scene: FakeScene) -> None:
    pose = mp_pose.Pose()
    before = [table(pose.process(image).pose_landmarks) for image in frames(scene, 3)]
    pose.reset()
    after = [table(pose.process(image).pose_landmarks) for image in frames(scene, 3)]
    np.testing.assert_allclose(after, before, atol=1e-6)
    assert scene.n_detections == 2
    assert pose._simulated_timestamp == 6 * STEP_US


def test_a_video_is_smoothed_by_default(scene: FakeScene) -> None:
    smooth, rough = mp_pose.Pose(), mp_pose.Pose(smooth_landmarks=False)
    for image in frames(scene, 3):
        smoothed, raw = (table(pose.process(image).pose_landmarks) for pose in (smooth, rough))
        np.testing.assert_allclose(raw[:, :2], shown(scene), atol=1e-6)
    assert np.abs(smoothed[:, :2] - shown(scene)).max() > 0.01


def test_without_smoothing_the_next_roi_is_still_smoothed(scene: FakeScene) -> None:
    rois = []
    for pose in (mp_pose.Pose(), mp_pose.Pose(smooth_landmarks=False)):
        scene.networks.landmarker.images.clear()
        for image in frames(scene, 4):
            pose.process(image)
        rois.append(scene.rois)
    assert rois[0] == rois[1]
    assert rois[0][-1].center[0] < 122  # lags behind the person's position in the third frame


def test_static_images_run_the_detector_each_time(scene: FakeScene) -> None:
    pose = mp_pose.Pose(static_image_mode=True)
    for image in frames(scene, 3):
        ours = table(pose.process(image).pose_landmarks)[:, :2]
        np.testing.assert_allclose(ours, shown(scene), atol=1e-6)
    assert scene.n_detections == 3


# --- life cycle ---


def test_process_raises_an_error_after_close(scene: FakeScene) -> None:
    pose = mp_pose.Pose()
    pose.close()
    for image in (scene.image, None, scene.image / 255):
        with pytest.raises(ValueError, match=r"^_graph is None in SolutionBase$"):
            pose.process(image)
    assert pose._graph is None  # programs check this way whether it is open


def test_closing_twice_raises_an_error_but_reset_after_close_does_not(scene: FakeScene) -> None:
    pose = mp_pose.Pose()
    pose.close()
    pose.reset()
    message = r"^Closing SolutionBase\._graph which is already None$"
    with pytest.raises(ValueError, match=message):
        pose.close()
    with pytest.raises(ValueError, match=message), mp_pose.Pose() as again:
        again.close()


def test_the_context_manager_returns_the_solution_and_closes_it(scene: FakeScene) -> None:
    with mp_pose.Pose() as pose:
        assert isinstance(pose, mp_pose.Pose)
        assert isinstance(pose, SolutionBase)
        assert pose.process(scene.image).pose_landmarks
    sessions = [*scene.networks.detector.sessions, *scene.networks.landmarker.sessions]
    assert all(session.is_closed for session in sessions)
    with pytest.raises(ZeroDivisionError), mp_pose.Pose():
        _ = 1 / 0


def test_a_garbage_collected_solution_releases_its_engine(scene: FakeScene) -> None:
    pose = mp_pose.Pose()
    pose.process(scene.image)
    del pose
    gc.collect()  # warnings and unraisable errors fail a test here


def test_a_solution_can_be_subclassed(scene: FakeScene) -> None:
    class Counting(mp_pose.Pose):
        def __init__(self) -> None:
            super().__init__(static_image_mode=True, model_complexity=0)
            self.count = 0

        def process(self, image: NDArray[np.uint8]) -> SolutionOutputs:
            self.count += 1
            return super().process(image)

    with Counting() as pose:
        assert pose.process(scene.image).pose_landmarks
        assert pose.count == 1


@pytest.mark.parametrize("copied", [pickle.dumps, copy.deepcopy])
def test_a_solution_can_not_be_pickled(
    scene: FakeScene, copied: Callable[[object], object]
) -> None:
    with pytest.raises(TypeError, match="cannot pickle"):  # the error of a process pool
        copied(mp_pose.Pose())


def test_a_solution_is_thread_safe(scene: FakeScene) -> None:
    # MediaPipe crashes.
    with mp_pose.Pose() as pose, ThreadPoolExecutor(4) as pool:
        results = list(pool.map(pose.process, [scene.image] * 20))
        assert all(result.pose_landmarks for result in results)
        assert pose._simulated_timestamp == 20 * STEP_US


def test_two_solutions_are_independent(scene: FakeScene) -> None:
    poses = [mp_pose.Pose() for _ in range(3)]
    alone = mp_pose.Pose()
    for image in frames(scene, 3):
        expected = table(alone.process(image).pose_landmarks)
        for pose in poses:
            assert_array_equal(table(pose.process(image).pose_landmarks), expected)


# --- models ---


def test_download_oss_model_accepts_model_file_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr("vitruvian.models.store.find_file", asked.append)
    download_utils.download_oss_model("mediapipe/modules/pose_landmark/pose_landmark_heavy.tflite")
    download_utils.download_oss_model("pose_detection.tflite")
    assert asked == ["heavy", "detector"]
    with pytest.raises(ValueError, match=r"pose_landmark_full.tflite.*got 'hand_landmark.tflite'"):
        download_utils.download_oss_model("hand_landmark.tflite")


def test_a_missing_model_raises_model_not_found_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VITRUVIAN_MODELS", str(tmp_path / "nowhere"))
    with pytest.raises(ModelNotFoundError, match="no folder of models"):
        mp_pose.Pose()
