from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from tests.fakes import picture
from tests.networks import detector_network, landmark_network, open_session

from vitruvian import PoseTracker
from vitruvian.backends import Target, compile_network
from vitruvian.engine import model
from vitruvian.engine.landmarker import LANDMARKER_OUTPUTS, MASK_OUTPUT
from vitruvian.errors import InferenceError, ModelIntegrityError
from vitruvian.models.files import tflite_file
from vitruvian.models.store import find_file

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.weights, pytest.mark.litert]

interpreter = pytest.importorskip(
    "ai_edge_litert.interpreter", reason="needs the extra vitruvian[litert]"
)
CROP = picture(256, 256)


network = landmark_network


def test_outputs_are_those_of_the_interpreter_in_the_requested_order() -> None:
    plain = interpreter.Interpreter(str(find_file("lite").path))
    plain.allocate_tensors()
    scaled = (CROP * np.float32(1 / 255))[None]
    plain.set_tensor(plain.get_input_details()[0]["index"], scaled)
    plain.invoke()
    landmarks, score, mask, heat, world = (
        plain.get_tensor(detail["index"])[0] for detail in plain.get_output_details()
    )
    expected = (landmarks, score, heat, world, mask)
    session = open_session(
        replace(network(), outputs=(*LANDMARKER_OUTPUTS, MASK_OUTPUT)), backend="litert"
    )
    for ours, theirs in zip(session.run(CROP), expected, strict=True):
        assert_allclose(ours, theirs, atol=1e-3)


def test_pixels_are_scaled_to_the_input_range_of_the_network() -> None:
    crop = picture(224, 224)
    _, scores = open_session(detector_network(), backend="litert").run(crop)
    plain = interpreter.Interpreter(str(find_file("detector").path))
    plain.allocate_tensors()
    plain.set_tensor(plain.get_input_details()[0]["index"], np.float32(crop / 127.5 - 1)[None])
    plain.invoke()
    assert_allclose(scores, plain.get_tensor(plain.get_output_details()[1]["index"])[0], atol=1e-3)


def test_outputs_belong_to_their_image() -> None:
    session = open_session(network(), backend="litert", threads=1)
    first = [output.copy() for output in session.run(CROP)]
    session.run(picture(256, 256, seed=1))
    for one, other in zip(session.run(CROP), first, strict=True):
        assert_array_equal(one, other)


def test_several_images_give_the_same_outputs_as_single_images() -> None:
    session = open_session(network(), backend="litert", threads=1)
    images = [CROP, picture(256, 256, seed=1)]
    expected = [session.run(image) for image in images]
    for outputs, wanted in zip(session.run_all(images), expected, strict=True):
        for one, other in zip(outputs, wanted, strict=True):
            assert_array_equal(one, other)


def test_sessions_share_the_interpreter_but_no_outputs() -> None:
    shared = compile_network(network(), Target(backend="litert", threads=1))
    sessions = [shared.open_session() for _ in range(4)]
    images = [picture(256, 256, seed) for seed in range(4)]
    expected = [shared.open_session().run(image) for image in images]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            found = list(pool.map(lambda s, i: s.run(i), sessions, images))
            for outputs, wanted in zip(found, expected, strict=True):
                for one, other in zip(outputs, wanted, strict=True):
                    assert_array_equal(one, other)
    sessions[0].close()
    assert_array_equal(sessions[1].run(images[1])[0], expected[1][0])


def test_close_is_idempotent_and_a_run_after_close_is_a_clear_error() -> None:
    session = open_session(network(), backend="litert")
    session.close()
    session.close()
    with pytest.raises(InferenceError, match="the session is closed"):
        session.run(CROP)
    with pytest.raises(InferenceError, match="the session is closed"):
        session.run_all([CROP])


def test_only_the_cpu_is_supported() -> None:
    with pytest.raises(ValueError, match="must be 'CPU' with litert, got 'GPU'"):
        open_session(network(), backend="litert", device="GPU")


def test_only_exact_precision_is_supported() -> None:
    with pytest.raises(ValueError, match="precision must be 'exact' with litert, got 'fast'"):
        open_session(network(), backend="litert", precision="fast")


def test_missing_outputs_of_a_network_are_named() -> None:
    with pytest.raises(ModelIntegrityError, match=r"must have outputs \[\(7, 7\)\], got"):
        open_session(replace(network(), outputs=((195,), (7, 7))), backend="litert")


@pytest.mark.parametrize("length", [8, 5000])
def test_a_damaged_model_is_an_error_of_one_line(tmp_path: Path, length: int) -> None:
    (tmp_path / "a.tflite").write_bytes(find_file("lite").path.read_bytes()[:length])
    damaged = model.landmark_network(tflite_file(tmp_path / "a.tflite"))
    with pytest.raises(ModelIntegrityError, match=r"a\.tflite") as info:
        open_session(damaged, backend="litert")
    assert "\n" not in str(info.value)


def test_a_tracker_runs_on_it() -> None:
    with PoseTracker("lite", backend="litert", threads=1) as tracker:
        assert tracker.update(picture(40, 30), timestamp_us=0).timestamp_us == 0
