"""`vitruvian.compat.tfjs`: names, keys and units of TF.js pose-detection.

The tracker is a fake that returns a stored pose and records its calls; numerical parity is tested
in tests/parity/test_compat_tfjs.py.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

import vitruvian.compat.tfjs as pd
from vitruvian import BLAZEPOSE, Frame, Pose, PoseResult, Roi

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Picture = Callable[[np.ndarray, Path], object]

WIDTH, HEIGHT = 64, 48
HEAVY = {"av", "cv2", "google", "matplotlib", "openvino", "PIL", "scipy"}


class FakeTracker:
    """Returns the same pose in every frame, or none if set so."""

    made: list[FakeTracker]

    def __init__(self, model: str, **options: Any) -> None:
        self.options = {"model": model, **options}
        self.log: list[Any] = []
        self.pose: Pose | None = a_pose()
        FakeTracker.made.append(self)

    def update(self, frame: Frame) -> PoseResult:
        self.log.append(frame)
        poses = () if self.pose is None else (self.pose,)
        return PoseResult(frame.index, frame.timestamp_us, frame.width, frame.height, poses)

    def reset(self) -> None:
        self.log.append("reset")

    def note_gap(self) -> None:
        self.log.append("gap")

    def close(self) -> None:
        self.log.append("close")

    @property
    def times_us(self) -> list[int]:
        return [entry.timestamp_us for entry in self.log if isinstance(entry, Frame)]


def a_pose(mask: np.ndarray | None = None) -> Pose:
    rng = np.random.default_rng(0)
    return Pose(
        landmarks=rng.uniform(0, 50, (33, 3)),
        visibility=rng.uniform(0, 1, 33),
        presence=rng.uniform(0, 1, 33),
        world=rng.uniform(-1, 1, (33, 3)),
        roi=Roi((30.0, 20.0), (40.0, 40.0), 0.0),
        score=0.875,
        mask=mask,
        id=0,
    )


@pytest.fixture(autouse=True)
def _fake_tracker(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeTracker.made = []
    monkeypatch.setattr("vitruvian.track.tracker.PoseTracker", FakeTracker)


@pytest.fixture
def image() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


def detector(runtime: str = "tfjs", **config: Any) -> tuple[pd.PoseDetector, FakeTracker]:
    made = pd.create_detector(pd.SupportedModels.BlazePose, {"runtime": runtime, **config})
    return made, FakeTracker.made[-1]


# --- creation ---


def test_import_loads_nothing_heavy() -> None:
    program = (
        "import sys, vitruvian.compat.tfjs; print(*{m.partition('.')[0] for m in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert not HEAVY & set(done.stdout.split())


def test_camel_case_and_snake_case_functions_are_the_same_object() -> None:
    assert pd.createDetector is pd.create_detector
    assert pd.PoseDetector.estimatePoses is pd.PoseDetector.estimate_poses
    assert pd.util.getAdjacentPairs is pd.util.get_adjacent_pairs
    assert pd.util.getKeypointIndexByName is pd.util.get_keypoint_index_by_name
    assert pd.util.getKeypointIndexBySide is pd.util.get_keypoint_index_by_side


@pytest.mark.parametrize("runtime", ["tfjs", "mediapipe"])
def test_defaults_are_those_of_tfjs(runtime: str) -> None:
    _, tracker = detector(runtime)
    assert tracker.options == {
        "model": "full",
        "profile": "graph",
        "smoothing": 0.5,
        "segmentation": False,
        "smooth_segmentation": True,
    }


@pytest.mark.parametrize(
    "config",
    [
        {
            "runtime": "tfjs",
            "modelType": "heavy",
            "enableSmoothing": False,
            "enableSegmentation": True,
            "smoothSegmentation": False,
        },
        {
            "runtime": "tfjs",
            "model_type": "heavy",
            "enable_smoothing": False,
            "enable_segmentation": True,
            "smooth_segmentation": False,
        },
    ],
    ids=["camelCase", "snake_case"],
)
def test_config_keys_in_both_spellings_reach_the_tracker(config: dict[str, object]) -> None:
    pd.create_detector("BlazePose", config)
    assert FakeTracker.made[0].options == {
        "model": "heavy",
        "profile": "graph",
        "smoothing": 0.0,
        "segmentation": True,
        "smooth_segmentation": False,
    }


def test_none_leaves_a_key_at_its_default() -> None:
    _, tracker = detector(modelType=None, enableSmoothing=None)
    assert tracker.options["model"] == "full"
    assert tracker.options["smoothing"] == 0.5


@pytest.mark.parametrize("key", ["solutionPath", "detectorModelUrl", "landmark_model_url"])
def test_model_urls_are_ignored_with_a_warning(key: str) -> None:
    with pytest.warns(UserWarning, match=f"'{key}' has no effect here") as caught:
        detector(**{key: "base/node_modules/pose"})
    assert len(FakeTracker.made) == 1
    assert len(caught) == 1


def test_warnings_have_the_line_of_the_caller(image: np.ndarray) -> None:
    with pytest.warns(UserWarning, match="'solutionPath'") as caught:
        made = pd.create_detector("BlazePose", {"runtime": "mediapipe", "solutionPath": "x"})
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match="'enableSmoothing'.*createDetector") as caught:
        made.estimate_poses(image, {"enableSmoothing": True})
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    "model", [pd.SupportedModels.MoveNet, pd.SupportedModels.PoseNet, "posenet", None]
)
def test_other_models_raise_an_error(model: Any) -> None:
    with pytest.raises(ValueError, match=f"'BlazePose', got '{model}'"):
        pd.create_detector(model, {"runtime": "tfjs"})
    assert FakeTracker.made == []


@pytest.mark.parametrize("config", [None, {}, {"runtime": None}, {"runtime": "webgl"}])
def test_runtime_is_required(config: dict[str, object] | None) -> None:
    with pytest.raises(ValueError, match=r"runtime must be one of \['tfjs', 'mediapipe'\], got"):
        pd.create_detector("BlazePose", config)


@pytest.mark.parametrize(
    ("config", "error", "message"),
    [
        ({"modelType": "huge"}, ValueError, r"modelType must be one of .*'full'.* got 'huge'"),
        ({"enableSmoothing": 0.3}, TypeError, "enableSmoothing must be True or False, got 0.3"),
        ({"quantBytes": 2}, ValueError, "'enableSegmentation'.*'smoothSegmentation'.*'quantBytes'"),
        ({"modelType": "lite", "model_type": "full"}, ValueError, "modelType is given twice"),
    ],
)
def test_invalid_model_configs_raise_an_error(
    config: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        detector(**config)


def test_config_must_be_a_dictionary(image: np.ndarray) -> None:
    with pytest.raises(TypeError, match="config must be a dictionary, got str"):
        pd.create_detector("BlazePose", "tfjs")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="config must be a dictionary, got int"):
        detector()[0].estimate_poses(image, 33)  # type: ignore[arg-type]


# --- results ---


@pytest.mark.parametrize("runtime", ["tfjs", "mediapipe"])
def test_a_pose_consists_of_plain_python_types(runtime: str, image: np.ndarray) -> None:
    made, tracker = detector(runtime)
    (pose,) = made.estimate_poses(image)
    assert list(pose) == ["score", "keypoints", "keypoints3D"]
    assert pose["score"] == 0.875
    for points in (pose["keypoints"], pose["keypoints3D"]):
        assert [point["name"] for point in points] == list(BLAZEPOSE.names)
        assert all(list(point) == ["x", "y", "z", "score", "name"] for point in points)
        assert [p["score"] for p in points] == tracker.pose.visibility.tolist()
    assert json.loads(json.dumps(pose)) == pose


@pytest.mark.parametrize("runtime", ["tfjs", "mediapipe"])
def test_coordinates_are_px_and_metres(runtime: str, image: np.ndarray) -> None:
    made, tracker = detector(runtime)
    (pose,) = made.estimate_poses(image)
    seen = np.array([[p["x"], p["y"], p["z"]] for p in pose["keypoints"]])
    world = np.array([[p["x"], p["y"], p["z"]] for p in pose["keypoints3D"]])
    z_unit = {"tfjs": 1, "mediapipe": WIDTH}[runtime]  # MediaPipe normalizes z by the width
    np.testing.assert_array_equal(seen[:, :2], tracker.pose.landmarks[:, :2])
    np.testing.assert_allclose(seen[:, 2] * z_unit, tracker.pose.landmarks[:, 2], rtol=1e-6)
    np.testing.assert_array_equal(world, tracker.pose.world)


def test_without_a_person_the_list_is_empty(image: np.ndarray) -> None:
    made, tracker = detector()
    tracker.pose = None
    assert made.estimate_poses(image) == []


def test_image_none_gives_an_empty_list_and_resets_the_track(image: np.ndarray) -> None:
    made, tracker = detector()
    made.estimate_poses(image, None, 5000)
    assert made.estimate_poses(None) == []
    made.estimate_poses(image)
    assert tracker.log[1] == "reset"
    assert tracker.times_us == [5_000_000, 33_333]


# --- segmentation ---


@pytest.mark.parametrize("runtime", ["tfjs", "mediapipe"])
def test_mask_is_in_red_and_alpha(runtime: str, image: np.ndarray) -> None:
    made, tracker = detector(runtime, enableSegmentation=True)
    values = np.random.default_rng(2).uniform(0, 1, (HEIGHT, WIDTH)).astype(np.float32)
    tracker.pose = a_pose(values)
    mask = made.estimate_poses(image)[0]["segmentation"]["mask"]
    pixels = mask.toImageData()
    assert (pixels.shape, pixels.dtype) == ((HEIGHT, WIDTH, 4), np.uint8)
    np.testing.assert_array_equal(pixels[..., 0], np.rint(values * 255))
    np.testing.assert_array_equal(pixels[..., 3], pixels[..., 0])
    assert not pixels[..., 1:3].any()
    np.testing.assert_array_equal(np.asarray(mask.toCanvasImageSource()), pixels)
    np.testing.assert_array_equal(mask.values, values)
    tensor = mask.toTensor()
    if runtime == "tfjs":
        assert mask.getUnderlyingType() == "tensor"
        np.testing.assert_array_equal(tensor[..., 3], values)
    else:
        assert mask.getUnderlyingType() == "canvasimagesource"
        np.testing.assert_array_equal(tensor, pixels)
        assert tensor.dtype == np.int32


def test_every_mask_value_has_the_label_person(image: np.ndarray) -> None:
    made, tracker = detector(enableSegmentation=True)
    tracker.pose = a_pose(np.zeros((HEIGHT, WIDTH), np.float32))
    label = made.estimate_poses(image)[0]["segmentation"]["maskValueToLabel"]
    assert {label(value) for value in range(256)} == {"person"}
    for wrong in (-1, 256, 0.5):
        with pytest.raises(ValueError, match=f"from 0 to 255, got {wrong}"):
            label(wrong)


# --- images and timestamps ---


PICTURES: dict[str, Picture] = {
    "array": lambda pixels, _: pixels,
    "frame": lambda pixels, _: Frame(pixels, 700),
    "path": lambda _, path: path,
    "text": lambda _, path: str(path),
    "pillow": lambda pixels, _: Image.fromarray(pixels),
    "pillow RGBA": lambda pixels, _: Image.fromarray(pixels).convert("RGBA"),
}


@pytest.mark.parametrize("kind", PICTURES)
def test_every_image_type_is_accepted(kind: str, image: np.ndarray, tmp_path: Path) -> None:
    Image.fromarray(image).save(tmp_path / "a.png")
    made, tracker = detector()
    made.estimate_poses(PICTURES[kind](image, tmp_path / "a.png"), None, 12.5)
    (frame,) = tracker.log
    np.testing.assert_array_equal(frame.image, image)
    assert frame.timestamp_us == 12_500


@pytest.mark.parametrize(
    ("picture", "error"),
    [
        (np.zeros((9, 9, 5), np.uint8), ValueError),
        (np.full((9, 9, 3), 255, np.float32), ValueError),
        (np.zeros((9, 9, 3), np.int64), TypeError),
        ([[0, 0, 0]], TypeError),
    ],
)
@pytest.mark.parametrize("flip", [False, True])
def test_an_invalid_image_raises_an_error_and_changes_no_state(
    picture: Any, error: type[Exception], flip: bool, image: np.ndarray
) -> None:
    made, tracker = detector()
    made.estimate_poses(image)
    with pytest.raises(error, match="image must"):
        made.estimate_poses(picture, {"flipHorizontal": flip})
    made.estimate_poses(image)
    assert tracker.times_us == [33_333, 66_666]
    assert len(tracker.log) == 2


def test_timestamps_are_milliseconds(image: np.ndarray) -> None:
    made, tracker = detector()
    for i in range(3):
        made.estimate_poses(image, None, i * 33.3333)
    assert tracker.times_us == [0, 33_333, 66_667]


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -float("inf")])
def test_a_timestamp_is_a_finite_number(wrong: float, image: np.ndarray) -> None:
    made, tracker = detector()
    with pytest.raises(ValueError, match=f"^timestamp must be a finite number of ms, got {wrong}$"):
        made.estimate_poses(image, None, wrong)
    assert tracker.log == []


def test_a_timestamp_argument_overrides_that_of_a_frame(image: np.ndarray) -> None:
    made, tracker = detector()
    made.estimate_poses(Frame(image, 40_000))
    made.estimate_poses(Frame(image, 80_000), timestamp=90)
    made.estimate_poses(image)
    assert tracker.times_us == [40_000, 90_000, 123_333]


def test_still_images_are_processed_without_tracking(image: np.ndarray, tmp_path: Path) -> None:
    Image.fromarray(image).save(tmp_path / "a.png")
    made, tracker = detector()
    for still in (tmp_path / "a.png", Image.fromarray(image)):
        made.estimate_poses(still)
    assert [entry for entry in tracker.log if entry == "reset"] == ["reset"] * 2
    assert tracker.log[0] == tracker.log[2] == "reset"


def test_reset_equals_a_new_detector(image: np.ndarray) -> None:
    made, tracker = detector()
    made.estimate_poses(image, None, 5000)
    made.reset()
    made.estimate_poses(image)
    assert tracker.log[1] == "reset"
    assert tracker.times_us == [5_000_000, 33_333]


def test_dispose_closes_the_tracker() -> None:
    made, tracker = detector()
    made.dispose()
    assert tracker.log == ["close"]


# --- estimation config ---


@pytest.mark.parametrize("key", ["flipHorizontal", "flip_horizontal"])
def test_flip_horizontal_processes_the_mirrored_image(key: str, image: np.ndarray) -> None:
    made, tracker = detector()
    made.estimate_poses(image, {key: True})
    np.testing.assert_array_equal(tracker.log[-1].image, image[:, ::-1])


def test_changing_flip_horizontal_resets_the_track(image: np.ndarray) -> None:
    made, tracker = detector()
    for flip in (False, True, True, False):
        made.estimate_poses(image, {"flipHorizontal": flip})
    kinds = ["gap" if entry == "gap" else "frame" for entry in tracker.log]
    assert kinds == ["frame", "gap", "frame", "frame", "gap", "frame"]


@pytest.mark.parametrize("config", [None, {}, {"maxPoses": 1}, {"max_poses": None}])
def test_one_pose_is_the_default(config: dict[str, object] | None, image: np.ndarray) -> None:
    assert len(detector()[0].estimate_poses(image, config)) == 1


@pytest.mark.parametrize("n", [0, -1, 2, "many"])
def test_max_poses_above_1_raises_an_error(n: object, image: np.ndarray) -> None:
    with pytest.raises(ValueError, match=f"maxPoses must be 1, got {n!r}: .*PoseTracker"):
        detector()[0].estimate_poses(image, {"maxPoses": n})


@pytest.mark.parametrize(
    ("config", "error", "message"),
    [
        ({"scoreThreshold": 0.5}, ValueError, "'flipHorizontal', 'maxPoses'.* got 'scoreThresh"),
        ({"flipHorizontal": 1}, TypeError, "flipHorizontal must be True or False, got 1"),
    ],
)
def test_invalid_estimation_configs_raise_an_error(
    config: dict[str, object], error: type[Exception], message: str, image: np.ndarray
) -> None:
    made, tracker = detector()
    with pytest.raises(error, match=message):
        made.estimate_poses(image, config)
    assert tracker.log == []


# --- util and calculators ---


def test_model_names_equal_those_of_tfjs() -> None:
    assert {model.name: model.value for model in pd.SupportedModels} == {
        "MoveNet": "MoveNet",
        "BlazePose": "BlazePose",
        "PoseNet": "PoseNet",
    }


def test_coco_keypoints_are_the_17_of_coco(testdata: Path) -> None:
    categories = json.loads((testdata / "coco_keypoints.json").read_text())["categories"]
    person = next(category for category in categories if category["name"] == "person")
    assert person["keypoints"] == pd.util.COCO_KEYPOINTS


def test_blazepose_keypoints_equal_the_landmark_names() -> None:
    assert tuple(pd.util.BLAZEPOSE_KEYPOINTS) == BLAZEPOSE.names


@pytest.mark.parametrize("model", pd.SupportedModels)
def test_index_by_name_is_the_position_in_the_list(model: str) -> None:
    names = pd.BLAZEPOSE_KEYPOINTS if model == "BlazePose" else pd.COCO_KEYPOINTS
    index = pd.util.get_keypoint_index_by_name(model)
    assert [names[i] for i in index.values()] == list(index) == names


@pytest.mark.parametrize("model", pd.SupportedModels)
def test_every_keypoint_belongs_to_one_side(model: str) -> None:
    sides = pd.util.get_keypoint_index_by_side(model)
    names = list(pd.util.get_keypoint_index_by_name(model))
    assert list(sides) == ["left", "right", "middle"]
    assert sorted(i for side in sides.values() for i in side) == list(range(len(names)))
    assert sides["middle"] == [0]
    swapped = [names[i].replace("left", "right") for i in sides["left"]]
    assert swapped == [names[i] for i in sides["right"]]


def test_sides_equal_those_of_tfjs() -> None:
    # Recorded from @tensorflow-models/pose-detection, src/constants.ts.
    assert pd.BLAZEPOSE_KEYPOINTS_BY_SIDE["left"] == [1, 2, 3, *range(7, 33, 2)]
    assert pd.BLAZEPOSE_KEYPOINTS_BY_SIDE["right"] == [4, 5, 6, *range(8, 33, 2)]
    assert pd.COCO_KEYPOINTS_BY_SIDE["left"] == list(range(1, 17, 2))


def test_blazepose_pairs_equal_its_connections() -> None:
    pairs = pd.util.get_adjacent_pairs("BlazePose")
    assert {tuple(pair) for pair in pairs} == set(BLAZEPOSE.connections)
    assert len(pairs) == 36
    assert pairs.count([15, 17]) == 2  # as in TF.js


@pytest.mark.parametrize("model", ["MoveNet", "PoseNet"])
def test_coco_pairs_are_symmetric(model: str) -> None:
    pairs = pd.util.get_adjacent_pairs(model)
    mirrored = [0, *(i + 1 if i % 2 else i - 1 for i in range(1, 17))]
    assert len(pairs) == 16
    assert {frozenset(mirrored[i] for i in pair) for pair in pairs} == set(map(frozenset, pairs))


@pytest.mark.parametrize(
    "function",
    [
        pd.util.get_adjacent_pairs,
        pd.util.get_keypoint_index_by_name,
        pd.util.get_keypoint_index_by_side,
    ],
)
def test_unknown_models_have_no_keypoints(function: Callable[[str], object]) -> None:
    with pytest.raises(ValueError, match=r"\['MoveNet', 'BlazePose', 'PoseNet'\], got 'Blaze'"):
        function("Blaze")


def test_normalized_keypoints_are_fractions_of_the_image_size() -> None:
    keypoint = {"x": 16, "y": 12, "z": -32, "score": 0.5, "name": "nose"}
    flat = {"x": 64, "y": 48, "score": 1}
    given = [dict(keypoint), dict(flat)]
    size = {"width": WIDTH, "height": HEIGHT}
    assert pd.calculators.keypointsToNormalizedKeypoints(given, size) == [
        {"x": 0.25, "y": 0.25, "z": -0.5, "score": 0.5, "name": "nose"},
        {"x": 1, "y": 1, "score": 1},
    ]
    assert given == [keypoint, flat]
