"""Networks as ONNX files against LiteRT, which runs the TFLite files, on crops of real photos."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime
import openvino
import pytest
from numpy.testing import assert_allclose
from tests.crops import detector_crops, landmark_crops
from tests.networks import litert_outputs

from vitruvian.engine.segmentation import sigmoid
from vitruvian.models.onnx import OnnxForm, graph_from_tflite
from vitruvian.models.store import find_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[[np.ndarray], dict[str, np.ndarray]]

pytestmark = [pytest.mark.weights, pytest.mark.testdata]

NAMES = ("detector", "lite", "full", "heavy")
PLAIN = OnnxForm()
MASK = "Identity_2"
TOLERANCE = 2e-3  # float32 rounding in about 200 layers; landmarks are in px
F32 = {"INFERENCE_PRECISION_HINT": "f32"}  # bf16, the default of some processors, is not exact

each_network = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def images(testdata: Path) -> Callable[[str], np.ndarray]:
    """Five inputs of a network, float32, NHWC."""

    @cache
    def images_of(kind: str) -> np.ndarray:
        if kind == "detector":
            return detector_crops(testdata) / np.float32(127.5) - 1
        return landmark_crops(testdata) / np.float32(255)

    return lambda name: images_of("detector" if name == "detector" else "landmarks")


@pytest.fixture(scope="module")
def expected(images: Callable[[str], np.ndarray]) -> Callable[[str], dict[str, np.ndarray]]:
    """What LiteRT answers for these images."""
    pytest.importorskip("ai_edge_litert", reason="needs the extra vitruvian[litert]")
    return cache(lambda name: litert_outputs(find_file(name).path, images(name)))


@cache
def content(name: str, form: OnnxForm = PLAIN) -> bytes:
    return graph_from_tflite(find_file(name).path, form).to_bytes()


def run_onnxruntime(model: bytes) -> Run:
    session = onnxruntime.InferenceSession(model)
    names = [output.name for output in session.get_outputs()]
    return lambda images: dict(
        zip(names, session.run(None, {"input_1": nchw(images)}), strict=True)
    )


def run_openvino(model: bytes) -> Run:
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(model), "CPU", F32)
    return lambda images: {
        output.get_any_name(): array for output, array in compiled(nchw(images)).items()
    }


def nchw(images: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2))


def assert_equal_outputs(ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray]) -> None:
    """The mask is compared as probabilities: its logits reach 1600, where float32 is coarse."""
    assert list(ours) == list(theirs)
    for name, values in theirs.items():
        assert ours[name].shape == values.shape
        as_used = sigmoid if name == MASK else np.asarray
        assert_allclose(as_used(ours[name]), as_used(values), rtol=0, atol=TOLERANCE)


@each_network
@pytest.mark.parametrize("run", [run_onnxruntime, run_openvino])
@pytest.mark.litert
def test_outputs_equal_those_of_litert_for_any_batch(
    name: str,
    run: Callable[[bytes], Run],
    images: Callable[[str], np.ndarray],
    expected: Callable[[str], dict[str, np.ndarray]],
) -> None:
    network = run(content(name))
    for batch in (slice(0, 5), slice(1, 2), slice(2, 4)):
        ours = network(images(name)[batch])
        assert_equal_outputs(ours, {key: rows[batch] for key, rows in expected(name).items()})


@each_network
def test_file_is_valid_onnx(name: str) -> None:
    onnx.checker.check_model(onnx.load_from_string(content(name)), full_check=True)


@pytest.mark.parametrize("name", ["detector", "heavy"])
@pytest.mark.litert
def test_exact_resize_equals_half_pixel_resize(
    name: str,
    images: Callable[[str], np.ndarray],
    expected: Callable[[str], dict[str, np.ndarray]],
) -> None:
    exact = content(name, OnnxForm(exact_resize=True))
    kinds = Counter(node.op_type for node in onnx.load_from_string(exact).graph.node)
    plain = Counter(node.op_type for node in onnx.load_from_string(content(name)).graph.node)
    assert plain["Resize"] == kinds["ConvTranspose"] == {"detector": 2, "heavy": 5}[name]
    assert kinds["Resize"] == plain["ConvTranspose"] == 0
    assert_equal_outputs(run_onnxruntime(exact)(images(name)), expected(name))


@pytest.mark.litert
def test_pixels_in_bgr_order_are_scaled_by_the_network(
    images: Callable[[str], np.ndarray], expected: Callable[[str], dict[str, np.ndarray]]
) -> None:
    pixels = np.round(images("lite") * 255)[..., ::-1]
    network = run_onnxruntime(content("lite", OnnxForm(pixel_range=(0, 1), is_bgr=True)))
    assert_equal_outputs(network(pixels), expected("lite"))


@pytest.mark.litert
def test_unwanted_outputs_are_left_out_with_all_that_leads_to_them(
    images: Callable[[str], np.ndarray], expected: Callable[[str], dict[str, np.ndarray]]
) -> None:
    wanted = ("Identity_4", "Identity")
    few = content("lite", OnnxForm(outputs=wanted))
    kinds = Counter(node.op_type for node in onnx.load_from_string(few).graph.node)
    assert kinds["Resize"] == 0
    ours = run_onnxruntime(few)(images("lite"))
    assert_equal_outputs(ours, {name: expected("lite")[name] for name in wanted})


@pytest.mark.parametrize(("name", "number"), [("detector", 6), ("lite", 1), ("heavy", 1)])
def test_only_outputs_are_transposed(name: str, number: int) -> None:
    graph = onnx.load_from_string(content(name)).graph
    transposed = [node for node in graph.node if node.op_type == "Transpose"]
    assert len(transposed) == number
    consumers = Counter(value for node in graph.node for value in node.input)
    ends = {output.name for output in graph.output}
    for node in transposed:
        (after,) = [n for n in graph.node if node.output[0] in n.input] or [node]
        assert after.op_type in ("Reshape", "Transpose")
        assert consumers[node.output[0]] == (0 if node.output[0] in ends else 1)


@each_network
def test_bounds_of_clip_are_scalars(name: str) -> None:
    """The model optimizer of OpenVINO 2021.4 reads an array of one element as 0."""
    graph = onnx.load_from_string(content(name)).graph
    axes = {constant.name: list(constant.dims) for constant in graph.initializer}
    bounds = {bound for node in graph.node if node.op_type == "Clip" for bound in node.input[1:]}
    assert bounds == {"zero", "six"}
    assert [axes[bound] for bound in bounds] == [[], []]


def test_unknown_output_is_an_error_that_lists_the_outputs() -> None:
    form = OnnxForm(outputs=("Identity_9",))
    with pytest.raises(ValueError, match=r"among \['Identity', 'Identity_1'\], got \['Identity_9'"):
        graph_from_tflite(find_file("detector").path, form)
