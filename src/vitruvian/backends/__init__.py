"""Inference runtimes: one module each, chosen by name, imported on first use."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from vitruvian.errors import BackendUnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["BACKENDS", "PRECISIONS", "Network", "Session", "open_session"]


@dataclass(frozen=True, slots=True)
class Network:
    """What a stage asks of a runtime: which file, which of its outputs, fed how.

    Attributes
    ----------
    path : Path
        The .tflite file.
    sha256 : str
        Digest of the file, the key of anything a runtime keeps between starts.
    input_hw : tuple of int
        Height and width of the RGB input.
    value_range : tuple of float
        What pixel values 0 and 255 become.
    outputs : tuple of tuple of int
        Shapes, without the batch, of the outputs wanted; no two outputs of a network are alike.
    """

    path: Path
    sha256: str
    input_hw: tuple[int, int]
    value_range: tuple[float, float]
    outputs: tuple[tuple[int, ...], ...]


class Session(Protocol):
    """A network that is ready to run."""

    def run(self, image: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        """Return the wanted outputs, in order, for one (H, W, 3) RGB image.

        They are valid until the next run. Whoever has one image, and waits for it, wants this: all
        threads work on it.
        """

    def run_all(self, images: Sequence[NDArray[np.uint8]]) -> list[tuple[NDArray[np.float32], ...]]:
        """Return for each image what `run` returns for it, up to float32 rounding.

        All of them are valid until the next run, of either kind. Whoever has several images at once
        wants this: threads that share images out lose less than threads that share each image.
        """

    def close(self) -> None:
        """Free what the session holds."""


BACKENDS = {  # name: (module with the class, class, what to install)
    "openvino": ("vitruvian.backends.openvino", "OpenVinoSession", "vitruvian"),
    "litert": ("vitruvian.backends.litert", "LiteRtSession", "vitruvian[litert]"),
}
PRECISIONS = ("exact", "fast")


def open_session(
    network: Network,
    *,
    backend: str = "openvino",
    device: str = "CPU",
    threads: int | None = None,
    precision: str = "exact",
) -> Session:
    """Return a session for `network`.

    Parameters
    ----------
    backend : str
        One of `BACKENDS`.
    device : str
        A device the runtime knows: CPU, and with OpenVINO also GPU, NPU or AUTO.
    threads : int or None
        Processor threads; None for as many as there are cores.
    precision : str
        "exact" computes in float32. "fast" computes most of the network in bf16 where the processor
        has it, and else logs that it does not; only with OpenVINO.

    Raises
    ------
    ValueError
        If there is no such backend or precision, or not both together.
    BackendUnavailableError
        If it is not installed, or has no such device.
    ModelIntegrityError
        If the file is not a network with these outputs.
    """
    if backend not in BACKENDS:
        raise ValueError(f"backend must be one of {sorted(BACKENDS)}, got {backend!r}")
    if precision not in PRECISIONS:
        raise ValueError(f"precision must be one of {list(PRECISIONS)}, got {precision!r}")
    module, cls, package = BACKENDS[backend]
    try:
        session_class = getattr(import_module(module), cls)
    except ImportError as err:
        message = f"backend {backend!r} is not installed: pip install '{package}' ({err})"
        raise BackendUnavailableError(message) from err
    session: Session = session_class(network, device=device, threads=threads, precision=precision)
    return session
