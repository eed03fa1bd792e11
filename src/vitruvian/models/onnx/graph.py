"""OnnxGraph: a network in the making, and its ONNX file.

Source: ONNX, ``onnx.proto``; the numbers of fields and types are those of its messages.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.draft import replace_file
from vitruvian.errors import SinkError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["OPSET", "OnnxGraph", "Shape"]

OPSET = 11  # the newest that OpenVINO 2021.4 supports in full; newer runtimes read it, too
IR_VERSION = 6  # that of opset 11
FLOAT, INT64 = 1, 7  # TensorProto.DataType
DATA_TYPES = {np.dtype(np.float32): FLOAT, np.dtype(np.int64): INT64}
BATCH = "batch"

Shape = tuple[int | None, ...]
"""Sizes of the axes; None for a batch of any size."""


class OnnxGraph:
    """A network: nodes are added in the order in which they are computed.

    Attributes
    ----------
    name : str
    inputs, outputs : list of (str, tuple)
        Names and shapes; None in a shape for a batch of any size. All values are float32.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.inputs: list[tuple[str, Shape]] = []
        self.outputs: list[tuple[str, Shape]] = []
        self._descriptions: dict[str, str] = {}
        self._nodes: list[bytes] = []
        self._constants: dict[str, bytes] = {}

    def add_input(self, name: str, shape: Shape, description: str) -> str:
        """Add an input, and return its name. Viewers of models show the description."""
        self.inputs.append((name, shape))
        self._descriptions[name] = description
        return name

    def add_output(self, name: str, shape: Shape) -> None:
        """Declare a value as the next output."""
        self.outputs.append((name, shape))

    def constant(self, values: ArrayLike, name: str, dtype: Any = np.float32) -> str:
        """Add a constant, unless there is one of that name, and return the name."""
        if name not in self._constants:
            self._constants[name] = _tensor(np.asarray(values, dtype), name)
        return name

    def add(self, kind: str, inputs: list[str], name: str, **attributes: Any) -> str:
        """Add a node with one output, and return `name`: that of the node and of its output.

        Attributes are integers, strings or sequences of integers.
        """
        fields = [_text(1, value) for value in inputs]
        fields += [_text(2, name), _text(3, name), _text(4, kind)]
        fields += [_field(5, _attribute(key, value)) for key, value in attributes.items()]
        self._nodes.append(b"".join(fields))
        return name

    def to_bytes(self) -> bytes:
        """Return the file. Equal graphs give equal bytes."""
        graph = b"".join(
            [
                *(_field(1, node) for node in self._nodes),
                _text(2, self.name),
                *(_field(5, constant) for constant in self._constants.values()),
                *(_field(11, self._value(*value)) for value in self.inputs),
                *(_field(12, self._value(*value)) for value in self.outputs),
            ]
        )
        opset = _text(1, "") + _number(2, OPSET)
        # The version of this package is left out: files that are cached by content stay valid.
        head = _number(1, IR_VERSION) + _text(2, "vitruvian")
        return head + _field(7, graph) + _field(8, opset)

    def save(self, path: str | Path) -> int:
        """Write the file, which appears only when it is complete; return its size, bytes.

        Raises
        ------
        SinkError
            If it can't be written.
        """
        content = self.to_bytes()
        try:
            replace_file(Path(path), content)
        except OSError as err:
            raise SinkError(f"can't write {str(path)!r}: {err.strerror or err}") from err
        return len(content)

    def _value(self, name: str, shape: Shape) -> bytes:
        """Return a ValueInfoProto."""
        axes = [_text(2, BATCH) if side is None else _number(1, side) for side in shape]
        tensor = _number(1, FLOAT) + _field(2, b"".join(_field(1, axis) for axis in axes))
        description = self._descriptions.get(name)
        return b"".join(
            [
                _text(1, name),
                _field(2, _field(1, tensor)),
                b"" if description is None else _text(3, description),
            ]
        )


def _tensor(values: NDArray[Any], name: str) -> bytes:
    """Return a TensorProto."""
    dims = b"".join(_number(1, side) for side in values.shape)
    little = values.astype(values.dtype.newbyteorder("<"), copy=False)
    kind = _number(2, DATA_TYPES[values.dtype])
    return dims + kind + _text(8, name) + _field(9, little.tobytes())


def _attribute(name: str, value: Any) -> bytes:
    """Return an AttributeProto."""
    if isinstance(value, str):
        return _text(1, name) + _text(4, value) + _number(20, 3)
    if isinstance(value, int):
        return _text(1, name) + _number(3, value) + _number(20, 2)
    return _text(1, name) + b"".join(_number(8, item) for item in value) + _number(20, 7)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _text(field: int, value: str) -> bytes:
    return _field(field, value.encode())


def _field(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    if value < 0:
        value += 1 << 64
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
