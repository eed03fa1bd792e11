"""Inference runtimes: one module each, chosen by name, imported on first use.

- A `Network` describes what to load, and the required inputs and outputs.
- `compile_network` gives a `CompiledNetwork`, which any number of threads share.
- A `Session` runs it for one caller and owns the buffers of that caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from numbers import Integral
from typing import TYPE_CHECKING, Protocol

from vitruvian.errors import BackendUnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "BACKENDS",
    "PRECISIONS",
    "CompiledNetwork",
    "Network",
    "NetworkSource",
    "Session",
    "Target",
    "compile_network",
]

BACKENDS = {  # name: (module, class of compiled networks, what to install)
    "openvino": ("vitruvian.backends.openvino", "OpenVinoNetwork", "vitruvian"),
    "litert": ("vitruvian.backends.litert", "LiteRtNetwork", "vitruvian[litert]"),
}
PRECISIONS = ("exact", "fast")


class NetworkSource(Protocol):
    """Where a backend loads a network from: a model file, or a converter that makes one."""

    def path_for(self, file_format: str) -> Path:
        """Return the path of the network in a format such as "tflite".

        Raises
        ------
        ModelNotFoundError
            If the network is not available in this format.
        """


@dataclass(frozen=True, slots=True)
class Network:
    """A network to load, and the inputs and outputs that the caller needs.

    Attributes
    ----------
    name : str
        Short name, for messages and for files in the cache.
    digest : str
        SHA-256 of the weights in hexadecimal. Caches use it as the key.
    source : NetworkSource
        Where each backend loads it from.
    input_hw : tuple of int
        Height and width of the RGB input.
    value_range : tuple of float
        The values that pixel values 0 and 255 are mapped to.
    outputs : tuple of tuple of int
        Shapes of the wanted outputs, without the batch axis. All outputs of a network differ in
        shape.
    """

    name: str
    digest: str
    source: NetworkSource
    input_hw: tuple[int, int]
    value_range: tuple[float, float]
    outputs: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where and how networks are computed.

    Attributes
    ----------
    backend : str
        One of `BACKENDS`.
    device : str
        A device of the runtime: "CPU", and with OpenVINO also "GPU", "NPU" or "AUTO".
    threads : int or None
        Processor threads; None for one for each core.
    precision : str
        "exact" computes in float32. "fast" computes most of the network in bf16 if the processor
        supports it, with OpenVINO only; otherwise it logs a warning and computes in float32.

    Raises
    ------
    ValueError, TypeError
        If a value is out of range or of the wrong type.
    """

    backend: str = "openvino"
    device: str = "CPU"
    threads: int | None = None
    precision: str = "exact"

    def __post_init__(self) -> None:
        for name in ("backend", "device", "precision"):
            if not isinstance(getattr(self, name), str):
                raise TypeError(f"{name} must be a string, got {getattr(self, name)!r}")
        if self.backend not in BACKENDS:
            raise ValueError(f"backend must be one of {sorted(BACKENDS)}, got {self.backend!r}")
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision must be one of {list(PRECISIONS)}, got {self.precision!r}")
        threads = self.threads
        is_count = isinstance(threads, Integral) and not isinstance(threads, bool)
        if threads is not None and not (is_count and threads > 0):
            raise ValueError(f"threads must be a positive integer or None, got {threads!r}")
        if threads is not None:  # NumPy's integers have no form in JSON
            object.__setattr__(self, "threads", int(threads))


class CompiledNetwork(Protocol):
    """A network that is ready to run on a target. Thread-safe."""

    def open_session(self) -> Session:
        """Return a session with buffers of its own.

        Sessions may run in several threads at once. Images are computed in the order in which they
        arrive, so that all sessions get equal shares.
        """
        ...


class Session(Protocol):
    """Runs a compiled network for one caller. One thread at a time may use it."""

    def run(self, image: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        """Return the wanted outputs, in order, for one (H, W, 3) RGB image.

        All threads of the target work on this image. The arrays are valid until the next run of
        this session.
        """

    def run_all(self, images: Sequence[NDArray[np.uint8]]) -> list[tuple[NDArray[np.float32], ...]]:
        """Return for each image what `run` returns for it, up to float32 rounding.

        The threads of the target may be divided among the images, which is faster. The arrays are
        valid until the next call of `run` or `run_all`.
        """

    def close(self) -> None:
        """Release the buffers, and the compiled network if no one else uses it."""


def compile_network(network: Network, target: Target) -> CompiledNetwork:
    """Return `network` compiled for `target`.

    Raises
    ------
    ValueError
        If the backend does not support the precision.
    BackendUnavailableError
        If the backend is not installed, or the device does not exist.
    ModelIntegrityError
        If the file is not a network with this input and these outputs.
    ModelNotFoundError
        If the source does not have the network in a format that the backend reads.
    """
    module, cls, package = BACKENDS[target.backend]
    try:
        network_class = getattr(import_module(module), cls)
    except ImportError as err:
        message = f"backend {target.backend!r} is not installed: pip install '{package}' ({err})"
        raise BackendUnavailableError(message) from err
    compiled: CompiledNetwork = network_class(network, target)
    return compiled
