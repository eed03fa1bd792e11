"""The ONNX files of the networks of a device, on real photos."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.testing import assert_allclose

from tests.crops import PHOTOS, detector_crops, landmark_crops
from tests.networks import litert_outputs
from vitruvian.engine.detector import decode_boxes
from vitruvian.engine.segmentation import sigmoid
from vitruvian.models.store import find_file
from vitruvian.oak.networks import NETWORKS, onnx_file

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.oak.networks import DeviceNetwork

pytestmark = [pytest.mark.weights, pytest.mark.testdata]

TOLERANCE = 2e-3  # as in tests/models/test_onnx.py
LANDMARKS = ("lite", "full", pytest.param("heavy", marks=pytest.mark.slow))

each_network = pytest.mark.parametrize("network", NETWORKS.values(), ids=list(NETWORKS))


@pytest.fixture(autouse=True, scope="module")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = find_file("lite").path.parent
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VITRUVIAN_MODELS", str(folder))
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def run(name: str, **inputs: np.ndarray) -> dict[str, np.ndarray]:
    session = onnxruntime.InferenceSession(onnx_file(name))
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, inputs), strict=True))


def planar_bgr(image: np.ndarray) -> np.ndarray:
    """An RGB image as the device gives it."""
    return image[None, ..., ::-1].transpose(0, 3, 1, 2).astype(np.float32)


@each_network
def test_file_has_the_inputs_and_outputs_of_the_table(network: DeviceNetwork) -> None:
    path = onnx_file(network.name)
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = onnxruntime.InferenceSession(path)
    assert session.get_inputs()[0].shape == [1, *network.input_shape]
    outputs = {output.name: output.shape for output in session.get_outputs()}
    assert outputs == {name: [1, *shape] for name, shape in network.outputs}


@pytest.mark.litert
@pytest.mark.parametrize("masks", ["", "_masks"])
@pytest.mark.parametrize("name", LANDMARKS)
def test_landmark_network_takes_pixels_and_answers_as_litert(
    name: str, masks: str, testdata: Path
) -> None:
    pytest.importorskip("ai_edge_litert", reason="needs the extra vitruvian[litert]")
    crops = landmark_crops(testdata, PHOTOS[:2])
    theirs = litert_outputs(find_file(name).path, crops / np.float32(255))
    for i, crop in enumerate(crops):
        for key, values in run(name + masks, input_1=planar_bgr(crop)).items():
            as_used = sigmoid if key == "Identity_2" else np.asarray
            assert_allclose(as_used(values[0]), as_used(theirs[key][i]), rtol=0, atol=TOLERANCE)


@pytest.mark.litert
def test_detector_takes_pixels_and_answers_as_litert(testdata: Path) -> None:
    pytest.importorskip("ai_edge_litert", reason="needs the extra vitruvian[litert]")
    crops = detector_crops(testdata)
    theirs = litert_outputs(find_file("detector").path, crops / np.float32(127.5) - 1)
    for i, crop in enumerate(crops):
        for key, values in run("detector", input_1=planar_bgr(crop)).items():
            assert_allclose(values[0], theirs[key][i], rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("name", ["detector", "lite", "full", "heavy"])
def test_weights_keep_their_scale(name: str) -> None:
    """Multiplied by 1/255, a tenth of them would be subnormal in float16."""
    graph = onnx.load(onnx_file(name)).graph
    scaling = ["Sub", "Mul"] if name == "detector" else ["Mul", "Relu"]
    assert [node.op_type for node in graph.node[:3]] == [*scaling, "Conv"]
    (weights,) = [w for w in graph.initializer if w.name == graph.node[2].input[1]]
    size = np.abs(onnx.numpy_helper.to_array(weights))
    smallest_normal = np.finfo(np.float16).smallest_normal
    assert np.mean(size < smallest_normal) < 0.01 < np.mean(size / 255 < smallest_normal)


@pytest.mark.parametrize("photo", [*PHOTOS, "zebras_negative"])
def test_best_candidate_is_the_best_box_of_the_engine(photo: str, testdata: Path) -> None:
    (crop,) = detector_crops(testdata, (photo,))
    outputs = run("detector", input_1=planar_bgr(crop))
    (result,) = run("best_candidate", **outputs)["result"]
    boxes = decode_boxes(outputs["Identity"][0], outputs["Identity_1"][0], 0.0)
    expected = [boxes.scores[0], *boxes.keypoints[0, :2].reshape(-1)]
    assert_allclose(result, expected, rtol=0, atol=2e-7)


def test_division_by_255_is_exact() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (1, 3, 256, 256)).astype(np.float32)
    (values,) = run("divide_by_255", image=pixels).values()
    assert_allclose(values, pixels / 255, rtol=1e-7, atol=0)


def test_file_is_written_once_and_again_if_it_is_damaged() -> None:
    path = onnx_file("lite")
    content, written = path.read_bytes(), path.stat().st_mtime_ns
    assert onnx_file("lite") == path
    assert path.stat().st_mtime_ns == written
    path.write_bytes(content[:1000])
    assert onnx_file("lite") == path
    assert path.read_bytes() == content


def test_unknown_network_is_an_error_that_lists_the_names() -> None:
    with pytest.raises(ValueError, match=r"\['detector', 'best_candidate', .*got 'palm'"):
        onnx_file("palm")


@pytest.mark.slow
def test_model_optimizer_of_2021_keeps_the_scaling_and_the_bounds(tmp_path: Path) -> None:
    python = os.environ.get("VITRUVIAN_OPENVINO2021_PYTHON")
    if python is None:
        pytest.skip("VITRUVIAN_OPENVINO2021_PYTHON must name a Python with openvino-dev 2021.4.2")
    options = ["--data_type", "FP16", "--output_dir", str(tmp_path), "--model_name", "network"]
    subprocess.run(
        [python, "-m", "mo", "--input_model", str(onnx_file("lite")), *options],
        check=True,
        capture_output=True,
    )
    layers = list(ElementTree.parse(tmp_path / "network.xml").iter("layer"))
    assert [layer.get("type") for layer in layers].count("Multiply") == 1
    clamps = [layer[0] for layer in layers if layer.get("type") == "Clamp"]
    bounds = {(float(clamp.attrib["min"]), float(clamp.attrib["max"])) for clamp in clamps}
    assert bounds == {(0.0, 6.0)}
