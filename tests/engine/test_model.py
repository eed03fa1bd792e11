"""Networks are shared between trackers and freed with the last one."""

from __future__ import annotations

import copy
import gc
import json
import pickle
import threading
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.fakes import Actor, FakeScene, TrackedClip, fake_scene

from vitruvian import Model, PoseEstimator, PoseTracker, TrackerOptions
from vitruvian.backends import Target
from vitruvian.engine import model as model_module
from vitruvian.errors import InferenceError, ModelIntegrityError, ModelNotFoundError
from vitruvian.models.store import ModelFile, find_file
from vitruvian.synthetic import Person, Scene

if TYPE_CHECKING:
    from pathlib import Path

ANN, BOB = Actor(hips=(200, 200), seed=1), Actor(hips=(400, 250), seed=2)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> FakeScene:
    return fake_scene(monkeypatch, ANN, BOB)


@pytest.fixture
def compiled(scene: FakeScene, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Name, outputs and target of every network that is compiled during the test."""
    made: list[Any] = []
    compile_network = model_module.compile_network

    def noted(network: Any, target: Target) -> Any:
        made.append((network.name, len(network.outputs), target))
        return compile_network(network, target)

    monkeypatch.setattr(model_module, "compile_network", noted)
    return made


def outputs(compiled: list[Any]) -> list[tuple[str, int]]:
    return sorted(entry[:2] for entry in compiled)


PAIR = [("detector", 2), ("full", 4)]


# --- explicit models ---


def test_both_networks_are_compiled_on_opening_and_shared(
    scene: FakeScene, compiled: list[Any]
) -> None:
    with Model("full") as model:
        assert outputs(compiled) == PAIR
        trackers = [PoseTracker(model), PoseTracker(model, num_poses=2)]
        estimator = PoseEstimator(model)
        assert outputs(compiled) == PAIR
        assert [
            len(TrackedClip(scene, tracker=tracker).track_frame().poses) for tracker in trackers
        ] == [1, 2]
        assert len(estimator.detect(np.zeros((480, 640, 3), np.uint8)).poses) == 1


def test_the_network_with_masks_is_compiled_when_it_is_first_needed(
    scene: FakeScene, compiled: list[Any]
) -> None:
    scene.has_masks = True
    model = Model("full")
    plain = PoseTracker(model)
    assert outputs(compiled) == PAIR
    masks = [PoseTracker(model, segmentation=True) for _ in range(2)]
    assert outputs(compiled) == [*PAIR, ("full", 5)]
    poses = [TrackedClip(scene, tracker=tracker).pose() for tracker in (plain, *masks)]
    assert [pose.mask is None for pose in poses] == [True, False, False]


def test_a_tracker_with_masks_does_not_compile_the_network_without_masks(
    compiled: list[Any],
) -> None:
    PoseTracker(segmentation=True)
    assert outputs(compiled) == [("detector", 2), ("full", 5)]


def test_the_repr_of_a_model(scene: FakeScene) -> None:
    with Model("full", threads=3) as model:
        assert (model.name, model.digest, model.detector_digest) == ("fake", "full", "detector")
        assert model.target == Target(threads=3)
        text = "Model('fake', backend='openvino', device='CPU', threads=3, precision='exact')"
        assert repr(model) == text
    assert repr(model) == f"{text} (closed)"


def test_a_tracker_leaves_the_model_open(scene: FakeScene) -> None:
    model = Model()
    for _ in range(2):
        with PoseTracker(model) as tracker, PoseEstimator(model):
            assert TrackedClip(scene, tracker=tracker).pose().id == 0


def test_a_closed_model_opens_no_tracker_but_existing_trackers_continue(scene: FakeScene) -> None:
    model = Model()
    clip = TrackedClip(scene, tracker=PoseTracker(model))
    clip.track_frame()
    model.close()
    model.close()
    assert clip.pose().id == 0
    with pytest.raises(InferenceError, match="the model 'fake' is closed"):
        PoseTracker(model)


@pytest.mark.parametrize(
    "option",
    [
        {"backend": "litert"},
        {"device": "GPU"},
        {"threads": 2},
        {"precision": "fast"},
        {"models_dir": "models"},
    ],
)
@pytest.mark.parametrize("user", [PoseTracker, PoseEstimator])
def test_options_of_the_model_are_an_error_beside_a_model(
    scene: FakeScene, user: Any, option: dict[str, Any]
) -> None:
    (name,) = option
    with pytest.raises(
        ValueError, match=rf"{name} belongs to the model: give it to Model\(\.\.\.\)"
    ):
        user(Model(), **option)


@pytest.mark.parametrize(
    ("option", "error"),
    [
        ({"backend": "tf"}, ValueError),
        ({"precision": "bf16"}, ValueError),
        ({"threads": 0}, ValueError),
        ({"threads": True}, ValueError),
        ({"device": None}, TypeError),
    ],
)
def test_bad_options_are_refused(
    scene: FakeScene, option: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error, match=f"^{next(iter(option))} must be"):
        Model("full", **option)


# --- models shared by the process ---


def test_provenance_of_a_model_with_numbers_of_numpy_has_a_form_in_json(scene: FakeScene) -> None:
    with Model("full", threads=np.int64(2)) as model, PoseTracker(model) as tracker:
        result = tracker.update(scene.image, timestamp_us=0)
        assert type(model.target.threads) is int
        assert json.loads(json.dumps(result.provenance.to_dict()))["options"]["threads"] == 2


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_an_open_model_is_not_copied_and_says_what_to_do(scene: FakeScene, duplicate: Any) -> None:
    with Model("full") as model, pytest.raises(TypeError, match="give its name and options"):
        duplicate(TrackerOptions(model) if duplicate is not copy.copy else model)


def test_trackers_of_the_same_files_and_target_share_networks(compiled: list[Any]) -> None:
    users = [PoseTracker(), PoseTracker(profile="solutions"), PoseEstimator(num_poses=2)]
    assert outputs(compiled) == PAIR
    users.append(PoseTracker(threads=1))
    assert outputs(compiled) == sorted([*PAIR, *PAIR])
    assert {target.threads for _, _, target in compiled} == {None, 1}


def test_the_last_used_model_stays_open(compiled: list[Any]) -> None:
    for _ in range(3):
        with PoseTracker():
            pass
    assert outputs(compiled) == PAIR
    PoseEstimator()
    gc.collect()
    PoseTracker()
    assert outputs(compiled) == PAIR


def test_other_models_are_freed_with_their_last_tracker(compiled: list[Any]) -> None:
    first, second = PoseTracker(), PoseTracker()
    model = weakref.ref(model_module._shared._last)
    PoseTracker(threads=1).close()
    first.close()
    PoseTracker().close()
    assert len(compiled) == 4
    PoseTracker(threads=1).close()
    assert len(compiled) == 6
    assert model() is not None
    del second  # without close
    gc.collect()
    assert model() is None
    PoseTracker().close()
    assert len(compiled) == 8


def test_a_network_that_cannot_be_compiled_is_tried_again(
    scene: FakeScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    compile_network = model_module.compile_network

    def fail(*_: Any) -> None:
        raise ModelIntegrityError("damaged")

    monkeypatch.setattr(model_module, "compile_network", fail)
    with pytest.raises(ModelIntegrityError, match="damaged"):
        PoseTracker()
    monkeypatch.setattr(model_module, "compile_network", compile_network)
    assert TrackedClip(scene).pose().id == 0


def test_threads_that_start_at_once_compile_once(compiled: list[Any]) -> None:
    start, made = threading.Barrier(16), []

    def work() -> None:
        start.wait()
        made.append(PoseTracker())

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 16
    assert outputs(compiled) == PAIR


# --- real networks ---


def frames(seed: int, n: int = 5) -> list[np.ndarray]:
    scene = Scene([Person()])
    return [np.roll(scene.render(t / 10, (320, 240)).image, 3 * seed, axis=1) for t in range(n)]


def tracked(tracker: PoseTracker, images: list[np.ndarray]) -> list[Any]:
    return [
        tracker.update(image, timestamp_us=33_333 * (i + 1)).to_dict()
        for i, image in enumerate(images)
    ]


LITERT = pytest.param("litert", 1, marks=pytest.mark.litert)


@pytest.mark.weights
@pytest.mark.parametrize(("backend", "num_poses"), [("openvino", 1), ("openvino", 2), LITERT])
def test_eight_threads_get_the_same_results_as_sequential_calls(
    backend: str, num_poses: int
) -> None:
    if backend == "litert":
        pytest.importorskip("ai_edge_litert", reason="needs the extra vitruvian[litert]")
    clips = [frames(seed) for seed in range(8)]
    options = {"num_poses": num_poses, "backend": backend}
    expected = [tracked(PoseTracker("lite", **options), clip) for clip in clips]
    trackers = [PoseTracker("lite", **options) for _ in clips]
    found: dict[int, list[Any]] = {}

    def work(i: int) -> None:
        found[i] = tracked(trackers[i], clips[i])

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[i] for i in range(8)] == expected
    assert all(any(frame["poses"] for frame in frames_of) for frames_of in expected)


@pytest.mark.weights
@pytest.mark.parametrize("backend", ["openvino", pytest.param("litert", marks=pytest.mark.litert)])
def test_threads_are_served_fairly(backend: str) -> None:
    if backend == "litert":
        pytest.importorskip("ai_edge_litert", reason="needs the extra vitruvian[litert]")
    image, counts, is_over = frames(0, 1)[0], [0] * 4, threading.Event()

    def work(i: int, tracker: PoseTracker) -> None:
        while not is_over.is_set():
            counts[i] += 1
            tracker.update(image, timestamp_us=counts[i])
            if sum(counts) >= 200:
                is_over.set()

    with Model("lite", backend=backend) as model:
        trackers = [PoseTracker(model, num_poses=1) for _ in counts]
        threads = [threading.Thread(target=work, args=pair) for pair in enumerate(trackers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert min(counts) >= 25


@pytest.mark.weights
def test_a_file_that_changed_or_vanished_before_the_mask_is_needed_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VITRUVIAN_MODELS", str(find_file("lite").path.parent))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "own.tflite"
    path.write_bytes(find_file("lite").path.read_bytes())
    model = Model(path)
    path.write_bytes(find_file("full").path.read_bytes())
    with pytest.raises(ModelIntegrityError, match=r"own\.tflite' was changed while in use"):
        PoseTracker(model, segmentation=True)
    path.unlink()
    with pytest.raises(ModelNotFoundError, match=r"own\.tflite' was removed"):
        PoseTracker(model, segmentation=True)
    PoseTracker(model).close()


def test_a_file_is_only_found_in_its_own_format(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match=r"must be a \.onnx file"):
        ModelFile(tmp_path / "a.tflite", "0").path_for("onnx")
