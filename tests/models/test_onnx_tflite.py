"""Files that can't be converted: damaged ones, and networks that BlazePose does not use."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from vitruvian.errors import ModelIntegrityError, ModelNotFoundError
from vitruvian.models.onnx import OnnxForm, graph_from_tflite
from vitruvian.models.onnx.tflite import read_network
from vitruvian.models.store import find_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.weights

Codes = dict[str, int]  # index of each kind of operator


def convert(content: bytes, folder: Path) -> None:
    path = folder / "edited.tflite"
    path.write_bytes(content)
    graph_from_tflite(path, OnnxForm(is_bgr=True, exact_resize=True))


@pytest.mark.parametrize("name", ["detector", "lite"])
def test_damage_of_any_kind_is_one_error(name: str, tmp_path: Path) -> None:
    whole = find_file(name).path.read_bytes()
    random = np.random.default_rng(0)
    for length in random.integers(0, len(whole), 10):
        with pytest.raises(ModelIntegrityError):
            convert(whole[:length], tmp_path)
    n_errors = 0
    for _ in range(40):
        damaged = bytearray(whole)
        # The tables lie at both ends, the weights between.
        for place in (*random.integers(8, 40_000, 20), *random.integers(-40_000, 0, 20)):
            damaged[place] = random.integers(256)
        try:
            convert(bytes(damaged), tmp_path)
        except ModelIntegrityError:
            n_errors += 1
    assert n_errors > 10


def test_file_that_can_not_be_read_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match=r"can't read '.*none\.tflite': No such file"):
        graph_from_tflite(tmp_path / "none.tflite")


def test_sparse_weights_are_expanded() -> None:
    network = read_network(find_file("detector").path.read_bytes(), "detector")
    sparse = {op.inputs[0] for op in network.operators if op.kind == "DENSIFY"}
    assert len(sparse) == 38
    for index in sparse:
        tensor = network.tensors[index]
        assert tensor.values is not None
        assert tensor.values.shape == tensor.shape
        assert 0.2 < np.mean(tensor.values == 0) < 0.9


def first(graph: Any, codes: Codes, kind: str) -> Any:
    return next(op for op in graph.operators if op.opcodeIndex == codes[kind])


def unknown_operator(model: Any, codes: Codes) -> None:
    model.operatorCodes[codes["LOGISTIC"]].builtinCode = 28


def unknown_activation(model: Any, codes: Codes) -> None:
    first(model.subgraphs[0], codes, "CONV_2D").builtinOptions.fusedActivationFunction = 4


def dilation(model: Any, codes: Codes) -> None:
    first(model.subgraphs[0], codes, "CONV_2D").builtinOptions.dilationWFactor = 2


def corners_aligned(model: Any, codes: Codes) -> None:
    first(model.subgraphs[0], codes, "RESIZE_BILINEAR").builtinOptions.halfPixelCenters = False


def other_size(model: Any, codes: Codes) -> None:
    graph = model.subgraphs[0]
    graph.tensors[first(graph, codes, "RESIZE_BILINEAR").outputs[0]].shape = [1, 24, 24, 32]


def other_batch(model: Any, codes: Codes) -> None:
    graph = model.subgraphs[0]
    graph.tensors[first(graph, codes, "RESHAPE").outputs[0]].shape = [5, 39]


def input_elsewhere(model: Any, codes: Codes) -> None:
    first(model.subgraphs[0], codes, "CONV_2D").opcodeIndex = codes["LOGISTIC"]


def sum_of_two_shapes(model: Any, codes: Codes) -> None:
    graph = model.subgraphs[0]
    graph.tensors[first(graph, codes, "ADD").inputs[1]].shape = [1, 1, 1, 24]


def joined_images(model: Any, codes: Codes) -> None:
    model.operatorCodes[codes["ADD"]].builtinCode = 2


def constant_term(model: Any, codes: Codes) -> None:
    graph = model.subgraphs[0]
    sum_ = first(graph, codes, "ADD")
    term = copy(graph.tensors[sum_.inputs[1]])
    term.buffer = len(model.buffers)
    model.buffers.append(copy(model.buffers[0]))
    model.buffers[-1].data = np.zeros(np.prod(term.shape), np.float32).view(np.uint8)
    sum_.inputs = [sum_.inputs[0], len(graph.tensors)]
    term.name = b"term"
    graph.tensors.append(term)


def quantized(model: Any, _: Codes) -> None:
    model.subgraphs[0].tensors[0].type = 9


def two_inputs(model: Any, _: Codes) -> None:
    model.subgraphs[0].inputs = [0, 1]


def wrong_order(model: Any, _: Codes) -> None:
    model.subgraphs[0].operators.reverse()


@pytest.mark.litert
@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (unknown_operator, "operator 28 is not one of .*'ADD', 'CONCATENATION'"),
        (unknown_activation, "activation 4 of CONV_2D is not supported"),
        (dilation, "CONV_2D with dilation is not supported"),
        (corners_aligned, "RESIZE_BILINEAR without half-pixel centres is not supported"),
        (other_size, r"RESIZE_BILINEAR must double 8x8, got \(24, 24\)"),
        (other_batch, r"RESHAPE from \(1, 1, 1, 195\) to \(5, 39\) is not supported"),
        (input_elsewhere, "a BGR input must lead to CONV_2D, got PAD"),
        (sum_of_two_shapes, "ADD of different shapes is not supported"),
        (joined_images, "CONCATENATION of images is not supported"),
        (constant_term, "tensor 'term' must not be constant"),
        (quantized, "has type 9, which is not one of"),
        (two_inputs, "must have one image as its input"),
        (wrong_order, "comes before its inputs"),
    ],
)
def test_network_of_another_kind_is_an_error_that_says_why(
    edit: Callable[[Any, Codes], None], message: str, tmp_path: Path
) -> None:
    schema = pytest.importorskip(
        "ai_edge_litert.schema_py_generated", reason="needs the extra vitruvian[litert]"
    )
    flatbuffers = pytest.importorskip("flatbuffers", reason="needs the extra vitruvian[litert]")
    content = find_file("lite").path.read_bytes()
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(content, 0))
    numbers = [code.builtinCode for code in model.operatorCodes]
    kinds = ("ADD", "LOGISTIC", "CONV_2D", "RESHAPE", "RESIZE_BILINEAR")
    codes = {kind: numbers.index(getattr(schema.BuiltinOperator, kind)) for kind in kinds}
    edit(model, codes)
    builder = flatbuffers.Builder(len(content))
    builder.Finish(model.Pack(builder), b"TFL3")
    with pytest.raises(ModelIntegrityError, match=message):
        convert(bytes(builder.Output()), tmp_path)
