from __future__ import annotations

import logging
import os
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests import networks
from tests.fakes import picture
from tests.networks import detector_network, landmark_network, open_session
from tests.parity.reference import IMAGES, SOLUTIONS, read_clip, read_image, recorded, roi_of

from vitruvian import PoseTracker
from vitruvian.backends import Target, compile_network
from vitruvian.backends.blob_cache import write_blob
from vitruvian.backends.openvino_runtime import ov
from vitruvian.engine.landmarker import LANDMARKER_OUTPUTS, refine_points
from vitruvian.engine.segmentation import sigmoid
from vitruvian.engine.warp import crop_image, letterbox_image
from vitruvian.errors import BackendUnavailableError, InferenceError, ModelIntegrityError
from vitruvian.media.image import load_image
from vitruvian.models.store import find_file
from vitruvian.synthetic import Person, Scene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitruvian.backends import Session

pytestmark = pytest.mark.weights

CROP = picture(256, 256)


def answer(session: Session, image: np.ndarray = CROP) -> list[np.ndarray]:
    return networks.answer(session, image)


def assert_answers_equal(one: list[np.ndarray], other: list[np.ndarray]) -> None:
    for a, b in zip(one, other, strict=True):
        assert_array_equal(a, b)


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[ov.CompiledModel]:
    """Every compiled network that is created during the test."""
    made: list[ov.CompiledModel] = []
    create = ov.CompiledModel.create_infer_request

    def noted(model: ov.CompiledModel) -> ov.InferRequest:
        made.append(model)
        return create(model)

    monkeypatch.setattr(ov.CompiledModel, "create_infer_request", noted)
    return made


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty user cache; the models are in a named folder."""
    monkeypatch.setenv("VITRUVIAN_MODELS", str(find_file("lite").path.parent))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def blobs(cache: Path) -> list[Path]:
    return sorted(path for path in cache.rglob("*") if path.is_file())


# --- outputs ---


@pytest.mark.parametrize("is_cached", [False, True])
def test_numbers_are_computed_in_f32_not_in_bf16(
    compiled: list[ov.CompiledModel], cache: Path, is_cached: bool
) -> None:
    if is_cached:
        open_session(landmark_network())
    open_session(landmark_network())
    hint = compiled[-1].get_property("INFERENCE_PRECISION_HINT")
    assert hint == ov.Type.f32
    assert len(blobs(cache)) == 1


@pytest.mark.parametrize("is_cached", [False, True])
def test_the_requested_number_of_threads_is_used(
    compiled: list[ov.CompiledModel], cache: Path, is_cached: bool
) -> None:
    if is_cached:
        open_session(landmark_network())
    open_session(landmark_network(), threads=1)
    assert compiled[-1].get_property("INFERENCE_NUM_THREADS") == 1


@pytest.mark.litert
@pytest.mark.testdata
@pytest.mark.parametrize("model", ["lite", "full", "heavy"])
def test_landmarks_are_those_of_litert(testdata: Path, model: str) -> None:
    pytest.importorskip("ai_edge_litert", reason="needs the extra vitruvian[litert]")
    crop, _ = letterbox_image(load_image(testdata / "images" / "warrior.jpg"), 256)
    network = landmark_network(model, mask=True)
    ours = answer(open_session(network), crop)
    theirs = answer(open_session(network, backend="litert"), crop)
    points = [outputs[0].reshape(39, 5)[:, :3] for outputs in (ours, theirs)]
    assert np.abs(points[0] - points[1]).max() < 0.005  # px of the crop
    assert abs(ours[1] - theirs[1]).max() < 1e-5
    assert np.abs(ours[3] - theirs[3]).max() < 1e-4  # m
    for i in (2, 4):  # heat and mask
        assert np.abs(sigmoid(ours[i]) - sigmoid(theirs[i])).max() < 1e-3


@pytest.mark.litert
def test_detections_are_those_of_litert() -> None:
    pytest.importorskip("ai_edge_litert", reason="needs the extra vitruvian[litert]")
    crop = picture(224, 224)
    ours = answer(open_session(detector_network()), crop)
    theirs = answer(open_session(detector_network(), backend="litert"), crop)
    for one, other in zip(ours, theirs, strict=True):
        assert np.abs(one - other).max() < 0.01


def test_outputs_come_in_the_requested_order() -> None:
    network = landmark_network(mask=True)
    backwards = replace(network, outputs=network.outputs[::-1])
    forwards = answer(open_session(network))
    assert [output.shape for output in forwards] == list(network.outputs)
    assert_answers_equal(answer(open_session(backwards))[::-1], forwards)


def test_the_mask_is_not_computed_unless_requested() -> None:
    without, whole = landmark_network(), landmark_network(mask=True)
    outputs = answer(open_session(without))
    assert [output.shape for output in outputs] == list(LANDMARKER_OUTPUTS)
    for one, other in zip(outputs, answer(open_session(whole)), strict=False):
        np.testing.assert_allclose(one, other, atol=1e-2)


def test_outputs_belong_to_their_image() -> None:
    session = open_session(landmark_network())
    first = answer(session)
    answer(session, picture(256, 256, seed=1))
    assert_answers_equal(answer(session), first)
    read_only = CROP[:, ::-1]
    read_only.flags.writeable = False
    mirrored = answer(session, read_only)
    assert_answers_equal(mirrored, answer(session, np.ascontiguousarray(CROP[:, ::-1])))


def test_two_sessions_share_no_outputs() -> None:
    one, other = open_session(landmark_network()), open_session(landmark_network())
    outputs = one.run(CROP)
    kept = [output.copy() for output in outputs]
    other.run(picture(256, 256, seed=1))
    assert_answers_equal(list(outputs), kept)


def test_sessions_share_the_compiled_network_but_no_outputs(
    compiled: list[ov.CompiledModel], cache: Path
) -> None:
    network = compile_network(landmark_network(), Target())
    one, other = network.open_session(), network.open_session()
    assert compiled[0] is compiled[1]
    outputs = one.run(CROP)
    kept = [output.copy() for output in outputs]
    other.run(picture(256, 256, seed=1))
    other.run_all(CROPS[:2])
    other.close()
    assert_answers_equal(list(outputs), kept)
    together = [[o.copy() for o in outputs] for outputs in one.run_all(CROPS[:2])]
    again = network.open_session().run_all(CROPS[:2])
    assert len(blobs(cache)) == 1
    assert compiled[-1] is compiled[-2] is not compiled[0]
    for outputs, expected in zip(again, together, strict=True):
        assert_answers_equal(list(outputs), expected)


def test_close_is_idempotent_and_a_run_after_close_is_a_clear_error() -> None:
    session = open_session(landmark_network())
    session.close()
    session.close()
    with pytest.raises(InferenceError, match="the session is closed"):
        session.run(CROP)
    for images in ([], [CROP], [CROP, CROP]):
        with pytest.raises(InferenceError, match="the session is closed"):
            session.run_all(images)


# --- several images ---

CROPS = [picture(256, 256, seed) for seed in range(5)]


@pytest.mark.parametrize("threads", [1, 2, None])
def test_several_images_give_the_same_outputs_as_single_images(threads: int | None) -> None:
    session = open_session(landmark_network(mask=True), threads=threads)
    expected = [answer(session, image) for image in CROPS]
    for count in (0, 1, 2, 5, 3, 4):
        together = session.run_all(CROPS[:count])
        assert len(together) == count
        for outputs, wanted in zip(together, expected, strict=False):
            for one, other in zip(outputs, wanted, strict=True):
                # Another number of threads may add products in another order.
                assert_allclose(one, other, rtol=1e-5, atol=1e-3)


def test_one_image_is_run_by_all_threads(compiled: list[ov.CompiledModel], cache: Path) -> None:
    session = open_session(landmark_network(), threads=2)
    session.run_all([])
    session.run_all(CROPS[:1])
    assert [network.get_property("NUM_STREAMS") for network in compiled] == [1]


def test_several_images_share_the_threads_and_the_blob(
    compiled: list[ov.CompiledModel], cache: Path
) -> None:
    session = open_session(landmark_network(), threads=2)
    session.run_all(CROPS[:4])
    session.run_all(CROPS[:2])
    assert [network.get_property("NUM_STREAMS") for network in compiled] == [1, 2, 2, 2, 2]
    for network in compiled:
        assert network.get_property("INFERENCE_NUM_THREADS") == 2
        assert network.get_property("INFERENCE_PRECISION_HINT") == ov.Type.f32
    assert len(blobs(cache)) == 1


def test_an_odd_number_of_images_on_two_threads_is_run_one_by_one(
    compiled: list[ov.CompiledModel], cache: Path
) -> None:
    session = open_session(landmark_network(), threads=2)
    session.run_all(CROPS[:3])
    session.run_all(CROPS)
    assert [network.get_property("NUM_STREAMS") for network in compiled] == [1]


def test_one_thread_needs_no_second_network(compiled: list[ov.CompiledModel], cache: Path) -> None:
    session = open_session(landmark_network(), threads=1)
    session.run_all(CROPS[:2])
    assert [network.get_property("NUM_STREAMS") for network in compiled] == [1, 1, 1]


# --- threads ---


@pytest.mark.parametrize("is_cached", [False, True])
def test_no_thread_is_pinned_to_a_core(
    compiled: list[ov.CompiledModel], cache: Path, is_cached: bool
) -> None:
    if is_cached:
        open_session(landmark_network())
    session = open_session(landmark_network(), threads=2)
    session.run_all(CROPS[:4])
    for network in compiled:
        assert not network.get_property("ENABLE_CPU_PINNING")
    threads = [int(path.name) for path in Path("/proc/self/task").glob("*")]
    assert {frozenset(os.sched_getaffinity(thread)) for thread in threads} == {
        frozenset(os.sched_getaffinity(0))
    }


@pytest.mark.parametrize("model", ["lite", "full", "heavy"])
def test_one_and_two_threads_give_the_same_bits(model: str) -> None:
    one, two = (open_session(landmark_network(model), threads=threads) for threads in (1, 2))
    assert_answers_equal(answer(one), answer(two))


def test_the_only_session_computes_on_the_calling_thread_and_others_are_queued(
    monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    network, queued = compile_network(landmark_network(), Target()), []
    start = ov.InferRequest.start_async

    def noted(request: ov.InferRequest) -> None:
        queued.append(request)
        start(request)

    monkeypatch.setattr(ov.InferRequest, "start_async", noted)
    session = network.open_session()
    alone = answer(session)
    assert not queued
    other = network.open_session()
    assert_answers_equal(answer(session), alone)
    assert len(queued) == 1
    other.close()
    assert_answers_equal(answer(session), alone)
    assert len(queued) == 1


# --- precision ---

# px of the crop and mm, for 95 of 100 visible landmarks; measured are 1.5, 0.6, 0.7 and 26, 14, 32.
FAST_PX = {"lite": 2.0, "full": 1.5, "heavy": 1.5}
FAST_MM = 50


@pytest.fixture
def bf16() -> None:
    if "BF16" not in ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        pytest.skip("this processor has no bf16")


@pytest.fixture
def no_bf16(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a CPU without bf16."""
    get_property = ov.Core.get_property

    def answer_of_old(core: ov.Core, device: str, name: str) -> Any:
        found = get_property(core, device, name)
        return [f for f in found if f != "BF16"] if name == "OPTIMIZATION_CAPABILITIES" else found

    monkeypatch.setattr(ov.Core, "get_property", answer_of_old)


def real_crops(testdata: Path) -> Iterator[np.ndarray]:
    """The photos and some frames of two clips, in the regions that MediaPipe used."""
    photos = recorded(testdata, SOLUTIONS, "images")
    for name in IMAGES:
        if f"{name}:roi" in photos:
            yield cropped(read_image(testdata, name), photos[f"{name}:roi"])
    for clip in ("squats", "dribble"):
        regions = recorded(testdata, SOLUTIONS, clip)["full:roi"]
        frames = zip(read_clip(testdata, clip), regions, strict=True)
        yield from (cropped(*frame) for frame in islice(frames, 2, None, 4))


def cropped(image: np.ndarray, norm_roi: np.ndarray) -> np.ndarray:
    crop = np.empty((256, 256, 3), np.uint8)
    crop_image(image, roi_of(norm_roi, (image.shape[1], image.shape[0])), crop)
    return crop


def refined(outputs: list[np.ndarray]) -> np.ndarray:
    """(33, 2) px of the crop."""
    points = outputs[0].reshape(39, 5)[:33, :2] / np.float32(256)
    return refine_points(points, outputs[2], kernel=7)[0] * 256


@pytest.mark.testdata
@pytest.mark.usefixtures("bf16")
@pytest.mark.parametrize("model", ["lite", "full", "heavy"])
def test_fast_is_near_exact(testdata: Path, model: str) -> None:
    fast, exact = (open_session(landmark_network(model), precision=p) for p in ("fast", "exact"))
    px, mm = [], []
    for crop in real_crops(testdata):
        one, other = answer(fast, crop), answer(exact, crop)
        visible = other[0].reshape(39, 5)[:33, 3] > 0
        px.append(np.linalg.norm(refined(one) - refined(other), axis=1)[visible])
        metres = np.linalg.norm((one[3] - other[3]).reshape(39, 3)[:33], axis=1)
        mm.append(metres[visible] * 1000)
    assert np.percentile(np.concatenate(px), 95) < FAST_PX[model]
    assert np.percentile(np.concatenate(mm), 95) < FAST_MM
    assert np.concatenate(px).max() > 0


@pytest.mark.usefixtures("bf16")
def test_fast_is_the_same_from_the_cache_and_for_several_images(
    compiled: list[ov.CompiledModel], cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = answer(open_session(landmark_network(), precision="fast"))
    session = open_session(landmark_network(), precision="fast")
    assert_answers_equal(answer(session), first)
    for outputs in session.run_all([CROP, CROP]):
        for one, other in zip(outputs, first, strict=True):
            assert_allclose(one, other, rtol=1e-5, atol=1e-3)
    assert all(c.get_property("INFERENCE_PRECISION_HINT") == ov.Type.bf16 for c in compiled)
    assert len(blobs(cache)) == 1
    assert caplog.messages == []


@pytest.mark.usefixtures("bf16")
def test_each_precision_has_its_own_blob(cache: Path) -> None:
    fast = answer(open_session(landmark_network(), precision="fast"))
    exact = answer(open_session(landmark_network()))
    assert len(blobs(cache)) == 2
    assert_answers_equal(answer(open_session(landmark_network(), precision="fast")), fast)
    assert_answers_equal(answer(open_session(landmark_network())), exact)
    assert not np.array_equal(fast[0], exact[0])


@pytest.mark.usefixtures("no_bf16")
def test_without_bf16_fast_is_exact_and_logs_it(
    cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    exact = answer(open_session(landmark_network()))
    assert caplog.messages == []
    session = open_session(landmark_network(), precision="fast")
    assert_answers_equal(answer(session), exact)
    assert len(blobs(cache)) == 1
    session.run_all([CROP, CROP])
    (message,) = caplog.messages
    assert message.endswith("runs with precision 'exact': no bf16 on CPU")


@pytest.mark.usefixtures("bf16")
def test_the_fast_detector_finds_the_same_person() -> None:
    scene = Scene([Person()]).render(wh=(320, 320))
    crop, _ = letterbox_image(scene.image, 224)
    found = []
    for precision in ("fast", "exact"):
        session = open_session(detector_network(), precision=precision)
        boxes, scores = session.run(crop)
        best = int(scores.argmax())
        found.append((best, boxes[best].copy(), float(scores[best, 0])))
    assert found[0][0] == found[1][0]
    assert_allclose(found[0][1], found[1][1], atol=2)  # px of 224
    assert abs(sigmoid(np.float32(found[0][2])) - sigmoid(np.float32(found[1][2]))) < 0.05


# --- networks that can't be opened ---


@pytest.mark.parametrize("device", ["TPU", "GPU.7", "cpu", ""])
def test_an_unavailable_device_is_an_error_that_lists_the_available_ones(device: str) -> None:
    message = rf"device must be one of \['CPU'.*\], got '{device}'"
    with pytest.raises(BackendUnavailableError, match=message):
        open_session(landmark_network(), device=device)


def test_missing_outputs_of_a_network_are_named() -> None:
    swapped = replace(detector_network(), outputs=LANDMARKER_OUTPUTS)
    with pytest.raises(ModelIntegrityError, match=r"must have outputs \[\(195,\).*got"):
        open_session(swapped)


def test_another_input_of_a_network_is_named() -> None:
    small = replace(landmark_network(), input_hw=(128, 128), digest="small")
    with pytest.raises(ModelIntegrityError, match=r"must have one input of shape \(1, 128, 128, 3"):
        open_session(small)


OPEN_A_FILE = """
import sys
from vitruvian import PoseTracker
from vitruvian.errors import VitruvianError
for path in sys.argv[1:]:
    try:
        PoseTracker(path)
    except VitruvianError as err:
        print(type(err).__name__, path in str(err), len(str(err).splitlines()))
"""


def in_a_process(program: str, *words: Any, environment: dict[str, str]) -> Any:
    command = [sys.executable, "-c", program, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


@pytest.fixture
def environment(cache: Path) -> dict[str, str]:
    return dict(os.environ)


def test_a_damaged_model_is_an_error_of_one_line(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """In a separate process: a runtime that reads beyond a damaged file may crash it."""
    whole = find_file("lite").path.read_bytes()
    damaged = {
        "empty": b"",
        "text": b"no model at all\n" * 100,
        "head": whole[:8],
        "cut": whole[: len(whole) // 2],
        "zeros": whole[:8] + bytes(len(whole) - 8),
        "noise": whole[:8] + np.random.default_rng(0).bytes(5000),
    }
    paths = []
    for name, content in damaged.items():
        paths.append(tmp_path / f"{name}.tflite")
        paths[-1].write_bytes(content)
    done = in_a_process(OPEN_A_FILE, *paths, environment=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["ModelIntegrityError True 1"] * len(paths)


def test_a_bundle_opens_in_a_tracker(cache: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "pose.task", "w") as bundle:
        bundle.write(find_file("detector").path, "pose_detector.tflite")
        bundle.write(find_file("lite").path, "pose_landmarks_detector.tflite")
    with PoseTracker(tmp_path / "pose.task") as tracker, PoseTracker("lite") as plain:
        image = picture(300, 200)
        results = [one.update(image, timestamp_us=1).to_dict() for one in (tracker, plain)]
    assert results[0] == results[1]


# --- cache of compiled networks ---


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every compilation from the TFLite file during the test."""
    made: list[Any] = []
    compile_model = ov.Core.compile_model

    def noted(core: ov.Core, *arguments: Any, **options: Any) -> ov.CompiledModel:
        made.append(arguments)
        return compile_model(core, *arguments, **options)

    monkeypatch.setattr(ov.Core, "compile_model", noted)
    return made


def test_the_second_start_uses_the_compiled_network_of_the_first(
    cache: Path, compilations: list[Any]
) -> None:
    first = answer(open_session(landmark_network()))
    (blob,) = blobs(cache)
    second = answer(open_session(landmark_network()))
    assert len(compilations) == 1
    assert blobs(cache) == [blob]
    assert_answers_equal(second, first)


def test_each_set_of_outputs_and_each_file_has_its_own_blob(
    cache: Path, compilations: list[Any]
) -> None:
    for network in (landmark_network(), landmark_network(mask=True), detector_network()):
        open_session(network)
    open_session(replace(landmark_network(), digest="another file of that name"))
    assert len(blobs(cache)) == len(compilations) == 4


@pytest.mark.parametrize("damage", ["empty", "cut", "short", "text", "noise", "bits"])
def test_a_damaged_blob_is_compiled_again_and_replaced(
    cache: Path, compilations: list[Any], damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    expected = answer(open_session(landmark_network()))
    (blob,) = blobs(cache)
    whole = blob.read_bytes()
    bits = np.unpackbits(np.frombuffer(whole, np.uint8))
    bits[np.random.default_rng(0).choice(bits.size, 2000, replace=False)] ^= 1
    content = {
        "empty": b"",
        "cut": whole[: len(whole) // 2],
        "short": whole[:100],
        "text": b"no network\n" * 1000,
        "noise": np.random.default_rng(0).bytes(10_000),
        "bits": np.packbits(bits).tobytes(),
    }[damage]
    blob.write_bytes(content)
    assert_answers_equal(answer(open_session(landmark_network())), expected)
    assert len(compilations) == 2
    assert caplog.messages == [f"the compiled network {blob} is damaged, compiling again"]
    assert blobs(cache) == [blob]
    assert blob.stat().st_size > len(whole) // 2
    open_session(landmark_network())
    assert len(compilations) == 2


def test_an_intact_blob_that_openvino_rejects_is_compiled_again(
    cache: Path, compilations: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    expected = answer(open_session(landmark_network()))
    (blob,) = blobs(cache)
    write_blob(blob, b"a network of another version")
    with caplog.at_level(logging.INFO, logger="vitruvian"):
        assert_answers_equal(answer(open_session(landmark_network())), expected)
    assert len(compilations) == 2
    assert [f"OpenVINO rejects {blob}" in message for message in caplog.messages] == [True]


def test_an_unwritable_cache_is_ignored(
    tmp_path: Path, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache.write_text("a file where a folder should be")
    with caplog.at_level(logging.DEBUG, logger="vitruvian"):
        outputs = answer(open_session(landmark_network()))
    assert np.isfinite(outputs[0]).all()
    assert any("not kept" in message for message in caplog.messages)
    assert blobs(tmp_path) == [cache]


OPEN_ON_A_FULL_DISK = """
import resource
from vitruvian import PoseTracker
import vitruvian.backends.openvino
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
PoseTracker("lite").close()
"""


def test_a_full_disk_is_ignored_and_no_file_is_left(
    environment: dict[str, str], cache: Path
) -> None:
    done = in_a_process(OPEN_ON_A_FULL_DISK, environment=environment)
    assert done.returncode == 0, done.stderr
    assert blobs(cache) == []


OPEN_AND_RUN = """
import hashlib
import numpy as np
from vitruvian import PoseTracker
image = np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)
tracker = PoseTracker("lite", detection_confidence=0)
print(tracker.update(image, timestamp_us=1).to_dict())
"""


def test_two_processes_may_start_at_once(environment: dict[str, str], cache: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        done = list(
            pool.map(lambda _: in_a_process(OPEN_AND_RUN, environment=environment), range(2))
        )
    assert [one.returncode for one in done] == [0, 0], done[0].stderr + done[1].stderr
    assert done[0].stdout == done[1].stdout
    assert [path.suffix for path in blobs(cache)] == [".blob", ".blob"]


CLOSED_ELSEWHERE = """
import os, signal, threading, time
from tests.backends.test_openvino import CROP, landmark_network, open_session

sessions = [open_session(landmark_network())]
sessions[0].run(CROP)
thread = threading.Thread(target=sessions.clear)
thread.start()
thread.join()
threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    time.sleep(60)
except KeyboardInterrupt:
    print("interrupted")
"""


def test_ctrl_c_is_an_interrupt_after_another_thread_has_freed_the_last_session() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CLOSED_ELSEWHERE],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "interrupted\n"), done.stderr
