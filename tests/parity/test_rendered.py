"""MediaPipe's recorded outputs on rendered pictures and clips, which are in the repository.

These tests need neither photos nor MediaPipe. The scenes are chosen so that no result depends on
the last digits (`test_no_landmark_depends_on_the_last_digits`). So the bounds of the other parity
tests hold here without exceptions, and a loop that runs free stays within the bounds of single
images.
"""

from __future__ import annotations

import hashlib
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.parity.reference import SOLUTIONS, SOLUTIONS_STEP_US, TASKS, norm_of, roi_of
from tests.parity.rendered import (
    CLIPS,
    FPS,
    MASK_STEP,
    PICTURES,
    frames_of,
    people_of,
    recording,
    wh_of,
)
from tests.parity.steps import (
    assert_filters_on_the_recorded_landmarks,
    assert_raw_landmarks_in_the_recorded_region,
    assert_regions_follow_the_recorded_ones,
)
from tests.parity.test_compat_solutions import _table
from tests.parity.test_compat_tasks import image_of, landmarker, values
from tests.parity.test_images import BOUNDS, MEDIAN_PX, MODELS, _raw_in, _values, spread_of
from vitruvian.backends import BACKENDS
from vitruvian.compat.mediapipe.python.solutions.pose import Pose
from vitruvian.compat.mediapipe.tasks.python.vision.core.vision_task_running_mode import (
    VisionTaskRunningMode as RunningMode,
)
from vitruvian.core.frame import Frame
from vitruvian.engine.estimator import PoseEstimator
from vitruvian.track.tracker import PoseTracker

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from vitruvian.core.pose import PoseResult

    People = list[NDArray[np.floating]]

weights = pytest.mark.weights
every_model = pytest.mark.parametrize("model", MODELS)
VERSIONS = {"solutions": SOLUTIONS, "tasks": TASKS}
TRACKED = {"solutions": ("sways", "cuts"), "tasks": CLIPS}
RUNS = [  # profile, name, num_poses
    *(("solutions", name, 1) for name in PICTURES),
    *(("tasks", name, 1) for name in PICTURES),
    ("tasks", "three", 4),
]


@pytest.fixture(params=sorted(BACKENDS))
def backend(request: pytest.FixtureRequest) -> str:
    if request.param == "litert":
        pytest.importorskip("ai_edge_litert", reason="needs the extra vitruvian[litert]")
    return str(request.param)


def expected(profile: str, name: str, model: str, num_poses: int = 1) -> list[People]:
    run = model if profile == "solutions" else f"{model}:num_poses={num_poses}"
    landmarks = "smooth" if name in CLIPS and profile == "solutions" else "landmarks"
    world = landmarks.replace("landmarks", "world").replace("smooth", "smooth_world")
    return list(people_of(VERSIONS[profile], name, run, landmarks, world))


def off(ours: Iterable[People], theirs: Iterable[People]) -> NDArray[np.floating]:
    """(n, 33, 7) differences, of the same number of people on every frame."""
    pairs = list(zip(ours, theirs, strict=True))
    assert [len(a) for a, _ in pairs] == [len(b) for _, b in pairs]
    differences = [a - b for people in pairs for a, b in zip(*people, strict=True)]
    return np.abs(differences).reshape(-1, 33, BOUNDS.size)


def assert_images_equal(ours: People, theirs: People, name: str) -> None:
    differences = off([ours], [theirs])
    assert not len(differences) or np.median(differences[..., :2]) <= MEDIAN_PX, name
    assert not (differences > BOUNDS).any(), name  # what is not recorded is NaN


def assert_loops_equal(ours: list[People], theirs: list[People]) -> None:
    """Rounding errors are fed back: two versions of MediaPipe differ by as much."""
    differences = off(ours, theirs)
    assert np.mean(differences[..., :2] <= BOUNDS[:2]) >= 0.95
    for columns in (2, 3, slice(4, 7)):
        median = np.median(differences[..., columns])
        assert not median > BOUNDS[columns].max(), columns  # what is not recorded is NaN


def people_in(result: PoseResult) -> People:
    return [_values(pose) for pose in result]


def assert_masks_equal(ours: list[NDArray[np.floating]], theirs: NDArray[np.uint8]) -> None:
    assert len(ours) == len(theirs)
    for mask, levels in zip(ours, theirs, strict=True):
        differences = np.abs(np.squeeze(mask) * 255.0 - levels)
        assert np.mean(differences > 1.5) <= 1e-3  # half a level is the recorded rounding


@pytest.mark.parametrize("version", VERSIONS.values())
def test_the_pictures_are_those_that_were_recorded(version: str) -> None:
    names = TRACKED["solutions" if version == SOLUTIONS else "tasks"]
    for name in (*PICTURES, *names):
        digest = hashlib.sha256(frames_of(name).tobytes()).hexdigest()
        assert recording(version, name)["sha256"] == digest, name


@weights
@every_model
@pytest.mark.parametrize("profile", VERSIONS)
def test_same_people_and_landmarks_in_pictures(profile: str, model: str, backend: str) -> None:
    for num_poses in (1, 4) if profile == "tasks" else (1,):
        with PoseEstimator(
            model, profile=profile, num_poses=num_poses, backend=backend
        ) as estimator:
            for name in PICTURES if num_poses == 1 else ("three",):
                ours = people_in(estimator.detect(frames_of(name)[0]))
                (theirs,) = expected(profile, name, model, num_poses)
                assert_images_equal(ours, theirs, name)


def test_the_recordings_show_the_people_that_were_rendered() -> None:
    for name in PICTURES:
        (people,) = expected("tasks", name, "full")
        assert len(people) == (name != "nobody"), name
    assert len(expected("tasks", "three", "full", 4)[0]) == 3
    assert [len(people) for people in expected("tasks", "group", "full", 4)] == [3] * 20
    for profile, model in product(VERSIONS, MODELS):  # the first frame after a cut shows nobody
        counts = [len(people) for people in expected(profile, "cuts", model)]
        assert counts == [1] * 8 + [0] + [1] * 9 + [0] * 3 + [1] * 7


@weights
@every_model
def test_landmarks_of_pictures_in_the_recorded_region(model: str) -> None:
    with PoseEstimator(model, profile="solutions") as estimator:
        for name in PICTURES:
            (theirs,) = expected("solutions", name, model)
            for person in theirs:
                roi = roi_of(recording(SOLUTIONS, name)["roi"], wh_of(name))
                raw = _raw_in(estimator, frames_of(name)[0], roi)
                differences = np.abs(_values(raw) - person)
                assert differences[:, :2].max() <= 0.05, name
                assert differences[:, 4:].max() <= 3e-4, name


@weights
def test_detections_and_regions_of_pictures(backend: str) -> None:
    with PoseEstimator("lite", profile="solutions", backend=backend) as estimator:
        for name in PICTURES:
            table, wh = recording(SOLUTIONS, name), np.float32(wh_of(name))
            pose = estimator.detect(frames_of(name)[0]).pose
            assert (pose is None) == ("detection" not in table), name
            if pose is None:
                continue
            found = pose.detection
            corners = found.box_xyxy.reshape(2, 2) / wh
            keypoints = (found.keypoints / wh).ravel()
            ours = [found.score, *corners[0], *(corners[1] - corners[0]), *keypoints]
            np.testing.assert_allclose(ours, table["detection"], atol=1e-5, rtol=0)
            np.testing.assert_allclose(norm_of(pose.roi, wh_of(name)), table["roi"], atol=1e-5)


@weights
@pytest.mark.parametrize(("profile", "name", "num_poses"), RUNS)
def test_masks_of_pictures(profile: str, name: str, num_poses: int) -> None:
    table = recording(VERSIONS[profile], name)
    none = np.empty((0, *wh_of(name)[::-1]), np.uint8)
    if profile == "solutions":
        theirs = table["full:mask"][None] if "full:mask" in table else none
    else:
        theirs = table[f"full:num_poses={num_poses}:masks"]
    with PoseEstimator(
        "full", profile=profile, num_poses=num_poses, segmentation=True
    ) as estimator:
        result = estimator.detect(frames_of(name)[0])
    assert_masks_equal([pose.mask for pose in result], theirs)


@weights
@pytest.mark.parametrize("clip", TRACKED["solutions"])
def test_masks_of_clips_in_the_recorded_region(clip: str) -> None:
    """The wheels of MediaPipe do not smooth masks over time."""
    table = recording(SOLUTIONS, clip)
    found = ~np.isnan(table["full:raw"][:, 0, 0])
    shown = [i for i in range(MASK_STEP - 1, len(found), MASK_STEP) if found[i]]
    with PoseEstimator("full", profile="solutions", segmentation=True) as estimator:
        for i, levels in zip(shown, table["full:masks"], strict=True):
            region = roi_of(table["full:roi"][i], wh_of(clip))
            mask = _raw_in(estimator, frames_of(clip)[i], region).mask
            differences = np.abs(mask * 255 - levels)
            assert np.mean(differences > 1.5) <= 1e-4
            assert differences.max() <= 255 / 32 + 0.5


@weights
@every_model
@pytest.mark.parametrize("clip", TRACKED["solutions"])
def test_each_step_of_the_loop(clip: str, model: str, backend: str) -> None:
    table = recording(SOLUTIONS, clip)
    assert_raw_landmarks_in_the_recorded_region(frames_of(clip), table, model, backend)
    if backend == "openvino":
        assert_filters_on_the_recorded_landmarks(table, model, wh_of(clip))
        assert_regions_follow_the_recorded_ones(frames_of(clip), table, model)


@weights
@every_model
@pytest.mark.parametrize(
    ("profile", "clip"), [(profile, clip) for profile in TRACKED for clip in TRACKED[profile]]
)
def test_the_whole_loop(profile: str, clip: str, model: str, backend: str) -> None:
    num_poses = 4 if clip == "group" else 1
    theirs = expected(profile, clip, model, num_poses)
    with PoseTracker(model, profile=profile, num_poses=num_poses, backend=backend) as tracker:
        frames = solutions_frames(clip) if profile == "solutions" else tasks_frames(clip)
        assert_loops_equal([people_in(tracker.update(frame)) for frame in frames], theirs)


@weights
@every_model
@pytest.mark.parametrize("clip", TRACKED["solutions"])
def test_the_whole_loop_without_smoothing(clip: str, model: str) -> None:
    theirs = list(people_of(SOLUTIONS, clip, model, "unsmoothed", "unsmoothed_world"))
    with PoseTracker(model, profile="solutions", smoothing=0) as tracker:
        ours = [people_in(tracker.update(frame)) for frame in solutions_frames(clip)]
    assert_loops_equal(ours, theirs)


def solutions_frames(clip: str) -> list[Frame]:
    return [Frame(image, SOLUTIONS_STEP_US * (i + 1), i) for i, image in enumerate(frames_of(clip))]


def tasks_frames(clip: str) -> list[Frame]:
    return [
        Frame(image, 1000 * round(1000 * i / FPS), i) for i, image in enumerate(frames_of(clip))
    ]


def solutions_people(results: Any, wh: tuple[int, int]) -> People:
    """People of `mp.solutions.pose`, which does not give the presence."""
    if results.pose_landmarks is None:
        return []
    table = _table(results)
    return [np.column_stack([table[:, :2] * wh, table[:, 3], [np.nan] * 33, table[:, 4:7]])]


def tasks_people(result: Any, wh: tuple[int, int]) -> People:
    people = zip(result.pose_landmarks, result.pose_world_landmarks, strict=True)
    return [
        np.column_stack([values(points)[:, :2] * wh, values(points)[:, 3:], values(world)[:, :3]])
        for points, world in people
    ]


@weights
@every_model
def test_pictures_with_mp_solutions(model: str) -> None:
    with Pose(
        static_image_mode=True, model_complexity=MODELS.index(model), enable_segmentation=True
    ) as pose:
        for name in PICTURES:
            results = pose.process(frames_of(name)[0])
            (theirs,) = expected("solutions", name, model)
            assert_images_equal(solutions_people(results, wh_of(name)), theirs, name)
            if theirs and model == "full":
                mask = recording(SOLUTIONS, name)["full:mask"]
                assert_masks_equal([results.segmentation_mask], mask[None])


@weights
@every_model
@pytest.mark.parametrize("smooth", [True, False])
@pytest.mark.parametrize("clip", TRACKED["solutions"])
def test_clips_with_mp_solutions(clip: str, smooth: bool, model: str) -> None:
    steps = ("smooth", "smooth_world") if smooth else ("unsmoothed", "unsmoothed_world")
    theirs = list(people_of(SOLUTIONS, clip, model, *steps))
    with Pose(model_complexity=MODELS.index(model), smooth_landmarks=smooth) as pose:
        answers = [pose.process(frame) for frame in frames_of(clip)]
    assert_loops_equal([solutions_people(answer, wh_of(clip)) for answer in answers], theirs)


@weights
@every_model
def test_pictures_with_tasks(model: str) -> None:
    for num_poses, names in ((1, PICTURES), (4, ("three",))):
        with landmarker(model, num_poses=num_poses, output_segmentation_masks=True) as layer:
            for name in names:
                result = layer.detect(image_of(frames_of(name)[0]))
                (theirs,) = expected("tasks", name, model, num_poses)
                assert_images_equal(tasks_people(result, wh_of(name)), theirs, name)
                if model == "full":
                    masks = [mask.numpy_view() for mask in result.segmentation_masks or ()]
                    recorded = recording(TASKS, name)[f"full:num_poses={num_poses}:masks"]
                    assert_masks_equal(masks, recorded)


@weights
@every_model
@pytest.mark.parametrize("clip", TRACKED["tasks"])
def test_clips_with_tasks(clip: str, model: str) -> None:
    num_poses = 4 if clip == "group" else 1
    with landmarker(
        model,
        running_mode=RunningMode.VIDEO,
        num_poses=num_poses,
        output_segmentation_masks=True,
    ) as layer:
        answers = [
            layer.detect_for_video(image_of(frame.image), frame.timestamp_us // 1000)
            for frame in tasks_frames(clip)
        ]
    ours = [tasks_people(answer, wh_of(clip)) for answer in answers]
    assert_loops_equal(ours, expected("tasks", clip, model, num_poses))
    if model == "full" and clip == "group":  # regions from detections, so that nothing is fed back
        shown = answers[MASK_STEP - 1 :: MASK_STEP]
        masks = [mask.numpy_view() for answer in shown for mask in answer.segmentation_masks or ()]
        assert_masks_equal(masks, recording(TASKS, clip)["full:num_poses=4:masks"])


@weights
@pytest.mark.slow
@every_model
def test_no_landmark_depends_on_the_last_digits(model: str) -> None:
    """How the pictures were chosen: from our own results, not by what MediaPipe answers."""
    for num_poses, names in ((1, PICTURES), (4, ("three",))):
        with PoseEstimator(model, profile="tasks", num_poses=num_poses) as estimator:
            for name in names:
                image = frames_of(name)[0]
                for pose in estimator.detect(image):
                    assert spread_of(estimator, image, pose)[:, :2].max() <= BOUNDS[0], name
