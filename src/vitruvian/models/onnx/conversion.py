"""Conversion: what the conversion of each operator knows of the network and of the wanted file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vitruvian.models.onnx.graph import OnnxGraph
    from vitruvian.models.onnx.tflite import Operator, TfliteNetwork

__all__ = ["Conversion", "OnnxForm"]

CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")
MADE_CONSTANT = ("DENSIFY", "DEQUANTIZE")  # operators whose results are known here


@dataclass(frozen=True, slots=True, kw_only=True)
class OnnxForm:
    """What an ONNX file shall take and give. By default the same as the TFLite file, but NCHW.

    Attributes
    ----------
    batch : int or None
        Number of images; None for any number.
    outputs : tuple of str or None
        Wanted outputs, in order; None for all.
    pixel_range : (float, float) or None
        The values that pixel values 0 and 255 are mapped to: the input has values from 0 to 255,
        and the file starts with the scaling. None for an input that is scaled already.
    is_bgr : bool
        Whether the input is in BGR order; else RGB.
    exact_resize : bool
        Whether bilinear enlargements to twice the size are written as transposed convolutions,
        with equal results: for compilers that only approximate half-pixel centres.
    """

    batch: int | None = None
    outputs: tuple[str, ...] | None = None
    pixel_range: tuple[float, float] | None = None
    is_bgr: bool = False
    exact_resize: bool = False


class Conversion:
    """The network that is converted, the graph so far, and names of values in it.

    Tensors are known by their index in the TFLite file, and shapes are those of that file: NHWC for
    images, which are NCHW in the graph.
    """

    def __init__(self, network: TfliteNetwork, graph: OnnxGraph, form: OnnxForm) -> None:
        self.graph = graph
        self.form = form
        self._network = network
        self._producers = {i: op for op in network.operators for i in op.outputs}
        self._names: dict[int, str] = {}

    def rename(self, index: int, name: str) -> None:
        """Set the name of a tensor in the graph, before its operator is added."""
        self._names[index] = name

    def name(self, index: int) -> str:
        """Return the name of a tensor in the graph.

        Raises
        ------
        ValueError
            If it is a constant.
        """
        if self._is_constant(index):
            raise ValueError(f"tensor {self.title(index)!r} must not be constant")
        return self._names.get(index, f"t{index}")

    def shape(self, index: int) -> tuple[int, ...]:
        """Return the shape of a tensor."""
        return self._network.tensors[index].shape

    def title(self, index: int) -> str:
        """Return the name of a tensor in the TFLite file."""
        return self._network.tensors[index].name

    def is_bgr(self, index: int) -> bool:
        """Whether a tensor is the input in BGR order."""
        return self.form.is_bgr and index in self._network.inputs

    def _is_constant(self, index: int) -> bool:
        producer = self._producers.get(index)
        is_made = producer is not None and producer.kind in MADE_CONSTANT
        return is_made or self._network.tensors[index].values is not None

    def constant(self, index: int) -> NDArray[Any]:
        """Return the values of a constant: of the file, or made dense or float32 from those.

        Raises
        ------
        ValueError
            If they are computed from the input.
        """
        values = self._network.tensors[index].values
        if values is not None:
            return values
        producer = self._producers.get(index)
        if producer is None or producer.kind not in MADE_CONSTANT:
            raise ValueError(f"tensor {self.title(index)!r} must be constant")
        values = self.constant(producer.inputs[0])
        return values if producer.kind == "DENSIFY" else values.astype(np.float32)

    def needed(self, outputs: list[int]) -> list[Operator]:
        """Return the operators that outputs depend on, in order, without those of constants.

        Zero padding that becomes part of convolutions is left out, too.
        """
        wanted = set(outputs)
        found = []
        for op in reversed(self._network.operators):
            if wanted.isdisjoint(op.outputs):
                continue
            if op.kind in CONVOLUTIONS:
                wanted.add(self.unpadded(op.inputs[0])[0])
            elif op.kind not in MADE_CONSTANT:
                wanted.update(op.inputs)
            else:
                continue
            found.append(op)
        return found[::-1]

    def unpadded(self, index: int) -> tuple[int, tuple[int, int, int, int]]:
        """Return the tensor before zero padding, and the padding: top, left, bottom, right."""
        producer = self._producers.get(index)
        if producer is None or producer.kind != "PAD":
            return index, (0, 0, 0, 0)
        pads = self.constant(producer.inputs[1]).tolist()
        if len(pads) != 4 or any(pads[0] + pads[3]):
            return index, (0, 0, 0, 0)
        (top, bottom), (left, right) = pads[1:3]
        return producer.inputs[0], (top, left, bottom, right)
