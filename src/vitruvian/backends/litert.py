"""LiteRT: the runtime that MediaPipe itself uses, and the reference for the others."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from vitruvian.backends.fair_lock import FairLock
from vitruvian.errors import InferenceError, ModelIntegrityError
from vitruvian.fork import check_process, leak_when_forked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vitruvian.backends import Network, Target

__all__ = ["LiteRtNetwork", "LiteRtSession"]


class LiteRtNetwork:
    """A network in one LiteRT interpreter on the processor, shared by its sessions.

    An interpreter holds a copy of the weights and runs one image at a time. So there is one for all
    sessions, and a fair lock around it.
    """

    def __init__(self, network: Network, target: Target) -> None:
        if target.precision != "exact":
            raise ValueError(f"precision must be 'exact' with litert, got {target.precision!r}")
        if target.device != "CPU":
            raise ValueError(f"device must be 'CPU' with litert, got {target.device!r}")
        path = network.source.path_for("tflite")
        try:
            self._interpreter = Interpreter(
                str(path), num_threads=target.threads or os.cpu_count() or 1
            )
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as err:
            raise ModelIntegrityError(f"{path} is not a TFLite network: {err}") from err
        self._input = self._interpreter.get_input_details()[0]["index"]
        details = self._interpreter.get_output_details()
        by_shape = {tuple(d["shape"].tolist())[1:]: d["index"] for d in details}
        missing = [shape for shape in network.outputs if shape not in by_shape]
        if missing:
            raise ModelIntegrityError(f"{path} must have outputs {missing}, got {sorted(by_shape)}")
        self._outputs = tuple(by_shape[shape] for shape in network.outputs)
        low, high = network.value_range
        self._scale, self._low = np.float32((high - low) / 255), np.float32(low)
        self._lock = FairLock()
        self._pid = os.getpid()
        leak_when_forked(self)

    def open_session(self) -> LiteRtSession:
        """Return a session that uses the shared interpreter."""
        return LiteRtSession(self)

    def run(self, image: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        """Return copies of the wanted outputs, in order, for one (H, W, 3) RGB image."""
        check_process(self._pid)
        values = (image * self._scale + self._low)[None]
        with self._lock:
            self._interpreter.set_tensor(self._input, values)
            self._interpreter.invoke()
            return tuple(self._interpreter.get_tensor(i)[0] for i in self._outputs)


class LiteRtSession:
    """Runs a `LiteRtNetwork` for one caller."""

    def __init__(self, compiled: LiteRtNetwork) -> None:
        self._compiled: LiteRtNetwork | None = compiled

    def run(self, image: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        """Return the wanted outputs, in order, for one (H, W, 3) RGB image."""
        if self._compiled is None:
            raise InferenceError("the session is closed")
        return self._compiled.run(image)

    def run_all(self, images: Sequence[NDArray[np.uint8]]) -> list[tuple[NDArray[np.float32], ...]]:
        """Return what `run` returns for each image, one after the other."""
        if self._compiled is None:
            raise InferenceError("the session is closed")
        return [self.run(image) for image in images]

    def close(self) -> None:
        """Release the interpreter if no other session uses it."""
        self._compiled = None
