"""The networks of the virtual camera, computed here by OpenVINO in place of its own processor."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.backends.openvino_runtime import ov
from vitruvian.errors import InferenceError
from vitruvian.oak.networks import network_called, onnx_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["VirtualNetwork"]

# Without the first, processors with AMX compute in bfloat16.
SETTINGS = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}


class VirtualNetwork:
    """A network with the inputs, the outputs and the rounding of the device.

    It is compiled once and shared; each object has a request of its own.
    """

    def __init__(self, name: str) -> None:
        self._network = network_called(name)
        self._request = _compiled(name).create_infer_request()

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.float32]]:
        """Return the outputs for arrays without a batch axis, by their names, rounded to float16.

        An image may have any name: it is the only input.
        """
        ports = self._request.model_inputs
        given = {}
        for port in ports:
            names = sorted(port.get_names())
            array = next(
                (inputs[name] for name in names if name in inputs),
                next(iter(inputs.values())),
            )
            values = array if self._network.is_bytes else array.astype(np.float16)
            shape = (1, *self._network.input_shape) if self._network.is_bytes else (1, *array.shape)
            given[port] = values.astype(np.float32).reshape(shape)
        try:
            answers = self._request.infer(given)
        except RuntimeError as err:
            name = self._network.name
            raise InferenceError(f"network {name!r} failed: {str(err).splitlines()[0]}") from err
        outputs = {}
        for port, answer in answers.items():
            for name, shape in self._network.outputs:
                if name in port.get_names():
                    rounded = answer.astype(np.float16).astype(np.float32)
                    outputs[name] = rounded.reshape(shape)
        return outputs


@cache
def _compiled(name: str) -> ov.CompiledModel:
    return _core().compile_model(_core().read_model(onnx_file(name)), "CPU", SETTINGS)


@cache
def _core() -> ov.Core:
    return ov.Core()
