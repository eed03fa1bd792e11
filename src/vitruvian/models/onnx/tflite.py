"""TfliteNetwork: the tensors and operators of a TFLite file, as far as BlazePose uses them.

Source: TensorFlow, ``compiler/mlir/lite/schema/schema.fbs``; slots are positions in its tables.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.errors import ModelIntegrityError
from vitruvian.models.files import check_magic
from vitruvian.models.onnx.flatbuffer import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["NO_TENSOR", "Operator", "Tensor", "TfliteNetwork", "read_network"]

OPERATORS = {  # BuiltinOperator
    0: "ADD",
    2: "CONCATENATION",
    3: "CONV_2D",
    4: "DEPTHWISE_CONV_2D",
    5: "DEPTH_TO_SPACE",
    6: "DEQUANTIZE",
    14: "LOGISTIC",
    17: "MAX_POOL_2D",
    22: "RESHAPE",
    23: "RESIZE_BILINEAR",
    34: "PAD",
    124: "DENSIFY",
}
_WINDOW = {"padding": (0, "b", 0), "stride_w": (1, "i", 0), "stride_h": (2, "i", 0)}
OPTIONS: Mapping[str, Mapping[str, tuple[int, str, int]]] = {  # name: (slot, type, default)
    "ADD": {"activation": (0, "b", 0)},
    "CONCATENATION": {"axis": (0, "i", 0), "activation": (1, "b", 0)},
    "CONV_2D": _WINDOW
    | {"activation": (3, "b", 0), "dilation_w": (4, "i", 1), "dilation_h": (5, "i", 1)},
    "DEPTHWISE_CONV_2D": _WINDOW
    | {"activation": (4, "b", 0), "dilation_w": (5, "i", 1), "dilation_h": (6, "i", 1)},
    "DEPTH_TO_SPACE": {"block_size": (0, "i", 0)},
    "MAX_POOL_2D": _WINDOW
    | {"filter_w": (3, "i", 0), "filter_h": (4, "i", 0), "activation": (5, "b", 0)},
    "RESIZE_BILINEAR": {"align_corners": (2, "B", 0), "half_pixel": (3, "B", 0)},
}
TYPES = {0: np.float32, 1: np.float16, 2: np.int32, 4: np.int64}  # TensorType
INDEX_TYPES = {1: np.int32, 2: np.uint16, 3: np.uint8}  # SparseIndexVector
DENSE = 0  # DimensionType
NO_TENSOR = -1
MAX_VALUES = 1 << 27  # of a tensor; the largest of BlazePose has 1.3 million


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """A tensor; `values` is None if an operator computes them. Image tensors are NHWC."""

    name: str
    shape: tuple[int, ...]
    values: NDArray[Any] | None


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator: its kind, its options, and the indices of its tensors; -1 for no tensor."""

    kind: str
    options: Mapping[str, int]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class TfliteNetwork:
    """The main graph of a file: operators in order, and indices of its inputs and outputs."""

    tensors: Sequence[Tensor]
    operators: Sequence[Operator]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def read_network(content: bytes, name: str) -> TfliteNetwork:
    """Return the network in a TFLite file. Sparse tensors are expanded.

    Parameters
    ----------
    content : bytes
        The file.
    name : str
        Its name, for messages.

    Raises
    ------
    ModelIntegrityError
        If it is damaged, or has operators or types that BlazePose does not use.
    """
    check_magic(content[:8], name)
    try:
        return _network(Table.root(content))
    except (ValueError, LookupError, struct.error) as err:
        raise ModelIntegrityError(f"{name!r} is a damaged or unknown TFLite model: {err}") from err


def _network(model: Table) -> TfliteNetwork:
    graph = model.tables(2)[0]
    buffers = model.tables(4)
    kinds = [_kind(code) for code in model.tables(1)]
    network = TfliteNetwork(
        [_tensor(table, buffers) for table in graph.tables(0)],
        [_operator(table, kinds) for table in graph.tables(3)],
        _indices(graph, 1),
        _indices(graph, 2),
    )
    _check_order(network)
    return network


def _check_order(network: TfliteNetwork) -> None:
    """Raise ValueError unless each operator uses only tensors that are known before it."""
    known = {i for i, tensor in enumerate(network.tensors) if tensor.values is not None}
    known.update((NO_TENSOR, *network.inputs))
    for op in network.operators:
        if not known.issuperset(op.inputs):
            raise ValueError(f"operator {op.kind} comes before its inputs")
        known.update(op.outputs)
    if not known.issuperset(network.outputs):
        raise ValueError("an output is not computed")
    if not known <= set(range(NO_TENSOR, len(network.tensors))):
        raise ValueError("a tensor that is used is not in the file")


def _kind(code: Table) -> str:
    number = max(code.number(0, "b"), code.number(3, "i"))  # the first slot is that of old files
    if number not in OPERATORS:
        raise ValueError(f"operator {number} is not one of {sorted(OPERATORS.values())}")
    return OPERATORS[number]


def _operator(table: Table, kinds: Sequence[str]) -> Operator:
    kind = kinds[table.number(0, "I")]
    written = table.table(4)
    options = {
        option: default if written is None else written.number(slot, form, default)
        for option, (slot, form, default) in OPTIONS.get(kind, {}).items()
    }
    return Operator(kind, options, _indices(table, 1), _indices(table, 2))


def _tensor(table: Table, buffers: Sequence[Table]) -> Tensor:
    name, number = table.text(3), table.number(1, "b")
    if number not in TYPES:
        raise ValueError(f"tensor {name!r} has type {number}, which is not one of {sorted(TYPES)}")
    shape = tuple(table.array(0, np.int32).tolist())
    data = buffers[table.number(2, "I")].array(0, np.uint8)
    if not data.size:
        return Tensor(name, shape, None)
    stored = data.view(np.dtype(TYPES[number]).newbyteorder("<"))
    sparsity = table.table(6)
    if sparsity is None:
        return Tensor(name, shape, stored.reshape(shape))
    return Tensor(name, shape, _expanded(stored, shape, sparsity))


def _expanded(stored: NDArray[Any], shape: tuple[int, ...], sparsity: Table) -> NDArray[Any]:
    """Return a sparse tensor as a dense one: level by level, the coordinates of its values."""
    order = sparsity.array(0, np.int32).tolist()
    if sorted(order) != list(range(len(shape))) or sparsity.array(1, np.int32).size:
        raise ValueError(f"sparse blocks are not supported: traversal {order} of shape {shape}")
    if math.prod(shape) > MAX_VALUES:
        raise ValueError(f"a tensor must have at most {MAX_VALUES} values, got shape {shape}")
    places = np.zeros((1, 0), np.intp)
    for level in sparsity.tables(2):
        if level.number(0, "b") == DENSE:
            n = shape[order[places.shape[1]]]
            counts, indices = np.full(len(places), n), np.tile(np.arange(n), len(places))
        else:
            counts, indices = np.diff(_index_vector(level, 2)), _index_vector(level, 4)
        places = np.column_stack([np.repeat(places, counts, axis=0), indices])
    values = np.zeros(shape, stored.dtype)
    values[tuple(places[:, order.index(axis)] for axis in range(len(shape)))] = stored
    return values


def _index_vector(level: Table, slot: int) -> NDArray[np.intp]:
    vector = level.table(slot + 1)
    if vector is None:
        raise ValueError("a sparse tensor lacks its indices")
    return vector.array(0, INDEX_TYPES[level.number(slot, "B")]).astype(np.intp)


def _indices(table: Table, slot: int) -> tuple[int, ...]:
    return tuple(table.array(slot, np.int32).tolist())
