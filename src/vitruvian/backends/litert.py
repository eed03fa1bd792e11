"""LiteRT: the runtime MediaPipe itself uses, the reference for every other."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from vitruvian.errors import BackendUnavailableError, InferenceError, ModelIntegrityError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vitruvian.backends import Network

__all__ = ["LiteRtSession"]


class LiteRtSession:
    """A network in a LiteRT interpreter on the processor."""

    def __init__(
        self, network: Network, *, device: str, threads: int | None, precision: str
    ) -> None:
        if precision != "exact":
            raise ValueError(f"precision must be 'exact' with litert, got {precision!r}")
        if device != "CPU":
            raise BackendUnavailableError(f"device must be 'CPU' with litert, got {device!r}")
        threads = threads or os.cpu_count() or 1
        try:
            self._interpreter = Interpreter(str(network.path), num_threads=threads)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as err:
            raise ModelIntegrityError(f"{network.path} is not a TFLite network: {err}") from err
        self._input = self._interpreter.get_input_details()[0]["index"]
        details = self._interpreter.get_output_details()
        by_shape = {tuple(d["shape"].tolist())[1:]: d["index"] for d in details}
        missing = [shape for shape in network.outputs if shape not in by_shape]
        if missing:
            raise ModelIntegrityError(
                f"{network.path} must have outputs {missing}, got {sorted(by_shape)}"
            )
        self._outputs = tuple(by_shape[shape] for shape in network.outputs)
        low, high = network.value_range
        self._scale, self._low = np.float32((high - low) / 255), np.float32(low)

    def run(self, image: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        """Return the wanted outputs, in order, for one (H, W, 3) RGB image."""
        if self._interpreter is None:
            raise InferenceError("the session is closed")
        self._interpreter.set_tensor(self._input, (image * self._scale + self._low)[None])
        self._interpreter.invoke()
        return tuple(self._interpreter.get_tensor(i)[0] for i in self._outputs)

    def run_all(self, images: Sequence[NDArray[np.uint8]]) -> list[tuple[NDArray[np.float32], ...]]:
        """Return what `run` returns for each image, one after the other."""
        return [self.run(image) for image in images]

    def close(self) -> None:
        """Free the interpreter."""
        self._interpreter = None
