"""The writer of ONNX files, read by the library of ONNX and run by ONNX Runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.testing import assert_array_equal

from vitruvian.errors import SinkError
from vitruvian.models.onnx import OnnxGraph

if TYPE_CHECKING:
    from pathlib import Path


def doubling() -> OnnxGraph:
    """A network that doubles a batch of pairs and sums them along the last axis."""
    graph = OnnxGraph("doubling")
    pairs = graph.add_input("pairs", (None, 2), "pairs of numbers")
    graph.add("Mul", [pairs, graph.constant(2, "two")], "doubled")
    graph.add("ReduceSum", ["doubled"], "sums", axes=(-1,), keepdims=0)
    graph.add_output("doubled", (None, 2))
    graph.add_output("sums", (None,))
    return graph


def test_file_is_valid_and_states_what_it_takes_and_gives() -> None:
    model = onnx.load_from_string(doubling().to_bytes())
    onnx.checker.check_model(model, full_check=True)
    assert model.producer_name == "vitruvian"
    (opset,) = model.opset_import
    assert (opset.domain, opset.version) == ("", 11)
    (pairs,) = model.graph.input
    assert pairs.doc_string == "pairs of numbers"
    batch, side = pairs.type.tensor_type.shape.dim
    assert (batch.dim_param, side.dim_value) == ("batch", 2)


def test_file_runs_with_any_batch() -> None:
    session = onnxruntime.InferenceSession(doubling().to_bytes())
    for n in (1, 3, 200):
        pairs = np.arange(2 * n, dtype=np.float32).reshape(n, 2)
        doubled, sums = session.run(None, {"pairs": pairs})
        assert_array_equal(doubled, 2 * pairs)
        assert_array_equal(sums, 2 * pairs.sum(axis=1))


def test_constants_keep_shape_type_and_values() -> None:
    graph = OnnxGraph("constants")
    values = {
        "scalar": np.array(6, np.float32),
        "empty": np.empty(0, np.float32),
        "turned": np.arange(6, dtype=np.float32).reshape(2, 3).T,
        "integers": np.array([-1, 0, 1 << 40]),
    }
    for name, array in values.items():
        graph.constant(array, name, array.dtype)
    graph.constant(7, "scalar")  # there is one of that name
    model = onnx.load_from_string(graph.to_bytes())
    stored = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    assert list(stored) == list(values)
    for name, array in values.items():
        assert stored[name].dtype == array.dtype
        assert_array_equal(stored[name], array)


def test_equal_graphs_give_equal_bytes() -> None:
    assert doubling().to_bytes() == doubling().to_bytes()


def test_saved_file_replaces_an_older_one(tmp_path: Path) -> None:
    path = tmp_path / "new" / "doubling.onnx"
    assert doubling().save(path) == path.stat().st_size
    path.write_bytes(b"older")
    doubling().save(path)
    assert path.read_bytes() == doubling().to_bytes()
    assert list(path.parent.iterdir()) == [path]


def test_file_that_cannot_be_written_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "folder.onnx"
    path.mkdir()
    with pytest.raises(SinkError, match=r"can't write '.*folder\.onnx': Is a directory"):
        doubling().save(path)
    assert list(tmp_path.iterdir()) == [path]
