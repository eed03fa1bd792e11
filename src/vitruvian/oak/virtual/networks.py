"""The networks of the virtual camera, computed here by OpenVINO in place of its own processor."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.backends.openvino_runtime import ov
from vitruvian.errors import InferenceError
from vitruvian.fork import leak_when_forked
from vitruvian.oak.networks import network_called, onnx_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["VirtualNetwork"]

# Without the first, processors with AMX compute in bfloat16.
SETTINGS = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}


class VirtualNetwork:
    """A network with the inputs, the outputs and the rounding of the device.

    It is compiled once and shared; each object has a request of its own.
    """

    def __init__(self, name: str, *, models_dir: str | Path | None = None) -> None:
        self._network = network_called(name)
        self._request = _compiled(name, models_dir).create_infer_request()

    def run(
        self, given: NDArray[np.uint8] | Mapping[str, NDArray[np.float32]]
    ) -> dict[str, NDArray[np.float32]]:
        """Return the outputs by their names, rounded to float16.

        Parameters
        ----------
        given : (3, H, W) uint8 array or mapping
            The planes of an image, BGR; or the outputs of the network before, by their names.
        """
        inputs = {}
        for name, shape in self._network.inputs:
            array = given if isinstance(given, np.ndarray) else given[name]
            inputs[name] = array.astype(np.float32).reshape(1, *shape)
        try:
            answers = self._request.infer(inputs)
        except RuntimeError as err:
            reason = str(err).splitlines()[0]
            raise InferenceError(f"network {self._network.name!r} failed: {reason}") from err
        return {
            name: answers[name].astype(np.float16).astype(np.float32).reshape(shape)
            for name, shape in self._network.outputs
        }


@cache
def _compiled(name: str, models_dir: str | Path | None) -> ov.CompiledModel:
    file = onnx_file(name, models_dir=models_dir)
    return _core().compile_model(_core().read_model(file), "CPU", SETTINGS)


@cache
def _core() -> ov.Core:
    core = ov.Core()
    leak_when_forked(core)
    return core
