"""Networks on a device, for its camera, files and images."""

from __future__ import annotations

import gc
import pickle
from threading import Event, Thread
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.oak.crafted import crafted_network
from tests.oak.fake_device import EndlessDevice, FakeDevice, Shelf, picture
from vitruvian import (
    DeviceError,
    Frame,
    LiveStream,
    ModelIntegrityError,
    PoseEstimator,
    PoseTracker,
    TrackerOptions,
    load_image,
)
from vitruvian.core.roi import Roi
from vitruvian.engine.landmarker import LANDMARKER_OUTPUTS, decode_pose
from vitruvian.engine.pipeline import PipelineOptions
from vitruvian.engine.profile import PROFILES
from vitruvian.oak import OakModel, OakOptions, host, link, open_oak
from vitruvian.oak.messages import Tensors
from vitruvian.oak.virtual import VirtualOak

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from vitruvian.core.pose import PoseResult

HOST = OakOptions(mode="host")
STAGES = PipelineOptions(PROFILES["default"], 0.5, 0.5, segmentation=False, crop="letterbox")
BLACK = np.zeros((360, 640, 3), np.uint8)


@pytest.fixture(autouse=True)
def _no_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "FIRST_DELAY_S", 0.0)


def answer(stream: str, image: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    """Return outputs that say which image they belong to."""
    level = np.float32(image[0, 0, 0])
    if stream == "detector_in":
        return {
            "Identity": np.zeros((2254, 12), np.float32),
            "Identity_1": np.full((2254, 1), -50, np.float32),
        }
    return {
        "Identity": np.full(195, level, np.float32),
        "Identity_1": np.full(1, 1, np.float32),
        "Identity_4": np.full(117, level, np.float32),
    }


def crops(*levels: int) -> list[NDArray[np.uint8]]:
    return [np.full((256, 256, 3), level, np.uint8) for level in levels]


def landmark_session(model: OakModel) -> host._RemoteSession:
    return model._landmarks.open_session()


# --- sessions ---


def test_each_image_gets_the_answer_of_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """The device answers the newest image first."""
    device = FakeDevice(answer)
    Shelf(monkeypatch, device)
    with OakModel("lite") as model:
        session = landmark_session(model)
        levels = list(range(10))
        assert [int(outputs[0][0]) for outputs in session.run_all(crops(*levels))] == levels
        assert int(session.run(crops(77)[0])[0][0]) == 77
        assert session.run_all([]) == []


def test_a_few_images_are_on_the_device_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    device = FakeDevice(answer)
    Shelf(monkeypatch, device)
    with OakModel("lite") as model:
        landmark_session(model).run_all(crops(*range(20)))
    assert device.most_waiting == host.WINDOW == 4
    assert device.n_sent == 20


def test_answers_to_images_that_nobody_waits_for_are_ignored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    late = Tensors(answer("landmarks_in", crops(9)[0]), 1_000)
    device = FakeDevice(answer)
    original = device.receive
    waiting = [late]

    def receive(stream: str, timeout_s: float) -> object:
        return waiting.pop() if waiting else original(stream, timeout_s)

    monkeypatch.setattr(device, "receive", receive)
    Shelf(monkeypatch, device)
    with OakModel("lite") as model:
        assert int(landmark_session(model).run(crops(77)[0])[0][0]) == 77


def test_outputs_have_the_order_of_the_engine_and_no_heat_map(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Shelf(monkeypatch, FakeDevice(answer))
    with OakModel("lite") as model:
        outputs = landmark_session(model).run(crops(1)[0])
    assert [array.shape for array in outputs] == [(195,), (1,), (0, 0, 39), (117,)]


def test_threads_share_the_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    Shelf(monkeypatch, FakeDevice(answer))
    with OakModel("lite") as model:
        found: dict[int, list[int]] = {}

        def work(start: int) -> None:
            session = landmark_session(model)
            levels = range(start, start + 50)
            found[start] = [int(session.run_all(crops(n))[0][0][0]) for n in levels]

        threads = [Thread(target=work, args=(start,)) for start in (0, 100, 200)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert found == {start: list(range(start, start + 50)) for start in (0, 100, 200)}


# --- heat maps ---


def test_without_a_heat_map_landmarks_are_neither_refined_nor_have_a_spread() -> None:
    random = np.random.default_rng(0)
    roi = Roi((300.0, 200.0), (180.0, 180.0), 0.3)
    shapes = LANDMARKER_OUTPUTS
    points, score, _, world = (random.uniform(0, 256, s).astype(np.float32) for s in shapes)
    cold = np.full(shapes[2], -100, np.float32)
    with_map = decode_pose((points, score, cold, world), roi, (640, 480), 7)
    without = decode_pose((points, score, host.NO_HEATMAP, world), roi, (640, 480), 7)
    assert without.spread_px is None
    for name in ("landmarks", "auxiliary", "visibility", "presence", "world"):
        np.testing.assert_allclose(getattr(without, name), getattr(with_map, name), atol=1e-3)


# --- a device that is lost ---


def test_images_wait_for_a_lost_device_and_are_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    lost, found = FakeDevice(answer, n_answers=3), FakeDevice(answer)
    Shelf(monkeypatch, lost, DeviceError("no OAK"), found)
    with OakModel("lite") as model:
        outputs = landmark_session(model).run_all(crops(*range(6)))
    assert [int(one[0][0]) for one in outputs] == list(range(6))
    assert lost.is_closed
    assert found.n_sent <= 6


def test_files_wait_for_a_lost_device_for_half_a_minute_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(host, "PATIENCE_S", 1e-9)
    Shelf(monkeypatch, FakeDevice(answer, n_answers=0), DeviceError("no OAK"))
    with OakModel("lite") as model, pytest.raises(DeviceError, match="connection is lost"):
        landmark_session(model).run_all(crops(1))


def test_the_networks_of_a_camera_resume_when_it_is_opened_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lost = FakeDevice(answer, n_answers=0, frames=[picture(0)])
    Shelf(monkeypatch, lost, FakeDevice(answer, frames=[picture(1)]))
    with open_oak(HOST, TrackerOptions("lite"), live=True) as camera:
        assert isinstance(camera.model, OakModel)
        with PoseTracker(camera.model) as tracker:  # the only thread opens the device again
            frames = iter(camera)
            assert not tracker.update(next(frames))
            assert not tracker.update(next(frames))
            assert camera.n_gaps == 1


def test_a_tracker_that_waits_for_a_lost_device_ends_when_the_camera_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(link, "FIRST_DELAY_S", 1000.0)
    Shelf(monkeypatch, FakeDevice(answer, n_answers=0, frames=[picture(0)]))
    camera = open_oak(HOST, TrackerOptions("lite"), live=True)
    assert isinstance(camera.model, OakModel)
    session, errors, is_waiting = landmark_session(camera.model), [], Event()

    def work() -> None:
        is_waiting.set()
        try:
            session.run_all(crops(1))
        except DeviceError as error:
            errors.append(error)

    thread = Thread(target=work)
    thread.start()
    is_waiting.wait(10)
    camera.close()
    thread.join(10)
    assert not thread.is_alive()
    assert len(errors) == 1


def test_a_camera_that_is_not_live_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    Shelf(monkeypatch, FakeDevice(answer, n_answers=0, frames=[picture(0)]))
    with open_oak(HOST, TrackerOptions("lite")) as camera:
        assert isinstance(camera.model, OakModel)
        with pytest.raises(DeviceError, match="connection is lost"):
            landmark_session(camera.model).run_all(crops(1))


# --- who holds the device ---


def test_the_device_is_released_when_model_and_trackers_are_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    device = FakeDevice(answer)
    Shelf(monkeypatch, device)
    model = OakModel("lite")
    tracker, estimator = PoseTracker(model), PoseEstimator(model)
    model.close()
    tracker.close()
    assert not device.is_closed
    assert not estimator.detect(BLACK)
    estimator.close()
    assert device.is_closed


def test_a_model_that_is_deleted_releases_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    device = FakeDevice(answer)
    Shelf(monkeypatch, device)
    tracker = PoseTracker(OakModel("lite"))
    gc.collect()
    assert not device.is_closed
    del tracker
    gc.collect()
    assert device.is_closed


def test_a_stream_of_a_camera_ends_without_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The camera is closed first; the tracker finishes its frame."""
    device = EndlessDevice(answer)
    Shelf(monkeypatch, device)
    with open_oak(HOST, TrackerOptions("lite"), live=True) as camera:
        with (
            PoseTracker(camera.model) as tracker,
            LiveStream(tracker, camera) as stream,
        ):
            results = [next(stream) for _ in range(3)]
        assert device.is_closed
    assert len(results) == 3


# --- bad input ---


def test_segmentation_needs_a_network_with_masks(monkeypatch: pytest.MonkeyPatch) -> None:
    Shelf(monkeypatch, FakeDevice(answer))
    with OakModel("lite") as model, pytest.raises(ValueError, match=r"OakModel.*masks=True"):
        PoseTracker(model, segmentation=True)


def test_the_target_belongs_to_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    Shelf(monkeypatch, FakeDevice(answer))
    with OakModel("lite") as model, pytest.raises(ValueError, match="backend belongs to the mod"):
        PoseTracker(model, backend="litert")


def test_the_model_is_one_that_runs_on_a_device() -> None:
    with pytest.raises(ValueError, match=r"must be one of \['lite', 'full', 'heavy'\], got 'big'"):
        OakModel("big")


def test_an_open_model_cannot_be_pickled(monkeypatch: pytest.MonkeyPatch) -> None:
    Shelf(monkeypatch, FakeDevice(answer))
    with OakModel("lite") as model, pytest.raises(TypeError, match=r"OakModel\('lite'"):
        pickle.dumps(model)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not a blob", r"mine\.blob"),
        (crafted_network("lite", shaves=6), "4 shaves, got 6: set shaves to 6, or"),
        (crafted_network("lite", version=7), "version"),
    ],
)
def test_a_blob_that_does_not_fit_is_an_error_of_one_line(
    tmp_path: Path, content: bytes, message: str
) -> None:
    blob = tmp_path / "mine.blob"
    blob.write_bytes(content)
    options = OakOptions(mode="host", device=VirtualOak([BLACK]), landmark_blob=blob)
    with pytest.raises(ModelIntegrityError, match=message) as caught:
        OakModel("lite", options)
    assert "\n" not in str(caught.value)


@pytest.mark.weights
def test_networks_are_made_from_the_files_of_a_given_folder(tmp_path: Path) -> None:
    (tmp_path / "pose_landmark_lite.tflite").write_bytes(b"damaged")
    device = VirtualOak([BLACK])
    for mode in ("host", "edge"):
        tracker = TrackerOptions("lite", models_dir=tmp_path)
        with pytest.raises(ModelIntegrityError, match=str(tmp_path)):
            open_oak(OakOptions(mode=mode, device=device), tracker)
    with pytest.raises(ModelIntegrityError, match=str(tmp_path)):
        OakModel("lite", OakOptions(mode="host", device=device), models_dir=tmp_path)


# --- real networks, rounded as on the device ---


@pytest.fixture(scope="module")
def device() -> VirtualOak:
    return VirtualOak([BLACK])


@pytest.fixture(scope="module")
def lite(device: VirtualOak) -> Iterator[OakModel]:
    with OakModel("lite", OakOptions(mode="host", device=device)) as model:
        yield model


def distance_px(one: PoseResult, other: PoseResult) -> float:
    """Return the mean distance of landmarks, in hundredths of the body size."""
    assert len(one.poses) == len(other.poses)
    far = []
    for pose, same in zip(one.poses, other.poses, strict=True):
        shifts = np.linalg.norm((pose.landmarks - same.landmarks)[:, :2], axis=1)
        far.append(100 * float(shifts.mean()) / max(pose.roi.wh))
    return max(far)


@pytest.mark.weights
@pytest.mark.parametrize("name", ["standing_man.jpg", "warrior.jpg", "zebras_negative.jpg"])
def test_people_in_photos_are_those_of_the_engine(
    lite: OakModel, testdata: Path, name: str
) -> None:
    image = load_image(testdata / "images" / name)
    with PoseEstimator(lite) as there, PoseEstimator("lite") as here:
        found, wanted = there.detect(image), here.detect(image)
    assert len(found.poses) == len(wanted.poses)
    for pose in found.poses:
        assert pose.spread_px is None
    if wanted:
        assert distance_px(found, wanted) < 1.0  # heat maps move the engine's landmarks


@pytest.mark.weights
def test_several_people_are_found(lite: OakModel, testdata: Path) -> None:
    image = load_image(testdata / "images" / "couple.jpg")
    with PoseEstimator(lite, num_poses=4) as estimator:
        assert len(estimator.detect(image).poses) == 2
    with PoseTracker(lite, num_poses=4) as tracker:
        for i in range(3):
            result = tracker.update(Frame(image, 40_000 * i, i))
        assert sorted(pose.id for pose in result.poses) == [0, 1]


@pytest.mark.weights
def test_with_masks_the_pipeline_is_that_of_the_engine(testdata: Path) -> None:
    image = load_image(testdata / "images" / "warrior.jpg")
    options = OakOptions(mode="host", device=VirtualOak([BLACK]))
    with (
        OakModel("lite", options, masks=True) as model,
        PoseEstimator(model, segmentation=True) as there,
        PoseEstimator("lite", segmentation=True) as here,
    ):
        found, wanted = there.detect(image), here.detect(image)
    assert distance_px(found, wanted) < 0.1
    (pose,), (same,) = found.poses, wanted.poses
    assert pose.mask is not None
    assert same.mask is not None
    assert float(((pose.mask > 0.5) ^ (same.mask > 0.5)).mean()) < 1e-3
    assert pose.spread_px is not None
    assert same.spread_px is not None
    assert float(np.abs(pose.spread_px / same.spread_px - 1).mean()) < 0.01


@pytest.mark.weights
def test_results_say_where_the_networks_ran(lite: OakModel) -> None:
    with PoseEstimator(lite) as estimator:
        provenance = estimator.detect(BLACK).provenance
    assert provenance is not None
    assert provenance.model == "lite"
    assert provenance.options["backend"] == "oak"
    assert provenance.options["device"] == "host"
    assert provenance.options["precision"] == "float16"
    assert provenance.options["shaves"] == 4
